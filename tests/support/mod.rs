//! What several tests need: a server of their own, clients of it, data.

pub(crate) mod client;
pub(crate) mod command;
pub(crate) mod oracle;
pub(crate) mod server;
