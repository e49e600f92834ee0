//! The schema in process, on a database in a temporary folder; jobs, tracker and synchronizers are
//! stood in for by fakes.

mod access;
mod accounts;
mod batching;
mod contract;
mod description;
mod hidden;
mod history;
mod lists;
mod mutations;
mod one_offs;
mod permissions;
mod quick;
mod shared;
mod subscriptions;
mod tracker;
mod world;
