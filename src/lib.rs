//! What the lessons of socketlab share and do not teach.
//!
//! The lessons stand in `examples/`, and every call that one of them teaches (`bind`, `accept`,
//! `connect`, `read`, `write_all`, `spawn`, `join`, `lock`) stands there in the open. Here is only
//! the rest, one file for each job:
//!
//! | job | items |
//! | --- | --- |
//! | the command line: `--host`, `--port`, and errors that say what to do next | [`Address`] |
//! | options that one lab or exercise has beyond these | [`record_options`], [`hold_option`], [`message_options`], [`patience_option`], [`max_option`], [`pool_options`], [`writing_option`], [`flood_option`] |
//! | where clients connect to a listener | [`address_of`] |
//! | printing a line, and asking for one | [`say!`], [`ask`] |
//! | showing what a peer sent without trusting it | [`printable()`] |
//! | errors for people | [`Failure`], [`Outcome`], [`reason`], [`lost_server`] |
//! | going on when `accept` fails | [`report_and_wait`], [`report`] |
//! | Ctrl-C | [`exit_at_ctrl_c`], [`on_ctrl_c`] |

#![warn(missing_docs)]

mod accept_errors;
mod address;
mod console;
mod failure;
mod lab_options;
mod listener_address;
mod printable;
mod stop;

pub use accept_errors::{report, report_and_wait};
pub use address::Address;
pub use console::{ask, print_line};
pub use failure::{Failure, Outcome, lost_server, reason};
pub use lab_options::{Hold, RecordStyle, hold_option, message_options, record_options};
pub use lab_options::{Writing, flood_option, writing_option};
pub use lab_options::{max_option, patience_option, pool_options};
pub use listener_address::address_of;
pub use printable::{Printable, printable};
pub use stop::{exit_at_ctrl_c, on_ctrl_c};
