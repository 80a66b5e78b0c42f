//! What rustc says about an experiment, and whether a page quotes it right.

use super::json::{Json, Strict};

/// A message of the compiler: an error or a warning.
pub struct Message {
    /// Its first line: `error[E0382]: use of moved value`.
    pub headline: String,
    /// Where it points: the file as rustc was given it, the line and the column.
    place: Option<(String, u64, u64)>,
    /// The labels below the source; whether each is the main one, which stands behind `^`.
    labels: Vec<(bool, String)>,
}

impl Message {
    /// Reads a message in the form of `rustc --error-format=json`.
    pub fn read(message: &Json) -> Self {
        let rendered = message.at("rendered").text();
        let number = |span: &Json, key| span.at(key).as_u64().unwrap_or(0);
        let spans = message.at("spans").items();
        let is_primary = |span: &Json| *span.at("is_primary") == Json::Bool(true);
        let place = spans.iter().find(|span| is_primary(span)).map(|span| {
            (span.at("file_name").text(), number(span, "line_start"), number(span, "column_start"))
        });
        let labels = spans.iter().filter_map(|span| match span.at("label") {
            Json::String(label) => Some((is_primary(span), label.clone())),
            _ => None,
        });
        let headline = rendered.lines().next().unwrap_or_default().to_owned();
        Self { headline, place, labels: labels.collect() }
    }

    pub fn is_error(&self) -> bool {
        self.headline.starts_with("error")
    }
}

/// Whether `quoted` is what the compiler says in `messages`, by what does not vary between versions of Rust.
///
/// These are the headline but for the paths of types, the place, the lines of the source and the labels below them. `source` is the text of a file, whose
/// path is given as rustc was given it.
///
/// # Errors
/// What is different.
pub fn quotes(
    quoted: &[&str],
    messages: &[Message],
    folder: &str,
    source: impl Fn(&str) -> Option<String>,
) -> Result<(), String> {
    let headlines = || messages.iter().map(|message| message.headline.as_str()).collect::<Vec<_>>();
    let mut message: Option<&Message> = None;
    for &line in quoted {
        if line.starts_with("error") || line.starts_with("warning") {
            let is_it =
                |it: &&Message| without_paths(&it.headline) == without_paths(line.trim_end());
            message = messages.iter().find(is_it);
            if message.is_none() {
                return Err(format!("the compiler does not say {line:?}, but {:#?}", headlines()));
            }
            continue;
        }
        let Some(message) = message else {
            return Err(format!("a message begins with error or warning: {line:?}"));
        };
        let Some((file, row, column)) = &message.place else {
            return Err(format!("this message has no place: {line:?}"));
        };
        let file = file.strip_prefix(&format!("{folder}/")).unwrap_or(file);
        let trimmed = line.trim();
        let (gutter, rest) = trimmed.split_once('|').unwrap_or((trimmed, ""));
        if let Some(place) = trimmed.strip_prefix("--> ") {
            let real = format!("{file}:{row}:{column}");
            if place != real {
                return Err(format!("the compiler points to {real}, not to {place}"));
            }
        } else if let Ok(number) = gutter.trim().parse::<usize>() {
            let text = source(file).unwrap_or_default();
            let real = text.lines().nth(number.wrapping_sub(1)).unwrap_or_default().trim();
            // Before the source may stand the side of an underline that spans several lines.
            let drawn = rest.strip_suffix(real).unwrap_or("?");
            if !drawn.chars().all(|c| " |/_".contains(c)) {
                return Err(format!("line {number} of {file} is\n{real}\nand not\n{rest}"));
            }
        } else if gutter.is_empty() {
            let label = rest.trim_start_matches(|c| " |/_^-".contains(c));
            let markers = rest[..rest.len() - label.len()].trim_end();
            let is_primary = markers.ends_with('^');
            let real = message
                .labels
                .iter()
                .any(|(primary, text)| text == label && (*primary || !is_primary));
            if !label.is_empty() && !real {
                return Err(format!("{label:?} is none of the labels: {:#?}", message.labels));
            }
        } else if trimmed != "..." && !trimmed.is_empty() {
            return Err(format!(
                "notes and suggestions differ from version to version, leave this out: {line:?}"
            ));
        }
    }
    message.map(drop).ok_or_else(|| "nothing is quoted".to_owned())
}

/// Says `MutexGuard` for `std::sync::MutexGuard`, as Rust 1.85 does.
fn without_paths(headline: &str) -> String {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let pieces = headline.split_inclusive("::").map(|piece| match piece.strip_suffix("::") {
        Some(path) => path.trim_end_matches(is_name),
        None => piece,
    });
    pieces.collect()
}
