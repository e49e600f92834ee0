//! Traces: a collector gets the spans of requests and jobs; without one nothing suffers.

use crate::http::support::client::{find, send};
use crate::support::server::{TOKEN, World};
use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// What a collector was sent.
type Batches = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn collector() -> (SocketAddr, Batches) {
    let batches = Batches::default();
    let into = Arc::clone(&batches);
    let traces = post(move |headers: HeaderMap, body: Bytes| async move {
        into.lock().unwrap().push((headers, body));
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/v1/traces", traces);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, batches)
}

async fn ask(server: SocketAddr) {
    let authorization = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("x-request-id", "traced-request"),
    ];
    let query = "query Traced($jql: String!) { issues(jql: $jql) { totalCount } }";
    let body = json!({ "query": query, "variables": { "jql": "summary ~ hidden-words" } });
    let reply = send(server, "POST", "/graphql", &headers, &body.to_string()).await;
    assert_eq!(reply.json()["data"]["issues"]["totalCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_the_spans_of_a_request_before_the_server_has_stopped() {
    let (address, batches) = collector().await;
    let world = World::new(&[]).await;
    let endpoint = format!("http://{address}/");
    let key = ("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=for-the-collector");
    let server = world.spawn_with(&["--otlp-endpoint", &endpoint], &[key]);
    ask(server.address).await;
    assert_eq!(server.terminate(), Some(0));

    let batches = batches.lock().unwrap();
    let (headers, _) = batches.first().expect("a batch");
    assert_eq!(headers["content-type"], "application/x-protobuf");
    assert_eq!(headers["x-api-key"], "for-the-collector");
    let has = |text: &str| {
        let found = |(_, body): &(HeaderMap, Bytes)| find(body, text.as_bytes()).is_some();
        batches.iter().any(found)
    };
    for part in [
        "service.name",
        "understory",
        "http",
        "operation",
        "Traced",
        "store",
        "traced-request",
    ] {
        assert!(has(part), "{part}");
    }
    for secret in [TOKEN, "hidden-words"] {
        assert!(!has(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_or_never_answers_costs_nothing_but_its_traces() {
    let away = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (gone, mute) = (away.local_addr().unwrap(), silent.local_addr().unwrap());
    drop(away);
    for collector in [gone, mute] {
        let world = World::new(&[]).await;
        let endpoint = format!("http://{collector}");
        let server = world.spawn_with(&["--otlp-endpoint", &endpoint], &[]);
        for _ in 0..5 {
            ask(server.address).await;
        }
        assert_eq!(server.terminate(), Some(0), "{}", world.log());
    }
    drop(silent);
}
