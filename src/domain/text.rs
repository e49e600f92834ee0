//! What a piece of user text may be: how long, and of which characters.

/// Why a text was refused, in words for the person who sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TextError(pub String);

/// Longest name of a structure, synchronizer or filter, in characters.
pub const NAME_LIMIT: usize = 255;
/// Longest summary of an issue or name of a folder, in characters.
pub const SUMMARY_LIMIT: usize = 1_000;
/// Longest description, in characters.
pub const DESCRIPTION_LIMIT: usize = 10_000;

/// Accepts a one-line text of 1 to `limit` characters, trimmed; `what` names it in the error.
pub fn line(what: &str, text: &str, limit: usize) -> Result<String, TextError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextError(format!(
            "{what} is empty: expected 1 to {limit} characters"
        )));
    }
    if text.contains(['\n', '\r']) {
        return Err(TextError(format!(
            "{what} has a line break: expected one line"
        )));
    }
    block(what, text, limit)
}

/// Accepts a name: a line without characters that would let it pass for another one, where it is
/// shown or logged.
pub fn name(what: &str, text: &str, limit: usize) -> Result<String, TextError> {
    let name = line(what, text, limit)?;
    let deceives = |c: &char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    match name.chars().find(deceives) {
        None => Ok(name),
        Some(odd) => Err(TextError(format!(
            "{what} has the character U+{:04X}, which breaks lines or turns the direction of text: \
             expected a name without it",
            odd as u32
        ))),
    }
}

/// Accepts a text of at most `limit` characters, line breaks included.
pub fn block(what: &str, text: &str, limit: usize) -> Result<String, TextError> {
    // Bytes bound characters from above, so the count is only made where it can matter.
    if text.len() > limit && text.chars().count() > limit {
        return Err(TextError(format!(
            "{what} is too long: expected at most {limit} characters"
        )));
    }
    if let Some(odd) = text
        .chars()
        .find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(TextError(format!(
            "{what} has the control character U+{:04X}: expected text",
            odd as u32
        )));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_bounded() {
        assert_eq!(line("Name", "  plan ", 10).unwrap(), "plan");
        for (bad, says) in [
            ("", "empty"),
            ("   ", "empty"),
            ("a\nb", "line break"),
            ("a\0b", "U+0000"),
            ("12345678901", "at most 10"),
        ] {
            assert!(
                line("Name", bad, 10).unwrap_err().0.contains(says),
                "{bad:?}"
            );
        }
        assert_eq!(line("Name", "ééééé", 5).unwrap(), "ééééé");
    }

    #[test]
    fn a_name_cannot_pass_for_another_one() {
        for bad in ["a\u{202e}b", "a\u{2066}b", "a\u{2028}b", "a\tb", "a\u{85}b"] {
            assert!(
                name("Name", bad, 10).unwrap_err().0.contains("U+"),
                "{bad:?}"
            );
        }
        for good in ["שלום", "مرحبا", "naïve 🦀", "a-b_c"] {
            assert_eq!(name("Name", good, 20).unwrap(), good);
        }
    }
}
