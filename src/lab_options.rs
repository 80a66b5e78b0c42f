//! The options that one lab has beyond `--host` and `--port`: switches that bring a fault back on
//! demand, and the limits that the exercises set.

use std::ops::RangeInclusive;
use std::time::Duration;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{Arg, ArgAction, value_parser};

use crate::address::{Address, client_command, server_command};

/// The longest patience of exercise 02, in seconds: an hour.
const LONGEST_PATIENCE: f64 = 3600.0;

/// The command line of exercise 02: `--patience`, in seconds and never zero; `--help` and bad
/// options end the process here.
pub fn patience_option(port: u16, about: &'static str) -> (Address, Duration) {
    let patience = Arg::new("patience")
        .long("patience")
        .value_name("SECONDS")
        .default_value("10")
        .hide_default_value(true)
        .value_parser(patience)
        .help(
            "How long a client may think about its answer, in seconds, such as\n\
             0.5; 10 by default.",
        );
    let matches = server_command(port, about).arg(patience).get_matches();
    let patience = matches.get_one::<Duration>("patience").copied().unwrap_or(Duration::MAX);
    (Address::from(&matches), patience)
}

/// Reads a number of seconds. A socket takes no timeout of zero (it would be none at all), so a
/// millisecond is the least.
fn patience(text: &str) -> Result<Duration, String> {
    let seconds: f64 =
        text.parse().map_err(|_| "not a number of seconds, such as 10 or 0.5".to_owned())?;
    if (0.001..=LONGEST_PATIENCE).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(format!("it must be between 0.001 and {LONGEST_PATIENCE} seconds"))
    }
}

/// The command line of exercise 08: `--max`, the number of conversations at once; `--help` and bad
/// options end the process here.
pub fn max_option(port: u16, about: &'static str) -> (Address, usize) {
    let max = Arg::new("max")
        .long("max")
        .value_name("N")
        .default_value("100")
        .hide_default_value(true)
        .value_parser(value_parser!(u64).range(1..=10000))
        .help("The most conversations at once: 1 to 10000, 100 by default.");
    let matches = server_command(port, about).arg(max).get_matches();
    let max = matches.get_one::<u64>("max").copied().unwrap_or(u64::MAX);
    (Address::from(&matches), usize::try_from(max).unwrap_or(usize::MAX))
}

/// The command line of lab 09's server: `--workers`, the number of threads, and `--queue`, how many
/// clients wait for one; `--help` and bad options end the process here.
pub fn pool_options(port: u16, about: &'static str) -> (Address, usize, usize) {
    let option = |name, default, range: RangeInclusive<u64>| {
        let option = Arg::new(name).long(name).value_name("N").default_value(default);
        option.hide_default_value(true).value_parser(value_parser!(u64).range(range))
    };
    let workers = option("workers", "2", 1..=1000)
        .help("How many clients are served at once: 1 to 1000, 2 by default.");
    let queue = option("queue", "1", 0..=100_000)
        .help("How many more clients may wait: 0 to 100000, 1 by default.");
    let matches = server_command(port, about).args([workers, queue]).get_matches();
    let number = |name| matches.get_one::<u64>(name).copied().unwrap_or_default();
    let [workers, queue] =
        ["workers", "queue"].map(|name| usize::try_from(number(name)).unwrap_or(usize::MAX));
    (Address::from(&matches), workers, queue)
}

/// How lab 06 prints its records.
#[derive(Debug, Clone, Copy)]
pub struct RecordStyle {
    /// Whether the lock is left out (`--unlocked`).
    pub unlocked: bool,
    /// The pause between two lines of a record (`--pause`, in milliseconds, at most 5000).
    pub pause: Duration,
}

/// The command line of lab 06's server: `--unlocked` and `--pause`; `--help` and bad options end the
/// process here.
pub fn record_options(port: u16, about: &'static str) -> (Address, RecordStyle) {
    let unlocked = Arg::new("unlocked")
        .long("unlocked")
        .action(ArgAction::SetTrue)
        .help("Leaves the lock out, so that records of two threads can be torn.");
    let pause = Arg::new("pause")
        .long("pause")
        .value_name("MS")
        .default_value("0")
        .hide_default_value(true)
        .value_parser(value_parser!(u64).range(..=5000))
        .help(
            "The pause between the lines of a record, in milliseconds: 0, the\n\
             default, to 5000.",
        );
    let matches = server_command(port, about).args([unlocked, pause]).get_matches();
    let style = RecordStyle {
        unlocked: matches.get_flag("unlocked"),
        pause: Duration::from_millis(matches.get_one("pause").copied().unwrap_or_default()),
    };
    (Address::from(&matches), style)
}

/// The command line of lab 06's client: `--say`, the message, which is never empty, and `--times`, how
/// often it is sent without asking; `--help` and bad options end the process here.
pub fn message_options(
    port: u16,
    about: &'static str,
    message: &'static str,
) -> (Address, String, u32) {
    let say = Arg::new("say")
        .long("say")
        .value_name("TEXT")
        .default_value(message)
        .hide_default_value(true)
        .value_parser(NonEmptyStringValueParser::new())
        .help(format!("What to send; by default\n\"{message}\"."));
    let times = Arg::new("times")
        .long("times")
        .value_name("N")
        .value_parser(value_parser!(u32).range(1..=100_000))
        .help(
            "Sends the message N times, 1 to 100000, and closes, without asking\n\
             whether to continue.",
        );
    let matches = client_command(port, about).args([say, times]).get_matches();
    let message = matches.get_one::<String>("say").cloned().unwrap_or_default();
    (Address::from(&matches), message, matches.get_one("times").copied().unwrap_or_default())
}

/// How long lab 07 holds the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// For the lines that belong together.
    Record,
    /// From a client's first line to its last, which is the classic mistake.
    Conversation,
}

/// The command line of lab 07: `--hold record|conversation`. `--help` and bad options end the process
/// here.
pub fn hold_option(port: u16, about: &'static str) -> (Address, Hold) {
    let hold = Arg::new("hold")
        .long("hold")
        .value_name("SPAN")
        .default_value("record")
        .hide_default_value(true)
        .hide_possible_values(true)
        .value_parser(PossibleValuesParser::new(["record", "conversation"]))
        .help(
            "How long the lock is held: for one `record`, the default, or for the\n\
             whole `conversation`, which is the classic mistake.",
        );
    let matches = server_command(port, about).arg(hold).get_matches();
    let hold = match matches.get_one::<String>("hold").map(String::as_str) {
        Some("conversation") => Hold::Conversation,
        _ => Hold::Record,
    };
    (Address::from(&matches), hold)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_a_decimal_number_and_never_zero() {
        assert_eq!(patience("0.3"), Ok(Duration::from_millis(300)));
        assert_eq!(patience("10"), Ok(Duration::from_secs(10)));
        for bad in ["0", "-1", "1e-9", "NaN", "inf", "1e300", "soon", ""] {
            assert!(patience(bad).is_err(), "{bad}");
        }
    }
}
