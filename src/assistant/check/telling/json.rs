//! Lines of JSON for scripts. The members of an object stand in the order in which they are given.

use serde_json::Value;

use crate::check::finding::Standing;
use crate::check::run::Checked;
use crate::check::scenes::Scene;
use crate::check::telling::parts;
use crate::check::telling::report::Report;
use crate::check::telling::steps::{who, words};
use crate::check::verdicts::Code;
use crate::client::record::Event;

/// A string with its quotes. Everything that a terminal obeys is escaped, also what JSON lets stand.
pub fn string(text: &str) -> String {
    line(&Value::from(text))
}

/// A value on one line, escaped in the same way.
pub fn line(value: &Value) -> String {
    let escape =
        |c: char| if c.is_control() { format!("\\u{:04x}", u32::from(c)) } else { c.into() };
    value.to_string().chars().map(escape).collect()
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

fn strings(texts: &[impl AsRef<str>]) -> String {
    array(texts.iter().map(|text| string(text.as_ref())))
}

impl Report<'_> {
    /// For a script: one object on one line.
    pub fn json(&self) -> String {
        let Checked { finding, passed, failed, failed_too, left_out, events, took, .. } =
            &self.result;
        let verdict = finding.code.verdict();
        let is_pass = self.result.is_pass();
        let optional = |text: Option<&str>| text.map_or("null".to_owned(), string);
        let left_out: Vec<&str> = left_out.iter().map(|(title, _)| *title).collect();
        let thread =
            |it: &Standing| object([("thread", string(&it.name)), ("stands", string(&it.words))]);
        let step = |(number, event): (usize, &Event)| {
            object([
                ("ms", format!("{:.3}", event.at.as_secs_f64() * 1000.0)),
                ("who", string(&who(event))),
                ("what", string(&words(&event.what))),
                ("failed", (Some(number) == finding.step).to_string()),
            ])
        };
        let mut members = vec![
            ("exercise", string(self.exercise.number())),
            ("lab", string(self.exercise.lab)),
            ("target", string(&self.target)),
            ("contents", optional(self.contents.as_deref())),
            ("verdict", string(verdict.name)),
            ("passed", is_pass.to_string()),
            ("score", format!("{:.3}", passed.len() as f64 / self.scenes().max(1) as f64)),
            ("sentence", string(verdict.sentence)),
            ("note", string(if is_pass { &finding.note } else { self.reason() })),
            ("look", string(self.look())),
            ("read", string(&self.read())),
            ("evidence", strings(&finding.evidence)),
            ("threads", array(finding.threads.iter().map(thread))),
            ("failure", strings(&finding.failure)),
            ("proved", finding.is_proved.to_string()),
            ("warnings", strings(&self.warnings)),
            ("scenes_passed", strings(passed)),
            ("scene_failed", optional(*failed)),
            ("scenes_left_out", strings(&left_out)),
            ("steps", array(events.iter().enumerate().map(step))),
            ("seconds", format!("{:.3}", took.as_secs_f64())),
        ];
        if self.every {
            let played = self.exercise.scenes.iter().filter(|it| !left_out.contains(&it.title));
            let scenes = played.map(|Scene { title, .. }| {
                let too = failed_too.iter().find(|(it, _)| it == title);
                let (code, note) = match too {
                    Some((_, finding)) => (finding.code, &*finding.note),
                    None if passed.contains(title) => (Code::Pass, ""),
                    None if *failed == Some(title) => (finding.code, self.reason()),
                    None => (finding.code, "It was not played: no client had been served."),
                };
                let verdict = string(code.verdict().name);
                object([("title", string(title)), ("verdict", verdict), ("note", string(note))])
            });
            members.extend([
                ("points", self.result.points().to_string()),
                ("points_most", (self.scenes() + 1).to_string()),
                ("scenes", array(scenes)),
                ("report", string(&parts::text(self))),
            ]);
        }
        object(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(string("a\"b\\c\n\u{1b}\u{7f}\u{9b}é"), r#""a\"b\\c\n\u001b\u007f\u009bé""#);
        assert_eq!(object([("a", array(["1".to_owned(), string("")]))]), r#"{"a":[1,""]}"#);
    }
}
