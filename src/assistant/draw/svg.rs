//! Draws lanes as a self-contained SVG picture: text as text, no script, light and dark.

use std::fmt::Display;
use std::time::Duration;

use crate::draw::figures::{figure, ticks};
use crate::draw::lanes::{Doing, Glyph, Lane, Sign, Stretch, legend, shortened, side_by_side};
use crate::draw::terminal::wrap;
use crate::draw::text::{ConsoleLine, THREAD_ROWS, and_more};
use crate::draw::thread_lanes::ThreadLanes;

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
const STYLE: &str = include_str!("lanes.css");

/// A number of pixels, to a tenth.
pub(super) fn px(pixels: f64) -> String {
    format!("{pixels:.1}")
}

/// Where a text stands, if it does not begin at its place.
pub(super) const MIDDLE: &str = r#" text-anchor="middle""#;
pub(super) const END: &str = r#" text-anchor="end""#;

/// A picture that is being written, one element after the other.
pub(super) struct Svg<'a> {
    svg: String,
    picture: &'a Picture<'a>,
    /// Where the sentences begin.
    below: f64,
}

impl<'a> Svg<'a> {
    /// The beginning: everything above the drawing. The sentences begin at `below`.
    pub(super) fn open(below: f64, picture: &'a Picture<'a>) -> Self {
        let mut svg = Self { svg: String::new(), picture, below };
        let height = (below + LINE * svg.paragraphs().len() as f64).max(HEIGHT);
        let (title, subtitle) = (escape(picture.title), escape(picture.subtitle));
        let described = escape(format!("{} {}", picture.look, picture.sentence).trim());
        svg.svg += &format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title desc">
<title id="title">{title}</title>
<desc id="desc">{described}</desc>
<style>
{STYLE}</style>
<defs><pattern id="hatch" width="11" height="11" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0V11"/></pattern></defs>
<rect class="paper" width="{WIDTH}" height="{height}"/>
<text class="title" x="{MARGIN}" y="48">{title}</text>
<text class="command quiet" x="{MARGIN}" y="86">{subtitle}</text>
"#
        );
        svg
    }

    /// The end: the sentences.
    pub(super) fn close(mut self) -> String {
        for (number, (class, line)) in self.paragraphs().iter().enumerate() {
            self.text(class, MARGIN, self.below + LINE * (number as f64 + 0.3), line);
        }
        self.svg + "</svg>\n"
    }

    /// What stands below the drawing: what to look at, and what happened.
    fn paragraphs(&self) -> Vec<(&'static str, String)> {
        let lines = |class, text| -> Vec<_> {
            wrap(text, LINE_LENGTH).lines().map(|line| (class, line.to_owned())).collect()
        };
        [lines("look", self.picture.look), lines("sentence", self.picture.sentence)].concat()
    }

    pub(super) fn style(&mut self, style: &str) {
        self.svg += &format!("<style>\n{style}</style>\n");
    }

    pub(super) fn path(&mut self, class: &str, path: &str) {
        self.path_with(class, "", path);
    }

    /// A path with one attribute more.
    pub(super) fn path_with(&mut self, class: &str, more: &str, path: &str) {
        self.svg += &format!("<path class=\"{class}\"{more} d=\"{path}\"/>\n");
    }

    fn rect(&mut self, class: &str, x: f64, y: f64, width: impl Display, height: impl Display) {
        let (x, y) = (px(x), px(y));
        self.svg += &format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>\n"
        );
    }

    /// A text that begins here.
    pub(super) fn text(&mut self, class: &str, x: impl Display, y: f64, text: &str) {
        self.text_with(class, x, y, "", text);
    }

    /// A text with one attribute more.
    pub(super) fn text_with(
        &mut self,
        class: &str,
        x: impl Display,
        y: f64,
        more: &str,
        text: &str,
    ) {
        let class = if class.is_empty() { "" } else { &format!(" class=\"{class}\"") };
        let (y, text) = (px(y), escape(text));
        self.svg += &format!("<text{class} x=\"{x}\" y=\"{y}\"{more}>{text}</text>\n");
    }
}

/// Draws the lanes of clients, and below them those of the server's threads.
///
/// A bar stands where its time was. Marks of the same moment stand side by side, the first of them
/// in its place.
pub fn draw(lanes: &[Lane], threads: &ThreadLanes, picture: &Picture<'_>) -> String {
    let shown = threads.fitting(THREAD_ROWS);
    let left_out = threads.lanes().len() - shown.len();
    let of_threads = if shown.is_empty() { 0.0 } else { LINE };
    let below_lanes = TOP + PITCH * lanes.len() as f64;
    let top_of_threads = below_lanes + of_threads;
    let bottom = top_of_threads + PITCH * shown.len() as f64;
    let top_of_legend = bottom + if left_out > 0 { LINE } else { 0.0 };
    let mut svg = Svg::open(top_of_legend + 2.0 * LINE, picture);
    for (time, label) in ticks(picture.span, 8) {
        let x = place(time, picture.span);
        // Not across the words between the clients and the threads.
        let of_threads = format!("M{x:.1} {top_of_threads:.1}V{bottom:.1}");
        let of_threads = if shown.is_empty() { "" } else { &of_threads };
        svg.path("grid", &format!("M{x:.1} {:.1}V{below_lanes:.1}{of_threads}", TOP - 8.0));
        svg.text_with("quiet", px(x), TOP - 14.0, MIDDLE, &label);
    }
    for (number, lane) in lanes.iter().enumerate() {
        svg.draw_lane(lane, TOP + PITCH * (number as f64 + 0.5));
    }
    if !shown.is_empty() {
        svg.text("quiet", MARGIN, top_of_threads - 8.0, "The server's threads");
        for (number, thread) in shown.iter().enumerate() {
            let y = top_of_threads + PITCH * (number as f64 + 0.5);
            svg.text("", MARGIN, y + 8.0, &thread.name.chars().take(10).collect::<String>());
            thread.stretches.iter().for_each(|stretch| svg.draw_stretch(stretch, y));
        }
    }
    if left_out > 0 {
        svg.text("quiet", MARGIN, bottom + 24.0, &and_more(left_out, "threads"));
    }
    svg.draw_legend(lanes, top_of_legend + 22.0);
    svg.close()
}

/// Draws a server's console.
pub fn draw_console(lines: &[ConsoleLine], picture: &Picture<'_>) -> String {
    let top = TOP - LINE;
    let bottom = top + CONSOLE_PITCH * lines.len() as f64;
    let mut svg = Svg::open(bottom + LINE, picture);
    for (number, ConsoleLine { client, text, is_torn, .. }) in lines.iter().enumerate() {
        let y = top + CONSOLE_PITCH * (number as f64 + 0.8);
        let class = format!("console client-{client}");
        svg.text(&class, MARGIN, y, &client.to_string());
        if *is_torn {
            svg.text("foreign", 68, y, "✗");
        }
        let text: String = text.chars().take(CONSOLE_LENGTH).collect();
        svg.text_with(&class, 104, y, r#" xml:space="preserve""#, &text);
    }
    svg.close()
}

fn place(time: Duration, span: Duration) -> f64 {
    let part = time.as_secs_f64() / span.as_secs_f64().max(f64::MIN_POSITIVE);
    LEFT + part.min(1.0) * (RIGHT - LEFT)
}

impl Svg<'_> {
    fn draw_lane(&mut self, lane: &Lane, y: f64) {
        self.text("name", MARGIN, y + 8.0, &lane.client.to_string());
        lane.stretches.iter().for_each(|stretch| self.draw_stretch(stretch, y));
        let span = self.picture.span;
        let places = side_by_side(lane.marks.iter().map(|mark| place(mark.at, span)), MARK);
        for (mark, x) in lane.marks.iter().zip(&places) {
            self.draw_mark(mark.sign, *x, y);
        }
        if let (Some(done), Some(x)) = (lane.first(Sign::Done), places.last()) {
            self.text("on-paper", px(x + MARK), y + 8.0, &format!("done at {}", figure(done)));
        }
    }

    fn draw_stretch(&mut self, stretch: &Stretch, y: f64) {
        let span = self.picture.span;
        let (from, to) = (place(stretch.from, span), place(stretch.to, span));
        if to - from < THINNEST {
            return;
        }
        let time = figure(stretch.to.saturating_sub(stretch.from));
        let (class, on, words) = match &stretch.doing {
            Doing::Waiting(what) => ("waiting", "on-paper", format!("waits {time} for {what}")),
            Doing::WaitingForEnd => ("waiting", "on-paper", format!("waits {time} for the end")),
            Doing::Thinking => ("thinking", "on-thinking", format!("thinks for {time}")),
            Doing::HeldUp(words) => ("waiting", "on-paper", words.clone()),
            Doing::Standing(words) => ("standing", "standing-words", words.clone()),
            Doing::Busy => return self.path("busy", &format!("M{from:.1} {y:.1}H{to:.1}")),
        };
        self.rect(class, from, y - BAR / 2.0, px(to - from), BAR);
        let is_thread = matches!(stretch.doing, Doing::Standing(_) | Doing::HeldUp(_));
        // The words of a thread begin where their stretch does.
        let (x, anchor, room) = match is_thread {
            true => (from + MARK / 2.0, "", MARK),
            false => ((from + to) / 2.0, MIDDLE, 4.0 * MARK),
        };
        let fits = |words: &&str| CHARACTER * words.chars().count() as f64 + room <= to - from;
        if let Some(words) = shortened(&words).into_iter().find(fits) {
            self.text_with(on, px(x), y + 8.0, anchor, words);
        }
    }

    fn draw_mark(&mut self, sign: Sign, x: f64, y: f64) {
        let mut circle = |class, radius| {
            let (x, y) = (px(x), px(y));
            self.svg +=
                &format!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>\n");
        };
        match sign {
            Sign::Connected => circle("connected", 9),
            Sign::Served => circle("served", 11),
            Sign::Done => self.rect("done", x - 10.0, y - 10.0, 20, 20.0),
            Sign::Refused | Sign::Failed => {
                let cross = format!("M{:.1} {:.1}l16 16m0 -16l-16 16", x - 8.0, y - 8.0);
                self.path("failed", &cross);
            }
        }
    }

    fn draw_legend(&mut self, lanes: &[Lane], y: f64) {
        let mut x = MARGIN + 10.0;
        let span = self.picture.span;
        let is_idle = |it: &Stretch| {
            it.doing == Doing::Busy && place(it.to, span) - place(it.from, span) > MARK
        };
        let shows_idle = lanes.iter().any(|lane| lane.stretches.iter().any(is_idle));
        for (glyph, word) in legend(lanes, shows_idle) {
            let room = match glyph {
                Glyph::Sign(sign) => {
                    self.draw_mark(sign, x, y);
                    20.0
                }
                Glyph::Doing(Doing::Busy) => {
                    self.path("busy", &format!("M{:.1} {y:.1}h44", x - 10.0));
                    44.0
                }
                Glyph::Doing(doing) => {
                    let class = if doing == Doing::Thinking { "thinking" } else { "waiting" };
                    self.rect(class, x - 10.0, y - 10.0, 44, 20);
                    44.0
                }
            };
            self.text("quiet", px(x + room), y + 8.0, word);
            x += room + CHARACTER * word.len() as f64 + 52.0;
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::sample::{self, console_line};

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
        let lines = [console_line('A', "Thread-1:", false), console_line('B', "  1 < 2", true)];
        sample::assert_as_in("console.svg", &draw_console(&lines, &picture));
        sample::assert_as_in(
            "one_of_each.svg",
            &draw(&sample::lanes(), &sample::threads(), &picture),
        );
    }
}
