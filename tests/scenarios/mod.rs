//! The way of a user, end to end: real server, real client, real database.

mod agreement;
mod backup;
#[cfg(target_os = "linux")]
mod bad_days;
mod command_line;
mod crash;
pub(crate) mod generated;
mod hidden;
mod identity;
mod independent;
mod independent_fields;
mod listeners;
mod loops;
mod one_offs;
mod order;
mod queue;
mod safety;
mod scale;
mod secrets;
mod undo;
