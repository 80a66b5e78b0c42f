//! Marking a class: every hand-in built aside and checked, several at once, and what lecturers' systems read.

pub mod formats;
pub mod results;
