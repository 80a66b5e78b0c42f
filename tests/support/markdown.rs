//! Just enough Markdown for the kit's own pages: headings, fenced blocks, links, inline code.

use std::path::{Path, PathBuf};

/// A page of the kit.
pub struct Page {
    pub path: PathBuf,
    pub text: String,
}

/// A fenced block: what stands behind the opening fence, the paragraph before it, and its lines.
pub struct Block<'a> {
    /// The number of the opening fence's line, counted from 1.
    pub line: usize,
    pub info: &'a str,
    /// The first line of the paragraph before the fence.
    pub before: &'a str,
    pub lines: Vec<&'a str>,
    /// How many headings, of any level, stand above it: blocks with the same number make a scene.
    pub scene: usize,
}

impl Block<'_> {
    /// Where it stands, for messages: `labs/INSTRUCTOR.md:12`.
    pub fn at(&self, page: &Page) -> String {
        format!("{}:{}", page.name(), self.line)
    }

    /// The file that a block ` ```diff PATH ` changes.
    pub fn changes(&self) -> Option<&str> {
        self.info.strip_prefix("diff ")
    }
}

impl Page {
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path: path.to_owned(), text }
    }

    /// Its path from the root of the repository, for messages.
    pub fn name(&self) -> String {
        self.path
            .strip_prefix(super::root())
            .unwrap_or(&self.path)
            .display()
            .to_string()
            .replace('\\', "/")
    }

    /// The headings of level 2 and what stands below each.
    pub fn sections(&self) -> Vec<(&str, Vec<Block<'_>>)> {
        let mut sections = vec![("", Vec::new())];
        let mut open: Option<Block<'_>> = None;
        let mut before = "";
        let mut in_paragraph = false;
        let mut scene = 0;
        for (index, line) in self.text.lines().enumerate() {
            match (&mut open, line.strip_prefix("```")) {
                (Some(_), Some("")) => {
                    in_paragraph = false;
                    let blocks = &mut sections.last_mut().unwrap().1;
                    blocks.extend(open.take());
                }
                (Some(block), _) => block.lines.push(line),
                (None, Some(info)) => {
                    open = Some(Block { line: index + 1, info, before, lines: Vec::new(), scene });
                }
                (None, None) => {
                    let marks = line.bytes().take_while(|byte| *byte == b'#').count();
                    scene += usize::from(marks > 0 && line[marks..].starts_with(' '));
                    if let Some(heading) = line.strip_prefix("## ") {
                        sections.push((heading, Vec::new()));
                    }
                    let blank = line.trim().is_empty();
                    if !blank && !in_paragraph {
                        before = line;
                    }
                    in_paragraph = !blank;
                }
            }
        }
        assert!(open.is_none(), "{}: a fence is not closed", self.name());
        sections
    }

    pub fn blocks(&self) -> Vec<Block<'_>> {
        self.sections().into_iter().flat_map(|(_, blocks)| blocks).collect()
    }

    /// The blocks, scene by scene.
    pub fn scenes(&self) -> Vec<Vec<Block<'_>>> {
        let mut scenes: Vec<Vec<Block<'_>>> = Vec::new();
        for block in self.blocks() {
            match scenes.last_mut() {
                Some(scene) if scene[0].scene == block.scene => scene.push(block),
                _ => scenes.push(vec![block]),
            }
        }
        scenes
    }

    /// The lines outside fenced blocks.
    pub fn prose(&self) -> Vec<&str> {
        let mut inside = false;
        let outside = self.text.lines().filter(|line| {
            let fence = line.starts_with("```");
            inside ^= fence;
            !inside && !fence
        });
        outside.collect()
    }

    /// The body of a section of level 2, fences and all.
    pub fn section(&self, heading: &str) -> String {
        let mut lines = self.text.lines().skip_while(|line| *line != format!("## {heading}"));
        lines.next();
        lines.take_while(|line| !line.starts_with("## ")).collect::<Vec<_>>().join("\n")
    }

    /// The targets of its links and pictures.
    pub fn links(&self) -> Vec<String> {
        let prose = self.prose().join("\n");
        let mut links = Vec::new();
        // Inline code holds no links.
        for (index, text) in prose.split('`').enumerate() {
            if index % 2 == 0 {
                for rest in text.split("](").skip(1) {
                    links.extend(rest.split(')').next().map(str::to_owned));
                }
            }
        }
        // A link whose text is code is split there: look at these as well.
        links.extend(
            prose.split("`](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::to_owned),
        );
        links.sort();
        links.dedup();
        links
    }

    /// The anchors of its headings, as GitHub makes them.
    pub fn anchors(&self) -> Vec<String> {
        let headings = self.prose().into_iter().filter(|line| line.starts_with('#'));
        let anchor = |heading: &str| {
            let text = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.collect::<String>().replace(' ', "-")
        };
        headings.map(anchor).collect()
    }

    /// Every command of the page that begins with `cargo`, from fenced blocks and inline code.
    pub fn cargo_commands(&self) -> Vec<String> {
        let fenced = self.blocks().into_iter().flat_map(|block| block.lines);
        let inline = self.prose().join("\n");
        let inline: Vec<String> =
            inline.split('`').skip(1).step_by(2).map(|code| code.replace('\n', " ")).collect();
        let fenced = fenced.map(str::to_owned);
        fenced
            .chain(inline)
            .filter_map(|text| text.find("cargo ").map(|start| text[start..].to_owned()))
            .collect()
    }
}

/// Every page of the kit.
pub fn pages() -> Vec<Page> {
    let root = super::root();
    let mut paths: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "labs/README.md", "labs/INSTRUCTOR.md"]
            .iter()
            .map(|name| root.join(name))
            .collect();
    let handouts = labs().into_iter().map(|lab| root.join("labs").join(lab).join("README.md"));
    // A lab without a handout is found where its parts are looked for.
    paths.extend(handouts.filter(|path| path.exists()));
    paths.iter().map(|path| Page::read(path)).collect()
}

/// The names of the labs, `01_blocking_upper` and so on, from the servers under `examples/`.
pub fn labs() -> Vec<String> {
    let examples = std::fs::read_dir(super::root().join("examples")).unwrap();
    let names = examples.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut labs: Vec<String> =
        names.filter_map(|name| name.strip_suffix("_server.rs").map(str::to_owned)).collect();
    labs.sort();
    labs
}
