//! How much one request or message may hold.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use understory::{graphql::service::Limits, http::HttpConfig};

use super::{
    super::support::{
        Server, TOKEN,
        client::{Reply, parse, post, send},
        config,
        socket::{Seen, Socket},
        start_with, start_within,
    },
    JSON, MODERN,
};

const LIMIT: usize = 1_000;

fn small() -> HttpConfig {
    HttpConfig {
        body_limit: LIMIT,
        message_limit: LIMIT,
        head_limit: 8_192,
        ..config()
    }
}

/// A request of so many bytes.
fn request(bytes: usize) -> String {
    let request = r#"{"query":"{ hello }"}"#;
    format!("{request}{}", " ".repeat(bytes - request.len()))
}

#[tokio::test]
async fn a_body_is_read_up_to_the_limit() {
    let server = start_with(small()).await;
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str()), ("content-type", JSON)];
    for path in ["/graphql", "/graphql/stream"] {
        let within = send(server.address, "POST", path, &headers, &request(LIMIT)).await;
        assert_eq!(within.status, 200, "{path}");
        let beyond = send(server.address, "POST", path, &headers, &request(LIMIT + 1)).await;
        assert_eq!(
            (beyond.status, beyond.code().as_str()),
            (413, "PAYLOAD_TOO_LARGE")
        );
    }
}

/// Sends the beginning of a request, and nothing after it, and reads the whole answer.
async fn answer_to(server: &Server, header: &str, body: &str) -> Reply {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\nconnection: close\r\n{header}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes))
        .await
        .expect("an answer without the rest of the body")
        .unwrap();
    parse(&bytes)
}

#[tokio::test]
async fn ten_megabytes_are_refused_before_they_were_sent() {
    let server = start_with(HttpConfig {
        // Only the refusal can end the wait for a body that does not come.
        request_timeout: Duration::from_secs(60),
        ..small()
    })
    .await;
    let told = answer_to(&server, "content-length: 10000000", "").await;
    let chunk = request(LIMIT + 1);
    let chunk = format!("{:x}\r\n{chunk}\r\n", chunk.len());
    let chunked = answer_to(&server, "transfer-encoding: chunked", &chunk).await;
    for reply in [told, chunked] {
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (413, "PAYLOAD_TOO_LARGE")
        );
    }
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_given_up() {
    let server = start_with(small()).await;
    let reply = answer_to(&server, "content-length: 100", "{").await;
    assert_eq!((reply.status, reply.code().as_str()), (408, "TIMEOUT"));
}

#[tokio::test]
async fn a_head_is_read_up_to_the_limit() {
    let server = start_with(small()).await;
    for (bytes, status) in [(6_000, 200), (9_000, 431)] {
        let long = "x".repeat(bytes);
        let reply = send(server.address, "GET", "/healthz", &[("x-long", &long)], "").await;
        assert_eq!(reply.status, status, "{bytes} bytes");
    }
    let server = start_with(config()).await;
    let limit = config().head_limit;
    let head = |long: &str| {
        let host = "host: here\r\nconnection: close\r\n";
        format!("GET /healthz HTTP/1.1\r\n{host}x-long: {long}\r\n\r\n")
    };
    for (bytes, status) in [(limit, 200), (limit + 1, 431), (2 * limit - 1_000, 431)] {
        let head = head(&"x".repeat(bytes - head("").len()));
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).await.unwrap();
        assert_eq!(parse(&reply).status, status, "{bytes} bytes");
    }
}

#[tokio::test]
async fn a_message_is_read_up_to_the_limit() {
    let server = start_with(small()).await;
    let mut socket = Socket::acknowledged(&server).await;
    let message = |bytes: usize| {
        let message = r#"{"type":"subscribe","id":"1","payload":{"query":"{ hello }"}}"#;
        format!("{message}{}", " ".repeat(bytes - message.len()))
    };
    socket.send_text(message(LIMIT)).await;
    let next = json!({"id": "1", "type": "next", "payload": {"data": {"hello": "world"}}});
    assert_eq!(socket.next().await, Seen::Message(next));
    socket.next().await;
    socket.send_text(message(LIMIT + 1)).await;
    assert_eq!(socket.closed().await, 1009);
}

fn batch(operations: usize) -> Value {
    json!(vec![json!({"query": "{ hello }"}); operations])
}

#[tokio::test]
async fn batches_are_off_unless_they_are_switched_on() {
    let server = start_with(config()).await;
    let reply = post(server.address, MODERN, &batch(1)).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "BAD_REQUEST"));
    assert!(
        reply.text().contains("Batches are switched off"),
        "{}",
        reply.text()
    );
}

#[tokio::test]
async fn a_batch_has_as_many_operations_as_accepted() {
    let server = start_with(HttpConfig {
        batch: 3,
        ..config()
    })
    .await;
    let mixed =
        json!([{"query": "{ hello }"}, {"query": "{ nope }"}, {"query": "mutation { write }"}]);
    let reply = post(server.address, MODERN, &mixed).await;
    assert_eq!(reply.status, 200);
    let answers = reply.json();
    assert_eq!(answers[0], json!({"data": {"hello": "world"}}));
    let code = &answers[1]["errors"][0]["extensions"]["code"];
    assert_eq!(code, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(answers[2], json!({"data": {"write": 1}}));
    assert_eq!(answers.as_array().map(Vec::len), Some(3));

    let one = post(server.address, MODERN, &batch(1)).await;
    assert_eq!(one.json(), json!([{"data": {"hello": "world"}}]));
    for (wrong, code) in [
        (batch(4), "TOO_MANY_OPERATIONS"),
        (batch(0), "BAD_REQUEST"),
        (json!([{"query": "{ hello }"}, 1]), "BAD_REQUEST"),
        (json!([[{"query": "{ hello }"}]]), "BAD_REQUEST"),
        (
            json!([{"query": "subscription { endless }"}]),
            "BAD_REQUEST",
        ),
    ] {
        let reply = post(server.address, MODERN, &wrong).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, code),
            "{wrong}"
        );
    }
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str()), ("content-type", JSON)];
    let body = batch(1).to_string();
    let stream = send(server.address, "POST", "/graphql/stream", &headers, &body).await;
    assert_eq!(
        (stream.status, stream.code().as_str()),
        (400, "BAD_REQUEST")
    );
}

#[tokio::test]
async fn a_batch_costs_no_more_than_one_operation_may() {
    let limits = Limits {
        complexity: 2,
        ..Limits::default()
    };
    let server = start_within(
        HttpConfig {
            batch: 3,
            ..config()
        },
        limits,
    )
    .await;
    assert_eq!(post(server.address, MODERN, &batch(2)).await.status, 200);
    let reply = post(server.address, MODERN, &batch(3)).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "QUERY_TOO_COMPLEX")
    );
}
