//! Draws lanes as a self-contained SVG picture: text as text, no script, light and dark.

use std::fmt::{self, Write};
use std::time::Duration;

use crate::draw::figures::{figure, ticks};
use crate::draw::lanes::{Doing, Lane, Sign, Stretch, side_by_side};
use crate::draw::records::ConsoleLine;
use crate::draw::terminal::wrap;
use crate::draw::text::MOST_THREADS;
use crate::draw::thread_lanes::{Standing, ThreadLane, ThreadLanes};

/// The picture's size, in pixels: that of a projector. It has no size of its own, so that it fills the
/// window; with many lanes it becomes higher.
const WIDTH: f64 = 1280.0;
const HEIGHT: f64 = 720.0;

/// The margin, and where the axis begins and ends.
pub(super) const MARGIN: f64 = 32.0;
const LEFT: f64 = 184.0;
const RIGHT: f64 = 1020.0;

/// Where the lanes begin, how far apart they are, and how high a bar is.
pub(super) const TOP: f64 = 148.0;
const PITCH: f64 = 46.0;
const BAR: f64 = 34.0;

/// How much room a mark needs, a character of the text (24 pixels high), and a line of it.
const MARK: f64 = 25.0;
const CHARACTER: f64 = 12.5;
pub(super) const LINE: f64 = 33.0;

/// A bar thinner than this cannot be seen, and is left out.
const THINNEST: f64 = 0.5;

/// How many characters of the sentences stand on a line.
const LINE_LENGTH: usize = 100;

/// Of a console: how far its lines are apart, and how many characters they have.
const CONSOLE_PITCH: f64 = 27.0;
const CONSOLE_LENGTH: usize = 76;

/// Everything in the picture beside the lanes.
#[derive(Debug)]
pub struct Picture<'a> {
    /// The heading.
    pub title: &'a str,
    /// What was run.
    pub subtitle: &'a str,
    /// What to look at; may be empty.
    pub look: &'a str,
    /// What is to be seen.
    pub sentence: &'a str,
    /// The time that the axis shows.
    pub span: Duration,
}

/// Colours for light and for dark, words with a contrast of at least 4.5:1. Waiting is hatched and
/// thinking is solid, so that they differ without colour.
const STYLE: &str = "\
text { font: 24px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }
.paper { fill: #ffffff }
.title { font-size: 34px; font-weight: 600 }
.command, .console { font-family: ui-monospace, 'DejaVu Sans Mono', monospace }
.console { white-space: pre }
.quiet { fill: #59636e }
.name, .look { font-weight: 600 }
.grid { stroke: #d1d9e0; stroke-width: 2 }
.busy { stroke: #59636e; stroke-width: 3 }
.hatch { stroke: #cf222e; stroke-width: 3 }
.waiting { fill: url(#hatch); stroke: #cf222e; stroke-width: 2 }
.standing { fill: #eff2f5; stroke: #818b98; stroke-width: 2 }
.on-paper { paint-order: stroke; stroke: #ffffff; stroke-width: 10px; stroke-linejoin: round }
.thinking { fill: #0969da }
.on-thinking { fill: #ffffff }
.connected { fill: #ffffff; stroke: #1f2328; stroke-width: 3 }
.served { fill: #1a7f37; stroke: #ffffff }
.done { fill: #1f2328; stroke: #ffffff }
.failed { stroke: #cf222e; stroke-width: 5 }
.foreign { fill: #cf222e }
.client-A { fill: #0550ae }
.client-B { fill: #8250df }
.client-C { fill: #116329 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .paper { fill: #0d1117 }
  .quiet { fill: #9198a1 }
  .grid { stroke: #3d444d }
  .busy { stroke: #9198a1 }
  .hatch { stroke: #ff7b72 }
  .waiting { stroke: #ff7b72 }
  .standing { fill: #212830; stroke: #656c76 }
  .on-paper { stroke: #0d1117 }
  .thinking { fill: #1f6feb }
  .connected { fill: #0d1117; stroke: #f0f6fc }
  .served { fill: #3fb950; stroke: #0d1117 }
  .done { fill: #f0f6fc; stroke: #0d1117 }
  .failed { stroke: #ff7b72 }
  .foreign { fill: #ff7b72 }
  .client-A { fill: #79c0ff }
  .client-B { fill: #d2a8ff }
  .client-C { fill: #7ee787 }
}
";

/// Draws the lanes of clients, and below them those of the server's threads.
///
/// A bar stands where its time was. Marks of the same moment stand side by side, the first of them
/// in its place.
pub fn draw(lanes: &[Lane], threads: &ThreadLanes, picture: &Picture<'_>) -> String {
    let mut svg = String::new();
    // Writing to a string does not fail.
    let _ = draw_lanes(&mut svg, lanes, threads, picture);
    svg
}

/// Draws a server's console.
pub fn draw_console(lines: &[ConsoleLine], picture: &Picture<'_>) -> String {
    let mut svg = String::new();
    // Writing to a string does not fail.
    let _ = draw_lines(&mut svg, lines, picture);
    svg
}

fn draw_lanes(
    svg: &mut String,
    lanes: &[Lane],
    threads: &ThreadLanes,
    picture: &Picture<'_>,
) -> fmt::Result {
    let shown = &threads.lanes()[..threads.lanes().len().min(MOST_THREADS)];
    let of_threads = if shown.is_empty() { 0.0 } else { LINE };
    let bottom = TOP + PITCH * (lanes.len() + shown.len()) as f64 + of_threads;
    open(svg, bottom + 2.0 * LINE, picture)?;
    for (time, label) in ticks(picture.span, 8) {
        let x = place(time, picture.span);
        writeln!(svg, r#"<path class="grid" d="M{x:.1} {:.1}V{bottom:.1}"/>"#, TOP - 8.0)?;
        let y = TOP - 14.0;
        writeln!(
            svg,
            r#"<text class="quiet" x="{x:.1}" y="{y:.1}" text-anchor="middle">{label}</text>"#
        )?;
    }
    for (number, lane) in lanes.iter().enumerate() {
        draw_lane(svg, lane, picture.span, TOP + PITCH * (number as f64 + 0.5))?;
    }
    if !shown.is_empty() {
        let top = TOP + PITCH * lanes.len() as f64 + LINE;
        let y = top - 8.0;
        writeln!(
            svg,
            r#"<text class="quiet on-paper" x="{MARGIN}" y="{y:.1}">The server's threads</text>"#
        )?;
        for (number, thread) in shown.iter().enumerate() {
            draw_thread(svg, thread, picture.span, top + PITCH * (number as f64 + 0.5))?;
        }
    }
    draw_legend(svg, lanes, bottom + 22.0)?;
    close(svg, bottom + 2.0 * LINE, picture)
}

fn draw_lines(svg: &mut String, lines: &[ConsoleLine], picture: &Picture<'_>) -> fmt::Result {
    let top = TOP - LINE;
    let bottom = top + CONSOLE_PITCH * lines.len() as f64;
    open(svg, bottom + LINE, picture)?;
    for (number, ConsoleLine { client, text, is_foreign }) in lines.iter().enumerate() {
        let y = top + CONSOLE_PITCH * (number as f64 + 0.8);
        let text: String = text.chars().take(CONSOLE_LENGTH).collect();
        let text = escape(&text);
        writeln!(
            svg,
            r#"<text class="console client-{client}" x="{MARGIN}" y="{y:.1}">{client}</text>"#
        )?;
        if *is_foreign {
            writeln!(svg, r#"<text class="foreign" x="68" y="{y:.1}">✗</text>"#)?;
        }
        writeln!(
            svg,
            r#"<text class="console client-{client}" x="104" y="{y:.1}" xml:space="preserve">{text}</text>"#
        )?;
    }
    close(svg, bottom + LINE, picture)
}

/// What stands below the drawing: what to look at, and what happened.
fn paragraphs(picture: &Picture<'_>) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    for (class, text) in [("look", picture.look), ("sentence", picture.sentence)] {
        let wrapped = wrap(text, LINE_LENGTH);
        lines.extend(wrapped.lines().map(|line| (class, line.to_owned())));
    }
    lines
}

/// The beginning: everything above the drawing. The sentences begin at `below`.
pub(super) fn open(svg: &mut String, below: f64, picture: &Picture<'_>) -> fmt::Result {
    let height = (below + LINE * paragraphs(picture).len() as f64).max(HEIGHT);
    let title = escape(picture.title);
    let described = escape(format!("{} {}", picture.look, picture.sentence).trim());
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title desc">"#
    )?;
    writeln!(svg, r#"<title id="title">{title}</title>"#)?;
    writeln!(svg, r#"<desc id="desc">{described}</desc>"#)?;
    writeln!(svg, "<style>\n{STYLE}</style>")?;
    writeln!(
        svg,
        r#"<defs><pattern id="hatch" width="11" height="11" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0V11"/></pattern></defs>"#
    )?;
    writeln!(svg, r#"<rect class="paper" width="{WIDTH}" height="{height}"/>"#)?;
    writeln!(svg, r#"<text class="title" x="{MARGIN}" y="48">{title}</text>"#)?;
    let subtitle = escape(picture.subtitle);
    writeln!(svg, r#"<text class="command quiet" x="{MARGIN}" y="86">{subtitle}</text>"#)
}

/// The end: the sentences.
pub(super) fn close(svg: &mut String, below: f64, picture: &Picture<'_>) -> fmt::Result {
    for (number, (class, line)) in paragraphs(picture).iter().enumerate() {
        let y = below + LINE * (number as f64 + 0.3);
        writeln!(svg, r#"<text class="{class}" x="{MARGIN}" y="{y:.1}">{}</text>"#, escape(line))?;
    }
    writeln!(svg, "</svg>")
}

fn place(time: Duration, span: Duration) -> f64 {
    let part = time.as_secs_f64() / span.as_secs_f64().max(f64::MIN_POSITIVE);
    LEFT + part.min(1.0) * (RIGHT - LEFT)
}

fn draw_lane(svg: &mut String, lane: &Lane, span: Duration, y: f64) -> fmt::Result {
    writeln!(svg, r#"<text class="name" x="{MARGIN}" y="{:.1}">{}</text>"#, y + 8.0, lane.client)?;
    for stretch in &lane.stretches {
        draw_stretch(svg, stretch, span, y)?;
    }
    let places = side_by_side(lane.marks.iter().map(|mark| place(mark.at, span)), MARK);
    for (mark, x) in lane.marks.iter().zip(&places) {
        draw_mark(svg, mark.sign, *x, y)?;
    }
    if let (Some(done), Some(x)) = (lane.first(Sign::Done), places.last()) {
        let (x, y) = (x + MARK, y + 8.0);
        writeln!(
            svg,
            r#"<text class="on-paper" x="{x:.1}" y="{y:.1}">done at {}</text>"#,
            escape(&figure(done))
        )?;
    }
    Ok(())
}

fn draw_stretch(svg: &mut String, stretch: &Stretch, span: Duration, y: f64) -> fmt::Result {
    let (from, to) = (place(stretch.from, span), place(stretch.to, span));
    let (top, width) = (y - BAR / 2.0, to - from);
    if width < THINNEST {
        return Ok(());
    }
    let time = figure(stretch.to.saturating_sub(stretch.from));
    let (class, on, word) = match stretch.doing {
        Doing::Waiting(what) => ("waiting", "on-paper", format!("waits {time} for {what}")),
        Doing::WaitingForEnd => ("waiting", "on-paper", format!("waits {time} for the end")),
        Doing::Thinking => ("thinking", "on-thinking", format!("thinks for {time}")),
        Doing::Busy => {
            return writeln!(svg, r#"<path class="busy" d="M{from:.1} {y:.1}H{to:.1}"/>"#);
        }
    };
    writeln!(
        svg,
        r#"<rect class="{class}" x="{from:.1}" y="{top:.1}" width="{width:.1}" height="{BAR}"/>"#
    )?;
    if width < CHARACTER * word.chars().count() as f64 + 4.0 * MARK {
        return Ok(());
    }
    let (x, y, word) = ((from + to) / 2.0, y + 8.0, escape(&word));
    writeln!(svg, r#"<text class="{on}" x="{x:.1}" y="{y:.1}" text-anchor="middle">{word}</text>"#)
}

/// How many characters fit into this width.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of characters"
)]
fn characters(width: f64) -> usize {
    (width / CHARACTER).max(0.0) as usize
}

/// A thread's lane; the words begin where their stretch does.
fn draw_thread(svg: &mut String, thread: &ThreadLane, span: Duration, y: f64) -> fmt::Result {
    let name: String = thread.name.chars().take(10).collect();
    writeln!(svg, r#"<text x="{MARGIN}" y="{:.1}">{}</text>"#, y + 8.0, escape(&name))?;
    for standing @ Standing { from, to, is_held_up, .. } in &thread.stretches {
        let (from, to) = (place(*from, span), place(*to, span));
        let (top, width) = (y - BAR / 2.0, to - from);
        if width < THINNEST {
            continue;
        }
        let class = if *is_held_up { "waiting" } else { "standing" };
        writeln!(
            svg,
            r#"<rect class="{class}" x="{from:.1}" y="{top:.1}" width="{width:.1}" height="{BAR}"/>"#
        )?;
        if let Some(words) = standing.words_within(characters(width - MARK)) {
            let on = if *is_held_up { "on-paper" } else { "standing-words" };
            let (x, y, words) = (from + MARK / 2.0, y + 8.0, escape(words));
            writeln!(svg, r#"<text class="{on}" x="{x:.1}" y="{y:.1}">{words}</text>"#)?;
        }
    }
    Ok(())
}

fn draw_mark(svg: &mut String, sign: Sign, x: f64, y: f64) -> fmt::Result {
    match sign {
        Sign::Connected => {
            writeln!(svg, r#"<circle class="connected" cx="{x:.1}" cy="{y:.1}" r="9"/>"#)
        }
        Sign::Served => {
            writeln!(svg, r#"<circle class="served" cx="{x:.1}" cy="{y:.1}" r="11"/>"#)
        }
        Sign::Done => writeln!(
            svg,
            r#"<rect class="done" x="{:.1}" y="{:.1}" width="20" height="20"/>"#,
            x - 10.0,
            y - 10.0
        ),
        Sign::Refused | Sign::Failed => writeln!(
            svg,
            r#"<path class="failed" d="M{:.1} {:.1}l16 16m0 -16l-16 16"/>"#,
            x - 8.0,
            y - 8.0
        ),
    }
}

fn draw_legend(svg: &mut String, lanes: &[Lane], y: f64) -> fmt::Result {
    let mut x = MARGIN + 10.0;
    let mut entry = |svg: &mut String, word: &str, sign: Option<Sign>, class: &str| {
        match sign {
            Some(sign) => draw_mark(svg, sign, x, y)?,
            None => writeln!(
                svg,
                r#"<rect class="{class}" x="{:.1}" y="{:.1}" width="44" height="20"/>"#,
                x - 10.0,
                y - 10.0
            )?,
        }
        let room = if sign.is_some() { 20.0 } else { 44.0 };
        writeln!(
            svg,
            r#"<text class="quiet" x="{:.1}" y="{:.1}">{word}</text>"#,
            x + room,
            y + 8.0
        )?;
        x += room + CHARACTER * word.len() as f64 + 52.0;
        Ok(())
    };
    entry(svg, "connected", Some(Sign::Connected), "")?;
    entry(svg, "waits", None, "waiting")?;
    entry(svg, "is served", Some(Sign::Served), "")?;
    entry(svg, "thinks", None, "thinking")?;
    entry(svg, "done", Some(Sign::Done), "")?;
    if lanes.iter().any(|lane| lane.first(Sign::Refused).is_some()) {
        entry(svg, "is refused", Some(Sign::Refused), "")?;
    }
    if lanes.iter().any(|lane| lane.first(Sign::Failed).is_some()) {
        entry(svg, "gave up", Some(Sign::Failed), "")?;
    }
    Ok(())
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::sample;

    #[test]
    fn the_picture_is_as_it_was() {
        let picture = Picture {
            title: "One of each <kind>",
            subtitle: "some & any",
            look: "Look at what stands in <this> line.",
            sentence: "B waited longer than C, D gave up, and E is still there, which takes more \
                 words than there is room for on one line of the picture.",
            span: sample::SPAN,
        };
        let line = |client, text: &str, is_foreign| ConsoleLine {
            client,
            text: text.to_owned(),
            is_foreign,
        };
        let lines = [line('A', "Thread-1:", false), line('B', "  1 < 2", true)];
        sample::assert_as_in("console.svg", &draw_console(&lines, &picture));
        sample::assert_as_in(
            "one_of_each.svg",
            &draw(&sample::lanes(), &sample::threads(), &picture),
        );
    }
}
