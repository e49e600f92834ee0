//! A GraphQL client over one WebSocket, as a front-end has it.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// No answer takes this long, whatever else the machine does.
const PATIENCE: Duration = Duration::from_secs(60);

/// The connection ended under the operation.
#[derive(Debug)]
pub(crate) struct Gone;

/// One connection; one operation at a time. What begins with `try` bears that the server dies.
pub(crate) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: u64,
    /// An error ends an operation, so no `complete` follows it.
    ended_by_error: bool,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, token: &str) -> Self {
        Self::try_connect(address, token).await.unwrap()
    }

    /// Whether a token is not good.
    pub(crate) async fn is_refused(address: SocketAddr, token: &str) -> bool {
        let mut client = Self::open(address, token).await.unwrap();
        let first = client.socket.next().await;
        matches!(first, Some(Ok(Message::Close(Some(frame)))) if u16::from(frame.code) == 4403)
    }

    pub(crate) async fn try_connect(address: SocketAddr, token: &str) -> Result<Self, Gone> {
        let mut client = Self::open(address, token).await?;
        assert_eq!(client.receive().await?["type"], "connection_ack");
        Ok(client)
    }

    /// A connection that has shown a token.
    async fn open(address: SocketAddr, token: &str) -> Result<Self, Gone> {
        let url = format!("ws://{address}/graphql");
        let mut request = url.as_str().into_client_request().unwrap();
        let protocol = "graphql-transport-ws".parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let (socket, _) = connect_async(request).await.map_err(|_| Gone)?;
        let mut client = Self {
            socket,
            next: 0,
            ended_by_error: false,
        };
        client
            .send(&json!({ "type": "connection_init", "payload": { "token": token } }))
            .await?;
        Ok(client)
    }

    /// The data of a query or mutation that has no errors.
    pub(crate) async fn ask(&mut self, query: &str, variables: Value) -> Value {
        self.try_ask(query, variables).await.unwrap()
    }

    pub(crate) async fn try_ask(&mut self, query: &str, variables: Value) -> Result<Value, Gone> {
        let payload = self.try_execute(query, variables).await?;
        assert!(payload.get("errors").is_none(), "{query}: {payload}");
        Ok(payload["data"].clone())
    }

    /// The whole answer to a query or mutation.
    pub(crate) async fn execute(&mut self, query: &str, variables: Value) -> Value {
        self.try_execute(query, variables).await.unwrap()
    }

    pub(crate) async fn try_execute(
        &mut self,
        query: &str,
        variables: Value,
    ) -> Result<Value, Gone> {
        self.try_subscribe(query, variables).await?;
        // A server that stops completes what it does not answer any more.
        let mut answer = Err(Gone);
        while let Some(payload) = self.try_next().await? {
            answer = Ok(payload);
        }
        answer
    }

    pub(crate) async fn subscribe(&mut self, query: &str, variables: Value) {
        self.try_subscribe(query, variables).await.unwrap();
    }

    pub(crate) async fn try_subscribe(
        &mut self,
        query: &str,
        variables: Value,
    ) -> Result<(), Gone> {
        self.next += 1;
        let payload = json!({ "query": query, "variables": variables });
        let id = self.next.to_string();
        self.send(&json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await
    }

    /// The next result of the operation; `None` at its end. Errors come as `{"errors": …}`.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        self.try_next().await.unwrap()
    }

    pub(crate) async fn try_next(&mut self) -> Result<Option<Value>, Gone> {
        if std::mem::take(&mut self.ended_by_error) {
            return Ok(None);
        }
        let mut message = self.receive().await?;
        Ok(match message["type"].as_str() {
            Some("next") => Some(message["payload"].take()),
            Some("error") => {
                self.ended_by_error = true;
                Some(json!({ "errors": message["payload"] }))
            }
            Some("complete") => None,
            other => panic!("unexpected message {other:?}"),
        })
    }

    /// What the server still says before it closes the connection, and the code with which it does.
    pub(crate) async fn last_words(&mut self) -> (Vec<String>, u16) {
        let mut said = Vec::new();
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match message.expect("an end in time").expect("a close").unwrap() {
                Message::Close(frame) => return (said, frame.expect("a reason").code.into()),
                Message::Text(text) => said.push(text.to_string()),
                _ => {}
            }
        }
    }

    /// With what code and reason the server closes the connection, whatever it says before.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            let message = message.expect("an end in time").expect("a close").unwrap();
            if let Message::Close(frame) = message {
                let frame = frame.expect("a reason");
                return (frame.code.into(), frame.reason.to_string());
            }
        }
    }

    async fn send(&mut self, message: &Value) -> Result<(), Gone> {
        let text = Message::text(message.to_string());
        self.socket.send(text).await.map_err(|_| Gone)
    }

    async fn receive(&mut self) -> Result<Value, Gone> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match message.expect("an answer in time") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) if frame.code != CloseCode::Away => {
                    panic!("closed: {frame:?}")
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Gone),
                Some(Ok(_)) => {}
            }
        }
    }
}
