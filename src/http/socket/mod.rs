//! GraphQL over WebSocket, sub-protocol `graphql-transport-ws`, as the npm package graphql-ws
//! expects it.
//!
//! One task reads a connection, one writes it, and one runs each operation. Between the operations
//! and the writer lies a short queue: a reader that is slow makes its own operations wait and costs
//! no memory. The protocol is written out here because the loop that comes with async-graphql
//! neither limits the time for `connection_init` nor refuses duplicate ids, and closes with other
//! codes.

mod connection;
mod message;
mod operations;
mod outbox;

use std::{net::IpAddr, sync::Arc};

use axum::{extract::WebSocketUpgrade, response::Response};
use tracing::Instrument;

use super::{HttpState, gate::Peer, request_id::RequestId};

/// The name of the sub-protocol.
const PROTOCOL: &str = "graphql-transport-ws";

/// Each connection holds this much, and the library fills it with zeroes at each read. Most
/// connections mostly listen, and what they say is short; its default is 128 KiB.
const READ_BUFFER: usize = 1 << 10;

/// Answers that wait are written together up to this size, and the connection keeps as much.
const WRITE_BUFFER: usize = 8 << 10;

/// Accepts an upgrade and serves the connection, whose token counts as tried `from` an address. The
/// peer is kept as long, so that the connection is counted.
pub(super) fn accept(
    state: Arc<HttpState>,
    upgrade: WebSocketUpgrade,
    from: Option<IpAddr>,
    peer: Option<Peer>,
    request_id: Option<RequestId>,
) -> Response {
    // Taken now, so that a shutdown waits for the connection from its first moment.
    let guard = state.shutdown.guard();
    // Not within the handshake, which is over long before the connection is.
    let span =
        tracing::info_span!(parent: None, "socket", request = request_id.as_ref().map(|id| &*id.0));
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(state.config.message_limit)
        .max_frame_size(state.config.message_limit)
        .protocols([PROTOCOL])
        .on_upgrade(move |socket| {
            let served = async move {
                connection::serve(socket, state, from, request_id, guard).await;
                drop(peer);
            };
            served.instrument(span)
        })
}
