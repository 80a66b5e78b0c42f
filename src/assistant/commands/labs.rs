//! `cargo run -- labs`: the course at a glance, and what to do for one lab.

use std::path::Path;

use clap::{Arg, ArgMatches, Command};

use crate::check::telling::json;
use crate::commands::{subcommand, switch};
use crate::course::{FIRST_BEYOND, LABS, Lab};
use crate::draw::terminal::{Screen, wrap};
use crate::exercise::files::PracticeFiles;
use crate::process::examples::package_folder;
use crate::process::interrupt::Stopped;

/// The columns of a lab's name in the course.
const NAME_WIDTH: usize = 23;

/// The command line of `labs`.
pub fn command() -> Command {
    let lab = Arg::new("lab")
        .value_name("NN")
        .value_parser(Lab::parse)
        .help("The lab's number, such as 02; without it, all of them are listed.");
    let json = switch("json").help("Prints one line of JSON for each lab, for scripts.");
    subcommand("labs", "Prints the course, or what to do for one lab.").args([lab, json])
}

/// Prints the course, or the lab that was asked for.
pub fn run(matches: &ArgMatches) -> Result<(), Stopped> {
    let lab: Option<&&Lab> = matches.try_get_one("lab").ok().flatten();
    let mut screen = Screen::open();
    let text = match lab {
        _ if matches.try_get_one("json").ok().flatten() == Some(&true) => json(),
        Some(lab) => one_lab(lab, &package_folder(), screen.width()),
        None => course(screen.width(), |lab| PracticeFiles::of(lab.name()).has_passed()),
    };
    screen.print(&text);
    Ok(screen.close()?)
}

/// The labs, with a mark where this version of `practice.rs` has passed, and what is next.
fn course(width: usize, has_passed: impl Fn(&Lab) -> bool) -> String {
    let (passed, left): (Vec<&Lab>, Vec<&Lab>) = LABS.iter().partition(|lab| has_passed(lab));
    let title = "socketlab: a course about sockets and threads, one idea per lab.\n\n";
    let mut text = wrap(title, width);
    for lab in LABS {
        if lab.number() == FIRST_BEYOND {
            text += "Beyond the course:\n";
        }
        let mark = if passed.iter().any(|it| it.name() == lab.name()) { '✓' } else { ' ' };
        let idea = wrap(lab.idea, width.saturating_sub(NAME_WIDTH).max(NAME_WIDTH));
        let idea = idea.replace('\n', &format!("\n{:NAME_WIDTH$}", ""));
        text += &format!("{mark} {:<width$}{idea}\n", lab.name(), width = NAME_WIDTH - 2);
    }
    text.push('\n');
    match (passed.len(), left.first()) {
        (0, _) => text += "Begin with lab 01     cargo run -- labs 01\n",
        (count, Some(next)) => {
            let (all, next) = (LABS.len(), next.number());
            text += &format!(
                "✓ {count} of {all} exercises passed. Next: lab {next}, cargo run -- labs {next}\n"
            );
        }
        (_, None) => text += "✓ You have passed every exercise: this is the end of the course.\n",
    }
    text + "\
See it first          cargo run -- demo
Check your exercises  cargo run -- check
All that there is     cargo run -- --help
"
}

/// What the tests compare the pages with.
fn json() -> String {
    let line = |lab: &Lab| {
        let texts = [
            ("lab", lab.name()),
            ("grows_out_of", lab.grows_out_of.unwrap_or_default()),
            ("idea", lab.idea),
            ("task", lab.exercise.task),
            ("starter", lab.exercise.starter.verdict().name),
        ];
        json::object(texts.map(|(name, text)| (name, json::string(text)))) + "\n"
    };
    LABS.iter().map(line).collect()
}

fn one_lab(lab: &Lab, package: &Path, width: usize) -> String {
    let (name, Lab { idea, options, .. }) = (lab.name(), lab);
    let server = format!("cargo run --example {name}_server");
    let heading = wrap(&format!("Lab {name}: {idea}"), width);
    let mut text = format!(
        "{heading}

In one terminal:
    {server}
In two others:
    cargo run --example {name}_client
"
    );
    if let Some((options, effect)) = options {
        let then = wrap(&format!("Then a server that {effect}:"), width);
        text += &format!("{then}\n    {server} -- {options}\n");
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
    if let Some(next) = lab.next() {
        text += &format!("{:<10}cargo run -- labs {}\n", "Next", next.number());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_named_exists_and_fits_80_columns() {
        let package = package_folder();
        for lab in LABS {
            let text = one_lab(lab, &package, 80);
            for word in text.split_whitespace() {
                if word.contains('/') {
                    assert!(package.join(word).exists(), "{word}");
                } else if word.ends_with("_server") || word.ends_with("_client") {
                    assert!(package.join(format!("examples/{word}.rs")).exists(), "{word}");
                }
            }
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        }
        for passed in 0..=LABS.len() {
            let text = course(80, |lab| LABS.iter().take(passed).any(|it| it.name() == lab.name()));
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            assert!(text.lines().count() <= 24, "{text}");
        }
    }

    #[test]
    fn the_course_says_what_is_done_and_what_is_next() {
        let told = |passed: &[&str]| course(80, |lab| passed.contains(&lab.number()));
        assert!(told(&[]).contains("Begin with lab 01 ") && !told(&[]).contains('✓'));
        let text = told(&["01", "03"]);
        assert!(text.contains("\n✓ 03_threaded_greeter ") && text.contains("\n  02_"), "{text}");
        assert!(text.contains(" exercises passed. Next: lab 02, cargo run -- labs 02"), "{text}");
        let all: Vec<&str> = LABS.iter().map(Lab::number).collect();
        assert!(told(&all).contains("You have passed every exercise"));
    }
}
