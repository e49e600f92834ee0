//! Thousands of WebSocket clients that only listen, each a task that counts what comes.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Longer than this nothing is waited for.
const PATIENCE: Duration = Duration::from_secs(120);
/// Clients that connect at the same time.
const AT_ONCE: usize = 64;

/// A message that came, by the number in it that tells which it is.
pub(crate) struct Arrival {
    pub(crate) which: u64,
    pub(crate) at: Instant,
}

/// Messages that came, and until when it lasted.
pub(crate) struct Heard {
    arrivals: Vec<Arrival>,
}

impl Heard {
    /// Messages a second from the first to the last of all.
    pub(crate) fn per_second(&self) -> f64 {
        let times = || self.arrivals.iter().map(|it| it.at);
        match times().min().zip(times().max()) {
            Some((first, last)) => self.arrivals.len() as f64 / (last - first).as_secs_f64(),
            None => f64::NAN,
        }
    }

    /// How much later than to the first client a message came, each to each.
    pub(crate) fn delays(&self) -> Vec<f64> {
        let mut first = std::collections::HashMap::new();
        for it in &self.arrivals {
            let seen = first.entry(it.which).or_insert(it.at);
            *seen = (*seen).min(it.at);
        }
        let late = |it: &Arrival| (it.at - first[&it.which]).as_secs_f64();
        self.arrivals.iter().map(late).collect()
    }
}

/// Clients that are connected.
pub(crate) struct Crowd {
    clients: Vec<TcpStream>,
}

impl Crowd {
    /// Connects so many.
    pub(crate) async fn connect(
        count: usize,
        greet: impl AsyncFn(TcpStream) -> anyhow::Result<TcpStream>,
        address: SocketAddr,
    ) -> anyhow::Result<Self> {
        let mut clients = Vec::with_capacity(count);
        while clients.len() < count {
            let part = AT_ONCE.min(count - clients.len());
            let met = (0..part).map(|_| async { greet(TcpStream::connect(address).await?).await });
            clients.extend(futures_util::future::try_join_all(met).await?);
        }
        Ok(Self { clients })
    }

    /// Listens until each has heard its last message.
    pub(crate) async fn listen(
        self,
        which: impl Fn(&[u8]) -> Option<u64> + Copy + Send + 'static,
        is_last: impl Fn(&[u8]) -> bool + Copy + Send + 'static,
    ) -> anyhow::Result<Heard> {
        let mut listening = JoinSet::new();
        for client in self.clients {
            listening.spawn(tokio::time::timeout(
                PATIENCE,
                listen(client, which, is_last),
            ));
        }
        let mut arrivals = Vec::new();
        while let Some(heard) = listening.join_next().await {
            arrivals.extend(heard???);
        }
        Ok(Heard { arrivals })
    }
}

async fn listen(
    mut client: TcpStream,
    which: impl Fn(&[u8]) -> Option<u64>,
    is_last: impl Fn(&[u8]) -> bool,
) -> anyhow::Result<Vec<Arrival>> {
    let (mut buffer, mut arrivals) = (Vec::new(), Vec::new());
    loop {
        ensure!(
            client.read_buf(&mut buffer).await? > 0,
            "the server hung up"
        );
        let at = Instant::now();
        while let Some((payload, end)) = frame(&buffer) {
            if let Some(which) = which(payload) {
                arrivals.push(Arrival { which, at });
            }
            let over = is_last(payload);
            buffer.drain(..end);
            if over {
                return Ok(arrivals);
            }
        }
    }
}

/// The payload of the first whole frame, and where it ends. Servers do not mask theirs.
fn frame(buffer: &[u8]) -> Option<(&[u8], usize)> {
    let (begin, length) = match *buffer.get(1)? {
        126 => (
            4,
            usize::from(u16::from_be_bytes([*buffer.get(2)?, *buffer.get(3)?])),
        ),
        short => (2, usize::from(short)),
    };
    Some((buffer.get(begin..begin + length)?, begin + length))
}

/// A frame of text, as a server sends it or, masked with zeroes, as a client does.
pub(crate) fn text(payload: &str, masked: bool) -> Vec<u8> {
    let mask: (u8, &[u8]) = if masked { (0x80, &[0; 4]) } else { (0, &[]) };
    let length = payload.len() as u16;
    let head = match payload.len() {
        0..126 => vec![0x81, mask.0 | payload.len() as u8],
        _ => [&[0x81, mask.0 | 126][..], &length.to_be_bytes()].concat(),
    };
    [&head, mask.1, payload.as_bytes()].concat()
}

/// Opens a WebSocket, shows a token and subscribes.
pub(crate) async fn subscribe(
    mut client: TcpStream,
    token: &str,
    query: &str,
    variables: &Value,
) -> anyhow::Result<TcpStream> {
    client.set_nodelay(true)?;
    let address = client.peer_addr()?;
    let upgrade = format!(
        "GET /graphql/ws HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
    );
    client.write_all(upgrade.as_bytes()).await?;
    let mut buffer = Vec::new();
    until(&mut client, &mut buffer, b"\r\n\r\n").await?;
    ensure!(buffer.starts_with(b"HTTP/1.1 101"), "no upgrade");
    let init = json!({ "type": "connection_init", "payload": { "token": token } });
    client.write_all(&text(&init.to_string(), true)).await?;
    buffer.clear();
    until(&mut client, &mut buffer, b"connection_ack\"}").await?;
    let payload = json!({ "query": query, "variables": variables });
    let subscribe = json!({ "id": "1", "type": "subscribe", "payload": payload });
    client
        .write_all(&text(&subscribe.to_string(), true))
        .await?;
    Ok(client)
}

async fn until(client: &mut TcpStream, buffer: &mut Vec<u8>, end: &[u8]) -> anyhow::Result<()> {
    while !buffer.ends_with(end) {
        ensure!(client.read_buf(buffer).await? > 0, "the server hung up");
    }
    Ok(())
}

/// The number after a name in a JSON text.
pub(crate) fn number(text: &[u8], name: &str) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    let from = text.find(name)? + name.len();
    let digits = text[from..].trim_start_matches(['"', ':']);
    let end = digits.find(|it: char| !it.is_ascii_digit())?;
    digits[..end].parse().context("no number").ok()
}
