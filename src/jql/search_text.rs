//! What `~` looks for: the words and phrases of a text, as patterns of SQL's LIKE.
//!
//! Words are separated by blanks and may hold the wildcards `*` and `?`; a phrase stands in quotes.
//! `\` takes the meaning from the quote, wildcard or `\` after it. Absent on purpose: stemming and
//! ranking, for which both databases would need an index of their own.

/// The character that takes the meaning from `%` and `_` in the patterns.
pub(super) const ESCAPE: char = '!';

/// One LIKE pattern for each word or phrase. None at all means that there is nothing to look for.
pub(super) fn patterns(text: &str) -> Vec<String> {
    let mut patterns = Vec::new();
    let mut term = String::new();
    let mut in_phrase = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let literal = chars.next_if(|next| matches!(next, '"' | '*' | '?' | '\\'));
                push_literal(&mut term, literal.unwrap_or('\\'));
            }
            '"' => {
                finish(&mut term, &mut patterns);
                in_phrase = !in_phrase;
            }
            _ if in_phrase => push_literal(&mut term, c),
            _ if c.is_whitespace() => finish(&mut term, &mut patterns),
            '*' => term.push('%'),
            '?' => term.push('_'),
            _ => push_literal(&mut term, c),
        }
    }
    finish(&mut term, &mut patterns);
    patterns
}

fn push_literal(term: &mut String, c: char) {
    if matches!(c, '%' | '_' | ESCAPE) {
        term.push(ESCAPE);
    }
    term.push(c);
}

fn finish(term: &mut String, patterns: &mut Vec<String>) {
    let word = term.trim();
    if !word.is_empty() {
        patterns.push(format!("%{word}%"));
    }
    term.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_phrases_become_patterns() {
        let cases: [(&str, &[&str]); 10] = [
            ("login", &["%login%"]),
            ("  login  page ", &["%login%", "%page%"]),
            (r#""login page" slow"#, &["%login page%", "%slow%"]),
            (r#"slow "login pa"#, &["%slow%", "%login pa%"]),
            ("100%_!", &["%100!%!_!!%"]),
            ("log* ?at", &["%log%%", "%_at%"]),
            (r#""what?""#, &["%what?%"]),
            (
                r#"what\? \"a\" \\ \n"#,
                &["%what?%", r#"%"a"%"#, r"%\%", r"%\n%"],
            ),
            ("", &[]),
            (r#" "" "  " "#, &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(patterns(text), expected, "{text}");
        }
    }
}
