//! Draws lanes as a self-contained SVG picture: text as text, no script, light and dark.

use std::fmt::Write;
use std::time::Duration;

use crate::assistant::draw::figures::{figure, ticks};
use crate::assistant::draw::lanes::{Doing, Lane, Sign, Stretch, side_by_side};
use crate::assistant::draw::terminal::wrap;

/// The picture's width, and where on it the axis begins and ends, in pixels.
const WIDTH: f64 = 760.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 620.0;

/// Where the lanes begin, how far apart they are, and how high a bar is, in pixels.
const TOP: f64 = 84.0;
const PITCH: f64 = 38.0;
const BAR: f64 = 22.0;

/// How much room a mark needs, and a character of the bars' text, in pixels.
const MARK: f64 = 15.0;
const CHARACTER: f64 = 7.0;

/// A bar thinner than this many pixels cannot be seen, and is left out.
const THINNEST: f64 = 0.5;

/// How many characters of the sentence stand on a line.
const LINE: usize = 98;

/// Everything in the picture beside the lanes.
#[derive(Debug)]
pub struct Picture<'a> {
    /// The heading.
    pub title: &'a str,
    /// What was run.
    pub subtitle: &'a str,
    /// What is to be seen.
    pub sentence: &'a str,
    /// The time that the axis shows.
    pub span: Duration,
}

/// Colours for light and for dark. Waiting is hatched and thinking is solid, so that they differ
/// without colour.
const STYLE: &str = "\
text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }
.paper { fill: #ffffff; stroke: #d1d9e0 }
.title { font-size: 17px; font-weight: 600 }
.command { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 12px }
.quiet { fill: #59636e }
.name { font-size: 15px; font-weight: 600 }
.grid { stroke: #d1d9e0 }
.busy { stroke: #59636e; stroke-width: 2 }
.hatch { stroke: #cf222e; stroke-width: 2 }
.waiting { fill: url(#hatch); stroke: #cf222e }
.on-paper { paint-order: stroke; stroke: #ffffff; stroke-width: 6px; stroke-linejoin: round }
.thinking { fill: #0969da }
.on-thinking { fill: #ffffff }
.connected { fill: #ffffff; stroke: #1f2328; stroke-width: 2 }
.served { fill: #1a7f37; stroke: #ffffff }
.done { fill: #1f2328; stroke: #ffffff }
.failed { stroke: #cf222e; stroke-width: 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .paper { fill: #0d1117; stroke: #3d444d }
  .quiet { fill: #9198a1 }
  .grid { stroke: #3d444d }
  .busy { stroke: #9198a1 }
  .hatch { stroke: #ff7b72 }
  .waiting { stroke: #ff7b72 }
  .on-paper { stroke: #0d1117 }
  .thinking { fill: #1f6feb }
  .connected { fill: #0d1117; stroke: #f0f6fc }
  .served { fill: #3fb950; stroke: #0d1117 }
  .done { fill: #f0f6fc; stroke: #0d1117 }
  .failed { stroke: #ff7b72 }
}
";

/// Draws the picture.
///
/// A bar stands where its time was. Marks of the same moment stand side by side, the first of them
/// in its place.
pub fn draw(lanes: &[Lane], picture: &Picture<'_>) -> String {
    let mut svg = String::new();
    // Writing to a string does not fail.
    let _ = draw_to(&mut svg, lanes, picture);
    svg
}

fn draw_to(svg: &mut String, lanes: &[Lane], picture: &Picture<'_>) -> std::fmt::Result {
    let sentence = wrap(picture.sentence, LINE);
    let bottom = TOP + PITCH * lanes.len() as f64;
    let height = bottom + 50.0 + 18.0 * sentence.lines().count() as f64;
    let (title, described) = (escape(picture.title), escape(picture.sentence));
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-labelledby="title desc">"#
    )?;
    writeln!(svg, r#"<title id="title">{title}</title>"#)?;
    writeln!(svg, r#"<desc id="desc">{described}</desc>"#)?;
    writeln!(svg, "<style>\n{STYLE}</style>")?;
    writeln!(
        svg,
        r#"<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0V7"/></pattern></defs>"#
    )?;
    writeln!(
        svg,
        r#"<rect class="paper" x="0.5" y="0.5" width="{}" height="{}" rx="6"/>"#,
        WIDTH - 1.0,
        height - 1.0
    )?;
    writeln!(svg, r#"<text class="title" x="16" y="28">{title}</text>"#)?;
    let subtitle = escape(picture.subtitle);
    writeln!(svg, r#"<text class="command quiet" x="16" y="47">{subtitle}</text>"#)?;

    for (time, label) in ticks(picture.span, 8) {
        let x = place(time, picture.span);
        writeln!(svg, r#"<path class="grid" d="M{x:.1} {:.1}V{bottom:.1}"/>"#, TOP - 8.0)?;
        writeln!(
            svg,
            r#"<text class="quiet" x="{x:.1}" y="{:.1}" text-anchor="middle">{label}</text>"#,
            TOP - 13.0
        )?;
    }
    for (number, lane) in lanes.iter().enumerate() {
        draw_lane(svg, lane, picture.span, TOP + PITCH * (number as f64 + 0.5))?;
    }
    draw_legend(svg, lanes, bottom + 20.0)?;
    for (number, line) in sentence.lines().enumerate() {
        let y = bottom + 50.0 + 18.0 * number as f64;
        writeln!(svg, r#"<text x="16" y="{y:.1}">{}</text>"#, escape(line))?;
    }
    writeln!(svg, "</svg>")
}

fn place(time: Duration, span: Duration) -> f64 {
    let part = time.as_secs_f64() / span.as_secs_f64().max(f64::MIN_POSITIVE);
    LEFT + part.min(1.0) * (RIGHT - LEFT)
}

fn draw_lane(svg: &mut String, lane: &Lane, span: Duration, y: f64) -> std::fmt::Result {
    writeln!(svg, r#"<text class="name" x="16" y="{:.1}">{}</text>"#, y + 5.0, lane.client)?;
    for stretch in &lane.stretches {
        draw_stretch(svg, stretch, span, y)?;
    }
    let places = side_by_side(lane.marks.iter().map(|mark| place(mark.at, span)), MARK);
    for (mark, x) in lane.marks.iter().zip(&places) {
        draw_mark(svg, mark.sign, *x, y)?;
    }
    if let (Some(done), Some(x)) = (lane.first(Sign::Done), places.last()) {
        let (x, y) = (x + MARK, y + 5.0);
        writeln!(
            svg,
            r#"<text class="quiet on-paper" x="{x:.1}" y="{y:.1}">done at {}</text>"#,
            escape(&figure(done))
        )?;
    }
    Ok(())
}

fn draw_stretch(svg: &mut String, stretch: &Stretch, span: Duration, y: f64) -> std::fmt::Result {
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
    let (x, y, word) = ((from + to) / 2.0, y + 4.5, escape(&word));
    writeln!(svg, r#"<text class="{on}" x="{x:.1}" y="{y:.1}" text-anchor="middle">{word}</text>"#)
}

fn draw_mark(svg: &mut String, sign: Sign, x: f64, y: f64) -> std::fmt::Result {
    match sign {
        Sign::Connected => {
            writeln!(svg, r#"<circle class="connected" cx="{x:.1}" cy="{y:.1}" r="5.5"/>"#)
        }
        Sign::Served => {
            writeln!(svg, r#"<circle class="served" cx="{x:.1}" cy="{y:.1}" r="7"/>"#)
        }
        Sign::Done => writeln!(
            svg,
            r#"<rect class="done" x="{:.1}" y="{:.1}" width="12" height="12"/>"#,
            x - 6.0,
            y - 6.0
        ),
        Sign::Failed => writeln!(
            svg,
            r#"<path class="failed" d="M{:.1} {:.1}l10 10m0 -10l-10 10"/>"#,
            x - 5.0,
            y - 5.0
        ),
    }
}

fn draw_legend(svg: &mut String, lanes: &[Lane], y: f64) -> std::fmt::Result {
    let mut x = LEFT;
    let mut entry = |svg: &mut String, word: &str, sign: Option<Sign>, class: &str| {
        match sign {
            Some(sign) => draw_mark(svg, sign, x, y)?,
            None => writeln!(
                svg,
                r#"<rect class="{class}" x="{:.1}" y="{:.1}" width="26" height="12"/>"#,
                x - 6.0,
                y - 6.0
            )?,
        }
        let room = if sign.is_some() { 14.0 } else { 28.0 };
        writeln!(
            svg,
            r#"<text class="quiet" x="{:.1}" y="{:.1}">{word}</text>"#,
            x + room,
            y + 4.5
        )?;
        x += room + CHARACTER * word.len() as f64 + 26.0;
        Ok(())
    };
    entry(svg, "connected", Some(Sign::Connected), "")?;
    entry(svg, "waits", None, "waiting")?;
    entry(svg, "is served", Some(Sign::Served), "")?;
    entry(svg, "thinks", None, "thinking")?;
    entry(svg, "done", Some(Sign::Done), "")?;
    if lanes.iter().any(|lane| lane.first(Sign::Failed).is_some()) {
        entry(svg, "gave up", Some(Sign::Failed), "")?;
    }
    Ok(())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::draw::sample;

    #[test]
    fn the_picture_is_as_it_was() {
        let picture = Picture {
            title: "One of each <kind>",
            subtitle: "some & any",
            sentence: "B waited longer than C, D gave up, and E is still there, which takes more \
                 words than there is room for on one line of the picture.",
            span: sample::SPAN,
        };
        sample::assert_as_in("one_of_each.svg", &draw(&sample::lanes(), &picture));
    }
}
