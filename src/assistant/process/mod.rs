//! Programs: built, started, watched and surely ended. And what may stop all that: Ctrl-C.

pub mod cargo_build;
pub mod examples;
pub mod free_port;
pub mod groups;
pub mod interrupt;
pub mod program;
pub mod server_process;
pub mod shell;
pub mod system;
pub mod tool;
