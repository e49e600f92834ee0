//! The embedded tracker's rules: what an edit of an issue may be, whoever makes it.
//!
//! Each function works in the caller's transaction, refuses what breaks a rule with the path of
//! the input field, and otherwise writes the edit and its lines of the change feed. An edit that
//! changes nothing writes nothing.
//!
//! Absent on purpose: who may edit, for the callers know the viewer.

mod create;
mod delete;
mod fields;
mod find;
mod link;
mod rank;
mod update;

#[cfg(test)]
mod tests;

pub use create::{NewIssue, create_issue};
pub use delete::{delete_issue, structures_of};
pub use fields::{restore_status, set_epic, set_status};
pub(super) use find::{project as find_project, status as find_status};
pub use link::{NewLink, add_link, link_issues, remove_link, restore_link, unlink_issues};
pub use rank::{Ranking, rank_issues, set_rank};
pub use update::{IssueUpdate, update_issue};
