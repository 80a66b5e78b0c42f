//! The lab assistant: `cargo run -- labs`, `demo`, `check` and so on.
//!
//! The parts know nothing of acts or labs, so that each command can use them:
//!
//! | job | module |
//! | --- | --- |
//! | what happened to each client, and when | [`record`] |
//! | a client that follows a script | [`scripted_client`] |
//! | starting and surely ending a server | [`server_process`] |
//! | building examples, and copies of them to run | [`cargo_build`], [`json_reader`], [`examples`] |
//! | reading lanes from a record | [`lanes`] |
//! | drawing them | [`draw_text`], [`draw_svg`] |
//! | times for people | [`figures`] |
//! | where the threads of a program stand | [`threads`] |
//! | the screen and the Enter key | [`terminal`] |
//! | a whole terminal that is drawn again and again | [`page`] |
//! | Ctrl-C | [`interrupt`] |
//! | `--help` | [`help_option`] |
//!
//! On top of them stand the commands: [`course`], [`demo`], [`watch`] and [`check`].

pub mod cargo_build;
pub mod check;
pub mod course;
pub mod demo;
pub mod draw_svg;
pub mod draw_text;
pub mod examples;
pub mod figures;
pub mod help_option;
pub mod interrupt;
pub mod json_reader;
pub mod lanes;
pub mod page;
pub mod record;
#[cfg(test)]
mod sample;
pub mod scripted_client;
pub mod server_process;
pub mod terminal;
pub mod threads;
pub mod watch;
