//! exercise: 11
//! verdict: PASS
//! Reads until nothing more has arrived, with a bound on what is not sent; and has a timeout that it does not need.

use rustix::event::Timespec;
use std::io::ErrorKind;
use wrong_servers::polled::{Client, in_one_thread, one_thing};

const BOUND: usize = 64 * 1024;

pub fn main() {
    let often = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
    in_one_thread(Some(often), one_thing, |client: &mut Client| {
        while client.unsent.len() < BOUND {
            match client.read_once() {
                Ok(true) if client.answer_lines() => {}
                Ok(true) => return Ok(false),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
                // What it owes fits into the system's buffers.
                Ok(false) => return client.write_once().map(|_| false),
            }
        }
        client.write_once()
    });
}
