//! The programs of the experiments: the diffs of the pages, applied to scratch copies and built.
//!
//! A block ` ```diff PATH ` changes a file as a reader would do it by hand. Diffs that follow one another make one experiment;
//! a diff that stands behind a transcript changes what the one before it has left, and a heading puts everything back.
//! All experiments are one package under `target`, so one call of cargo builds them.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::compiler::Message;
use super::json::{Json, Strict};
use super::markdown::{Block, Page};
use super::{root, scratch as scratch_folder};

/// An experiment: what the diffs have made of the files, and which programs that changes.
pub struct Experiment {
    /// The folder of its copies: the lab and a number, such as `05_2`.
    pub folder: String,
    /// The text of every changed file, by its path in the kit.
    pub files: BTreeMap<String, String>,
    /// The changed programs that its transcripts run or the compiler speaks about, by name, and the path of each.
    programs: BTreeMap<String, String>,
    /// The page and the line of its last diff.
    at: (PathBuf, usize),
}

/// What became of an experiment: its programs, and what the compiler said about them.
pub struct Built {
    pub experiment: Experiment,
    /// Where each program stands; those that are missing were refused.
    pub executables: HashMap<String, PathBuf>,
    pub messages: Vec<Message>,
}

impl Built {
    /// The page and the line of its last diff.
    pub fn at(&self) -> (&Path, usize) {
        (&self.experiment.at.0, self.experiment.at.1)
    }

    /// Whether the program is changed by this experiment, or would be if the compiler accepted it.
    pub fn changes(&self, program: &str) -> bool {
        self.experiment.programs.contains_key(program)
    }
}

/// The experiments of all pages, by page and line of the last diff of each.
pub type Experiments = HashMap<(PathBuf, usize), Built>;

/// A file of the kit. An exercise is what the student was given, whatever has become of it.
fn source(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path.replace("/practice.rs", "/starter.rs"))).ok()
}

/// Applies a diff without line numbers: every hunk must stand in exactly one place of the text.
///
/// Hunks are separated by lines that begin with `@@`. Only added lines make a new file.
pub fn apply(diff: &[&str], text: Option<&str>) -> Result<String, String> {
    let mut lines: Vec<&str> = text.unwrap_or_default().lines().collect();
    let mut hunks = 0;
    for hunk in diff.split(|line| line.starts_with("@@")).filter(|hunk| !hunk.is_empty()) {
        hunks += 1;
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for line in hunk {
            match line.split_at_checked(1).unwrap_or((" ", "")) {
                ("-", line) => old.push(line),
                ("+", line) => new.push(line),
                (" ", line) => {
                    old.push(line);
                    new.push(line);
                }
                _ => return Err(format!("a line of a diff begins with ' ', '+' or '-': {line}")),
            }
        }
        if old == new {
            return Err("a hunk changes nothing".to_owned());
        }
        match (text, old.is_empty()) {
            (None, true) => lines.extend(new),
            (None, false) => return Err("there is no such file".to_owned()),
            (Some(_), true) => return Err("a hunk shows no line that stands there".to_owned()),
            (Some(_), false) => {
                let places: Vec<usize> = lines
                    .windows(old.len())
                    .enumerate()
                    .filter(|(_, window)| *window == old)
                    .map(|(index, _)| index)
                    .collect();
                let [place] = places[..] else {
                    let count = places.len();
                    return Err(format!("a hunk fits in {count} places:\n{}", hunk.join("\n")));
                };
                lines.splice(place..place + old.len(), new);
            }
        }
    }
    if hunks == 0 {
        return Err("the diff is empty".to_owned());
    }
    Ok(lines.iter().map(|line| format!("{line}\n")).collect())
}

/// The programs outside `examples/`, by path, as `Cargo.toml` names them.
fn declared_examples() -> BTreeMap<String, String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let value = |entry: &str, key: &str| {
        let line = entry.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
        line.unwrap().trim_matches('"').to_owned()
    };
    let entries = manifest.split("[[example]]").skip(1);
    entries.map(|entry| (value(entry, "path"), value(entry, "name"))).collect()
}

impl Experiment {
    /// The text of a file, changed or not.
    fn text(&self, path: &str) -> Option<String> {
        self.files.get(path).cloned().or_else(|| source(path))
    }

    /// The path of a program and of the modules that it takes from other files.
    fn sources(&self, program: &str) -> Vec<String> {
        let declared = declared_examples().into_iter().find(|(_, name)| name == program);
        let main = declared.map_or(format!("examples/{program}.rs"), |(path, _)| path);
        let mut sources = vec![main];
        let mut index = 0;
        while let Some(path) = sources.get(index).cloned() {
            let text = self.text(&path).unwrap_or_default();
            for module in text.lines().filter_map(|line| line.trim().strip_prefix("#[path = \"")) {
                let module = module.split('"').next().unwrap_or_default();
                let (folder, _) = path.rsplit_once('/').unwrap_or_default();
                let module = normal(&format!("{folder}/{module}"));
                if !sources.contains(&module) {
                    sources.push(module);
                }
            }
            index += 1;
        }
        sources
    }

    /// Adds a program that stands behind the diffs, if they change it.
    fn add_program(&mut self, name: &str) {
        let sources = self.sources(name);
        if sources.iter().any(|path| self.files.contains_key(path)) {
            self.programs.insert(name.to_owned(), sources[0].clone());
        }
    }
}

/// A path without `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The names of the examples that a transcript starts.
fn started<'a>(block: &Block<'a>) -> Vec<&'a str> {
    let commands = block.lines.iter().filter(|line| line.starts_with("$ "));
    let names = commands.filter_map(|command| command.split_once("--example "));
    names.filter_map(|(_, rest)| rest.split([' ', ')']).next()).collect()
}

/// Applies all diffs of the pages.
///
/// # Errors
/// When a diff does not apply, or nothing behind it shows what comes of it.
pub fn plan(pages: &[Page]) -> Result<Vec<Experiment>, String> {
    let declared = declared_examples();
    let mut experiments = Vec::new();
    for page in pages {
        let name = page.name();
        let lab = name.strip_prefix("labs/").and_then(|rest| rest.split_once("_"));
        let lab = lab.map(|(number, _)| number).filter(|number| number.parse::<u8>().is_ok());
        let prefix = lab.map_or(name.replace(".md", "").replace('/', "_"), str::to_owned);
        let mut number = 0;
        for scene in page.scenes() {
            let mut files = BTreeMap::new();
            let mut blocks = scene.iter().peekable();
            while let Some(block) = blocks.next() {
                let Some(mut path) = block.changes() else { continue };
                let mut diffs = vec![(block, path)];
                while let Some(next) = blocks.next_if(|next| next.changes().is_some()) {
                    path = next.changes().unwrap_or_default();
                    diffs.push((next, path));
                }
                for (block, path) in &diffs {
                    if !path.starts_with("examples/") && !declared.contains_key(*path) {
                        return Err(format!("{}: {path} is not a program", block.at(page)));
                    }
                    let text = files.get(*path).cloned().or_else(|| source(path));
                    let changed = apply(&block.lines, text.as_deref())
                        .map_err(|error| format!("{}: {path}: {error}", block.at(page)))?;
                    files.insert((*path).to_owned(), changed);
                }
                number += 1;
                let last = diffs[diffs.len() - 1].0;
                let mut experiment = Experiment {
                    folder: format!("{prefix}_{number}"),
                    files: files.clone(),
                    programs: BTreeMap::new(),
                    at: (page.path.clone(), last.line),
                };
                let shown: Vec<&Block<'_>> =
                    blocks.clone().take_while(|block| block.changes().is_none()).collect();
                for block in shown.iter().filter(|block| block.info == "console") {
                    started(block).into_iter().for_each(|name| experiment.add_program(name));
                }
                if shown.iter().any(|block| block.info == "rustc") {
                    for (_, path) in &diffs {
                        let stem = Path::new(path).file_stem().unwrap_or_default();
                        let stem = stem.to_string_lossy().into_owned();
                        experiment.add_program(declared.get(*path).unwrap_or(&stem));
                    }
                }
                for (block, path) in &diffs {
                    let shown = experiment.programs.keys();
                    let mut shown = shown.flat_map(|name| experiment.sources(name));
                    if !shown.any(|source| source == *path) {
                        let at = block.at(page);
                        return Err(format!(
                            "{at}: no transcript and no block ```rustc shows what comes of this"
                        ));
                    }
                }
                experiments.push(experiment);
            }
        }
    }
    Ok(experiments)
}

/// Writes a file unless it says that already, so that cargo builds only what has changed.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The manifest of the scratch package: the kit as its library, `rustix` for lab 11, and the kit's profiles and lints.
fn manifest(experiments: &[Experiment]) -> String {
    let kit = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let line = |key: &str| kit.lines().find(|line| line.starts_with(key)).unwrap();
    let mut text = format!(
        "[package]\nname = \"experiments\"\n{}\n{}\n\n[workspace]\n\n[dependencies]\nsocketlab = {{ path = {:?} }}\n{}\n",
        line("edition"),
        line("rust-version"),
        root(),
        line("rustix")
    );
    for section in kit.split("\n[").skip(1) {
        let own = section.strip_prefix("workspace.").unwrap_or(section);
        if own.starts_with("profile") || own.starts_with("lints.") {
            text += &format!("\n[{own}\n");
        }
    }
    for experiment in experiments {
        let folder = &experiment.folder;
        for (name, path) in &experiment.programs {
            text += &format!("\n[[bin]]\nname = \"{folder}_{name}\"\npath = \"{folder}/{path}\"\n");
        }
    }
    text
}

/// Builds all experiments.
pub fn build(experiments: Vec<Experiment>) -> Experiments {
    if experiments.is_empty() {
        return Experiments::new();
    }
    let scratch = scratch_folder("experiments");
    fs::create_dir_all(&scratch).unwrap();
    for experiment in &experiments {
        let folder = scratch.join(&experiment.folder);
        for path in experiment.programs.keys().flat_map(|name| experiment.sources(name)) {
            write(&folder.join(&path), &experiment.text(&path).unwrap());
        }
    }
    write(&scratch.join("Cargo.toml"), &manifest(&experiments));
    fs::copy(root().join("Cargo.lock"), scratch.join("Cargo.lock")).unwrap();

    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--offline", "--keep-going", "--message-format=json"]);
    let mut options = assistant::process::cargo_build::folder_options(profile);
    // Not in the folder of all others, which cargo locks: on a busy machine an assistant would wait in vain.
    options.truncate(options.len() - 2); // `--target-dir`, and the folder
    options.extend(["--target-dir".into(), scratch.join("target").into()]);
    cargo.args(options).current_dir(&scratch);
    let output = cargo.output().unwrap();
    let mut executables = HashMap::new();
    let mut messages: HashMap<String, Vec<Message>> = HashMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let step = Json::read(line);
        let target = || step.at("target").at("name").text();
        match step.at("reason").text().as_str() {
            "compiler-message" => {
                messages.entry(target()).or_default().push(Message::read(step.at("message")));
            }
            "compiler-artifact" => {
                if let Json::String(path) = step.at("executable") {
                    executables.insert(target(), PathBuf::from(path));
                }
            }
            _ => {}
        }
    }
    let finish = |experiment: Experiment| {
        let mut built = Built { experiment, executables: HashMap::new(), messages: Vec::new() };
        let folder = built.experiment.folder.clone();
        for name in built.experiment.programs.keys() {
            let target = format!("{folder}_{name}");
            let said = messages.remove(&target).unwrap_or_default();
            match executables.remove(&target) {
                Some(path) => {
                    // Under its own name, which its messages may mention.
                    let own = scratch.join(&folder).join(name);
                    let _ = fs::remove_file(&own);
                    fs::hard_link(path, &own).unwrap();
                    built.executables.insert(name.clone(), own);
                }
                None => assert!(
                    said.iter().any(Message::is_error),
                    "cargo has not built {target}:\n{}",
                    String::from_utf8_lossy(&output.stderr)
                ),
            }
            built.messages.extend(said);
        }
        (built.experiment.at.clone(), built)
    };
    experiments.into_iter().map(finish).collect()
}
