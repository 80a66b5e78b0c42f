//! The difference between two texts, line by line.

/// How many lines around a change are shown.
const AROUND: usize = 2;

/// The changed lines with `-` and `+` in front and some unchanged ones around them; `…` where lines
/// are left out.
pub fn diff(old: &str, new: &str) -> String {
    let lines = compare(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>());
    let near = |place: usize| {
        let from = place.saturating_sub(AROUND);
        lines[from..(place + AROUND + 1).min(lines.len())].iter().any(|(sign, _)| *sign != ' ')
    };
    let mut text = String::new();
    let mut left_out = false;
    for (place, (sign, line)) in lines.iter().enumerate() {
        if near(place) {
            if left_out {
                text += "  …\n";
            }
            text += format!("{sign} {line}").trim_end();
            text.push('\n');
        }
        left_out = !near(place);
    }
    text
}

/// The lines of both, those that they share once: a longest common subsequence.
fn compare<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    // How many lines the rests from here on share.
    let mut shared = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            shared[i][j] = if old[i] == new[j] {
                shared[i + 1][j + 1] + 1
            } else {
                shared[i + 1][j].max(shared[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || shared[i + 1][j] >= shared[i][j + 1]) {
            lines.push(('-', old[i]));
            i += 1;
        } else {
            lines.push(('+', new[j]));
            j += 1;
        }
    }
    lines
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
