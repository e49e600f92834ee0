//! Brackets in brackets, wherever they may stand: an error, however many, and never a crash.

use serde_json::json;
use understory::{graphql::service::Limits, http::HttpConfig};

use super::{
    super::support::{
        Server, TOKEN,
        client::{post, send},
        config,
        socket::Socket,
        start_within,
    },
    JSON, refusal,
};

const MANY: usize = 100_000;

/// A server that looks at documents of some megabytes.
async fn generous(limits: Limits) -> Server {
    let config = HttpConfig {
        body_limit: 16 << 20,
        message_limit: 16 << 20,
        ..config()
    };
    let limits = Limits {
        document_bytes: 8 << 20,
        tokens: 10_000_000,
        string_bytes: 8 << 20,
        ..limits
    };
    start_within(config, limits).await
}

/// Documents in which so many brackets are open at once, each in another position.
fn nested(times: usize) -> Vec<String> {
    let around = |open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    vec![
        around("{", "", "}"),
        "{".repeat(times),
        "[".repeat(times),
        "(".repeat(times),
        around("{ node ", "{ name }", "}"),
        format!("{{ {} }}", around("... { ", "hello", " }")),
        format!("{{ {} }}", around("... on Query { ", "hello", " }")),
        format!("{{ echo(text: {}) }}", around("[", "", "]")),
        format!("{{ echo(text: {}) }}", around("{a: ", "1", "}")),
        format!("{{ hello @skip(if: {}) }}", around("[", "", "]")),
        format!("query($v: {}) {{ hello }}", around("[", "Int", "]")),
        format!("query($v: Int = {}) {{ hello }}", around("[", "1", "]")),
        format!("query($v: Int = {}) {{ hello }}", around("{a: ", "1", "}")),
        format!("query @a(b: {}) {{ hello }}", around("[", "1", "]")),
        format!("fragment F on Query {}", around("{ node ", "{ name }", "}")),
        format!("mutation {}", around("{ write ", "", "}")),
    ]
}

#[tokio::test]
async fn a_hundred_thousand_open_brackets_are_an_error() {
    let server = generous(Limits::default()).await;
    for document in nested(MANY) {
        let refused = refusal(&server, &document, &json!({})).await;
        assert_eq!(
            refused.as_deref(),
            Some("QUERY_TOO_COMPLEX"),
            "{document:.40}"
        );
    }
    assert_alive(&server).await;
}

#[tokio::test]
async fn as_many_brackets_as_can_be_configured_are_parsed() {
    let server = generous(Limits {
        brackets: 128,
        nesting: 32,
        depth: 32,
        ..Limits::default()
    })
    .await;
    for document in nested(120) {
        assert!(
            refusal(&server, &document, &json!({})).await.is_some(),
            "{document:.40}"
        );
    }
    let deep = format!("{{ {}name{} }}", "node { ".repeat(31), " }".repeat(31));
    assert_eq!(refusal(&server, &deep, &json!({})).await, None);
}

#[tokio::test]
async fn nested_json_is_an_error_in_each_part_of_a_request() {
    let server = generous(Limits::default()).await;
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str()), ("content-type", JSON)];
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let value = format!("{}1{}", open.repeat(MANY), close.repeat(MANY));
        for body in [
            value.clone(),
            open.repeat(MANY),
            format!(r#"{{"query":"{{ hello }}","variables":{{"v":{value}}}}}"#),
            format!(r#"{{"query":"{{ hello }}","extensions":{{"v":{value}}}}}"#),
            format!(r#"{{"query":{value}}}"#),
        ] {
            let reply = send(server.address, "POST", "/graphql", &headers, &body).await;
            assert_eq!(
                (reply.status, reply.code()),
                (400, "BAD_REQUEST".to_owned())
            );
            let mut socket = Socket::acknowledged(&server).await;
            let message = format!(r#"{{"type":"subscribe","id":"1","payload":{body}}}"#);
            socket.send_text(message).await;
            assert_eq!(socket.closed().await, 4400);
        }
    }
    assert_alive(&server).await;
}

async fn assert_alive(server: &Server) {
    let reply = post(server.address, JSON, &json!({"query": "{ hello }"})).await;
    assert_eq!(reply.text(), r#"{"data":{"hello":"world"}}"#);
}
