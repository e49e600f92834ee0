//! Texts that clients hand back as they got them: base64url of some words and a number.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes of words and number at the most.
const LONGEST: usize = 64;

/// Adds one to a text. A page has some hundred of them, so nothing else is allocated.
pub(super) fn write(text: &mut String, words: &[&str], number: i64) {
    let (mut plain, mut digits) = ([0; LONGEST], itoa::Buffer::new());
    let mut length = 0;
    for word in words.iter().copied().chain([digits.format(number)]) {
        let until = length + word.len();
        plain[length..until].copy_from_slice(word.as_bytes());
        length = until;
    }
    URL_SAFE_NO_PAD.encode_string(&plain[..length], text);
}
