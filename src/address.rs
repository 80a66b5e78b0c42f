//! Where a lesson listens or connects: `--host`, `--port`, and the sentence for when that does not
//! work.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::vec;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use crate::{Failure, reason};

/// A host and a port, as the command line gave them.
///
/// It is handed to [`TcpListener::bind`](std::net::TcpListener::bind) or
/// [`TcpStream::connect`](std::net::TcpStream::connect) as it is; a name is looked up there.
#[derive(Debug, Clone)]
pub struct Address {
    host: String,
    port: u16,
    /// The port, if it was typed and is not the lab's own: for commands in error messages.
    typed_port: Option<u16>,
}

impl Address {
    /// Parses the command line of a server without options of its own: the address to listen on.
    /// `--help` and bad options end the process here.
    pub fn parse_server_options(port: u16, about: &'static str) -> Self {
        Self::from(&server_command(port, about).get_matches())
    }

    /// Parses the command line of a client: the address to connect to. `--help` and bad options end
    /// the process here.
    pub fn parse_client_options(port: u16, about: &'static str) -> Self {
        Self::from(&client_command(port, about).get_matches())
    }

    /// Parses the command line of a client for any server: `PORT` or `HOST PORT`. `--help` and bad
    /// options end the process here.
    pub fn parse_host_and_port(about: &'static str) -> Self {
        let host = Arg::new("host").value_name("HOST").default_value("127.0.0.1");
        let port = Arg::new("port").value_name("PORT").required(true).value_parser(port_from(1));
        let command = Command::new("socketlab").about(about).allow_missing_positional(true);
        let host = host.hide_default_value(true).help(
            "The address or name of the server's machine, 127.0.0.1 by default,\n\
             which is this machine.",
        );
        let port = port.help("The port that the server listens on.");
        Self::from(&with_help(command).args([host, port]).get_matches())
    }

    /// Why [`TcpListener::bind`](std::net::TcpListener::bind) failed here, and what to do about it.
    ///
    /// The causes are those of bind(2): `EADDRINUSE`, `EADDRNOTAVAIL` and `EACCES`; and a name that
    /// cannot be looked up.
    pub fn cannot_listen(&self, error: io::Error) -> Failure {
        let advice = match error.kind() {
            ErrorKind::AddrInUse => "the port is taken: stop the server that has it \
                 (Ctrl-C in its terminal), or choose another with --port (0 picks a free one)"
                .to_owned(),
            ErrorKind::AddrNotAvailable => "this machine has no such address: leave --host out \
                 to listen on 127.0.0.1, this machine only"
                .to_owned(),
            ErrorKind::PermissionDenied => "the system does not allow it: ports below 1024 are \
                 often reserved, so choose a higher one with --port"
                .to_owned(),
            _ => self.other_causes(&error),
        };
        Failure::new(format!("bind failed on {self}, because {advice}"))
    }

    /// Why [`TcpStream::connect`](std::net::TcpStream::connect) failed, and what to do about it.
    ///
    /// The causes are those of connect(2): `ECONNREFUSED`, `ETIMEDOUT`, `ENETUNREACH`; and a name
    /// that cannot be looked up.
    pub fn cannot_connect(&self, error: io::Error) -> Failure {
        let advice = match error.kind() {
            ErrorKind::ConnectionRefused => {
                format!("no server is listening there: {}", self.start_the_server())
            }
            ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                "no machine answers at that address: check --host, and the firewall on the way"
                    .to_owned()
            }
            _ => self.other_causes(&error),
        };
        Failure::new(format!("cannot connect to {self}, because {advice}"))
    }

    /// A look-up failure has no kind of its own in std, so the look-up is made again to tell it from
    /// the rest.
    fn other_causes(&self, error: &io::Error) -> String {
        let port = self.host.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        match (self.to_socket_addrs(), port) {
            (Err(_), Some(port)) => {
                format!(
                    "{:?} is not a host: give the port in an option of its own, --port {port}",
                    self.host
                )
            }
            (Err(_), None) => format!(
                "the host {:?} is unknown: check its spelling, or give an address such as 127.0.0.1",
                self.host
            ),
            (Ok(_), _) => {
                format!("the system says \"{}\": check --host and --port", reason(error))
            }
        }
    }

    /// How to start the server that belongs to this client: here, or on the machine that was dialled.
    fn start_the_server(&self) -> String {
        let name = std::env::args_os().next().unwrap_or_default();
        let stem = Path::new(&name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let command = stem.as_deref().and_then(|stem| stem.strip_suffix("_client")).map(|lab| {
            // An exercise's server is the exercise.
            let server = if lab.ends_with("_practice") { "" } else { "_server" };
            format!("cargo run --example {lab}{server}{}", self.server_options())
        });
        match (command, self.is_this_machine()) {
            (Some(command), true) => format!("start the server first: {command}"),
            (Some(command), false) => format!("start the server on that machine: {command}"),
            (None, _) => "start the server first, and check --host and the port".to_owned(),
        }
    }

    /// The options with which a server can be reached at this address.
    fn server_options(&self) -> String {
        let host = match self.host.as_str() {
            "127.0.0.1" | "localhost" | "0.0.0.0" => None,
            host if self.is_this_machine() => Some(host),
            _ => Some("0.0.0.0"),
        };
        let options = [
            ("host", host.map(str::to_owned)),
            ("port", self.typed_port.map(|port| port.to_string())),
        ];
        let typed: String = options
            .into_iter()
            .filter_map(|(name, value)| Some(format!(" --{name} {}", value?)))
            .collect();
        if typed.is_empty() { typed } else { format!(" --{typed}") }
    }

    /// Whether this is an address by which a machine reaches itself only.
    fn is_this_machine(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(ip) => ip.is_loopback() || ip.is_unspecified(),
            Err(_) => self.host.eq_ignore_ascii_case("localhost"),
        }
    }
}

impl fmt::Display for Address {
    /// As in a URL: an IPv6 address stands in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

impl ToSocketAddrs for Address {
    type Iter = vec::IntoIter<SocketAddr>;

    fn to_socket_addrs(&self) -> io::Result<Self::Iter> {
        (self.host.as_str(), self.port).to_socket_addrs()
    }
}

impl From<&ArgMatches> for Address {
    /// Reads what a command line of this module has parsed.
    fn from(matches: &ArgMatches) -> Self {
        let host = matches.get_one::<String>("host").cloned().unwrap_or_default();
        let port = matches.get_one::<u16>("port").copied().unwrap_or_default();
        let typed = matches.value_source("port") == Some(ValueSource::CommandLine);
        let typed_port = typed.then_some(port);
        let host = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .map_or(host.clone(), str::to_owned);
        Self { host, port, typed_port }
    }
}

/// The command line of a server: `--host`, `--port` and `--help`. A lesson may add options of its
/// own.
pub fn server_command(port: u16, about: &'static str) -> Command {
    command(
        about,
        "The address or name to listen on. 127.0.0.1, the default, is for\n\
         clients on this machine only; 0.0.0.0 is for every machine that can\n\
         reach it, and :: is the same for IPv6."
            .to_owned(),
        format!(
            "The port to listen on, {port} by default. With 0 the system picks a\n\
             free one; the server prints it when it is ready."
        ),
        port,
        0,
    )
}

/// The command line of a client: `--host`, `--port` and `--help`.
pub fn client_command(port: u16, about: &'static str) -> Command {
    command(
        about,
        "The address or name of the server's machine, 127.0.0.1 by default,\n\
         which is this machine."
            .to_owned(),
        format!("The port that the server listens on, {port} by default."),
        port,
        1,
    )
}

fn command(
    about: &'static str,
    host_help: String,
    port_help: String,
    port: u16,
    lowest: u16,
) -> Command {
    // A default value is text to clap, and lives as long as the process.
    let default_port: &'static str = Box::leak(port.to_string().into_boxed_str());
    let host =
        Arg::new("host").long("host").value_name("HOST").default_value("127.0.0.1").help(host_help);
    let port = Arg::new("port")
        .long("port")
        .value_name("PORT")
        .default_value(default_port)
        .allow_negative_numbers(true)
        .value_parser(port_from(lowest))
        .help(port_help);
    with_help(Command::new("socketlab").about(about))
        .args([host.hide_default_value(true), port.hide_default_value(true)])
}

/// Reads a port, which must be `lowest` at least.
fn port_from(lowest: u16) -> impl Fn(&str) -> Result<u16, String> + Clone {
    move |text| {
        let port = text.parse::<u16>().ok().filter(|port| *port >= lowest);
        port.ok_or_else(|| format!("a port is a number from {lowest} to 65535"))
    }
}

fn with_help(command: Command) -> Command {
    let help = Arg::new("help").long("help").short('h').action(clap::ArgAction::Help);
    command
        .next_line_help(true)
        .disable_help_flag(true)
        .arg(help.help("Prints this help.").display_order(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(args: &[&str]) -> Address {
        let args = ["server"].iter().chain(args);
        Address::from(&server_command(12000, "").get_matches_from(args))
    }

    #[test]
    fn loopback_is_the_default() {
        assert_eq!(server(&[]).to_string(), "127.0.0.1:12000");
    }

    #[test]
    fn ipv6_works_with_and_without_brackets() {
        for host in ["::1", "[::1]"] {
            let address = server(&["--host", host, "--port", "0"]);
            assert_eq!(address.to_string(), "[::1]:0");
            assert!(
                address
                    .to_socket_addrs()
                    .is_ok_and(|mut found| found.any(|address| address.is_ipv6()))
            );
        }
    }

    #[test]
    fn a_failed_look_up_is_told_from_other_errors() {
        let nowhere = server(&["--host", "no such host"]);
        let unknown = nowhere.cannot_listen(io::Error::other("x")).to_string();
        assert!(unknown.contains("the host \"no such host\" is unknown"), "{unknown}");
        let other =
            server(&[]).cannot_listen(io::Error::other("Odd thing (os error 7)")).to_string();
        assert!(other.contains("the system says \"odd thing\""), "{other}");
    }

    #[test]
    fn a_server_is_started_so_that_the_address_that_was_dialled_reaches_it() {
        for (typed, options) in [
            (&[][..], ""),
            (&["--host", "localhost"], ""),
            (&["--port", "4000", "--host", "::1"], " -- --host ::1 --port 4000"),
            (&["--host", "192.0.2.7"], " -- --host 0.0.0.0"),
            (&["--host", "lab-pc", "--port", "4000"], " -- --host 0.0.0.0 --port 4000"),
        ] {
            assert_eq!(server(typed).server_options(), options, "{typed:?}");
        }
    }

    #[test]
    fn a_client_cannot_connect_to_port_0() {
        assert!(client_command(1, "").try_get_matches_from(["client", "--port", "0"]).is_err());
    }
}
