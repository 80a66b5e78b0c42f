//! What is said of the measurement, from what was measured.

use std::time::Duration;

use crate::draw::columns::cut;
use crate::draw::csv::cell;
use crate::draw::figures::{figure, spoken};
use crate::draw::growth::{Growth, memory_figure, predicted_figure, slope_figure};
use crate::grow::round::{LONG_ROUND, ROUNDS};

/// What is said at the end, when all servers were measured.
pub const TAKE_HOME: &str = "Take home: one more client adds the time that a client thinks, divided by \
     the number of clients that can think at the same moment. With one thread, or one lock for the \
     conversation, one client can think. With a thread for each client, all can, and each costs a \
     thread and its memory. With `poll`, all can, and one thread is enough.";

/// What is said where the system does not tell threads and memory.
pub const NO_USAGE: &str =
    "Threads and memory are left out: only Linux says how much of them a program uses.";

/// By how much one more client made the longest wait longer.
pub fn sentence(growth: &Growth) -> String {
    let Some((clients, last)) = growth.last() else { return String::new() };
    let wait = format!(
        "The longest wait of {clients} {} was {}.",
        if clients == 1 { "client" } else { "clients" },
        spoken(last.wait)
    );
    match (growth.slope(), growth.predicted_slope()) {
        (Some(slope), Some(predicted)) => {
            let predicted = if predicted == 0.0 { "0".to_owned() } else { slope_figure(predicted) };
            let slope = slope_figure(slope);
            format!("{wait} One more client added {slope}; the prediction is {predicted}.")
        }
        (Some(slope), None) => format!("{wait} One more client added {}.", slope_figure(slope)),
        (None, _) => wait,
    }
}

/// By how much one more client made each server's longest wait longer.
pub fn slopes(growths: &[Growth]) -> String {
    let slope =
        |growth: &Growth| Some(format!("{} by {}", growth.name, slope_figure(growth.slope()?)));
    let slopes: Vec<String> = growths.iter().filter_map(slope).collect();
    if slopes.is_empty() {
        return String::new();
    }
    format!("One more client makes the longest wait longer: {}.", slopes.join(", "))
}

/// Whether the waits grew as predicted, but for noise.
pub fn is_as_predicted(growth: &Growth, think: Duration) -> bool {
    let (Some(slope), Some(predicted)) = (growth.slope(), growth.predicted_slope()) else {
        return false;
    };
    (slope - predicted).abs() <= (predicted / 4.0).max(think.as_secs_f64() / 20.0)
}

/// How long the rounds take if the waits are as predicted; a server without a prediction counts as one
/// that serves one client at a time.
pub fn estimate(growths: &[Growth], think: Duration) -> Duration {
    let points = growths.iter().flat_map(|growth| &growth.points);
    let rounds = points.map(|point| {
        let alone = think * u32::try_from(point.clients).unwrap_or(u32::MAX);
        let round = point.predicted.map_or(alone, |predicted| predicted + think);
        if round > LONG_ROUND { round } else { round * u32::try_from(ROUNDS).unwrap_or(1) }
    });
    rounds.sum()
}

/// All servers with the most clients.
pub fn table(growths: &[Growth]) -> String {
    let most = growths.iter().filter_map(Growth::last).map(|(clients, _)| clients).max();
    let has_usage = growths.iter().any(|it| it.last().is_some_and(|(_, it)| it.usage.is_some()));
    let usage_words =
        if has_usage { format!("{:>9}{:>10}", "threads", "memory") } else { String::new() };
    let heading = format!("longest wait of {}", most.unwrap_or_default());
    let mut table = format!("{:<26}{heading:>20}{:>13}\n", "", "one more");
    let server = "server";
    table += &format!(
        "  {server:<24}{:>10}{:>10}{:>13}{usage_words}\n",
        "measured", "predicted", "client adds"
    );
    for growth in growths {
        let Some((clients, last)) = growth.last() else { continue };
        let point = growth.points.iter().find(|point| point.clients == clients);
        let predicted = predicted_figure(point.and_then(|point| point.predicted));
        let slope = growth.slope().map_or(String::new(), slope_figure);
        let name = cut(&growth.name, 23);
        let usage = last.usage.map_or(String::new(), |usage| {
            format!("{:>9}{:>10}", usage.threads, memory_figure(usage.resident_kib))
        });
        let wait = figure(last.wait);
        table += &format!("  {name:<24}{wait:>10}{predicted:>10}{slope:>13}{usage}\n");
    }
    table
}

/// The figures for a spreadsheet, one line for each point; times in milliseconds.
pub fn csv(growths: &[Growth]) -> String {
    let mut csv =
        "server,clients,rounds,longest_wait_ms,predicted_ms,threads,resident_kib\n".to_owned();
    for growth in growths {
        let name = cell(&growth.name);
        for point in &growth.points {
            let Some(measured) = point.measured else { continue };
            let (clients, rounds) = (point.clients, measured.rounds);
            let wait = millis(measured.wait);
            let predicted = point.predicted.map_or(String::new(), millis);
            let usage = measured.usage.map_or(",".to_owned(), |usage| {
                format!("{},{}", usage.threads, usage.resident_kib)
            });
            csv += &format!("{name},{clients},{rounds},{wait},{predicted},{usage}\n");
        }
    }
    csv
}

fn millis(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::sample;

    #[test]
    fn what_is_said_is_what_was_measured() {
        let [serial, threaded, yours] = sample::growths();
        assert_eq!(
            sentence(&serial),
            "The longest wait of 16 clients was 302 ms. One more client added 20.1 ms; the \
             prediction is 20.0 ms."
        );
        assert_eq!(
            sentence(&threaded),
            "The longest wait of 16 clients was 1.8 ms. One more client added 0.1 ms; the \
             prediction is 0."
        );
        assert_eq!(sentence(&yours), "The longest wait of 8 clients was 400 ms.");
        let think = Duration::from_millis(20);
        assert!(is_as_predicted(&serial, think) && is_as_predicted(&threaded, think));
        let mut off = serial;
        off.points.iter_mut().for_each(|point| point.predicted = Some(Duration::ZERO));
        assert!(!is_as_predicted(&off, think));
        assert!(!is_as_predicted(&yours, think), "nothing was predicted");
    }

    #[test]
    fn the_estimate_repeats_short_rounds_only() {
        let [serial, threaded, yours] = sample::growths();
        let think = Duration::from_millis(20);
        // 20 + 40 + 160 + 320 ms, three times.
        assert_eq!(estimate(&[serial], think), Duration::from_millis(1620));
        assert_eq!(estimate(&[threaded], think), Duration::from_millis(240));
        // With 100 ms: 100, 200 three times, 800 and 1600 once.
        assert_eq!(estimate(&[yours], think * 5), Duration::from_millis(3300));
    }

    #[test]
    fn the_table_and_the_file_are_as_they_were() {
        let growths = sample::growths();
        sample::assert_as_in("growth_table.txt", &table(&growths));
        sample::assert_as_in("growth.csv", &csv(&growths));
    }
}
