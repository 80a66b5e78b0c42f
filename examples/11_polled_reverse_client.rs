//! Lab 11, the client: that of lab 07, unchanged.
//!
//! A client does not notice that the server has no thread for it.
//!
//!     cargo run --example 11_polled_reverse_server      in another terminal, first
//!     cargo run --example 11_polled_reverse_client      in this one

#[path = "07_locked_reverse_client.rs"]
mod client;

fn main() -> socketlab::Outcome {
    client::main()
}
