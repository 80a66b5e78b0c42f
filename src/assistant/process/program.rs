//! A program that is started, watched and surely ended: what the tests drive the lessons with.
//!
//! Its output is read all the time, by threads of its own: a server whose console is a full pipe stops without a word.
//! Every wait has a deadline, a program that is dropped is killed, and on Unix it ends with the process that started
//! it.

use std::env::consts::EXE_SUFFIX;
use std::fmt::Display;
use std::io::{self, BufRead, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How much memory each stream may take, in bytes. A program that prints for ever must not take all there is.
const MAX_KEPT: usize = 1 << 26;

/// How often a program whose output has ended is asked whether it has ended too; std has no wait with a deadline.
const EXIT_POLL_INTERVAL: Duration = Duration::from_millis(2);

/// How often a wait looks whether it has been cancelled, and whether a program has ended whose output has not.
const POLL_INTERVAL: Duration = Duration::from_millis(25);

/// How long the rest of an ended program's output may take. Only a process that has inherited the output delays it.
const OUTPUT_TIMEOUT: Duration = Duration::from_secs(1);

use socketlab::{Failure, printable};

use super::groups::Group;
pub use super::groups::end_all;

/// A running program with its three standard streams.
#[derive(Debug)]
pub struct Program {
    name: String,
    started: Instant,
    child: Child,
    group: Group,
    stdin: Option<ChildStdin>,
    output: Arc<Output>,
    cancelled: fn() -> bool,
}

/// A line of output and when it was complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When its end arrived.
    pub at: Instant,
    /// The line, without its end; bytes that are not UTF-8 are replaced.
    pub text: String,
}

/// What a program has printed so far.
#[derive(Debug, Default, Clone)]
pub struct Printed {
    /// Complete lines on standard output.
    pub lines: Vec<Line>,
    /// What follows the last of them.
    partial: Vec<u8>,
    /// Everything on standard error.
    errors: Vec<u8>,
    /// How many bytes of both streams there were.
    length: usize,
    /// How much memory standard output takes here.
    taken: usize,
    /// How many of the two streams have ended.
    ended: usize,
}

impl Printed {
    /// What stands behind the last complete line: a prompt, most often.
    pub fn partial(&self) -> String {
        String::from_utf8_lossy(&self.partial).into_owned()
    }

    /// Everything on standard error.
    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&self.errors).into_owned()
    }

    /// Whether both streams have ended, which they do when the program does.
    pub fn is_complete(&self) -> bool {
        self.ended == 2
    }

    fn add_errors(&mut self, bytes: &[u8]) {
        self.length = self.length.saturating_add(bytes.len());
        let room = MAX_KEPT - self.errors.len();
        self.errors.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn add_output(&mut self, mut bytes: &[u8]) {
        let at = Instant::now();
        self.length = self.length.saturating_add(bytes.len());
        if self.taken > MAX_KEPT {
            return;
        }
        self.taken += bytes.len();
        // Reading from memory does not fail.
        while let Ok(1..) = bytes.read_until(b'\n', &mut self.partial) {
            if self.partial.ends_with(b"\n") {
                self.partial.pop();
                let text = self.partial();
                self.partial.clear();
                self.lines.push(Line { at, text });
                self.taken += size_of::<Line>();
            }
        }
    }
}

#[derive(Debug, Default)]
struct Output {
    printed: Mutex<Printed>,
    changed: Condvar,
}

impl Output {
    fn lock(&self) -> MutexGuard<'_, Printed> {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, change: impl FnOnce(&mut Printed)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }
}

impl Program {
    /// Starts `command` with its three streams piped.
    ///
    /// On Unix it gets a process group of its own, so that a Ctrl-C in this terminal reaches it only through its
    /// parent. Fails when the program cannot be started, with its name.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        Self::start_with(command, Stdio::piped())
    }

    /// As [`Program::start`], but its standard error goes elsewhere, where it is not kept.
    pub fn start_with(command: &mut Command, errors: Stdio) -> io::Result<Self> {
        let file = Path::new(command.get_program()).file_name().unwrap_or_default();
        let file = file.to_string_lossy();
        let name = file.strip_suffix(EXE_SUFFIX).unwrap_or(&file).to_owned();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
        let started = Instant::now();
        let (mut child, group) = Group::spawn(command).map_err(|error| {
            io::Error::new(error.kind(), format!("{name} cannot be started: {error}"))
        })?;
        let stdin = child.stdin.take();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (output, cancelled) = (Arc::default(), (|| false) as fn() -> bool);
        let program = Self { name, started, child, group, stdin, output, cancelled };
        program.collect(stdout, Printed::add_output)?;
        program.collect(stderr, Printed::add_errors)?;
        Ok(program)
    }

    /// Reads a stream to its end, in a thread of its own. One that is not there has ended.
    fn collect(
        &self,
        stream: Option<impl Read + Send + 'static>,
        add: fn(&mut Printed, &[u8]),
    ) -> io::Result<()> {
        let output = Arc::clone(&self.output);
        let collect = move || {
            if let Some(mut stream) = stream {
                let mut buffer = [0; 4096];
                loop {
                    match stream.read(&mut buffer) {
                        Ok(0) => break,
                        Ok(length) => output.update(|printed| add(printed, &buffer[..length])),
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(_) => break,
                    }
                }
            }
            output.update(|printed| printed.ended += 1);
        };
        thread::Builder::new().spawn(collect).map(drop)
    }

    /// From now on every wait for this program also ends, as if its time were over, when `cancelled` holds.
    pub fn cancel_waits_when(&mut self, cancelled: fn() -> bool) {
        self.cancelled = cancelled;
    }

    /// The name of the program that was started, without the `.exe` of Windows.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A moment before it was started.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The number of its process group, in which everything is that it starts. On Unix there is a shell in it as well.
    pub fn group(&self) -> u32 {
        self.group.id
    }

    /// What has been printed so far.
    pub fn printed(&self) -> Printed {
        self.output.lock().clone()
    }

    /// How many bytes have been printed so far, and how many whole lines on standard output.
    pub fn count(&self) -> (usize, usize) {
        let printed = self.output.lock();
        (printed.length, printed.lines.len())
    }

    /// Whether its output has ended.
    pub fn printed_all(&self) -> bool {
        self.output.lock().is_complete()
    }

    /// Waits until `found` finds what it looks for in the output; `wanted` says what that is. Fails when the program
    /// ends, `patience` runs out or the wait is cancelled first.
    pub fn wait_for<T>(
        &self,
        patience: Duration,
        wanted: impl Display,
        found: impl FnMut(&Printed) -> Option<T>,
    ) -> Result<T, Failure> {
        self.wait_until(patience, found).ok_or_else(|| self.gave_up(wanted))
    }

    /// A wait that came to nothing: what was waited for, and what the program had printed until then.
    fn gave_up(&self, wanted: impl Display) -> Failure {
        let (name, printed) = (&self.name, self.printed());
        let ended = if printed.is_complete() { "ended" } else { "gave no sign in time" };
        let lines: String = printed.lines.iter().map(|line| format!("  {}\n", line.text)).collect();
        let errors = match printed.errors().trim_end() {
            "" => String::new(),
            errors => format!("\nand on standard error:\n  {errors}"),
        };
        Failure::new(format!(
            "{name} {ended} while this was waited for: {wanted}\nIt had printed:\n{lines}  {}{errors}",
            printed.partial()
        ))
    }

    /// As [`Program::wait_for`], where it does not matter why nothing was found.
    pub fn wait_until<T>(
        &self,
        patience: Duration,
        mut found: impl FnMut(&Printed) -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut printed = self.output.lock();
        loop {
            if let Some(found) = found(&printed) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || printed.is_complete() || (self.cancelled)() {
                return None;
            }
            let changed = &self.output.changed;
            let waited = changed.wait_timeout(printed, left.min(POLL_INTERVAL));
            printed = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// As [`Program::wait_for`], for the line with `listening on IP:PORT` of a server that is ready; returns `IP:PORT`.
    pub fn listening_address(&self, patience: Duration) -> Result<String, Failure> {
        self.wait_for(patience, "listening on IP:PORT", |printed| {
            printed.lines.iter().find_map(|line| {
                let (_, address) = line.text.split_once("listening on ")?;
                // A server on every interface goes on: `; other machines connect to …`.
                Some(address.split([' ', ';']).next()?.to_owned())
            })
        })
    }

    /// Types a line: writes it to standard input. Fails when the program does not read it any more.
    pub fn type_line(&mut self, line: &str) -> io::Result<()> {
        self.type_bytes(format!("{line}\n").as_bytes())
    }

    /// Writes these bytes to standard input. Fails when the program does not read it any more.
    pub fn type_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stdin {
            Some(stdin) => stdin.write_all(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Hands standard input over, to a thread that may be held up there; nothing can be typed here afterwards.
    pub fn take_input(&mut self) -> Option<ChildStdin> {
        self.stdin.take()
    }

    /// Ends standard input, as Ctrl-D does.
    pub fn end_input(&mut self) {
        self.stdin = None;
    }

    /// Sends the signal with this name (`INT`, `TERM`) to the program alone. Fails when there is no such process or no
    /// such signal; always on Windows, which has no signals.
    pub fn signal(&self, name: &str) -> io::Result<()> {
        #[cfg(unix)]
        return super::groups::signal(self.id(), name);
        #[cfg(not(unix))]
        Err(io::Error::new(io::ErrorKind::Unsupported, name))
    }

    /// How the program has ended, or `None` while it has not. What it has started may live on. Fails when the system
    /// does not say.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Sends the signal with this name to the program and to everything it has started. Fails when no process is left,
    /// or there is no such signal; always on Windows, which has no signals.
    pub fn signal_group(&self, name: &str) -> io::Result<()> {
        self.group.signal(name)
    }

    /// Ends the program and everything it has started, by force.
    pub fn end_group(&mut self) {
        self.group.end();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The lines of standard output that have come since this was last asked. They are not kept.
    pub fn take_lines(&self) -> Vec<Line> {
        let mut printed = self.output.lock();
        printed.taken = printed.partial.len();
        std::mem::take(&mut printed.lines)
    }

    /// How the program has ended, if it does so within `patience`. What it printed is complete then, unless another
    /// process holds its output.
    pub fn end_within(&mut self, patience: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + patience;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                self.wait_for_output(OUTPUT_TIMEOUT);
                return Some(status);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || (self.cancelled)() {
                return None;
            }
            // Its output ends with it, unless it was closed before, or another process has inherited it.
            self.wait_for_output(left.min(POLL_INTERVAL));
            if self.printed_all() {
                thread::sleep(left.min(EXIT_POLL_INTERVAL));
            }
        }
    }

    fn wait_for_output(&self, patience: Duration) {
        let _ = self.wait_until(patience, |printed| printed.is_complete().then_some(()));
    }

    /// Waits for the program's end. Fails when `patience` runs out first.
    pub fn wait_for_end(&mut self, patience: Duration) -> Result<ExitStatus, Failure> {
        let deadline = Instant::now() + patience;
        let wanted = "its end";
        // The end of its output comes first; only a program that has closed its streams early is polled for long.
        self.wait_for(patience, wanted, |printed| printed.is_complete().then_some(()))?;
        let left = deadline.saturating_duration_since(Instant::now());
        self.end_within(left).ok_or_else(|| self.gave_up(wanted))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end_group();
    }
}

/// What a program has printed, as it is shown: escaped, but for its backslashes. They do nothing to a terminal, and
/// what the program has escaped is not escaped again.
pub fn escaped(printed: &str) -> String {
    printable(printed).to_string().replace(r"\\", r"\")
}

/// The number of the signal that has ended a program, if one has; only Unix has them.
pub fn signal_of(status: ExitStatus) -> Option<i32> {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = status.code().and(None);
    signal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_has_escaped_is_not_escaped_again() {
        assert_eq!(escaped("said: yes\\n \u{1b}[2K"), "said: yes\\n \\u{1b}[2K");
    }
}
