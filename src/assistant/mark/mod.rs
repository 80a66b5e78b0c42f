//! Marking a class: every hand-in built aside and checked, several at once, and what lecturers' systems read.

pub mod bounds;
pub mod builds;
pub mod formats;
pub mod hand_ins;
pub mod marker;
pub mod programs;
pub mod results;
pub mod sandbox;
pub mod table;
