//! exercise: 11
//! verdict: UNBOUNDED; macos PASS; windows PASS
//! Reads on while its replies are not sent: a client that does not read fills its memory.

use rustix::event::PollFlags;
use wrong_servers::polled::{Client, in_one_thread};

pub fn main() {
    let wants = |client: &Client| match client.unsent.is_empty() {
        true => PollFlags::IN,
        false => PollFlags::IN | PollFlags::OUT,
    };
    in_one_thread(None, wants, |client: &mut Client| {
        match client.read_once() {
            Ok(false) => Ok(false),
            Ok(true) if !client.answer_lines() => Ok(false),
            // Nothing more has arrived, but there may be room.
            _ => client.write_once(),
        }
    });
}
