//! exercise: 03
//! verdict: PASS
//! Right: starts slowly, as an interpreter does, and listens on all addresses of IPv6, and so of IPv4.

use std::net::{Ipv6Addr, TcpListener};
use std::thread;
use std::time::Duration;

use wrong_servers::{bind, next_client, option, play, report};

pub fn main() {
    thread::sleep(Duration::from_millis(1500));
    // Not every system has IPv6.
    let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, option("--port", 0)));
    let listener = listener.unwrap_or_else(|_| bind());
    for number in 1.. {
        let (stream, peer) = next_client(&listener);
        thread::spawn(move || report(peer, play(&stream, peer, number)));
    }
}
