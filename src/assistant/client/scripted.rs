//! A client that follows a script and writes down what happens to it. Every step has a deadline, and
//! ends soon after the record is stopped or Ctrl-C is pressed: a server's death does not always end
//! its clients' waits, because another process can hold its sockets.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use socketlab::{printable, reason};

use crate::client::record::{Event, Record, Waited, What};
use crate::process::interrupt::{self, POLL_INTERVAL};

/// The shortest time that the system is asked to wait; zero would mean for ever.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// How much of what arrives is kept, in bytes: a server can send without end.
const MAX_ARRIVED: usize = 64 * 1024 * 1024;

/// How much is still read when the time is over, in bytes: what had arrived by then.
const MAX_LATE: usize = 1024 * 1024;

/// How much may arrive behind what a client wants to hear, in bytes: all that one `read` returns.
const MAX_HEARD_LATER: usize = 64 * 1024;

/// A client on a bare socket.
#[derive(Debug)]
pub struct ScriptedClient<'a> {
    name: char,
    server: SocketAddr,
    patience: Duration,
    record: &'a Record,
    connect: fn(SocketAddr, Duration) -> io::Result<TcpStream>,
    stream: Option<TcpStream>,
    /// What has arrived and has not been asked for yet.
    arrived: Vec<u8>,
}

/// How listening has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Enough,
    /// The time is over and there was not enough; the connection is open.
    Silence,
    /// The connection is over: `None` for a proper end, else the system's word for it.
    End(Option<String>),
}

/// Why a script went no further, as a sentence without its subject: "got … instead of …".
pub type Trouble = String;

impl<'a> ScriptedClient<'a> {
    /// A client of the server at this address, which waits for `patience` at the most in each step.
    pub fn new(name: char, server: SocketAddr, patience: Duration, record: &'a Record) -> Self {
        let connect = |server: SocketAddr, time| TcpStream::connect_timeout(&server, time);
        Self { name, server, patience, record, connect, stream: None, arrived: Vec::new() }
    }

    /// For a client that is going to read nothing: it connects with segments as between two machines. On a machine's own
    /// network they are so large that Linux gives the server megabytes of buffers, which would have to be filled.
    pub fn use_small_segments(&mut self) {
        self.connect = connect_with_small_segments;
    }

    /// Follows a script, whose trouble is recorded too. Then the connection is closed.
    pub fn follow(mut self, script: impl FnOnce(&mut Self) -> Result<(), Trouble>) {
        if let Err(trouble) = script(&mut self) {
            self.note(What::Failed(trouble));
        }
    }

    /// Connects. Fails when it gets no connection.
    pub fn connect(&mut self) -> Result<(), Trouble> {
        self.note(What::Connecting);
        self.try_connect().map_err(|error| format!("could not connect: {}", reason(&error)))
    }

    /// Closes the connection.
    pub fn close(&mut self) {
        self.note(What::Done);
        self.stream = None;
    }

    /// Writes something down that has happened to it.
    pub fn note(&self, what: What) {
        self.record.add(self.name, what);
    }

    /// Connects, and writes only success down. Fails with the system's error.
    pub fn try_connect(&mut self) -> io::Result<()> {
        let stream = self.wait_to_connect()?;
        stream.set_write_timeout(Some(POLL_INTERVAL))?;
        stream.set_read_timeout(Some(POLL_INTERVAL))?;
        let own_address = stream.local_addr()?;
        self.stream = Some(stream);
        self.note(What::Connected(own_address));
        Ok(())
    }

    /// `connect` cannot be cancelled, and in short slices it would never reach a distant server. So a
    /// thread of its own does it; after a stop it is left behind, and ends within `patience`.
    fn wait_to_connect(&self) -> io::Result<TcpStream> {
        let (connect, server, patience) = (self.connect, self.server, self.patience);
        let (connected, wait) = mpsc::channel();
        thread::Builder::new().spawn(move || connected.send(connect(server, patience)))?;
        loop {
            match wait.recv_timeout(POLL_INTERVAL) {
                Ok(stream) => return stream,
                Err(RecvTimeoutError::Timeout) => self.go_on()?,
                Err(RecvTimeoutError::Disconnected) => return Err(ErrorKind::NotConnected.into()),
            }
        }
    }

    /// An error once it is to stop.
    fn go_on(&self) -> io::Result<()> {
        if self.record.is_stopped() || interrupt::requested() {
            return Err(io::Error::other("it was stopped"));
        }
        Ok(())
    }

    /// Its own end's address while it is connected.
    pub fn address(&self) -> Option<SocketAddr> {
        self.stream.as_ref()?.local_addr().ok()
    }

    /// Waits for exactly these bytes, which are `what` to it; fails without them. `name` completes "waits for …".
    pub fn expect(
        &mut self,
        wanted: &str,
        name: &'static str,
        what: fn(Vec<u8>) -> What,
    ) -> Result<(), Trouble> {
        self.note(What::Waiting(name));
        let heard = self.hear(name, |arrived| arrived.len() >= wanted.len())?;
        let got = self.take_arrived(wanted.len());
        if got == wanted.as_bytes() {
            self.note(what(got));
            return Ok(());
        }
        let end = if heard == Heard::Enough { "" } else { " and then the end" };
        let (wanted, got) = (printable(wanted), printable(&got));
        Err(format!("waited for {name}, \"{wanted}\", and got \"{got}\"{end}"))
    }

    /// Waits until these bytes arrive among others, at most [`MAX_HEARD_LATER`] before the last; fails without them.
    pub fn expect_among_others(&mut self, wanted: &str, name: &'static str) -> Result<(), Trouble> {
        self.note(What::Waiting(name));
        let heard = self.hear(name, |arrived| {
            let begin = arrived.len().saturating_sub(wanted.len() + MAX_HEARD_LATER);
            arrived[begin..].windows(wanted.len()).any(|window| window == wanted.as_bytes())
        })?;
        self.take_arrived(usize::MAX);
        if heard == Heard::Enough {
            self.note(What::Received(wanted.into()));
            return Ok(());
        }
        Err(format!("waited for {name}, \"{}\", and got the end", printable(wanted)))
    }

    /// Waits for the server to end the conversation. Fails when something comes instead, or nothing.
    pub fn expect_end(&mut self) -> Result<(), Trouble> {
        self.note(What::WaitingForEnd);
        self.hear("the end", |arrived| !arrived.is_empty())?;
        let got = self.take_arrived(1);
        if !got.is_empty() {
            return Err(format!("waited for the end and got \"{}\"", printable(&got)));
        }
        self.note(What::Ended);
        Ok(())
    }

    /// Sends these bytes. Fails when that is not possible.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        self.try_send(bytes).map_err(|error| format!("could not send: {}", reason(&error)))
    }

    /// Sends these bytes, and writes only success down. Fails with the system's error.
    pub fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let deadline = Instant::now() + self.patience;
        let mut left = bytes;
        while !left.is_empty() {
            match self.open_stream()?.write(left) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(length) => left = &left[length..],
                Err(error) if is_timeout(&error) && Instant::now() < deadline => self.go_on()?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.note(What::Sent(bytes.to_vec()));
        Ok(())
    }

    /// Does nothing for this long, or until `enough` holds for what has happened so far. Fails when it is stopped.
    pub fn think(&self, at_most: Duration, enough: fn(&[Event]) -> bool) -> Result<(), Trouble> {
        self.note(What::Thinking);
        self.stay_away(at_most, enough)?;
        self.note(What::Thought);
        Ok(())
    }

    /// The same before it has come: nothing is written down.
    pub fn stay_away(
        &self,
        at_most: Duration,
        enough: fn(&[Event]) -> bool,
    ) -> Result<(), Trouble> {
        match self.record.wait_until(at_most, enough) {
            Waited::Stopped => Err("was stopped while it did nothing".to_owned()),
            Waited::Met | Waited::TimedOut => Ok(()),
        }
    }

    /// Listens for `name`; silence and a lost connection are trouble.
    fn hear(&mut self, name: &str, enough: impl Fn(&[u8]) -> bool) -> Result<Heard, Trouble> {
        let why = match self.listen(self.patience, enough) {
            Ok(heard @ (Heard::Enough | Heard::End(None))) => return Ok(heard),
            Ok(Heard::Silence) => {
                format!(", which did not come within {} s", self.patience.as_secs())
            }
            Ok(Heard::End(Some(why))) => format!(", but the connection was lost: {why}"),
            Err(error) => format!(": {}", reason(&error)),
        };
        Err(format!("waited for {name}{why}"))
    }

    /// Reads until `enough` holds for what has arrived and not been taken, for `patience` at most, and once in any
    /// case: on a busy machine the time can be over before the first look. Nothing is written down. Fails when there is
    /// no connection, and when it is to stop.
    pub fn listen(
        &mut self,
        patience: Duration,
        enough: impl Fn(&[u8]) -> bool,
    ) -> io::Result<Heard> {
        let deadline = Instant::now() + patience;
        let mut buffer = [0; 4096];
        let mut late = 0;
        while !enough(&self.arrived) {
            self.go_on()?;
            if late > MAX_LATE || self.arrived.len() > MAX_ARRIVED {
                return Ok(Heard::Silence);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let mut stream = self.open_stream()?;
            // macOS refuses every option once both directions are closed; then `read` does not wait.
            let _ = stream.set_read_timeout(Some(left.clamp(SHORTEST_WAIT, POLL_INTERVAL)));
            match stream.read(&mut buffer) {
                Ok(0) => return Ok(Heard::End(None)),
                Ok(length) => {
                    self.arrived.extend_from_slice(&buffer[..length]);
                    late += if left.is_zero() { length } else { 0 };
                }
                Err(error) if is_timeout(&error) && left.is_zero() => return Ok(Heard::Silence),
                Err(error) if is_timeout(&error) || error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Ok(Heard::End(Some(reason(&error)))),
            }
        }
        Ok(Heard::Enough)
    }

    /// What has arrived and not been taken yet.
    pub fn arrived(&self) -> &[u8] {
        &self.arrived
    }

    /// Takes the first `length` bytes of what has arrived, or all of it.
    pub fn take_arrived(&mut self, length: usize) -> Vec<u8> {
        self.arrived.drain(..length.min(self.arrived.len())).collect()
    }

    /// Breaks the connection off: closes it while input is waiting that it has not read, which makes the system send a
    /// reset. Waits for such input, for `patience` at most. Fails when there is none, or no connection.
    pub fn break_off(&mut self, patience: Duration) -> io::Result<()> {
        let deadline = Instant::now() + patience;
        let stream = self.open_stream()?;
        let _ = stream.set_read_timeout(Some(POLL_INTERVAL));
        loop {
            match stream.peek(&mut [0]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => break,
                Err(error) if is_timeout(&error) && Instant::now() < deadline => self.go_on()?,
                Err(error) if error.kind() == ErrorKind::Interrupted => self.go_on()?,
                Err(error) => return Err(error),
            }
        }
        self.note(What::BrokenOff);
        self.stream = None;
        Ok(())
    }

    /// A second handle for its connection. Fails when there is none, or no descriptor left.
    pub fn another_handle(&self) -> io::Result<TcpStream> {
        self.open_stream()?.try_clone()
    }

    fn open_stream(&self) -> io::Result<&TcpStream> {
        self.stream.as_ref().ok_or_else(|| ErrorKind::NotConnected.into())
    }
}

fn connect_with_small_segments(server: SocketAddr, patience: Duration) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(server), Type::STREAM, None)?;
    // The bytes of the largest segment of an Ethernet. Where they cannot be asked for, there is more to fill.
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_mss(1460);
    // A receiver that finds room later lets a writer go on that seemed to wait for good.
    let _ = socket.set_recv_buffer_size(16 * 1024);
    socket.connect_timeout(&server.into(), patience)?;
    Ok(socket.into())
}

/// Unix calls a wait on a socket that took too long `WouldBlock`, Windows `TimedOut`.
pub fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
