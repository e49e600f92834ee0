//! Serving a listener until shutdown, and then until what runs has ended.

use std::{future::IntoFuture, io, time::Duration};

use axum::{Router, serve::ListenerExt};
use tokio::{net::TcpListener, time::sleep};

use super::Shutdown;

/// Serves until the shutdown begins. Then no connection is accepted any more, subscriptions are
/// completed, running requests may end; this returns when all did, or after `drain`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: Shutdown,
    drain: Duration,
) -> io::Result<()> {
    // Small answers and events leave at once instead of waiting for more to send.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let signal = shutdown.clone();
    let server = axum::serve(listener, router)
        .with_graceful_shutdown(async move { signal.begun().await })
        .into_future();
    let all_ended = async {
        server.await?;
        // A socket is no longer a request of the server, so it is waited for apart.
        shutdown.drained().await;
        Ok(())
    };
    let out_of_time = async {
        shutdown.begun().await;
        sleep(drain).await;
    };
    tokio::select! {
        result = all_ended => result,
        () = out_of_time => {
            tracing::warn!(?drain, "connections were still open at the end of the drain");
            Ok(())
        }
    }
}
