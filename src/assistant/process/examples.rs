//! Where the kit stands, and copies of its examples to run.
//!
//! Copies, because an executable that is running cannot be rebuilt on Windows.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use socketlab::{Failure, reason};

use crate::process::cargo_build::{self, Executable};
use crate::process::interrupt::Stopped;

/// How the folders with copies begin; the process id and a number follow.
const FOLDER: &str = "assistant-";

/// Numbers the folders of this process.
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// A server of the labs and its options, as one types them behind `cargo run --example`.
#[derive(Debug, Clone, Copy)]
pub struct LabServer(pub &'static str);

impl LabServer {
    /// What one types to run it by hand.
    pub fn command(self) -> String {
        format!("cargo run --example {}", self.0)
    }

    /// The example that is run.
    pub fn example(self) -> &'static str {
        self.0.split(' ').next().unwrap_or_default()
    }

    /// The lab that it belongs to.
    pub fn lab(self) -> &'static str {
        self.example().trim_end_matches("_server")
    }

    /// Its options.
    pub fn options(self) -> Vec<&'static str> {
        self.0.split(' ').skip(2).collect()
    }
}

/// Copies of executables. When this is dropped, they are deleted.
#[derive(Debug)]
pub struct Examples {
    folder: PathBuf,
}

impl Examples {
    /// Builds these examples, each of them once, and copies them. What cargo and the compiler say of errors appears
    /// on standard error. Fails when cargo cannot be run, when an example does not build, and at Ctrl-C.
    pub fn build<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, Stopped> {
        let names: Vec<&str> = BTreeSet::from_iter(names).into_iter().collect();
        let profile = profile_folder()?;
        let built = cargo_build::build(&names, &profile, true)?.executables;
        let is_missing = |name: &&str| !built.iter().any(|executable| executable.name == *name);
        let missing: Vec<&str> = names.into_iter().filter(is_missing).collect();
        if !missing.is_empty() {
            let names = missing.join(", ");
            return Err(Stopped::Failed(Failure::new(format!(
                "{names} cannot be built: cargo says why above; mend that and run this again"
            ))));
        }
        Ok(Self::copy(&built, &profile)?)
    }

    /// Copies these executables to a new folder in `profile`, and deletes the folders there whose owners were killed.
    /// Fails when they cannot be copied.
    pub fn copy(built: &[Executable], profile: &Path) -> Result<Self, Failure> {
        delete_abandoned(profile);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = profile.join(format!("{FOLDER}{}-{number}", process::id()));
        let examples = Self { folder };
        let copied = fs::create_dir_all(&examples.folder).and_then(|()| {
            built.iter().try_for_each(|it| fs::copy(&it.path, examples.path(&it.name)).map(drop))
        });
        copied.map_err(|error| {
            let (folder, reason) = (examples.folder.display(), reason(&error));
            Failure::new(format!(
                "the programs cannot be copied to {folder} ({reason}): is the disk full?"
            ))
        })?;
        Ok(examples)
    }

    /// The executable of an example that was copied.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }
}

impl Drop for Examples {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Deletes the copies of processes that were killed.
fn delete_abandoned(profile: &Path) {
    for entry in fs::read_dir(profile).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(FOLDER)?.split('-').next());
        if owner.is_some_and(|owner| has_ended(owner, &entry)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether the process with this id has ended. Where `/proc` does not say, nothing that is run takes more than a day.
fn has_ended(owner: &str, folder: &fs::DirEntry) -> bool {
    if cfg!(target_os = "linux") {
        return !Path::new("/proc").join(owner).exists();
    }
    let age = folder.metadata().and_then(|folder| folder.modified()).map(|then| then.elapsed());
    age.is_ok_and(|age| age.is_ok_and(|age| age > Duration::from_secs(24 * 60 * 60)))
}

/// The folder of the kit: where cargo says, or else around this program, which may have been moved with the kit.
pub fn package_folder() -> PathBuf {
    let own = env::current_exe().unwrap_or_default();
    let told = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let built = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let is_kit =
        |folder: &&Path| folder.join("Cargo.toml").exists() && folder.join("labs").exists();
    let folders = [told.as_deref(), Some(&*own), Some(&*built)];
    let folder = folders.into_iter().flatten().flat_map(Path::ancestors).find(is_kit);
    folder.unwrap_or(&built).to_owned()
}

/// `target/debug` or `target/release`: where this program stands, or its tests one folder deeper. Fails where cargo does
/// not build: after `cargo install`, nothing can be built beside this program.
pub fn profile_folder() -> Result<PathBuf, Failure> {
    let executable = env::current_exe()?;
    let folder = executable.parent().unwrap_or(Path::new("."));
    let folder = if folder.ends_with("deps") { folder.parent() } else { Some(folder) };
    let folder = folder.unwrap_or(Path::new("."));
    if is_profile_folder(folder) {
        return Ok(folder.to_owned());
    }
    let folder = folder.display();
    Err(Failure::new(format!(
        "socketlab works only inside of a checkout of the kit, and {folder} is not a target folder: \
         change to the kit's folder and type `cargo run --` in place of `socketlab`"
    )))
}

/// Whether cargo builds into this folder. That of a profile with another name has its lock.
fn is_profile_folder(folder: &Path) -> bool {
    ["debug", "release"].iter().any(|profile| folder.ends_with(profile))
        || folder.join(".cargo-lock").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_installed_is_not_in_a_checkout() {
        assert!(is_profile_folder(Path::new("/kit/target/debug")));
        assert!(is_profile_folder(Path::new("/a b/x86_64-unknown-linux-musl/release")));
        assert!(!is_profile_folder(Path::new("/home/ada/.cargo/bin")));
        assert!(profile_folder().is_ok(), "these tests");
    }
}
