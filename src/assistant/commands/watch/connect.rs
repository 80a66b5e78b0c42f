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
}

impl Connect {
    /// Reads a line of the console: the server may say where it listens, and which address other machines connect to.
    pub fn read(&mut self, line: &str) {
        let Some((_, addresses)) = line.split_once("listening on ") else { return };
        let addresses = addresses.split("; other machines connect to ");
        if let Some(mut address) = addresses.filter_map(|it| it.parse::<SocketAddr>().ok()).last() {
            if address.ip().is_unspecified() {
                address.set_ip(Ipv4Addr::LOCALHOST.into());
            }
            self.address = Some(address);
        }
    }

    /// Whether other machines reach the server.
    pub fn is_open(&self) -> bool {
        self.address.is_some_and(|address| !address.ip().is_loopback())
    }

    /// The commands, with what they are for; nothing while it is not known where the server listens.
    pub fn hint(&self) -> Option<String> {
        let (ip, port) = self.address.map(|address| (address.ip(), address.port()))?;
        let is_default = ip == Ipv4Addr::LOCALHOST;
        let command = match &self.client {
            None if is_default => format!("cargo run --example nc -- {port}"),
            None => format!("cargo run --example nc -- {ip} {port}"),
            Some(client) => {
                let mut command = format!("cargo run --example {client}");
                if !is_default || self.other_port {
                    command += " --";
                }
                if !is_default {
                    command += &format!(" --host {ip}");
                }
                if self.other_port {
                    command += &format!(" --port {port}");
                }
                command
            }
        };
        Some(if self.is_open() {
            format!("Now, on other machines: nc {ip} {port}, or with the kit:\n{command}")
        } else {
            format!("Now, in another terminal: {command}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_reach_the_server() {
        let client = "03_threaded_greeter_client";
        let hint = |client: Option<&str>, other_port, line: &str| {
            let client = client.map(str::to_owned);
            let mut connect = Connect { client, other_port, address: None };
            connect.read(line);
            connect.hint().unwrap_or_default()
        };
        for (client, other_port, line, wanted) in [
            (Some(client), false, "Starting", ""),
            (
                Some(client),
                false,
                "ready, listening on 127.0.0.1:1337",
                "Now, in another terminal: cargo run --example 03_threaded_greeter_client",
            ),
            (
                Some(client),
                true,
                "ready, listening on [::1]:4000",
                "Now, in another terminal: cargo run --example 03_threaded_greeter_client \
                 -- --host ::1 --port 4000",
            ),
            (
                Some(client),
                false,
                "listening on 0.0.0.0:1337; other machines connect to 192.0.2.7:1337",
                "Now, on other machines: nc 192.0.2.7 1337, or with the kit:\n\
                 cargo run --example 03_threaded_greeter_client -- --host 192.0.2.7",
            ),
            (
                None,
                false,
                "listening on 0.0.0.0:4000; other machines connect to this machine's own address",
                "Now, in another terminal: cargo run --example nc -- 4000",
            ),
        ] {
            assert_eq!(hint(client, other_port, line), wanted);
        }
    }
}
