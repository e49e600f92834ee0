//! `understory healthcheck`: asks a server whether it is ready, for supervisors that can only run
//! a command.

use super::CliError;
use crate::config::AddressOptions;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// A server that takes longer is not ready.
const PATIENCE: Duration = Duration::from_secs(5);
/// Time between two questions.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes of an answer that are looked at.
const ANSWER_LIMIT: u64 = 4_096;

#[derive(clap::Args)]
pub(super) struct Healthcheck {
    #[command(flatten)]
    server: AddressOptions,
    /// Ask again until it is ready, for so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u32,
}

impl Healthcheck {
    pub(super) async fn run(self) -> Result<ExitCode, CliError> {
        let address = reachable(self.server.listen);
        let until = Instant::now() + Duration::from_secs(self.wait.into());
        loop {
            match check(address).await {
                Ok(()) => return Ok(ExitCode::SUCCESS),
                Err(reason) if Instant::now() >= until => {
                    let message = format!("{address} is not ready: {reason}");
                    return Err(CliError::Failed(message));
                }
                Err(_) => sleep(PAUSE).await,
            }
        }
    }
}

/// A server that listens on all addresses is asked at this machine's own.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// The error says what is missing.
async fn check(address: SocketAddr) -> Result<(), String> {
    let answer = timeout(PATIENCE, ask(address))
        .await
        .map_err(|_| format!("no answer within {PATIENCE:?}"))?
        .map_err(|error| error.to_string())?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.split(' ').nth(1) {
        Some("200") => Ok(()),
        _ => Err(body.trim().to_owned()),
    }
}

/// One request without keeping the connection: the answer ends with it.
async fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut connection = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.0\r\nHost: {address}\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    connection
        .take(ANSWER_LIMIT)
        .read_to_end(&mut answer)
        .await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
