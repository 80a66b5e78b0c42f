//! What each step of the ladder costs: messages a second, connections a second, memory for an idle client.
//!
//! `cargo bench --bench ladder` measures all servers in one run, in turn, round by round, so that what else the machine does
//! hits all of them. Each figure is the middle of the rounds, and so is each ratio, which is taken within a round. Only the
//! ratios mean something on another machine.
//!
//! - **A message** is 32 bytes and the reply to them, on a connection that stays (lab 07: the greeter has one answer
//!   for each connection). Two threads send to all their clients and then read all replies, so the server always has work.
//! - **A connection** is connect, the greeting, an answer and the server's end (03, 09); connect, a message, its reply and an
//!   end (04, 07). Eight clients do so at the same time.
//! - **An idle client** has connected, and with the protocol of lab 07 been answered once. Memory is `VmRSS` of proc(5), so
//!   only on Linux; so is the processor time that a server takes for each message or connection.
//!
//! What the servers print goes to the null device: it costs them what printing costs, and no program reads it.
//! `cargo bench --bench ladder -- 'COMMAND {port}'` measures another server with the protocol of lab 07 as well.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark prints, and a panic ends it"
)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use assistant::process::examples::{package_folder, profile_folder};
use assistant::process::free_port::FreePort;

/// How many rounds there are, and how long each measurement of a round takes.
const ROUNDS: usize = 7;
const SLICE: Duration = Duration::from_millis(300);

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

const MESSAGE: &[u8; 32] = b"0123456789abcdef0123456789abcdef";

/// How many clients send messages, how many threads they share, and how many clients connect at the same time.
const CROWDS: [usize; 3] = [1, 64, 1000];
const SENDERS: usize = 2;
const CONNECTORS: usize = 8;

/// How many clients are idle.
const IDLE: usize = 500;

/// A server that is measured.
struct Rung {
    /// The example, or a shell's command line.
    server: String,
    options: &'static [&'static str],
    protocol: Protocol,
}

#[derive(Clone, Copy, PartialEq)]
enum Protocol {
    Greeter,
    Upper,
    Reverse,
}

fn rungs() -> Vec<Rung> {
    let lab =
        |server: &str, options, protocol| Rung { server: server.to_owned(), options, protocol };
    let mut rungs = vec![
        lab("03_threaded_greeter_server", &[], Protocol::Greeter),
        lab("04_threaded_upper_server", &[], Protocol::Upper),
        lab("07_locked_reverse_server", &[], Protocol::Reverse),
        lab("09_pooled_greeter_server", &["--workers", "8", "--queue", "1000"], Protocol::Greeter),
        lab("11_polled_reverse_server", &[], Protocol::Reverse),
    ];
    // cargo hands `--bench` to every benchmark.
    let peers = std::env::args().skip(1).filter(|argument| argument.contains("{port}"));
    rungs.extend(peers.map(|line| lab(&line, &[], Protocol::Reverse)));
    rungs
}

fn main() {
    let rungs = rungs();
    build(&rungs);
    let servers: Vec<Server> = rungs.iter().map(Server::start).collect();
    let measurements: Vec<(String, Measurement)> = CROWDS
        .iter()
        .map(|&clients| (format!("messages, {clients}"), Measurement::Messages(clients)))
        .chain([("connections".to_owned(), Measurement::Connections)])
        .collect();
    for (title, measurement) in &measurements {
        let rungs: Vec<usize> =
            (0..rungs.len()).filter(|&it| measurement.fits(&rungs[it])).collect();
        let mut rounds: Vec<Vec<Pace>> = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push(rungs.iter().map(|&it| measurement.run(&servers[it])).collect());
        }
        println!(
            "{title:<36} {:>10} {:>9} {:>10} {:>9}",
            "a second", "relative", "CPU each", "relative"
        );
        for (place, &rung) in rungs.iter().enumerate() {
            let all = |value: fn(Pace) -> f64| {
                let middle_of = |it: &dyn Fn(&Vec<Pace>) -> f64| middle(rounds.iter().map(it));
                let figure = middle_of(&|round| value(round[place]));
                (figure, middle_of(&|round| value(round[place]) / value(round[0])))
            };
            let ((rate, faster), (cpu, dearer)) = (all(|it| it.rate), all(|it| it.cpu_micros));
            let cpu =
                if cpu > 0.0 { format!("{cpu:>7.1} µs {dearer:>9.2}") } else { String::new() };
            println!("  {:<34} {rate:>10.0} {faster:>9.2} {cpu}", servers[rung].name);
        }
    }
    drop(servers);
    println!("{:<18} {:>12}", "idle clients", "KiB each");
    for rung in &rungs {
        match Server::start(rung).memory_of_idle_client() {
            Some(kib) => println!("  {:<40} {kib:>12.1}", rung.server),
            None => println!("  {:<40} {:>12}", rung.server, "only on Linux"),
        }
    }
}

/// Builds the examples as this benchmark was built.
fn build(rungs: &[Rung]) {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--quiet", "--release"]).current_dir(package_folder());
    for rung in rungs.iter().filter(|rung| !rung.server.contains("{port}")) {
        cargo.args(["--example", &rung.server]);
    }
    assert!(cargo.status().unwrap().success(), "the servers do not build");
}

fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A running server; killed when it is dropped.
struct Server {
    name: String,
    child: Child,
    address: SocketAddr,
    protocol: Protocol,
    _port: FreePort,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(rung: &Rung) -> Self {
        let port = FreePort::pick().unwrap();
        let address = port.address();
        let number = address.port().to_string();
        let mut command = if rung.server.contains("{port}") {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("exec {}", rung.server.replace("{port}", &number))]);
            shell
        } else {
            let profile = profile_folder().unwrap();
            let mut example = Command::new(profile.join("examples").join(&rung.server));
            example.args(["--port", &number]).args(rung.options);
            example
        };
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let name = rung.server.clone();
        let server = Self { name, child, address, protocol: rung.protocol, _port: port };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < deadline, "{} does not listen", server.name);
            thread::sleep(Duration::from_millis(5));
        }
        server
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// A client that has been answered once.
    fn answered(&self) -> TcpStream {
        let mut stream = self.connect();
        exchange(&mut stream);
        stream
    }

    /// One conversation, from its connection to its end.
    fn converse(&self) {
        let mut stream = self.connect();
        match self.protocol {
            Protocol::Greeter => {
                stream.read_exact(&mut [0; 28]).unwrap();
                stream.write_all(b"yes").unwrap();
                assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
            }
            Protocol::Upper => {
                exchange(&mut stream);
                assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
            }
            Protocol::Reverse => exchange(&mut stream),
        }
    }

    fn status(&self, field: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// `utime` and `stime` of proc(5), in clock ticks of 10 ms; nothing where the system does not say so.
    fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
        ticks.sum::<f64>() / 100.0
    }

    /// Waits until the threads of clients that have left have ended, where the system counts them.
    fn settle(&self, threads: Option<u64>) {
        let deadline = Instant::now() + PATIENCE;
        while self.status("Threads:") > threads {
            assert!(Instant::now() < deadline, "{} keeps its threads", self.name);
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// In KiB.
    fn memory_of_idle_client(&self) -> Option<f64> {
        let before = self.status("VmRSS:")?;
        let clients: Vec<TcpStream> = (0..IDLE).map(|_| self.idle()).collect();
        let mut all = before;
        loop {
            // The last of them may not have been accepted yet, or their threads not have begun.
            thread::sleep(SLICE);
            let now = self.status("VmRSS:")?;
            if now == all {
                return Some(now.saturating_sub(before) as f64 / clients.len() as f64);
            }
            all = now;
        }
    }

    /// A client that is idle from now on. A greeting may stay unread: a pool greets only some.
    fn idle(&self) -> TcpStream {
        match self.protocol {
            Protocol::Greeter | Protocol::Upper => self.connect(),
            Protocol::Reverse => self.answered(),
        }
    }
}

fn exchange(stream: &mut TcpStream) {
    stream.write_all(MESSAGE).unwrap();
    stream.read_exact(&mut [0; MESSAGE.len()]).unwrap();
}

/// How fast a server was, and the processor time that it took for each message or connection.
#[derive(Clone, Copy)]
struct Pace {
    rate: f64,
    cpu_micros: f64,
}

#[derive(Clone, Copy)]
enum Measurement {
    /// Messages of so many clients.
    Messages(usize),
    Connections,
}

impl Measurement {
    fn fits(self, rung: &Rung) -> bool {
        matches!(self, Self::Connections) || rung.protocol == Protocol::Reverse
    }

    fn run(self, server: &Server) -> Pace {
        let threads = server.status("Threads:");
        let pace = match self {
            Self::Messages(clients) => messages(server, clients),
            Self::Connections => at_the_same_time(server, CONNECTORS, |_| {
                server.converse();
                1
            }),
        };
        server.settle(threads);
        pace
    }
}

fn messages(server: &Server, clients: usize) -> Pace {
    let streams: Vec<TcpStream> = (0..clients).map(|_| server.answered()).collect();
    let senders = SENDERS.min(clients);
    let shares: Vec<&[TcpStream]> = streams.chunks(clients.div_ceil(senders)).collect();
    at_the_same_time(server, senders, |number| {
        for mut stream in shares[number] {
            stream.write_all(MESSAGE).unwrap();
        }
        for mut stream in shares[number] {
            stream.read_exact(&mut [0; MESSAGE.len()]).unwrap();
        }
        shares[number].len()
    })
}

/// Has so many threads `work` again and again, with their numbers; `work` returns how much it has done.
fn at_the_same_time(server: &Server, threads: usize, work: impl Fn(usize) -> usize + Sync) -> Pace {
    let done = AtomicUsize::new(0);
    let (start, cpu) = (Instant::now(), server.cpu_seconds());
    thread::scope(|scope| {
        let (done, work) = (&done, &work);
        for number in 0..threads {
            scope.spawn(move || {
                while start.elapsed() < SLICE {
                    done.fetch_add(work(number), Ordering::Relaxed);
                }
            });
        }
    });
    let (done, took) = (done.into_inner() as f64, start.elapsed());
    Pace { rate: done / took.as_secs_f64(), cpu_micros: (server.cpu_seconds() - cpu) / done * 1e6 }
}
