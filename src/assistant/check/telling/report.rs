//! What there is to tell of a check.

use crate::check::Exercise;
use crate::check::run::Checked;

/// What was checked, and what came of it.
#[derive(Debug)]
pub struct Report<'a> {
    /// The exercise.
    pub exercise: &'a Exercise,
    /// The name of what was checked: a file, a command, an address.
    pub target: String,
    /// A short hash of the file's contents.
    pub contents: Option<String>,
    /// What the compiler warns of in the file, in lines.
    pub warnings: Vec<String>,
    /// What came of it.
    pub result: Checked,
    /// Whether every scene was played.
    pub every: bool,
    /// Whether to speak of hints: the student's own file was checked.
    pub own_file: bool,
    /// The number of the lab after this one.
    pub next_lab: Option<&'static str>,
}

impl Report<'_> {
    /// What is special about a failure; never empty.
    pub fn note(&self) -> &str {
        let finding = &self.result.finding;
        if finding.note.is_empty() { finding.code.verdict().why } else { &finding.note }
    }

    /// The same, or the first byte that differs, in a sentence.
    pub fn reason(&self) -> &str {
        let finding = &self.result.finding;
        let differs = finding.evidence_in_words.last().filter(|_| finding.note.is_empty());
        differs.map_or_else(|| self.note(), String::as_str)
    }

    /// Where to look first.
    pub fn look(&self) -> &'static str {
        let finding = &self.result.finding;
        finding.look.unwrap_or(finding.code.verdict().look)
    }

    /// The section to read.
    pub fn read(&self) -> String {
        let (lab, heading) = self.result.finding.code.verdict().section(self.exercise.lab);
        format!("labs/{lab}/README.md#{}", heading.to_lowercase().replace(' ', "-"))
    }

    /// How many scenes were to be played.
    pub fn scenes(&self) -> usize {
        self.exercise.scenes.len() - self.result.left_out.len()
    }
}
