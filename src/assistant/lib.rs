//! The lab assistant: `cargo run -- labs`, `demo`, `watch`, `check` and so on. It may use well-kept libraries; the
//! lessons' library (`socketlab`) is what it shares with the lessons.
//!
//! Its floors, from the top down; a floor uses those below it only:
//!
//! | floor | what it does |
//! | --- | --- |
//! | [`course`] | the table of labs |
//! | [`commands`] | one file for each command: its options, its screen |
//! | [`demo`], [`grow`], [`check`] | acts of the demonstration; waits that grow; scenes of the exercises, and what they mean |
//! | [`exercise`], [`draw`] | the student's files; lanes, pictures, the terminal |
//! | [`client`], [`threads`] | scripted clients and their record; where a program's threads stand |
//! | [`process`] | programs: built, started, watched, surely ended |

#![allow(
    rustdoc::private_intra_doc_links,
    reason = "the documentation is for those who work on it"
)]

pub mod check;
pub mod client;
pub mod commands;
pub mod course;
pub mod demo;
pub mod draw;
pub mod exercise;
pub mod grow;
pub mod mark;
pub mod process;
pub mod threads;
