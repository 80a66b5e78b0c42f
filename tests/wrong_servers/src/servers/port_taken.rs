//! exercise: 01
//! verdict: PORT_TAKEN
//! Binds its port a second time, and ends because the port is taken.

use std::net::TcpListener;

use wrong_servers::{bind, fail};

pub fn main() {
    let listener = bind();
    let address = listener.local_addr().unwrap();
    match TcpListener::bind(address) {
        Ok(_) => println!("listening on {address}"),
        Err(error) => fail(&error),
    }
}
