//! `wrong_servers NAME --port PORT` runs one of the servers.

mod servers;

use std::process::ExitCode;

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    match servers::SERVERS.iter().find(|(known, _)| *known == name) {
        Some((_, serve)) => {
            serve();
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("`tests/wrong_servers/src/servers/mod.rs` names no server {name:?}");
            ExitCode::FAILURE
        }
    }
}
