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

use std::net::IpAddr;

use axum::{extract::WebSocketUpgrade, response::Response};
use tracing::Instrument;

use super::{HttpState, gate::Peer, request_id::RequestId};

/// The name of the sub-protocol.
const PROTOCOL: &str = "graphql-transport-ws";

/// The library zero-fills this much at each read; its default of 128 KiB takes half of the time of
/// a connection that mostly sends.
const READ_BUFFER: usize = 4096;

/// Who opens a connection.
pub(super) struct Client {
    /// The address from which its token counts as tried.
    pub(super) from: Option<IpAddr>,
    /// Counts as a connection as long as it is kept.
    pub(super) peer: Option<Peer>,
    /// The id of the handshake.
    pub(super) request_id: Option<RequestId>,
}

/// Accepts an upgrade and serves the connection.
pub(super) fn accept(state: HttpState, upgrade: WebSocketUpgrade, client: Client) -> Response {
    // Taken now, so that a shutdown waits for the connection from its first moment.
    let guard = state.shutdown.guard();
    // Not within the handshake, which is over long before the connection is.
    let span = tracing::info_span!(parent: None, "socket", request = client.request_id.as_ref().map(|id| &*id.0));
    upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(state.config.message_limit)
        .max_frame_size(state.config.message_limit)
        .protocols([PROTOCOL])
        .on_upgrade(move |socket| connection::serve(socket, state, client, guard).instrument(span))
}
