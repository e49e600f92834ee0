//! The id of a request: taken from `x-request-id` if a proxy gave a sound one, else made here. It is
//! in the answer's headers, in the log's lines about the request, and in errors of which only the
//! log has the reason.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName};

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Characters of an id that is taken over.
const LENGTH_LIMIT: usize = 64;

/// The id of one request, for whoever answers it.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) Arc<str>);

impl RequestId {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok());
        match given.filter(|id| is_sound(id)) {
            Some(id) => Self(id.into()),
            // Without randomness a line of the log can still be found by its time.
            None => Self(format!("{:016x}", getrandom::u64().unwrap_or_default()).into()),
        }
    }

    /// The id of the request behind an operation of a long-lived connection.
    pub(super) fn nth(&self, operation: u64) -> String {
        format!("{}-{operation}", self.0)
    }
}

/// Whether an id of somebody else's making can stand in headers and logs as it is.
fn is_sound(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    !id.is_empty() && id.len() <= LENGTH_LIMIT && id.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_sound_ids_are_taken_over() {
        let id_for = |given: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_str(given).unwrap());
            RequestId::of(&headers).0.to_string()
        };
        for sound in ["a", "7f3c-11.x_y:z", &"a".repeat(LENGTH_LIMIT)] {
            assert_eq!(id_for(sound), sound);
        }
        for odd in ["", "a b", "a\"b", "a{b}", &"a".repeat(LENGTH_LIMIT + 1)] {
            let made = id_for(odd);
            assert_eq!(made.len(), 16, "{odd:?}");
            assert_ne!(made, odd);
        }
        assert_ne!(
            RequestId::of(&HeaderMap::new()).0,
            RequestId::of(&HeaderMap::new()).0
        );
    }
}
