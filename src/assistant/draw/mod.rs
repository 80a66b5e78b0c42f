//! What people see: lanes as text and as pictures, figures, the screen.

pub mod columns;
pub mod figures;
pub mod lanes;
pub mod page;
pub mod records;
#[cfg(test)]
mod sample;
pub mod svg;
pub mod terminal;
pub mod text;
pub mod thread_lanes;
