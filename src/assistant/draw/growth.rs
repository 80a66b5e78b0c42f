//! How the longest wait grows with the number of clients: what the bars and the curves are drawn from.

use std::time::Duration;

use crate::draw::figures::figure;
use crate::threads::usage::Usage;

/// A server, and what was measured of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    pub name: String,
    /// For each number of clients, the smallest first.
    pub points: Vec<Point>,
}

/// What was measured with one number of clients, and what was to be expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// How many clients came at the same moment.
    pub clients: usize,
    /// How long one of them waits at the most, if that can be predicted.
    pub predicted: Option<Duration>,
    /// What was measured; nothing yet while it is being measured.
    pub measured: Option<Measured>,
}

/// The middle of several rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// How long the client waited that waited longest.
    pub wait: Duration,
    /// How many rounds there were.
    pub rounds: usize,
    /// What the server took, where the system says so.
    pub usage: Option<Usage>,
}

impl Growth {
    /// By how much the longest wait grew with each further client, in seconds.
    pub fn slope(&self) -> Option<f64> {
        slope(&self.points, |point| point.measured.map(|measured| measured.wait))
    }

    /// By how much it was to grow.
    pub fn predicted_slope(&self) -> Option<f64> {
        slope(&self.points, |point| point.predicted)
    }

    /// The most clients with which it was measured, and what came of it.
    pub fn last(&self) -> Option<(usize, Measured)> {
        self.points.iter().rev().find_map(|point| Some((point.clients, point.measured?)))
    }
}

/// From the first point to the last.
fn slope(points: &[Point], time: impl Fn(&Point) -> Option<Duration>) -> Option<f64> {
    let [first, .., last] = points else { return None };
    let (from, to) = (time(first)?.as_secs_f64(), time(last)?.as_secs_f64());
    let clients = u32::try_from(last.clients.checked_sub(first.clients)?).ok()?;
    (clients > 0).then(|| (to - from) / f64::from(clients))
}

/// A slope, as people read it. A wait that became shorter did not grow.
pub fn slope_figure(slope: f64) -> String {
    let time = Duration::from_secs_f64(slope.max(0.0));
    let millis = slope * 1000.0;
    if (9.95..99.95).contains(&millis) { format!("{millis:.1} ms") } else { figure(time) }
}

/// A prediction, which is exact: 0 is not a small time.
pub fn predicted_figure(time: Option<Duration>) -> String {
    match time {
        None => String::new(),
        Some(Duration::ZERO) => "0".to_owned(),
        Some(time) => figure(time),
    }
}

/// Memory, as people read it.
pub fn memory_figure(kib: u64) -> String {
    format!("{}.{} MiB", kib / 1024, kib % 1024 * 10 / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::sample;

    #[test]
    fn the_slope_is_what_one_more_client_adds() {
        let [serial, threaded, unfinished] = sample::growths();
        let near = |slope: Option<f64>, wanted: f64| {
            assert!(slope.is_some_and(|slope| (slope - wanted).abs() < 0.0002), "{slope:?}");
        };
        near(serial.slope(), 0.0201);
        near(serial.predicted_slope(), 0.02);
        near(threaded.predicted_slope(), 0.0);
        assert_eq!(unfinished.slope(), None, "its last point is not there yet");
        let one = Growth { points: serial.points[..1].to_vec(), ..serial };
        assert_eq!(one.slope(), None, "one point has no slope");
    }

    #[test]
    fn figures_say_no_more_than_is_known() {
        assert_eq!(slope_figure(0.02012), "20.1 ms");
        assert_eq!(slope_figure(0.0025), "2.5 ms");
        assert_eq!(slope_figure(-0.001), "<0.1 ms");
        assert_eq!(predicted_figure(Some(Duration::ZERO)), "0");
        assert_eq!(predicted_figure(None), "");
        assert_eq!(memory_figure(2355), "2.2 MiB");
    }
}
