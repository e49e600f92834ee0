//! A client that costs as little as a client can: bytes that were made before are written to
//! sockets, and answers are only measured and looked at for a sign of an error.

use crate::measure::quantile;
use crate::support::server::TOKEN;
use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A request as it goes over the wire.
#[derive(Clone)]
pub(crate) struct Request(Arc<[u8]>);

impl Request {
    pub(crate) fn graphql(address: SocketAddr, query: &str, variables: Value) -> Self {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {TOKEN}\r\n\
             content-type: application/json\r\naccept: application/graphql-response+json\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        Self([head.as_bytes(), body.as_bytes()].concat().into())
    }

    pub(crate) fn get(address: SocketAddr, path: &str) -> Self {
        let head = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        Self(head.into_bytes().into())
    }
}

/// What a load brought.
pub(crate) struct Load {
    pub(crate) per_second: f64,
    /// How long an answer took, all of them.
    pub(crate) took: Vec<f64>,
}

impl Load {
    /// The time that a share of the answers needed at the most.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        quantile(&self.took, share)
    }
}

/// Asks over so many connections, each for one page after another, for so long.
pub(crate) fn drive(
    address: SocketAddr,
    requests: &[Request],
    connections: usize,
    time: Duration,
) -> anyhow::Result<Load> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let began = Instant::now();
    let took = runtime.block_on(async {
        // Clients that sleep are woken at the expense of whoever answers them, which on a virtual
        // machine is sometimes a tenth of an answer and sometimes nothing. So these never do.
        let awake = tokio::spawn(async {
            loop {
                tokio::task::yield_now().await;
            }
        });
        let mut clients = tokio::task::JoinSet::new();
        for connection in 0..connections {
            let requests = requests.to_vec();
            clients
                .spawn(async move { ask(address, &requests, connection * 7, began + time).await });
        }
        let mut took = Vec::new();
        while let Some(client) = clients.join_next().await {
            took.extend(client??);
        }
        awake.abort();
        anyhow::Ok(took)
    })?;
    Ok(Load {
        per_second: took.len() as f64 / began.elapsed().as_secs_f64(),
        took,
    })
}

async fn ask(
    address: SocketAddr,
    requests: &[Request],
    first: usize,
    until: Instant,
) -> anyhow::Result<Vec<f64>> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut took, mut buffer) = (Vec::new(), Vec::new());
    let mut next = first;
    while Instant::now() < until {
        let request = &requests[next % requests.len()];
        next += 1;
        let began = Instant::now();
        stream.write_all(&request.0).await?;
        buffer.clear();
        loop {
            ensure!(
                stream.read_buf(&mut buffer).await? > 0,
                "the server hung up"
            );
            if is_whole(&buffer)? {
                break;
            }
        }
        took.push(began.elapsed().as_secs_f64());
    }
    Ok(took)
}

/// The body of an answer.
pub(crate) fn answer(address: SocketAddr, request: &Request) -> anyhow::Result<Value> {
    let mut buffer = vec![0; 1 << 20];
    let filled = exchange(&mut TcpStream::connect(address)?, request, &mut buffer)?;
    let body = buffer[..filled].windows(4).position(|it| it == b"\r\n\r\n");
    let body = &buffer[body.context("no head")? + 4..filled];
    Ok(serde_json::from_slice(body)?)
}

/// Sends a request and reads the whole answer; its length.
fn exchange(stream: &mut TcpStream, request: &Request, buffer: &mut [u8]) -> anyhow::Result<usize> {
    stream.write_all(&request.0)?;
    let mut filled = 0;
    while filled == 0 || !is_whole(&buffer[..filled])? {
        let read = stream.read(&mut buffer[filled..])?;
        ensure!(read > 0, "the server hung up");
        filled += read;
    }
    Ok(filled)
}

/// The mean time of an answer, so many of them one after the other.
pub(crate) fn one_by_one(
    address: SocketAddr,
    request: &Request,
    count: usize,
) -> anyhow::Result<f64> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 1 << 20];
    let began = Instant::now();
    for _ in 0..count {
        exchange(&mut stream, request, &mut buffer)?;
    }
    Ok(began.elapsed().as_secs_f64() / count as f64)
}

/// Whether an answer has come to its end; an error if it is one.
fn is_whole(answer: &[u8]) -> anyhow::Result<bool> {
    let Some(end) = answer.windows(4).position(|it| it == b"\r\n\r\n") else {
        return Ok(false);
    };
    let head = std::str::from_utf8(&answer[..end])?.to_ascii_lowercase();
    let body = &answer[end + 4..];
    if !head.starts_with("http/1.1 200") || body.starts_with(b"{\"errors") {
        bail!("{head} {}", String::from_utf8_lossy(body));
    }
    let length = head
        .lines()
        .find_map(|it| it.strip_prefix("content-length: "));
    let length: usize = length.context("no length")?.parse()?;
    Ok(body.len() >= length)
}
