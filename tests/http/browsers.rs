//! What pages of other sites may make a browser do, and what browsers may do with answers.

use super::support::{
    Server, TOKEN,
    client::{Reply, encode, open, parse, send},
    config, start, start_with,
};
use tokio::io::AsyncReadExt;
use understory::http::{Hosts, HttpConfig};

const JSON: (&str, &str) = ("content-type", "application/json");
const QUERY: &str = r#"{"query":"{ hello }"}"#;

/// Asks over each transport with further headers; the replies, which must all have one status.
async fn ask_everywhere(server: &Server, headers: &[(&str, &str)]) -> Vec<(u16, String)> {
    let token = format!("Bearer {TOKEN}");
    let by_get = format!("/graphql?query={}", encode("{ hello }"));
    let by_event = format!("/graphql/stream?query={}", encode("{ hello }"));
    let handshake = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-protocol", "graphql-transport-ws"),
    ];
    let mut replies = Vec::new();
    for (method, path, own, body) in [
        ("POST", "/graphql", &[JSON][..], QUERY),
        ("POST", "/graphql/stream", &[JSON], QUERY),
        ("GET", &by_get, &[], ""),
        ("GET", &by_event, &[], ""),
        ("GET", "/graphql", &handshake, ""),
        ("GET", "/graphql/ws", &handshake, ""),
    ] {
        let auth = [("authorization", token.as_str())];
        let all = [&auth, own, headers].concat();
        // An upgraded connection stays open: its head is enough.
        let reply = match own.len() {
            5 => head(server, path, &all).await,
            _ => send(server.address, method, path, &all, body).await,
        };
        let code = match reply.status {
            200 | 101 => String::new(),
            _ => reply.code(),
        };
        replies.push((reply.status, code));
    }
    replies
}

/// The first bytes of a reply to a handshake.
async fn head(server: &Server, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut stream = open(server.address, "GET", path, headers, "").await;
    let mut bytes = vec![0; 4096];
    let mut read = 0;
    while !bytes[..read].windows(4).any(|it| it == b"\r\n\r\n") {
        read += stream.read(&mut bytes[read..]).await.unwrap();
    }
    // A refusal has a body, which follows at once.
    if !bytes.starts_with(b"HTTP/1.1 101") {
        while bytes[read - 1] != b'}' {
            read += stream.read(&mut bytes[read..]).await.unwrap();
        }
    }
    parse(&bytes[..read])
}

#[tokio::test]
async fn pages_of_other_origins_are_refused_on_every_transport() {
    let server = start().await;
    let allowing = start_with(HttpConfig {
        cors_origins: vec!["https://example.org".to_owned()],
        ..config()
    })
    .await;
    let refused = (403, "ORIGIN_NOT_ALLOWED".to_owned());
    for origin in ["https://evil.example", "null", "http://localhost", "x"] {
        for server in [&server, &allowing] {
            let replies = ask_everywhere(server, &[("origin", origin)]).await;
            assert_eq!(replies, vec![refused.clone(); 6], "{origin}");
        }
    }
    let [ok, upgraded] = [(200, String::new()), (101, String::new())];
    let good = [vec![ok; 4], vec![upgraded; 2]].concat();
    let own = format!("http://{}", server.address);
    assert_eq!(ask_everywhere(&server, &[]).await, good);
    assert_eq!(ask_everywhere(&server, &[("origin", &own)]).await, good);
    let listed = [("origin", "https://example.org")];
    assert_eq!(ask_everywhere(&allowing, &listed).await, good);
    assert_eq!(ask_everywhere(&server, &listed).await, vec![refused; 6]);
}

#[tokio::test]
async fn answers_to_listed_origins_say_that_they_differ_by_origin() {
    let server = start_with(HttpConfig {
        cors_origins: vec!["https://example.org".to_owned()],
        ..config()
    })
    .await;
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str()), JSON];
    for (origin, allowed) in [
        (Some("https://example.org"), "https://example.org"),
        (None, ""),
    ] {
        let origin = origin.map(|it| ("origin", it));
        let headers: Vec<_> = headers.into_iter().chain(origin).collect();
        let reply = send(server.address, "POST", "/graphql", &headers, QUERY).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("access-control-allow-origin"), allowed);
        assert_eq!(reply.header("access-control-allow-credentials"), "");
        let vary = reply.header("vary").to_ascii_lowercase();
        assert!(vary.contains("origin"), "{vary}");
        let exposed = reply.header("access-control-expose-headers");
        assert_eq!(exposed, "retry-after,x-request-id");
    }
    let preflight = [
        ("origin", "https://example.org"),
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "authorization,content-type",
        ),
    ];
    let reply = send(server.address, "OPTIONS", "/graphql", &preflight, "").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-max-age"), "3600");
}

#[tokio::test]
async fn a_name_that_the_server_does_not_go_by_is_refused() {
    let here = "127.0.0.1".parse().unwrap();
    let own = HttpConfig {
        hosts: Hosts::of_listener(here, &[]),
        ..config()
    };
    assert_eq!(ask_everywhere(&start_with(own).await, &[]).await[0].0, 200);
    let other = HttpConfig {
        hosts: Hosts::Only(vec!["issues.example.com".to_owned()]),
        ..config()
    };
    let server = start_with(other).await;
    let refused = (421, "HOST_NOT_ALLOWED".to_owned());
    assert_eq!(ask_everywhere(&server, &[]).await, vec![refused; 6]);
    for path in ["/", "/nowhere", "/metrics"] {
        let reply = send(server.address, "GET", path, &[], "").await;
        assert_eq!(reply.status, 421, "{path}");
    }
    // Probes go by addresses.
    for path in ["/healthz", "/readyz"] {
        let reply = send(server.address, "GET", path, &[], "").await;
        assert_ne!(reply.status, 421, "{path}");
        assert!(!reply.text().contains("HOST_NOT_ALLOWED"), "{path}");
    }
}

/// Forms and scripts send these without asking the server first.
#[tokio::test]
async fn only_json_is_a_request() {
    let server = start().await;
    let token = format!("Bearer {TOKEN}");
    let auth = ("authorization", token.as_str());
    for path in ["/graphql", "/graphql/stream"] {
        for content_type in [
            None,
            Some("text/plain"),
            Some("text/plain; application/json"),
            Some("text/plain;charset=application/json"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=x"),
            Some("application/graphql"),
            Some(""),
        ] {
            let content_type = content_type.map(|it| ("content-type", it));
            let headers: Vec<_> = [auth].into_iter().chain(content_type).collect();
            let reply = send(server.address, "POST", path, &headers, QUERY).await;
            assert_eq!(reply.status, 415, "{content_type:?}");
            assert_eq!(reply.code(), "UNSUPPORTED_MEDIA_TYPE");
        }
    }
}

#[tokio::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let server = start().await;
    let token = format!("Bearer {TOKEN}");
    let auth = ("authorization", token.as_str());
    let stream = format!("/graphql/stream?query={}", encode("{ hello }"));
    for (method, path, headers, body, status) in [
        ("POST", "/graphql", vec![auth, JSON], QUERY, 200),
        ("POST", "/graphql", vec![JSON], QUERY, 401),
        ("POST", "/graphql", vec![auth], QUERY, 415),
        ("POST", "/graphql", vec![("origin", "null")], QUERY, 403),
        ("PUT", "/graphql", vec![auth], "", 405),
        ("GET", &stream, vec![auth], "", 200),
        ("GET", "/healthz", vec![], "", 200),
        ("GET", "/nowhere", vec![], "", 404),
        ("GET", "/panic", vec![], "", 500),
        ("GET", "/", vec![], "", 200),
    ] {
        let reply = send(server.address, method, path, &headers, body).await;
        assert_eq!(reply.status, status, "{method} {path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), value, "{method} {path}: {name}");
        }
        let policy = reply.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(reply.header("permissions-policy").contains("camera=()"));
    }
}
