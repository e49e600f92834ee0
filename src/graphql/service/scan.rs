//! A lexical scan of a document: tokens and open brackets, before any parser sees it.
//!
//! The parser recurses into brackets, so that a hundred thousand of them would overflow the stack.
//! This scan knows strings, block strings and comments, and nothing else: whether the tokens make
//! sense is for the parser to say.

use super::{Limits, code, error::Problem};

/// Refuses a document that is too long, has too many tokens or too long strings, or nests its
/// brackets too deep.
pub(super) fn scan(document: &str, limits: &Limits) -> Result<(), Problem> {
    if document.len() > limits.document_bytes {
        return Err(Problem::new(
            code::DOCUMENT_TOO_LARGE,
            format!(
                "The document has {} bytes; at most {} are accepted.",
                document.len(),
                limits.document_bytes
            ),
        ));
    }
    let mut rest = document.as_bytes();
    let (mut tokens, mut open) = (0_usize, 0_usize);
    while let Some(&byte) = rest.first() {
        let length = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                rest = &rest[1..];
                continue;
            }
            b'#' => {
                rest = &rest[line_length(rest)..];
                continue;
            }
            b'"' => {
                let length = string_length(rest);
                if length > limits.string_bytes {
                    return Err(Problem::new(
                        code::STRING_TOO_LONG,
                        format!(
                            "The document has a string of {length} bytes; at most {} are accepted.",
                            limits.string_bytes
                        ),
                    ));
                }
                length
            }
            b'{' | b'[' | b'(' => {
                open += 1;
                1
            }
            b'}' | b']' | b')' => {
                open = open.saturating_sub(1);
                1
            }
            byte if is_word(byte) => rest.iter().take_while(|byte| is_word(**byte)).count(),
            _ => 1,
        };
        tokens += 1;
        if open > limits.brackets {
            return Err(Problem::new(
                code::QUERY_TOO_COMPLEX,
                format!(
                    "The document nests brackets deeper than {} levels.",
                    limits.brackets
                ),
            ));
        }
        if tokens > limits.tokens {
            return Err(Problem::new(
                code::QUERY_TOO_COMPLEX,
                format!("The document has more than {} tokens.", limits.tokens),
            ));
        }
        rest = &rest[length..];
    }
    Ok(())
}

/// Names and numbers, roughly; the bytes of other scripts are lumped in, since the parser refuses
/// them.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.') || !byte.is_ascii()
}

fn line_length(text: &[u8]) -> usize {
    text.iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'))
        .unwrap_or(text.len())
}

/// The length of the string or block string that `text` begins with; an unclosed one ends with its
/// line or with the document, as the parser will complain.
fn string_length(text: &[u8]) -> usize {
    let block = text.starts_with(b"\"\"\"");
    let mut at = if block { 3 } else { 1 };
    while at < text.len() {
        let rest = &text[at..];
        if block {
            if rest.starts_with(b"\\\"\"\"") {
                at += 4;
                continue;
            }
            if rest.starts_with(b"\"\"\"") {
                return at + 3;
            }
        } else {
            match rest[0] {
                b'\\' if rest.len() > 1 => at += 1,
                b'"' => return at + 1,
                b'\n' | b'\r' => return at,
                _ => {}
            }
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(document: &str) -> Option<&'static str> {
        scan(document, &Limits::default())
            .err()
            .map(|problem| problem.code)
    }

    #[test]
    fn brackets_count_outside_strings_and_comments_only() {
        let many = "{".repeat(50_000);
        assert_eq!(refused(&many), Some(code::QUERY_TOO_COMPLEX));
        assert_eq!(refused(&format!("# {many}")), None);
        assert_eq!(refused(&format!("\"{many}\"")), None);
        assert_eq!(refused(&format!("\"\\\"{many}\"")), None);
        assert_eq!(refused(&format!("\"\"\"{many}\\\"\"\"{{\"\"\"")), None);
        assert_eq!(
            refused(&format!("\"closed\"{}", &many[..100])),
            Some(code::QUERY_TOO_COMPLEX)
        );
        assert_eq!(
            refused(&format!("#\n{}", &many[..100])),
            Some(code::QUERY_TOO_COMPLEX)
        );
        assert_eq!(
            refused(&format!("\"open\n{}", &many[..100])),
            Some(code::QUERY_TOO_COMPLEX)
        );
        assert_eq!(refused(&"[(".repeat(40)), Some(code::QUERY_TOO_COMPLEX));
        assert_eq!(refused(&"{}".repeat(5_000)), None);
    }

    #[test]
    fn sizes_are_limited() {
        assert_eq!(
            refused(&" ".repeat(100_001)),
            Some(code::DOCUMENT_TOO_LARGE)
        );
        assert_eq!(refused(&"a ".repeat(15_001)), Some(code::QUERY_TOO_COMPLEX));
        assert_eq!(refused(&"a ".repeat(14_999)), None);
    }

    #[test]
    fn unfinished_input_ends_the_scan() {
        for document in ["\"", "\"\\", "\"\"\"", "\"\"\"\\", "#", "é", "\u{feff}"] {
            assert_eq!(refused(document), None, "{document:?}");
        }
    }
}
