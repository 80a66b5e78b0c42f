//! Lab 03, the client: that of lab 02, unchanged.
//!
//! A client does not notice that the server has threads.
//!
//!     cargo run --example 03_threaded_greeter_server    in another terminal, first
//!     cargo run --example 03_threaded_greeter_client    in this one

#[path = "02_blocking_greeter_client.rs"]
mod client;

fn main() -> socketlab::Outcome {
    client::main()
}
