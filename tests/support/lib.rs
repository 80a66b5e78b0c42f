//! What the tests share: starting a lesson, and a client that can do what no polite client does.
//!
//! Every wait has a deadline, every port is picked by the system, and what is started here is killed when it is dropped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

pub mod compiler;
pub mod experiments;
pub mod json;
pub mod kit;
pub mod markdown;
pub mod ports;
#[cfg(target_os = "linux")]
pub mod proc;
#[cfg(unix)]
pub mod replay;

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use assistant::course::LABS;
use assistant::process::cargo_build::folder_options;
use assistant::process::examples::profile_folder;
use assistant::process::program::{Printed, Program};

/// How long anything may take. It is long because it is never waited for, except when a test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is looked whether something has happened that gives no sign; a look at /proc takes milliseconds.
pub const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// The servers, in the order of the labs.
pub fn servers() -> impl Iterator<Item = &'static str> {
    programs("server")
}

/// The clients, in the order of the labs.
pub fn clients() -> impl Iterator<Item = &'static str> {
    programs("client")
}

fn programs(role: &'static str) -> impl Iterator<Item = &'static str> {
    LABS.iter().map(move |lab| &*format!("{}_{role}", lab.name()).leak())
}

/// What the C library says of a full descriptor table: EMFILE, which is 24 on Linux and on macOS.
pub fn no_descriptor_left() -> String {
    socketlab::reason(&std::io::Error::from_raw_os_error(24))
}

/// The wire texts of the greeter and of the names system.
pub const GREETING: &str = "Do you want to play a game?\n";
pub const NAMES_REPLY: &str = "Today we will learn about Multithreading with Socket programming";

pub fn root() -> &'static Path {
    // This package is `tests/support` in the kit's folder.
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

/// The folder of all programs of the kit and its museum, built from the sources as they stand.
///
/// They are built in one go before any of them is started: cargo builds one thing at a time, and an
/// assistant that had to wait for it would run into its deadline.
pub fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let profile = profile_folder().unwrap();
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.args(["build", "--quiet", "--workspace", "--bins", "--examples"]).current_dir(root());
        cargo.args(folder_options(&profile));
        let mut build = || cargo.status().unwrap().success();
        let is_built = match std::env::var("NEXTEST_RUN_ID") {
            Ok(run) => once(&scratch(&format!("built-{run}")), build),
            Err(_) => build(),
        };
        assert!(is_built, "the programs do not build");
        profile
    })
}

/// Does this in one of several processes, which all get its result: with nextest, each test is a process.
///
/// The file is there when one of them has begun, and says the result when it is done.
fn once(file: &Path, mut work: impl FnMut() -> bool) -> bool {
    if File::create_new(file).is_ok() {
        let result = work();
        std::fs::write(file, result.to_string()).unwrap();
        return result;
    }
    let deadline = Instant::now() + kit::KIT_TIMEOUT;
    loop {
        if let Ok(result) = std::fs::read_to_string(file).unwrap().parse() {
            return result;
        }
        assert!(Instant::now() < deadline, "{} has no result", file.display());
        thread::sleep(Duration::from_millis(10));
    }
}

/// Does this with all of them, on so many threads.
pub fn side_by_side<T: Sync, R: Send>(
    threads: usize,
    all: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let work = || {
            let next = || all.get(next.fetch_add(1, Ordering::Relaxed));
            std::iter::from_fn(next).map(&work).collect::<Vec<_>>()
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

/// A folder or a file for what a test makes, in the target folder.
pub fn scratch(name: &str) -> PathBuf {
    let folder = profile_folder().unwrap().parent().unwrap().join("tmp");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

/// The executable of an example.
pub fn example(name: &str) -> PathBuf {
    built().join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// A path as a shell takes it.
pub fn quoted(path: &Path) -> String {
    let quote = if cfg!(windows) { '"' } else { '\'' };
    format!("{quote}{}{quote}", path.display())
}

/// The executable of the museum, `tests/wrong_servers`; its first argument is the name of the server.
pub fn wrong_servers_program() -> PathBuf {
    built().join(format!("wrong_servers{}", std::env::consts::EXE_SUFFIX))
}

/// The executable of the lab assistant.
pub fn assistant_program() -> PathBuf {
    built().join(format!("socketlab{}", std::env::consts::EXE_SUFFIX))
}

/// The lab assistant, in the folder of the kit and with a usual environment.
pub fn assistant(args: &[&str]) -> Command {
    let mut command = Command::new(assistant_program());
    command.args(args).env_remove("COLUMNS").current_dir(root());
    command
}

/// Starts a client of the kit for the server at `address`.
pub fn start_client(name: &str, address: SocketAddr) -> Program {
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    Program::start(Command::new(example(name)).args(["--host", &host, "--port", &port])).unwrap()
}

/// Runs a program of the kit with everything it is going to be told; returns its status, its lines and its errors.
pub fn run(mut program: Program, input: &str) -> (ExitStatus, Vec<String>, String) {
    for line in input.lines() {
        // The program may end before it has read everything.
        let _ = program.type_line(line);
    }
    program.end_input();
    let status = program.wait_for_end(PATIENCE).unwrap_or_else(|gave_up| panic!("{gave_up}"));
    let printed = program.printed();
    (status, texts(&printed), printed.errors())
}

/// Runs a program to its end; it must succeed. Returns what it printed on standard output.
#[track_caller]
pub fn output(command: &mut Command) -> Vec<String> {
    let (status, lines, errors) = run(Program::start(command).unwrap(), "");
    assert_eq!(status.code(), Some(0), "{lines:#?}\n{errors}");
    lines
}

pub fn texts(printed: &Printed) -> Vec<String> {
    printed.lines.iter().map(|line| line.text.clone()).collect()
}

/// What `lesson` replies to a message that fits its buffer; nothing, for the greeter and the chat.
pub fn reply_to(lesson: &str, message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message);
    match lesson.split('_').nth(2) {
        Some("upper") => text.to_uppercase(),
        Some("session") => "-".to_owned(),
        Some("names") => NAMES_REPLY.to_owned(),
        Some("reverse") => text.chars().rev().collect(),
        _ => String::new(),
    }
}

/// Options with which a server has room for the clients of a test that is about every server.
fn room(name: &str) -> &'static [&'static str] {
    if name.contains("pooled") { &["--workers", "64", "--queue", "1000"] } else { &[] }
}

/// A server of the kit on a free port of the loopback interface.
pub struct Server {
    pub lesson: String,
    pub program: Program,
    /// Where clients reach it: its own address, or loopback when it listens on every interface.
    pub address: SocketAddr,
}

impl Server {
    pub fn start(name: &str, options: &[&str]) -> Self {
        let options = if options.is_empty() { room(name) } else { options };
        Self::run(name, Command::new(example(name)).args(["--port", "0"]).args(options))
    }

    /// Starts a server in a shell that sets limits first (`ulimit -n 20`).
    #[cfg(unix)]
    pub fn start_limited(limits: &str, name: &str) -> Self {
        Self::run(name, &mut in_shell(limits, name))
    }

    pub fn run(lesson: &str, command: &mut Command) -> Self {
        let program = Program::start(command).unwrap();
        let address =
            program.listening_address(PATIENCE).unwrap_or_else(|gave_up| panic!("{gave_up}"));
        let mut address: SocketAddr = address.parse().unwrap();
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() {
                Ipv4Addr::LOCALHOST.into()
            } else {
                Ipv6Addr::LOCALHOST.into()
            });
        }
        Self { lesson: lesson.to_owned(), program, address }
    }

    pub fn connect(&self) -> Peer {
        Peer::connect(self.address)
    }

    /// Connects and, where the server speaks first, takes its greeting.
    #[track_caller]
    pub fn greeted(&self) -> Peer {
        let mut peer = self.connect();
        if self.lesson.contains("greeter") {
            peer.expect(GREETING);
        }
        if self.lesson.contains("chat") {
            let greeting = peer.receive_line();
            assert!(greeting.starts_with("You are Guest-"), "{greeting:?}");
        }
        peer
    }

    pub fn lines(&self) -> Vec<String> {
        texts(&self.program.printed())
    }

    /// Waits until the console shows a line that contains `text`.
    pub fn wait_for_line(&self, text: &str) {
        self.wait_for_lines(text, 1);
    }

    /// Waits until `count` lines of the console contain `text`.
    pub fn wait_for_lines(&self, text: &str, count: usize) {
        let wanted = format!("{count} lines with {text:?}");
        let enough = |printed: &Printed| {
            (printed.lines.iter().filter(|line| line.text.contains(text)).count() >= count)
                .then_some(())
        };
        self.program
            .wait_for(PATIENCE, wanted, enough)
            .unwrap_or_else(|gave_up| panic!("{gave_up}"));
    }

    /// Where the line with `text` stands on the console; it must have been waited for.
    pub fn position(&self, text: &str) -> usize {
        let lines = self.lines();
        lines
            .iter()
            .position(|line| line.contains(text))
            .unwrap_or_else(|| panic!("no {text:?} in {lines:#?}"))
    }

    /// Shows that the server still serves: one more client, and what is due to it.
    #[track_caller]
    pub fn serves_one_more(&self) {
        let mut peer = self.greeted();
        peer.send("one more");
        peer.expect(&reply_to(&self.lesson, b"one more"));
    }

    #[cfg(unix)]
    pub fn interrupt(&self) {
        self.program.signal("INT").unwrap();
    }

    /// Interrupts the server and waits for its end; returns its status and the last that it printed.
    #[cfg(unix)]
    pub fn stop(mut self) -> (ExitStatus, String) {
        self.interrupt();
        let status =
            self.program.wait_for_end(PATIENCE).unwrap_or_else(|gave_up| panic!("{gave_up}"));
        let printed = self.program.printed();
        let partial = Some(printed.partial()).filter(|partial| !partial.is_empty());
        (status, partial.or_else(|| texts(&printed).pop()).unwrap_or_default())
    }
}

/// The command that starts a server on a free port from a shell, which runs `setup` first.
#[cfg(unix)]
pub fn in_shell(setup: &str, name: &str) -> Command {
    let mut command = Command::new("sh");
    let script = format!("{setup} && exec \"$0\" --port 0 \"$@\"");
    command.arg("-c").arg(script).arg(example(name)).args(room(name));
    command
}

/// A server whose console is not read any more; killed when it is dropped.
pub struct Unwatched<T> {
    pub child: Child,
    pub console: T,
}

impl<T> Unwatched<T> {
    /// Starts a server and hands its console to `then`, which may keep it open or drop it.
    pub fn start(name: &str, then: impl FnOnce(BufReader<ChildStdout>) -> T) -> (Self, SocketAddr) {
        let mut command = Command::new(example(name));
        let mut child = command.args(["--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut console = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("listening on") {
            line.clear();
            assert_ne!(console.read_line(&mut line).unwrap(), 0, "{name} ended early");
        }
        let address = line.trim_end().rsplit(' ').next().unwrap().parse().unwrap();
        (Self { child, console: then(console) }, address)
    }

    #[cfg(unix)]
    pub fn interrupt(&self) {
        let pid = self.child.id().to_string();
        let done = Command::new("sh").args(["-c", "kill -INT $0", &pid]).status().unwrap();
        assert!(done.success());
    }

    /// Waits for the server's end.
    #[track_caller]
    pub fn wait_for_end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) => return status,
                None => assert!(Instant::now() < deadline, "the server does not end"),
            }
            thread::sleep(POLL_INTERVAL);
        }
    }
}

impl<T> Drop for Unwatched<T> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client made of a bare socket.
pub struct Peer {
    pub stream: TcpStream,
}

impl Peer {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self { stream }
    }

    /// Its address as the server prints it.
    pub fn name(&self) -> String {
        self.stream.local_addr().unwrap().to_string()
    }

    pub fn send(&mut self, message: impl AsRef<[u8]>) {
        self.stream.write_all(message.as_ref()).unwrap();
    }

    /// Waits until exactly this has arrived.
    #[track_caller]
    pub fn expect(&mut self, text: &str) {
        let mut bytes = vec![0; text.len()];
        self.stream
            .read_exact(&mut bytes)
            .unwrap_or_else(|error| panic!("waiting for {text:?}: {error}"));
        assert_eq!(String::from_utf8_lossy(&bytes), text);
    }

    /// Waits for a line, byte by byte: what follows stays where it is.
    #[track_caller]
    pub fn receive_line(&mut self) -> String {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            let mut byte = [0];
            self.stream
                .read_exact(&mut byte)
                .unwrap_or_else(|error| panic!("after {line:?}: {error}"));
            line.push(byte[0]);
        }
        String::from_utf8(line).unwrap()
    }

    /// Waits for the end of the connection and returns what came before it.
    #[track_caller]
    pub fn receive_to_end(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.stream
            .read_to_end(&mut bytes)
            .unwrap_or_else(|error| panic!("after {} bytes: {error}", bytes.len()));
        bytes
    }

    #[track_caller]
    pub fn expect_end(&mut self) {
        let rest = self.receive_to_end();
        assert!(rest.is_empty(), "{rest:?} before the end");
    }

    /// Waits until the other side is gone, by end of input or reset; what comes before is thrown away.
    #[track_caller]
    pub fn expect_gone(&mut self) {
        let mut waste = [0; 4096];
        loop {
            match self.stream.read(&mut waste) {
                Ok(0) => return,
                Ok(_) => {}
                // Linux ends a read with a timeout when the process was stopped meanwhile.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    panic!("the server has not closed the connection")
                }
                Err(_) => return,
            }
        }
    }

    /// Nothing has arrived yet. This proves no silence; it catches most of those who speak out of turn.
    #[track_caller]
    pub fn has_nothing_yet(&self) {
        self.stream.set_nonblocking(true).unwrap();
        let peeked = self.stream.peek(&mut [0; 1]);
        self.stream.set_nonblocking(false).unwrap();
        assert!(peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
    }

    pub fn close_sending(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Ends the connection with a reset instead of an end of input.
    pub fn reset(self) {
        let set = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        // macOS refuses every option once both sides have closed: then nothing is left to be reset.
        let is_over = |error: std::io::Error| error.kind() == ErrorKind::InvalidInput;
        assert!(set.is_ok() || set.is_err_and(is_over));
    }
}
