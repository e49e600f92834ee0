//! Whether an installed synchronizer can run at all: what its settings name must still be there, and
//! the user as whom it runs must have the rights for it.

use crate::domain::synchronizer::{AgileSource, FilterSource};
use crate::domain::{Kind, Settings, StructureId, UserId};
use crate::jql;
use crate::store::synchronizers::Synchronizer;
use crate::store::{StoreError, Tx, boards, filters, forest, links, users};
use crate::structures::access::{self, AccessLevel};

/// Why an installed synchronizer cannot run; `None` if it can.
pub fn of(tx: &Tx<'_>, synchronizer: &Synchronizer) -> Result<Option<String>, StoreError> {
    let Synchronizer {
        structure,
        settings,
        run_as,
        ..
    } = synchronizer;
    check(tx, *structure, settings, *run_as)
}

/// Why a rule cannot run on a structure with the rights of a user; `None` if it can.
pub fn check(
    tx: &Tx<'_>,
    structure: StructureId,
    settings: &Settings,
    run_as: UserId,
) -> Result<Option<String>, StoreError> {
    match lacks(tx, structure, run_as, needed(settings))? {
        None => missing(tx, structure, settings),
        lacking => Ok(lacking),
    }
}

/// What a rule needs on its structure. A rollup reads rows and writes issues, which everybody may;
/// the others write rows as well.
pub(super) fn needed(settings: &Settings) -> AccessLevel {
    match settings.kind() {
        Kind::StatusRollup => AccessLevel::View,
        Kind::SavedFilter | Kind::SubTasks | Kind::Links | Kind::Agile => AccessLevel::Edit,
    }
}

/// Why a user has not the rights for a job on a structure; `None` if they have.
pub(super) fn lacks(
    tx: &Tx<'_>,
    structure: StructureId,
    run_as: UserId,
    needed: AccessLevel,
) -> Result<Option<String>, StoreError> {
    let Some(user) = users::find(tx, run_as)? else {
        return Ok(Some("the user as whom it runs is gone".to_owned()));
    };
    if !user.active {
        let name = user.name;
        return Ok(Some(format!("“{name}”, as whom it runs, is deactivated")));
    }
    let level = access::level(tx, run_as, structure)?;
    Ok((level < needed).then(|| {
        format!(
            "“{}”, as whom it runs, has the access level {} on the structure, and it needs {}",
            user.name,
            level.name(),
            needed.name()
        )
    }))
}

/// What a rule names and is gone, in words; `None` if all is there.
pub(super) fn missing(
    tx: &Tx<'_>,
    structure: StructureId,
    settings: &Settings,
) -> Result<Option<String>, StoreError> {
    match settings {
        Settings::SavedFilter(settings) => {
            if let FilterSource::SavedFilter(id) = settings.source
                && filters::find(tx, id)?.is_none()
            {
                return Ok(Some("its saved filter is gone".to_owned()));
            }
            if let FilterSource::Jql(jql) = &settings.source
                && let Err(error) = jql::parse(jql)
            {
                return Ok(Some(format!("its query is not valid: {error}")));
            }
            let Some(row) = settings.place_under else {
                return Ok(None);
            };
            let stands_in = forest::find_structure_of(tx, row)?;
            Ok((stands_in != Some(structure))
                .then(|| "the row that it adds issues under is gone".to_owned()))
        }
        Settings::SubTasks(_) => Ok(None),
        Settings::Links(settings) => Ok(links::find_type(tx, settings.link_type)?
            .is_none()
            .then(|| "its link type is gone".to_owned())),
        Settings::Agile(settings) => match settings.source {
            AgileSource::Board(board) => Ok(boards::find(tx, board)?
                .is_none()
                .then(|| "its board is gone".to_owned())),
            AgileSource::Projects(_) => Ok(None),
        },
        Settings::StatusRollup(_) => Ok(None),
    }
}
