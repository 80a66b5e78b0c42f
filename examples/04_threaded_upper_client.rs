//! Lab 04, the client: that of lab 01, unchanged.
//!
//! A client does not notice that the server has threads.
//!
//!     cargo run --example 04_threaded_upper_server      in another terminal, first
//!     cargo run --example 04_threaded_upper_client      in this one

#[path = "01_blocking_upper_client.rs"]
mod client;

fn main() -> socketlab::Outcome {
    client::main()
}
