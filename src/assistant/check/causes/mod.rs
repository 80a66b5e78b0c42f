//! What it means that a step has missed something: the finding, and its evidence.

mod diagnose;
mod kept_waiting;
