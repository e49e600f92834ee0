//! Understory: a GraphQL server that keeps structures in sync with an issue tracker.

pub mod accounts;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod events;
pub mod graphql;
pub mod http;
pub mod jobs;
pub mod jql;
pub mod oidc;
pub mod outgoing;
pub mod store;
pub mod structures;
pub mod sync;
pub mod telemetry;
pub mod tracker;
