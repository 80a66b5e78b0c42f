//! How many columns of a terminal a text takes, which is not how many characters it has.

use unicode_width::UnicodeWidthChar;

/// The columns of a text without control characters. Characters count for themselves, as in most terminals,
/// also where newer ones join several of them.
pub fn columns(text: &str) -> usize {
    text.chars().filter_map(char::width).sum()
}

/// As much of `text` as fits into `room` columns, with `…` at its end if that is not all.
pub fn cut(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let mut taken = 0;
    let fits = |character: &char| {
        taken += character.width().unwrap_or_default();
        taken < room
    };
    text.chars().take_while(fits).chain((room > 0).then_some('…')).collect()
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
