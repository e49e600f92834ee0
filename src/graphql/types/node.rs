//! The interface `Node`, and how an id of any type is looked up.

use super::{
    Board, Issue, IssueLink, Job, LinkType, Row, SavedFilter, Structure, Synchronizer, Token, User,
};
use crate::domain::RowId;
use crate::graphql::context::ContextExt;
use crate::graphql::error::Result;
use crate::graphql::ids::NodeId;
use crate::graphql::loaders::StructureOf;
use async_graphql::{Context, ID, Interface};

/// Anything with an id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Its id, unique among all types."))]
pub(crate) enum Node {
    Structure(Structure),
    Row(Row),
    Issue(Issue),
    IssueLink(IssueLink),
    LinkType(LinkType),
    SavedFilter(SavedFilter),
    Board(Board),
    Synchronizer(Synchronizer),
    Job(Job),
    User(User),
    Token(Token),
}

/// What an id names, if that exists for the viewer.
pub(crate) async fn find(ctx: &Context<'_>, id: NodeId) -> Result<Option<Node>> {
    let loaders = ctx.loaders();
    Ok(match id {
        NodeId::Structure(id) => loaders
            .find(id)
            .await?
            .map(|it| Node::Structure(Structure(it))),
        NodeId::Row(id) => find_row(ctx, id).await?.map(Node::Row),
        NodeId::Issue(id) => loaders.find(id).await?.map(|it| Node::Issue(Issue(it))),
        NodeId::IssueLink(id) => loaders
            .find(id)
            .await?
            .map(|it| Node::IssueLink(IssueLink(it))),
        NodeId::LinkType(id) => loaders
            .find(id)
            .await?
            .map(|it| Node::LinkType(LinkType(it))),
        NodeId::SavedFilter(id) => loaders
            .find(id)
            .await?
            .map(|it| Node::SavedFilter(SavedFilter(it))),
        NodeId::Board(id) => loaders.find(id).await?.map(|it| Node::Board(Board(it))),
        NodeId::Synchronizer(id) => loaders
            .find(id)
            .await?
            .map(|it| Node::Synchronizer(Synchronizer(it))),
        NodeId::Job(id) => loaders.find(id).await?.map(|it| Node::Job(Job(it))),
        NodeId::User(id) => loaders.find(id).await?.map(|it| Node::User(User(it))),
        NodeId::Token(id) => loaders.find(id).await?.map(|it| Node::Token(Token(it))),
    })
}

async fn find_row(ctx: &Context<'_>, id: RowId) -> Result<Option<Row>> {
    let Some(structure) = ctx.loaders().find(StructureOf(id)).await? else {
        return Ok(None);
    };
    let store = &ctx.api().store;
    let forest = store.forest_since(structure.id, structure.version).await?;
    Ok(forest.and_then(|forest| Row::find(structure.id, &forest, id)))
}
