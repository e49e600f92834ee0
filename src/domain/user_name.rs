//! What a user may be called, so that nobody passes for another one.
//!
//! A name is made of what can be seen, and no two names differ only by case, by spaces or by the ways
//! in which Unicode writes the same characters. Letters of different scripts that look alike, such as
//! a Latin and a Cyrillic `a`, are two names: which of them deceive depends on the font and the reader.

use super::text::{self, NAME_LIMIT, TextError};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Accepts the name of a new user, trimmed.
pub fn accept(name: &str) -> Result<String, TextError> {
    let name = text::name("The user's name", name, NAME_LIMIT)?;
    match name.chars().find(|c| is_invisible(*c)) {
        None => Ok(name),
        Some(odd) => Err(TextError(format!(
            "The user's name has the character U+{:04X}, which cannot be seen or told from a space: \
             expected visible characters and plain spaces",
            odd as u32
        ))),
    }
}

/// What two names have in common that could be taken for each other.
pub fn key(name: &str) -> String {
    let seen = match name.is_ascii() {
        true => name.to_ascii_lowercase(),
        false => {
            let visible = name.nfkc().filter(|c| !is_invisible(*c));
            // By way of the upper case, in which `ß` is `SS` and both small sigmas are one.
            let upper = visible.collect::<String>().to_uppercase();
            upper.to_lowercase().nfkc().collect()
        }
    };
    let words: Vec<_> = seen.split_whitespace().collect();
    words.join(" ")
}

fn is_invisible(c: char) -> bool {
    use GeneralCategory::{
        Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, SpaceSeparator, Unassigned,
    };
    match c.general_category() {
        Control | Format | LineSeparator | ParagraphSeparator | PrivateUse | Unassigned => true,
        SpaceSeparator => c != ' ',
        // Letters and marks by their category that are drawn as nothing.
        _ => matches!(
            c,
            '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
                | '\u{e0100}'..='\u{e01ef}'
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_of_what_can_be_seen() {
        for odd in [
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{202e}',
            '\u{2060}',
            '\u{feff}',
            '\u{ad}',
            '\u{34f}',
            '\u{a0}',
            '\u{3000}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{e0041}',
            '\u{e000}',
            '\u{85}',
        ] {
            let error = accept(&format!("a{odd}b")).unwrap_err().0;
            assert!(error.contains(&format!("U+{:04X}", odd as u32)), "{error}");
        }
        for good in [
            "ada",
            "Ada Lovelace",
            "שלום",
            "مرحبا",
            "李小龍",
            "naïve 🦀",
            "a-b_c@d.e",
        ] {
            assert_eq!(accept(good).as_deref(), Ok(good));
        }
    }

    #[test]
    fn names_that_could_be_taken_for_each_other_have_one_key() {
        for (one, other) in [
            ("ada", "ADA"),
            ("ada", "a\u{200b}da"),
            ("ada", "ａｄａ"),
            ("ada b", "ada  b"),
            ("ada b", "ada\u{a0}b"),
            ("andré", "andre\u{301}"),
            ("STRASSE", "straße"),
            ("ΟΔΟΣ", "οδος"),
            ("ﬁn", "FIN"),
        ] {
            assert_eq!(key(one), key(other), "{one:?} {other:?}");
        }
        for (one, other) in [
            ("ada", "adа"),
            ("andre", "andré"),
            ("ada", "ada1"),
            ("ab", "a b"),
        ] {
            assert_ne!(key(one), key(other), "{one:?} {other:?}");
        }
    }
}
