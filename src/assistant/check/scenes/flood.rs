//! A client that sends as fast as it can, and reads its replies.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::check::finding::{Halt, Outcome};
use crate::client::scripted::is_timeout;

/// How much is sent at the most, in bytes: a server may keep it all.
const MOST: usize = 96 * 1024 * 1024;

/// What has been sent, and what has come.
#[derive(Debug, Default)]
pub struct Flood {
    sent: AtomicUsize,
    received: AtomicUsize,
    is_over: AtomicBool,
}

impl Flood {
    /// Sends `text` again and again while `beside` is done, which is told of the flood, and then no more. The
    /// stream must have timeouts.
    pub fn rise(stream: &TcpStream, text: &[u8], beside: impl FnOnce(&Self) -> Outcome) -> Outcome {
        let flood = Self::default();
        thread::scope(|scope| {
            let read = thread::Builder::new().spawn_scoped(scope, || flood.read(stream));
            let write = thread::Builder::new().spawn_scoped(scope, || flood.write(stream, text));
            let step = match read.and(write) {
                Ok(_) => beside(&flood),
                Err(error) => Err(Halt::Stopped(error.into())),
            };
            flood.is_over.store(true, Ordering::Relaxed);
            step
        })
    }

    /// How many bytes have been sent so far.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// How many bytes have come so far.
    pub fn received(&self) -> usize {
        self.received.load(Ordering::Relaxed)
    }

    fn write(&self, mut stream: &TcpStream, text: &[u8]) {
        let mut left = text;
        while !self.is_over.load(Ordering::Relaxed) && self.sent() < MOST {
            match stream.write(left) {
                Ok(length) => {
                    self.sent.fetch_add(length, Ordering::Relaxed);
                    left = &left[length..];
                }
                Err(error) if goes_on(&error) => {}
                Err(_) => return,
            }
            if left.is_empty() {
                left = text;
            }
        }
    }

    fn read(&self, mut stream: &TcpStream) {
        let mut buffer = vec![0; 64 * 1024];
        while !self.is_over.load(Ordering::Relaxed) {
            match stream.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => {
                    self.received.fetch_add(length, Ordering::Relaxed);
                }
                Err(error) if goes_on(&error) => {}
                Err(_) => return,
            }
        }
    }
}

fn goes_on(error: &std::io::Error) -> bool {
    is_timeout(error) || error.kind() == ErrorKind::Interrupted
}
