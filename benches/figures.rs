//! How figures are written, for people.

use std::fmt::Display;

/// A whole number with commas.
pub(crate) fn thousands(number: impl Display) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
