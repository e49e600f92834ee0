//! The tests that need more than one part: one binary, so that the crate is linked once.
//!
//! `http` holds the transports to their protocols, `api` the served schema, `scenarios` the way of
//! a user with a real server and a real database, `access` who may do what on such a server,
//! `simulation` random worlds with crashes, `soak` many clients over kills and restarts,
//! `architecture` the arrows between the parts.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end at the first thing that is wrong"
)]

mod access;
mod architecture;
mod exports;
mod http;
mod scenarios;
mod simulation;
mod soak;
mod support;
