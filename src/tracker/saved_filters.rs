//! Saved filters: named queries that are checked before they are kept.

use crate::domain::text::{self, NAME_LIMIT};
use crate::domain::{FilterId, Refusal, Viewer};
use crate::jql;
use crate::store::{Failure, Tx, filters};

/// A saved filter to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFilter {
    /// Its name.
    pub name: String,
    /// Its query.
    pub jql: String,
}

/// Makes a saved filter, owned by the viewer.
pub fn create(tx: &Tx<'_>, viewer: &Viewer, filter: &NewFilter) -> Result<FilterId, Failure> {
    let name = text::name("Name", &filter.name, NAME_LIMIT)
        .map_err(|error| Refusal::invalid("input.name", error.0))?;
    jql::parse(&filter.jql).map_err(|error| Refusal::invalid("input.jql", error.to_string()))?;
    Ok(filters::create(tx, &name, &filter.jql, viewer.user_id)?)
}
