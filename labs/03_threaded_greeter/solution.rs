//! Solution 03: the players are numbered, and those who are online are counted.
//!
//!     cargo run --example 03_solution

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use socketlab::{
    Address, Outcome, hang_up, printable, reason, report_accept_error, say, stop_at_once,
};

static PLAYERS: AtomicUsize = AtomicUsize::new(0); // New: how many there have been
static ONLINE: AtomicUsize = AtomicUsize::new(0); // New: how many there are

/// New: a player who is online; dropping it counts it off, however its conversation ends.
struct Player {
    number: usize,
    online: usize,
}

impl Player {
    fn join() -> Self {
        // `fetch_add` returns what was there before.
        let number = PLAYERS.fetch_add(1, Ordering::SeqCst) + 1;
        Self { number, online: ONLINE.fetch_add(1, Ordering::SeqCst) + 1 }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        ONLINE.fetch_sub(1, Ordering::SeqCst);
    }
}

fn main() -> Outcome {
    let address = Address::for_server(1337, "Greets each client and prints its answer.");
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    let served = stop_at_once()?;
    say!("Server listening for connections, listening on {}", listener.local_addr()?);

    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                served.count();
                let player = Player::join(); // New: here, so that numbers go in the order of coming
                let handler = thread::Builder::new().spawn(move || serve(stream, peer, player));
                if let Err(error) = handler {
                    say!("Thread did not start, {peer} is turned away: {}", reason(&error));
                }
            }
            Err(error) => report_accept_error(&error),
        }
    }
}

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(stream: TcpStream, peer: SocketAddr, player: Player) {
    say!("Connection from: {peer}");
    if let Err(error) = converse(&stream, peer, player) {
        say!("{peer} was lost: {}", reason(&error));
    }
    say!("{peer} connection ended.");
}

/// The protocol: a greeting, one answer.
fn converse(mut stream: &TcpStream, peer: SocketAddr, player: Player) -> io::Result<()> {
    // New: both lines in one write.
    let status = format!("You are player {}, {} online.", player.number, player.online);
    stream.write_all(format!("Do you want to play a game?\n{status}\n").as_bytes())?;
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer)?;
    if length == 0 {
        say!("{peer} left without an answer");
    } else {
        say!("{peer} said: {}", printable(&buffer[..length]));
    }
    drop(player); // New: counted off before the client can hear that the game is over
    hang_up(stream, peer)
}
