//! Draws how the longest wait grows as an SVG picture: a line for each server, dots where it was to run.

use std::time::Duration;

use crate::draw::columns::cut;
use crate::draw::figures::ticks;
use crate::draw::growth::{Growth, Point};
use crate::draw::lanes::side_by_side;
use crate::draw::svg::{END, LINE, MARGIN, MIDDLE, Picture, Svg, TOP, px};

/// Where the axes begin and end, in pixels.
const LEFT: f64 = 124.0;
const RIGHT: f64 = 880.0;
const BOTTOM: f64 = 490.0;

/// Where the names stand, and how far they are apart at least.
const NAMES: f64 = 936.0;
const PITCH: f64 = 34.0;

/// How far a shape reaches from its point.
const SHAPE: f64 = 8.0;

/// How many characters of a name have room.
const NAME_LENGTH: usize = 24;

/// Room above the highest point, as a part of the axis.
const HEADROOM: f64 = 1.05;

/// How many servers have a colour and a shape of their own.
const KINDS: usize = 7;

/// Colours for light and for dark, with a contrast of at least 4.5:1 to the paper. The shapes differ too.
const STYLE: &str = include_str!("curves.css");

/// The scale of both axes.
struct Scale {
    clients: f64,
    span: Duration,
}

impl Scale {
    fn of(growths: &[Growth]) -> Self {
        let points = || growths.iter().flat_map(|growth| &growth.points);
        let times = points().flat_map(|point| [point.measured.map(|it| it.wait), point.predicted]);
        let longest = times.flatten().max().unwrap_or_default();
        let clients = points().map(|point| point.clients).max().unwrap_or(1);
        // Less than a millisecond is noise, and is not to fill the picture.
        let span = longest.max(Duration::from_millis(1)).mul_f64(HEADROOM);
        Self { clients: clients as f64, span }
    }

    fn x(&self, clients: f64) -> f64 {
        LEFT + clients / self.clients * (RIGHT - LEFT)
    }

    fn y(&self, time: Duration) -> f64 {
        BOTTOM - time.as_secs_f64() / self.span.as_secs_f64() * (BOTTOM - TOP)
    }

    fn places(&self, growth: &Growth, time: Time) -> Places {
        let place = |point: &Point| Some((self.x(point.clients as f64), self.y(time(point)?)));
        growth.points.iter().filter_map(place).collect()
    }
}

type Places = Vec<(f64, f64)>;

/// What of a point is drawn.
type Time = fn(&Point) -> Option<Duration>;

/// Draws the servers' curves over one pair of axes, both linear.
pub fn draw(growths: &[Growth], picture: &Picture<'_>) -> String {
    let scale = Scale::of(growths);
    let places = |time: Time| growths.iter().map(|it| scale.places(it, time)).collect();
    let measured: Vec<Places> = places(|point| Some(point.measured?.wait));
    let predicted: Vec<Places> = places(|point| point.predicted);
    let sentence = picture.sentence.to_owned() + &name_hidden(growths, &measured);
    let picture = Picture { sentence: &sentence, ..*picture };
    let mut svg = Svg::open(BOTTOM + 3.5 * LINE, &picture);
    svg.style(STYLE);
    draw_axes(&mut svg, &scale);

    for (number, places) in measured.iter().enumerate() {
        // Of curves that are to lie on one another, the first is the widest and lies below.
        let above = predicted[number + 1..].iter().filter(|later| **later == predicted[number]);
        let width = 4 + 4 * if predicted[number].is_empty() { 0 } else { above.count() };
        let class = format!("curve kind-{}", number % KINDS);
        draw_line(&mut svg, &class, &format!(r#" stroke-width="{width}""#), places);
    }
    for (number, places) in predicted.iter().enumerate() {
        if !predicted[..number].contains(places) {
            draw_line(&mut svg, "predicted", "", places);
        }
    }
    for (number, places) in measured.iter().enumerate() {
        places.iter().for_each(|(x, y)| draw_shape(&mut svg, number, *x, *y));
    }
    draw_names(&mut svg, growths, &measured);
    svg.close()
}

/// Which curves cannot be seen, as another one is drawn over all of their points.
fn name_hidden(growths: &[Growth], measured: &[Places]) -> String {
    let is_near = |(a, b): (&(f64, f64), &(f64, f64))| (a.1 - b.1).abs() < SHAPE;
    let name = |below: usize| {
        let places = &measured[below];
        let above = (below + 1..measured.len()).find(|above| {
            let above = &measured[*above];
            above.len() == places.len() && above.iter().zip(places).all(is_near)
        })?;
        let [below, above] = [below, above].map(|number| &growths[number].name);
        Some(format!(" The line of {below} is hidden under that of {above}."))
    };
    (0..measured.len()).filter_map(name).collect()
}

fn draw_axes(svg: &mut Svg<'_>, scale: &Scale) {
    for (time, label) in ticks(scale.span, 7) {
        let y = scale.y(time);
        svg.path("grid", &format!("M{LEFT} {y:.1}H{RIGHT}"));
        svg.text_with("quiet", LEFT - 14.0, y + 8.0, END, &label);
    }
    let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0];
    let step = steps.into_iter().find(|step| scale.clients / step <= 8.0).unwrap_or(100.0);
    let ticks = (0..=8).map(|tick| f64::from(tick) * step);
    for clients in ticks.take_while(|clients| *clients <= scale.clients) {
        let x = scale.x(clients);
        svg.path("grid", &format!("M{x:.1} {BOTTOM}v10"));
        svg.text_with("quiet", px(x), BOTTOM + LINE + 4.0, MIDDLE, &clients.to_string());
    }
    svg.text("", MARGIN, TOP - 18.0, "the longest wait of a client");
    let y = BOTTOM + 2.0 * LINE + 4.0;
    svg.text_with("", RIGHT, y, END, "clients that come at the same moment");
    svg.path("predicted", &format!("M{LEFT} {:.1}h72", y - 8.0));
    svg.text("quiet", px(LEFT + 86.0), y, "predicted");
}

fn draw_line(svg: &mut Svg<'_>, class: &str, more: &str, places: &[(f64, f64)]) {
    let places: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
    if !places.is_empty() {
        svg.path_with(class, more, &format!("M{}", places.join("L")));
    }
}

/// The shape of a server's points: a circle, a square, and so on.
fn draw_shape(svg: &mut Svg<'_>, number: usize, x: f64, y: f64) {
    let kind = number % KINDS;
    let path = match kind {
        0 => "m-8 0a8 8 0 1 0 16 0a8 8 0 1 0 -16 0z",
        1 => "m-8 -8h16v16h-16z",
        2 => "m0 -10l10 17h-20z",
        3 => "m0 -11l11 11l-11 11l-11 -11z",
        4 => "m0 10l10 -17h-20z",
        5 => "m-4 -10h8v6h6v8h-6v6h-8v-6h-6v-8h6z",
        _ => "m-5 -10h10l6 10l-6 10h-10l-6 -10z",
    };
    svg.path(&format!("shape kind-{kind}"), &format!("M{x:.1} {y:.1}{path}"));
}

/// The names stand beside the ends of their curves, and apart from one another.
fn draw_names(svg: &mut Svg<'_>, growths: &[Growth], measured: &[Places]) {
    let end = |number: usize| measured[number].last().map(|(x, y)| (number, *x, *y));
    let mut ends: Vec<_> = (0..growths.len()).filter_map(end).collect();
    ends.sort_by(|a, b| a.2.total_cmp(&b.2));
    let mut ys = side_by_side(ends.iter().map(|(_, _, y)| *y), PITCH);
    let mut lowest = BOTTOM;
    for y in ys.iter_mut().rev() {
        *y = y.min(lowest);
        lowest = *y - PITCH;
    }
    for ((number, x, from), y) in ends.into_iter().zip(ys) {
        svg.path("lead", &format!("M{:.1} {from:.1}L{:.1} {y:.1}", x + 14.0, NAMES - 16.0));
        draw_shape(svg, number, NAMES, y);
        svg.text("", px(NAMES + 20.0), y + 8.0, &cut(&growths[number].name, NAME_LENGTH));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::sample;

    #[test]
    fn the_curves_are_as_they_were() {
        let picture = Picture {
            title: "How the longest wait grows",
            subtitle: "some & any",
            look: "Look at the slope.",
            sentence: "Each further client adds 20.1 ms.",
            span: Duration::ZERO,
        };
        // Each twice, so that some lie on others.
        let growths = [sample::growths(), sample::growths()].concat();
        sample::assert_as_in("curves.svg", &draw(&growths, &picture));
    }
}
