//! Clients that follow a script, and the record of what happened to them.

pub mod record;
pub mod scripted;
