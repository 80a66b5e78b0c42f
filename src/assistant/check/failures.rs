//! What a program says when a part of it fails: a panic of Rust or Go, an exception of Python, Java or Ruby.

use crate::process::program::escaped;

/// The most lines that are taken.
const MOST: usize = 3;

/// The first failure that a program tells on standard error: its message and its place, in few lines. Nothing if
/// it tells none, or only of clients that have left.
pub fn first_failure(errors: &str) -> Vec<String> {
    let lines: Vec<&str> = errors.lines().map(str::trim_end).collect();
    let mut all = (0..lines.len()).filter_map(|at| failure(&lines[at..]));
    let found = all.find(|failure| !is_lost_client(failure));
    found.unwrap_or_default().iter().take(MOST).map(|line| escaped(line.trim_start())).collect()
}

/// Whether it is only about a client that has left: some languages print that as a failure.
fn is_lost_client(failure: &[&str]) -> bool {
    let words = ["reset", "Reset", "Broken pipe", "BrokenPipe", "EOFError", "aborted"];
    failure.iter().any(|line| words.iter().any(|words| line.contains(words)))
}

/// The failure that begins with the first of these lines.
fn failure<'a>(lines: &[&'a str]) -> Option<Vec<&'a str>> {
    let (first, rest) = lines.split_first()?;
    let taken_while =
        |go_on: fn(&str) -> bool| rest.iter().copied().take_while(move |it| go_on(it));
    let with = |more: Vec<&'a str>| Some([&[*first], more.as_slice()].concat());
    let place = |is_place: fn(&str) -> bool| rest.iter().copied().find(|line| is_place(line));
    if first.starts_with("thread '") && first.contains("panicked at ") {
        let is_message = |line: &str| !line.is_empty() && !line.starts_with("note: ");
        return with(taken_while(is_message).collect());
    }
    if *first == "Traceback (most recent call last):" {
        let inner: Vec<&str> = taken_while(|line| line.starts_with(' ')).collect();
        // The innermost call stands last, and the message below it.
        let place = inner.iter().rfind(|line| line.starts_with("  File "));
        return Some(rest.get(inner.len()).into_iter().chain(place).copied().collect());
    }
    // Python says the same, and a traceback follows.
    if first.starts_with("Exception in thread \"") {
        return with(place(|line| line.starts_with("\tat ")).into_iter().collect());
    }
    if first.starts_with("panic: ") || first.starts_with("fatal error: ") {
        let own = |line: &str| line.contains(".go:") && !line.contains("/src/runtime/");
        return with(place(own).into_iter().collect());
    }
    // JavaScript: what follows are the calls, the innermost first.
    if first.contains("Error: ") && rest.first().is_some_and(|line| line.starts_with("    at ")) {
        return with(rest.first().copied().into_iter().collect());
    }
    // The next line has the place and the message.
    first.contains("terminated with exception").then(|| rest.iter().copied().take(1).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_found_in_the_words_of_each_language() {
        for (errors, wanted) in [
            (
                "\nthread 'Thread-1' (71) panicked at labs/03/practice.rs:40:17:\nindex out of bounds: the \
                 len is 3 but the index is 7\nnote: run with `RUST_BACKTRACE=1`\n",
                &[
                    "thread 'Thread-1' (71) panicked at labs/03/practice.rs:40:17:",
                    "index out of bounds: the len is 3 but the index is 7",
                ][..],
            ),
            (
                "Exception in thread Thread-1 (serve):\nTraceback (most recent call last):\n  File \"/lib/threading.py\", \
                 line 1038, in run\n    self._target()\n  File \"s.py\", line 9, in serve\n    x[7]\nIndexError: list \
                 index out of range\n",
                &["IndexError: list index out of range", "File \"s.py\", line 9, in serve"],
            ),
            (
                "Traceback (most recent call last):\n  File \"s.py\", line 9, in serve\n    x[7]\nIndexError: no\n",
                &["IndexError: no", "File \"s.py\", line 9, in serve"],
            ),
            (
                "Exception in thread \"Thread-0\" java.lang.NullPointerException: x\n\tat S.serve(S.java:9)\n\tat a\n",
                &[
                    "Exception in thread \"Thread-0\" java.lang.NullPointerException: x",
                    "at S.serve(S.java:9)",
                ],
            ),
            (
                "panic: no\n\ngoroutine 1 [running]:\nruntime.gopanic()\n\t/go/src/runtime/panic.go:1 +0x1\nmain.main()\n\
                 \t/tmp/s.go:9 +0x2\n",
                &["panic: no", "/tmp/s.go:9 +0x2"],
            ),
            (
                "#<Thread:0x1 s.rb:9 run> terminated with exception (report_on_exception is true):\ns.rb:9:in `x': no\n",
                &["s.rb:9:in `x': no"],
            ),
            (
                "/tmp/s.mjs:3\nx[7].y\n     ^\nTypeError: no\n    at serve (/tmp/s.mjs:3:6)\n    at x\n",
                &["TypeError: no", "at serve (/tmp/s.mjs:3:6)"],
            ),
            ("B was lost: connection reset\n", &[]),
            (
                "Traceback (most recent call last):\n  File \"s.py\", line 9\nConnectionResetError: x\n",
                &[],
            ),
        ] {
            assert_eq!(first_failure(errors), wanted, "{errors}");
        }
    }

    #[test]
    fn anything_may_stand_there() {
        arbtest::arbtest(|bytes| {
            let text: String = bytes.arbitrary()?;
            for start in
                ["thread 'x' panicked at ", "Traceback (most recent call last):\n", "panic: "]
            {
                assert!(first_failure(&format!("{start}{text}")).len() <= MOST);
            }
            Ok(())
        });
    }
}
