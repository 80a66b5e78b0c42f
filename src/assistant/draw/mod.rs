//! What people see: lanes as text and as pictures, figures, the screen.

pub mod bars;
pub mod columns;
pub mod csv;
pub mod curves;
pub mod figures;
pub mod growth;
pub mod lanes;
pub mod page;
pub mod questions;
#[cfg(test)]
pub mod sample;
pub mod svg;
pub mod terminal;
pub mod text;
pub mod thread_lanes;
