"""Reads what `mark` has written into a folder, with packages that others have made. Called by mark.sh."""

import csv
import io
import json
import sys
import unittest
from pathlib import Path

import xunitparser
from gradescope_utils.autograder_utils.decorators import number, visibility, weight
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner
from junitparser import Failure, JUnitXml

folder = Path(sys.argv[1])
students = {"doejane_12_34_practice", "=1+1", 'Zoë, "Z"', "broken"}

# JUnit: both readers find the same cases, unique, and the text of each failure.
cases = [case for suite in JUnitXml.fromfile(str(folder / "junit.xml")) for case in suite]
found = {(case.classname, case.name): case for case in cases}
assert len(found) == len(cases), "a name occurs twice"
assert {student for student, _ in found} == students, found
for (student, name), case in found.items():
    for result in case.result:
        assert isinstance(result, Failure) and result.message and result.text, (student, name)
        assert all(c >= " " or c in "\n\t" for c in result.text + result.message)
passed = {student for student, _ in found if all(not found[it].result for it in found if it[0] == student)}
assert passed == {"doejane_12_34_practice"}, passed
with open(folder / "junit.xml", encoding="utf-8") as file:
    _, result = xunitparser.parse(file)
assert result.testsRun == len(cases) and not result.errors, result
assert len(result.failures) == sum(1 for case in cases if case.result)

# Moodle's import takes the identity and the number of points of each row.
rows = list(csv.DictReader(open(folder / "class.csv", encoding="utf-8", newline="")))
points = {row["username"].removeprefix("'"): row["03"] for row in rows}
assert set(points) == students and points["doejane_12_34_practice"] == "4" and points["broken"] == "0", rows

# Canvas's gradebook: one cell differs.
read = lambda name: list(csv.reader(io.StringIO((folder / name).read_bytes().decode("utf-8"), newline="")))
before, after = read("gradebook.csv"), read("filled.csv")
assert [len(row) for row in before] == [len(row) for row in after]
differ = [(a[0], new) for a, b in zip(before, after) for old, new in zip(a, b) if old != new]
assert differ == [("Doe, Jane", "4")], differ


# Gradescope: no field that its own package does not write, and the same types.
class Example(unittest.TestCase):
    @weight(4)
    @number("1")
    @visibility("visible")
    def test_example(self):
        """An example"""
        self.fail("it fails")


theirs = io.StringIO()
JSONTestRunner(visibility="visible", stream=theirs).run(unittest.TestLoader().loadTestsFromTestCase(Example))
theirs, ours = json.loads(theirs.getvalue()), json.loads((folder / "gradescope.json").read_text())
DOCUMENTED = {"output_format"}  # in Gradescope's page on the format; the package leaves it out
for key, value in ours.items():
    assert isinstance(value, (int, float)) or type(value) is type(theirs[key]), key
for key, value in ours["tests"][0].items():
    assert key in DOCUMENTED or isinstance(value, (int, float)) or type(value) is type(theirs["tests"][0][key]), key
assert 0 < ours["tests"][0]["score"] < ours["tests"][0]["max_score"] and "score" not in ours, ours

# PrairieLearn: the score is a share, and the points of the tests make it.
grade = json.loads((folder / "prairielearn.json").read_text())
share = sum(test["points"] for test in grade["tests"]) / sum(test["max_points"] for test in grade["tests"])
assert grade["gradable"] and abs(grade["score"] - share) < 1e-9, grade
print(f"read: {len(cases)} cases, {len(rows)} rows, 1 cell filled, results of two graders")
