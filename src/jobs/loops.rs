//! Stops synchronizers that undo each other's work, which would run for ever.

use crate::store::synchronizers::{self, Synchronizer};
use crate::store::{StoreError, Tx, jobs};

/// Incremental jobs in a row on changes that only jobs made, before a loop is taken for one.
const CHAIN_LIMIT: i64 = 10;

/// Synchronizers that undo each other's work would run for ever. One that has run, and changed
/// something, too often in a row on what others did, with nothing by any user in between, is
/// switched off together with those others, and each is told why.
pub(super) fn breaks_loop(tx: &Tx<'_>, synchronizer: &Synchronizer) -> Result<bool, StoreError> {
    let last = jobs::last_incremental(tx, synchronizer.id)?;
    let in_a_row = match last {
        Some(job) if job.counts.total() == 0 => false,
        Some(job) => !synchronizers::sees_users_since(tx, job.created_at)?,
        None => false,
    };
    let chain = if in_a_row { synchronizer.chain + 1 } else { 0 };
    synchronizers::set_chain(tx, synchronizer.id, chain)?;
    if chain <= CHAIN_LIMIT {
        return Ok(false);
    }
    let others = synchronizers::behind_changes(tx, synchronizer)?;
    for one in std::iter::once(synchronizer).chain(&others) {
        let opponents: Vec<&Synchronizer> = if one.id == synchronizer.id {
            others.iter().collect()
        } else {
            vec![synchronizer]
        };
        let because = format!(
            "it ran more than {CHAIN_LIMIT} times in a row on changes by {} with none by a user in \
             between: they undo each other's work. Change the settings of one, then enable them again",
            name_all(one, &opponents)
        );
        tracing::warn!(
            synchronizer = one.id.0,
            structure = one.structure.0,
            because,
            "a loop of synchronizers was broken"
        );
        synchronizers::disable(tx, one.id, Some(&because))?;
    }
    Ok(true)
}

/// The names of synchronizers, as far as whoever sees one of them may see the others.
fn name_all(to: &Synchronizer, others: &[&Synchronizer]) -> String {
    let name = |other: &&Synchronizer| match other.structure == to.structure {
        true => format!("“{}”", other.name),
        false => "a synchronizer of another structure".to_owned(),
    };
    let names: Vec<String> = others.iter().map(name).collect();
    if names.is_empty() {
        "others".to_owned()
    } else {
        names.join(" and ")
    }
}
