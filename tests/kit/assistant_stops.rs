//! The assistant is stopped, by Ctrl-C or by force, whatever it is doing; nothing that it has started outlives it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use support::{PATIENCE, assistant_program, built, root};

/// Ends a child on every path out of a test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Killed {
    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.0.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }
}

fn profile_folder() -> &'static Path {
    built()
}

/// Tries again until `found` finds something.
#[track_caller]
fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} does not happen");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_second_ctrl_c_ends_it_while_its_output_is_a_full_pipe() {
    // The shell fills the pipe, whose size is 64 KiB on Linux and macOS, and becomes the assistant.
    built();
    let mut shell = Command::new("sh");
    let script =
        "dd if=/dev/zero bs=65536 count=1 2>/dev/null; exec \"$0\" demo --act 1 --think 60";
    shell.args(["-c", script, assistant_program().to_str().unwrap()]).current_dir(root());
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut assistant = Killed(shell.spawn().unwrap());
    // Once it has copied its servers, printing is next, and nobody looks at Ctrl-C before that.
    let copies = profile_folder().join(format!("assistant-{}-0", assistant.0.id()));
    wait_for("the copy", || copies.exists().then_some(()));
    let mut signals = 0;
    let end = wait_for("its end", || {
        // Two at once can be one.
        assistant.signal("INT");
        signals += 1;
        thread::sleep(Duration::from_millis(20));
        assistant.0.try_wait().unwrap()
    });
    assert_eq!(end.code(), Some(130), "after {signals} signals");
}

/// What /proc knows about processes.
#[cfg(target_os = "linux")]
mod processes {
    use std::fs;

    use super::*;
    use assistant::process::program::Program;
    use support::kit::Kit;

    /// The processes for which `is_it` holds; it gets the folder of each.
    fn processes(is_it: impl Fn(&Path) -> Option<bool>) -> Vec<String> {
        let process = |entry: std::io::Result<fs::DirEntry>| {
            let folder = entry.ok()?.path();
            is_it(&folder)?.then(|| folder.file_name()?.to_str().map(str::to_owned))?
        };
        fs::read_dir("/proc").unwrap().filter_map(process).collect()
    }

    fn copies(owner: u32) -> String {
        format!("/assistant-{owner}-")
    }

    fn servers_of(owner: u32) -> Vec<String> {
        processes(|process| {
            let executable = fs::read_link(process.join("exe")).ok()?;
            Some(executable.to_str()?.contains(&copies(owner)))
        })
    }

    /// The processes that have a word with this text on their command line.
    fn with_word(text: &str) -> Vec<String> {
        processes(|process| {
            let line = fs::read(process.join("cmdline")).ok()?;
            Some(String::from_utf8_lossy(&line).contains(text))
        })
    }

    fn demo() -> Program {
        let mut command = support::assistant(&["demo", "--act", "1", "--think", "60"]);
        Program::start(&mut command).unwrap()
    }

    #[test]
    fn ended_by_another_signal_it_leaves_no_server() {
        let program = demo();
        wait_for("a server", || (!servers_of(program.id()).is_empty()).then_some(()));
        // Not HUP, which `nohup` has all programs ignore that these tests start.
        program.signal("TERM").unwrap();
        wait_for("the server's end", || servers_of(program.id()).is_empty().then_some(()));
    }

    #[test]
    fn killed_by_force_it_leaves_no_server_and_its_copies_are_deleted_later() {
        let program = demo();
        let owner = program.id();
        wait_for("a server", || (!servers_of(owner).is_empty()).then_some(()));
        program.signal("KILL").unwrap();
        let killed = Instant::now();
        wait_for("the server's end", || servers_of(owner).is_empty().then_some(()));
        assert!(killed.elapsed() < Duration::from_secs(1), "{:?}", killed.elapsed());
        drop(program); // reaps it
        let abandoned = || {
            let entries = fs::read_dir(profile_folder()).unwrap();
            let mut names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            names.any(|name| name.starts_with(&copies(owner)[1..]))
        };
        assert!(abandoned(), "there was nothing to be deleted");
        let next = demo();
        wait_for("a server", || (!servers_of(next.id()).is_empty()).then_some(()));
        assert!(!abandoned());
    }

    /// A build that never ends, because the compiler reads a pipe into which nothing is written.
    #[test]
    fn a_build_ends_with_the_assistant() {
        let kit = Kit::copy();
        kit.verdict(); // builds the libraries
        let pipe = kit.folder.join("labs/01_blocking_upper/pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let program = "const PIPE: &[u8] = include_bytes!(\"pipe\");\nfn main() {}\n";
        fs::write(kit.practice(), program).unwrap();
        let crate_name = "--crate-name\x0001_practice\0";
        let compilers = || {
            with_word(crate_name).into_iter().filter(|process| {
                let folder = fs::read_link(Path::new("/proc").join(process).join("cwd"));
                folder.is_ok_and(|folder| folder == fs::canonicalize(&kit.folder).unwrap())
            })
        };
        for (signal, status) in [("INT", Some(130)), ("KILL", None)] {
            let mut check = Program::start(&mut kit.command(&["check", "01"])).unwrap();
            wait_for("a compiler", || compilers().next());
            check.signal(signal).unwrap();
            let end = check.wait_for_end(PATIENCE).unwrap_or_else(|gave_up| panic!("{gave_up}"));
            assert_eq!(end.code(), status, "{signal}");
            let ended = Instant::now();
            wait_for("the compiler's end", || compilers().next().is_none().then_some(()));
            assert!(ended.elapsed() < Duration::from_secs(1), "{signal}: {:?}", ended.elapsed());
        }
    }
}
