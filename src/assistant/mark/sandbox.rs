//! Running a build or a check where a hand-in sees nothing of its user: bubblewrap (bwrap(1)). A read-only system, no home
//! folder, a network and process ids of its own, and a `/tmp` that nobody else sees.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use socketlab::Failure;

use crate::process::examples::package_folder;

/// What is seen inside, besides the system.
#[derive(Debug, Clone)]
pub struct Sandbox {
    /// The class's folder: programs in other languages are run there.
    pub class: PathBuf,
    /// Where hand-ins are built.
    pub work: PathBuf,
}

impl Sandbox {
    /// Tries it. Fails where it cannot work, and says what to do.
    pub fn must_work(&self) -> Result<(), Failure> {
        let tried = self.around(&Command::new("true"), false).output();
        let tried = tried.map_err(|_| {
            Failure::new(
                "--sandbox needs bubblewrap: install it (apt install bubblewrap), or mark without",
            )
        })?;
        if tried.status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&tried.stderr);
        let last = words.lines().last().unwrap_or("it said nothing").to_owned();
        let cure = if last.contains("uid map") || last.contains("RTM_NEWADDR") {
            " This system does not let users make namespaces. On Ubuntu 24.04 an administrator allows it for bwrap:\n  \
             sudo apt install apparmor-profiles\n  \
             sudo cp /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/\n  \
             sudo apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict"
        } else {
            ""
        };
        Err(Failure::new(format!("--sandbox does not work here: bwrap says \"{last}\".{cure}")))
    }

    /// The same command inside. A build may write below [`Sandbox::work`], and sees what cargo has fetched.
    pub fn around(&self, command: &Command, is_build: bool) -> Command {
        let mut inside = Command::new("bwrap");
        inside.args(["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]);
        let home = env::home_dir();
        let kit = package_folder();
        inside.args(home.iter().flat_map(|home| [OsString::from("--tmpfs"), home.into()]));
        let mut show = |how: &str, path: &Path| {
            inside.arg(how).args([path, path]);
        };
        show("--ro-bind", &kit);
        show("--ro-bind", &self.class);
        if is_build {
            let of_home = |name: &str, folder: &str| {
                env::var_os(name).map(PathBuf::from).or(home.as_ref().map(|home| home.join(folder)))
            };
            // Not all of it: cargo keeps the user's tokens there.
            for part in ["bin", "registry", "git", "config.toml"] {
                let cargo = of_home("CARGO_HOME", ".cargo").map(|cargo| cargo.join(part));
                cargo.iter().for_each(|part| show("--ro-bind-try", part));
            }
            of_home("RUSTUP_HOME", ".rustup").iter().for_each(|it| show("--ro-bind-try", it));
            show("--bind", &self.work);
        } else {
            show("--ro-bind", &self.work);
        }
        inside.args(["--unshare-all", "--die-with-parent", "--new-session", "--chdir"]);
        inside.arg(command.get_current_dir().unwrap_or(&kit)).arg(command.get_program());
        inside.args(command.get_args());
        inside
    }
}
