//! What the database last could not do, for those who ask whether the server can work.
//!
//! A trouble with writing lasts until something was written again; damage lasts until the file is
//! another, which takes a restart.

use super::StoreError;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub(super) struct Health(Mutex<Troubles>);

#[derive(Default)]
struct Troubles {
    writing: Option<String>,
    damage: Option<String>,
}

impl Health {
    /// An error of the engine in our words, remembered if it tells of a trouble.
    pub(super) fn noted(&self, error: rusqlite::Error) -> StoreError {
        let error = StoreError::from(error);
        match &error {
            StoreError::Damaged(_) => {
                let damage = &mut self.troubles().damage;
                if damage.is_none() {
                    tracing::error!(%error, "the database is damaged");
                }
                damage.get_or_insert(error.to_string());
            }
            // A full queue or a slow query says nothing of the disk.
            StoreError::Busy => {}
            passing if passing.may_pass() => {
                let writing = &mut self.troubles().writing;
                if writing.is_none() {
                    tracing::error!(%error, "the database cannot be written");
                }
                *writing = Some(error.to_string());
            }
            _ => {}
        }
        error
    }

    /// Something was written.
    pub(super) fn can_write(&self) {
        if self.troubles().writing.take().is_some() {
            tracing::info!("the database can be written again");
        }
    }

    pub(super) fn cannot_write(&self) -> bool {
        self.troubles().writing.is_some()
    }

    pub(super) fn trouble(&self) -> Option<String> {
        let troubles = self.troubles();
        troubles.damage.clone().or_else(|| troubles.writing.clone())
    }

    fn troubles(&self) -> MutexGuard<'_, Troubles> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
