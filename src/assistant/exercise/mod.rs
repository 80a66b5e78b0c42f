//! The files of an exercise: the student's, the starter, the solution, the hints.

pub mod build;
pub mod files;
