//! The type `Mutation`, in one file for each thing that is changed: inputs, payloads, fields.
//!
//! A refusal that a user can act on is in the payload, under `userErrors`; then nothing was changed.

mod accounts;
mod boards;
mod issues;
mod jobs;
mod outcome;
mod permissions;
mod positions;
mod rank;
mod settings;
mod structures;
mod synchronizers;
mod workflows;

use async_graphql::MergedObject;

/// What changes something. A refused request changes nothing and says why in `userErrors`.
#[derive(Default, MergedObject)]
pub struct Mutation(
    structures::StructureMutations,
    synchronizers::SynchronizerMutations,
    jobs::JobMutations,
    issues::IssueMutations,
    rank::RankMutations,
    boards::BoardMutations,
    workflows::WorkflowMutations,
    permissions::PermissionMutations,
    accounts::AccountMutations,
);
