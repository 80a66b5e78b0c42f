//! Nothing drifts: what the pages quote, compare, name and link to is what is there.
//!
//! `UPDATE=1 cargo test --test kit handouts` writes the diffs and the help texts anew.

use std::path::Path;
use std::process::Command;

use assistant::course::LABS;
use support::markdown::{Page, labs, pages};
use support::{example, root};

/// Every lab that grows out of another one, and that one.
fn grows_out_of() -> impl Iterator<Item = (&'static str, &'static str)> {
    LABS.iter().filter_map(|lab| {
        let from = LABS.iter().find(|from| Some(from.number()) == lab.grows_out_of)?;
        Some((lab.name(), from.name()))
    })
}

/// The parts of a handout, in their order: nothing that gives an answer away stands before the prediction.
const PARTS: [&str; 10] = [
    "Predict",
    "Run it",
    "Expected outcome",
    "Read it",
    "What changed",
    "Break it",
    "What the Python original gets wrong",
    "Questions",
    "Practice",
    "Further reading",
];

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn handout(lab: &str) -> Page {
    Page::read(&root().join("labs").join(lab).join("README.md"))
}

fn updating() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// A line of an example that is neither blank nor all comment.
fn is_code(line: &str) -> bool {
    !line.trim().is_empty() && !line.trim().starts_with("//")
}

/// A lab with a room, which is more than a conversation: it is allowed more lines.
fn has_two_threads_for_each_client(lab: &str) -> bool {
    lab.starts_with("10_")
}

/// Lines without the white space that they all begin with.
fn unindented<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let indents = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len());
    let indent = indents.min().unwrap_or(0);
    lines.iter().map(|line| line.get(indent..).unwrap_or("")).collect()
}

#[test]
fn every_lab_has_all_its_parts() {
    let labs = labs();
    for lab in &labs {
        assert!(root().join(format!("examples/{lab}_client.rs")).exists(), "{lab} has no client");
        let handout = handout(lab);
        let sections = handout.sections();
        let headings: Vec<&str> = sections.iter().skip(1).map(|(heading, _)| *heading).collect();
        assert_eq!(headings, PARTS, "{lab}");
        let number = &lab[..2];
        assert!(handout.text.starts_with(&format!("# Lab {number}: ")), "{lab} has no title");
        if let Some((_, from)) = grows_out_of().find(|(to, _)| to == lab) {
            let outcome = handout.section("Expected outcome");
            let same = format!("Same as {}, except", &from[..2]);
            assert!(outcome.trim().starts_with(&same), "{lab}: {outcome}");
        }
        let experiments =
            handout.section("Break it").lines().filter(|line| line.starts_with("### ")).count();
        assert!(experiments >= 3, "{lab} has {experiments} experiments");
        for part in PARTS {
            assert!(handout.section(part).trim().len() > 40, "{lab}: {part} is empty");
        }
    }
}

#[test]
fn every_example_says_what_it_is_and_how_to_run_it() {
    for lab in labs() {
        for role in ["server", "client"] {
            let source = read(format!("examples/{lab}_{role}.rs"));
            assert!(
                source.starts_with(&format!("//! Lab {}, the {role}: ", &lab[..2])),
                "{lab} {role}"
            );
            for command in ["server", "client"] {
                assert!(
                    source.contains(&format!("//!     cargo run --example {lab}_{command} ")),
                    "{lab} {role}"
                );
            }
            let size = source.lines().filter(|line| is_code(line)).count();
            let most = if has_two_threads_for_each_client(&lab) { 92 } else { 72 };
            assert!(size <= most, "{lab}_{role} has {size} lines of code; a screen is 60");
            assert!(
                source.lines().all(|line| line.chars().count() <= 100),
                "{lab}_{role} is too wide for a projector"
            );
        }
    }
}

#[test]
fn every_quoted_piece_of_code_stands_in_the_file_it_names() {
    for page in pages() {
        for block in page.blocks().iter().filter(|block| block.info.starts_with("rust ")) {
            let at = format!("{}:{}", page.name(), block.line);
            let file = block.info.strip_prefix("rust ").unwrap_or_default();
            let source = read(file);
            let lines: Vec<&str> = source.lines().collect();
            let quoted = unindented(&block.lines);
            let stands = lines.windows(quoted.len()).any(|window| unindented(window) == quoted);
            assert!(stands, "{at}: this does not stand in {file}:\n{}", block.lines.join("\n"));
        }
    }
}

#[test]
fn every_quoted_output_of_the_compiler_is_marked_as_such() {
    for page in pages() {
        for block in page.blocks() {
            let known = ["console", "rustc", "rust ", "diff", "text", "sh", "toml", "python"];
            assert!(
                known.iter().any(|kind| block.info.starts_with(kind)),
                "{}:{}: what is {:?}?",
                page.name(),
                block.line,
                block.info
            );
            let is_message = |line: &&str| {
                ["error[E", "error: ", "warning: "].iter().any(|start| line.starts_with(start))
            };
            assert!(
                block.info != "text" || !block.lines.iter().any(is_message),
                "{}: what the compiler says stands in a block ```rustc below a diff",
                block.at(&page)
            );
        }
    }
}

/// A page is read in a pane beside the terminals. Rows of tables cannot be broken, nor can what a program prints.
#[test]
fn every_line_of_a_page_fits_120_columns() {
    for page in pages() {
        let mut printed = false;
        for (index, line) in page.text.lines().enumerate() {
            if line.starts_with("```") {
                printed = line == "```console" || line == "```rustc";
            }
            assert!(
                printed || line.starts_with('|') || line.chars().count() <= 120,
                "{}:{}: {} columns",
                page.name(),
                index + 1,
                line.chars().count()
            );
        }
    }
}

/// The difference between two servers as the handouts print it, with one unchanged line around each change.
///
/// Left out are the comments at the heads, and in the earlier server those that say what was new *there*.
fn difference(from: &str, to: &str) -> String {
    let body = |lab: &str, leave_out: &str| -> String {
        let source = read(format!("examples/{lab}_server.rs"));
        let head =
            source.lines().take_while(|line| line.starts_with("//!") || line.is_empty()).count();
        let rest = source.lines().skip(head).filter(|line| !line.trim().starts_with(leave_out));
        let before = |line: &str| line.split(&format!(" {leave_out}")).next().map(str::to_owned);
        rest.filter_map(before).map(|line| line + "\n").collect()
    };
    let (old, new) = (body(from, "// New:"), body(to, "\0"));
    let diff = similar::TextDiff::from_lines(&old, &new);
    let mut text = format!("--- examples/{from}_server.rs\n+++ examples/{to}_server.rs\n");
    for hunk in diff.unified_diff().context_radius(1).iter_hunks() {
        text += "@@\n";
        for change in hunk.iter_changes() {
            text += &format!("{}{}", change.tag(), change.value());
        }
    }
    text
}

#[test]
fn every_diff_is_the_difference_between_the_two_servers() {
    for (to, from) in grows_out_of() {
        let page = handout(to);
        let expected = difference(from, to);
        let blocks = page.blocks();
        let block = blocks.iter().find(|block| block.info == "diff");
        let block = block.unwrap_or_else(|| panic!("{to} has no ```diff"));
        let printed: String = block.lines.iter().map(|line| format!("{line}\n")).collect();
        if updating() && printed != expected {
            let text = page.text.replacen(
                &format!("```diff\n{printed}```"),
                &format!("```diff\n{expected}```"),
                1,
            );
            assert!(text != page.text, "{to}: the diff was not found");
            std::fs::write(&page.path, text).unwrap();
        } else {
            assert!(printed == expected, "{to}: the diff has changed; write it anew with UPDATE=1");
        }
    }
}

#[test]
fn the_two_showcase_diffs_are_under_ten_changed_lines_of_code() {
    for (from, to) in
        [("02_blocking_greeter", "03_threaded_greeter"), ("01_blocking_upper", "04_threaded_upper")]
    {
        let diff = difference(from, to);
        let changed =
            diff.lines().skip(2).filter(|line| line.starts_with(['+', '-']) && is_code(&line[1..]));
        let changed: Vec<&str> = changed.collect();
        assert!(
            changed.len() < 10,
            "{from} to {to}: {} changed lines\n{}",
            changed.len(),
            changed.join("\n")
        );
    }
}

/// The text of a section without its folded parts, and what is folded.
fn unfold(section: &str) -> (String, String) {
    let (mut open, mut folded) = (String::new(), String::new());
    let mut inside = false;
    for line in section.lines() {
        inside |= line.starts_with("<details>");
        let text = if inside { &mut folded } else { &mut open };
        *text += line;
        text.push('\n');
        inside &= line != "</details>";
    }
    assert!(!inside, "a folded part has no </details> in a line of its own");
    (open, folded)
}

/// The minutes of a handout stand below its title, and are what its parts take.
#[test]
fn every_handout_says_what_it_takes() {
    for lab in labs() {
        let handout = handout(&lab);
        let head: Vec<&str> =
            handout.text.lines().take_while(|line| !line.starts_with("## ")).collect();
        let at = |start: &str| head.iter().position(|line| line.starts_with(start));
        let (files, minutes) = (at("Files: "), at("Minutes: "));
        assert!(files.is_some() && files < minutes, "{lab} does not begin with Files and Minutes");
        let line = head[minutes.unwrap()];
        let numbers =
            line.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok());
        let numbers: Vec<u32> = numbers.collect();
        assert!(
            line.contains(" in all: predict ") && line.contains(", practice "),
            "{lab}: {line}"
        );
        assert_eq!(numbers[0], numbers[1..].iter().sum::<u32>(), "{lab}: {line}");
    }
}

/// Fenced blocks and folded parts are not counted, nor is what a reader does not see.
#[test]
fn every_handout_is_short() {
    let mut too_long = Vec::new();
    for lab in labs() {
        let most = if lab.as_str() < "05" { 1100 } else { 1400 };
        let (open, _) = unfold(&handout(&lab).prose().join("\n"));
        let seen = open.lines().filter(|line| !line.starts_with("<!--"));
        let is_word = |word: &&str| word.contains(char::is_alphanumeric);
        let words = seen.flat_map(str::split_whitespace).filter(is_word).count();
        println!("{lab}: {words} words");
        if words > most {
            too_long.push(format!("{lab} has {words} words; {most} are allowed"));
        }
    }
    assert!(too_long.is_empty(), "{too_long:#?}");
}

#[test]
fn every_question_has_its_answer_folded_below() {
    for lab in labs() {
        let numbered = |text: &str| {
            let is_item = |line: &&str| {
                line.split_once(". ").is_some_and(|(number, _)| number.parse::<u8>().is_ok())
            };
            text.lines().filter(is_item).count()
        };
        let (questions, answers) = unfold(&handout(&lab).section("Questions"));
        let (asked, given) = (numbered(&questions), numbered(&answers));
        assert!(asked >= 3, "{lab} asks {asked} questions");
        assert_eq!(asked, given, "{lab}: {asked} questions and {given} answers");
        assert!(answers.contains("<summary>Answers</summary>"), "{lab}");
    }
}

/// What the verdicts say would spoil the exercise: they stand folded, behind the task.
#[test]
fn every_exercise_comes_before_its_wrong_turns() {
    for lab in labs() {
        let (task, folded) = unfold(&handout(&lab).section("Practice"));
        assert!(!task.contains("| verdict |"), "{lab}: the verdicts are not folded");
        assert!(folded.contains("| verdict |"), "{lab} has no verdicts");
        let command = format!("cargo run -- check {}", &lab[..2]);
        assert!(task.contains(&command), "{lab} does not say `{command}`");
    }
}

#[test]
fn every_handout_ends_with_what_to_do_next() {
    let labs = labs();
    for (index, lab) in labs.iter().enumerate() {
        let reading = handout(lab).section("Further reading");
        let last = reading.trim_end().rsplit("\n\n").next().unwrap_or_default();
        assert!(!last.starts_with("- "), "{lab} ends with a list: {last}");
        // Lab 07 ends the course, so it may say more than "the next one".
        if let Some(next) = labs.get(index + 1).filter(|_| index + 1 < 7) {
            assert!(last.contains(&format!("(../{next}/README.md)")), "{lab}: {last}");
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    for page in pages() {
        for link in page.links() {
            if link.starts_with("https://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() {
                page.path.clone()
            } else {
                page.path.parent().unwrap().join(path)
            };
            assert!(target.exists(), "{}: {link} leads nowhere", page.name());
            if !anchor.is_empty() {
                let anchors = Page::read(&target).anchors();
                assert!(
                    anchors.iter().any(|found| found == anchor),
                    "{}: no heading for {link}",
                    page.name()
                );
            }
        }
    }
}

#[test]
fn every_command_names_what_exists() {
    let known =
        ["test", "nextest", "run", "build", "bench", "fmt", "clippy", "doc", "add", "vendor"];
    let mut seen = 0;
    for page in pages() {
        for command in page.cargo_commands() {
            let words: Vec<&str> =
                command.split_whitespace().take_while(|word| *word != "|").collect();
            let verb = words.get(1).copied().unwrap_or_default();
            assert!(known.contains(&verb), "{}: `{command}`", page.name());
            let Some(index) = words.iter().position(|word| *word == "--example") else { continue };
            let name = words.get(index + 1).map_or("", |word| word.trim_end_matches([')', ';']));
            // Names with a gap (`NN_…`) stand for all of them, `my_…` for the reader's own.
            if name.contains(['…', 'N']) || name.starts_with("my_") {
                continue;
            }
            assert!(example(name).exists(), "{}: `{command}`", page.name());
            let help = help(name);
            for option in
                words.iter().skip(index + 2).filter(|word| word.starts_with("--") && word.len() > 2)
            {
                let option = option.split('=').next().unwrap_or(option);
                assert!(help.contains(option), "{}: `{command}` has no {option}", page.name());
            }
            seen += 1;
        }
    }
    assert!(seen > 30, "only {seen} commands were found");
}

/// The commands of the assistant that are about an exercise name one that there is.
#[test]
fn every_command_for_an_exercise_has_its_number() {
    let numbers: Vec<String> = labs().iter().map(|lab| lab[..2].to_owned()).collect();
    let mut seen = 0;
    for page in pages() {
        for command in page.cargo_commands() {
            let Some(words) = command.strip_prefix("cargo run -- ") else { continue };
            let words: Vec<&str> = words.split_whitespace().collect();
            if let ["check" | "hint" | "solution" | "reset", number, ..] = words[..] {
                let known = matches!(number, "NN" | "#") || number.starts_with('-');
                let known = known || numbers.iter().any(|found| found == number);
                assert!(known, "{}: `{command}`", page.name());
                seen += 1;
            }
        }
    }
    assert!(seen >= 4 * numbers.len(), "only {seen} commands were found");
}

#[test]
fn every_exercise_has_a_starter_a_solution_and_three_hints() {
    for lab in labs() {
        let number = &lab[..2];
        // Not `practice.rs` itself, which is the student's to change.
        let starter = read(format!("labs/{lab}/starter.rs"));
        assert!(starter.starts_with(&format!("//! Practice {number}: ")), "{lab}");
        assert_eq!(starter.matches("TODO").count(), 1, "{lab} says once what to do, and where");
        assert!(starter.contains(&format!("//!     cargo run -- check {number} ")), "{lab}");
        let solution = read(format!("labs/{lab}/solution.rs"));
        assert!(solution.starts_with(&format!("//! Solution {number}: ")), "{lab}");
        assert!(!solution.contains("TODO"), "{lab}");
        let most = if has_two_threads_for_each_client(&lab) { 75 } else { 70 };
        for (source, most) in [(&starter, most), (&solution, 95)] {
            let size = source.lines().filter(|line| is_code(line)).count();
            assert!(size <= most, "{lab}: an exercise has {size} lines of code");
            assert!(source.lines().all(|line| line.chars().count() <= 100), "{lab} is too wide");
        }
        let hints = read(format!("labs/{lab}/hints.txt"));
        assert_eq!(hints.split("---\n").filter(|hint| hint.len() > 40).count(), 3, "{lab}");
        assert!(hints.lines().all(|line| line.chars().count() <= 80), "{lab}: a hint is too wide");
    }
}

fn help(name: &str) -> String {
    let output = Command::new(example(name)).arg("--help").output().unwrap();
    assert!(output.status.success(), "{name} --help");
    String::from_utf8(output.stdout).unwrap().replace(".exe", "")
}

#[test]
fn every_help_text_is_the_one_on_file_and_fits_80_columns() {
    let labs = labs();
    let of_a_lab =
        labs.iter().flat_map(|lab| ["server", "client"].map(|role| format!("{lab}_{role}")));
    for name in of_a_lab.chain(["nc".to_owned()]) {
        let help = help(&name);
        let path = root().join(format!("tests/help/{name}.txt"));
        if updating() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &help).unwrap();
        }
        assert_eq!(help, read(&path).replace("\r\n", "\n"), "{name}; write it anew with UPDATE=1");
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{name}:\n{help}");
    }
}

#[test]
fn the_tables_of_labs_say_what_the_course_says() {
    for page in ["README.md", "labs/README.md"] {
        let text = read(page);
        for lab in LABS {
            let row = text.lines().find(|line| line.starts_with(&format!("| [{}", lab.number())));
            let row = row.unwrap_or_else(|| panic!("{page} has no row for {}", lab.name()));
            assert!(row.contains(lab.name()), "{page}: {row}");
            let idea = row.trim_end_matches([' ', '|']).rsplit(" | ").next();
            assert_eq!(idea, Some(lab.idea), "{page}");
        }
    }
    let text = read("labs/INSTRUCTOR.md");
    for lab in LABS {
        let row = format!("| {} {} | ", lab.number(), lab.exercise.task);
        let row =
            text.lines().find(|line| line.starts_with(&row)).unwrap_or_else(|| panic!("{row}"));
        assert!(row.contains(&format!("| `{}` |", lab.exercise.starter.verdict().name)), "{row}");
    }
}
