//! The API: the only place that knows async-graphql.

pub mod service;
