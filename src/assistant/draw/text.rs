//! Draws lanes as text, one line for each client, on one time axis.

use std::time::Duration;

use crate::assistant::draw::figures::{figure, ticks};
use crate::assistant::draw::lanes::{Doing, Lane, Sign, Stretch, side_by_side};

/// Columns for a client's name, left of the lane.
const LEFT: usize = 6;

/// Columns for the figures, right of the lane: two numbers of nine.
const RIGHT: usize = 18;

/// Columns behind the end of the axis, for marks that had to make room for others.
const SPARE: usize = 4;

/// How far behind its beginning a stretch says what it is. In the middle the word would move while
/// the stretch grows.
const BEFORE_WORD: usize = 5;

/// The narrowest drawing; its lanes are still worth looking at, and the legend fits.
const NARROWEST: usize = 72;

/// How many columns a tick needs.
const TICK: usize = 10;

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Columns of the whole drawing; it does not get narrower than 72.
    pub width: usize,
    /// The time that the axis shows.
    pub span: Duration,
    /// Whether to colour. Everything can be told without.
    pub colour: bool,
}

impl View {
    /// How many columns the drawing takes.
    pub fn columns(self) -> usize {
        self.width.max(NARROWEST)
    }
}

/// How a cell is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paint {
    Plain,
    Faint,
    Waiting,
    Thinking,
    Served,
    Failed,
}

impl Paint {
    /// The parameters of SGR (ECMA-48, 8.3.117).
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "0",
            Self::Faint => "0;2",
            Self::Waiting => "0;91",
            Self::Thinking => "0;36",
            Self::Served => "0;1;32",
            Self::Failed => "0;1;31",
        }
    }
}

/// A line of cells that are coloured one by one.
struct Canvas(Vec<(char, Paint)>);

impl Canvas {
    fn blank(width: usize) -> Self {
        Self(vec![(' ', Paint::Plain); width])
    }

    /// Writes from `column` on; what does not fit is cut off.
    fn put(&mut self, column: usize, text: &str, paint: Paint) {
        for (cell, character) in self.0.iter_mut().skip(column).zip(text.chars()) {
            *cell = (character, paint);
        }
    }

    fn finish(mut self, colour: bool) -> String {
        while self.0.last().is_some_and(|(character, _)| *character == ' ') {
            self.0.pop();
        }
        let mut line = String::new();
        let mut current = Paint::Plain;
        for (character, paint) in self.0 {
            if colour && paint != current {
                line += &format!("\x1b[{}m", paint.code());
                current = paint;
            }
            line.push(character);
        }
        if current != Paint::Plain {
            line += "\x1b[0m";
        }
        line
    }
}

/// Draws the axis, a line for each lane, and a legend; every line ends with a newline.
///
/// A mark takes a column, and no mark hides another: marks of the same moment stand side by side.
/// So within its last columns a lane tells the order and not the time, which the figures tell.
pub fn draw(lanes: &[Lane], view: View) -> String {
    let width = view.columns() - LEFT - RIGHT - SPARE;
    let column = |time: Duration| column(time, view.span, width);
    let mut lines = axis(view.span, width);
    for lane in lanes {
        let mut canvas = Canvas::blank(LEFT + width + SPARE + RIGHT);
        canvas.put(2, &lane.client.to_string(), Paint::Plain);
        let places = side_by_side(lane.marks.iter().map(|mark| column(mark.at) as f64), 1.0);
        let places: Vec<usize> = places.into_iter().map(whole).collect();
        for stretch in &lane.stretches {
            let (from, to) = (column(stretch.from), column(stretch.to));
            draw_stretch(&mut canvas, stretch, from, to);
        }
        for (mark, place) in lane.marks.iter().zip(places) {
            let (sign, paint) = sign(mark.sign);
            canvas.put(LEFT + place.min(width + SPARE - 1), sign, paint);
        }
        let end = lane.first(Sign::Done).map_or(String::new(), figure);
        let waited = lane.longest_wait().map_or(String::new(), |(time, _)| figure(time));
        canvas.put(LEFT + width + SPARE, &format!("{waited:>9}{end:>9}"), Paint::Plain);
        lines.push(canvas);
    }
    lines.push(Canvas::blank(0));
    lines.push(legend(lanes));
    lines.into_iter().map(|line| line.finish(view.colour) + "\n").collect()
}

/// The column of a moment; those behind the axis share its last one.
fn column(time: Duration, span: Duration, width: usize) -> usize {
    let part = time.as_secs_f64() / span.as_secs_f64().max(f64::MIN_POSITIVE);
    whole(part.min(1.0) * (width - 1) as f64)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a column")]
fn whole(column: f64) -> usize {
    column as usize
}

fn axis(span: Duration, width: usize) -> Vec<Canvas> {
    let most = u32::try_from(width / TICK).unwrap_or(1);
    let mut labels = Canvas::blank(LEFT + width + SPARE + RIGHT);
    let mut rule = Canvas::blank(LEFT + width);
    rule.put(LEFT, &"─".repeat(width), Paint::Faint);
    for (time, label) in ticks(span, most) {
        let column = LEFT + column(time, span, width);
        labels.put(column, &label, Paint::Plain);
        rule.put(column, if column == LEFT { "├" } else { "┼" }, Paint::Faint);
    }
    labels.put(LEFT + width + SPARE, &format!("{:>9}{:>9}", "waited", "done at"), Paint::Plain);
    vec![labels, rule]
}

fn draw_stretch(canvas: &mut Canvas, stretch: &Stretch, from: usize, to: usize) {
    let (glyph, paint, word) = match stretch.doing {
        Doing::Waiting(what) => ("▒", Paint::Waiting, format!(" waits for {what} ")),
        Doing::WaitingForEnd => ("▒", Paint::Waiting, " waits for the end ".to_owned()),
        Doing::Thinking => ("█", Paint::Thinking, " thinks ".to_owned()),
        Doing::Busy => ("─", Paint::Faint, String::new()),
    };
    let columns = (to + 1).saturating_sub(from);
    canvas.put(LEFT + from, &glyph.repeat(columns), paint);
    let length = word.chars().count();
    if columns >= length + 2 * BEFORE_WORD {
        canvas.put(LEFT + from + BEFORE_WORD, &word, Paint::Plain);
    }
}

fn sign(sign: Sign) -> (&'static str, Paint) {
    match sign {
        Sign::Connected => ("○", Paint::Plain),
        Sign::Served => ("●", Paint::Served),
        Sign::Done => ("■", Paint::Plain),
        Sign::Failed => ("✗", Paint::Failed),
    }
}

fn legend(lanes: &[Lane]) -> Canvas {
    let mut entries = vec![
        ("○", Paint::Plain, " connected"),
        ("▒▒▒", Paint::Waiting, " waits"),
        ("●", Paint::Served, " is served"),
        ("███", Paint::Thinking, " thinks"),
        ("■", Paint::Plain, " done"),
    ];
    if lanes.iter().any(|lane| lane.first(Sign::Failed).is_some()) {
        entries.push(("✗", Paint::Failed, " gave up"));
    }
    let mut canvas = Canvas::blank(80);
    let mut column = LEFT;
    for (glyph, paint, word) in entries {
        canvas.put(column, glyph, paint);
        column += glyph.chars().count();
        canvas.put(column, word, Paint::Faint);
        column += word.chars().count() + 2;
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::draw::sample;

    fn drawn(width: usize, colour: bool) -> String {
        draw(&sample::lanes(), View { width, span: sample::SPAN, colour })
    }

    #[test]
    fn the_drawing_is_as_it_was() {
        sample::assert_as_in("80_columns.txt", &drawn(80, false));
        sample::assert_as_in("120_columns.txt", &drawn(120, false));
        // Escape is written as ^[, so that the file can be printed.
        sample::assert_as_in("80_columns_colour.txt", &drawn(80, true).replace('\x1b', "^["));
    }

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        for width in [1, 72, 80, 120, 200] {
            let text = drawn(width, false);
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width.max(NARROWEST)), "{width}\n{text}");
        }
    }

    #[test]
    fn colour_changes_no_character() {
        let mut coloured = drawn(100, true);
        while let Some(start) = coloured.find('\x1b') {
            let end = coloured[start..].find('m').unwrap_or_default();
            coloured.replace_range(start..=start + end, "");
        }
        assert_eq!(coloured, drawn(100, false));
    }
}
