//! Draws as text: lanes, one line for each client and each thread, on one time axis; and a server's console.

use std::time::Duration;

use crate::draw::figures::{figure, ticks};
use crate::draw::lanes::{Doing, Glyph, Lane, Sign, Stretch, legend, shortened, side_by_side};
use crate::draw::terminal::{NARROWEST, paint};
use crate::draw::thread_lanes::{ThreadLane, ThreadLanes};

/// Columns for a name, left of the lane: of a client, or also of threads (`unnamed 1`).
const LEFT: usize = 6;
const LEFT_OF_THREADS: usize = 12;

/// The most rows for threads; the last says how many have none.
pub const THREAD_ROWS: usize = 7;

/// Columns for the figures, right of the lane: two numbers of nine.
const RIGHT: usize = 18;

/// Columns behind the end of the axis, for marks that had to make room for others.
const SPARE: usize = 4;

/// How far behind its beginning a stretch says what it is. In the middle, the word of one that grows would move.
const BEFORE_WORD: usize = 5;

/// A client that neither waits nor thinks.
const IDLE: &str = "─";

/// How many columns a tick needs.
const TICK: usize = 8;

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Columns of the whole drawing; it does not get narrower than 56.
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

/// How a cell is coloured: the parameters of SGR (ECMA-48, 8.3.117). Words never are: themes differ too much. Blue would
/// be dark on black, and as bright blue a grey in the theme Solarized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paint(&'static str);

impl Paint {
    pub(super) const PLAIN: Self = Self("0");
    pub(super) const WAITING: Self = Self("0;91");
    const FAINT: Self = Self("0;2");
    const THINKING: Self = Self("0;36");
    const SERVED: Self = Self("0;1;35");
    const FAILED: Self = Self("0;1;31");
}

/// How the lines of a client look, legible on white, on black and in Solarized. Of more clients than two the rest is
/// as usual.
fn client_code(client: char) -> &'static str {
    match client {
        'A' => "1",
        'B' => "95",
        _ => "",
    }
}

/// A line of a server's console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleLine {
    /// When it was printed.
    pub at: Duration,
    /// The client that it is about.
    pub client: char,
    /// What it says, escaped.
    pub text: String,
    /// Whether a line of another client stands inside its record.
    pub is_torn: bool,
}

/// A line of cells that are coloured one by one.
pub(super) struct Canvas(Vec<(char, Paint)>);

impl Canvas {
    pub(super) fn blank(width: usize) -> Self {
        Self(vec![(' ', Paint::PLAIN); width])
    }

    /// Writes from `column` on; what does not fit is cut off.
    pub(super) fn put(&mut self, column: usize, text: &str, paint: Paint) {
        for (cell, character) in self.0.iter_mut().skip(column).zip(text.chars()) {
            *cell = (character, paint);
        }
    }

    pub(super) fn finish(mut self, colour: bool) -> String {
        while self.0.last().is_some_and(|(character, _)| *character == ' ') {
            self.0.pop();
        }
        let mut line = String::new();
        let mut current = Paint::PLAIN;
        for (character, paint) in self.0 {
            if colour && paint != current {
                line += &format!("\x1b[{}m", paint.0);
                current = paint;
            }
            line.push(character);
        }
        if current != Paint::PLAIN {
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
    Parts::of(lanes, LEFT, view).put_together(&ThreadLanes::default(), usize::MAX, view)
}

/// The same, with the server's threads below the clients; above them the clients of an earlier act, but for its first.
/// Beside a gap, it takes no more than `rows` lines, if axis and legend leave room for a client.
pub fn draw_act(
    earlier: Option<(u8, &[Lane])>,
    lanes: &[Lane],
    threads: &ThreadLanes,
    view: View,
    rows: usize,
) -> String {
    let left = LEFT_OF_THREADS;
    let mut parts = Parts::of(lanes, left, view);
    if let Some((act, lanes)) = earlier {
        let name = |lane: &Lane| format!("act {act}: {}", lane.client);
        parts.earlier.extend(lanes.iter().skip(1).map(|it| draw_lane(&name(it), it, left, view)));
    }
    parts.put_together(threads, rows, view)
}

/// The lines of a drawing.
struct Parts {
    axis: Vec<Canvas>,
    /// Clients of an earlier act.
    earlier: Vec<Canvas>,
    clients: Vec<Canvas>,
    legend: Vec<Canvas>,
}

impl Parts {
    fn of(lanes: &[Lane], left: usize, view: View) -> Self {
        let draw_lane = |lane: &Lane| draw_lane(&lane.client.to_string(), lane, left, view);
        let clients: Vec<Canvas> = lanes.iter().map(draw_lane).collect();
        let mut cells = clients.iter().flat_map(|line| &line.0);
        let shows_idle = cells.any(|(cell, _)| IDLE.starts_with(*cell));
        let legend = draw_legend(lanes, shows_idle, left, view.columns());
        let axis = axis(view.span, left, axis_width(left, view));
        Self { axis, earlier: Vec::new(), clients, legend }
    }

    /// What `rows` lines have room for: axis, legend and clients before all else; then threads below a heading, so that
    /// none looks like a client; then the clients of the earlier act. A gap above the legend is not counted.
    fn put_together(mut self, threads: &ThreadLanes, rows: usize, view: View) -> String {
        let mut room = rows.saturating_sub(self.axis.len() + self.legend.len());
        let mut take = |wanted: usize| {
            let taken = wanted.min(room);
            room -= taken;
            taken
        };
        let clients = take(self.clients.len());
        let all = threads.lanes().len();
        let of_threads = take(if all == 0 { 0 } else { 1 + all.min(THREAD_ROWS) });
        self.earlier.truncate(take(self.earlier.len()));

        let mut lines = self.axis;
        lines.append(&mut self.earlier);
        lines.append(&mut first_of(self.clients, clients));
        match of_threads {
            0 => {}
            1 => lines.push(words("The server's threads have no room.")),
            _ => {
                lines.push(words("The server's threads:"));
                let shown = threads.fitting(of_threads - 1);
                let left_out = all - shown.len();
                let draw = |it: &ThreadLane| {
                    let name: String = it.name.chars().take(LEFT_OF_THREADS - 3).collect();
                    draw_row(&name, &it.stretches, LEFT_OF_THREADS, view)
                };
                lines.extend(shown.into_iter().map(draw));
                lines.extend((left_out > 0).then(|| words(&and_more(left_out, "threads"))));
            }
        }
        lines.push(Canvas::blank(0));
        lines.append(&mut self.legend);
        lines.into_iter().map(|line| line.finish(view.colour) + "\n").collect()
    }
}

/// The first clients, in `rows` lines; the last of these says how many are left out.
fn first_of(mut lines: Vec<Canvas>, rows: usize) -> Vec<Canvas> {
    if lines.len() > rows {
        let left_out = lines.split_off(rows.saturating_sub(1)).len();
        lines.extend((rows > 0).then(|| words(&and_more(left_out, "clients"))));
    }
    lines
}

/// What stands below lines of which some are left out.
pub fn and_more(left_out: usize, what: &str) -> String {
    format!("and {left_out} more {what}")
}

fn words(text: &str) -> Canvas {
    let mut canvas = Canvas::blank(2 + text.len());
    canvas.put(2, text, Paint::PLAIN);
    canvas
}

/// Draws a server's console, its lines cut to the columns of the view; `✗` marks those of torn records.
pub fn draw_console(lines: &[ConsoleLine], view: View) -> String {
    let mut drawn = String::new();
    for ConsoleLine { client, text, is_torn, .. } in lines {
        let mark = if *is_torn { '✗' } else { '│' };
        let line: String = format!("  {client} {mark} {text}").chars().take(view.width).collect();
        drawn += &paint(&line, client_code(*client), view.colour);
        drawn.push('\n');
    }
    if lines.iter().any(|line| line.is_torn) {
        drawn += "    ✗ another client's line stands inside this record\n";
    }
    drawn
}

/// Columns of the axis.
fn axis_width(left: usize, view: View) -> usize {
    view.columns() - left - RIGHT - SPARE
}

fn draw_lane(name: &str, lane: &Lane, left: usize, view: View) -> Canvas {
    let width = axis_width(left, view);
    let column = |time: Duration| column(time, view.span, width);
    let mut canvas = draw_row(name, &lane.stretches, left, view);
    let places = side_by_side(lane.marks.iter().map(|mark| column(mark.at) as f64), 1.0);
    for (mark, place) in lane.marks.iter().zip(places) {
        let (sign, paint) = sign(mark.sign);
        canvas.put(left + whole(place).min(width + SPARE - 1), sign, paint);
    }
    let end = lane.first(Sign::Done).map_or(String::new(), figure);
    let waited = lane.longest_wait().map_or(String::new(), |(time, _)| figure(time));
    canvas.put(left + width + SPARE, &format!("{waited:>9}{end:>9}"), Paint::PLAIN);
    canvas
}

/// A name, and what a client or a thread did.
fn draw_row(name: &str, stretches: &[Stretch], left: usize, view: View) -> Canvas {
    let mut canvas = Canvas::blank(view.columns());
    canvas.put(2, name, Paint::PLAIN);
    let column = |time| left + column(time, view.span, axis_width(left, view));
    for stretch in stretches {
        draw_stretch(&mut canvas, stretch, column(stretch.from), column(stretch.to));
    }
    canvas
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

fn axis(span: Duration, left: usize, width: usize) -> Vec<Canvas> {
    let most = u32::try_from(width / TICK).unwrap_or(1);
    let mut labels = Canvas::blank(left + width + SPARE + RIGHT);
    let mut rule = Canvas::blank(left + width);
    rule.put(left, &"─".repeat(width), Paint::FAINT);
    for (time, label) in ticks(span, most) {
        let column = left + column(time, span, width);
        labels.put(column, &label, Paint::PLAIN);
        rule.put(column, if column == left { "├" } else { "┼" }, Paint::FAINT);
    }
    labels.put(left + width + SPARE, &format!("{:>9}{:>9}", "waited", "done at"), Paint::PLAIN);
    vec![labels, rule]
}

fn draw_stretch(canvas: &mut Canvas, stretch: &Stretch, from: usize, to: usize) {
    let words = match &stretch.doing {
        Doing::Waiting(what) => vec![format!(" waits for {what} "), " waits ".to_owned()],
        Doing::WaitingForEnd => vec![" waits for the end ".to_owned(), " waits ".to_owned()],
        Doing::Thinking => vec![" thinks ".to_owned()],
        Doing::Busy => Vec::new(),
        Doing::Standing(words) | Doing::HeldUp(words) => {
            shortened(words).map(|words| format!("{words} ")).to_vec()
        }
    };
    let is_thread = matches!(stretch.doing, Doing::Standing(_) | Doing::HeldUp(_));
    let (before, behind) = if is_thread { (0, 1) } else { (BEFORE_WORD, BEFORE_WORD) };
    let columns = (to + 1).saturating_sub(from);
    let (character, paint) = line(&stretch.doing);
    canvas.put(from, &character.repeat(columns), paint);
    let fits = |word: &&String| columns >= before + word.chars().count() + behind;
    if let Some(word) = words.iter().find(fits) {
        canvas.put(from + before, word, Paint::PLAIN);
    }
}

fn line(doing: &Doing) -> (&'static str, Paint) {
    match doing {
        Doing::Waiting(_) | Doing::WaitingForEnd => ("▒", Paint::WAITING),
        Doing::Thinking => ("█", Paint::THINKING),
        Doing::Busy => (IDLE, Paint::FAINT),
        Doing::Standing(_) => ("▁", Paint::PLAIN),
        Doing::HeldUp(_) => ("░", Paint::WAITING),
    }
}

fn sign(sign: Sign) -> (&'static str, Paint) {
    match sign {
        Sign::Connected => ("○", Paint::PLAIN),
        Sign::Served => ("●", Paint::SERVED),
        Sign::Done => ("■", Paint::PLAIN),
        Sign::Refused | Sign::Failed => ("✗", Paint::FAILED),
    }
}

/// What the signs mean: below the axis if that fits into a line, else from the margin on, in as many lines as it takes.
fn draw_legend(lanes: &[Lane], shows_idle: bool, left: usize, width: usize) -> Vec<Canvas> {
    let entry = |(glyph, word)| match glyph {
        Glyph::Sign(it) => (sign(it), 1, word),
        Glyph::Doing(it) => (line(&it), 3, word),
    };
    let entries: Vec<_> = legend(lanes, shows_idle).into_iter().map(entry).collect();
    let all: usize = entries.iter().map(|(_, drawn, word)| drawn + 1 + word.len() + 2).sum();
    let left = if left + all > width + 2 { 2 } else { left };
    let mut lines = Vec::new();
    let mut canvas = Canvas::blank(width);
    let mut column = left;
    for ((character, paint), drawn, word) in entries {
        let length = drawn + 1 + word.len();
        if column + length > width {
            lines.push(std::mem::replace(&mut canvas, Canvas::blank(width)));
            column = left;
        }
        canvas.put(column, &character.repeat(drawn), paint);
        canvas.put(column + drawn + 1, word, Paint::PLAIN);
        column += length + 2;
    }
    lines.push(canvas);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::sample::{self, console_line};

    fn drawn(width: usize, colour: bool) -> String {
        let view = View { width, span: sample::SPAN, colour };
        draw_act(None, &sample::lanes(), &sample::threads(), view, usize::MAX)
    }

    #[test]
    fn the_drawing_is_as_it_was() {
        sample::assert_as_in("80_columns.txt", &drawn(80, false));
        sample::assert_as_in("60_columns.txt", &drawn(60, false));
        sample::assert_as_in("120_columns.txt", &drawn(120, false));
        // Escape is written as ^[, so that the file can be printed.
        sample::assert_as_in("80_columns_colour.txt", &drawn(80, true).replace('\x1b', "^["));
    }

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        for width in [1, 56, 60, 72, 80, 120, 200] {
            let text = drawn(width, false);
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width.max(NARROWEST)), "{width}\n{text}");
        }
    }

    #[test]
    fn where_there_are_few_lines_axis_and_legend_stay() {
        let lanes = sample::lanes();
        let view = View { width: 80, span: sample::SPAN, colour: false };
        let draw = |rows| draw_act(Some((1, &lanes)), &lanes, &sample::threads(), view, rows);
        let all = draw(usize::MAX).lines().count();
        for rows in 4..all {
            let text = draw(rows);
            assert_eq!(text.lines().count(), rows + 1, "{text}");
            assert!(text.contains("○ connected") && text.contains("├─"), "{text}");
            // Beside axis and legend, six clients have the first lines, then three threads with a heading.
            let room = rows - 3;
            assert_eq!(text.contains("more clients"), room < 6, "{text}");
            assert_eq!(text.contains("threads have no room"), room == 7, "{text}");
            assert_eq!(text.contains("more threads"), (8..10).contains(&room), "{text}");
            assert_eq!(text.contains("  act 1: B "), room > 10, "{text}");
        }
    }

    #[test]
    fn where_there_is_little_room_the_words_are_few() {
        let doing = Doing::Standing("read, for A".to_owned());
        let stretch = Stretch { from: Duration::ZERO, to: Duration::ZERO, doing };
        for (columns, wanted) in [(13, "read, for A ▁"), (12, "read ▁▁▁▁▁▁▁"), (5, "▁▁▁▁▁")]
        {
            let mut canvas = Canvas::blank(columns);
            draw_stretch(&mut canvas, &stretch, 0, columns - 1);
            assert_eq!(canvas.finish(false), wanted);
        }
    }

    #[test]
    fn each_line_has_its_client_and_torn_ones_a_mark() {
        let lines =
            [console_line('A', "Thread-1:", false), console_line('C', "  in the way", true)];
        let view = |width, colour| View { width, span: Duration::ZERO, colour };
        let legend = "    ✗ another client's line stands inside this record\n";
        assert_eq!(
            draw_console(&lines, view(12, false)),
            format!("  A │ Thread\n  C ✗   in t\n{legend}")
        );
        let coloured = format!("\x1b[1m  A │ Thread-1:\x1b[0m\n  C ✗   in the way\n{legend}");
        assert_eq!(draw_console(&lines, view(80, true)), coloured);
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
