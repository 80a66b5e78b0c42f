//! Tells what a check has found: to people, and to scripts.

pub mod json;
pub mod parts;
pub mod report;
mod steps;
