//! How much one user may ask for, how many wrong tokens one address may try, and how much runs at a
//! time.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{io::AsyncReadExt, net::TcpStream};
use understory::http::HttpConfig;

use super::{
    super::support::{
        OTHER_TOKEN, Server, TOKEN,
        client::{Reply, open, post, post_as, send},
        config,
        socket::{Seen, Socket},
        start_with,
    },
    JSON, MODERN, until,
};

fn query(text: &str) -> Value {
    json!({ "query": text })
}

fn assert_wait(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code));
    let seconds: u64 = reply.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_user_asks_as_often_as_accepted() {
    let server = start_with(HttpConfig {
        user_rate: 1,
        user_burst_seconds: 4,
        batch: 10,
        ..config()
    })
    .await;
    let hello = query("{ hello }");
    let ask = async |token| post_as(server.address, token, MODERN, &hello).await;
    for _ in 0..4 {
        assert_eq!(ask(TOKEN).await.status, 200);
    }
    // A slow machine saves up a little meanwhile, but not for ever.
    until(async || ask(TOKEN).await.status != 200).await;
    assert_wait(&ask(TOKEN).await, 429, "RATE_LIMITED");
    let mut socket = Socket::acknowledged(&server).await;
    let mut code = String::new();
    for id in 0..20 {
        let id = id.to_string();
        socket.subscribe(&id, "{ hello }").await;
        match socket.next().await {
            Seen::Message(answer) if answer["type"] == "error" => {
                code = answer["payload"][0]["extensions"]["code"].to_string();
                break;
            }
            _ => drop(socket.next().await),
        }
    }
    assert_eq!(code, "\"RATE_LIMITED\"");
    // Another user is not concerned, and each operation of a batch counts.
    let batch = json!([hello, hello, hello, hello]);
    let reply = post_as(server.address, OTHER_TOKEN, MODERN, &batch).await;
    assert_eq!(reply.status, 200);
    let reply = post_as(server.address, OTHER_TOKEN, MODERN, &batch).await;
    assert_wait(&reply, 429, "RATE_LIMITED");
}

async fn try_token(server: &Server, token: &str, from: &str) -> Reply {
    let authorization = format!("Bearer {token}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", JSON),
        ("x-forwarded-for", from),
    ];
    let body = query("{ hello }").to_string();
    send(server.address, "POST", "/graphql", &headers, &body).await
}

async fn try_token_on_a_socket(server: &Server, token: &str) -> Seen {
    let mut socket = Socket::open(server, "/graphql", Some("graphql-transport-ws")).await;
    socket
        .send(json!({"type": "connection_init", "payload": {"token": token}}))
        .await;
    socket.next().await
}

#[tokio::test]
async fn an_address_tries_as_many_wrong_tokens_as_accepted() {
    let server = start_with(HttpConfig {
        wrong_tokens_per_minute: 2,
        ..config()
    })
    .await;
    assert_eq!(try_token(&server, TOKEN, "").await.status, 200);
    assert_eq!(
        try_token(&server, "wrong", "").await.code(),
        "UNAUTHENTICATED"
    );
    let Seen::Closed(4403, _) = try_token_on_a_socket(&server, "wrong").await else {
        panic!("expected to be refused");
    };
    assert_wait(&try_token(&server, "wrong", "").await, 429, "RATE_LIMITED");
    let Seen::Closed(4429, reason) = try_token_on_a_socket(&server, "wrong").await else {
        panic!("expected to be told to wait");
    };
    assert!(reason.contains("try again in"), "{reason}");
    // One that was not good before is not looked at, so guessing is slow.
    assert_wait(
        &try_token(&server, OTHER_TOKEN, "").await,
        429,
        "RATE_LIMITED",
    );
    // Whoever is in stays in, though behind the same address.
    assert_eq!(try_token(&server, TOKEN, "").await.status, 200);
    let ack = json!({"type": "connection_ack"});
    assert_eq!(
        try_token_on_a_socket(&server, TOKEN).await,
        Seen::Message(ack)
    );
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_its_own_attempts() {
    let server = start_with(HttpConfig {
        wrong_tokens_per_minute: 1,
        trusted_proxies: 1,
        ..config()
    })
    .await;
    for client in ["10.0.0.1", "made up, 10.0.0.2"] {
        assert_eq!(try_token(&server, "wrong", client).await.status, 401);
        assert_eq!(try_token(&server, "wrong", client).await.status, 429);
    }
    assert_eq!(
        try_token(&server, OTHER_TOKEN, "10.0.0.2").await.status,
        429
    );
    assert_eq!(
        try_token(&server, OTHER_TOKEN, "10.0.0.3").await.status,
        200
    );
}

/// Begins a stream of events; its head has come.
async fn stream(server: &Server, query: &str) -> (TcpStream, String) {
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str()), ("content-type", JSON)];
    let body = json!({ "query": query }).to_string();
    let mut stream = open(server.address, "POST", "/graphql/stream", &headers, &body).await;
    let mut bytes = vec![0; 8_192];
    let read = stream.read(&mut bytes).await.unwrap();
    (stream, String::from_utf8_lossy(&bytes[..read]).into_owned())
}

#[tokio::test]
async fn as_many_operations_run_as_accepted() {
    let server = start_with(HttpConfig {
        operations: 1,
        request_timeout: Duration::from_secs(60),
        ..config()
    })
    .await;
    let mut socket = Socket::acknowledged(&server).await;
    socket.subscribe("long", "{ wait(ms: 60000) }").await;
    until(async || {
        post(server.address, MODERN, &query("{ hello }"))
            .await
            .status
            == 503
    })
    .await;
    let reply = post(server.address, MODERN, &query("{ hello }")).await;
    assert_wait(&reply, 503, "BUSY");
    socket.subscribe("second", "{ hello }").await;
    assert_eq!(socket.refused("second").await, "BUSY");
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str()), ("content-type", JSON)];
    let body = query("{ hello }").to_string();
    let events = send(server.address, "POST", "/graphql/stream", &headers, &body).await;
    assert!(events.text().contains("\"BUSY\""), "{}", events.text());
    // Subscriptions mostly wait: they are counted by user.
    socket.subscribe("third", "subscription { endless }").await;
    assert!(matches!(socket.next().await, Seen::Message(next) if next["type"] == "next"));
    socket.send(json!({"type": "complete", "id": "long"})).await;
    until(async || {
        post(server.address, MODERN, &query("{ hello }"))
            .await
            .status
            == 200
    })
    .await;
}

#[tokio::test]
async fn a_user_has_as_many_subscriptions_as_accepted_over_all_connections() {
    let server = start_with(HttpConfig {
        subscriptions_per_user: 2,
        ..config()
    })
    .await;
    let endless = "subscription { endless }";
    let mut socket = Socket::acknowledged(&server).await;
    socket.subscribe("1", endless).await;
    socket.next().await;
    let (first, head) = stream(&server, endless).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");

    let mut second = Socket::acknowledged(&server).await;
    second.subscribe("1", endless).await;
    assert_eq!(second.refused("1").await, "TOO_MANY_SUBSCRIPTIONS");
    second.subscribe("2", "{ hello }").await;
    assert!(matches!(second.next().await, Seen::Message(next) if next["type"] == "next"));
    second.next().await;
    let (_, refused) = stream(&server, endless).await;
    assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
    assert!(refused.contains("TOO_MANY_SUBSCRIPTIONS"), "{refused}");
    let mut other = Socket::acknowledged_as(&server, OTHER_TOKEN).await;
    other.subscribe("1", endless).await;
    assert!(matches!(other.next().await, Seen::Message(next) if next["type"] == "next"));

    // Each way to end one makes room: the client leaves, or completes it.
    drop(first);
    socket.send(json!({"type": "complete", "id": "1"})).await;
    let mut held = Vec::new();
    until(async || {
        let (stream, head) = stream(&server, endless).await;
        if head.starts_with("HTTP/1.1 200") {
            held.push(stream);
        }
        held.len() == 2
    })
    .await;
    let (_, refused) = stream(&server, endless).await;
    assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
}

#[tokio::test]
async fn a_socket_runs_as_many_operations_as_accepted() {
    let server = start_with(HttpConfig {
        operations_per_socket: 2,
        ..config()
    })
    .await;
    let mut socket = Socket::acknowledged(&server).await;
    for id in ["1", "2"] {
        socket.subscribe(id, "subscription { endless }").await;
        socket.next().await;
    }
    socket.subscribe("3", "{ hello }").await;
    assert_eq!(socket.refused("3").await, "TOO_MANY_OPERATIONS");
}
