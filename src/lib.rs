//! Understory: a GraphQL server that keeps structures in sync with an issue tracker.

pub mod clock;
pub mod domain;
pub mod events;
pub mod store;
pub mod tracker;
