//! A GraphQL client over one WebSocket, as a front-end has it.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// No answer takes this long, whatever else the machine does.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection; one operation at a time.
pub(crate) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: u64,
    /// An error ends an operation, so no `complete` follows it.
    ended_by_error: bool,
}

impl Client {
    /// Whether a token is not good.
    pub(crate) async fn is_refused(address: SocketAddr, token: &str) -> bool {
        let mut client = Self::open(address, token).await;
        matches!(client.socket.next().await, Some(Ok(Message::Close(Some(it)))) if u16::from(it.code) == 4403)
    }

    pub(crate) async fn connect(address: SocketAddr, token: &str) -> Self {
        let mut client = Self::open(address, token).await;
        assert_eq!(client.receive().await["type"], "connection_ack");
        client
    }

    /// A connection that has shown a token.
    async fn open(address: SocketAddr, token: &str) -> Self {
        let url = format!("ws://{address}/graphql");
        let mut request = url.as_str().into_client_request().unwrap();
        let protocol = "graphql-transport-ws".parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let (socket, _) = connect_async(request).await.unwrap();
        let mut client = Self {
            socket,
            next: 0,
            ended_by_error: false,
        };
        client
            .send(&json!({ "type": "connection_init", "payload": { "token": token } }))
            .await;
        client
    }

    /// The data of a query or mutation that has no errors.
    pub(crate) async fn ask(&mut self, query: &str, variables: Value) -> Value {
        let payload = self.execute(query, variables).await;
        assert!(payload.get("errors").is_none(), "{query}: {payload}");
        payload["data"].clone()
    }

    /// The whole answer to a query or mutation.
    pub(crate) async fn execute(&mut self, query: &str, variables: Value) -> Value {
        self.subscribe(query, variables).await;
        let mut answer = Value::Null;
        while let Some(payload) = self.next().await {
            answer = payload;
        }
        answer
    }

    pub(crate) async fn subscribe(&mut self, query: &str, variables: Value) {
        self.next += 1;
        let payload = json!({ "query": query, "variables": variables });
        let id = self.next.to_string();
        self.send(&json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await;
    }

    /// The next result of the operation; `None` at its end. Errors come as `{"errors": …}`.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        if std::mem::take(&mut self.ended_by_error) {
            return None;
        }
        let mut message = self.receive().await;
        match message["type"].as_str() {
            Some("next") => Some(message["payload"].take()),
            Some("error") => {
                self.ended_by_error = true;
                Some(json!({ "errors": message["payload"] }))
            }
            Some("complete") => None,
            other => panic!("unexpected message {other:?}"),
        }
    }

    async fn send(&mut self, message: &Value) {
        self.socket
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    async fn receive(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match message
                .expect("an answer in time")
                .expect("an open socket")
                .unwrap()
            {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }
}
