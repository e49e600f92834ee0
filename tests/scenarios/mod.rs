//! The way of a user, end to end: real server, real client, real database.

mod agreement;
mod command_line;
mod crash;
mod generated;
mod independent;
mod listeners;
mod order;
mod safety;
mod undo;
