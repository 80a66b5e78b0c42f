//! Clients that speak at the same time, each in a thread of its own.

use std::io::Read;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::client::scripted::is_timeout;
use crate::process::interrupt;

/// Whether this many bytes come within `patience`, and before Ctrl-C.
pub fn receive(client: &mut TcpStream, bytes: &mut [u8], patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    let mut length = 0;
    while length < bytes.len() {
        match client.read(&mut bytes[length..]) {
            Ok(0) => return false,
            Ok(more) => length += more,
            Err(error) if is_timeout(&error) => {
                if interrupt::requested() || Instant::now() > deadline {
                    return false;
                }
            }
            Err(_) => return false,
        }
    }
    true
}
