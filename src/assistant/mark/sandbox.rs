//! Running a build or a check where a hand-in sees nothing of its user: bubblewrap (bwrap(1)). A read-only system, no
//! home folder, a network, an environment and process ids of its own, and a `/tmp` of its own.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use socketlab::Failure;

use crate::mark::builds::shared_target;
use crate::process::examples::package_folder;

/// How the names of the variables begin that are handed on.
const HANDED_ON: [&str; 10] = [
    "CARGO_HOME",
    "CARGO_TARGET",
    "CARGO_MANIFEST",
    "RUSTUP",
    "PATH",
    "HOME",
    "LANG",
    "LC_",
    "TERM",
    "JAVA_HOME",
];

/// What is seen inside, besides the system and the kit.
#[derive(Debug, Clone)]
pub struct Sandbox {
    /// Where hand-ins are built.
    pub work: PathBuf,
}

impl Sandbox {
    /// Tries it. Fails where it cannot work, and says what to do.
    pub fn must_work(&self) -> Result<(), Failure> {
        let tried = self.around_check(&Command::new("true"), &self.work).output();
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

    /// A build inside. It may write where hand-ins are built, and sees what cargo has fetched.
    pub fn around_build(&self, command: &Command) -> Command {
        let mut inside = system();
        let of_home = |name: &str, folder: &str| {
            env::var_os(name).map(PathBuf::from).or(env::home_dir().map(|home| home.join(folder)))
        };
        // The compiler may be installed in the home folder.
        let path = env::var_os("PATH").unwrap_or_default();
        for folder in env::split_paths(&path).filter(|folder| folder.is_absolute()) {
            show(&mut inside, "--ro-bind-try", &folder);
        }
        // Not all of it: cargo keeps the user's tokens there.
        for part in ["registry", "git", "config.toml"] {
            let cargo = of_home("CARGO_HOME", ".cargo").map(|cargo| cargo.join(part));
            cargo.iter().for_each(|part| show(&mut inside, "--ro-bind-try", part));
        }
        let rustup = of_home("RUSTUP_HOME", ".rustup");
        rustup.iter().for_each(|it| show(&mut inside, "--ro-bind-try", it));
        show(&mut inside, "--bind", &self.work);
        show(&mut inside, "--bind", &shared_target(&self.work));
        finish(inside, command)
    }

    /// A check inside, which sees this file or folder of the hand-in, and none of another one.
    pub fn around_check(&self, command: &Command, own: &Path) -> Command {
        let mut inside = system();
        let program = env::current_exe().unwrap_or_default();
        let examples = program.with_file_name("examples");
        let others = self.work.parent().unwrap_or(&self.work);
        for hidden in [others, &examples].into_iter().filter(|folder| folder.exists()) {
            inside.arg("--tmpfs").arg(hidden);
        }
        show(&mut inside, "--ro-bind", &program);
        show(&mut inside, "--ro-bind", own);
        finish(inside, command)
    }
}

/// The system and the kit, without the user's files and the sockets of the system's services.
fn system() -> Command {
    let mut inside = Command::new("bwrap");
    inside.args(["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]);
    inside.args(["--tmpfs", "/run"]);
    // NixOS has its programs there.
    show(&mut inside, "--ro-bind-try", Path::new("/run/current-system"));
    inside.args(env::home_dir().iter().flat_map(|home| [OsString::from("--tmpfs"), home.into()]));
    show(&mut inside, "--ro-bind", &package_folder());
    inside
}

fn show(inside: &mut Command, how: &str, path: &Path) {
    inside.arg(how).args([path, path]);
}

fn finish(mut inside: Command, command: &Command) -> Command {
    inside.args(["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]);
    inside.arg("--clearenv");
    let is_handed_on = |name: &str| HANDED_ON.iter().any(|it| name.starts_with(it));
    let kept = env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_handed_on));
    let own = command.get_envs().filter_map(|(name, value)| Some((name.into(), value?.into())));
    for (name, value) in kept.chain(own) {
        inside.arg("--setenv").args([name, value]);
    }
    let kit = package_folder();
    inside.arg("--chdir").arg(command.get_current_dir().unwrap_or(&kit)).arg(command.get_program());
    inside.args(command.get_args());
    inside
}
