//! Mutations of structures and their rows.

use super::outcome::{DeletePayload, accept, errors};
use super::positions::{NewRowInput, PositionInput, decode_rows};
use crate::domain::{StructureId, Viewer};
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use crate::graphql::ids;
use crate::graphql::types::{Row, Structure, UserError};
use crate::store::{Failure, Store, structures::Structure as Stored};
use crate::structures::{self, AddRows, Changes, Edited, MoveRows, RemoveRows};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

/// A structure to be made.
#[derive(InputObject)]
struct CreateStructureInput {
    /// Its name, 1 to 255 characters.
    name: String,
    /// What it is for, at most 10,000 characters.
    #[graphql(default)]
    description: String,
}

/// What is to change of a structure.
#[derive(InputObject)]
struct UpdateStructureInput {
    /// Which structure.
    id: ID,
    /// Its new name, 1 to 255 characters; null leaves it.
    name: Option<String>,
    /// What it is for, at most 10,000 characters; null leaves it.
    description: Option<String>,
}

/// Rows to be added, one behind the other.
#[derive(InputObject)]
struct AddRowsInput {
    /// To which structure.
    structure_id: ID,
    /// What they hold, 1 to 1,000 of them.
    rows: Vec<NewRowInput>,
    /// Where the first of them goes; each other goes after the one before it.
    position: PositionInput,
    /// Refuse with CONFLICT unless the structure is at this version.
    expected_version: Option<i32>,
}

/// Rows to be moved with their subtrees, one behind the other.
#[derive(InputObject)]
struct MoveRowsInput {
    /// In which structure.
    structure_id: ID,
    /// Which rows, 1 to 1,000, none of them in the subtree of another.
    row_ids: Vec<ID>,
    /// Where the first of them goes; each other goes after the one before it.
    position: PositionInput,
    /// Refuse with CONFLICT unless the structure is at this version.
    expected_version: Option<i32>,
}

/// Rows to be removed with their subtrees.
#[derive(InputObject)]
struct RemoveRowsInput {
    /// From which structure.
    structure_id: ID,
    /// Which rows, 1 to 1,000.
    row_ids: Vec<ID>,
    /// Refuse with CONFLICT unless the structure is at this version.
    expected_version: Option<i32>,
}

/// What became of a request to make or change a structure.
#[derive(SimpleObject)]
struct StructurePayload {
    /// The structure afterwards; null if the request was refused.
    structure: Option<Structure>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl StructurePayload {
    fn new(outcome: Result<Stored, Failure>) -> Result<Self> {
        Ok(match accept(outcome)? {
            Ok(structure) => Self {
                structure: Some(structure.into()),
                user_errors: vec![],
            },
            Err(refusal) => Self {
                structure: None,
                user_errors: errors(refusal),
            },
        })
    }
}

/// What became of a request to change rows.
#[derive(SimpleObject)]
struct RowsPayload {
    /// The rows that were added or moved, in the order of the request.
    rows: Vec<Row>,
    /// The structure afterwards; null if the request was refused.
    structure: Option<Structure>,
    /// Why the request was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl RowsPayload {
    fn new(outcome: Result<Edited, Failure>) -> Result<Self> {
        Ok(match accept(outcome)? {
            Ok(Edited {
                structure,
                forest,
                rows,
            }) => {
                let find = |row| Row::find(structure.id, &forest, row);
                Self {
                    rows: rows.into_iter().filter_map(find).collect(),
                    structure: Some(structure.into()),
                    user_errors: vec![],
                }
            }
            Err(refusal) => Self {
                rows: vec![],
                structure: None,
                user_errors: errors(refusal),
            },
        })
    }
}

/// Mutations of structures and their rows.
#[derive(Default)]
pub(super) struct StructureMutations;

/// Mutations of structures and their rows.
#[Object]
impl StructureMutations {
    /// Makes an empty structure, owned by the viewer.
    async fn create_structure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The structure to be made.")] input: CreateStructureInput,
    ) -> Result<StructurePayload> {
        let store = &ctx.api().store;
        let CreateStructureInput { name, description } = input;
        StructurePayload::new(structures::create(store, ctx.viewer(), &name, &description).await)
    }

    /// Changes the name or the description of a structure.
    async fn update_structure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: UpdateStructureInput,
    ) -> Result<StructurePayload> {
        StructurePayload::new(update(&ctx.api().store, ctx.viewer(), input).await)
    }

    /// Deletes a structure with all that belongs to it; the issues stay. Refused with CONFLICT while
    /// work on it is being done.
    async fn delete_structure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which structure.")] id: ID,
    ) -> Result<DeletePayload> {
        DeletePayload::new(delete(&ctx.api().store, ctx.viewer(), &id).await)
    }

    /// Adds rows, all or none.
    async fn add_rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which rows, and where they go.")] input: AddRowsInput,
    ) -> Result<RowsPayload> {
        RowsPayload::new(add(&ctx.api().store, ctx.viewer(), input).await)
    }

    /// Moves rows with their subtrees, all or none. Rows that stand there already stay as they are.
    async fn move_rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which rows, and where they go.")] input: MoveRowsInput,
    ) -> Result<RowsPayload> {
        RowsPayload::new(move_to(&ctx.api().store, ctx.viewer(), input).await)
    }

    /// Removes rows with their subtrees, all or none; the issues stay.
    async fn remove_rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which rows.")] input: RemoveRowsInput,
    ) -> Result<RowsPayload> {
        RowsPayload::new(remove(&ctx.api().store, ctx.viewer(), input).await)
    }
}

async fn update(
    store: &Store,
    viewer: &Viewer,
    input: UpdateStructureInput,
) -> Result<Stored, Failure> {
    let id = ids::decode_at(&input.id, "input.id")?;
    let changes = Changes {
        name: input.name,
        description: input.description,
    };
    structures::update(store, viewer, id, changes).await
}

async fn delete(store: &Store, viewer: &Viewer, id: &ID) -> Result<StructureId, Failure> {
    let id = ids::decode_at(id, "id")?;
    structures::delete(store, viewer, id).await?;
    Ok(id)
}

async fn add(store: &Store, viewer: &Viewer, input: AddRowsInput) -> Result<Edited, Failure> {
    let request = AddRows {
        structure: ids::decode_at(&input.structure_id, "input.structureId")?,
        position: input.position.decode()?,
        rows: input.rows.into_iter().map(Into::into).collect(),
        expected_version: input.expected_version.map(i64::from),
    };
    structures::add_rows(store, viewer, request).await
}

async fn move_to(store: &Store, viewer: &Viewer, input: MoveRowsInput) -> Result<Edited, Failure> {
    let request = MoveRows {
        structure: ids::decode_at(&input.structure_id, "input.structureId")?,
        rows: decode_rows(&input.row_ids)?,
        position: input.position.decode()?,
        expected_version: input.expected_version.map(i64::from),
    };
    structures::move_rows(store, viewer, request).await
}

async fn remove(store: &Store, viewer: &Viewer, input: RemoveRowsInput) -> Result<Edited, Failure> {
    let request = RemoveRows {
        structure: ids::decode_at(&input.structure_id, "input.structureId")?,
        rows: decode_rows(&input.row_ids)?,
        expected_version: input.expected_version.map(i64::from),
    };
    structures::remove_rows(store, viewer, request).await
}
