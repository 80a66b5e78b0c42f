//! Lab 09, the client: that of lab 03, unchanged.
//!
//! A client that is refused gets another first line, and takes it for the greeting.
//!
//!     cargo run --example 09_pooled_greeter_server    in another terminal, first
//!     cargo run --example 09_pooled_greeter_client    in this one

#[path = "02_blocking_greeter_client.rs"]
mod client;

fn main() -> socketlab::Outcome {
    client::main()
}
