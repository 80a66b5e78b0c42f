//! exercise: 01
//! verdict: NOT_LISTENING
//! Says that it listens on one port, and listens on another.

use std::net::TcpListener;

use wrong_servers::{bind, say_ready};

pub fn main() {
    let promised = bind();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    say_ready(&promised);
    drop(promised);
    while listener.accept().is_ok() {}
}
