//! Structures as things with a name: made, renamed and deleted.

use super::access::{self, AccessLevel};
use crate::domain::{JobState, Refusal, RefusalCode, StructureId, Viewer, text};
use crate::store::structures::{self, Structure};
use crate::store::{Failure, Store, StoreError, jobs};

/// What is to change of a structure; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

/// Makes an empty structure, owned by the viewer.
pub async fn create(
    store: &Store,
    viewer: &Viewer,
    name: &str,
    description: &str,
) -> Result<Structure, Failure> {
    let (name, description) = (accept_name(name)?, accept_description(description)?);
    let owner = viewer.user_id;
    store
        .write(move |tx| {
            let id = structures::create(tx, &name, &description, owner)?;
            Ok(structures::find(tx, id)?.ok_or_else(|| lost(id))?)
        })
        .await
}

/// Changes name or description.
pub async fn update(
    store: &Store,
    viewer: &Viewer,
    id: StructureId,
    changes: Changes,
) -> Result<Structure, Failure> {
    let name = changes.name.as_deref().map(accept_name).transpose()?;
    let description = changes.description.as_deref();
    let description = description.map(accept_description).transpose()?;
    let viewer = viewer.clone();
    store
        .write(move |tx| {
            let structure = access::require(tx, &viewer, id, AccessLevel::Control, "input.id")?;
            let same_name = name.as_ref().is_none_or(|it| *it == structure.name);
            let same_description = description
                .as_ref()
                .is_none_or(|it| *it == structure.description);
            if same_name && same_description {
                return Ok(structure);
            }
            structures::update(tx, id, name.as_deref(), description.as_deref())?;
            Ok(structures::find(tx, id)?.ok_or_else(|| lost(id))?)
        })
        .await
}

/// Deletes a structure with its rows, synchronizers and jobs; the issues stay.
///
/// Refused while one of its jobs runs: that job would write what is no longer there.
pub async fn delete(store: &Store, viewer: &Viewer, id: StructureId) -> Result<(), Failure> {
    let viewer = viewer.clone();
    store
        .write(move |tx| {
            access::require(tx, &viewer, id, AccessLevel::Control, "id")?;
            let running = jobs::active(tx)?
                .into_iter()
                .find(|job| job.structure == id && job.state != JobState::Queued);
            if let Some(job) = running {
                let message = format!(
                    "Job {} ({}) of this structure is {}: cancel it or wait for its end.",
                    job.id,
                    job.kind.name(),
                    job.state.name()
                );
                let mut refusal = Refusal::new(RefusalCode::Conflict, message).at("id");
                refusal.job = Some(job.id);
                return Err(refusal.into());
            }
            Ok(structures::delete(tx, id)?)
        })
        .await
}

fn accept_name(name: &str) -> Result<String, Refusal> {
    text::name("The name", name, text::NAME_LIMIT)
        .map_err(|error| Refusal::invalid("input.name", format!("{error}.")))
}

fn accept_description(description: &str) -> Result<String, Refusal> {
    text::block("The description", description, text::DESCRIPTION_LIMIT)
        .map_err(|error| Refusal::invalid("input.description", format!("{error}.")))
}

fn lost(id: StructureId) -> StoreError {
    StoreError::Corrupt(format!("structure {id} is gone in its own transaction"))
}
