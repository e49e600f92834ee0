//! Whether an installed synchronizer can run at all: what its settings name must still be there.

use crate::domain::Settings;
use crate::domain::synchronizer::FilterSource;
use crate::jql;
use crate::store::synchronizers::Synchronizer;
use crate::store::{StoreError, Tx, filters, forest, links};

/// Why the synchronizer cannot run; `None` if it can.
pub fn check(tx: &Tx<'_>, synchronizer: &Synchronizer) -> Result<Option<String>, StoreError> {
    match &synchronizer.settings {
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
            Ok((stands_in != Some(synchronizer.structure))
                .then(|| "the row that it adds issues under is gone".to_owned()))
        }
        Settings::SubTasks(_) => Ok(None),
        Settings::Links(settings) => Ok(links::find_type(tx, settings.link_type)?
            .is_none()
            .then(|| "its link type is gone".to_owned())),
    }
}
