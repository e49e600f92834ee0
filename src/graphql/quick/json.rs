//! JSON as text.

use super::plan::Plan;
use crate::graphql::ids::{self, GlobalId};

/// Bytes that are looked at together.
const CHUNK: usize = 16;

/// A string, quoted.
pub(super) fn string(out: &mut String, text: &str) {
    if is_plain(text) {
        quoted(out, |out| out.push_str(text));
    } else {
        // Writing a string into memory does not fail.
        out.push_str(&serde_json::to_string(text).unwrap_or_default());
    }
}

/// A name of the schema, quoted.
pub(super) fn name(out: &mut String, name: &str) {
    quoted(out, |out| out.push_str(name));
}

/// What needs no escapes, quoted.
pub(super) fn quoted(out: &mut String, write: impl FnOnce(&mut String)) {
    out.push('"');
    write(out);
    out.push('"');
}

/// Whether a string needs no escapes. Nothing is decided within a chunk, so that the processor
/// compares all of its bytes at once.
fn is_plain(text: &str) -> bool {
    let plain = |byte: &u8| *byte >= 0x20 && *byte != b'"' && *byte != b'\\';
    let all = |bytes: &[u8]| bytes.iter().fold(true, |all, byte| all & plain(byte));
    let (chunks, rest) = text.as_bytes().as_chunks::<CHUNK>();
    chunks.iter().all(|chunk| all(chunk)) && all(rest)
}

/// An id.
pub(super) fn id<I: GlobalId>(out: &mut String, id: I) {
    quoted(out, |out| ids::write(out, id));
}

/// A string, or null.
pub(super) fn optional(out: &mut String, text: Option<&str>) {
    match text {
        Some(text) => string(out, text),
        None => out.push_str("null"),
    }
}

pub(super) fn number(out: &mut String, number: u32) {
    out.push_str(itoa::Buffer::new().format(number));
}

pub(super) fn boolean(out: &mut String, value: bool) {
    out.push_str(if value { "true" } else { "false" });
}

/// An object with the fields of a plan.
pub(super) fn object<F>(out: &mut String, plan: &Plan<F>, mut value: impl FnMut(&F, &mut String)) {
    out.push('{');
    for (key, field) in plan {
        out.push_str(key);
        value(field, out);
    }
    out.push('}');
}
