//! Media types: what the client accepts, and what it sends.
//!
//! GraphQL over HTTP knows two response types. They differ in the status of request errors: 400
//! with `application/graphql-response+json`, 200 with `application/json`, where old clients look no
//! further than the status.

use axum::http::{HeaderMap, HeaderName, StatusCode, header};

use super::refusal::Refusal;
use crate::graphql::service::code;

/// A media type of GraphQL responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/graphql-response+json`
    GraphqlResponse,
    /// `application/json`
    Json,
}

impl MediaType {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// The response type that the client likes best. Without preference it is `application/json`, as
/// the specification asks for the sake of old clients.
pub(super) fn response_media(headers: &HeaderMap) -> Result<MediaType, Refusal> {
    let accept = list(headers, header::ACCEPT);
    if accept.trim().is_empty() {
        return Ok(MediaType::Json);
    }
    let modern = quality(&accept, "application", "graphql-response+json");
    let json = quality(&accept, "application", "json");
    match (modern, json) {
        (None, None) => Err(Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            code::NOT_ACCEPTABLE,
            "Expected \"Accept\" to allow application/graphql-response+json or application/json; \
             text/event-stream is served under /graphql/stream.",
        )),
        // Named and equally liked, the modern type wins; through a wildcard, the old one.
        (Some(modern), json) if json.is_none_or(|json| json < modern) => {
            Ok(MediaType::GraphqlResponse)
        }
        (Some(modern), Some(json)) if json == modern && modern.specificity == 2 => {
            Ok(MediaType::GraphqlResponse)
        }
        _ => Ok(MediaType::Json),
    }
}

/// Refuses a client that does not accept event streams.
pub(super) fn accepts_events(headers: &HeaderMap) -> Result<(), Refusal> {
    let accept = list(headers, header::ACCEPT);
    if accept.trim().is_empty() || quality(&accept, "text", "event-stream").is_some() {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::NOT_ACCEPTABLE,
        code::NOT_ACCEPTABLE,
        "Expected \"Accept\" to allow text/event-stream; single responses are served under /graphql.",
    ))
}

/// Refuses a body that is not declared to be JSON in UTF-8. Being strict here also keeps pages of
/// other origins from posting without a preflight.
pub(super) fn requires_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let content_type = list(headers, header::CONTENT_TYPE);
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|it| it.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let value = value.trim().trim_matches('"');
            value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
        }
        _ => true,
    });
    let encoding = list(headers, header::CONTENT_ENCODING);
    if is_json && is_utf8 && matches!(encoding.trim(), "" | "identity") {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        code::UNSUPPORTED_MEDIA_TYPE,
        "Expected \"Content-Type: application/json\" in UTF-8, without a content encoding.",
    ))
}

/// How much a type is liked, and by how specific a range; compared in this order.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Quality {
    q: f32,
    specificity: u8,
}

/// The quality of a type by the most specific range that matches it; `None` if it is not
/// acceptable.
fn quality(accept: &str, ty: &str, subtype: &str) -> Option<Quality> {
    accept
        .split(',')
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let (range_type, range_subtype) = parts.next()?.split_once('/')?;
            let specificity = match (range_type, range_subtype) {
                ("*", "*") => 0,
                (it, "*") if it.eq_ignore_ascii_case(ty) => 1,
                (it, sub) if it.eq_ignore_ascii_case(ty) && sub.eq_ignore_ascii_case(subtype) => 2,
                _ => return None,
            };
            let q = weight(parts);
            Some(Quality { q, specificity })
        })
        .max_by_key(|quality| quality.specificity)
        .filter(|quality| quality.q > 0.0)
}

/// How much something is liked, by its parameters.
fn weight<'a>(mut parameters: impl Iterator<Item = &'a str>) -> f32 {
    parameters
        .find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then_some(value)
        })
        .and_then(|value| value.trim().parse::<f32>().ok())
        .map_or(1.0, |q| q.clamp(0.0, 1.0))
}

/// Whether a client wants its answer neither as it is nor compressed as answers may be. To find that
/// out after a mutation has run would be too late to refuse it, so it is answered as if it had not
/// said so.
pub(super) fn refuses_all_encodings(headers: &HeaderMap) -> bool {
    let accept = list(headers, header::ACCEPT_ENCODING);
    let of = |name: &str| {
        accept.split(',').find_map(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let is_meant = parts.next()?.eq_ignore_ascii_case(name);
            is_meant.then(|| weight(parts))
        })
    };
    let accepts = |name: &str, unless_said: bool| {
        let said = of(name).or_else(|| of("*"));
        said.map_or(unless_said, |q| q > 0.0)
    };
    !accepts("identity", true) && !accepts("gzip", false)
}

/// The values of a header that may stand several times, as one list.
fn list(headers: &HeaderMap, name: HeaderName) -> String {
    let values: Vec<_> = headers
        .get_all(name)
        .iter()
        .filter_map(|it| it.to_str().ok())
        .collect();
    values.join(",")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn the_best_liked_response_type_wins() {
        use MediaType::{GraphqlResponse, Json};
        for (accept, expected) in [
            ("", Some(Json)),
            ("*/*", Some(Json)),
            ("application/*", Some(Json)),
            ("application/json", Some(Json)),
            ("application/graphql-response+json", Some(GraphqlResponse)),
            (
                "application/graphql-response+json, application/json",
                Some(GraphqlResponse),
            ),
            (
                "application/json, application/graphql-response+json",
                Some(GraphqlResponse),
            ),
            (
                "application/graphql-response+json;q=0.5, application/json",
                Some(Json),
            ),
            (
                "application/graphql-response+json, application/json; q=0.9",
                Some(GraphqlResponse),
            ),
            ("application/json;q=0, */*", Some(GraphqlResponse)),
            ("application/graphql-response+json;q=0, */*", Some(Json)),
            ("APPLICATION/JSON; charset=utf-8", Some(Json)),
            ("text/html, application/xhtml+xml, */*;q=0.8", Some(Json)),
            (
                "application/graphql-response+json, */*;q=0.1",
                Some(GraphqlResponse),
            ),
            ("text/event-stream", None),
            ("text/*, image/png", None),
            ("*/*;q=0", None),
            ("nonsense", None),
        ] {
            let found = response_media(&with(header::ACCEPT, accept)).ok();
            assert_eq!(found, expected, "Accept: {accept}");
        }
        assert_eq!(response_media(&HeaderMap::new()).ok(), Some(Json));
    }

    #[test]
    fn only_json_in_utf8_is_read() {
        for (content_type, fine) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json;charset=\"utf-8\"", true),
            ("application/json; charset=latin1", false),
            ("application/json+ld", false),
            ("text/plain", false),
            ("multipart/form-data; boundary=x", false),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ] {
            let found = requires_json(&with(header::CONTENT_TYPE, content_type));
            assert_eq!(found.is_ok(), fine, "Content-Type: {content_type}");
        }
    }

    #[test]
    fn a_client_may_refuse_one_encoding_but_not_all_of_them() {
        for (accept, refuses) in [
            ("", false),
            ("gzip", false),
            ("identity;q=0", true),
            ("*;q=0", true),
            ("*; q=0.0, br", true),
            ("identity;q=0, *", false),
            ("GZIP;q=0.5, *;q=0", false),
            ("identity, *;q=0", false),
            ("gzip;q=0", false),
            ("gzip;q=0, identity;q=0", true),
        ] {
            let mut headers = HeaderMap::new();
            let accept = HeaderValue::from_static(accept);
            headers.insert(header::ACCEPT_ENCODING, accept.clone());
            assert_eq!(refuses_all_encodings(&headers), refuses, "{accept:?}");
        }
    }
}
