//! A client that follows a script: what it writes down, and that it can be stopped.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use assistant::client::record::{Event, Record, What};
use assistant::client::scripted::{ScriptedClient, Trouble};

/// How long a client is patient that is going to get what it waits for, or is to be stopped.
const LONG: Duration = Duration::from_secs(60);

/// What a client does.
type Script = fn(&mut ScriptedClient<'_>) -> Result<(), Trouble>;

/// Runs `script` against a server that does `serve` with one connection; returns the client's events.
fn against(
    patience: Duration,
    serve: impl FnOnce(TcpStream) + Send + 'static,
    script: Script,
) -> Vec<What> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || serve(listener.accept().unwrap().0));
    let record = Record::begin();
    ScriptedClient::new('A', address, patience, &record).follow(script);
    server.join().unwrap();
    record.events().into_iter().map(|event| event.what).collect()
}

/// Waits for this greeting.
fn greeted(client: &mut ScriptedClient<'_>, greeting: &str) -> Result<(), Trouble> {
    client.connect()?;
    client.expect(greeting, "its greeting", What::Received)
}

/// Stops a client of this server once it does what is said, and looks that its script ends.
fn stop_while(server: SocketAddr, script: Script, does: fn(&What) -> bool) -> Vec<Event> {
    let record = Record::begin();
    let start = thread::scope(|scope| {
        let client = ScriptedClient::new('A', server, LONG, &record);
        scope.spawn(move || client.follow(script));
        record.wait_until(LONG, |events| events.iter().any(|event| does(&event.what)));
        record.stop();
        Instant::now()
    });
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    record.events()
}

#[test]
fn silence_ends_at_the_deadline() {
    let mute = |mut stream: TcpStream| drop(stream.read(&mut [0; 1]));
    let events = against(Duration::from_millis(50), mute, |client| greeted(client, "hi"));
    let trouble = "waited for its greeting, which did not come within 0 s".to_owned();
    assert_eq!(events.last(), Some(&What::Failed(trouble)));
}

#[test]
fn a_client_that_is_stopped_waits_no_longer_although_its_connection_stays() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap();
    stop_while(server, |client| greeted(client, "hi"), |what| matches!(what, What::Waiting(_)));
    let for_end: Script = |client| {
        client.connect()?;
        client.expect_end()
    };
    stop_while(server, for_end, |what| *what == What::WaitingForEnd);
}

/// The queue is full, so the system does not answer.
#[test]
#[cfg(target_os = "linux")]
fn a_client_that_is_stopped_while_it_connects_waits_no_longer() {
    use socket2::{Domain, Socket, Type};

    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let server = listener.local_addr().unwrap().as_socket().unwrap();
    let _queued = TcpStream::connect(server).unwrap();
    let events = stop_while(server, |client| client.connect(), |what| *what == What::Connecting);
    let connected = |event: &Event| matches!(event.what, What::Connected(_));
    assert!(!events.iter().any(connected), "the queue was not full");
}

#[test]
fn a_wrong_greeting_is_shown_escaped() {
    let rude = |mut stream: TcpStream| stream.write_all(b"\x1b[2").unwrap();
    let events = against(LONG, rude, |client| greeted(client, "hi!"));
    let trouble = r#"waited for its greeting, "hi!", and got "\u{1b}[2""#;
    assert_eq!(events.last(), Some(&What::Failed(trouble.to_owned())));
}

#[test]
fn an_early_end_is_told_from_a_wrong_greeting() {
    let brief = |mut stream: TcpStream| stream.write_all(b"h").unwrap();
    let events = against(LONG, brief, |client| greeted(client, "hi"));
    let trouble = r#"waited for its greeting, "hi", and got "h" and then the end"#;
    assert_eq!(events.last(), Some(&What::Failed(trouble.to_owned())));
}

#[test]
fn a_conversation_is_recorded_step_by_step() {
    let polite = |mut stream: TcpStream| {
        stream.write_all(b"hi").unwrap();
        stream.read_exact(&mut [0; 3]).unwrap();
    };
    let events = against(LONG, polite, |client| {
        greeted(client, "hi")?;
        client.think(Duration::ZERO, |_| false)?;
        client.send(b"bye")?;
        client.expect_end()?;
        client.close();
        Ok(())
    });
    assert!(matches!(&events[..2], [What::Connecting, What::Connected(_)]));
    assert_eq!(
        events[2..],
        [
            What::Waiting("its greeting"),
            What::Received(b"hi".to_vec()),
            What::Thinking,
            What::Thought,
            What::Sent(b"bye".to_vec()),
            What::WaitingForEnd,
            What::Ended,
            What::Done,
        ]
    );
}
