//! JSON as scripts read it: strings are escaped as RFC 8259, section 7, says.

/// A string with its quotes.
pub fn string(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' => quoted += "\\\"",
            '\\' => quoted += "\\\\",
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            // The ends of a line in JavaScript, and what a terminal obeys.
            _ if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') => {
                quoted += &format!("\\u{:04x}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// An object of these members; the values are JSON already.
pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let members: Vec<String> =
        members.into_iter().map(|(key, value)| format!("{}:{value}", string(key))).collect();
    format!("{{{}}}", members.join(","))
}

/// An array of these values, which are JSON already.
pub fn array(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(string("a\"b\\c\n\u{1b}é\u{2028}"), r#""a\"b\\c\n\u001bé\u2028""#);
        assert_eq!(object([("a", array(["1".to_owned(), string("")]))]), r#"{"a":[1,""]}"#);
    }
}
