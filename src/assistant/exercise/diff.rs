//! The difference between two texts, line by line.

use similar::TextDiff;

/// How many lines around a change are shown.
const AROUND: usize = 2;

/// The changed lines with `-` and `+` in front and some unchanged ones around them; `…` where lines
/// are left out.
pub fn diff(old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut text = String::new();
    for group in diff.grouped_ops(AROUND) {
        if group[0].old_range().start > 0 {
            text += "  …\n";
        }
        for change in group.iter().flat_map(|part| diff.iter_changes(part)) {
            text += format!("{} {}", change.tag(), change.value()).trim_end();
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_shown_with_what_stands_around_them() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let new = "a\nb\nc\nd\nE\nf\ng\nh\ni\n";
        assert_eq!(diff(old, new), "  …\n  c\n  d\n- e\n+ E\n  f\n  g\n  h\n+ i\n");
        let long = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
        let changed = "A\nb\nc\nd\ne\nf\ng\nh\ni\nJ\n";
        assert_eq!(diff(long, changed), "- a\n+ A\n  b\n  c\n  …\n  h\n  i\n- j\n+ J\n");
        assert_eq!(diff(old, old), "");
    }
}
