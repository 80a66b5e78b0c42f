//! Several rounds with the same number of clients: the middle one counts.

use std::time::Duration;

use crate::draw::growth::Measured;
use crate::grow::round::{Round, Running};
use crate::grow::servers::Conversation;
use crate::process::interrupt::Stopped;

/// How many rounds there are, if they are short.
pub const ROUNDS: usize = 3;

/// A round that is to take longer than this is not repeated: most of it is thinking, which is the same
/// each time, and the class waits.
pub const LONG_ROUND: Duration = Duration::from_millis(500);

/// Measures one point. `begins` is told the number of each round. A round is to take as long as
/// `expected`, or else as long as the first one took.
///
/// # Errors
/// As [`Running::round`].
pub fn measure(
    server: &mut Running,
    conversation: Conversation,
    clients: usize,
    think: Duration,
    expected: Option<Duration>,
    mut begins: impl FnMut(usize),
) -> Result<Measured, Stopped> {
    let mut rounds = Vec::new();
    for number in 1..=ROUNDS {
        begins(number);
        let round = server.round(conversation, clients, think)?;
        rounds.push(round);
        if expected.unwrap_or(round.took) > LONG_ROUND {
            break;
        }
    }
    Ok(middle(&rounds))
}

/// The middle wait; of what the server took, the most.
fn middle(rounds: &[Round]) -> Measured {
    let mut waits: Vec<Duration> = rounds.iter().map(|round| round.longest_wait).collect();
    waits.sort_unstable();
    Measured {
        // Of two, the longer one.
        wait: waits.get(waits.len() / 2).copied().unwrap_or_default(),
        rounds: rounds.len(),
        usage: rounds
            .iter()
            .filter_map(|round| round.usage)
            .max_by_key(|usage| (usage.threads, usage.resident_kib)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_round_counts() {
        let round = |millis| Round {
            longest_wait: Duration::from_millis(millis),
            took: Duration::ZERO,
            usage: None,
        };
        let middle =
            |millis: &[u64]| middle(&millis.iter().copied().map(round).collect::<Vec<_>>());
        assert_eq!(middle(&[30, 10, 20]).wait, Duration::from_millis(20));
        assert_eq!(middle(&[30]).wait, Duration::from_millis(30));
        assert_eq!(middle(&[30, 10, 20]).rounds, 3);
    }
}
