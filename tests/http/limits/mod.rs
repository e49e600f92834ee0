//! Every limit on real connections: what just keeps within passes, one more is refused with the
//! code that is documented.

mod bodies;
mod connections;
mod documents;
mod nesting;
mod users;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::support::{
    Server,
    client::post,
    socket::{Seen, Socket},
};

const JSON: &str = "application/json";
const MODERN: &str = "application/graphql-response+json";

/// The code with which an operation is refused, over HTTP and over a WebSocket alike; `None` if it
/// is executed.
async fn refusal(server: &Server, query: &str, variables: &Value) -> Option<String> {
    let payload = json!({ "query": query, "variables": variables });
    let reply = post(server.address, MODERN, &payload).await;
    let by_http = (reply.status != 200).then(|| reply.code());
    let mut socket = Socket::acknowledged(server).await;
    socket
        .send(json!({ "type": "subscribe", "id": "1", "payload": payload }))
        .await;
    let Seen::Message(answer) = socket.next().await else {
        panic!("the socket was closed");
    };
    let code = &answer["payload"][0]["extensions"]["code"];
    let by_socket = (answer["type"] == "error").then(|| code.as_str().unwrap().to_owned());
    assert_eq!(by_http, by_socket, "{query:.200}: {}", reply.text());
    by_http
}

/// Asks again and again until the answer is the expected one.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if holds().await {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came true");
}
