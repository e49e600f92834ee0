//! Ranks of new issues: behind all that are here, in key order.
//!
//! Most files are in key order, so ranks are given out as issues come; only if one comes out of
//! order are they given once more, at the end, when every key of the file is known.

use super::value::IssueKey;
use crate::domain::{IssueId, fractional};
use crate::store::{StoreError, Tx, catalog, issue_rows};

/// Issues that are ranked at a time.
const BATCH: usize = 1_000;

/// The ranks of one file's new issues.
pub(super) struct Ranks {
    /// The last rank before the file.
    before: Option<String>,
    last: Option<String>,
    last_key: Option<IssueKey>,
    in_order: bool,
}

impl Ranks {
    pub(super) fn behind(before: Option<String>) -> Self {
        Self {
            last: before.clone(),
            before,
            last_key: None,
            in_order: true,
        }
    }

    /// The rank of the next new issue; `None` if it has to wait for the end.
    pub(super) fn next(&mut self, key: &IssueKey) -> Option<&str> {
        let follows =
            |last: &IssueKey| (last.project(), last.number()) < (key.project(), key.number());
        self.in_order &= self.last_key.as_ref().is_none_or(follows);
        if !self.in_order {
            return None;
        }
        self.last_key = Some(key.clone());
        self.last = fractional::between(self.last.as_deref(), None, 1).pop();
        self.last.as_deref()
    }

    /// Ranks the issues with ids after `old`, if they came out of order.
    pub(super) fn finish(self, tx: &Tx<'_>, old: IssueId) -> Result<(), StoreError> {
        if self.in_order {
            return Ok(());
        }
        issue_rows::clear_ranks(tx, old)?;
        let mut last = self.before;
        for project in catalog::projects(tx)? {
            let mut after = 0;
            loop {
                let batch = issue_rows::unranked(tx, project, after, BATCH)?;
                let Some(&(_, number)) = batch.last() else {
                    break;
                };
                after = number;
                let ranks = fractional::between(last.as_deref(), None, batch.len());
                for ((issue, _), rank) in batch.iter().zip(&ranks) {
                    issue_rows::set_rank(tx, *issue, Some(rank))?;
                }
                last = ranks.into_iter().next_back();
            }
        }
        Ok(())
    }
}
