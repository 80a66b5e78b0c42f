//! exercise: 11
//! verdict: SPINS; macos PASS; windows PASS
//! Waits for room to write while it has nothing to send: there is room, so `poll` never waits.

use rustix::event::PollFlags;
use wrong_servers::polled::{Client, in_one_thread, serve};

pub fn main() {
    let wants = |client: &Client| match client.unsent.is_empty() {
        true => PollFlags::IN | PollFlags::OUT,
        false => PollFlags::OUT,
    };
    in_one_thread(None, wants, serve);
}
