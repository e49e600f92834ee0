//! Whether an installed synchronizer can run at all: what its settings name must still be there.

use crate::domain::synchronizer::{AgileSource, FilterSource};
use crate::domain::{Settings, StructureId};
use crate::jql;
use crate::store::{StoreError, Tx, boards, filters, forest, links};

/// Why a rule cannot run on a structure; `None` if it can.
pub fn check(
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
