//! JSON as text.

use super::plan::Plan;
use std::fmt::Write;

/// A string, quoted.
pub(super) fn string(out: &mut String, text: &str) {
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        out.push('"');
        out.push_str(text);
        out.push('"');
        return;
    }
    // Writing a string into memory does not fail.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// A string, or null.
pub(super) fn optional(out: &mut String, text: Option<&str>) {
    match text {
        Some(text) => string(out, text),
        None => out.push_str("null"),
    }
}

pub(super) fn number(out: &mut String, number: u32) {
    // Writing to a string does not fail.
    let _ = write!(out, "{number}");
}

pub(super) fn boolean(out: &mut String, value: bool) {
    out.push_str(if value { "true" } else { "false" });
}

/// An object with the fields of a plan.
pub(super) fn object<F>(out: &mut String, plan: &Plan<F>, mut value: impl FnMut(&F, &mut String)) {
    out.push('{');
    for (at, (key, field)) in plan.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(key);
        value(field, out);
    }
    out.push('}');
}
