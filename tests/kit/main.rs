//! All tests of the kit that drive its programs, in one binary: one build, and what waits overlaps.
//!
//! `cargo test --test kit` runs them; `cargo test --test kit handouts::` runs one part.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a panic is how a test fails"
)]

mod acts;
mod arbitrary_bytes;
#[cfg(unix)]
mod assistant_stops;
mod checker;
mod clients;
mod demo;
mod doctor;
mod experiments;
mod faults;
mod grow;
mod handouts;
mod handouts_pages;
mod house;
#[cfg(target_os = "linux")]
mod languages;
mod lessons;
#[cfg(target_os = "linux")]
mod mark;
mod polled;
mod practice;
mod processes;
mod records;
mod room;
mod scripted;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod silence;
#[cfg(unix)]
mod stopping;
#[cfg(unix)]
mod transcripts;
#[cfg(unix)]
mod watch;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod zoo;
