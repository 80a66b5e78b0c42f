//! `cargo run -- handouts`: the handouts as pages to hand out and to print, and the kit for students.

mod pages;
mod students;

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use clap::{Arg, ArgMatches, Command, value_parser};
use socketlab::Failure;

use crate::commands::{cannot_write, option, subcommand, switch, write_file};
use crate::draw::terminal::Screen;
use crate::process::examples::{package_folder, profile_folder};
use crate::process::interrupt::{self, Stopped};

/// The command line of `handouts`.
pub fn command() -> Command {
    let file = |arg: Arg| arg.value_parser(value_parser!(PathBuf));
    let folder = file(Arg::new("folder").value_name("DIR")).required_unless_present("zip");
    let folder = folder.help("The folder for the pages. all.html is all of them, to print.");
    let answers = switch("answers").requires("folder");
    let answers = answers.help("Makes the lecturer's pages, with answers, hints and solutions.");
    let zip = file(option("zip", "FILE"));
    let zip = zip.help("Packs the kit for students, without answers, solutions and tests.");
    let no_hints = switch("no-hints").requires("zip").help("Leaves the hints out of the zip file.");
    subcommand("handouts", "Makes pages of the handouts to print, and a zip file for students.")
        .args([folder, answers, zip, no_hints])
}

/// Writes what was asked for. Fails when rustdoc or git is missing, when a file cannot be written or is not a page of
/// this edition, and at Ctrl-C; every file that is there then is complete.
pub fn run(matches: &ArgMatches) -> Result<(), Stopped> {
    interrupt::watch()?;
    // If this process is killed, the next check deletes it.
    let scratch = profile_folder()?.join(format!("assistant-{}-handouts", process::id()));
    fs::create_dir_all(&scratch)?;
    let made = make(matches, &package_folder(), &scratch);
    let _ = fs::remove_dir_all(&scratch);
    let mut screen = Screen::open();
    screen.print(&made?);
    Ok(screen.close()?)
}

/// Returns what to say when it is done.
fn make(matches: &ArgMatches, kit: &Path, scratch: &Path) -> Result<String, Stopped> {
    let mut said = String::new();
    if let Some(folder) = matches.get_one::<PathBuf>("folder") {
        if ["Cargo.toml", "README.md"].iter().any(|file| folder.join(file).exists()) {
            let folder = folder.display();
            let words =
                "is a folder of the kit's, or of another project: name one for the pages alone";
            Err(Failure::new(format!("{folder} {words}")))?;
        }
        fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error, "its name"))?;
        let answers = matches.get_flag("answers");
        let pages = pages::make(kit, scratch, answers)?;
        let mark = pages::MARKS[usize::from(answers)];
        for file in pages.iter().map(|(name, _)| folder.join(name)) {
            if fs::read(&file).is_ok_and(|old| !String::from_utf8_lossy(&old).contains(mark)) {
                let words =
                    "is not a page of this edition, and stays as it is: name another folder";
                Err(Failure::new(format!("{} {words}", file.display())))?;
            }
        }
        for (name, page) in &pages {
            interrupt::go_on()?;
            complete(&folder.join(name), |new| write_file(new, page, "the folder"))?;
        }
        said += &format!("Pages  {}\n", folder.join("index.html").display());
    }
    if let Some(file) = matches.get_one::<PathBuf>("zip") {
        let copy = scratch.join("kit");
        students::copy(kit, &copy, !matches.get_flag("no-hints"))?;
        interrupt::go_on()?;
        complete(file, |new| students::pack(&copy, new))?;
        said += &format!("Kit    {}\n", file.display());
    }
    Ok(said)
}

/// Writes a file under another name first: one that is interrupted does not look complete.
fn complete(file: &Path, write: impl FnOnce(&Path) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut new = file.as_os_str().to_owned();
    new.push(format!(".{}.new", process::id()));
    let new = PathBuf::from(new);
    let rename = || fs::rename(&new, file).map_err(|error| cannot_write(file, &error, "its name"));
    write(&new).and_then(|()| rename()).inspect_err(|_| drop(fs::remove_file(&new)))
}
