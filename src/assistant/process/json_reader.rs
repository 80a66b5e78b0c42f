//! Reads JSON as cargo prints it (RFC 8259).

use std::iter::Peekable;
use std::str::Chars;

/// A value. Numbers and `null` carry nothing that is read here.
#[derive(Debug, PartialEq)]
pub enum Json {
    /// `null`, or a number.
    Other,
    /// `true` or `false`.
    Bool(bool),
    /// A string.
    Text(String),
    /// A list of values.
    Array(Vec<Json>),
    /// Names and their values.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The value that this text is, if it is JSON.
    pub fn read(text: &str) -> Option<Self> {
        let mut chars = text.chars().peekable();
        let read = value(&mut chars)?;
        skip_space(&mut chars);
        chars.next().is_none().then_some(read)
    }

    /// The member with this name; of anything but an object, and where there is none, `Other`.
    pub fn get(&self, name: &str) -> &Self {
        let Self::Object(members) = self else { return &Self::Other };
        members.iter().find(|(key, _)| key == name).map_or(&Self::Other, |(_, value)| value)
    }

    /// The string that this is; of anything else, the empty one.
    pub fn text(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }

    /// The values of the list that this is; of anything else, none.
    pub fn items(&self) -> &[Self] {
        if let Self::Array(items) = self { items } else { &[] }
    }
}

fn value(chars: &mut Peekable<Chars<'_>>) -> Option<Json> {
    skip_space(chars);
    match chars.peek()? {
        '"' => string(chars).map(Json::Text),
        '[' => list(chars, ']', value).map(Json::Array),
        '{' => list(chars, '}', member).map(Json::Object),
        _ => {
            let mut word = String::new();
            while let Some(letter) = chars.next_if(|c| c.is_alphanumeric() || "+-.".contains(*c)) {
                word.push(letter);
            }
            match word.as_str() {
                "true" => Some(Json::Bool(true)),
                "false" => Some(Json::Bool(false)),
                "null" => Some(Json::Other),
                number => number.parse::<f64>().ok().map(|_| Json::Other),
            }
        }
    }
}

fn member(chars: &mut Peekable<Chars<'_>>) -> Option<(String, Json)> {
    skip_space(chars);
    let name = string(chars)?;
    skip_space(chars);
    chars.next_if_eq(&':')?;
    Some((name, value(chars)?))
}

/// The items between a bracket and its `end`, with commas between them.
fn list<T>(
    chars: &mut Peekable<Chars<'_>>,
    end: char,
    item: impl Fn(&mut Peekable<Chars<'_>>) -> Option<T>,
) -> Option<Vec<T>> {
    chars.next()?;
    skip_space(chars);
    let mut items = Vec::new();
    if chars.next_if_eq(&end).is_some() {
        return Some(items);
    }
    loop {
        items.push(item(chars)?);
        skip_space(chars);
        match chars.next()? {
            ',' => {}
            next => return (next == end).then_some(items),
        }
    }
}

fn string(chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    chars.next_if_eq(&'"')?;
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => text.push(match chars.next()? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => escaped(chars)?,
                plain @ ('"' | '\\' | '/') => plain,
                _ => return None,
            }),
            plain => text.push(plain),
        }
    }
}

/// The character that four hexadecimal digits name, or eight in two halves (a surrogate pair).
fn escaped(chars: &mut Peekable<Chars<'_>>) -> Option<char> {
    let mut digits = || u16::from_str_radix(&chars.by_ref().take(4).collect::<String>(), 16).ok();
    let first = digits()?;
    if !(0xD800..0xDC00).contains(&first) {
        return char::from_u32(first.into());
    }
    (chars.next()?, chars.next()?).eq(&('\\', 'u')).then_some(())?;
    let digits = u16::from_str_radix(&chars.take(4).collect::<String>(), 16).ok()?;
    char::decode_utf16([first, digits]).next()?.ok()
}

fn skip_space(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|character| character.is_ascii_whitespace()).is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_what_is_not_json_is_refused() {
        let read = Json::read(r#" {"a":[1, "\u00e9\ud83d\ude00\n\"", true], "b":null} "#);
        let text = Json::Text("é😀\n\"".to_owned());
        let items = Json::Array(vec![Json::Other, text, Json::Bool(true)]);
        let wanted = Json::Object(vec![("a".to_owned(), items), ("b".to_owned(), Json::Other)]);
        assert_eq!(read, Some(wanted));
        for broken in ["", "{", "[1,]", "{\"a\"}", "\"a", "1 2", r#""\ud83d""#, "Compiling x"] {
            assert_eq!(Json::read(broken), None, "{broken}");
        }
    }
}
