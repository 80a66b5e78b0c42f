//! A program with a named thread for every kind of waiting, for the tests of the threads' places.
//!
//! It listens on a free port, takes five connections, one for each thread that waits for a client, and
//! then prints `ready`. It never ends by itself.

use std::hint;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, RwLock, mpsc};
use std::thread;
use std::time::Duration;

/// Longer than any test.
const LONG: Duration = Duration::from_secs(600);

fn start(name: &str, wait: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(wait).unwrap_or_else(|error| wrong_servers::fail(&error))
}

fn main() -> io::Result<()> {
    let listener = wrong_servers::listen();
    let mut client = || wrong_servers::unreported_client(&listener).0;
    on_sockets(&mut client)?;
    on_threads();
    on_standard_input();
    // Ends with this program, which holds the other end of its input.
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn()?;
    let input = child.stdin.take();
    start("process", move || {
        let _ = child.wait();
        drop(input);
    });
    start("sleep", || thread::sleep(LONG));
    start("spin", || {
        loop {
            hint::spin_loop();
        }
    });
    start("accept", move || {
        let _streams: Vec<_> = listener.incoming().collect();
    });
    // Two without a name, two with the same, and one whose name is too long for the system.
    thread::spawn(|| thread::sleep(LONG));
    thread::spawn(|| thread::sleep(LONG));
    start("twin", || thread::sleep(LONG));
    start("twin", || thread::sleep(LONG));
    start("a_name_that_is_cut_off", || thread::sleep(LONG));
    println!("ready");
    // Standard output is a pipe that nothing reads: it fills up.
    start("println", || {
        loop {
            println!("{:4096}", "");
        }
    });
    thread::park();
    Ok(())
}

/// Threads that wait for a client.
fn on_sockets(client: &mut dyn FnMut() -> TcpStream) -> io::Result<()> {
    let mut stream = client();
    start("read", move || drop(stream.read(&mut [0; 16])));
    let stream = client();
    start("peek", move || drop(stream.peek(&mut [0; 16])));
    let mut stream = client();
    start("write", move || while stream.write_all(&[b'.'; 65536]).is_ok() {});
    let mut stream = client();
    stream.set_read_timeout(Some(LONG))?;
    start("read_timeout", move || drop(stream.read(&mut [0; 16])));
    let mut stream = client();
    start("vectored", move || {
        let mut buffers = [0; 32];
        let (first, second) = buffers.split_at_mut(16);
        let _ =
            stream.read_vectored(&mut [io::IoSliceMut::new(first), io::IoSliceMut::new(second)]);
    });
    Ok(())
}

/// Threads that wait for another thread.
fn on_threads() {
    let held = Arc::new((Mutex::new(()), RwLock::new(())));
    let holder = Arc::clone(&held);
    let (holds, is_held) = mpsc::channel();
    let holding = start("holder", move || {
        let _guards = (holder.0.lock(), holder.1.write());
        let _ = holds.send(());
        thread::sleep(LONG);
    });
    let _ = is_held.recv();
    for name in ["mutex-1", "mutex-2"] {
        let held = Arc::clone(&held);
        start(name, move || drop(held.0.lock()));
    }
    let other = Arc::clone(&held);
    start("rwlock-read", move || drop(other.1.read()));
    start("join", move || drop(holding.join()));

    let (kept, never) = mpsc::channel::<()>();
    start("recv", move || {
        let _ = never.recv();
    });
    let (also_kept, never) = mpsc::channel::<()>();
    start("recv_timeout", move || {
        let _ = never.recv_timeout(LONG);
    });
    let counted = RwLock::new(());
    let (begun, begins) = mpsc::channel();
    start("writer", move || {
        let _reader = counted.read();
        let _ = begun.send(());
        drop(counted.write());
    });
    let _ = begins.recv();
    let (full, room) = mpsc::sync_channel(0);
    start("send", move || {
        let _ = full.send(());
    });
    start("park", thread::park);
    start("park_timeout", || thread::park_timeout(LONG));
    start("scope", || {
        thread::scope(|scope| {
            let _ = thread::Builder::new().name("scoped".to_owned()).spawn_scoped(scope, || {
                thread::sleep(LONG);
            });
        });
    });
    start("condvar", || {
        let (mutex, changed) = (Mutex::new(()), Condvar::new());
        if let Ok(guard) = mutex.lock() {
            drop(changed.wait(guard));
        }
    });
    // Two wake-ups before it waits: its counter then stands at 2, the value of a lock that is waited for.
    start("condvar-of-2", || {
        let (mutex, changed) = (Mutex::new(()), Condvar::new());
        changed.notify_all();
        changed.notify_all();
        if let Ok(guard) = mutex.lock() {
            drop(changed.wait(guard));
        }
    });
    // What the threads wait for must live as long as they.
    std::mem::forget((kept, also_kept, room));
}

/// Two threads that read standard input: the second waits for the lock of the first.
fn on_standard_input() {
    let (begun, begins) = mpsc::channel();
    start("stdin", move || {
        let input = io::stdin().lock();
        let _ = begun.send(());
        drop({ input }.read(&mut [0; 16]));
    });
    let _ = begins.recv();
    start("stdin-2", || drop(io::stdin().read(&mut [0; 16])));
    // Whoever prints waits for the console while another thread holds it: standard error, so that `ready` gets out.
    let (begun, begins) = mpsc::channel();
    start("stderr-holder", move || {
        let _console = io::stderr().lock();
        let _ = begun.send(());
        thread::sleep(LONG);
    });
    let _ = begins.recv();
    start("eprintln", || eprintln!("never printed"));
}
