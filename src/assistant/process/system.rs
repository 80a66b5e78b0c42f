//! What this system lets the assistant see and do.
//!
//! Tests set `SOCKETLAB_SYSTEM` to `macos`, `windows`, or `sandbox` for a Linux that refuses netlink: that takes
//! away what these systems lack, so that what the assistant says there can be seen on Linux. With
//! `SOCKETLAB_WORDS` it says in other words where a server's threads stand: no verdict may hang on them.

use std::env;
use std::path::Path;
use std::sync::OnceLock;

fn name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| env::var("SOCKETLAB_SYSTEM").unwrap_or(env::consts::OS.to_owned()))
}

/// Whether what is said of threads is said in other words.
pub fn has_other_words() -> bool {
    env::var_os("SOCKETLAB_WORDS").is_some()
}

/// The folder in which the system says what its programs do (proc(5)); only Linux has it.
pub fn proc() -> Option<&'static Path> {
    matches!(name(), "linux" | "sandbox").then(|| Path::new("/proc"))
}

/// Whether the system may be asked about its sockets (sock_diag(7)); only Linux can, and a sandbox may refuse it.
pub fn has_sock_diag() -> bool {
    name() == "linux"
}

/// Whether a program can be stopped here as its user would, by Ctrl-C. On Windows that takes a call
/// that std does not have (`GenerateConsoleCtrlEvent`).
pub fn has_ctrl_c() -> bool {
    cfg!(unix) && name() != "windows"
}
