//! Mutations of synchronizers.

use super::outcome::{DeletePayload, accept, errors};
use super::settings::SynchronizerSettingsInput;
use crate::domain::{SynchronizerId, Viewer};
use crate::graphql::api::SynchronizersApi;
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::graphql::types::synchronizer::{self, SynchronizerWarning};
use crate::graphql::types::{Synchronizer, UserError};
use crate::store::Failure;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

/// A synchronizer to be installed.
#[derive(InputObject)]
struct InstallSynchronizerInput {
    /// On which structure.
    structure_id: ID,
    /// Its name, 1 to 255 characters; null: one that says what it does.
    name: Option<String>,
    /// What it does.
    settings: SynchronizerSettingsInput,
}

/// What is to change of a synchronizer.
#[derive(InputObject)]
struct UpdateSynchronizerInput {
    /// Which synchronizer.
    id: ID,
    /// Its new name, 1 to 255 characters; null leaves it.
    name: Option<String>,
    /// What it does from now on; null leaves it.
    settings: Option<SynchronizerSettingsInput>,
}

/// What became of a request to install or change a synchronizer.
#[derive(SimpleObject)]
struct SynchronizerPayload {
    /// The synchronizer afterwards; null if the request was refused.
    synchronizer: Option<Synchronizer>,
    /// What is to be feared of it beside the enabled synchronizers of its structure.
    warnings: Vec<SynchronizerWarning>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl SynchronizerPayload {
    async fn new(ctx: &Context<'_>, outcome: Result<SynchronizerId, Failure>) -> Result<Self> {
        Ok(match accept(outcome)? {
            Ok(id) => {
                let synchronizer = ctx.loaders().find(id).await?.map(Synchronizer);
                Self {
                    synchronizer,
                    warnings: synchronizer::warnings(ctx, id).await?,
                    user_errors: vec![],
                }
            }
            Err(refusal) => Self {
                synchronizer: None,
                warnings: vec![],
                user_errors: errors(refusal),
            },
        })
    }
}

/// Mutations of synchronizers.
#[derive(Default)]
pub(super) struct SynchronizerMutations;

/// Mutations of synchronizers.
#[Object]
impl SynchronizerMutations {
    /// Installs a synchronizer on a structure. It starts DISABLED.
    async fn install_synchronizer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be installed.")] input: InstallSynchronizerInput,
    ) -> Result<SynchronizerPayload> {
        let outcome = install(&*ctx.api().synchronizers, ctx.viewer(), input).await;
        SynchronizerPayload::new(ctx, outcome).await
    }

    /// Changes a synchronizer. One that is enabled is disabled by it.
    async fn update_synchronizer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: UpdateSynchronizerInput,
    ) -> Result<SynchronizerPayload> {
        let outcome = update(&*ctx.api().synchronizers, ctx.viewer(), input).await;
        SynchronizerPayload::new(ctx, outcome).await
    }

    /// Switches incremental synchronization on or off. A job that runs ends first.
    async fn set_synchronizer_enabled(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which synchronizer.")] id: ID,
        #[graphql(desc = "True switches on, from now on; false switches off.")] enabled: bool,
    ) -> Result<SynchronizerPayload> {
        let outcome = set_enabled(&*ctx.api().synchronizers, ctx.viewer(), &id, enabled).await;
        SynchronizerPayload::new(ctx, outcome).await
    }

    /// Uninstalls a synchronizer. Its rows, its links and its past jobs stay.
    async fn uninstall_synchronizer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which synchronizer.")] id: ID,
    ) -> Result<DeletePayload> {
        DeletePayload::new(uninstall(&*ctx.api().synchronizers, ctx.viewer(), &id).await)
    }
}

async fn install(
    api: &dyn SynchronizersApi,
    viewer: &Viewer,
    input: InstallSynchronizerInput,
) -> Result<SynchronizerId, Failure> {
    let structure = ids::decode_at(&input.structure_id, "input.structureId")?;
    api.install(viewer, structure, input.name, input.settings.decode()?)
        .await
}

async fn update(
    api: &dyn SynchronizersApi,
    viewer: &Viewer,
    input: UpdateSynchronizerInput,
) -> Result<SynchronizerId, Failure> {
    let id = ids::decode_at(&input.id, "input.id")?;
    let settings = input
        .settings
        .map(SynchronizerSettingsInput::decode)
        .transpose()?;
    api.update(viewer, id, input.name, settings).await?;
    Ok(id)
}

async fn set_enabled(
    api: &dyn SynchronizersApi,
    viewer: &Viewer,
    id: &ID,
    enabled: bool,
) -> Result<SynchronizerId, Failure> {
    let id = ids::decode_at(id, "id")?;
    api.set_enabled(viewer, id, enabled).await?;
    Ok(id)
}

async fn uninstall(
    api: &dyn SynchronizersApi,
    viewer: &Viewer,
    id: &ID,
) -> Result<SynchronizerId, Failure> {
    let id = ids::decode_at(id, "id")?;
    api.uninstall(viewer, id).await?;
    Ok(id)
}
