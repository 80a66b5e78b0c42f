//! What is checked: an example of the kit, a program in any language, or a server that runs already.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use socketlab::{Failure, reason};

use crate::process::server_process::ServerProcess;

/// How long the system may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// What is checked.
#[derive(Debug, Clone)]
pub enum Target {
    /// An executable that takes `--port`.
    Executable(PathBuf),
    /// A shell's command line; `{port}` stands for the port.
    Command(String),
    /// The server that listens here.
    Address(SocketAddr),
}

/// A server that is checked.
#[derive(Debug)]
pub struct Server {
    process: Option<ServerProcess>,
    address: SocketAddr,
}

impl Target {
    /// Starts a server with these options; it need not be listening yet.
    ///
    /// # Errors
    /// When there is no free port or no shell.
    pub fn start(&self, options: &[&str]) -> Result<Server, Failure> {
        let process = match self {
            Self::Address(address) => return Ok(Server { process: None, address: *address }),
            Self::Executable(path) => ServerProcess::launch_program(path, options)?,
            Self::Command(line) => {
                let exec = if is_plain(line) { "exec " } else { "" };
                ServerProcess::launch_line(&format!("{exec}{line} {}", options.join(" ")))?
            }
        };
        Ok(Server { address: process.address(), process: Some(process) })
    }

    /// The address that a name such as `localhost` stands for, if it is to be checked: of several, the
    /// first one at which a server listens.
    pub fn listening_address(addresses: &[SocketAddr]) -> Option<SocketAddr> {
        let [first, _, ..] = addresses else { return addresses.first().copied() };
        let listens =
            |address: &&SocketAddr| TcpStream::connect_timeout(address, CONNECT_TIMEOUT).is_ok();
        Some(*addresses.iter().find(listens).unwrap_or(first))
    }

    /// Makes sure that a server could be reached if there was one: that the checker reaches itself.
    ///
    /// # Errors
    /// When the machine does not let it.
    pub fn must_be_reachable(&self) -> Result<(), Failure> {
        if !self.is_started_here() {
            return Ok(());
        }
        let reached = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| {
            TcpStream::connect_timeout(&listener.local_addr()?, CONNECT_TIMEOUT).map(drop)
        });
        reached.map_err(|error| {
            Failure::new(format!(
                "this machine does not let programs connect to 127.0.0.1 ({}), so no server can be \
                 checked here. The program is not the cause: is this a container or a sandbox \
                 without a network?",
                reason(&error)
            ))
        })
    }

    /// Whether the checker starts it, and so sees its console and its end.
    pub fn is_started_here(&self) -> bool {
        !matches!(self, Self::Address(_))
    }
}

/// Whether a command line is a program and its arguments, and nothing that needs a shell: then the shell can make
/// way for it, and its exit status is the program's own.
fn is_plain(line: &str) -> bool {
    /// What a shell does itself.
    const OWN: [&str; 6] = ["exec", "command", "eval", ".", "time", "cd"];
    let is_plain =
        |letter: char| letter.is_ascii_alphanumeric() || " _-./{}:,+@%=".contains(letter);
    let first = line.split_whitespace().next().unwrap_or("=");
    !cfg!(windows) && line.chars().all(is_plain) && !first.contains('=') && !OWN.contains(&first)
}

impl Server {
    /// Where it listens, or is going to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process, if it was started here.
    pub fn process(&mut self) -> Option<&mut ServerProcess> {
        self.process.as_mut()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn a_shell_makes_way_for_a_program_and_for_nothing_else() {
        assert!(is_plain("java -cp build Server {port}") != cfg!(windows));
        for line in ["", "A=1 ./server {port}", "cd x && ./server", "exec ./server", "./server > x"]
        {
            assert!(!is_plain(line), "{line}");
        }
    }

    #[test]
    fn of_several_addresses_the_one_is_taken_at_which_a_server_listens() {
        let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (server, free) = (bind(), bind().local_addr().unwrap());
        let listens = server.local_addr().unwrap();
        assert_eq!(Target::listening_address(&[free, listens]), Some(listens));
        assert_eq!(Target::listening_address(&[free, free]), Some(free));
        assert_eq!(Target::listening_address(&[]), None);
    }
}
