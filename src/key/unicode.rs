//! Unicode normalization, and the characters that are allowed in text that is printed to terminals.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{CanonicalCombiningClass, DefaultIgnorableCodePoint, Emoji, ExtendedPictographic, JoiningType},
};
use std::borrow::Cow;

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
const TEXT_STYLE: char = '\u{fe0e}';
const EMOJI_STYLE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';
const BLACK_FLAG: char = '\u{1f3f4}';
const CANCEL_TAG: char = '\u{e007f}';

/// Returns the text in Normalization Form C (Unicode Standard Annex #15). Strings that differ only in the encoding of
/// their accents are equal in this form.
pub(super) fn nfc(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// Returns the text in Normalization Form D (Unicode Standard Annex #15), in which accents are separate characters.
pub(super) fn nfd(text: &str) -> Cow<'_, str> {
    DecomposingNormalizerBorrowed::new_nfd().normalize(text)
}

/// Returns `true` if the character alone can mislead the reader of a terminal: a control character, an invisible
/// character, or a character that changes how other characters are displayed.
pub(super) fn is_deceptive(c: char) -> bool {
    // U+2028 and U+2029 separate lines, U+2800 is an empty braille pattern, and U+FFF9 to U+FFFB delimit annotations.
    // Noncharacters and characters for private use have no meaning that readers agree on.
    c.is_control()
        || (u32::from(c) & 0xfffe == 0xfffe)
        || matches!(c, '\u{fdd0}'..='\u{fdef}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{2800}' | '\u{fff9}'..='\u{fffb}')
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Returns `true` if a terminal would interpret the character instead of displaying it, or would reorder the characters
/// around it.
pub(crate) fn is_interpreted(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns the first character that is not allowed in new text, or `None` if all characters are allowed. A
/// [deceptive](is_deceptive) character is allowed only as part of an emoji sequence (Unicode Technical Standard #51),
/// or as a joiner where a script needs one (RFC 5892, appendix A).
pub(super) fn first_deceptive(text: &str) -> Option<char> {
    // The common case does not need the tables.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    let text: Vec<char> = text.chars().collect();
    (0..text.len()).find(|at| is_deceptive(text[*at]) && !is_needed(&text, *at)).map(|at| text[at])
}

/// Returns `true` if the invisible character at the index `at` is needed to display its neighbors.
fn is_needed(text: &[char], at: usize) -> bool {
    let (before, after) = (&text[..at], &text[at + 1..]);
    match text[at] {
        EMOJI_STYLE | TEXT_STYLE => before.last().is_some_and(|c| {
            let emoji = CodePointSetData::new::<Emoji>().contains(*c);
            // The digits and the characters `#` and `*` are emoji only if they are keycaps.
            emoji && (!c.is_ascii() || after.first() == Some(&KEYCAP))
        }),
        ZERO_WIDTH_JOINER => follows_virama(before) || joins_emoji(before, after),
        ZERO_WIDTH_NON_JOINER => follows_virama(before) || breaks_cursive_connection(before, after),
        '\u{e0020}'..=CANCEL_TAG => is_in_flag(before, after, text[at]),
        _ => false,
    }
}

/// Returns `true` if the text ends with a virama (RFC 5892, appendices A.1 and A.2).
fn follows_virama(before: &[char]) -> bool {
    let classes = CodePointMapData::<CanonicalCombiningClass>::new();
    before.last().is_some_and(|c| classes.get(*c) == CanonicalCombiningClass::Virama)
}

/// Returns `true` if a zero-width non-joiner between `before` and `after` breaks a cursive connection (RFC 5892,
/// appendix A.1).
fn breaks_cursive_connection(before: &[char], after: &[char]) -> bool {
    let types = CodePointMapData::<JoiningType>::new();
    let visible = |c: &&char| types.get(**c) != JoiningType::Transparent;
    let left = before.iter().rfind(visible).map(|c| types.get(*c));
    let right = after.iter().find(visible).map(|c| types.get(*c));
    matches!(left, Some(JoiningType::LeftJoining | JoiningType::DualJoining))
        && matches!(right, Some(JoiningType::RightJoining | JoiningType::DualJoining))
}

/// Returns `true` if a zero-width joiner between `before` and `after` joins two emoji (UTS #51, definition ED-16).
fn joins_emoji(before: &[char], after: &[char]) -> bool {
    let pictographs = CodePointSetData::new::<ExtendedPictographic>();
    let is_modifier = |c: char| matches!(c, EMOJI_STYLE | '\u{1f3fb}'..='\u{1f3ff}');
    let first = before.iter().rev().find(|c| !is_modifier(**c));
    first.is_some_and(|c| pictographs.contains(*c)) && after.first().is_some_and(|c| pictographs.contains(*c))
}

/// Returns `true` if the tag between `before` and `after` is part of the flag of a region, such as Scotland (UTS #51,
/// definition ED-14a). The sequence of such a flag is a black flag, one or more tags, and the cancel tag.
fn is_in_flag(before: &[char], after: &[char], tag: char) -> bool {
    let is_tag = |c: &&char| matches!(c, '\u{e0020}'..='\u{e007e}');
    let tags_before = before.iter().rev().take_while(is_tag).count();
    let begins = before.iter().rev().nth(tags_before) == Some(&BLACK_FLAG);
    let ends = after.iter().find(|c| !is_tag(c)) == Some(&CANCEL_TAG);
    begins && if tag == CANCEL_TAG { tags_before > 0 } else { ends }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_deceptive() {
        for c in [
            '\0',
            '\n',
            '\u{9b}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{17b4}',
            '\u{180e}',
            '\u{200b}',
            '\u{200e}',
            '\u{2028}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe00}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{e0001}',
            '\u{e0100}',
        ] {
            assert_eq!(first_deceptive(&format!("a{c}b")), Some(c), "U+{:04X}", u32::from(c));
        }
        for text in ["Büro 3", "鍵", "a\u{301}", "Ω≈ç", "عربى", "한국어", ""] {
            assert_eq!(first_deceptive(text), None, "{text}");
        }
    }

    #[test]
    fn emoji_sequences_are_allowed_and_their_parts_alone_are_not() {
        for text in
            ["❤️", "1️⃣", "👩‍💻", "👩🏽‍🚀", "🏴‍☠️", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}"]
        {
            assert_eq!(first_deceptive(text), None, "{text}");
        }
        for text in [
            "a\u{fe0f}",
            "1\u{fe0f}",
            "a\u{200d}b",
            "👩\u{200d}",
            "\u{200d}💻",
            "👩\u{200d}a",
            "🏴\u{e0067}",
            "🏴\u{e007f}",
            "a\u{e0067}\u{e007f}",
            "🏴\u{e0067}a\u{e007f}",
        ] {
            assert!(first_deceptive(text).is_some(), "{text:?}");
        }
    }

    #[test]
    fn joiners_are_allowed_where_a_script_needs_them() {
        // RFC 5892, appendix A: Persian, Devanagari and Sinhala words.
        for text in ["نامه\u{200c}ای", "क्\u{200c}ष", "ක්\u{200d}ෂ"] {
            assert_eq!(first_deceptive(text), None, "{text}");
        }
        for text in ["a\u{200c}b", "نامه\u{200c}", "\u{200c}ای", "ک\u{200d}ی"] {
            assert!(first_deceptive(text).is_some(), "{text:?}");
        }
    }

    #[test]
    fn texts_with_the_same_accents_are_equal_in_nfc() {
        assert_eq!(nfc("Bu\u{308}ro"), "Büro");
        assert_eq!(nfd("Büro"), "Bu\u{308}ro");
        assert_eq!(nfc("ci"), "ci");
    }
}
