//! How many connections may be open, and for how long.

use std::time::Duration;

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use understory::http::HttpConfig;

use super::{
    super::support::{
        Server, TOKEN,
        client::{find, open, parse, post, send},
        config,
        socket::{Seen, Socket},
        start_with,
    },
    JSON, until,
};

async fn served(server: &Server) -> bool {
    send(server.address, "GET", "/", &[], "").await.status == 200
}

async fn assert_full(server: &Server) {
    let reply = send(server.address, "POST", "/graphql", &[], "{}").await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (503, "TOO_MANY_CONNECTIONS")
    );
    assert!(!reply.header("retry-after").is_empty());
    let refused = Socket::try_open(server, "/graphql", None).await.err();
    assert!(format!("{refused:?}").contains("503"), "{refused:?}");
    // Whoever watches over the server can ask nevertheless.
    for (path, status) in [("/healthz", 200), ("/readyz", 503), ("/metrics", 401)] {
        let reply = send(server.address, "GET", path, &[], "").await;
        assert_eq!(reply.status, status, "{path}");
        assert!(!reply.text().contains("TOO_MANY_CONNECTIONS"), "{path}");
    }
}

#[tokio::test]
async fn as_many_connections_are_open_as_accepted() {
    let in_all = HttpConfig {
        connections: 2,
        ..config()
    };
    let of_one = HttpConfig {
        connections_per_address: 2,
        ..config()
    };
    for config in [in_all, of_one] {
        let server = start_with(config).await;
        let socket = Socket::acknowledged(&server).await;
        let idle = TcpStream::connect(server.address).await.unwrap();
        until(async || {
            // It is counted once it has been accepted.
            !served(&server).await
        })
        .await;
        assert_full(&server).await;
        drop(idle);
        until(|| served(&server)).await;
        let _idle = TcpStream::connect(server.address).await.unwrap();
        drop(socket);
        until(|| served(&server)).await;
    }
}

/// Whether the server ends a connection by itself, having said nothing.
async fn is_cut(stream: &mut TcpStream) -> bool {
    let mut bytes = Vec::new();
    let end = timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await;
    end.is_ok() && bytes.is_empty()
}

#[tokio::test]
async fn a_head_that_comes_too_slowly_and_a_connection_without_one_are_cut() {
    let server = start_with(HttpConfig {
        head_timeout: Duration::from_millis(300),
        ..config()
    })
    .await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    assert!(is_cut(&mut silent).await);
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: he")
        .await
        .unwrap();
    assert!(is_cut(&mut slow).await);

    let mut kept = TcpStream::connect(server.address).await.unwrap();
    let mut bytes = vec![0; 4_096];
    for _ in 0..2 {
        kept.write_all(b"GET /healthz HTTP/1.1\r\nhost: here\r\n\r\n")
            .await
            .unwrap();
        let read = kept.read(&mut bytes).await.unwrap();
        assert_eq!(parse(&bytes[..read]).status, 200);
    }
    assert!(is_cut(&mut kept).await, "idle after two requests");
}

#[tokio::test]
async fn a_long_answer_may_take_longer_than_a_head() {
    let server = start_with(HttpConfig {
        head_timeout: Duration::from_millis(100),
        ..config()
    })
    .await;
    let reply = post(server.address, JSON, &json!({"query": "{ wait(ms: 300) }"})).await;
    assert_eq!(reply.text(), r#"{"data":{"wait":true}}"#);
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_cut() {
    let server = start_with(config()).await;
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str()), ("content-type", JSON)];
    let body = json!({"query": "subscription { flood }"}).to_string();
    let mut stream = open(server.address, "POST", "/graphql/stream", &headers, &body).await;
    sleep(Duration::from_secs(2)).await;
    // What the buffers of the kernel still hold comes, and then the end of an endless stream.
    let mut bytes = Vec::new();
    let end = timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await;
    assert!(end.is_ok(), "{} bytes so far", bytes.len());
    assert!(find(&bytes, b"event: complete").is_none());
}

#[tokio::test]
async fn a_socket_on_which_nothing_runs_is_closed() {
    let server = start_with(HttpConfig {
        idle_timeout: Duration::from_millis(500),
        // Its own time ends it, not the next ping.
        ping_interval: Duration::from_secs(3_600),
        ..config()
    })
    .await;
    let mut busy = Socket::acknowledged(&server).await;
    busy.subscribe("1", "subscription { endless }").await;
    busy.next().await;
    let mut idle = Socket::acknowledged(&server).await;
    let (quiet, closed) = tokio::join!(timeout(Duration::from_secs(2), busy.next()), idle.closed());
    assert_eq!(closed, 1000);
    assert!(quiet.is_err(), "{quiet:?}");
    busy.send(json!({"type": "complete", "id": "1"})).await;
    assert!(matches!(busy.next().await, Seen::Closed(1000, _)));
}
