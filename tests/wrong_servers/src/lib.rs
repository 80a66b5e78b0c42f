//! What the wrong servers share, so that each of them shows its mistake and nothing else: options,
//! listening, accepting, the systems' messages.

pub mod polled;

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::panic::catch_unwind;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

pub const GREETING: &str = "Do you want to play a game?\n";
pub const TOO_SLOW: &str = "Too slow!\n";
pub const FULL: &str = "Server full, try again later.\n";

/// The value of an option such as `--max`; `default` where it is missing. All others are ignored.
pub fn option<T: FromStr>(name: &str, default: T) -> T {
    let mut words = env::args().skip_while(|word| word != name).skip(1);
    words.next().and_then(|word| word.parse().ok()).unwrap_or(default)
}

/// Listens on `--port`, a free one by default, without saying so.
pub fn bind() -> TcpListener {
    match TcpListener::bind(("127.0.0.1", option("--port", 0))) {
        Ok(listener) => listener,
        Err(error) => fail(&error),
    }
}

/// Ends the server as one that could not start.
pub fn fail(error: &io::Error) -> ! {
    eprintln!("Error: {error}");
    std::process::exit(1)
}

/// Says that the server is ready.
pub fn say_ready(listener: &TcpListener) {
    if let Ok(address) = listener.local_addr() {
        println!("listening on {address}");
    }
}

/// Listens on `--port` and says so.
pub fn listen() -> TcpListener {
    let listener = bind();
    say_ready(&listener);
    listener
}

/// The next client, reported.
pub fn next_client(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    let (stream, peer) = unreported_client(listener);
    println!("Connection from {peer}");
    (stream, peer)
}

/// The next client; one that is lost in the queue is passed over.
pub fn unreported_client(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        if let Ok((stream, peer)) = listener.accept() {
            let _ = stream.set_nodelay(true);
            return (stream, peer);
        }
    }
}

/// Reports a client that was lost.
pub fn report(peer: SocketAddr, ended: io::Result<()>) {
    match ended {
        Ok(()) => println!("{peer} has left"),
        Err(error) => println!("{peer} was lost: {error}"),
    }
}

/// Serves one client after the other, for ever.
pub fn in_turn(mut serve: impl FnMut(&TcpStream, SocketAddr) -> io::Result<()>) {
    let listener = listen();
    loop {
        let (stream, peer) = next_client(&listener);
        report(peer, serve(&stream, peer));
    }
}

/// Serves every client in a thread of its own, for ever.
pub fn in_threads(
    serve: impl Fn(&TcpStream, SocketAddr) -> io::Result<()> + Send + Sync + 'static,
) {
    in_numbered_threads(move |stream, peer, _| serve(stream, peer));
}

/// The same, and tells each thread the number of its client: 1 for the first that was accepted.
pub fn in_numbered_threads(
    serve: impl Fn(&TcpStream, SocketAddr, u32) -> io::Result<()> + Send + Sync + 'static,
) {
    let listener = listen();
    let serve = Arc::new(serve);
    for number in 1.. {
        let (stream, peer) = next_client(&listener);
        let serve = Arc::clone(&serve);
        let thread = thread::Builder::new().name(format!("Thread-{number}"));
        let handler = thread.spawn(move || report(peer, serve(&stream, peer, number)));
        handler.unwrap_or_else(|error| fail(&error));
    }
}

/// One message of up to 1024 bytes; `None` when there will be no more.
pub fn receive(mut stream: &TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut buffer = vec![0; 1024];
    let length = stream.read(&mut buffer)?;
    buffer.truncate(length);
    Ok((length > 0).then_some(buffer))
}

/// Sends a text in one write.
pub fn send(mut stream: &TcpStream, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())
}

/// The reply of the upper system.
pub fn upper(message: &[u8]) -> String {
    String::from_utf8_lossy(message).to_uppercase()
}

/// The reply of the reverse system.
pub fn reversed(message: &[u8]) -> String {
    String::from_utf8_lossy(message).chars().rev().collect()
}

/// The second line of exercise 03.
pub fn number_line(number: u32) -> String {
    format!("You are player {number}.\n")
}

/// Greets a player as exercise 03 does and prints its answer.
pub fn play(stream: &TcpStream, peer: SocketAddr, number: u32) -> io::Result<()> {
    send(stream, &(GREETING.to_owned() + &number_line(number)))?;
    hear(stream, peer)
}

/// Prints the answer of a player.
pub fn hear(stream: &TcpStream, peer: SocketAddr) -> io::Result<()> {
    if let Some(answer) = receive(stream)? {
        println!("{peer} said: {}", answer.escape_ascii());
    }
    Ok(())
}

/// Whether a session's message is its quit word.
pub fn is_quit(message: &[u8]) -> bool {
    message.trim_ascii_end() == b"--quit--"
}

/// The session's protocol, with the bug of exercise 08, until the client quits or is gone.
pub fn session(stream: &TcpStream) -> io::Result<()> {
    while let Some(message) = receive(stream)? {
        if is_quit(&message) {
            break;
        }
        assert_harmless(&message);
        send(stream, "-")?;
    }
    Ok(())
}

/// The protocol of exercise 05, until the client quits, is gone, or sends a line that is too long.
pub fn line_session(stream: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        reader.by_ref().take(5120).read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") || is_quit(&line) {
            return Ok(());
        }
        send(stream, "-")?;
    }
}

/// The bug of exercise 08.
pub fn assert_harmless(message: &[u8]) {
    let message = String::from_utf8_lossy(message);
    assert!(!message.contains("PANIC"), "a bug in mid-conversation");
}

/// A place in the house of exercise 08; dropping it counts down.
pub struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    /// Takes a place, if there are fewer than `max` that are taken.
    pub fn take(taken: &'a AtomicUsize, max: usize) -> Option<Self> {
        let one_more = |taken| (taken < max).then_some(taken + 1);
        taken.fetch_update(SeqCst, SeqCst, one_more).ok().map(|_| Self(taken))
    }

    /// A place that has been counted already.
    pub fn counted(taken: &'a AtomicUsize) -> Self {
        Self(taken)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// A client in the queue of exercise 09.
pub type Client = (TcpStream, SocketAddr);

/// `--workers` and `--queue`.
pub fn pool_sizes() -> (usize, usize) {
    (option("--workers", 2), option("--queue", 1))
}

/// The game of exercise 09, with its bug.
pub fn pooled_game((stream, peer): &Client) -> io::Result<()> {
    send(stream, GREETING)?;
    if let Some(answer) = receive(stream)? {
        assert_harmless(&answer);
        println!("{peer} said: {}", answer.escape_ascii());
    }
    Ok(())
}

/// Plays it, and outlives its bug.
pub fn serve_safely(client: Client) {
    let peer = client.1;
    match catch_unwind(move || pooled_game(&client)) {
        Ok(ended) => report(peer, ended),
        Err(_) => println!("{peer} was lost to a bug"),
    }
}

/// Tells a client that there is no place for it, and closes its connection.
pub fn refuse((stream, peer): Client) {
    println!("{peer} is refused");
    let _ = send(&stream, FULL);
}

/// Hands every client that comes to `offer`, which may give it back; then it is refused.
pub fn offer_or_refuse(mut offer: impl FnMut(Client) -> Result<(), TrySendError<Client>>) {
    let listener = listen();
    loop {
        if let Err(TrySendError::Full(client)) = offer(next_client(&listener)) {
            refuse(client);
        }
    }
}

/// Starts so many threads, all of which do `work`.
pub fn start_workers(workers: usize, work: impl Fn() + Send + Sync + 'static) {
    let work = Arc::new(work);
    for number in 1..=workers {
        let work = Arc::clone(&work);
        let thread = thread::Builder::new().name(format!("worker {number}"));
        thread.spawn(move || work()).unwrap_or_else(|error| fail(&error));
    }
}

/// Takes the next client from the queue; the lock is held for no longer than that.
pub fn take_next(queue: &Mutex<Receiver<Client>>) -> Client {
    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
    next.unwrap_or_else(|error| fail(&io::Error::other(error)))
}

/// Makes Ctrl-C end the process with status 0, wherever its threads stand.
pub fn exit_at_ctrl_c() {
    let set = ctrlc::set_handler(|| std::process::exit(0));
    set.unwrap_or_else(|error| fail(&io::Error::other(error)));
}

/// Prints the record of exercise 07, with its bug, in one call.
pub fn print_record(text: &str) {
    assert!(!text.contains("PANIC"), "a bug in mid-record");
    println!("{}:\n  {}", name(), text.escape_debug());
}

/// The name of the thread that calls, as records begin with it.
pub fn name() -> String {
    thread::current().name().unwrap_or("unnamed").to_owned()
}

/// Reads a chat client line by line.
pub fn lines(stream: &TcpStream) -> impl Iterator<Item = io::Result<String>> {
    let lines = BufReader::new(stream).split(b'\n');
    lines.map(|line| Ok(String::from_utf8_lossy(line?.trim_ascii_end()).into_owned()))
}

/// Shows the operator what a chat client said.
pub fn show(peer: SocketAddr, message: &str) {
    println!("{peer}> {}", message.escape_debug());
}

/// Asks the operator for an answer, and prints it where no terminal shows it. A client's `bye` is
/// answered by `bye` unasked, and so is everybody at the end of the operator's input.
pub fn ask(peer: SocketAddr, message: &str) -> String {
    if message == "bye" {
        return "bye".to_owned();
    }
    print!("{peer}< ");
    let _ = io::stdout().flush();
    let mut answer = String::new();
    let length = io::stdin().lock().read_line(&mut answer).unwrap_or_default();
    println!("{}", answer.trim_ascii_end());
    if length == 0 { "bye".to_owned() } else { answer.trim_ascii_end().to_owned() }
}

/// The chat's protocol; `turn` shows a message and returns the operator's answer.
pub fn chat(
    stream: &TcpStream,
    peer: SocketAddr,
    turn: impl Fn(SocketAddr, &str) -> String,
) -> io::Result<()> {
    for message in lines(stream) {
        let message = message?;
        let answer = turn(peer, &message);
        if message == "bye" {
            break;
        }
        send(stream, &format!("{answer}\n"))?;
        if answer == "bye" {
            break;
        }
    }
    Ok(())
}

/// A turn without any lock: the message, then the prompt.
pub fn turn(peer: SocketAddr, message: &str) -> String {
    show(peer, message);
    ask(peer, message)
}

/// How the lines of a guest of exercise 10 are read, until it leaves: each is handed on.
pub type ReadLines = fn(&TcpStream, &mut dyn FnMut(String)) -> io::Result<()>;

/// The room of exercise 10: what is done with those who come, speak and leave.
#[derive(Clone, Copy)]
pub struct Room {
    pub read_lines: ReadLines,
    pub tells_arrivals: bool,
    pub tells_departures: bool,
    /// Tells a guest what it has said itself.
    pub tells_the_speaker: bool,
    /// Takes those who leave out of the list.
    pub removes: bool,
    /// Closes the connections of those who leave, and of those who cannot be told.
    pub closes: bool,
}

impl Room {
    pub const RIGHT: Self = Self {
        read_lines: guest_lines,
        tells_arrivals: true,
        tells_departures: true,
        tells_the_speaker: false,
        removes: true,
        closes: true,
    };

    /// Opens the room: `enter` makes of a socket what is kept for a guest, and `tell` tells it a line,
    /// under the room's lock; it returns whether that could be done.
    pub fn open<G: Send + 'static>(
        self,
        enter: impl Fn(TcpStream) -> G + Send + Sync + 'static,
        tell: impl Fn(&G, &str) -> bool + Send + Sync + 'static,
    ) {
        let room = Mutex::new(Vec::<(u32, TcpStream, G)>::new());
        in_numbered_threads(move |stream, _, number| {
            let guest = enter(stream.try_clone()?);
            let tell_all = |line: String, but: u32| {
                lock(&room).retain(|(own, stream, guest)| {
                    let stays = *own == but || tell(guest, &line) || !self.removes;
                    if !stays && self.closes {
                        let _ = stream.shutdown(Shutdown::Both);
                    }
                    stays
                });
            };
            if self.tells_arrivals {
                tell_all(format!("Guest-{number} has come.\n"), number);
            }
            {
                let mut room = lock(&room);
                tell(&guest, &format!("You are Guest-{number}.\n"));
                room.push((number, stream.try_clone()?, guest));
            }
            let ended = (self.read_lines)(stream, &mut |text| {
                let but = if self.tells_the_speaker { 0 } else { number };
                tell_all(format!("Guest-{number}: {text}\n"), but);
            });
            if self.removes {
                lock(&room).retain(|(own, ..)| *own != number);
            }
            if self.closes {
                let _ = stream.shutdown(Shutdown::Both);
            }
            if self.tells_departures {
                tell_all(format!("Guest-{number} has left.\n"), number);
            }
            ended
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the lines of a guest as exercise 10 wants it.
pub fn guest_lines(stream: &TcpStream, say: &mut dyn FnMut(String)) -> io::Result<()> {
    hasty_guest_lines(stream, &mut |line| {
        say(line);
        thread::sleep(Duration::from_millis(1));
    })
}

/// The same without a pause between two lines.
pub fn hasty_guest_lines(stream: &TcpStream, say: &mut dyn FnMut(String)) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        reader.by_ref().take(1024).read_until(b'\n', &mut line)?;
        match line.trim_ascii_end() {
            _ if !line.ends_with(b"\n") => return Ok(()),
            b"bye" => return Ok(()),
            b"" => {}
            text => say(shown(text)),
        }
    }
}

/// Text that no terminal obeys.
pub fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// Empties an outbox in a thread of its own.
pub fn empty_outbox(stream: TcpStream, lines: impl IntoIterator<Item = String> + Send + 'static) {
    thread::spawn(move || {
        let mut lines = lines.into_iter();
        lines.try_for_each(|line| send(&stream, &line))
    });
}

/// An outbox for so many lines.
pub fn outbox(stream: TcpStream, size: usize) -> SyncSender<String> {
    let (outbox, lines) = sync_channel(size);
    empty_outbox(stream, lines);
    outbox
}
