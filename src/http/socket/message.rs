//! The messages of `graphql-transport-ws`, and the codes with which a connection is closed.

use axum::{
    body::Bytes,
    extract::ws::{CloseFrame, Message, Utf8Bytes},
};
use serde_json::{Map, Value};

use crate::graphql::service::{Answer, Malformed, Operation};

/// What a client says.
#[derive(Debug)]
pub(super) enum Incoming {
    /// Opens the session; the payload carries the token.
    Init(Map<String, Value>),
    /// Asks for a pong.
    Ping,
    /// Answers a ping, or is a sign of life.
    Pong,
    /// Starts an operation under an id of the client's choice.
    Subscribe { id: String, operation: Operation },
    /// Stops the operation.
    Complete { id: String },
}

/// Ids are repeated in each message; longer ones serve nobody.
const MAX_ID_BYTES: usize = 256;

impl Incoming {
    /// Reads a message; the error is the reason to close the connection.
    pub(super) fn parse(text: &str) -> Result<Self, Close> {
        let bad = |reason: &str| Close::new(4400, reason);
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err(bad("Expected a message that is a JSON object"));
        };
        let Some(Value::String(ty)) = message.remove("type") else {
            return Err(bad("Expected a message with a \"type\" that is a string"));
        };
        let payload = message.remove("payload").unwrap_or(Value::Null);
        let wants_id = matches!(ty.as_str(), "subscribe" | "complete");
        let id = match message.remove("id") {
            Some(Value::String(id)) if !id.is_empty() && id.len() <= MAX_ID_BYTES => id,
            _ if wants_id => {
                return Err(bad("Expected an \"id\" that is a string of 1 to 256 bytes"));
            }
            _ => String::new(),
        };
        match (ty.as_str(), payload) {
            ("subscribe", payload) => Operation::from_json(payload)
                .map(|operation| Self::Subscribe { id, operation })
                .map_err(|error: Malformed| {
                    bad(&format!("Invalid payload of \"subscribe\": {error}"))
                }),
            ("complete", _) => Ok(Self::Complete { id }),
            ("connection_init", Value::Null) => Ok(Self::Init(Map::new())),
            ("connection_init", Value::Object(payload)) => Ok(Self::Init(payload)),
            ("ping", Value::Null | Value::Object(_)) => Ok(Self::Ping),
            ("pong", Value::Null | Value::Object(_)) => Ok(Self::Pong),
            ("connection_init" | "ping" | "pong", _) => {
                Err(bad("Expected a \"payload\" that is an object"))
            }
            _ => Err(bad(
                "Expected a \"type\" of connection_init, ping, pong, subscribe or complete",
            )),
        }
    }
}

/// `connection_ack`
pub(super) fn ack() -> Message {
    Message::Text(Utf8Bytes::from_static(r#"{"type":"connection_ack"}"#))
}

/// `pong`
pub(super) fn pong() -> Message {
    Message::Text(Utf8Bytes::from_static(r#"{"type":"pong"}"#))
}

/// `next` with an answer. Those who share the answer and chose the same id share the text as well.
pub(super) fn next(id: &str, answer: &Answer) -> Message {
    text(answer.in_form(id, |body| with_payload("next", id, body)))
}

/// `error` with an array of errors, given as JSON text.
pub(super) fn error(id: &str, errors: &[u8]) -> Message {
    text(with_payload("error", id, errors))
}

/// `complete`
pub(super) fn complete(id: &str) -> Message {
    Message::Text(format!(r#"{{"id":{},"type":"complete"}}"#, Value::from(id)).into())
}

/// The payload is copied as it is, so a response is serialised once.
fn with_payload(ty: &str, id: &str, payload: &[u8]) -> Bytes {
    let id = Value::from(id).to_string();
    let parts: [&[u8]; 7] = [
        b"{\"id\":",
        id.as_bytes(),
        b",\"type\":\"",
        ty.as_bytes(),
        b"\",\"payload\":",
        payload,
        b"}",
    ];
    parts.concat().into()
}

/// A message of what is JSON text, without a copy.
fn text(json: Bytes) -> Message {
    Message::Text(Utf8Bytes::try_from(json).unwrap_or_default())
}

/// Why the server ends a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: u16,
    reason: String,
}

impl Close {
    pub(super) fn new(code: u16, reason: &str) -> Self {
        // A close frame has room for 123 bytes of reason.
        let mut end = reason.len().min(123);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        Self {
            code,
            reason: reason[..end].to_owned(),
        }
    }
}

impl From<Close> for Message {
    fn from(close: Close) -> Self {
        Self::Close(Some(CloseFrame {
            code: close.code,
            reason: close.reason.into(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_closes_with_4400() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"start"}"#,
            r#"{"type":"next","id":"1"}"#,
            r#"{"type":"ping","payload":1}"#,
            r#"{"type":"connection_init","payload":"token"}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"complete","id":""}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}"#,
        ] {
            assert_eq!(Incoming::parse(text).unwrap_err().code, 4400, "{text}");
        }
        assert!(Incoming::parse(r#"{"type":"ping"}"#).is_ok());
        assert!(Incoming::parse(r#"{"type":"connection_init","payload":null}"#).is_ok());
    }

    #[test]
    fn reasons_fit_into_a_close_frame() {
        assert_eq!(Close::new(4400, &"ß".repeat(100)).reason.len(), 122);
    }

    #[test]
    fn an_answer_is_put_into_a_message_as_it_is() {
        let answer = Answer::refusal("X", "ß");
        let body = r#"{"errors":[{"message":"ß","extensions":{"code":"X"}}]}"#;
        let text = format!(r#"{{"id":"a\"b","type":"next","payload":{body}}}"#);
        assert_eq!(next("a\"b", &answer), Message::Text(text.into()));
    }

    #[test]
    fn ids_are_escaped() {
        assert_eq!(
            complete("a\"b"),
            Message::Text(r#"{"id":"a\"b","type":"complete"}"#.into())
        );
    }
}
