//! What to type so that a client comes.

use std::net::{Ipv4Addr, SocketAddr};

/// How a server is reached.
#[derive(Debug)]
pub struct Connect {
    /// The lab's client; without one, `nc` stands in for it.
    pub client: Option<String>,
    /// Whether the server listens on another port than the lab's client expects.
    pub other_port: bool,
    /// Where it listens, as far as that is known.
    pub address: Option<SocketAddr>,
    /// Whether the server has said it.
    pub is_read: bool,
}

impl Connect {
    /// Reads a line of the console: the server may say where it listens, and which address other machines connect to.
    pub fn read(&mut self, line: &str) {
        let Some((_, addresses)) = line.split_once("listening on ") else { return };
        // Later lines may be a client's.
        if std::mem::replace(&mut self.is_read, true) {
            return;
        }
        let addresses = addresses.split("; other machines connect to ");
        if let Some(mut address) = addresses.filter_map(|it| it.parse::<SocketAddr>().ok()).last() {
            if address.ip().is_unspecified() {
                address.set_ip(Ipv4Addr::LOCALHOST.into());
            }
            self.address = Some(address);
        }
    }

    /// The commands for the first client, or for those on other machines; nothing while it is not known where the server
    /// listens.
    pub fn hint(&self, has_clients: bool) -> Option<String> {
        let (ip, port) = self.address.map(|address| (address.ip(), address.port()))?;
        let host = (ip != Ipv4Addr::LOCALHOST).then(|| ip.to_string());
        let command = match (&self.client, host) {
            (None, None) => format!("cargo run --example nc -- {port}"),
            (None, Some(host)) => format!("cargo run --example nc -- {host} {port}"),
            (Some(client), host) => {
                let host = host.map(|host| format!(" --host {host}"));
                let port = self.other_port.then(|| format!(" --port {port}"));
                let options: String = [host, port].into_iter().flatten().collect();
                let dashes = if options.is_empty() { "" } else { " --" };
                format!("cargo run --example {client}{dashes}{options}")
            }
        };
        if !ip.is_loopback() {
            Some(format!("On other machines: nc {ip} {port}, or with the kit:\n{command}"))
        } else {
            (!has_clients).then(|| format!("Now, in another terminal: {command}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_reach_the_server() {
        let hint = |client: Option<&str>, other_port, line: &str| {
            let client = client.map(str::to_owned);
            let mut connect = Connect { client, other_port, address: None, is_read: false };
            connect.read(line);
            assert_eq!(connect.hint(true).is_some(), line.ends_with("192.0.2.7:1337"));
            connect.hint(false).unwrap_or_default()
        };
        let here = "Now, in another terminal: cargo run --example";
        assert_eq!(hint(Some("a_client"), false, "Starting"), "");
        let line = "ready, listening on 127.0.0.1:1337";
        assert_eq!(hint(Some("a_client"), false, line), format!("{here} a_client"));
        let options = "-- --host ::1 --port 4000";
        let wanted = format!("{here} a_client {options}");
        assert_eq!(hint(Some("a_client"), true, "listening on [::1]:4000"), wanted);
        let line = "listening on 0.0.0.0:1337; other machines connect to 192.0.2.7:1337";
        let wanted = "On other machines: nc 192.0.2.7 1337, or with the kit:\n\
                      cargo run --example a_client -- --host 192.0.2.7";
        assert_eq!(hint(Some("a_client"), false, line), wanted);
        let line =
            "listening on 0.0.0.0:1337; other machines connect to this machine's own address";
        assert_eq!(hint(None, false, line), format!("{here} nc -- 1337"));
    }
}
