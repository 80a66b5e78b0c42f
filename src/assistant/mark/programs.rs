//! Comparing programs by what they do: without comments, white space and names.

use std::collections::{BTreeMap, HashMap};

/// The groups of programs that are the same but for comments, white space and names.
pub fn same_programs(programs: &[(String, String)]) -> Vec<Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (whose, text) in programs {
        groups.entry(bare(text, true)).or_default().push(whose.clone());
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

/// What Rust gives a meaning: these words are no names.
const WORDS: [&str; 30] = [
    "as", "async", "await", "break", "const", "continue", "crate", "else", "enum", "false", "fn",
    "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref",
    "return", "static", "struct", "true", "unsafe", "use", "while",
];

/// A program without its comments, up to the end of a line, and white space.
pub fn without_comments(text: &str) -> String {
    bare(text, false)
}

/// A program without comments, white space and, if these do not count, names: a name is the number of its first
/// occurrence. Words and texts stay, and what stands behind a dot or a path: that is mostly the library's.
fn bare(text: &str, renamed: bool) -> String {
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut bare = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let is_quote = ["'\"'", r#"'\"'"#].iter().find(|quote| rest.starts_with(**quote));
        let end = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => end_of_text(rest),
            _ if is_name(first) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
            _ => is_quote.map_or(first.len_utf8(), |quote| quote.len()),
        };
        let (token, behind) = rest.split_at(end);
        rest = behind;
        let is_fixed = (bare.ends_with('.') && !bare.ends_with("..")) || bare.ends_with("::");
        let is_name = is_name(first) && !first.is_numeric() && token != "_";
        if is_name && (is_fixed || !renamed || WORDS.contains(&token)) {
            bare += &format!("{token} ");
        } else if is_name {
            let new = names.len();
            bare += &format!("n{} ", names.entry(token).or_insert(new));
        } else if !first.is_whitespace() && !token.starts_with("//") {
            bare += token;
        }
    }
    bare
}

/// Where a text ends that begins with a quotation mark.
fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    let is_end = |c: char| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    };
    text[1..].find(is_end).map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_comments_and_spaces_make_no_other_program() {
        let programs = [
            ("a", "let x = 1; // \"one\nsend(x, \"a // \\\" b\");"),
            ("b", "let  number = 1;\n send( number,\"a // \\\" b\" ) ;"),
            ("c", "let x = 2; send(x, \"a // \\\" b\");"),
            ("d", "let x = 1; send(x, \"a // \\\" c\");"),
            ("e", "let x = 3; send(x.trim());"),
            ("f", "let x = 3; send(x.trim_end());"),
            ("i", "loop { thread::spawn(true); break }"),
            ("j", "loop { thread::sleep(true); break }"),
            ("k", "loop { thread::spawn(false); break }"),
            ("g", "let _ = lock('\"'); send(\"x\");"),
            ("h", "let _guard = lock('\"'); send(\"x\");"),
        ];
        let programs = programs.map(|(whose, text)| (whose.to_owned(), text.to_owned()));
        assert_eq!(same_programs(&programs), [["a", "b"]]);
    }
}
