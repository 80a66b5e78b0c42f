//! The conversations of a server: the threads that serve them, and their sockets.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::stop::{count_served, served_so_far};
use crate::{reason, say, say_stopped};

/// How long a reply that has begun may take once the server is stopping.
const GRACE: Duration = Duration::from_millis(400);

/// The conversations that are going on.
///
/// It holds each socket weakly: it can shut a socket down but does not keep it open, so a handler
/// that ends closes its own.
#[derive(Debug, Default)]
pub struct Conversations {
    open: Vec<(Weak<TcpStream>, JoinHandle<()>)>,
}

impl Conversations {
    /// The name of the thread that is to serve the next client: `Thread-1`, `Thread-2`, and so on.
    pub fn next_name(&self) -> String {
        format!("Thread-{}", served_so_far() + 1)
    }

    /// Counts and keeps the conversation with `peer` that a thread has begun, and forgets those that
    /// have ended.
    ///
    /// A thread that could not be started is reported in one line; its client has been turned away,
    /// because the closure that owned the socket is gone.
    pub fn add(
        &mut self,
        socket: Weak<TcpStream>,
        peer: SocketAddr,
        handler: io::Result<JoinHandle<()>>,
    ) {
        self.open.retain(|(_, handler)| !handler.is_finished());
        match handler {
            Ok(handler) => {
                count_served();
                self.open.push((socket, handler));
            }
            Err(error) => say!("Thread did not start, {peer} is turned away: {}", reason(&error)),
        }
    }

    /// The sockets whose handlers have not ended yet.
    pub fn open_sockets(&self) -> impl Iterator<Item = Arc<TcpStream>> {
        self.open.iter().filter_map(|(socket, _)| socket.upgrade())
    }

    /// Sees to it that no client can keep a stopping server: 0.4 s from now, shuts down the sockets
    /// that are still open, both ways, which ends a `write_all` to a client that does not read.
    /// Returns at once.
    pub fn cut_off_late(&self) {
        let sockets: Vec<_> = self.open.iter().map(|(socket, _)| socket.clone()).collect();
        let timer = thread::Builder::new().spawn(move || {
            thread::sleep(GRACE);
            for socket in sockets.iter().filter_map(Weak::upgrade) {
                let _ = socket.shutdown(Shutdown::Both);
            }
        });
        // Without it, the process ends a little later than it need (see `on_ctrl_c`).
        drop(timer);
    }

    /// Takes out the threads that are left, to be joined.
    pub fn handlers(&mut self) -> impl Iterator<Item = JoinHandle<()>> {
        self.open.drain(..).map(|(_, handler)| handler)
    }

    /// Ends the server as lab 05 does in the open: ends the idle conversations, lets replies that
    /// have begun be completed, joins the threads and says how many clients were served.
    pub fn end(mut self) {
        for stream in self.open_sockets() {
            let _ = stream.shutdown(Shutdown::Read);
        }
        self.cut_off_late();
        for handler in self.handlers() {
            // A handler that panicked has said so itself.
            let _ = handler.join();
        }
        say_stopped();
    }
}
