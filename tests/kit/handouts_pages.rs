//! `cargo run -- handouts`: pages that need nothing else, and no answer in what students get.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use assistant::process::program::Program;
use support::{assistant, markdown, output, root, run, scratch};

/// Names in the title the pages in which a picture is not shown, or something is wider than the window.
const SCRIPT: &str = "<script>onload = () => {
    const isWrong = ({contentDocument: page}) =>
        [...page.images].some(picture => picture.naturalWidth === 0)
        || page.documentElement.scrollWidth > page.documentElement.clientWidth
    document.title = 'wrong: ' + [...document.querySelectorAll('iframe')].filter(isWrong).map(it => it.id)
}</script>";

/// All files below a folder, with their names and texts.
fn files(folder: &Path) -> Vec<(String, String)> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| match path.is_dir() {
        true => files(&path),
        false => vec![(path.display().to_string(), fs::read_to_string(&path).unwrap())],
    };
    paths.flat_map(read).collect()
}

/// Makes what `options` ask for in a new folder.
fn make(folder: &str, options: &[&str]) -> PathBuf {
    let folder = scratch(folder);
    let _ = fs::remove_dir_all(&folder);
    output(assistant(&["handouts"]).args(options).arg(&folder));
    folder
}

fn values<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    page.split(&format!(" {name}=\"")).skip(1).map(|it| it.split('"').next().unwrap()).collect()
}

#[test]
fn every_page_is_complete_by_itself() {
    for (folder, options, count) in [("pages", None, 13), ("pages-open", Some("--answers"), 14)] {
        let folder = make(folder, options.as_slice());
        let pages = files(&folder);
        assert_eq!(pages.len(), count);
        for (file, page) in &pages {
            let titles = if file.ends_with("all.html") { count - 1 } else { 1 };
            assert_eq!(page.matches("<h1").count(), titles, "{file}");
            assert!(!page.contains("<link") && !page.contains("<script"), "{file}");
            assert!(values(page, "src").iter().all(|src| src.starts_with("data:")), "{file}");
            for link in values(page, "href").iter().filter(|link| !link.starts_with("https://")) {
                let (name, id) = link.split_once('#').unwrap_or((link, ""));
                let target = folder.join(if name.is_empty() { file } else { name });
                let target = fs::read_to_string(target).unwrap();
                assert!(id.is_empty() || values(&target, "id").contains(&id), "{file}: {link}");
            }
        }
        // The students' pages are the same with less in them.
        if options.is_some() {
            are_shown(&folder, &pages);
        }
    }
}

/// Opens all pages in a browser, as frames of one page, and asks it; only says so if there is none.
fn are_shown(folder: &Path, pages: &[(String, String)]) {
    let frame = |(file, page): &(String, String)| {
        let page = page.replace('&', "&amp;").replace('"', "&quot;");
        format!("<iframe id=\"{file}\" width=1000 height=800 srcdoc=\"{page}\"></iframe>\n")
    };
    let frames: String = pages.iter().map(frame).collect();
    let file = folder.join("frames.html");
    fs::write(&file, format!("<meta charset=utf-8><title></title>{SCRIPT}{frames}")).unwrap();
    let mut command = Command::new("chromium");
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]).arg(file);
    let Ok(browser) = Program::start(&mut command) else {
        return println!("the pages are not opened: chromium is not installed");
    };
    let dom = run(browser, "").1.join("\n");
    let (head, _) = dom.split_once("</title>").unwrap();
    assert!(head.ends_with("<title>wrong: "), "{head}");
}

/// The letters and digits of a page, without its tags and entities.
fn letters(html: &str) -> String {
    let parts = html.split(['<', '&']);
    let parts = parts.map(|part| part.split_once(['>', ';']).map_or(part, |it| it.1));
    parts.flat_map(str::chars).filter(|letter| letter.is_alphanumeric()).collect()
}

#[test]
fn students_get_no_answer() {
    let plain = |text: &str| letters(&text.replace(['<', '>', '&', ';'], " "));
    let (mut open, mut secret) = (String::new(), String::new());
    for page in markdown::pages() {
        let text = page.text.replace("</details>", "</summary>");
        let parts: Vec<&str> = text.split("</summary>").collect();
        open.extend(parts.iter().step_by(2).map(|part| plain(part)));
        secret.extend(parts.into_iter().skip(1).step_by(2));
    }
    for (file, text) in [files(&root().join("labs")), files(&root().join("examples"))].concat() {
        match file.ends_with("hints.txt") || file.ends_with("solution.rs") {
            true => secret += &text,
            false if file.ends_with(".md") => {}
            false => open += &plain(&text),
        }
    }
    let lines = secret.lines().map(|line| plain(line.trim_start_matches(char::is_numeric)));
    let is_secret = |line: &String| line.len() > 20 && !open.contains(line);
    let secret: Vec<String> = lines.filter(is_secret).collect();
    assert!(secret.len() > 300, "{}", secret.len());

    let zip = scratch("students.zip");
    let folder = make("students", &["--no-hints", "--zip", zip.to_str().unwrap()]);
    if let Ok(unzip) = Program::start(Command::new("unzip").arg(&zip).arg("-d").arg(&folder)) {
        assert!(run(unzip, "").0.success());
        let mut cargo = Command::new(env!("CARGO"));
        output(cargo.args(["metadata", "--no-deps"]).current_dir(folder.join("socketlab")));
    }
    // The assistant has lines of code that a solution has too.
    let _ = fs::remove_dir_all(folder.join("socketlab/src"));
    for (file, text) in files(&folder) {
        assert!(!file.ends_with("solution.rs"), "{file}");
        let text = if file.ends_with(".html") { letters(&text) } else { plain(&text) };
        assert_eq!(secret.iter().find(|line| text.contains(*line)), None, "{file}");
    }
    let full = fs::read_to_string(make("lecturers", &["--answers"]).join("all.html")).unwrap();
    let full = letters(&full);
    assert!(secret.iter().all(|line| full.contains(line)));
}
