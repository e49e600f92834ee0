//! The transports over real sockets: HTTP, WebSocket and server-sent events, against a small schema
//! of their own.

mod audit;
mod browsers;
mod events;
mod limits;
mod metrics;
mod request_ids;
mod requests;
mod shutdown;
mod sockets;
pub(crate) mod support;
