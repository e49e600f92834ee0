//! Clients and servers as the tests have them.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "the tests need more of it, and fail as tests do"
)]

#[path = "../tests/support/client.rs"]
pub(crate) mod client;
#[path = "../tests/support/server.rs"]
pub(crate) mod server;
