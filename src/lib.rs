//! What the lessons of socketlab share and do not teach.
//!
//! The lessons stand in `examples/`, and every call that one of them teaches (`bind`, `accept`,
//! `connect`, `read`, `write_all`, `spawn`, `join`, `lock`) stands there in the open. Here is only
//! the rest, one file for each job:
//!
//! | job | items |
//! | --- | --- |
//! | where to listen or connect: `--host`, `--port`, and errors that say what to do next | [`Address`], [`server_command`], [`client_command`] |
//! | the switches of labs 05 to 07 | [`stack_option`], [`record_options`], [`hold_option`], [`pause`] |
//! | the limits of exercises 02 and 05 | [`patience_option`], [`max_option`] |
//! | printing that outlives a closed pipe, and asking | [`say!`], [`ask`] |
//! | showing what a peer sent without trusting it | [`printable()`] |
//! | errors for people | [`Failure`], [`Outcome`], [`reason`], [`lost_server`] |
//! | going on when `accept` fails | [`report_accept_error`] |
//! | input that nobody read | [`hang_up`], [`skip_the_rest`] |
//! | stopping at Ctrl-C | [`stop_at_once`], [`on_ctrl_c`], [`wake_at_ctrl_c`], [`stopping`], [`say_stopped`] |
//! | running a lesson and watching it, for the tests and the assistant | [`program`] |
//! | the threads of a server and their sockets, from lab 05 on | [`Conversations`] |

#![warn(missing_docs)]

mod accept_errors;
mod address;
mod console;
mod conversations;
mod failure;
mod lab_options;
mod printable;
pub mod program;
mod stop;
mod unread;

pub use accept_errors::report_accept_error;
pub use address::{Address, client_command, server_command};
pub use console::{ask, print_line};
pub use conversations::Conversations;
pub use failure::{Failure, Outcome, lost_server, reason};
pub use lab_options::{RecordStyle, hold_option, record_options, stack_option};
pub use lab_options::{max_option, patience_option};
pub use printable::{Printable, printable};
pub use stop::{Served, on_ctrl_c, pause, say_stopped, stop_at_once, stopping, wake_at_ctrl_c};
pub use unread::{hang_up, skip_the_rest};
