//! How to have programs built beside one that cargo has built.

use std::env::consts::ARCH;
use std::ffi::OsString;
use std::path::Path;

/// The options with which cargo puts programs into this folder: `target/debug`, `target/release`, or
/// `target/TARGET/debug` after `--target TARGET`. The names of targets begin with the architecture, as
/// in `x86_64-unknown-linux-musl`.
pub fn options(folder: &Path) -> Vec<OsString> {
    let name = |folder: &Path| folder.file_name().unwrap_or_default().to_owned();
    let mut options = Vec::new();
    let mut add = |option: &str, value: OsString| options.extend([option.into(), value]);
    if !folder.ends_with("debug") {
        add("--profile", name(folder));
    }
    let mut target_folder = folder.parent().unwrap_or(folder);
    let target = name(target_folder);
    if target.to_str().is_some_and(|target| target.starts_with(&format!("{ARCH}-"))) {
        add("--target", target);
        target_folder = target_folder.parent().unwrap_or(target_folder);
    }
    add("--target-dir", target_folder.into());
    options
}
