//! The transports over real sockets: HTTP, WebSocket and server-sent events, against a small schema
//! of their own.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end at the first thing that is wrong"
)]

mod audit;
mod events;
mod requests;
mod shutdown;
mod sockets;
mod support;
