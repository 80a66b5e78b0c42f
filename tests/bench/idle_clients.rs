//! How many clients does a thread per client carry, and what does each cost?
//!
//! `cargo bench --bench idle_clients` connects 10,000 clients to every threaded server, has each answered once, leaves them idle,
//! and prints the resident memory for each, the processor time of the idle server and the time that Ctrl-C takes.
//! `cargo bench --bench idle_clients -- 2000` does it with 2000. Memory and processor time are read from /proc, so only on Linux.
//! Both this program and the server need a descriptor for each client: raise the limit first (`ulimit -n 20000`).

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark prints, and a panic ends it"
)]

#[cfg(target_os = "linux")]
fn main() {
    // cargo hands `--bench` to every benchmark.
    let clients = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    println!("{clients} idle clients; each has been answered once\n");
    println!(
        "{:<28} {:>12} {:>14} {:>16} {:>10}",
        "server", "connect all", "KiB/client", "idle CPU in 1 s", "Ctrl-C"
    );
    for name in support::servers().filter(|name| !name.contains("blocking")) {
        linux::measure(name, clients);
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("This benchmark reads /proc, which only Linux has.");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::time::{Duration, Instant};

    use support::{GREETING, PATIENCE, Peer, Server, reply_to};

    pub fn measure(name: &str, clients: usize) {
        let server = Server::start(name, &[]);
        let before = resident_kib(&server);
        let started = Instant::now();
        let mut peers: Vec<Peer> = Vec::with_capacity(clients);
        for number in 0..clients {
            let mut peer = server.connect();
            if name.contains("greeter") {
                peer.expect(GREETING);
            } else if !name.contains("upper") {
                peer.send("hello");
                peer.expect(&reply_to(name, b"hello"));
            } else if number % 100 == 99 {
                // It says nothing and hangs up after its reply, so its idle clients have not spoken yet.
                server.wait_for_lines("Accepted connection", number + 1);
            }
            peers.push(peer);
        }
        let connected = started.elapsed();
        let memory = resident_kib(&server) - before;
        let (ticks, second) = (processor_ticks(&server), Duration::from_secs(1));
        std::thread::sleep(second); // the time over which the idle server is watched
        let idle = processor_ticks(&server) - ticks;
        let mut server = server;
        let stopping = Instant::now();
        server.interrupt();
        server.program.wait_for_end(PATIENCE).unwrap_or_else(|gave_up| panic!("{gave_up}"));
        println!(
            "{name:<28} {:>10.2} s {:>14.1} {:>13} ms {:>7} ms",
            connected.as_secs_f64(),
            memory as f64 / clients as f64,
            idle * 10,
            stopping.elapsed().as_millis()
        );
    }

    fn read(server: &Server, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", server.program.id())).unwrap()
    }

    /// `VmRSS` of proc(5), in KiB.
    fn resident_kib(server: &Server) -> u64 {
        let status = read(server, "status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// `utime` and `stime` of proc(5), in clock ticks of 10 ms.
    fn processor_ticks(server: &Server) -> u64 {
        let stat = read(server, "stat");
        let fields = stat.rsplit(')').next().unwrap().split_whitespace();
        fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
    }
}
