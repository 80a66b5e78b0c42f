//! The demonstration: which server each act runs, what its clients do, and what is said about it.

pub mod acts;
pub mod plain;
pub mod play;
pub mod records;
pub mod words;
