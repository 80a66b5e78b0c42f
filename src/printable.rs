//! What a peer sent is untrusted: it is shown escaped, so that it cannot move the cursor, clear the
//! screen or forge a line.

use std::fmt;

/// Shows `bytes` as text that is safe to print: letters of any script as they are, everything else
/// escaped.
///
/// Control characters become `\n`, `\t`, `\r` or `\u{1b}`; bytes that are not UTF-8 become `\xff`;
/// characters that show nothing, look like a space without being one, or reverse the direction of
/// the text become `\u{202e}`; a backslash becomes `\\`. Letters of two scripts that look alike
/// are not told apart. Nothing is allocated.
pub fn printable<T: AsRef<[u8]> + ?Sized>(bytes: &T) -> Printable<'_> {
    Printable(bytes.as_ref())
}

/// Bytes that are escaped as they are displayed; made by [`printable()`].
#[derive(Debug, Clone, Copy)]
pub struct Printable<'a>(&'a [u8]);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            // What stays as it is is written in one piece: a call for each character costs more.
            let (text, mut written) = (chunk.valid(), 0);
            for (start, character) in text.char_indices().filter(|(_, it)| is_escaped(*it)) {
                f.write_str(&text[written..start])?;
                written = start + character.len_utf8();
                match character {
                    '\n' | '\r' | '\t' | '\\' => write!(f, "{}", character.escape_default())?,
                    _ => write!(f, "{}", character.escape_unicode())?,
                }
            }
            f.write_str(&text[written..])?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

fn is_escaped(character: char) -> bool {
    match character {
        '\\' => true,
        ' '..='~' => false, // most of what is sent
        _ => character.is_control() || is_unseen(character),
    }
}

/// White space other than the plain space, and characters that a terminal does not show: those that
/// Unicode calls default-ignorable (DerivedCoreProperties.txt), the interlinear marks, and the empty
/// Braille pattern.
fn is_unseen(character: char) -> bool {
    (character != ' ' && character.is_whitespace())
        || matches!(character, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_and_tricks_are_shown() {
        let shown = |bytes: &[u8]| printable(bytes).to_string();
        assert_eq!(shown("What's up, straße? 你好 🎉".as_bytes()), "What's up, straße? 你好 🎉");
        assert_eq!(shown(b"\x1b[2Jgone\r\n\0"), r"\u{1b}[2Jgone\r\n\u{0}");
        assert_eq!(shown(b"caf\xe9 \xff"), r"caf\xe9 \xff");
        assert_eq!(shown("abc\u{202e}fed".as_bytes()), r"abc\u{202e}fed");
        for unseen in ['\u{a0}', '\u{34f}', '\u{3164}', '\u{fe0f}', '\u{2028}', '\u{3000}'] {
            assert_eq!(shown(unseen.to_string().as_bytes()), unseen.escape_unicode().to_string());
        }
        assert_eq!(shown(b"C:\\x1b"), r"C:\\x1b");
        assert_eq!(shown("\u{9b}31m".as_bytes()), r"\u{9b}31m");
    }
}
