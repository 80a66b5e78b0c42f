//! Sheets of points: a new one for Moodle's gradebook, or one that a system has exported, filled.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use csv_core::{ReadFieldResult, ReaderBuilder};
use socketlab::Failure;

use super::exercises;
use crate::draw::csv::cell;
use crate::mark::results::Mark;

/// How cells begin that a spreadsheet takes for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A sheet with points, and what has no place in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Filled {
    /// The sheet. Only the cells that got points differ from what was given.
    pub text: String,
    /// The students with a cell that was left as it was: no row or several rows are theirs, an exercise was not
    /// marked, or one was handed in twice.
    pub students: Vec<String>,
    /// The exercises without a column.
    pub exercises: Vec<String>,
    /// What the sheet counts for other points than it got, a sentence each.
    pub other_points: Vec<String>,
}

/// A row for each student, a column for each exercise. `identity` is the title of the first column.
pub fn csv(marks: &[Mark], identity: &str) -> String {
    let exercises = exercises(marks);
    let mut students: BTreeMap<&str, BTreeMap<&str, &Mark>> = BTreeMap::new();
    for mark in marks {
        students.entry(&mark.student).or_default().insert(&mark.exercise, mark);
    }
    let mut text = identity.to_owned();
    exercises.iter().for_each(|exercise| text += &format!(",{exercise}"));
    for (student, marks) in students {
        text += &format!("\r\n{}", quoted(student));
        for exercise in &exercises {
            let mark = marks.get(exercise).filter(|mark| !mark.is_error());
            text += &mark.map_or_else(|| ",".to_owned(), |mark| format!(",{}", mark.points));
        }
    }
    text + "\r\n"
}

/// A cell, with an apostrophe if a spreadsheet would calculate it.
fn quoted(value: &str) -> String {
    cell(&format!("{}{value}", if value.starts_with(FORMULA) { "'" } else { "" }))
}

/// Fills the gradebook that Canvas exported. The title of an exercise's column has its number: `Exercise 03 (4711)`.
/// Fails when a title has the numbers of two exercises, or two titles have the same.
pub fn fill_canvas(gradebook: &str, marks: &[Mark]) -> Result<Filled, Failure> {
    let sheet = Sheet::read(gradebook);
    let [login, user, id, name] =
        ["SIS Login ID", "SIS User ID", "ID", "Student"].map(|title| sheet.column(title));
    let mut columns: Vec<(&str, usize)> = Vec::new();
    for exercise in exercises(marks) {
        let titles = sheet.rows[0].iter().enumerate();
        for (column, title) in titles.filter(|(_, title)| has_number(&title.value, exercise)) {
            if columns.iter().any(|it| it.0 == exercise || it.1 == column) {
                return Err(Failure::new(format!(
                    "it is not clear which exercise the column {:?} is for: give each exercise one column \
                     in Canvas, with one two-digit number in its title, and export the gradebook again",
                    title.value
                )));
            }
            columns.push((exercise, column));
        }
    }
    let row_of = |student: &str| {
        let is = |row, column, key: &str| {
            sheet.value(row, column).is_some_and(|value| value.eq_ignore_ascii_case(key))
        };
        let is_student = |row, key: &str| {
            let is_name = |value| letters(value) == letters(key);
            is(row, login, key) || is(row, user, key) || sheet.value(row, name).is_some_and(is_name)
        };
        // A download is NAME_[LATE_]ID_NUMBER_FILE: its later numbers are not the student's.
        let parts = student.split('_');
        match parts.clone().find(|part| part.parse::<u64>().is_ok()) {
            // An anonymous download has no student's number.
            _ if student.starts_with("anon_") => None,
            Some(number) => sheet.row(|row| is_student(row, student) || is(row, id, number)),
            None => sheet
                .row(|row| is_student(row, student))
                .or_else(|| sheet.row(|row| parts.clone().any(|part| is_student(row, part)))),
        }
    };
    let column_of = |exercise: &str| Some(columns.iter().find(|it| it.0 == exercise)?.1);
    let is_maximum = |row| sheet.value(row, name) == Some("Points Possible");
    let maximum = (1..sheet.rows.len()).find(|row| is_maximum(*row));
    let most = |_, column| sheet.value(maximum?, Some(column));
    Ok(sheet.fill(marks, row_of, column_of, most))
}

/// Whether a column's title ends with the id of an assignment, `(4711)`, and has this number before it.
fn has_number(title: &str, exercise: &str) -> bool {
    let parts = title.trim().strip_suffix(')').and_then(|title| title.rsplit_once('('));
    parts.is_some_and(|(title, id)| {
        let mut numbers = title.split(|c: char| !c.is_ascii_digit());
        id.parse::<u64>().is_ok() && numbers.any(|number| number == exercise)
    })
}

/// A name as Canvas writes it in the name of a file.
fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Fills the sum of a student's points into a column: of Moodle's grading worksheet, or of any sheet that has a cell
/// with the name of the student's folder. Fails when there is not one column with this title.
pub fn fill_sheet(sheet: &str, marks: &[Mark], column: &str) -> Result<Filled, Failure> {
    let sheet = Sheet::read(sheet);
    let Some(points) = sheet.column(column) else {
        let titles: Vec<&str> = sheet.rows[0].iter().map(|it| &*it.value).collect();
        let titles = titles.join(", ");
        return Err(Failure::new(format!(
            "the sheet must have one column {column:?}: name one of {titles}"
        )));
    };
    let row_of = |student: &str| {
        // A download from Moodle is NAME_NUMBER_assignsubmission_file.
        let download = student.split_once("_assignsubmission_");
        let Some((_, number)) = download.and_then(|(it, _)| it.rsplit_once('_')) else {
            let is_student = |value: &str| value.eq_ignore_ascii_case(student);
            return sheet.row(|row| {
                let mut columns = (0..sheet.rows[row].len()).filter(|column| *column != points);
                columns.any(|column| sheet.value(row, Some(column)).is_some_and(is_student))
            });
        };
        // Moodle translates the title and the word before the number, but the column is the first.
        let identifier = sheet.column("Identifier").unwrap_or(0);
        let has_number = |it: &str| it.trim_start_matches(|c: char| !c.is_ascii_digit()) == number;
        sheet.row(|row| sheet.value(row, Some(identifier)).is_some_and(has_number))
    };
    let most = |row, _| sheet.value(row, sheet.column("Maximum Grade"));
    Ok(sheet.fill(marks, row_of, |_| Some(points), most))
}

/// A CSV file, and where its cells stand in it.
struct Sheet<'a> {
    text: &'a str,
    /// The titles, and the rows below them.
    rows: Vec<Vec<Cell>>,
}

struct Cell {
    place: Range<usize>,
    value: String,
}

impl<'a> Sheet<'a> {
    fn read(text: &'a str) -> Self {
        let count = |c| text.lines().next().unwrap_or_default().matches(c).count();
        let delimiter = if count(';') > count(',') { b';' } else { b',' };
        let mut reader = ReaderBuilder::new().delimiter(delimiter).build();
        let (mut rows, mut row) = (Vec::new(), Vec::new());
        let mut value = vec![0; text.len() + 1];
        let (mut start, mut at, mut length) = (0, 0, 0);
        loop {
            let (result, read, written) =
                reader.read_field(&text.as_bytes()[at..], &mut value[length..]);
            (at, length) = (at + read, length + written);
            match result {
                ReadFieldResult::End => break,
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
                ReadFieldResult::Field { record_end } => {
                    // At the end of the file nothing more was read; else the character that ends the cell.
                    let end = if read == 0 { at } else { at - 1 };
                    // The second half of the line end before it.
                    let line_end = |c| row.is_empty() && (c == '\r' || c == '\n');
                    let place = end - text[start..end].trim_start_matches(line_end).len()..end;
                    let value = String::from_utf8_lossy(&value[..length]).into_owned();
                    row.push(Cell { place, value });
                    (start, length) = (at, 0);
                    if record_end {
                        rows.push(std::mem::take(&mut row));
                    }
                }
            }
        }
        if rows.is_empty() {
            rows.push(row);
        }
        Self { text, rows }
    }

    /// The only column with this title.
    fn column(&self, title: &str) -> Option<usize> {
        let titles = self.rows[0].iter().enumerate();
        only(titles.filter(|(_, it)| it.value.trim() == title).map(|(column, _)| column))
    }

    /// What stands in a cell, if it is not empty.
    fn value(&self, row: usize, column: Option<usize>) -> Option<&str> {
        let value = self.rows[row].get(column?)?.value.trim();
        Some(value).filter(|value| !value.is_empty())
    }

    /// The only row below the titles of which this is true.
    fn row(&self, is_wanted: impl Fn(usize) -> bool) -> Option<usize> {
        only((1..self.rows.len()).filter(|row| is_wanted(*row)))
    }

    /// Writes points into the cells of their row and column; where several belong into one cell, their sum. `most_of` is
    /// what the sheet says of the most points that a cell may have.
    fn fill<'b>(
        &self,
        marks: &[Mark],
        row_of: impl Fn(&str) -> Option<usize>,
        column_of: impl Fn(&str) -> Option<usize>,
        most_of: impl Fn(usize, usize) -> Option<&'b str>,
    ) -> Filled {
        let mut cells: BTreeMap<(usize, usize), Vec<&Mark>> = BTreeMap::new();
        let (mut students, mut exercises) = (BTreeSet::new(), BTreeSet::new());
        for mark in marks {
            match (row_of(&mark.student), column_of(&mark.exercise)) {
                (Some(row), Some(column)) => cells.entry((row, column)).or_default().push(mark),
                (None, Some(_)) => _ = students.insert(mark.student.clone()),
                (_, None) => _ = exercises.insert(mark.exercise.clone()),
            }
        }
        let (mut text, mut from) = (String::new(), 0);
        let mut other_points = BTreeSet::new();
        for ((row, column), marks) in cells {
            let has_error = marks.iter().any(|mark| mark.is_error());
            let different: BTreeSet<_> = marks.iter().map(|mark| &mark.exercise).collect();
            match self.rows[row].get(column) {
                Some(cell) if !has_error && different.len() == marks.len() => {
                    let points: u64 = marks.iter().map(|mark| mark.points).sum();
                    let most: u64 = marks.iter().map(|mark| mark.most).sum();
                    let of_sheet = most_of(row, column).unwrap_or_default().replace(',', ".");
                    if of_sheet.parse::<f64>().is_ok_and(|of_sheet| of_sheet != most as f64) {
                        let exercises: Vec<&str> = different.iter().map(|it| &***it).collect();
                        let exercises = exercises.join(", ");
                        other_points.insert(format!(
                            "{most} points at most were filled in for {exercises}, and the sheet counts \
                             {of_sheet}: --points makes them equal"
                        ));
                    }
                    text += &format!("{}{points}", &self.text[from..cell.place.start]);
                    from = cell.place.end;
                }
                _ => students.extend(marks.iter().map(|mark| mark.student.clone())),
            }
        }
        let text = text + &self.text[from..];
        Filled {
            text,
            students: Vec::from_iter(students),
            exercises: Vec::from_iter(exercises),
            other_points: Vec::from_iter(other_points),
        }
    }
}

/// The first, if there is no second.
fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next();
    if all.next().is_none() { first } else { None }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::mark::formats::tests::mark;

    #[test]
    fn a_new_sheet_has_no_cell_for_an_error_and_no_formula() {
        let marks =
            [mark("=1,\"2", "03", "SERIAL"), mark("b", "03", "ERROR"), mark("b", "05", "PASS")];
        assert_eq!(csv(&marks, "email"), "email,03,05\r\n\"'=1,\"\"2\",2,\r\nb,,2\r\n");
    }

    const GRADEBOOK: &str = "\u{feff}Student,ID,SIS User ID,SIS Login ID,Section,Exercise 03 (1105),05_practice (7),03 (b)\r\n    \
        Points Possible,,,,,3,3,(read only)\r\n\"Doe, Jane\",12,u1,jd1,\"S \"\"1\"\"\",\"\",1.00,\r\n\
        \"Doe, John\",34,u2,jd2,S,,,\r\n\"Roe, Max\",56,u3,mr,S,,9,\r\n\"Roe, Max\",78,,,S,,9,";

    #[test]
    fn canvas_gets_points_and_nothing_else_is_changed() {
        let fill = |gradebook: &str, of: &[(&str, &str, &str)]| {
            let of = of.iter().map(|(student, exercise, verdict)| mark(student, exercise, verdict));
            fill_canvas(gradebook, &of.collect::<Vec<_>>())
        };
        let download = ("doejane_LATE_12_34_03_practice.rs", "03", "DIED");
        let found = [download, ("doejane_practice.rs", "05", "PASS"), ("JD2", "05", "PASS")];
        // A fault of the machine; nobody; two of one name; a title; an anonymous download; no column.
        let not = [
            ("jd2", "03", "ERROR"),
            ("x_99_12_y", "03", "PASS"),
            ("roemax", "05", "PASS"),
            ("Student", "03", "PASS"),
            ("anon_x_56_y", "03", "PASS"),
            ("mr", "11", "PASS"),
        ];
        let filled = fill(GRADEBOOK, &[&found[..], &not].concat()).unwrap();
        let wanted = GRADEBOOK.replace(",\"\",1.00,", ",2,2,").replace("jd2,S,,,", "jd2,S,,2,");
        assert_eq!(filled.text, wanted);
        assert_eq!(filled.students, ["Student", "anon_x_56_y", "jd2", "roemax", "x_99_12_y"]);
        assert_eq!(filled.exercises, ["11"]);
        assert!(filled.other_points.is_empty());
        let five = GRADEBOOK.replace(",3,3,(read", ",5.00,3,(read");
        let other = fill(&five, &found).unwrap().other_points;
        assert!(other.len() == 1 && other[0].contains("counts 5.00: --points"), "{other:?}");

        let twice = fill(GRADEBOOK, &[("jd1", "03", "PASS"), ("u1", "03", "PASS")]).unwrap();
        assert_eq!((&*twice.text, twice.students.len()), (GRADEBOOK, 2));
        let other = fill(
            "Student;ID;SIS Login ID;03 (1)\nx;12;;\njd1\n",
            &[download, ("a__b", "03", "PASS"), ("jd1", "03", "PASS")],
        )
        .unwrap();
        assert_eq!(other.text, "Student;ID;SIS Login ID;03 (1)\nx;12;;2\njd1\n");
        assert_eq!(other.students, ["a__b", "jd1"]);
        let unclear = fill("Student,03 (1),03 again (2)\n", &found).unwrap_err().to_string();
        assert!(unclear.contains("\"03 again (2)\""), "{unclear}");
        assert!(fill("Student,03 and 05 (1)\n", &found).is_err());
    }

    #[test]
    fn moodles_worksheet_gets_the_sum() {
        let sheet = "Identifier,Full name,Email address,Grade\n\"Participant 12\",\"A, B\",a@x,\nParticipant 212,C,c@x,\"7\"\nParticipant 3,D,d@x,1\n";
        let folder = "A B_12_assignsubmission_file_";
        let marks = [
            (folder, "03", "DIED"),
            (folder, "05", "PASS"),
            ("C@x", "03", "PASS"),
            ("7", "03", "PASS"),
            ("d@x", "03", "PASS"),
            ("d@x", "05", "ERROR"),
            ("D_9_assignsubmission_file", "03", "PASS"),
        ];
        let marks = marks.map(|(student, exercise, verdict)| mark(student, exercise, verdict));
        let filled = fill_sheet(sheet, &marks, "Grade").unwrap();
        assert_eq!(filled.text, sheet.replace("a@x,", "a@x,4").replace("\"7\"", "2"));
        assert_eq!(filled.students, ["7", "D_9_assignsubmission_file", "d@x"]);
        let failure = fill_sheet(sheet, &marks, "Mark").unwrap_err().to_string();
        assert!(
            failure.ends_with("name one of Identifier, Full name, Email address, Grade"),
            "{failure}"
        );
        let first = fill_sheet("Grade,Name\r\n,d\r\n\r\n,7\r\n", &marks[3..4], "Grade").unwrap();
        assert_eq!(first.text, "Grade,Name\r\n,d\r\n\r\n2,7\r\n");
    }
}
