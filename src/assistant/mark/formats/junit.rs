//! JUnit's XML, for GitLab, Jenkins and others.

use std::fmt::Write;

use super::{cut, exercises, plain, summary};
use crate::mark::results::{Mark, SceneMark};

/// A test suite for each exercise. The text of a failure stands in `message` and in the body: each reader takes one.
pub fn junit(marks: &[Mark]) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
    for exercise in exercises(marks) {
        let marks = || marks.iter().filter(|mark| mark.exercise == exercise);
        let cases: String = marks().flat_map(cases).collect();
        let count = |tag: &str| cases.matches(tag).count();
        let (tests, failures, errors) = (count("<testcase "), count("<failure "), count("<error "));
        let seconds: f64 = marks().map(|mark| mark.seconds).sum();
        let _ = write!(
            text,
            "<testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" \
             time=\"{seconds:.3}\">\n{cases}</testsuite>\n",
            escape(exercise)
        );
    }
    text + "</testsuites>\n"
}

/// A test case for each scene, or one for a hand-in without scenes.
fn cases(mark: &Mark) -> Vec<String> {
    if mark.is_error() || mark.scenes.is_empty() {
        let name = if mark.verdict == "DID_NOT_BUILD" { "builds" } else { "check" };
        return vec![case(mark, name, &mark.verdict, &summary(mark))];
    }
    let failed = mark.scenes.iter().position(|scene| !scene.is_pass());
    let case = |(place, scene): (usize, &SceneMark)| {
        // The report is about the first scene that failed.
        let report = if Some(place) == failed { &*mark.report } else { "" };
        let words = cut(plain(&format!("{}\n\n{report}", scene.note)).trim());
        case(mark, &scene.title, &scene.verdict, &words)
    };
    mark.scenes.iter().enumerate().map(case).collect()
}

fn case(mark: &Mark, name: &str, verdict: &str, words: &str) -> String {
    let (student, name) = (escape(&mark.student), escape(&format!("{} {name}", mark.exercise)));
    let start = format!("<testcase classname=\"{student}\" name=\"{name}\"");
    if verdict == "PASS" {
        return start + "/>\n";
    }
    let (tag, verdict) = (if mark.is_error() { "error" } else { "failure" }, escape(verdict));
    let (message, body) = (escape(words), escape(words).replace("&#10;", "\n"));
    format!("{start}><{tag} type=\"{verdict}\" message=\"{message}\">{body}</{tag}></testcase>\n")
}

/// Text for an attribute. What XML 1.0 cannot hold, not even escaped, is replaced.
fn escape(text: &str) -> String {
    let escape = |c: char| match c {
        '&' | '<' | '>' | '"' | '\n' => format!("&#{};", u32::from(c)),
        '\u{fffe}' | '\u{ffff}' => "\u{fffd}".to_owned(),
        _ => c.to_string(),
    };
    plain(text).chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::course::LABS;
    use crate::mark::formats::tests::mark;

    #[test]
    fn a_scene_is_a_test_case_and_a_fault_of_the_machine_an_error() {
        let broken =
            Mark { scenes: vec![], report: "error\0".into(), ..mark("b", "03", "DID_NOT_BUILD") };
        let text = junit(&[mark("a<\"", "03", "SERIAL"), broken, mark("a", "05", "ERROR")]);
        let suite = |name, tests, failures, errors| {
            format!(
                "<testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"0.000\">\n"
            )
        };
        let wanted = [
            suite("03", 3, 2, 0),
            "<testcase classname=\"a&#60;&#34;\" name=\"03 a reply\"/>\n".to_owned(),
            "name=\"03 two clients\"><failure type=\"SERIAL\" message=\"B waited\">B waited</failure>".to_owned(),
            "\"03 builds\"><failure type=\"DID_NOT_BUILD\" message=\"B &#60;waited&#62;&#10;&#10;error\\u{0}\">".to_owned(),
            suite("05", 1, 0, 1),
            "name=\"05 check\"><error type=\"ERROR\" message=\"B &#60;".to_owned(),
        ];
        wanted.iter().for_each(|it| assert!(text.contains(it), "{it}\n{text}"));
        assert_eq!(escape("\u{1}\u{ffff}"), "\\u{1}\u{fffd}");
    }

    #[test]
    fn no_two_scenes_of_an_exercise_have_one_title() {
        for scenes in LABS.iter().map(|lab| lab.exercise.scenes) {
            let titles: BTreeSet<&str> = scenes.iter().map(|scene| scene.title).collect();
            assert_eq!(titles.len(), scenes.len(), "{titles:?}");
        }
    }
}
