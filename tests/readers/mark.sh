#!/usr/bin/env bash
# What `mark` writes, read by programs that are not ours: JUnit by junitparser and xunitparser, Gradescope's results beside
# those of gradescope-utils, sheets by Python's csv. Needs Python 3, a network, and a built kit. Not part of `cargo test`.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/python"
"$folder/python/bin/pip" -q install --disable-pip-version-check \
    junitparser==5.0.3 xunitparser==1.3.4 gradescope-utils==0.5.0

solution=labs/03_threaded_greeter/solution.rs
class=$folder/class
mkdir -p "$class/doejane_12_34_practice" "$class/=1+1" "$class/Zoë, \"Z\"" "$class/broken"
cp "$solution" "$class/doejane_12_34_practice/03.rs"
sed 's/let mut players = 0;/let mut players = 1;/' "$solution" > "$class/=1+1/03.rs"
printf 'fn main() { print!("\\u{1b}[31m]]>&<"); panic!("<b>\\u{0}") }\n' > "$class/Zoë, \"Z\"/03.rs"
echo 'fn main() { 1 << "<&" }' > "$class/broken/03.rs"
{
    printf '\xef\xbb\xbfStudent,ID,SIS User ID,SIS Login ID,Section,Exercise 03 (4711),Essay (4712)\r\n'
    printf '    Points Possible,,,,,4,10\r\n'
    printf '"Doe, Jane",12,u1,jd1,"S ""1""",,7\r\n'
    printf '"Roe, Max",56,u3,mr,S,,8\r\n'
} > "$folder/gradebook.csv"
cp "$folder/gradebook.csv" "$folder/filled.csv"

one=$folder/one
mkdir -p "$one/student"
cp "$class/=1+1/03.rs" "$one/student/03.rs"
socketlab() { cargo run -q -- mark "$@" > "$folder/log" || [ "$?" = 2 ]; }
socketlab 03 "$class" --junit "$folder/junit.xml" --csv "$folder/class.csv" --canvas "$folder/filled.csv"
socketlab 03 "$one" --results gradescope --output "$folder/gradescope.json"
socketlab 03 "$one" --results prairielearn --output "$folder/prairielearn.json"
"$folder/python/bin/python" tests/readers/mark.py "$folder"
