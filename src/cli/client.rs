//! A client of a server: operations over one WebSocket (graphql-transport-ws), one at a time.

use super::CliError;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long the server may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to answer a query or mutation: a preview of a million rows takes seconds.
const ANSWER_PATIENCE: Duration = Duration::from_secs(60);

/// A connection to a server.
pub(super) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: u64,
}

impl Client {
    /// Connects to the server at a base URL, such as `http://127.0.0.1:8000/`, with a token.
    pub(super) async fn connect(url: &str, token: &str) -> Result<Self, CliError> {
        // The first provider that is installed counts; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let address = socket_address(url)
            .ok_or_else(|| CliError::Failed(format!("{url} is no address of a server")))?;
        let unreachable =
            |reason: String| CliError::Failed(format!("cannot connect to {url}: {reason}"));
        let mut request = address
            .as_str()
            .into_client_request()
            .map_err(|e| unreachable(e.to_string()))?;
        let protocol = "graphql-transport-ws"
            .parse()
            .map_err(|_| unreachable(String::new()))?;
        request
            .headers_mut()
            .insert("Sec-WebSocket-Protocol", protocol);
        let (socket, _) = tokio::time::timeout(PATIENCE, connect_async(request))
            .await
            .map_err(|_| unreachable("no answer".to_owned()))?
            .map_err(|error| unreachable(error.to_string()))?;
        let mut client = Self { socket, next: 0 };
        client
            .send(&json!({ "type": "connection_init", "payload": { "token": token } }))
            .await?;
        let answer = tokio::time::timeout(PATIENCE, client.receive())
            .await
            .map_err(|_| unreachable("no answer to the token".to_owned()))??;
        match answer["type"].as_str() {
            Some("connection_ack") => Ok(client),
            _ => Err(unreachable(format!("unexpected answer {answer}"))),
        }
    }

    /// The data of one query or mutation.
    pub(super) async fn ask(&mut self, query: &str, variables: Value) -> Result<Value, CliError> {
        let asked = async {
            self.subscribe(query, variables).await?;
            let data = self.next().await?;
            while self.next().await?.is_some() {}
            data.ok_or_else(|| CliError::Failed("the server gave no answer".to_owned()))
        };
        tokio::time::timeout(ANSWER_PATIENCE, asked)
            .await
            .map_err(|_| CliError::Failed("the server did not answer in time".to_owned()))?
    }

    /// Begins an operation whose results `next` gives.
    pub(super) async fn subscribe(
        &mut self,
        query: &str,
        variables: Value,
    ) -> Result<(), CliError> {
        self.next += 1;
        let payload = json!({ "query": query, "variables": variables });
        let id = self.next.to_string();
        self.send(&json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await
    }

    /// The data of the next result; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Value>, CliError> {
        loop {
            let mut message = self.receive().await?;
            match message["type"].as_str() {
                Some("next") => {
                    let payload = message["payload"].take();
                    return match payload["errors"].as_array() {
                        Some(errors) if !errors.is_empty() => Err(refused(errors)),
                        _ => Ok(Some(payload["data"].clone())),
                    };
                }
                Some("error") => {
                    let errors = message["payload"].as_array().cloned().unwrap_or_default();
                    return Err(refused(&errors));
                }
                Some("complete") => return Ok(None),
                _ => {}
            }
        }
    }

    async fn send(&mut self, message: &Value) -> Result<(), CliError> {
        self.socket
            .send(Message::text(message.to_string()))
            .await
            .map_err(|error| lost(&error))
    }

    async fn receive(&mut self) -> Result<Value, CliError> {
        loop {
            let message = match self.socket.next().await {
                Some(Ok(message)) => message,
                Some(Err(error)) => return Err(lost(&error)),
                None => {
                    return Err(CliError::Failed(
                        "the server closed the connection".to_owned(),
                    ));
                }
            };
            match message {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text)
                        .map_err(|error| CliError::Failed(format!("bad answer: {error}")))?;
                    if message["type"] == "ping" {
                        self.send(&json!({ "type": "pong" })).await?;
                        continue;
                    }
                    return Ok(message);
                }
                Message::Close(frame) => {
                    let why = frame.map(|it| format!("{} {}", it.code, it.reason));
                    let why = why.unwrap_or_else(|| "no reason given".to_owned());
                    return Err(CliError::Failed(format!(
                        "the server closed the connection: {why}"
                    )));
                }
                _ => {}
            }
        }
    }
}

fn lost(error: &tokio_tungstenite::tungstenite::Error) -> CliError {
    CliError::Failed(format!("the connection was lost: {error}"))
}

fn refused(errors: &[Value]) -> CliError {
    let is_off = |error: &Value| error["extensions"]["code"] == "FEATURE_DISABLED";
    if errors.iter().any(is_off) {
        let message = "synchronizers are switched off on this server: an administrator can start \
                       it with --enable synchronizers";
        return CliError::Failed(message.to_owned());
    }
    let messages: Vec<&str> = errors
        .iter()
        .filter_map(|error| error["message"].as_str())
        .collect();
    CliError::Failed(messages.join("; "))
}

/// The WebSocket address of a server's base URL; `None` if that is none.
pub(super) fn socket_address(url: &str) -> Option<String> {
    let (scheme, rest) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
        (Some(rest), _) => ("ws", rest),
        (_, rest) => ("wss", rest?),
    };
    let base = rest
        .split(['#', '?'])
        .next()
        .unwrap_or(rest)
        .trim_end_matches('/');
    let base = base.strip_suffix("/graphql").unwrap_or(base);
    (!base.is_empty()).then(|| format!("{scheme}://{base}/graphql"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_leads_to_the_socket() {
        for (url, address) in [
            ("http://127.0.0.1:8000/", "ws://127.0.0.1:8000/graphql"),
            (
                "http://127.0.0.1:8000/#token=x",
                "ws://127.0.0.1:8000/graphql",
            ),
            (
                "https://example.com/understory/",
                "wss://example.com/understory/graphql",
            ),
            ("http://localhost:1/graphql", "ws://localhost:1/graphql"),
        ] {
            assert_eq!(socket_address(url).unwrap(), address);
        }
        assert_eq!(socket_address("localhost:8000"), None);
        assert_eq!(socket_address("http://"), None);
    }
}
