//! Texts that clients hand back as they got them: base64url of some words and a number.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes of words and number at the most, and what becomes of them.
const LONGEST: usize = 63;
const ENCODED: usize = LONGEST / 3 * 4;

/// Adds one to a text. A page has some hundred of them, so nothing else is allocated.
pub(super) fn write(text: &mut String, words: &[&str], number: i64) {
    let (mut plain, mut digits) = ([0; LONGEST], itoa::Buffer::new());
    let mut length = 0;
    for word in words.iter().copied().chain([digits.format(number)]) {
        let until = length + word.len();
        plain[length..until].copy_from_slice(word.as_bytes());
        length = until;
    }
    let (plain, mut encoded) = (&plain[..length], [0; ENCODED]);
    // Into a string, the library writes by way of a larger buffer.
    let written = URL_SAFE_NO_PAD.encode_slice(plain, &mut encoded).ok();
    match written.and_then(|length| std::str::from_utf8(&encoded[..length]).ok()) {
        Some(encoded) => text.push_str(encoded),
        None => URL_SAFE_NO_PAD.encode_string(plain, text),
    }
}
