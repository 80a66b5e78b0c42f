//! What a peer sent is untrusted: it is shown escaped, so that it cannot move the cursor, clear the
//! screen or forge a line.

use std::fmt::{self, Write};

/// Shows `bytes` as text that is safe to print: letters of any script as they are, everything else
/// escaped.
///
/// Control characters become `\n`, `\t`, `\r` or `\u{1b}`; bytes that are not UTF-8 become `\xff`;
/// characters that are invisible or reverse the direction of the text become `\u{202e}`; a
/// backslash becomes `\\`, so that no two messages look the same. Nothing is allocated.
pub fn printable<T: AsRef<[u8]> + ?Sized>(bytes: &T) -> Printable<'_> {
    Printable(bytes.as_ref())
}

/// Bytes that are escaped as they are displayed; made by [`printable()`].
#[derive(Debug, Clone, Copy)]
pub struct Printable<'a>(&'a [u8]);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    '\n' | '\r' | '\t' | '\\' => write!(f, "{}", character.escape_default())?,
                    _ if character.is_control() || is_deceptive(character) => {
                        write!(f, "{}", character.escape_unicode())?
                    }
                    _ => f.write_char(character)?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// Format characters that a terminal does not show but obeys: zero-width and direction marks
/// (Unicode TR 9 and 36), line and paragraph separators, tags.
fn is_deceptive(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
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
        assert_eq!(shown(b"C:\\x1b"), r"C:\\x1b");
        assert_eq!(shown("\u{9b}31m".as_bytes()), r"\u{9b}31m");
    }

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        arbtest::arbtest(|bytes| {
            let bytes: Vec<u8> = bytes.arbitrary()?;
            assert!(!printable(&bytes).to_string().chars().any(char::is_control), "{bytes:?}");
            Ok(())
        });
    }
}
