//! Draws how long the clients of one server waited: a line with a bar for each number of clients.

use std::time::Duration;

use crate::draw::figures::figure;
use crate::draw::growth::{Growth, Point, memory_figure, predicted_figure};
use crate::draw::text::{Canvas, Paint, View};
use crate::threads::usage::Usage;

/// Columns for the number of clients, left of the bar.
const LEFT: usize = 11;

/// Columns for the times, right of the bar, and for threads and memory.
const TIMES: usize = 20;
const USAGE: usize = 18;

/// Draws a heading and a bar for each point; every line ends with a newline.
///
/// All bars have the same scale: the full width is `view.span`. A bar that is longer ends in `→`. The
/// mark `│` stands where the bar was to end.
pub fn draw(growth: &Growth, view: View) -> String {
    let has_usage = growth.points.iter().any(|point| usage(point).is_some());
    let width = view.columns() - LEFT - TIMES - if has_usage { USAGE } else { 0 };
    let mut heading = Canvas::blank(view.columns());
    heading.put(2, "clients  longest wait", Paint::PLAIN);
    let words = format!("{:>10}{:>10}", "measured", "predicted");
    let usage_words =
        if has_usage { format!("{:>8}{:>10}", "threads", "memory") } else { String::new() };
    heading.put(LEFT + width, &(words + &usage_words), Paint::PLAIN);
    let lines = growth.points.iter().map(|point| draw_point(point, width, view));
    [heading].into_iter().chain(lines).map(|line| line.finish(view.colour) + "\n").collect()
}

/// What the signs mean.
pub const LEGEND: &str = "▒▒▒ waits  │ predicted";

fn usage(point: &Point) -> Option<Usage> {
    point.measured?.usage
}

fn draw_point(point: &Point, width: usize, view: View) -> Canvas {
    let mut canvas = Canvas::blank(view.columns());
    canvas.put(2, &format!("{:>7}", point.clients), Paint::PLAIN);
    let wait = point.measured.map(|measured| measured.wait);
    let bar = wait.map_or(0, |wait| columns(wait, view.span, width));
    canvas.put(LEFT, &"▒".repeat(bar.min(width)), Paint::WAITING);
    if let Some(predicted) = point.predicted {
        let column = columns(predicted, view.span, width).min(width - 1);
        canvas.put(LEFT + column, "│", Paint::PLAIN);
    }
    if bar > width {
        canvas.put(LEFT + width - 1, "→", Paint::WAITING);
    }
    if wait.is_none() {
        canvas.put(LEFT + 1, "…", Paint::PLAIN);
    }
    let measured = wait.map_or(String::new(), figure);
    let times = format!("{measured:>10}{:>10}", predicted_figure(point.predicted));
    canvas.put(LEFT + width, &times, Paint::PLAIN);
    if let Some(Usage { threads, resident_kib }) = usage(point) {
        let words = format!("{threads:>8}{:>10}", memory_figure(resident_kib));
        canvas.put(LEFT + width + TIMES, &words, Paint::PLAIN);
    }
    canvas
}

/// How many columns a time takes, to the nearest.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a column")]
fn columns(time: Duration, span: Duration, width: usize) -> usize {
    (time.div_duration_f64(span) * (width - 1) as f64).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::sample;

    fn drawn(width: usize, colour: bool) -> String {
        let view = View { width, span: Duration::from_millis(300), colour };
        sample::growths().iter().map(|growth| draw(growth, view)).collect()
    }

    #[test]
    fn the_bars_are_as_they_were() {
        sample::assert_as_in("bars_80_columns.txt", &drawn(80, false));
        sample::assert_as_in("bars_60_columns_colour.txt", &drawn(60, true).replace('\x1b', "^["));
    }

    #[test]
    fn the_narrowest_drawing_has_room_for_bars() {
        let text = drawn(1, false);
        assert!(text.contains("▒▒▒▒▒│"), "{text}");
    }
}
