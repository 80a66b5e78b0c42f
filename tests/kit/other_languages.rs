//! Right servers in other languages, each written as is usual there: the check must not accuse them.

use std::fs;
use std::process::{Command, Stdio};

use support::{quoted, scratch};

use crate::checker::verdict;

/// What runs them: the command, whether it is there, and the ending of its files. `{file}` is the program.
const PYTHON: Language = Language { runs: "python3 {file} {port}", tool: "python3", ending: "py" };
const PERL: Language = Language { runs: "perl {file} {port}", tool: "perl", ending: "pl" };
const RUBY: Language = Language { runs: "ruby {file} {port}", tool: "ruby", ending: "rb" };
const NODE: Language = Language { runs: "node {file} {port}", tool: "node", ending: "js" };
const JAVA: Language = Language { runs: "java {file} {port}", tool: "java", ending: "java" };

#[derive(Debug, Clone, Copy)]
struct Language {
    runs: &'static str,
    tool: &'static str,
    ending: &'static str,
}

/// Checks a program; a system without its language leaves it out.
#[track_caller]
fn passes(exercise: &str, name: &str, language: Language, program: &str) {
    let mut tried = Command::new(language.tool);
    let tried = tried.arg("-version").stdin(Stdio::null()).output();
    if tried.is_err() {
        println!("{name}: left out, there is no {}", language.tool);
        return;
    }
    let file = scratch(&format!("{name}.{}", language.ending));
    fs::write(&file, program).unwrap();
    let server = language.runs.replace("{file}", &quoted(&file));
    let (code, line) = verdict(&["check", exercise, "--server", &server]);
    // On a machine that is too busy, nothing is judged.
    assert!(code == "PASS" || code == "not judged", "{name}: {line:#?}");
}

#[test]
fn upper_by_toupper_of_bytes() {
    passes("01", "upper_of_bytes", PERL, UPPER_OF_BYTES);
}

/// As `toupper` in C: bytes beyond ASCII stay as they are.
const UPPER_OF_BYTES: &str = r"
use IO::Socket::INET;
$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 5) or die;
while (1) {
    my $client = $listener->accept or next;
    while (sysread($client, my $message, 1024)) {
        $message =~ tr/a-z/A-Z/;
        syswrite($client, $message);
    }
    close $client;
}
";

#[test]
fn upper_by_the_text_of_node() {
    passes("01", "upper_of_text", NODE, UPPER_OF_TEXT);
}

/// All clients at once, which nothing forbids.
const UPPER_OF_TEXT: &str = "
require('net').createServer(client => {
    client.on('error', error => console.log(error.message));
    client.on('data', message => client.write(message.toString().toUpperCase()));
}).listen(+process.argv[2], '127.0.0.1');
";

#[test]
fn a_greeter_that_reads_a_line() {
    passes("02", "patience_for_a_line", PYTHON, PATIENCE_FOR_A_LINE);
}

const PATIENCE_FOR_A_LINE: &str = "
import socket, sys
patience = float(sys.argv[sys.argv.index('--patience') + 1]) if '--patience' in sys.argv else 10
with socket.create_server(('127.0.0.1', int(sys.argv[1]))) as listener:
    while True:
        client, address = listener.accept()
        with client:
            client.settimeout(patience)
            try:
                client.sendall(b'Do you want to play a game?\\n')
                print(client.makefile('rb').readline())
            except TimeoutError:
                client.sendall(b'Too slow!\\n')
            except OSError as error:
                print(error)
";

#[test]
fn players_whose_answer_is_a_line() {
    passes("03", "Players", JAVA, PLAYERS_IN_JAVA);
    passes("03", "players_in_ruby", RUBY, PLAYERS_IN_RUBY);
    passes("03", "players_in_perl", PERL, PLAYERS_IN_PERL);
    passes("03", "players_in_python", PYTHON, PLAYERS_IN_PYTHON);
}

const PLAYERS_IN_JAVA: &str = "
import java.io.*;
import java.net.*;
import java.util.concurrent.atomic.AtomicInteger;

class Players {
    static final AtomicInteger players = new AtomicInteger();

    public static void main(String[] args) throws IOException {
        ServerSocket listener = new ServerSocket(Integer.parseInt(args[0]));
        while (true) {
            Socket client = listener.accept();
            new Thread(() -> play(client)).start();
        }
    }

    static void play(Socket client) {
        try (client) {
            PrintWriter out = new PrintWriter(client.getOutputStream(), true);
            out.println(\"Do you want to play a game?\");
            out.println(\"You are player \" + players.incrementAndGet() + \".\");
            System.out.println(new BufferedReader(new InputStreamReader(client.getInputStream())).readLine());
        } catch (IOException error) {
            System.out.println(error);
        }
    }
}
";

const PLAYERS_IN_RUBY: &str = r##"
require 'socket'
listener = TCPServer.new('127.0.0.1', ARGV[0].to_i)
number = 0
loop do
  client = listener.accept
  number += 1
  Thread.new(client, number) do |client, number|
    client.write("Do you want to play a game?\nYou are player #{number}.\n")
    p client.gets
  rescue SystemCallError => error
    p error
  ensure
    client.close
  end
end
"##;

/// A process for each client.
const PLAYERS_IN_PERL: &str = r#"
use IO::Socket::INET;
$SIG{CHLD} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 5) or die;
my $number = 0;
while (1) {
    my $client = $listener->accept or next;
    $number++;
    if (fork == 0) {
        print $client "Do you want to play a game?\nYou are player $number.\n";
        $client->flush;
        print scalar <$client>;
        exit;
    }
    close $client;
}
"#;

/// With room for two clients in its queue.
const PLAYERS_IN_PYTHON: &str = "
import socket, sys, threading

def play(client, number):
    with client:
        try:
            client.sendall(b'Do you want to play a game?\\nYou are player %d.\\n' % number)
            print(client.makefile('rb').readline())
        except OSError as error:
            print(error)

listener = socket.create_server(('127.0.0.1', int(sys.argv[1])), backlog=1)
number = 0
while True:
    client, address = listener.accept()
    number += 1
    threading.Thread(target=play, args=(client, number)).start()
";

#[test]
fn lines_read_by_the_library() {
    passes("05", "Lines", JAVA, LINES_IN_JAVA);
    passes("05", "lines_in_python", PYTHON, LINES_IN_PYTHON);
}

/// It counts characters, not bytes, and bytes that are not UTF-8 become characters.
const LINES_IN_JAVA: &str = "
import java.io.*;
import java.net.*;

class Lines {
    public static void main(String[] args) throws IOException {
        ServerSocket listener = new ServerSocket(Integer.parseInt(args[0]));
        while (true) {
            Socket client = listener.accept();
            new Thread(() -> serve(client)).start();
        }
    }

    static void serve(Socket client) {
        try (client) {
            Reader in = new BufferedReader(new InputStreamReader(client.getInputStream(), \"UTF-8\"));
            StringBuilder line = new StringBuilder();
            int next;
            while ((next = in.read()) >= 0 && line.length() < 5120) {
                if (next != '\\n') {
                    line.append((char) next);
                    continue;
                }
                if (line.toString().stripTrailing().equals(\"--quit--\")) {
                    return;
                }
                client.getOutputStream().write('-');
                line.setLength(0);
            }
        } catch (IOException error) {
            System.out.println(error);
        }
    }
}
";

const LINES_IN_PYTHON: &str = "
import socketserver, sys

class Session(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            line = self.rfile.readline(5120)
            if not line.endswith(b'\\n') or line.rstrip() == b'--quit--':
                return
            self.wfile.write(b'-')

socketserver.ThreadingTCPServer(('127.0.0.1', int(sys.argv[1])), Session).serve_forever()
";

#[test]
fn a_room_that_leaves_bad_bytes_out() {
    passes("10", "room_in_python", PYTHON, ROOM_IN_PYTHON);
}

/// A line of which nothing is left is not sent on.
const ROOM_IN_PYTHON: &str = "
import queue, socket, sys, threading, time

room, lock = {}, threading.Lock()

def close(client):
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass

def tell(speaker, line):
    with lock:
        for number, (client, outbox) in list(room.items()):
            try:
                if number != speaker:
                    outbox.put_nowait(line)
            except queue.Full:
                del room[number]
                close(client)

def write(client, outbox):
    try:
        for line in iter(outbox.get, None):
            client.sendall(line)
    except OSError:
        pass

def serve(client, number):
    outbox = queue.Queue(100)
    threading.Thread(target=write, args=(client, outbox)).start()
    tell(number, b'Guest-%d has come.\\n' % number)
    with lock:
        outbox.put_nowait(b'You are Guest-%d.\\n' % number)
        room[number] = client, outbox
    try:
        for line in iter(lambda lines=client.makefile('rb'): lines.readline(1024), b''):
            text = ''.join(filter(str.isprintable, line.decode(errors='ignore').rstrip()))
            if text == 'bye' or not line.endswith(b'\\n'):
                break
            if text:
                tell(number, b'Guest-%d: %s\\n' % (number, text.encode()))
            time.sleep(0.001)
    except OSError as error:
        print(error)
    with lock:
        room.pop(number, None)
    close(client)
    try:
        outbox.put_nowait(None)
    except queue.Full:
        pass
    tell(number, b'Guest-%d has left.\\n' % number)

listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))
number = 0
while True:
    client, address = listener.accept()
    number += 1
    threading.Thread(target=serve, args=(client, number)).start()
";
