//! The places, tried on a program with a thread for every kind of waiting: `tests/wrong_servers/src/thread_zoo.rs`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use assistant::threads::{Sample, Sampler, Thread, Wake};
use support::built;

/// How long anything may take. It is waited for only when a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many threads of the zoo wait for a client.
const CLIENTS: usize = 5;

/// The zoo, and its clients in the order in which it has accepted them.
struct Zoo {
    program: Child,
    clients: Vec<TcpStream>,
}

impl Zoo {
    fn open() -> Self {
        let mut command = Command::new(built().join("thread_zoo"));
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut zoo = Self { program: command.spawn().unwrap(), clients: Vec::new() };
        // It prints these lines or ends: no deadline is needed. Nothing is read behind them.
        let mut console = BufReader::with_capacity(64, zoo.program.stdout.as_mut().unwrap());
        let mut line = String::new();
        console.read_line(&mut line).unwrap();
        let address: SocketAddr = line.trim_end().rsplit(' ').next().unwrap().parse().unwrap();
        zoo.clients =
            (0..CLIENTS).map(|_| TcpStream::connect_timeout(&address, PATIENCE).unwrap()).collect();
        line.clear();
        console.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        zoo
    }

    /// A client's name: A to E.
    fn name(&self, peer: SocketAddr) -> String {
        let own_end = |client: &TcpStream| client.local_addr().unwrap() == peer;
        let mut names = ('A'..).zip(&self.clients);
        names.find(|(_, client)| own_end(client)).map_or("?".to_owned(), |(name, _)| name.into())
    }

    /// What each thread is called and where it stands.
    fn places(&self, sample: &Sample) -> BTreeMap<String, String> {
        let threads = sample.threads.iter();
        let place = |thread: &Thread| thread.place_in_words(|peer| self.name(peer));
        threads.map(|thread| (thread.name.clone(), place(thread))).collect()
    }
}

impl Drop for Zoo {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Every kind of waiting, and two kinds of names.
const WANTED: [&str; 35] = [
    "a_name_that_is_: sleep",
    "accept: accept",
    "condvar: waits",
    "condvar-of-2: waits for lock 3", // what cannot be told, as `Place::Lock` says
    "eprintln: waits for lock 5",
    "holder: sleep",
    "join: join, for holder",
    "main: parked, until another thread wakes it",
    "mutex-1: waits for lock 1",
    "mutex-2: waits for lock 1",
    "park: parked, until another thread wakes it",
    "park_timeout: parked, until another thread wakes it, with a timeout",
    "peek: read, for B",
    "println: write, to its console",
    "process: waits for another process",
    "read: read, for A",
    "read_timeout: read, for D, with a timeout",
    "recv: parked, until another thread wakes it",
    "recv_timeout: parked, until another thread wakes it, with a timeout",
    "rwlock-read: waits for lock 2",
    "scope: parked, until another thread wakes it",
    "scoped: sleep",
    "send: parked, until another thread wakes it",
    "sleep: sleep",
    "spin: running",
    "stderr-holder: sleep",
    "stdin: standard input",
    "stdin-2: waits for lock 4",
    "twin: sleep",
    "twin (2): sleep",
    "unnamed 1: sleep",
    "unnamed 2: sleep",
    "vectored: read, for E",
    "write: write, until C reads",
    "writer: waits",
];

#[test]
fn every_kind_of_waiting_is_told() {
    let zoo = Zoo::open();
    let wanted = WANTED.map(|line| line.split_once(": ").unwrap());
    let wanted = wanted.map(|(name, place)| (name.to_owned(), place.to_owned()));
    let deadline = Instant::now() + PATIENCE;
    loop {
        // A new one each time: locks get their numbers in the order in which they are seen.
        let sample = Sampler::new(zoo.program.id()).settled().unwrap();
        let places = zoo.places(&sample);
        if places == BTreeMap::from(wanted.clone()) {
            return;
        }
        // Threads need a moment to get to their places.
        assert!(Instant::now() < deadline, "{places:#?}\ninstead of\n{wanted:#?}");
    }
}

/// The zoo's own time for all that has a timeout.
const SLEEP: Duration = Duration::from_secs(600);

#[test]
fn when_a_thread_wakes_up_by_itself_is_told() {
    let before = Instant::now();
    let zoo = Zoo::open();
    let mut sampler = Sampler::new(zoo.program.id()).started(before);
    let deadline = Instant::now() + PATIENCE;
    // They stand in futexes, with an absolute time, and in `clock_nanosleep`, with one that counts from its beginning.
    let names = ["sleep", "twin", "park_timeout", "recv_timeout", "read_timeout"];
    loop {
        let sample = sampler.settled().unwrap();
        let passed = before.elapsed();
        let is_right = |name: &&str| {
            let mut threads = sample.threads.iter();
            let wakes = threads.find(|thread| thread.name == **name).map(|thread| thread.wakes);
            matches!(wakes, Some(Wake::In { least, most })
                if least + passed >= SLEEP && least <= most && most <= SLEEP)
        };
        if names.iter().all(is_right) {
            break;
        }
        assert!(Instant::now() < deadline, "{:#?}", sample.threads);
    }
}

/// `cargo test --test kit cost -- --ignored --nocapture`, with and without `--release`.
#[test]
#[ignore = "measures, and asserts nothing"]
fn what_a_sample_costs() {
    let zoo = Zoo::open();
    let mut sampler = Sampler::new(zoo.program.id());
    let look = |_| {
        let start = Instant::now();
        sampler.glance().unwrap();
        start.elapsed()
    };
    let mut times: Vec<Duration> = (0..200).map(look).collect();
    times.sort_unstable();
    let (best, median, worst) = (times[0], times[100], times[199]);
    println!(
        "35 threads and their connections: best {best:?}, median {median:?}, worst of 200 {worst:?}"
    );
}
