//! What lies outside: the tracker that holds the issues.
//!
//! Today it is embedded: tables in our own database, filled by [`import`] from what Jira's REST
//! API returns, edited through [`embedded`]. Everything here works inside a transaction of the
//! store and leaves its trace in the change feed; the SQL is the store's.

pub mod boards;
pub mod embedded;
mod feed;
pub mod import;
pub mod saved_filters;
pub mod search;
pub mod workflows;
