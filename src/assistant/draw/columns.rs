//! How many columns of a terminal a text takes, which is not how many characters it has.

/// Characters that stand on the one before them: accents and vowel signs of the scripts that use most of
/// them (general categories Mn and Me in UnicodeData.txt).
const COMBINING: [(char, char); 15] = [
    ('\u{300}', '\u{36f}'),
    ('\u{483}', '\u{489}'),
    ('\u{591}', '\u{5bd}'),
    ('\u{610}', '\u{61a}'),
    ('\u{64b}', '\u{65f}'),
    ('\u{93c}', '\u{93c}'),
    ('\u{941}', '\u{948}'),
    ('\u{94d}', '\u{94d}'),
    ('\u{e34}', '\u{e3a}'),
    ('\u{e47}', '\u{e4e}'),
    ('\u{1ab0}', '\u{1ace}'),
    ('\u{1dc0}', '\u{1dff}'),
    ('\u{20d0}', '\u{20f0}'),
    ('\u{3099}', '\u{309a}'),
    ('\u{fe20}', '\u{fe2f}'),
];

/// Characters of two columns: East Asian scripts, and emoji (W and F in EastAsianWidth.txt). Whole
/// blocks, in which a few symbols are narrow; single symbols before U+2E80 that are wide are left out.
const WIDE: [(char, char); 15] = [
    ('\u{1100}', '\u{115f}'),
    ('\u{2e80}', '\u{303e}'),
    ('\u{3041}', '\u{4dbf}'),
    ('\u{4e00}', '\u{a4cf}'),
    ('\u{a960}', '\u{a97c}'),
    ('\u{ac00}', '\u{d7a3}'),
    ('\u{f900}', '\u{faff}'),
    ('\u{fe30}', '\u{fe6f}'),
    ('\u{ff01}', '\u{ff60}'),
    ('\u{ffe0}', '\u{ffe6}'),
    ('\u{1f300}', '\u{1f64f}'),
    ('\u{1f680}', '\u{1f6ff}'),
    ('\u{1f900}', '\u{1f9ff}'),
    ('\u{1fa70}', '\u{1faff}'),
    ('\u{20000}', '\u{3fffd}'),
];

/// The columns of a text without control characters.
pub fn columns(text: &str) -> usize {
    text.chars().map(of_character).sum()
}

/// As much of `text` as fits into `room` columns, with `…` at its end if that is not all.
pub fn cut(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let mut taken = 0;
    let fits = |character: &char| {
        taken += of_character(*character);
        taken < room
    };
    text.chars().take_while(fits).chain((room > 0).then_some('…')).collect()
}

fn of_character(character: char) -> usize {
    let is_in = |ranges: &[(char, char)]| ranges.iter().any(|(a, z)| (a..=z).contains(&&character));
    match character {
        // All that most texts consist of.
        ' '..='\u{2ff}' => 1,
        _ if is_in(&COMBINING) => 0,
        _ if is_in(&WIDE) => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns_and_accents_none() {
        for (text, wanted) in [
            ("", 0),
            ("straße", 6),
            ("你好", 4),
            ("🎉!", 3),
            ("e\u{301}", 1),
            ("ｱ한", 3),
            ("▒█…", 3),
        ] {
            assert_eq!(columns(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_cut_fits() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("你好吗", 5), "你好…");
        assert_eq!(cut("你好吗", 4), "你…");
        assert_eq!(cut("e\u{301}fg", 2), "e\u{301}…");
        assert_eq!(cut("abc", 0), "");
    }
}
