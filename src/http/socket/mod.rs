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

use super::{HttpState, gate::Peer};

/// The name of the sub-protocol.
const PROTOCOL: &str = "graphql-transport-ws";

/// The library zero-fills this much at each read; its default of 128 KiB takes half of the time of
/// a connection that mostly sends.
const READ_BUFFER: usize = 4096;

/// Accepts an upgrade and serves the connection, whose token counts as tried `from` an address. The
/// peer is kept as long, so that the connection is counted.
pub(super) fn accept(
    state: HttpState,
    upgrade: WebSocketUpgrade,
    from: Option<IpAddr>,
    peer: Option<Peer>,
) -> Response {
    // Taken now, so that a shutdown waits for the connection from its first moment.
    let guard = state.shutdown.guard();
    upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(state.config.message_limit)
        .max_frame_size(state.config.message_limit)
        .protocols([PROTOCOL])
        .on_upgrade(move |socket| async move {
            connection::serve(socket, state, from, guard).await;
            drop(peer);
        })
}
