//! `cargo run -- labs`: the course at a glance, and what to do for one lab.

use std::path::Path;

use clap::builder::RangedU64ValueParser;
use clap::{Arg, ArgMatches, Command};

use super::examples::package_folder;
use super::help_option::help_option;
use super::interrupt::Stopped;
use super::terminal::Screen;

/// A lab of the course.
#[derive(Debug)]
pub struct Lab {
    /// The name of its folder, and how its files begin: `NN_stage_system`.
    pub name: &'static str,
    /// What it teaches.
    pub idea: &'static str,
    /// Options of its server that are part of the lesson, and what they do.
    options: Option<(&'static str, &'static str)>,
}

/// The labs, in the order of the course.
pub const LABS: [Lab; 8] = [
    Lab {
        name: "01_blocking_upper",
        idea: "bind, listen, accept, read, write, close",
        options: None,
    },
    Lab {
        name: "02_blocking_greeter",
        idea: "accept and read block: the second client waits",
        options: None,
    },
    Lab {
        name: "03_threaded_greeter",
        idea: "a thread per client: one changed line",
        options: None,
    },
    Lab {
        name: "04_threaded_upper",
        idea: "ownership: who closes the socket, and when",
        options: None,
    },
    Lab {
        name: "05_threaded_session",
        idea: "a conversation: loop until the quit word or the end",
        options: None,
    },
    Lab {
        name: "06_locked_names",
        idea: "several lines are one record: lock the console",
        options: Some(("--unlocked --pause 200", "leaves the lock out, so that records are torn")),
    },
    Lab {
        name: "07_locked_reverse",
        idea: "how long a lock is held: for the record only",
        options: Some(("--hold conversation", "holds the lock too long, so that clients wait")),
    },
    Lab {
        name: "08_graceful_session",
        idea: "a server that stops cleanly: flag, knock, wake, join",
        options: None,
    },
];

impl Lab {
    fn number(&self) -> &'static str {
        self.name.split('_').next().unwrap_or_default()
    }
}

/// The command line of `labs`.
pub fn command() -> Command {
    let lab = Arg::new("lab")
        .value_name("NN")
        .value_parser(RangedU64ValueParser::<usize>::new().range(1..=LABS.len() as u64))
        .help("The lab's number, such as 02; without it, all of them are listed.");
    Command::new("labs")
        .about("Prints the course, or what to do for one lab.")
        .next_line_help(true)
        .disable_help_flag(true)
        .args([lab, help_option()])
}

/// Prints the course, or the lab that was asked for.
///
/// # Errors
/// When it cannot be printed.
pub fn run(matches: &ArgMatches) -> Result<(), Stopped> {
    let number = matches.try_get_one::<usize>("lab").ok().flatten();
    let lab = number.and_then(|number| LABS.get(number - 1));
    let text = lab.map_or_else(course, |lab| one_lab(lab, &package_folder()));
    let mut screen = Screen::open();
    screen.print(&text);
    Ok(screen.close()?)
}

fn course() -> String {
    let mut text =
        "socketlab: a course about sockets and threads, one idea per lab.\n\n".to_owned();
    for lab in &LABS {
        text += &format!("  {:<21}{}\n", lab.name, lab.idea);
    }
    text += "
See it first          cargo run -- demo
Begin with lab 01     cargo run -- labs 01
Check your exercises  cargo run -- check
All that there is     cargo run -- --help
";
    text
}

fn one_lab(lab: &Lab, package: &Path) -> String {
    let Lab { name, idea, options } = lab;
    let server = format!("cargo run --example {name}_server");
    let mut text = format!(
        "Lab {name}: {idea}

In one terminal:
    {server}
In two others:
    cargo run --example {name}_client
"
    );
    if let Some((options, effect)) = options {
        text += &format!("Then a server that {effect}:\n    {server} -- {options}\n");
    }
    text += "\n";
    for (label, file) in [
        ("Server", format!("examples/{name}_server.rs")),
        ("Client", format!("examples/{name}_client.rs")),
        ("Handout", format!("labs/{name}/README.md")),
        ("Exercise", format!("labs/{name}/practice.rs")),
    ] {
        if package.join(&file).exists() {
            text += &format!("{label:<10}{file}\n");
        }
    }
    text += &format!("{:<10}cargo run -- check {}\n", "Check", lab.number());
    let position = LABS.iter().position(|other| other.name == *name);
    if let Some(next) = position.and_then(|position| LABS.get(position + 1)) {
        text += &format!("{:<10}cargo run -- labs {}\n", "Next", next.number());
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use std::collections::BTreeSet;
    use std::fs;

    #[test]
    fn the_course_is_the_servers_that_there_are() {
        let files = fs::read_dir(package_folder().join("examples")).unwrap();
        let servers: BTreeSet<String> = files
            .filter_map(|file| {
                let name = file.unwrap().file_name().into_string().unwrap();
                Some(name.strip_suffix("_server.rs")?.to_owned())
            })
            .collect();
        let labs: Vec<&str> = LABS.iter().map(|lab| lab.name).collect();
        assert_eq!(servers.into_iter().collect::<Vec<_>>(), labs);
    }

    #[test]
    fn everything_named_exists_and_fits_80_columns() {
        let package = package_folder();
        for lab in &LABS {
            let text = one_lab(lab, &package);
            for word in text.split_whitespace() {
                if word.contains('/') {
                    assert!(package.join(word).exists(), "{word}");
                } else if word.ends_with("_server") || word.ends_with("_client") {
                    assert!(package.join(format!("examples/{word}.rs")).exists(), "{word}");
                }
            }
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        }
        assert!(course().lines().all(|line| line.chars().count() <= 80));
    }
}
