//! Graders that mark one student in a container: Gradescope and PrairieLearn.

use serde_json::json;
use socketlab::Failure;

use super::{cut, plain, summary};
use crate::mark::results::Mark;

/// Gradescope's `results.json`. Fails without a score: then write no file, and end with a failure.
pub fn gradescope(marks: &[Mark]) -> Result<String, Failure> {
    must_be_one_student(marks)?;
    if let Some(mark) = marks.iter().find(|mark| mark.is_error()) {
        let Mark { exercise, note, .. } = mark;
        return Err(Failure::new(format!("exercise {exercise} was not marked: {}", plain(note))));
    }
    let test = |mark: &Mark| {
        json!({
            "name": format!("Exercise {}: {}", mark.exercise, mark.verdict),
            "score": mark.points,
            "max_score": mark.most,
            "status": if mark.verdict == "PASS" { "passed" } else { "failed" },
            "output": summary(mark),
            "output_format": "text",
            "visibility": "visible",
        })
    };
    let tests: Vec<_> = marks.iter().map(test).collect();
    let seconds: f64 = marks.iter().map(|mark| mark.seconds).sum();
    Ok(json!({"tests": tests, "execution_time": seconds}).to_string())
}

/// PrairieLearn's `results.json`. If the machine was at fault, the attempt does not count.
pub fn prairielearn(marks: &[Mark]) -> Result<String, Failure> {
    must_be_one_student(marks)?;
    let errors = marks.iter().filter(|mark| mark.is_error());
    let errors: Vec<_> = errors.map(|mark| cut(&plain(&mark.note))).collect();
    if !errors.is_empty() {
        return Ok(json!({"gradable": false, "format_errors": errors}).to_string());
    }
    let test = |mark: &Mark| {
        json!({
            "name": format!("Exercise {}", mark.exercise),
            "description": mark.verdict,
            "points": mark.points,
            "max_points": mark.most,
            "message": cut(&plain(&mark.note)),
            "output": cut(&plain(&mark.report)),
        })
    };
    let tests: Vec<_> = marks.iter().map(test).collect();
    let sum = |part: fn(&Mark) -> u64| marks.iter().map(part).sum::<u64>();
    let (points, most) = (sum(|mark| mark.points), sum(|mark| mark.most));
    let score = points as f64 / most.max(1) as f64;
    Ok(json!({"gradable": true, "score": score, "tests": tests}).to_string())
}

fn must_be_one_student(marks: &[Mark]) -> Result<(), Failure> {
    match marks.first() {
        None => Err("no file was marked: check where the student's files are"),
        Some(first) if marks.iter().any(|mark| mark.student != first.student) => {
            Err("there are marks of several students: a grader takes the files of one")
        }
        Some(_) => Ok(()),
    }
    .map_err(Failure::new)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use serde_json::Value;

    use super::*;
    use crate::mark::formats::tests::mark;

    #[test]
    fn a_grader_gets_points_and_no_score_for_an_error() {
        let marks = [mark("a", "03", "SERIAL"), Mark { points: 3, ..mark("a", "04", "PASS") }];
        let value = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        let first = value(gradescope(&marks).unwrap());
        let test = &first["tests"][0];
        let wanted = json!({"name": "Exercise 03: SERIAL", "score": 2, "max_score": 3, "status": "failed",
            "output": "B <waited>", "output_format": "text", "visibility": "visible"});
        assert_eq!(*test, wanted);
        assert_eq!(first["tests"][1]["status"], "passed");
        let second = value(prairielearn(&marks).unwrap());
        assert_eq!(second["score"], json!(5.0 / 6.0));
        assert_eq!(second["tests"][0]["points"], 2);

        let marks = [mark("a", "03", "PASS"), mark("a", "04", "ERROR")];
        assert!(gradescope(&marks).unwrap_err().to_string().starts_with("exercise 04 was not"));
        let wanted = json!({"gradable": false, "format_errors": ["B <waited>"]});
        assert_eq!(value(prairielearn(&marks).unwrap()), wanted);

        let others = [mark("a", "03", "PASS"), mark("b", "03", "PASS")];
        assert!(gradescope(&others).is_err() && prairielearn(&others).is_err());
        assert!(gradescope(&[]).is_err() && prairielearn(&[]).is_err());
    }
}
