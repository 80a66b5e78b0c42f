//! Lab 08, the client: that of lab 05, unchanged.
//!
//! A server that stops closes its connection; the client notices when it sends the next line.
//!
//!     cargo run --example 08_graceful_session_server    in another terminal, first
//!     cargo run --example 08_graceful_session_client    in this one

#[path = "05_threaded_session_client.rs"]
mod client;

fn main() -> socketlab::Outcome {
    client::main()
}
