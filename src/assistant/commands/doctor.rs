//! `cargo run -- doctor`: whether this machine has what the course needs.

use std::collections::BTreeSet;
use std::env::{self, consts};
use std::fs;
use std::io::{self, IsTerminal};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitCode};
use std::time::Duration;

use clap::ArgMatches;
use socketlab::{printable, reason};
use textwrap::{Options, WordSplitter::NoHyphenation, fill};

use crate::check::telling::json;
use crate::commands::{subcommand, switch};
use crate::course::{LABS, Lab};
use crate::draw::terminal::{Screen, Size, size, understands_escapes};
use crate::process::examples::{package_folder, profile_folder};
use crate::process::free_port::FreePort;
use crate::process::interrupt::Stopped;
use crate::process::program::Program;
use crate::process::system;
use crate::process::tool::said;
use crate::threads::{Sampler, Unseen, connections, socket_timeout, table};

/// How long a server on this machine may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(50);

/// What `cargo build --bins --examples` takes of the disk, and what checks take then, in MB.
const WHOLE_BUILD: u64 = 800;
const COPIES: u64 = 200;

/// Settings of cargo's that change the lessons: name, state, the texts that set it, and what it does.
const SETTINGS: [(&str, &str, &[&str], &str); 3] = [
    ("panic", "wrong", &["panic=abort"], "a panic ends the whole server: solutions 07 to 09 fail"),
    ("warnings", "wrong", &DENIALS, "a warning is an error: an unused import is DID_NOT_BUILD"),
    (
        "build target",
        "note",
        &TARGETS,
        "programs are built into another folder, or for another system",
    ),
];
const DENIALS: [&str; 5] =
    ["-dwarnings", "-dunused", "--denywarnings", "--deny=warnings", "warnings=deny"];
const TARGETS: [&str; 3] = ["cargo_build_target=", "\ntarget=", "build.target="];

/// What was found: `ok`, `note` or `wrong`, a text, and a cure for what is not `ok`.
type Found = (&'static str, String, String);

fn ok(text: impl Into<String>) -> Found {
    ("ok", text.into(), String::new())
}

fn note(text: impl Into<String>, cure: impl Into<String>) -> Found {
    ("note", text.into(), cure.into())
}

fn wrong(text: impl Into<String>, cure: impl Into<String>) -> Found {
    ("wrong", text.into(), cure.into())
}

/// The command line of `doctor`.
pub fn command() -> clap::Command {
    let json = switch("json").help("Prints one line of JSON, an array of all findings.");
    subcommand("doctor", "Looks whether this machine has what the course needs.")
        .after_help("Exit status: 0 if nothing is wrong, 1 if something is; notes do not count.")
        .arg(json)
}

/// Prints what is found. The exit status is success if nothing is wrong. Fails outside of a checkout.
pub fn run(matches: &ArgMatches) -> Result<ExitCode, Stopped> {
    let findings = findings(&profile_folder()?);
    let mut screen = Screen::open();
    let lines = |(name, (state, text, cure)): &(&str, Found)| {
        let head = format!("{state:<6} {name:<12} ");
        block(&head, text, screen.width()) + &block("              Cure: ", cure, screen.width())
    };
    let json = |(name, (state, text, cure)): &(&str, Found)| {
        let members = [("name", *name), ("state", state), ("text", text), ("cure", cure)];
        json::object(members.map(|(key, value)| (key, json::string(value))))
    };
    let wrong = findings.iter().filter(|(_, found)| found.0 == "wrong").count();
    let end = match wrong {
        0 => "This machine has what the course needs.".to_owned(),
        1 => "1 thing is wrong; its cure stands below it.".to_owned(),
        _ => format!("{wrong} things are wrong; the cures stand below them."),
    };
    let text = match matches.get_flag("json") {
        true => json::array(findings.iter().map(json)) + "\n",
        false => findings.iter().map(lines).collect::<String>() + &format!("\n{end}\n"),
    };
    screen.print(&text);
    screen.close()?;
    Ok(if wrong > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The lines of a text behind its head; none without a text.
fn block(head: &str, text: &str, width: usize) -> String {
    let indent = " ".repeat(head.len());
    let options = Options::new(width).word_splitter(NoHyphenation).initial_indent(head);
    let lines = || fill(text, options.subsequent_indent(&indent)) + "\n";
    if text.is_empty() { String::new() } else { lines() }
}

fn findings(profile: &Path) -> Vec<(&'static str, Found)> {
    let (target, package) = (profile.parent().unwrap_or(profile), package_folder());
    let version = said(Command::new("rustc").arg("-vV").current_dir(&package), "");
    let host =
        version.iter().flat_map(|text| text.lines()).find_map(|it| it.strip_prefix("host: "));
    let mut fetch = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    fetch.args(["fetch", "--offline", "--locked"]).current_dir(&package);
    fetch.args(host.iter().flat_map(|host| ["--target", host]));
    // If this process is killed, the next check deletes it.
    let scratch = profile.join(format!("assistant-{}-doctor", process::id()));
    let written = fs::create_dir_all(&scratch);
    let others = another_owner(&scratch, profile);
    let mut rustc = Command::new("rustc");
    rustc.arg("-o").arg(scratch.join("linked")).arg("-").current_dir(&package);
    let linked = said(&mut rustc, "fn main() {}");
    let _ = fs::remove_dir_all(&scratch);
    let missing = missing(profile);
    let table = said(Command::new("df").arg("-Pk").arg(target), "");
    let terminal_size = io::stdout().is_terminal().then(size);
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let language = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name));
    let has_escapes = understands_escapes(|name| env::var_os(name));
    let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()].map(connect);
    let findings = [
        ("Rust", rust(version.as_deref())),
        ("git", git(said(Command::new("git").arg("rev-parse").current_dir(&package), ""))),
        ("linker", linker(written.is_ok().then(|| linked.err()))),
        ("loopback", addresses(loopback, FreePort::pick().err().map(|it| it.to_string()))),
        ("lab ports", lab_ports(&taken_ports(&package))),
        ("terminal", terminal(terminal_size)),
        ("colours", colours(has_escapes, variable("NO_COLOR").is_some())),
        ("letters", letters(language.as_deref())),
        ("folder", folder(&target.display().to_string(), written.err(), others)),
        ("disk", disk(table.ok().and_then(|table| free_space(&table)), missing.is_empty())),
        ("examples", examples(&missing)),
        ("offline", offline(said(&mut fetch, "").err())),
        ("threads", threads()),
    ];
    let places = places(&package);
    let setting = |(name, state, texts, effect)| (name, setting(state, texts, effect, &places));
    findings.into_iter().chain(SETTINGS.map(setting)).collect()
}

fn rust(version: Result<&str, &String>) -> Found {
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    let numbers = |text: &str| -> Vec<u32> { text.split('.').flat_map(str::parse).collect() };
    match version.map(|text| text.split(' ').nth(1).unwrap_or_default()) {
        Ok(version) if numbers(version) >= numbers(oldest) => ok(version),
        Ok(version) => wrong(format!("{version}; {oldest} is needed"), "rustup update stable"),
        Err(why) => wrong(why, "install Rust from https://rustup.rs"),
    }
}

fn git(asked: Result<String, String>) -> Found {
    match asked {
        Ok(_) => ok("git checkout examples undoes an experiment"),
        Err(why) => note(why, "install git, and type git init and git add . in the kit's folder"),
    }
}

fn linker(tried: Option<Option<String>>) -> Found {
    match tried {
        Some(None) => ok("links a program"),
        Some(Some(why)) => wrong(why, "install the linker that README.md names: Requirements"),
        None => note("not tried, because the folder cannot be written", "see below: folder"),
    }
}

/// Connects to a listener of its own.
fn connect(ip: IpAddr) -> io::Result<()> {
    let listener = TcpListener::bind((ip, 0))?;
    TcpStream::connect_timeout(&listener.local_addr()?, Duration::from_secs(2)).map(drop)
}

fn addresses([v4, v6]: [io::Result<()>; 2], no_port: Option<String>) -> Found {
    let text = |works, error| format!("{works} cannot be connected to: {}", reason(error));
    match (&v4, no_port, &v6) {
        (Err(error), ..) => {
            wrong(text("127.0.0.1", error), "let the firewall allow connections within the machine")
        }
        (_, Some(why), _) => wrong(why, "close servers that you do not need"),
        (.., Err(error)) => note(text("::1", error), "none is needed: the labs use 127.0.0.1"),
        _ => ok("127.0.0.1 and ::1 can be connected to, and a port is free"),
    }
}

/// The port of a server, from its source: the number in `…_options(1337, "…")`.
fn port(source: &str) -> Option<u16> {
    let number = |rest: &str| rest.split_once('(')?.1.split_once(',')?.0.trim().parse().ok();
    source.split("_option").find_map(number)
}

/// The labs' ports that are taken, and by which program.
fn taken_ports(package: &Path) -> Vec<(u16, Option<String>)> {
    let source = |lab: &Lab| {
        fs::read_to_string(package.join(format!("examples/{}_server.rs", lab.name()))).ok()
    };
    let ports: BTreeSet<u16> = LABS.iter().filter_map(|lab| port(&source(lab)?)).collect();
    let is_taken = |port: &u16| {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
        // On some systems loopback is free although a server has the port on every interface; it answers.
        TcpListener::bind(address).is_err()
            || TcpStream::connect_timeout(&address, ANSWER_TIMEOUT).is_ok()
    };
    ports.into_iter().filter(is_taken).map(|port| (port, holder(port))).collect()
}

/// The program that listens at a port, if the system says.
fn holder(port: u16) -> Option<String> {
    let proc = system::proc()?;
    let mut rows = ["net/tcp", "net/tcp6"].iter().flat_map(|table| table::rows(&proc.join(table)));
    let inode = rows.find(|row| row.is_listening() && row.local.port() == port)?.inode;
    let socket = format!("socket:[{inode}]");
    let holds = |process: &PathBuf| {
        let mut descriptors = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        descriptors
            .any(|it| fs::read_link(it.path()).is_ok_and(|link| link.as_os_str() == &*socket))
    };
    let process = fs::read_dir(proc).ok()?.flatten().map(|entry| entry.path()).find(holds)?;
    let name = fs::read_to_string(process.join("comm")).ok()?;
    Some(format!("{}, process {}", printable(name.trim()), process.file_name()?.to_str()?))
}

fn lab_ports(taken: &[(u16, Option<String>)]) -> Found {
    let told = |(port, holder): &(u16, Option<String>)| {
        let holder = holder.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
        format!("{port} is taken{holder}")
    };
    let cure =
        "end that program, or put -- --port 4000 behind the server's and the client's command";
    match taken {
        [] => ok("all are free"),
        _ => wrong(taken.iter().map(told).collect::<Vec<_>>().join(", "), cure),
    }
}

fn terminal(size: Option<Size>) -> Found {
    let Some(Size { columns, rows }) = size else {
        return note("standard output is not a terminal", "run it without a pipe");
    };
    let text = format!("{columns} columns, {rows} lines");
    match (columns, rows) {
        (100.., 30..) => ok(text),
        (80.., 24..) => note(text, "make it 100 columns and 30 lines to read the examples"),
        _ => wrong(text, "make it at least 80 columns and 24 lines"),
    }
}

fn colours(has_escapes: bool, is_refused: bool) -> Found {
    let cure = "use another terminal, or: export TERM=xterm";
    match (has_escapes, is_refused) {
        (false, _) => note("TERM names no terminal: no colours, no growing pictures", cure),
        (_, true) => note("off, because NO_COLOR is set", "unset NO_COLOR"),
        _ => ok("on"),
    }
}

fn letters(language: Option<&str>) -> Found {
    let cure = if cfg!(windows) { "chcp 65001" } else { "export LC_ALL=C.UTF-8" };
    let language = language.unwrap_or("C");
    match language.to_lowercase().replace('-', "").contains("utf8") {
        true => ok(language),
        false => note(format!("{language} is not UTF-8: ○ and █ may not be shown"), cure),
    }
}

/// The owner of a file, where files have one.
fn owner(file: &Path) -> Option<u32> {
    #[cfg(unix)]
    return fs::metadata(file).ok().map(|about| std::os::unix::fs::MetadataExt::uid(&about));
    #[cfg(not(unix))]
    return fs::metadata(file).ok().and(None);
}

/// A user who owns files that cargo writes anew, and not `own`.
fn another_owner(own: &Path, profile: &Path) -> Option<u32> {
    let own = owner(own)?;
    let folders = ["", "examples", ".fingerprint"].map(|name| profile.join(name));
    let files = folders.iter().flat_map(fs::read_dir).flatten().flatten();
    files.filter_map(|file| owner(&file.path())).find(|owner| *owner != own)
}

fn folder(target: &str, error: Option<io::Error>, other: Option<u32>) -> Found {
    let why = match (error, other) {
        (Some(error), _) => format!("cannot be written ({})", reason(&error)),
        (_, Some(user)) => format!("has files of another user (number {user})"),
        _ => return ok(target),
    };
    wrong(format!("{target} {why}"), "export CARGO_TARGET_DIR=$HOME/socketlab-target")
}

/// The free space that `df -Pk` prints, in MB: it stands before the percentage.
fn free_space(table: &str) -> Option<u64> {
    let before = table.lines().nth(1)?.split_once('%')?.0;
    Some(before.split_whitespace().rev().nth(1)?.parse::<u64>().ok()? / 1024)
}

fn disk(free: Option<u64>, is_built: bool) -> Found {
    let needed = if is_built { COPIES } else { WHOLE_BUILD };
    match free {
        Some(free) if free >= needed => ok(format!("{free} MB are free, {needed} are needed")),
        Some(free) => {
            let cure = "delete something, or set CARGO_TARGET_DIR to a folder on another disk";
            wrong(format!("{free} MB are free, {needed} are needed"), cure)
        }
        None => note("free space is not known", format!("look whether {needed} MB are free")),
    }
}

/// The programs of the labs that are not built.
fn missing(profile: &Path) -> Vec<String> {
    let programs = |lab: &Lab| {
        let (name, number) = (lab.name(), lab.number());
        [format!("{name}_server"), format!("{name}_client"), format!("{number}_practice")]
    };
    let file = |name: &String| profile.join(format!("examples/{name}{}", consts::EXE_SUFFIX));
    LABS.iter().flat_map(programs).filter(|name| !file(name).exists()).collect()
}

fn examples(missing: &[String]) -> Found {
    let Some(first) = missing.first() else { return ok("all are built") };
    let text = format!("{} are not built, such as {first}", missing.len());
    note(text, "cargo build --bins --examples")
}

fn offline(error: Option<String>) -> Found {
    let cure = "while there is a network: cargo fetch";
    match error {
        None => ok("cargo can build without a network"),
        Some(why) => note(format!("not possible: {why}"), cure),
    }
}

/// Looks at a child: where another program is forbidden to be looked at, this one may still be allowed.
fn threads() -> Found {
    let child = system::proc().and_then(|_| Program::start(&mut Command::new("cat")).ok());
    let number = child.as_ref().map(Program::id);
    let seen = number.map_or(Err(Unseen::Unsupported), |it| Sampler::new(it).settled());
    let _ = number.map(|number| socket_timeout::of(number, 0, false));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let address = listener.as_ref().ok().and_then(|it| it.local_addr().ok());
    let answers = address.and_then(connections::is_listening).is_some();
    seen_threads(seen.err(), answers, socket_timeout::are_seen())
}

fn seen_threads(unseen: Option<Unseen>, has_netlink: bool, has_timeouts: bool) -> Found {
    let lost = "not seen: demo and watch show none, and check misses some loops that spin";
    let slow = |what| format!("seen, but {what}: some checks take longer");
    let cure = "run it outside of the container or sandbox";
    match (unseen, has_netlink, has_timeouts) {
        (Some(Unseen::Forbidden), ..) => note(lost, "sudo sysctl kernel.yama.ptrace_scope=1"),
        (Some(_), ..) => note(lost, "use Linux, in a virtual machine or on another one"),
        (_, true, true) => ok("seen, with the timeouts of their sockets"),
        (_, false, _) => note(slow("sock_diag is refused"), cure),
        _ => note(slow("not the timeouts of sockets"), cure),
    }
}

/// Where cargo's settings stand, and what stands there: variables, and files without spaces, quotes and comments.
fn places(package: &Path) -> Vec<(String, String)> {
    let variables =
        env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value));
    let variables = variables.filter(|(name, _)| name.starts_with("CARGO_") || name == "RUSTFLAGS");
    let variables = variables.map(|(name, value)| {
        let text = bare(&format!("{name}={}", value.to_string_lossy()));
        (name, text)
    });
    let home = ["HOME", "USERPROFILE"].iter().find_map(env::var_os).unwrap_or_default();
    let own = env::var_os("CARGO_HOME").map_or(Path::new(&home).join(".cargo"), PathBuf::from);
    let folders = package.ancestors().map(|folder| folder.join(".cargo")).chain([own]);
    let files = folders.flat_map(|folder| ["config.toml", "config"].map(|name| folder.join(name)));
    let files: BTreeSet<PathBuf> = files.chain([package.join("Cargo.toml")]).collect();
    let text = |file: &PathBuf| Some(bare(&fs::read_to_string(file).ok()?));
    let files = files.iter().filter_map(|file| Some((file.display().to_string(), text(file)?)));
    variables.chain(files).collect()
}

fn bare(text: &str) -> String {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().to_lowercase());
    let is_left_out = |c: char| c.is_whitespace() || c.is_control() || "\"',".contains(c);
    lines.map(|line| format!("\n{}", line.replace(is_left_out, ""))).collect()
}

fn setting(
    state: &'static str,
    texts: &[&str],
    effect: &str,
    places: &[(String, String)],
) -> Found {
    // An array may take several lines.
    let is_set = |text: &str| {
        texts.iter().any(|it| text.contains(it) || text.replace('\n', "").contains(it))
    };
    let cure = |place: &String| match Path::new(place).is_absolute() {
        true => format!("take it out of {place}"),
        false => format!("unset {place}"),
    };
    let places = places.iter().filter(|(_, text)| is_set(text)).map(|(place, _)| cure(place));
    match places.collect::<Vec<_>>().join("; ") {
        none if none.is_empty() => ok("no setting changes it"),
        cure => (state, effect.to_owned(), cure),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn each_state_is_told_for_what_it_is() {
        let refused = || Err(io::ErrorKind::ConnectionRefused.into());
        let size = |columns, rows| Some(Size { columns, rows });
        for (wanted, found) in [
            ("ok", rust(Ok("rustc 1.85.0 (4d91de4e4 2025-02-17)"))),
            ("ok", rust(Ok("rustc 1.100.1-nightly"))),
            ("wrong", rust(Ok("rustc 1.84.1"))),
            ("wrong", rust(Err(&"rustc cannot be started".to_owned()))),
            ("wrong", linker(Some(Some("error: linker `cc` not found".to_owned())))),
            ("ok", addresses([Ok(()), Ok(())], None)),
            ("note", addresses([Ok(()), refused()], None)),
            ("wrong", addresses([refused(), Ok(())], None)),
            ("wrong", addresses([Ok(()), Ok(())], Some("no free port was found".to_owned()))),
            ("ok", terminal(size(100, 30))),
            ("note", terminal(size(120, 24))),
            ("wrong", terminal(size(79, 50))),
            ("note", colours(true, true)),
            ("note", letters(Some("POSIX"))),
            ("ok", letters(Some("de_DE.utf8"))),
            ("wrong", folder("/kit/target", None, Some(1000))),
            ("ok", disk(Some(300), true)),
            ("wrong", disk(Some(300), false)),
            ("note", examples(&["01_blocking_upper_client".to_owned()])),
            ("note", seen_threads(Some(Unseen::Forbidden), true, true)),
            ("note", seen_threads(None, true, false)),
            ("ok", seen_threads(None, true, true)),
        ] {
            assert_eq!(found.0, wanted, "{found:?}");
            assert_eq!(found.2.is_empty(), wanted == "ok", "{found:?}");
        }
        assert_eq!(
            lab_ports(&[(1337, Some("nc, process 7".to_owned())), (8000, None)]).1,
            "1337 is taken (nc, process 7), 8000 is taken"
        );
    }

    #[test]
    fn every_lab_has_a_port_in_its_source() {
        for lab in LABS {
            let file = package_folder().join(format!("examples/{}_server.rs", lab.name()));
            assert!(port(&fs::read_to_string(file).unwrap()) > Some(1023), "{}", lab.name());
        }
    }

    #[test]
    fn free_space_is_what_df_says() {
        let table = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                     /dev/my disk 264212084 68158824 27127064      72% /my disk\n";
        assert_eq!(free_space(table), Some(26491));
        assert_eq!(free_space("df: no such file"), None);
    }

    #[test]
    fn settings_are_found_in_variables_and_files() {
        let file =
            "[build] # panic = \"abort\"\nrustflags = [\n  \"-D\", \"warnings\"\n]\ntarget = 'x'\n";
        for (text, wanted) in [
            ("CARGO_PROFILE_DEV_PANIC=abort", [true, false, false]),
            ("RUSTFLAGS=-C panic=abort -D warnings", [true, true, false]),
            ("CARGO_ENCODED_RUSTFLAGS=-D\x1fwarnings", [false, true, false]),
            ("CARGO_BUILD_TARGET=x86_64-unknown-linux-musl", [false, false, true]),
            ("CARGO_BUILD_TARGET_DIR=/x", [false; 3]),
            ("[lints]\npanic = \"warn\"\n[target.x]\ntarget-dir = \"x\"\n", [false; 3]),
            (file, [false, true, true]),
        ] {
            let places = [("RUSTFLAGS".to_owned(), bare(text))];
            let cure =
                SETTINGS.map(|(_, state, texts, effect)| setting(state, texts, effect, &places).2);
            assert_eq!(cure.map(|cure| cure == "unset RUSTFLAGS"), wanted, "{text}");
        }
    }
}
