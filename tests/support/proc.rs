//! What Linux tells about a server in /proc: its threads, and the clients that it has accepted.

use std::fs;
use std::time::Instant;

use super::{PATIENCE, POLL_INTERVAL, Peer, Server, in_shell};

/// Starts a server whose memory has room for four more threads.
///
/// A thread's stack takes 2 MiB of address space (std's default), which `ulimit -v` limits. The
/// limit is what a server of the same name takes, and 9,000 KiB. With one arena, malloc reserves no
/// address space for each thread (mallopt(3)).
pub fn start_at_the_limit_of_threads(name: &str) -> Server {
    let start = |setup: &str| Server::run(name, in_shell(setup, name).env("MALLOC_ARENA_MAX", "1"));
    let size = status(&start("true"), "VmSize");
    start(&format!("ulimit -v {}", size + 9000))
}

/// A number in `/proc/PID/status` (proc(5)); `VmSize` is in KiB.
pub fn status(server: &Server, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.program.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_else(|| panic!("no {field} in {status}"))
}

/// Waits until every thread of the process is blocked. What was sent to it before, it has taken.
#[track_caller]
pub fn wait_until_blocked(process: u32) {
    wait_until(process, is_blocked);
}

/// Waits until every thread of the process is stopped, by a signal.
#[track_caller]
pub fn wait_until_stopped(process: u32) {
    wait_until(process, |process| all_threads(process, &['T']));
}

#[track_caller]
fn wait_until(process: u32, holds: impl Fn(u32) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds(process) {
        assert!(Instant::now() < deadline, "the process never gets there");
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// Whether every thread of the process is blocked, or it has ended: in state S or Z (proc(5)).
pub fn is_blocked(process: u32) -> bool {
    all_threads(process, &['S', 'Z'])
}

/// Whether every thread of the process is in one of these states (proc(5)).
fn all_threads(process: u32, states: &[char]) -> bool {
    let threads = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    threads.flatten().all(|thread| {
        // The state stands behind the name, which is in brackets. A thread may have ended meanwhile.
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, fields)| fields.starts_with(states))
    })
}

/// Whether the server has accepted this client; `None` unless the connection is established.
///
/// In /proc/net/tcp a connection has an inode only when a process has accepted it.
fn is_accepted(server: &Server, client: &Peer) -> Option<bool> {
    let client = client.stream.local_addr().unwrap();
    let [local, remote] =
        [server.address, client].map(|address| format!(":{:04X}", address.port()));
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|table| {
        fs::read_to_string(table).ok()?.lines().find_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let this = fields.get(1)?.ends_with(&local)
                && fields.get(2)?.ends_with(&remote)
                && *fields.get(3)? == "01"; // established
            this.then_some(*fields.get(9)? != "0")
        })
    })
}

/// Waits until the server has accepted this client (true), or is blocked and has not (false).
///
/// An `accept` that waits is woken when the connection is established. So a server whose threads are
/// all blocked after that, and which has still not accepted the client, is not in `accept`.
#[track_caller]
pub fn accepts(server: &Server, client: &Peer) -> bool {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let established = is_accepted(server, client).is_some();
        let blocked = is_blocked(server.program.id());
        match is_accepted(server, client) {
            Some(true) => return true,
            Some(false) if established && blocked => return false,
            _ => assert!(Instant::now() < deadline, "the server is busy all the time"),
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}
