//! The text of a response.
//!
//! As serde would write it, with one difference: what is JSON text already goes in as it is, where
//! serde_json reads all of it once more to see whether it is.

use async_graphql::{Response, ServerError, Value};
use serde::Serialize;
use serde_json::Result;

use crate::graphql::quick::text_of;

/// The body when nothing was executed; `Response` would add `"data":null`.
#[derive(Serialize)]
struct WithoutData<'a> {
    errors: &'a [ServerError],
}

/// What [`without_data`] begins with, before the array.
pub(super) const ERRORS_PREFIX: &str = "{\"errors\":";

/// The text of a refusal.
pub(super) fn without_data(errors: &[ServerError]) -> Result<Vec<u8>> {
    serde_json::to_vec(&WithoutData { errors })
}

/// The text of what an operation answered.
pub(super) fn with_data(response: &Response) -> Result<Vec<u8>> {
    let mut text = b"{".to_vec();
    if !response.errors.is_empty() {
        text.extend_from_slice(b"\"errors\":");
        serde_json::to_writer(&mut text, &response.errors)?;
        text.push(b',');
    }
    text.extend_from_slice(b"\"data\":");
    write(&mut text, &response.data)?;
    if !response.extensions.is_empty() {
        text.extend_from_slice(b",\"extensions\":");
        serde_json::to_writer(&mut text, &response.extensions)?;
    }
    text.push(b'}');
    Ok(text)
}

/// Adds a value, which is as deep as a document may be.
fn write(text: &mut Vec<u8>, value: &Value) -> Result<()> {
    match value {
        Value::List(items) => {
            text.push(b'[');
            for (at, item) in items.iter().enumerate() {
                separate(text, at);
                write(text, item)?;
            }
            text.push(b']');
        }
        Value::Object(fields) => {
            if let Some(written) = text_of(value) {
                text.extend_from_slice(written.as_bytes());
                return Ok(());
            }
            text.push(b'{');
            for (at, (key, field)) in fields.iter().enumerate() {
                separate(text, at);
                serde_json::to_writer(&mut *text, key.as_str())?;
                text.push(b':');
                write(text, field)?;
            }
            text.push(b'}');
        }
        leaf => serde_json::to_writer(text, leaf)?,
    }
    Ok(())
}

fn separate(text: &mut Vec<u8>, at: usize) {
    if at > 0 {
        text.push(b',');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::quick::raw;
    use async_graphql::value;

    #[test]
    fn a_response_is_written_as_serde_writes_it() {
        let data = value!({
            "a": [1, -2.5, "ä\"\n", true, null, [], {}],
            "b": { "c": { "d": [[{ "e": 1 }], 2] } },
        });
        let mut response = Response::new(data);
        assert_eq!(
            with_data(&response).unwrap(),
            serde_json::to_vec(&response).unwrap()
        );
        response.errors.push(ServerError::new("no \"good\"", None));
        response
            .extensions
            .insert("x".to_owned(), value!({ "y": 1 }));
        assert_eq!(
            with_data(&response).unwrap(),
            serde_json::to_vec(&response).unwrap()
        );
    }

    #[test]
    fn what_is_text_already_goes_in_as_it_is() {
        let response = Response::new(Value::List(vec![raw("[1, 2]".to_owned())]));
        assert_eq!(with_data(&response).unwrap(), br#"{"data":[[1, 2]]}"#);
    }
}
