//! Understory: a GraphQL server that keeps structures in sync with an issue tracker.

pub mod jql;
