//! Lines that prove a finding: what was expected and what came, and what the server printed.

use socketlab::printable;

use crate::draw::columns::{columns, cut};

/// How wide evidence may be: it is indented by two of a terminal's 80 columns.
const WIDTH: usize = 76;

/// How many columns of bytes are shown in a sentence.
const MOST_IN_WORDS: usize = 200;

/// How many bytes in front of the difference are shown.
const BEFORE: usize = 24;

/// Expected and got, one above the other, with a sign under the first byte that differs.
pub fn compare(wanted: &[u8], got: &[u8]) -> Vec<String> {
    let letter = first_difference(wanted, got);
    let start = letter_start(letter.saturating_sub(BEFORE), &[wanted]);
    let lead = if start > 0 { "…" } else { "" };
    let line = |label: &str, bytes: &[u8]| {
        if bytes.is_empty() {
            return format!("{label:<10}nothing");
        }
        let text = format!("{label:<10}{lead}{}", printable(&bytes[start.min(bytes.len())..]));
        let size = format!("   ({} bytes)", bytes.len());
        cut(&text, WIDTH.saturating_sub(size.len())) + &size
    };
    let before = printable(&wanted[start.min(wanted.len())..letter.min(wanted.len())]).to_string();
    let column = columns(&format!("{:10}{lead}{before}", ""));
    vec![line("expected", wanted), line("got", got), format!("{}^", " ".repeat(column))]
}

/// The same in sentences.
pub fn compare_in_words(wanted: &[u8], got: &[u8]) -> Vec<String> {
    let quoted = |bytes: &[u8]| match bytes {
        [] => "nothing".to_owned(),
        _ => format!("\"{}\"", cut(&printable(bytes).to_string(), MOST_IN_WORDS)),
    };
    let same = first_difference(wanted, got);
    let [next_wanted, next_got] = [wanted, got].map(|bytes| {
        let rest = &bytes[same.min(bytes.len())..];
        let letter = 1 + rest.iter().skip(1).take_while(|byte| in_letter(byte)).count();
        quoted(&rest[..letter.min(rest.len())])
    });
    vec![
        format!("Expected: {} bytes, {}.", wanted.len(), quoted(wanted)),
        format!("Got: {} bytes, {}.", got.len(), quoted(got)),
        format!("Byte {} differs: {next_wanted} was expected, and {next_got} came.", same + 1),
    ]
}

/// The first byte that differs, or the first one of its letter.
fn first_difference(wanted: &[u8], got: &[u8]) -> usize {
    let same = wanted.iter().zip(got).take_while(|(wanted, got)| wanted == got).count();
    letter_start(same, &[wanted, got])
}

/// Where the letter begins in whose middle this is.
fn letter_start(mut at: usize, texts: &[&[u8]]) -> usize {
    while at > 0 && texts.iter().any(|text| text.get(at).is_some_and(in_letter)) {
        at -= 1;
    }
    at
}

fn in_letter(byte: &u8) -> bool {
    byte & 0xC0 == 0x80
}

/// These lines under a heading.
pub fn headed(heading: &str, lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() {
        return vec!["It printed nothing.".to_owned()];
    }
    let lines = lines.into_iter().map(|line| format!("  {line}"));
    [heading.to_owned()].into_iter().chain(lines).collect()
}

/// Whether all has come, except for the newline at the end.
pub fn lacks_newline(got: &[u8], wanted: &[u8]) -> bool {
    !got.is_empty() && wanted.strip_suffix(b"\n") == Some(got)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_stands_under_the_first_byte_that_differs() {
        let lines = compare(b"HELLO", b"HELlo");
        assert_eq!(lines[0], "expected  HELLO   (5 bytes)");
        assert_eq!(lines[1], "got       HELlo   (5 bytes)");
        assert_eq!(lines[2], "             ^");
        assert_eq!(compare(b"HI", b"HI\0\0")[1], r"got       HI\u{0}\u{0}   (4 bytes)");
        assert_eq!(compare(b"HI", b"HI\0\0")[2], "            ^");
        assert_eq!(compare(b"HI", b"")[2], "          ^");
    }

    #[test]
    fn the_first_difference_is_told_in_words() {
        let told = |wanted: &str, got: &str| compare_in_words(wanted.as_bytes(), got.as_bytes());
        let text = told("ÄÖÜ", "ÄÖß");
        assert_eq!(text[0], "Expected: 6 bytes, \"ÄÖÜ\".");
        assert_eq!(text[2], "Byte 5 differs: \"Ü\" was expected, and \"ß\" came.");
        assert_eq!(told("HI", "")[1], "Got: 0 bytes, nothing.");
    }

    #[test]
    fn letters_are_not_cut_and_lines_fit() {
        let lines = compare("ÄÖÜ".as_bytes(), "ÄÖß".as_bytes());
        assert_eq!(
            (lines[1].as_str(), lines[2].as_str()),
            ("got       ÄÖß   (6 bytes)", "            ^")
        );
        // Each of these letters takes two columns.
        assert_eq!(compare("你好".as_bytes(), "你们".as_bytes())[2], "            ^");
        let long = [b'x'; 900];
        let mut other = long;
        other[500] = 0;
        for line in compare(&long, &other) {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
        assert_eq!(compare(&long, &other)[2].chars().count(), 36);
    }
}
