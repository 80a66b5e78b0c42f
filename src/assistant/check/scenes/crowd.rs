//! Clients beside each other: many that speak at the same time, and one that does not read.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::check::finding::{Halt, Outcome};
use crate::check::stage::Stage;
use crate::process::interrupt;

/// How often it is looked what else there is to do while clients speak.
const LOOK_INTERVAL: Duration = Duration::from_millis(1);

/// These clients speak at the same time, each in a thread of its own: again and again one sends a message and
/// waits for its reply, until there have been so many turns, or the time is over. `message` makes a message
/// of a client's letter and its own count, and says how long the reply is. `beside` is done all the time,
/// and told how many turns there have been. Returns each message with its reply, which is empty if
/// it did not come.
pub fn all_at_once(
    stage: &mut Stage<'_>,
    clients: &[char],
    turns: usize,
    time: Duration,
    message: impl Fn(char, usize) -> (String, usize) + Sync,
    mut beside: impl FnMut(&mut Stage<'_>, usize) -> Outcome,
) -> Outcome<Vec<(String, Vec<u8>)>> {
    let patience = stage.patience() * 2;
    let streams = clients.iter().map(|who| stage.stream(*who)).collect::<Result<Vec<_>, _>>()?;
    let (done, is_over, message) = (&AtomicUsize::new(0), &AtomicBool::new(false), &message);
    let talk = |who, mut stream: &TcpStream| {
        let _ = stream.set_read_timeout(Some(patience));
        let mut said = Vec::new();
        for number in 1.. {
            let (message, length) = message(who, number);
            let mut reply = vec![0; length];
            let got =
                stream.write_all(message.as_bytes()).and_then(|()| stream.read_exact(&mut reply));
            said.push((message, if got.is_ok() { reply } else { Vec::new() }));
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if got.is_err() || done >= turns || is_over.load(Ordering::Relaxed) {
                break;
            }
        }
        said
    };
    thread::scope(|scope| {
        let mut wait = stage.begin_wait(time);
        let mut threads = Vec::new();
        for (&who, stream) in clients.iter().zip(&streams) {
            let client = thread::Builder::new().spawn_scoped(scope, move || talk(who, stream));
            threads.push(client.map_err(|error| Halt::Stopped(error.into()))?);
        }
        while threads.iter().any(|thread| !thread.is_finished()) {
            beside(stage, done.load(Ordering::Relaxed))?;
            if interrupt::requested() {
                // No client waits any longer.
                streams.iter().for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
            }
            is_over.store(stage.is_over(&mut wait), Ordering::Relaxed);
            thread::sleep(LOOK_INTERVAL);
        }
        Ok(threads.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect())
    })
}

/// A reads nothing and makes the server wait for that; `waits` says whether it does. Meanwhile another client does
/// `ask`, which must not wait for A.
pub fn beside_one_that_does_not_read(
    stage: &mut Stage<'_>,
    mut waits: impl FnMut(&mut Stage<'_>) -> Outcome<bool>,
    ask: impl Fn(&mut Stage<'_>, char) -> Outcome,
) -> Outcome {
    for who in ['B', 'C', 'D'] {
        stage.must_see_threads()?;
        if !waits(stage)? {
            break;
        }
        let before = stage.unread_reply('A');
        stage.connect(who)?;
        let step = ask(stage, who);
        if before.is_some() && stage.unread_reply('A') == before {
            step?;
            break;
        }
        // The system has made room for more after all, and A's handler has gone on: that proves nothing.
    }
    stage.must_be_alive()
}

/// So many clients connect to a server at the same moment, and listen until each has `lines` lines, for `time`
/// at the most. Then all reset their connections, so that no port stays taken. Returns what each has got.
///
/// # Errors
/// When a socket cannot be made.
pub fn come_at_once(
    server: SocketAddr,
    clients: usize,
    lines: usize,
    time: Duration,
) -> io::Result<Vec<Vec<u8>>> {
    let deadline = Instant::now() + time;
    let new = |_| {
        let socket = Socket::new(Domain::for_address(server), Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.set_linger(Some(Duration::ZERO))?;
        Ok(socket)
    };
    let sockets = (0..clients).map(new).collect::<io::Result<Vec<_>>>()?;
    for socket in &sockets {
        // The socket does not block, so `connect` returns before the connection is there.
        let _ = socket.connect(&server.into());
    }
    let mut got = vec![Vec::new(); clients];
    let has_lines = |got: &Vec<u8>| got.iter().filter(|byte| **byte == b'\n').count() >= lines;
    loop {
        for (mut socket, got) in sockets.iter().zip(&mut got) {
            let mut buffer = [0; 1024];
            if let Ok(length) = socket.read(&mut buffer) {
                got.extend_from_slice(&buffer[..length]);
            }
        }
        if got.iter().all(has_lines) || Instant::now() > deadline || interrupt::requested() {
            return Ok(got);
        }
        thread::sleep(LOOK_INTERVAL);
    }
}
