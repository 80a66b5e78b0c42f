//! The pages: `rustdoc` makes HTML of a handout, and its links, pictures and code are changed so that it is one file.

use std::fs;
use std::path::Path;
use std::process::Command;

use socketlab::Failure;

use crate::commands::read;
use crate::course::{LABS, Lab};
use crate::process::interrupt::{self, Stopped};
use crate::process::tool::said;

const STYLE: &str = include_str!("pages.css");

/// What every page of an edition contains, and no other file: the students' and the lecturer's.
pub const MARKS: [&str; 2] = ["<meta name=students>", "<meta name=lecturer>"];

/// The names of all files and their contents; the index comes last.
pub fn make(kit: &Path, scratch: &Path, answers: bool) -> Result<Vec<(String, String)>, Stopped> {
    let mut sources = vec![("index", kit.join("labs/README.md"))];
    let handout = |name| kit.join("labs").join(name).join("README.md");
    sources.extend(LABS.iter().map(|lab| (lab.number(), handout(lab.name()))));
    sources.extend(answers.then(|| ("instructor", kit.join("labs/INSTRUCTOR.md"))));
    let (mut pages, mut all, mut feet) = (Vec::new(), String::new(), String::new());
    for (name, file) in &sources {
        interrupt::go_on()?;
        let text = with_files(name, &read(file)?, kit, answers)?;
        let html = with_links(&html(name, &text, scratch)?);
        let html = with_lines(&with_pictures(&html, file));
        let title = text.lines().next().unwrap_or_default().trim_start_matches("# ");
        let article = |html: &str| {
            format!("<article id=\"{name}\" style=\"page: p{name}\">\n{html}</article>\n")
        };
        // The foot of each sheet says which lab it is of.
        let foot =
            title.replace(['\'', '\\'], "") + if answers { " (lecturer’s edition)" } else { "" };
        let foot = format!("@page p{name} {{ @bottom-left {{ content: '{foot}' }} }}\n");
        let ways = if name == &"index" { ways(answers) } else { String::new() };
        pages
            .push((format!("{name}.html"), page(title, &foot, &(ways + &article(&html)), answers)));
        feet += &foot;
        // Where all pages are one, what has a name is of its page, and links lead to it.
        let html = html.replace(" id=\"", &format!(" id=\"{name}-"));
        let html = html.replace("href=\"#", &format!("href=\"#{name}-"));
        all += &article(&sources.iter().fold(html, |html, (name, _)| {
            let html = html.replace(&format!("\"{name}.html#"), &format!("\"#{name}-"));
            html.replace(&format!("\"{name}.html\""), &format!("\"#{name}\""))
        }));
    }
    pages.push(("all.html".to_owned(), page("socketlab", &feet, &all, answers)));
    pages.rotate_left(1);
    Ok(pages)
}

/// What the index leads to besides the handouts.
fn ways(answers: bool) -> String {
    let instructor = "; <a href=\"instructor.html\">for the instructor</a>";
    let instructor = if answers { instructor } else { "" };
    format!("<nav><a href=\"all.html\">Everything on one page</a>, to print{instructor}</nav>\n")
}

fn page(title: &str, feet: &str, articles: &str, answers: bool) -> String {
    let mark = MARKS[usize::from(answers)];
    let edition = if answers { "<nav>Lecturer's edition, with all answers</nav>\n" } else { "" };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n{mark}\n<title>{title}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<style>\n{STYLE}{feet}</style>\n{edition}{articles}"
    )
}

/// A handout with its files below it; the hints and the solution are for lecturers.
fn with_files(name: &str, text: &str, kit: &Path, answers: bool) -> Result<String, Failure> {
    let mut text = if answers { text.to_owned() } else { without_answers(text) };
    for lab in LABS.iter().map(Lab::name).filter(|lab| lab.starts_with(name)) {
        let files = [
            ("server", "rust", format!("examples/{lab}_server.rs")),
            ("client", "rust", format!("examples/{lab}_client.rs")),
            ("hints", "text", format!("labs/{lab}/hints.txt")),
            ("solution", "rust", format!("labs/{lab}/solution.rs")),
        ];
        for (what, kind, file) in files.iter().take(if answers { 4 } else { 2 }) {
            let file = read(&kit.join(file))?;
            text += &format!("\n## Appendix: {what}\n\n````{kind}\n{file}````\n");
        }
    }
    Ok(text)
}

/// A handout without its folded parts.
pub fn without_answers(text: &str) -> String {
    at_each("<details><summary>", "</details>", text, |folded| {
        let (summary, _) = folded.split_once("</summary>").unwrap_or_default();
        format!("*{summary}: your lecturer has them.*")
    })
}

/// Puts what `change` makes of the text between `start` and `end` in the place of all three, wherever they stand.
fn at_each(start: &str, end: &str, text: &str, change: impl Fn(&str) -> String) -> String {
    let mut parts = text.split(start);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (inside, after) = part.split_once(end).unwrap_or((part, ""));
        text + &change(inside) + after
    })
}

/// The HTML that `rustdoc` makes of a text.
fn html(name: &str, text: &str, scratch: &Path) -> Result<String, Failure> {
    let file = scratch.join(format!("{name}.md"));
    fs::write(&file, text.replace("<details>", "<details open>"))?;
    let mut rustdoc = Command::new("rustdoc");
    rustdoc.arg(&file).arg("--markdown-no-toc").arg("-o").arg(scratch);
    said(&mut rustdoc, "").map_err(|why| {
        Failure::new(format!("rustdoc, which comes with Rust, makes no page: {why}"))
    })?;
    let page = read(&file.with_extension("html"))?;
    let body = page.find("<h1").and_then(|start| page[start..].split("</body>").next());
    Ok(body.unwrap_or(&page).to_owned())
}

/// Links to other handouts lead to their pages; those to other files of the kit become text.
fn with_links(html: &str) -> String {
    at_each("<a href=\"", "</a>", html, |link| {
        let (link, words) = link.split_once("\">").unwrap_or_default();
        target(link).map_or(words.to_owned(), |link| format!("<a href=\"{link}\">{words}</a>"))
    })
}

fn target(link: &str) -> Option<String> {
    let (path, anchor) = link.split_at(link.find('#').unwrap_or(link.len()));
    let path = path.trim_start_matches("../").trim_start_matches("examples/");
    let lab = LABS.iter().find(|lab| path.starts_with(lab.name()));
    match lab.map(|lab| (lab.number(), &path[lab.name().len()..])) {
        Some((lab, "/README.md")) => Some(format!("{lab}.html{anchor}")),
        Some((lab, "_server.rs")) => Some(format!("{lab}.html#appendix-server")),
        Some((lab, "_client.rs")) => Some(format!("{lab}.html#appendix-client")),
        _ if path == "README.md" => Some(format!("index.html{anchor}")),
        _ => ["https:", "#"].iter().any(|it| link.starts_with(it)).then(|| link.into()),
    }
}

/// Pictures become part of the page, without the empty space below what they show.
fn with_pictures(html: &str, page: &Path) -> String {
    at_each("<img src=\"", "\"", html, |file| {
        // A picture that cannot be read is described, as in every browser.
        let svg = fs::read_to_string(page.with_file_name(file)).unwrap_or_default();
        let texts = svg.split(" y=\"").filter_map(|text| text.split('"').next()?.parse().ok());
        let height = texts.fold(0.0, f64::max) + 32.0;
        let size = |_: &str| format!("viewBox=\"0 0 1280 {height}\"");
        let svg = at_each("viewBox=\"0 0 1280 ", "\"", &svg, size);
        let data: String = svg.bytes().map(|byte| format!("%{byte:02X}")).collect();
        format!("<img src=\"data:image/svg+xml,{data}\"")
    })
}

/// Each line of code becomes an element: where it wraps can be shown, and what it is in a diff.
fn with_lines(html: &str) -> String {
    at_each("<pre class=\"", "</code>", html, |pre| {
        let (class, code) = pre.split_once("\"><code>").unwrap_or_default();
        let mut lines = String::new();
        // The elements around the line's beginning: a comment of several lines is one.
        let mut open: Vec<&str> = Vec::new();
        for line in code.lines() {
            let element = match class {
                "language-diff" if line.starts_with("+++") || line.starts_with("---") => "span",
                "language-diff" if line.starts_with('+') => "ins",
                "language-diff" if line.starts_with('-') => "del",
                "language-console" if line.starts_with("$ ") || line.starts_with("&gt; ") => "kbd",
                _ => "span",
            };
            let begin: String = open.iter().map(|tag| format!("<{tag}>")).collect();
            for tag in line.split('<').skip(1).filter_map(|tag| tag.split('>').next()) {
                match tag {
                    "/span" => open.truncate(open.len().saturating_sub(1)),
                    _ => open.push(tag),
                }
            }
            let end = "</span>".repeat(open.len());
            lines += &format!("<{element} class=\"line\">{begin}{line}{end}\n</{element}>");
        }
        format!("<pre class=\"{class}\"><code>{lines}</code>")
    })
}
