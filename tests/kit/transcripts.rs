//! Every transcript of every page is replayed against the real programs, and every experiment against changed ones.
//!
//! `PAGE=labs/05 cargo test --test kit every_transcript` replays the pages whose path contains `labs/05`.

use std::sync::OnceLock;

use support::experiments::{Experiments, build, plan};
use support::markdown::{Block, Page, pages};
use support::replay::{Scene, prompts};
use support::{root, side_by_side};

/// Each program of a scene takes three descriptors, and a process has 1,024 on many machines.
const SCENES_AT_ONCE: usize = 24;

/// The pages of the kit, and the one that shows the notation; with `PAGE`, those that are asked for.
fn all_pages() -> Vec<Page> {
    let mut pages = pages();
    pages.push(Page::read(&root().join("tests/kit/notation.md")));
    if let Ok(wanted) = std::env::var("PAGE") {
        pages.retain(|page| page.name().contains(&wanted));
    }
    pages
}

fn experiments() -> &'static Experiments {
    static EXPERIMENTS: OnceLock<Experiments> = OnceLock::new();
    EXPERIMENTS.get_or_init(|| build(plan(&all_pages()).unwrap_or_else(|error| panic!("{error}"))))
}

#[test]
fn every_transcript_says_what_the_programs_do() {
    let prompts = prompts();
    let pages = all_pages();
    let scenes: Vec<(&Page, Vec<Block<'_>>)> = pages
        .iter()
        .flat_map(|page| page.scenes().into_iter().map(move |scene| (page, scene)))
        .collect();
    assert!(!scenes.is_empty(), "there is no such page");
    let experiments = experiments();
    // Some scenes are slow because the lesson is; they wait for nothing but themselves.
    side_by_side(SCENES_AT_ONCE, &scenes, |(page, blocks)| {
        Scene::replay(page, blocks, &prompts, experiments);
    });
}

/// Replays the scenes of the page on notation in which `right` stands, with `wrong` in its place; returns the complaint.
fn complaint(right: &str, wrong: &str) -> String {
    let notation = Page::read(&root().join("tests/kit/notation.md"));
    assert_eq!(notation.text.matches(right).count(), 1, "{right}");
    let line = notation.text[..notation.text.find(right).unwrap()].lines().count();
    let page = Page { text: notation.text.replace(right, wrong), path: notation.path };
    let scenes = page.scenes();
    let scene = scenes.iter().rfind(|scene| scene[0].line <= line + 1).unwrap();
    let prompts = prompts();
    let replay = || Scene::replay(&page, scene, &prompts, experiments());
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(replay));
    let Err(complaint) = panic else { panic!("nothing is said about\n{wrong}") };
    *complaint.downcast::<String>().unwrap()
}

#[test]
fn a_page_that_is_wrong_is_found_out() {
    let cases = [
        // What is printed, and when.
        ("Do you want to play a game?\nYour answer:\n", "(nothing more)\n", "has also printed"),
        ("No answer. Bye!\n", "", "printed \"No answer. Bye!\""),
        ("No answer. Bye!\n$ echo $?\n0", "No answer. Bye!\n$ echo $?\n1", "nothing runs"),
        ("No answer. Bye!", "No answer. Bye!\n(nothing more)", "has ended"),
        ("No answer. Bye!", "No answer. Bye!\n(and so on, without end)", "ended while"),
        (
            "server stopped\n```\n\n## A long",
            "server stopped here\n```\n\n## A long",
            "server stopped\nand not",
        ),
        ("Connection from: 127.0.0.1:50114", "Connection from: 127.0.0.1:50112", "and not"),
        ("AAAAAAAA…AAAAAAAA", "AAAAAAAA…BBBBBBBB", "and not"),
        ("(and so on, without end)", "(nothing more)", "has also printed"),
        ("(and so on, without end)", "(and so on, without end)\nmore", "is not compared"),
        ("> hello\n-", "> hello\n+", "terminal 2 printed\n  -"),
        ("no server is left running.", "a server is left running.", "and not"),
        (
            "^C\nserver stopped\n```\n\n## A long",
            "^C\n^C\nserver stopped\n```\n\n## A long",
            "between two ^C",
        ),
        // The compiler and a panic.
        ("```rustc\nerror", "```text\nerror", "the compiler refuses this: error[E0382]"),
        ("error[E0382]: borrow of moved", "error[E0382]: use of moved", "does not say"),
        ("server.rs:25:30", "server.rs:25:31", "points to"),
        ("25 |                 say!(\"{:?}\"", "25 |                 say!(\"{}\"", "line 25 of"),
        ("^^^^^^ value borrowed here", "^^^^^^ value used here", "none of the labels"),
        (
            "^^^^^^ value borrowed here after move",
            "^^^^^^ value moved into closure here",
            "none of",
        ),
        ("   |                               |\n", "   = note: move occurs\n", "leave this out"),
        ("variable: `name`", "variable: `peer`", "does not say"),
        (
            "panicked at examples/03_threaded_greeter_server.rs:45:5",
            "panicked at examples/03.rs",
            "and not",
        ),
        // Where threads stand: calls are seen on Linux.
        ("console           Accepted", "console           Rejected", "and not"),
        #[cfg(target_os = "linux")]
        ("    2.50 s  unnamed 1         read, for A\n", "", "has also printed"),
    ];
    // Before the threads, which would all wait for it.
    experiments();
    std::thread::scope(|threads| {
        for (right, wrong, expected) in cases {
            threads.spawn(move || {
                let complaint = complaint(right, wrong);
                assert!(complaint.contains(expected), "{wrong}\n{complaint}");
            });
        }
    });
}

/// Only Linux says what a process does.
#[cfg(target_os = "linux")]
#[test]
fn a_program_that_has_ended_is_not_busy() {
    let complaint = complaint("No answer. Bye!", "No answer. Bye!\n(one core is busy)");
    assert!(complaint.contains("has ended"), "{complaint}");
}

#[test]
fn a_client_that_is_busy_for_a_moment_looks_like_one_that_is_not() {
    let shown = "  A  ○●████■            2.0 s\n  ███ thinks  ■ done";
    let printed = "  A  ○──●██─█■          2.1 s\n  ███ thinks  ─── idle  ■ done";
    assert_eq!(support::replay::without_times(printed), support::replay::without_times(shown));
}

#[test]
fn a_very_short_time_in_a_sentence_is_a_time() {
    let [short, long] = ["B waited less than\n0.1 ms.", "B waited 0.4 ms."];
    assert_eq!(support::replay::without_times(short), support::replay::without_times(long));
}
