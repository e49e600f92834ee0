//! The sub-protocol graphql-transport-ws: messages, close codes, and readers that do not read.

use std::{collections::HashSet, sync::atomic::Ordering, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::Message;
use understory::http::HttpConfig;

use super::support::{
    TOKEN, config,
    schema::{ENDLESS, FLOODED},
    socket::{Seen, Socket},
    start, start_with,
};

const PROTOCOL: Option<&str> = Some("graphql-transport-ws");

fn message(json: Value) -> Seen {
    Seen::Message(json)
}

#[tokio::test]
async fn operations_of_each_kind_run_over_one_socket() {
    let server = start().await;
    let mut socket = Socket::acknowledged(&server).await;
    for (query, answers) in [
        ("{ viewer }", vec![json!({"viewer": "Ada"})]),
        ("mutation { write }", vec![json!({"write": 1})]),
        (
            "subscription { count(to: 2) }",
            vec![json!({"count": 1}), json!({"count": 2})],
        ),
        ("subscription { count(to: 0) }", vec![]),
    ] {
        // The id is free again as soon as `complete` has come.
        socket.subscribe("same", query).await;
        for data in answers {
            let next = json!({"id": "same", "type": "next", "payload": {"data": data}});
            assert_eq!(socket.next().await, message(next), "{query}");
        }
        let complete = json!({"id": "same", "type": "complete"});
        assert_eq!(socket.next().await, message(complete), "{query}");
    }
}

#[tokio::test]
async fn what_is_not_executed_is_an_error_with_a_list() {
    let server = start().await;
    let mut socket = Socket::acknowledged(&server).await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($t: String!) { echo(text: $t) }", "BAD_USER_INPUT"),
        ("{ crash }", "INTERNAL_SERVER_ERROR"),
        ("{ wait(ms: 2000) }", "TIMEOUT"),
    ] {
        socket.subscribe("1", query).await;
        let Seen::Message(error) = socket.next().await else {
            panic!("{query}: closed")
        };
        assert_eq!(
            (&error["id"], &error["type"]),
            (&json!("1"), &json!("error")),
            "{error}"
        );
        assert_eq!(error["payload"][0]["extensions"]["code"], code, "{error}");
    }
    socket.subscribe("1", "subscription { crash }").await;
    assert!(matches!(socket.next().await, Seen::Message(it) if it["type"] == "next"));
    assert!(matches!(socket.next().await, Seen::Message(it) if it["type"] == "error"));
    // A field that fails is an answer like any other.
    socket.subscribe("1", "{ fail }").await;
    assert!(matches!(socket.next().await, Seen::Message(it) if it["type"] == "next"));
}

#[tokio::test]
async fn each_breach_closes_with_its_code() {
    let server = start().await;
    let init =
        json!({"type": "connection_init", "payload": {"Authorization": format!("Bearer {TOKEN}")}});
    let endless =
        json!({"type": "subscribe", "id": "1", "payload": {"query": "subscription { endless }"}});
    for (messages, code) in [
        (vec![json!("nonsense")], 4400),
        (vec![json!({"type": "start"})], 4400),
        (
            vec![init.clone(), json!({"type": "subscribe", "id": "1"})],
            4400,
        ),
        (vec![endless.clone()], 4401),
        (vec![json!({"type": "connection_init"})], 4403),
        (
            vec![json!({"type": "connection_init", "payload": {"token": "bad"}})],
            4403,
        ),
        (
            vec![json!({"type": "connection_init", "payload": {"token": "broken"}})],
            1013,
        ),
        (vec![json!({"type": "ping"})], 4408),
        (vec![init.clone(), endless.clone(), endless], 4409),
        (vec![init.clone(), init], 4429),
    ] {
        let mut socket = Socket::open(&server, "/graphql/ws", PROTOCOL).await;
        for message in &messages {
            socket.send(message.clone()).await;
        }
        let closed = loop {
            if let Seen::Closed(code, _) = socket.next().await {
                break code;
            }
        };
        assert_eq!(closed, code, "{messages:?}");
    }
    for protocol in [None, Some("graphql-ws")] {
        let Ok(mut socket) = Socket::try_open(&server, "/graphql", protocol).await else {
            // A client that insists on its protocol gives up by itself.
            continue;
        };
        assert_eq!(socket.closed().await, 4406, "{protocol:?}");
    }
    let mut socket = Socket::acknowledged(&server).await;
    socket.0.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(socket.closed().await, 4400);
    let mut socket = Socket::acknowledged(&server).await;
    let _ = socket.0.send(Message::text("x".repeat(2 << 20))).await;
    let end = socket.0.next().await;
    assert!(
        matches!(&end, Some(Ok(Message::Close(_)) | Err(_)) | None),
        "{end:?}"
    );
}

#[tokio::test]
async fn pings_go_both_ways() {
    let server = start().await;
    let mut socket = Socket::open(&server, "/graphql", PROTOCOL).await;
    socket
        .send(json!({"type": "ping", "payload": {"any": 1}}))
        .await;
    assert_eq!(socket.next().await, message(json!({"type": "pong"})));
    let mut socket = Socket::acknowledged(&server).await;
    socket.send(json!({"type": "pong"})).await;
    assert!(matches!(socket.0.next().await, Some(Ok(Message::Ping(_)))));
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_dropped() {
    let server = start().await;
    let socket = Socket::acknowledged(&server).await;
    socket_is_dropped(socket, Duration::from_secs(3)).await;
}

/// The raw connection ends without anything being written to it.
async fn socket_is_dropped(socket: Socket, within: Duration) {
    use tokio::io::AsyncReadExt;
    let tokio_tungstenite::MaybeTlsStream::Plain(mut stream) = socket.0.into_inner() else {
        panic!("a plain connection")
    };
    let mut bytes = Vec::new();
    let ended = tokio::time::timeout(within, stream.read_to_end(&mut bytes)).await;
    assert!(ended.is_ok(), "still open after {within:?}");
}

#[tokio::test]
async fn complete_stops_the_subscription_and_frees_its_id() {
    let server = start().await;
    let mut socket = Socket::acknowledged(&server).await;
    for _ in 0..3 {
        socket.subscribe("1", "subscription { endless }").await;
        assert!(matches!(socket.next().await, Seen::Message(it) if it["type"] == "next"));
        socket.send(json!({"type": "complete", "id": "1"})).await;
    }
    socket
        .send(json!({"type": "complete", "id": "unknown"}))
        .await;
    socket.subscribe("2", "{ hello }").await;
    assert!(matches!(socket.next().await, Seen::Message(it) if it["id"] == "2"));
}

#[tokio::test]
async fn operations_run_beside_each_other_up_to_the_limit() {
    let server = start_with(HttpConfig {
        operations_per_socket: 2,
        ..config()
    })
    .await;
    let mut socket = Socket::acknowledged(&server).await;
    for id in ["a", "b", "c"] {
        socket.subscribe(id, "{ wait(ms: 100) }").await;
    }
    let mut seen = HashSet::new();
    for _ in 0..5 {
        let Seen::Message(it) = socket.next().await else {
            panic!("closed")
        };
        seen.insert(format!(
            "{} {}",
            it["id"].as_str().unwrap(),
            it["type"].as_str().unwrap()
        ));
    }
    let expected = ["a next", "a complete", "b next", "b complete", "c error"];
    assert_eq!(seen, expected.map(str::to_owned).into());
}

#[tokio::test]
async fn a_slow_reader_blocks_its_own_streams_and_is_dropped_in_the_end() {
    let server = start().await;
    let mut slow = Socket::acknowledged(&server).await;
    let mut other = Socket::acknowledged(&server).await;
    let before = FLOODED.load(Ordering::SeqCst);
    slow.subscribe("1", "subscription { flood }").await;
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(400) {
        other.subscribe("1", "{ hello }").await;
        assert!(matches!(other.next().await, Seen::Message(it) if it["type"] == "next"));
        assert!(matches!(other.next().await, Seen::Message(it) if it["type"] == "complete"));
        sleep(Duration::from_millis(20)).await;
    }
    // What was produced fits into the kernel's buffers and the queue, not into memory without end.
    assert!(FLOODED.load(Ordering::SeqCst) - before < 1_000);
    socket_is_dropped(slow, Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_revoked_token_closes_the_socket() {
    let server = start().await;
    let mut socket = Socket::acknowledged(&server).await;
    server.tokens.revoke();
    assert_eq!(socket.closed().await, 4403);
}

/// Nobody is asked for a sign of life for so long that only what is told can end a session.
fn patient() -> HttpConfig {
    HttpConfig {
        ping_interval: Duration::from_secs(3_600),
        ..config()
    }
}

#[tokio::test]
async fn a_revocation_that_is_told_closes_the_socket_at_once() {
    let server = start_with(patient()).await;
    let mut socket = Socket::acknowledged(&server).await;
    server.tokens.tell();
    socket.subscribe("1", "subscription { endless }").await;
    assert!(matches!(socket.next().await, Seen::Message(it) if it["type"] == "next"));
    server.tokens.revoke();
    server.tokens.tell();
    let reason = "Forbidden: the token was revoked".to_owned();
    assert_eq!(socket.next().await, Seen::Closed(4403, reason));
}

#[tokio::test]
async fn a_token_that_expires_closes_the_socket_in_its_time() {
    let server = start_with(patient()).await;
    server.tokens.expire_in(Duration::from_millis(500));
    let mut socket = Socket::acknowledged(&server).await;
    let reason = "Forbidden: the token has expired".to_owned();
    assert_eq!(socket.next().await, Seen::Closed(4403, reason));
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_subscriptions_along() {
    let server = start().await;
    let mut socket = Socket::acknowledged(&server).await;
    for id in 0..50 {
        socket
            .subscribe(&id.to_string(), "subscription { endless }")
            .await;
    }
    for _ in 0..50 {
        socket.next().await;
    }
    assert!(ENDLESS.load(Ordering::SeqCst) >= 50);
    drop(socket);
    let began = Instant::now();
    // Other tests may hold a few.
    while ENDLESS.load(Ordering::SeqCst) >= 40 {
        assert!(began.elapsed() < Duration::from_secs(5));
        sleep(Duration::from_millis(10)).await;
    }
}
