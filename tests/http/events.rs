//! GraphQL over server-sent events: framing, and how streams end.

use std::{sync::atomic::Ordering, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt,
    time::{sleep, timeout},
};

use super::support::{
    Server, TOKEN,
    client::{Reply, encode, find, open, send, unchunk},
    config,
    schema::FLOODED,
    start, start_with,
};
use understory::http::HttpConfig;

async fn stream(server: &Server, query: &str) -> Reply {
    let token = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
        ("accept", "text/event-stream"),
        ("accept-encoding", "gzip"),
    ];
    let body = json!({ "query": query }).to_string();
    send(server.address, "POST", "/graphql/stream", &headers, &body).await
}

#[tokio::test]
async fn answers_are_next_events_and_then_complete() {
    let server = start().await;
    let reply = stream(&server, "subscription { count(to: 2) }").await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("content-type"),
        "text/event-stream; charset=utf-8"
    );
    assert_eq!(reply.header("content-encoding"), "");
    assert_eq!(
        reply.text(),
        "event: next\ndata: {\"data\":{\"count\":1}}\n\n\
         event: next\ndata: {\"data\":{\"count\":2}}\n\n\
         event: complete\ndata:\n\n"
    );
    for query in [
        "{ hello }",
        "mutation { write }",
        "{ nope }",
        "{",
        "{ crash }",
        "{ wait(ms: 2000) }",
    ] {
        let text = stream(&server, query).await.text();
        let events: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("event: "))
            .collect();
        assert_eq!(
            events,
            ["event: next", "event: complete"],
            "{query}: {text}"
        );
    }
}

#[tokio::test]
async fn subscriptions_come_by_get_too_but_not_mutations() {
    let server = start().await;
    let token = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", token.as_str()),
        ("accept", "text/event-stream"),
    ];
    let get = async |query: &str| {
        let path = format!("/graphql/stream?query={}", encode(query));
        send(server.address, "GET", &path, &headers, "").await
    };
    let text = get("subscription { count(to: 1) }").await.text();
    assert!(
        text.starts_with("event: next\ndata: {\"data\":{\"count\":1}}\n\n"),
        "{text}"
    );
    assert_eq!(get("mutation { write }").await.status, 405);
    let json = [
        ("authorization", token.as_str()),
        ("accept", "application/json"),
    ];
    assert_eq!(
        send(server.address, "GET", "/graphql/stream", &json, "")
            .await
            .status,
        406
    );
}

/// Reads a stream of events until `enough`.
async fn read_until(server: &Server, query: &str, enough: impl Fn(&str) -> bool) -> String {
    let token = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
    ];
    let body = json!({ "query": query }).to_string();
    let mut stream = open(server.address, "POST", "/graphql/stream", &headers, &body).await;
    let mut bytes = Vec::new();
    loop {
        let read = timeout(Duration::from_secs(5), stream.read_buf(&mut bytes))
            .await
            .unwrap();
        let ended = read.unwrap() == 0;
        let Some(head) = find(&bytes, b"\r\n\r\n") else {
            continue;
        };
        let text = String::from_utf8(unchunk(&bytes[head + 4..])).unwrap();
        if ended || enough(&text) {
            return text;
        }
    }
}

#[tokio::test]
async fn a_quiet_stream_is_kept_alive_by_comments() {
    let server = start().await;
    read_until(&server, "subscription { endless }", |text| {
        text.contains("\n:\n\n")
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_ends_before_its_time_says_why() {
    let patient = HttpConfig {
        ping_interval: Duration::from_secs(3_600),
        ..config()
    };
    for (code, why) in [
        ("UNAUTHENTICATED", "the token was revoked"),
        ("UNAUTHENTICATED", "the token has expired"),
        ("UNAVAILABLE", "shutting down"),
    ] {
        let server = start_with(patient.clone()).await;
        if why.contains("expired") {
            server.tokens.expire_in(Duration::from_millis(500));
        }
        let text = read_until(&server, "subscription { endless }", |text| {
            if text.contains("event: next") {
                match why {
                    "the token was revoked" => {
                        server.tokens.revoke();
                        server.tokens.tell();
                    }
                    "shutting down" => server.shutdown.begin(),
                    _ => {}
                }
            }
            false
        })
        .await;
        let ended = text.strip_suffix("event: complete\ndata:\n\n");
        let last = ended.and_then(|text| text.rsplit("event: next\ndata: ").next());
        let last: Value = serde_json::from_str(last.unwrap()).unwrap();
        let error = &last["errors"][0];
        assert_eq!(error["extensions"]["code"], code, "{text}");
        assert!(error["message"].to_string().contains(why), "{text}");
    }
}

#[tokio::test]
async fn a_query_may_end_while_the_server_stops() {
    let server = start().await;
    let (text, ()) = tokio::join!(stream(&server, "{ wait(ms: 300) }"), async {
        sleep(Duration::from_millis(100)).await;
        server.shutdown.begin();
    });
    let text = text.text();
    assert!(text.contains(r#"data: {"data":{"wait":true}}"#), "{text}");
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_not_produced_for() {
    let server = start().await;
    let token = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
    ];
    let body = json!({"query": "subscription { flood }"}).to_string();
    let before = FLOODED.load(Ordering::SeqCst);
    let _stream = open(server.address, "POST", "/graphql/stream", &headers, &body).await;
    sleep(Duration::from_millis(300)).await;
    let soon = FLOODED.load(Ordering::SeqCst);
    sleep(Duration::from_millis(300)).await;
    assert!(soon > before);
    // Some megabytes fit into the buffers of the kernel; another test may flood at the same time.
    assert!(FLOODED.load(Ordering::SeqCst) - before < 1_000);
}
