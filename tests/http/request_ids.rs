//! Every answer has the id under which the log speaks of its request.

use super::support::{
    TOKEN,
    client::{open, post, send},
    socket::{Seen, Socket},
    start,
};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

#[tokio::test]
async fn every_answer_has_an_id_and_a_sound_one_is_kept() {
    let server = start().await;
    for path in ["/healthz", "/graphql", "/nowhere", "/panic"] {
        let made = send(server.address, "GET", path, &[], "").await;
        assert_eq!(made.header("x-request-id").len(), 16, "{path}");
        let given = [("x-request-id", "proxy-7.a")];
        let kept = send(server.address, "GET", path, &given, "").await;
        assert_eq!(kept.header("x-request-id"), "proxy-7.a", "{path}");
        let odd = [("x-request-id", "a b, {c}")];
        let replaced = send(server.address, "GET", path, &odd, "").await;
        assert_eq!(replaced.header("x-request-id").len(), 16, "{path}");
    }
}

#[tokio::test]
async fn an_internal_error_names_its_request_on_every_transport() {
    let server = start().await;
    let crash = json!({"query": "{ crash }"});
    let reply = post(server.address, "application/json", &crash).await;
    let id = &reply.json()["errors"][0]["extensions"]["requestId"];
    assert_eq!(id, reply.header("x-request-id"));

    let authorization = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("accept", "text/event-stream"),
        ("x-request-id", "stream-1"),
    ];
    let body = crash.to_string();
    let mut stream = open(server.address, "POST", "/graphql/stream", &headers, &body).await;
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(text.contains("\"requestId\":\"stream-1\""), "{text}");

    let mut socket = Socket::acknowledged(&server).await;
    let mut id_of = async |name: &str| {
        socket.subscribe(name, "{ crash }").await;
        let Seen::Message(message) = socket.next().await else {
            panic!("the socket was closed");
        };
        let id: &Value = &message["payload"][0]["extensions"]["requestId"];
        id.as_str().unwrap().to_owned()
    };
    let (first, second) = (id_of("a").await, id_of("b").await);
    let connection = first.strip_suffix("-1").unwrap();
    assert_eq!(second, format!("{connection}-2"));
}
