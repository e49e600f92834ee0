//! GraphQL over HTTP: statuses, media types, who is let in, and what is refused how.

use serde_json::json;

use super::support::{
    TOKEN,
    client::{encode, post, send},
    config, start, start_with,
};

const JSON: &str = "application/json";
const MODERN: &str = "application/graphql-response+json";

#[tokio::test]
async fn status_and_type_follow_from_the_outcome_and_the_accepted_type() {
    let server = start().await;
    let deep = "{".repeat(100_000);
    for (request, json_status, modern_status) in [
        (json!({"query": "{ hello }"}), 200, 200),
        (json!({"query": "{ fail }"}), 200, 200),
        (json!({"query": "{ must }"}), 200, 200),
        (json!({"query": "mutation { write }"}), 200, 200),
        (json!({"query": "{"}), 200, 400),
        (json!({"query": "{ nope }"}), 200, 400),
        (json!({"query": deep}), 200, 400),
        (
            json!({"query": "query($t: String!) { echo(text: $t) }"}),
            200,
            400,
        ),
        (
            json!({"query": "{ hello }", "operationName": "Nope"}),
            200,
            400,
        ),
        (json!({"query": "{ crash }"}), 500, 500),
        (json!({"query": "{ wait(ms: 2000) }"}), 504, 504),
        (json!({"query": "subscription { count(to: 1) }"}), 400, 400),
        (json!({}), 400, 400),
        (json!({"query": 1}), 400, 400),
        (json!({"query": "{ hello }", "variables": []}), 400, 400),
        (json!([{"query": "{ hello }"}]), 400, 400),
    ] {
        for (accept, status) in [(JSON, json_status), (MODERN, modern_status)] {
            let reply = post(server.address, accept, &request).await;
            let text = reply.text();
            assert_eq!(reply.status, status, "{accept} {request:.100}: {text}");
            assert_eq!(
                reply.header("content-type"),
                format!("{accept}; charset=utf-8"),
                "{text}"
            );
            assert_eq!(reply.header("cache-control"), "no-store");
            if status >= 400 {
                reply.code();
            }
        }
    }
}

#[tokio::test]
async fn answers_are_those_of_the_viewer() {
    let server = start().await;
    let reply = post(server.address, JSON, &json!({"query": "{ viewer hello }"})).await;
    assert_eq!(reply.text(), r#"{"data":{"viewer":"Ada","hello":"world"}}"#);
}

#[tokio::test]
async fn a_subscription_is_told_where_to_go() {
    let server = start().await;
    let request = json!({"query": "subscription { count(to: 1) }"});
    let reply = post(server.address, JSON, &request).await;
    assert!(reply.text().contains("/graphql/ws"), "{}", reply.text());
    assert!(
        reply.text().contains("graphql-transport-ws"),
        "{}",
        reply.text()
    );
}

#[tokio::test]
async fn only_a_good_bearer_token_is_let_in() {
    let server = start().await;
    let good = format!("Bearer {TOKEN}");
    let lower = format!("bearer {TOKEN}");
    let introspection = r#"{"query":"{ __schema { queryType { name } } }"}"#;
    for (authorization, status) in [
        (Some(good.as_str()), 200),
        (Some(&lower), 200),
        (None, 401),
        (Some(TOKEN), 401),
        (Some("Bearer"), 401),
        (Some("Bearer "), 401),
        (Some("Bearer bad-token"), 401),
        (Some("Basic Z29vZDp0b2tlbg=="), 401),
        (Some("Bearer broken"), 503),
    ] {
        let mut headers = vec![("content-type", JSON)];
        headers.extend(authorization.map(|value| ("authorization", value)));
        for path in ["/graphql", "/graphql/stream"] {
            let reply = send(server.address, "POST", path, &headers, introspection).await;
            assert_eq!(reply.status, status, "{path} {authorization:?}");
            if status == 401 {
                assert!(reply.header("www-authenticate").starts_with("Bearer"));
                assert_eq!(reply.code(), "UNAUTHENTICATED");
            }
        }
    }
    let twice = [
        ("content-type", JSON),
        ("authorization", &good),
        ("authorization", &good),
    ];
    assert_eq!(
        send(server.address, "POST", "/graphql", &twice, introspection)
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_the_shape_of_a_response() {
    let server = start().await;
    let token = format!("Bearer {TOKEN}");
    let auth = ("authorization", token.as_str());
    let json_type = ("content-type", JSON);
    let query = r#"{"query":"{ hello }"}"#;
    let mutation = format!("/graphql?query={}", encode("mutation { write }"));
    let large = format!("{{\"query\":\"{}\"}}", " ".repeat(1 << 20));
    let surrogate =
        r#"{"query":"query($t: String!) { echo(text: $t) }","variables":{"t":"\ud800"}}"#;
    let cases: [(&str, &str, Vec<_>, &str, u16, &str); 19] = [
        (
            "POST",
            "/graphql",
            vec![auth],
            query,
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            "POST",
            "/graphql",
            vec![auth, ("content-type", "text/plain")],
            query,
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            "POST",
            "/graphql",
            vec![auth, json_type, ("content-encoding", "gzip")],
            query,
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            "POST",
            "/graphql",
            vec![auth, json_type, ("accept", "text/html")],
            query,
            406,
            "NOT_ACCEPTABLE",
        ),
        (
            "POST",
            "/graphql",
            vec![auth, json_type],
            "",
            400,
            "BAD_REQUEST",
        ),
        (
            "POST",
            "/graphql",
            vec![auth, json_type],
            "{",
            400,
            "BAD_REQUEST",
        ),
        (
            "POST",
            "/graphql",
            vec![auth, json_type],
            surrogate,
            400,
            "BAD_REQUEST",
        ),
        (
            "POST",
            "/graphql",
            vec![auth, json_type],
            &large,
            413,
            "PAYLOAD_TOO_LARGE",
        ),
        ("GET", "/graphql", vec![auth], "", 400, "BAD_REQUEST"),
        (
            "GET",
            "/graphql?query=%7Bhello%7D&variables=%5B",
            vec![auth],
            "",
            400,
            "BAD_REQUEST",
        ),
        ("GET", &mutation, vec![auth], "", 405, "METHOD_NOT_ALLOWED"),
        (
            "DELETE",
            "/graphql",
            vec![auth],
            "",
            405,
            "METHOD_NOT_ALLOWED",
        ),
        (
            "PUT",
            "/graphql/stream",
            vec![auth],
            "",
            405,
            "METHOD_NOT_ALLOWED",
        ),
        ("OPTIONS", "/graphql", vec![], "", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/healthz", vec![], "", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/nowhere", vec![], "", 404, "NOT_FOUND"),
        ("GET", "/readyz", vec![], "", 503, "UNAVAILABLE"),
        ("GET", "/panic", vec![], "", 500, "INTERNAL_SERVER_ERROR"),
        ("GET", "/graphql/ws", vec![], "", 426, "BAD_REQUEST"),
    ];
    for (method, path, headers, body, status, code) in cases {
        let reply = send(server.address, method, path, &headers, body).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{method} {path} {body:.80}"
        );
        if status == 405 {
            assert!(!reply.header("allow").is_empty(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn queries_come_by_get_too() {
    let server = start().await;
    let token = format!("Bearer {TOKEN}");
    let query = encode("query Q($t: String!) { echo(text: $t) } query R { hello }");
    let path = format!(
        "/graphql?query={query}&operationName=Q&variables={}&extensions=",
        encode(r#"{"t":"a&b ü"}"#)
    );
    let headers = [("authorization", token.as_str()), ("accept", MODERN)];
    let reply = send(server.address, "GET", &path, &headers, "").await;
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (200, r#"{"data":{"echo":"a&b ü"}}"#)
    );
    let head = send(server.address, "HEAD", &path, &headers, "").await;
    assert_eq!((head.status, head.text().as_str()), (200, ""));
}

#[tokio::test]
async fn long_answers_are_compressed_for_those_who_can_read_them() {
    let server = start().await;
    let token = format!("Bearer {TOKEN}");
    let auth = ("authorization", token.as_str());
    let request = r#"{"query":"{ large(bytes: 100000) }"}"#;
    let plain = send(
        server.address,
        "POST",
        "/graphql",
        &[auth, ("content-type", JSON)],
        request,
    )
    .await;
    assert_eq!(plain.header("content-encoding"), "");
    assert!(plain.body.len() > 100_000);
    let headers = [auth, ("content-type", JSON), ("accept-encoding", "gzip")];
    let packed = send(server.address, "POST", "/graphql", &headers, request).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.body.len() < 10_000);
    // Whoever refuses each encoding is answered nevertheless: a mutation would have run by then.
    let headers = [auth, ("content-type", JSON), ("accept-encoding", "*;q=0")];
    let refused = send(server.address, "POST", "/graphql", &headers, request).await;
    assert_eq!((refused.status, refused.body), (200, plain.body));
}

#[tokio::test]
async fn pages_and_health_need_no_token() {
    let server = start().await;
    for (path, body) in [("/", "<!doctype html>"), ("/healthz", r#"{"status":"ok"}"#)] {
        let reply = send(server.address, "GET", path, &[], "").await;
        assert_eq!((reply.status, reply.text().as_str()), (200, body), "{path}");
    }
    let reply = send(server.address, "GET", "/readyz", &[], "").await;
    assert!(reply.text().contains("the scheduler does not run"));
}

#[tokio::test]
async fn other_origins_may_call_only_if_configured() {
    let preflight = [
        ("origin", "https://example.org"),
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "authorization,content-type",
        ),
    ];
    let closed = start().await;
    let reply = send(closed.address, "OPTIONS", "/graphql", &preflight, "").await;
    assert_eq!(reply.header("access-control-allow-origin"), "");

    let cors_origins = vec!["https://example.org".to_owned()];
    let open = start_with(understory::http::HttpConfig {
        cors_origins,
        ..config()
    })
    .await;
    let reply = send(open.address, "OPTIONS", "/graphql", &preflight, "").await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("access-control-allow-origin"),
        "https://example.org"
    );
    assert!(
        reply
            .header("access-control-allow-headers")
            .contains("authorization")
    );
    let other = [("origin", "https://example.com"), preflight[1]];
    let reply = send(open.address, "OPTIONS", "/graphql", &other, "").await;
    assert_eq!(reply.header("access-control-allow-origin"), "");
}
