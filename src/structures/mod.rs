//! What users do to structures: make, change and delete them, and edit their rows.
//!
//! Each request is checked and carried out in one write transaction, so that what was checked is
//! what is changed. Refusals name the field of the request they are about. Reading structures for a
//! page needs no rules and happens where it is shown; what jobs do to hierarchies is in `sync`.

pub mod access;
mod outline;
pub mod permissions;
mod properties;
mod requests;
mod rows;
#[cfg(test)]
mod tests;

pub use access::AccessLevel;
pub use outline::Outline;
pub use properties::{Changes, create, delete, update};
pub use requests::{AddRows, Edited, MoveRows, NewRow, Position, REQUEST_LIMIT, RemoveRows};
pub use rows::{add_rows, move_rows, remove_rows};
