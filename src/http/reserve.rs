//! Connections beyond the limits: on them only health and metrics are answered, anything else is
//! refused.
//!
//! A supervisor that could not ask would restart a server that merely has much to do. These
//! connections are few and short: one request each, whose head must come soon.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{gate::Peer, refusal::Refusal};
use crate::graphql::service::code;

/// What is answered.
const ANSWERED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];
/// Time for the head of the request.
const HEAD: Duration = Duration::from_secs(2);
/// Time for the request and its answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time for a client to read why it is refused.
const LEAVING: Duration = Duration::from_secs(2);
/// When a client that was refused may come again.
const RETRY: Duration = Duration::from_secs(5);

/// Serves one request of a connection for which there is no room, for the reason given.
pub(super) async fn serve(
    mut http: http1::Builder,
    service: TowerToHyperService<Router>,
    stream: TcpStream,
    peer: Peer,
    reason: String,
) {
    // Kept to the end, so that the connection counts as long.
    let (reason, from) = (Arc::new(reason), peer.clone());
    let service = service_fn(move |mut request: Request<Incoming>| {
        let answered = ANSWERED.contains(&request.uri().path());
        request.extensions_mut().insert(from.clone());
        let answer = answered.then(|| service.call(request));
        let reason = Arc::clone(&reason);
        async move {
            match answer {
                Some(answer) => answer.await,
                None => Ok::<_, Infallible>(refuse(&reason)),
            }
        }
    });
    let connection = http
        .keep_alive(false)
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    if let Ok(Ok(parts)) = timeout(PATIENCE, connection.without_shutdown()).await {
        // The client has gone, or takes too long: neither is of interest.
        let _ = timeout(LEAVING, leave(parts.io.into_inner())).await;
    }
    drop(peer);
}

fn refuse(reason: &str) -> Response {
    tracing::warn!(reason, "a connection is refused");
    let refusal = Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        code::TOO_MANY_CONNECTIONS,
        reason,
    );
    let mut response = refusal.retry_after(RETRY).into_response();
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// Ends a connection. What the client still sends must be taken, or the answer would be lost with it.
async fn leave(mut stream: TcpStream) -> std::io::Result<()> {
    stream.shutdown().await?;
    let mut sent = [0; 4_096];
    while stream.read(&mut sent).await? > 0 {}
    Ok(())
}
