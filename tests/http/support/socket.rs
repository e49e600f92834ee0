//! A WebSocket client that leaves the protocol to the test.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use super::{Server, TOKEN};

pub(crate) struct Socket(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What comes from the server, pings aside.
#[derive(Debug, PartialEq)]
pub(crate) enum Seen {
    Message(Value),
    Closed(u16, String),
}

impl Socket {
    pub(crate) async fn open(server: &Server, path: &str, protocol: Option<&str>) -> Self {
        Self::try_open(server, path, protocol).await.unwrap()
    }

    pub(crate) async fn try_open(
        server: &Server,
        path: &str,
        protocol: Option<&str>,
    ) -> Result<Self, Error> {
        let mut request = format!("ws://{}{path}", server.address).into_client_request()?;
        if let Some(protocol) = protocol {
            request
                .headers_mut()
                .insert("sec-websocket-protocol", protocol.parse().unwrap());
        }
        Ok(Self(connect_async(request).await?.0))
    }

    /// An open session.
    pub(crate) async fn acknowledged(server: &Server) -> Self {
        Self::acknowledged_as(server, TOKEN).await
    }

    pub(crate) async fn acknowledged_as(server: &Server, token: &str) -> Self {
        let mut socket = Self::open(server, "/graphql", Some("graphql-transport-ws")).await;
        socket
            .send(json!({"type": "connection_init", "payload": {"token": token}}))
            .await;
        assert_eq!(
            socket.next().await,
            Seen::Message(json!({"type": "connection_ack"}))
        );
        socket
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.send_text(message.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, message: String) {
        self.0.send(Message::text(message)).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str) {
        let payload = json!({ "query": query });
        self.send(json!({"type": "subscribe", "id": id, "payload": payload}))
            .await;
    }

    /// The code of the error with which an operation ends that is not executed.
    pub(crate) async fn refused(&mut self, id: &str) -> String {
        match self.next().await {
            Seen::Message(error) if error["type"] == "error" && error["id"] == id => {
                error["payload"][0]["extensions"]["code"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            }
            other => panic!("expected an error, found {other:?}"),
        }
    }

    pub(crate) async fn next(&mut self) -> Seen {
        loop {
            let message = timeout(Duration::from_secs(5), self.0.next())
                .await
                .expect("a message");
            match message.expect("an open socket").expect("a message") {
                Message::Text(text) => {
                    return Seen::Message(serde_json::from_str(&text).unwrap());
                }
                Message::Close(Some(frame)) => {
                    return Seen::Closed(frame.code.into(), frame.reason.to_string());
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("unexpected: {other:?}"),
            }
        }
    }

    pub(crate) async fn closed(&mut self) -> u16 {
        match self.next().await {
            Seen::Closed(code, _) => code,
            Seen::Message(message) => panic!("expected a close, found {message}"),
        }
    }
}
