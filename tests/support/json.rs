//! Just enough JSON to read what the assistant prints, and to refuse what is no JSON (RFC 8259).

use std::iter::Peekable;
use std::str::Chars;

/// A value. Numbers are kept as they are written.
#[derive(Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    #[track_caller]
    pub fn read(text: &str) -> Self {
        let mut chars = text.chars().peekable();
        let value = value(&mut chars).unwrap_or_else(|| panic!("this is no JSON: {text}"));
        assert_eq!(chars.next(), None, "something follows the value: {text}");
        value
    }

    #[track_caller]
    pub fn get(&self, key: &str) -> &Self {
        let Self::Object(members) = self else { panic!("no object: {self:?}") };
        let member = members.iter().find(|(name, _)| name == key);
        &member.unwrap_or_else(|| panic!("no {key} in {self:?}")).1
    }

    #[track_caller]
    pub fn text(&self) -> String {
        let Self::Text(text) = self else { panic!("no string: {self:?}") };
        text.clone()
    }

    #[track_caller]
    pub fn items(&self) -> &[Self] {
        let Self::Array(items) = self else { panic!("no array: {self:?}") };
        items
    }
}

/// Reads a value. The assistant puts no space between tokens, so none is allowed here.
fn value(chars: &mut Peekable<Chars<'_>>) -> Option<Json> {
    match chars.peek()? {
        '"' => Some(Json::Text(string(chars)?)),
        '[' => list(chars, ']', value).map(Json::Array),
        '{' => list(chars, '}', |chars| {
            let key = string(chars)?;
            (chars.next()? == ':').then_some(())?;
            Some((key, value(chars)?))
        })
        .map(Json::Object),
        _ => {
            let mut word = String::new();
            while let Some(letter) = chars.next_if(|c| !matches!(c, ',' | ']' | '}')) {
                word.push(letter);
            }
            match word.as_str() {
                "null" => Some(Json::Null),
                "true" => Some(Json::Bool(true)),
                "false" => Some(Json::Bool(false)),
                _ => word.parse::<f64>().ok().map(|_| Json::Number(word)),
            }
        }
    }
}

fn list<T>(
    chars: &mut Peekable<Chars<'_>>,
    end: char,
    item: impl Fn(&mut Peekable<Chars<'_>>) -> Option<T>,
) -> Option<Vec<T>> {
    chars.next();
    let mut items = Vec::new();
    if chars.next_if_eq(&end).is_some() {
        return Some(items);
    }
    loop {
        items.push(item(chars)?);
        match chars.next()? {
            ',' => {}
            next => return (next == end).then_some(items),
        }
    }
}

fn string(chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    (chars.next()? == '"').then_some(())?;
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => text.push(match chars.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let code: String = chars.by_ref().take(4).collect();
                    char::from_u32(u32::from_str_radix(&code, 16).ok()?)?
                }
                plain @ ('"' | '\\' | '/') => plain,
                _ => return None,
            }),
            control if control.is_control() => return None,
            plain => text.push(plain),
        }
    }
}
