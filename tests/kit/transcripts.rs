//! Every transcript of every page is replayed against the real programs, and every experiment against changed ones.

use std::sync::OnceLock;

use crate::support::experiments::{Experiments, build, plan};
use crate::support::markdown::{Block, Page, pages};
use crate::support::replay::{Scene, prompts};
use crate::support::root;

/// The pages of the kit, and the one that shows the notation.
fn all_pages() -> Vec<Page> {
    let mut pages = pages();
    pages.push(Page::read(&root().join("tests/kit/notation.md")));
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
    assert!(scenes.len() > 7, "only {} scenes", scenes.len());
    let experiments = experiments();
    // Some scenes are slow because the lesson is; they wait for nothing but themselves.
    std::thread::scope(|threads| {
        for (page, blocks) in &scenes {
            let prompts = &prompts;
            threads.spawn(move || Scene::replay(page, blocks, prompts, experiments));
        }
    });
}
