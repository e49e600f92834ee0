//! Tokens are in no log, however much is logged.

use crate::support::client::Client;
use crate::support::server::{Process, TOKEN, World};
use serde_json::json;
use std::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends one request and reads the reply to its end.
async fn send(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    reply
}

#[tokio::test]
async fn the_most_talkative_log_has_no_token() {
    for filter in [
        "trace",
        "trace,tungstenite::protocol=trace,tokio_tungstenite::compat=trace",
    ] {
        no_token_is_logged(filter).await;
    }
}

async fn no_token_is_logged(filter: &str) {
    let world = World::new(&[]).await;
    let path = world.folder.path().join("log");
    let log = File::create(&path).unwrap();
    let server = Process::spawn_logging(&world.database(), filter, log.into());
    let address = server.address;
    let wrong = "us_wrong_secret";
    let body = r#"{"query":"{ viewer { name } }"}"#;
    for token in [TOKEN, wrong] {
        let head =
            format!("host: {address}\r\nconnection: close\r\nauthorization: Bearer {token}\r\n");
        let length = body.len();
        let json = format!("content-type: application/json\r\ncontent-length: {length}\r\n");
        let query = "query=%7B%20viewer%20%7B%20name%20%7D%20%7D";
        for request in [
            format!("POST /graphql HTTP/1.1\r\n{head}{json}\r\n{body}"),
            format!("GET /graphql?{query} HTTP/1.1\r\n{head}\r\n"),
            format!("GET /graphql/stream?{query} HTTP/1.1\r\n{head}\r\n"),
            // Nobody should, and somebody will.
            format!(
                "GET /graphql?{query}&token={token} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
            ),
        ] {
            let reply = send(address, &request).await;
            assert!(reply.starts_with("HTTP/1.1 "), "{reply}");
            assert_eq!(
                reply.contains("\"admin\""),
                token == TOKEN && request.contains("Bearer")
            );
        }
    }
    let mut asker = Client::connect(address, TOKEN).await;
    asker.ask("{ viewer { name } }", json!({})).await;
    assert!(Client::is_refused(address, wrong).await);
    assert_eq!(server.terminate(), Some(0));
    let log = std::fs::read_to_string(&path).unwrap();
    assert!(
        log.contains("route=\"/graphql\""),
        "requests are logged: {log}"
    );
    for token in [TOKEN, wrong] {
        let told: Vec<_> = log.lines().filter(|line| line.contains(token)).collect();
        assert!(told.is_empty(), "{told:#?}");
    }
}
