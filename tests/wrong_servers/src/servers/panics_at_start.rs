//! exercise: 03
//! verdict: DID_NOT_START
//! Panics before it listens.

use std::env;

pub fn main() {
    // No option has this name, whatever is on the command line.
    let address = env::args().find(|word| word == "--listen-on").unwrap();
    println!("listening on {address}");
}
