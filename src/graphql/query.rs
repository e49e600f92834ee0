//! The type `Query`: where reading begins.

use super::connection::{Connection, LONGEST_PAGE, Window};
use super::context::ContextExt;
use super::cursor;
use super::error::{ApiError, Result};
use super::ids;
use super::types::job::{self, JobState};
use super::types::permission::GlobalPermissionGrant;
use super::types::{
    Board, Issue, Job, LinkType, Node, SavedFilter, ServerInfo, Structure, Synchronizer, User,
    Workflow, issue, node, saved_filter, structure, user,
};
use crate::accounts;
use crate::domain::{JobId, StructureId, SynchronizerId};
use crate::store::{boards, issues, jobs, links, structures, workflows};
use async_graphql::{Context, ID, Object};
use futures_util::future::join_all;
use std::sync::Arc;

/// Where reading begins.
pub struct Query;

/// Where reading begins. What the viewer may not view does not exist here: it is null, or absent
/// from lists.
#[Object]
impl Query {
    /// What an id names; null if that does not exist.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id of any type.")] id: ID,
    ) -> Option<Result<Node>> {
        find_node(ctx, &id).await.transpose()
    }

    /// What several ids name, in their order; null for each that does not exist.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Ids of any types, at most 500.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Result<Node>>>> {
        if ids.len() > LONGEST_PAGE {
            let message = format!("`ids` has {}: expected at most {LONGEST_PAGE}.", ids.len());
            return Err(ApiError::bad_input(message));
        }
        let find = |id| async move { find_node(ctx, id).await.transpose() };
        Ok(join_all(ids.iter().map(find)).await)
    }

    /// The user whose token the request carries.
    async fn viewer(&self, ctx: &Context<'_>) -> User {
        ctx.viewer().into()
    }

    /// What is served here: version, tracker, what is switched on.
    async fn server_info<'a>(&self, ctx: &Context<'a>) -> ServerInfo<'a> {
        ServerInfo(&ctx.api().info)
    }

    /// Every structure that the viewer may view, by name. `first` and `last` exclude each other.
    async fn structures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Structures of the page at the most, 0 to 500; default 50.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor of the last structure before the page.")] after: Option<
            String,
        >,
        #[graphql(desc = "Like `first`, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "The cursor of the first structure after the page.")] before: Option<
            String,
        >,
        #[graphql(
            desc = "Only those whose name contains this, whatever the case of ASCII letters."
        )]
        name_contains: Option<String>,
    ) -> Result<Connection<Structure>> {
        let window = Window::new(first, last)?;
        let filter = structures::Filter::for_viewer(ctx.viewer(), name_contains);
        let after = after.as_deref().map(cursor::decode_place).transpose()?;
        let before = before.as_deref().map(cursor::decode_place).transpose()?;
        structure::page(ctx.api(), filter, window, after, before).await
    }

    /// A structure; null if it does not exist.
    async fn structure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Option<Result<Structure>> {
        let found = ctx
            .loaders()
            .find_by_id::<StructureId>(&id)
            .await
            .transpose()?;
        Some(found.map(Structure))
    }

    /// A synchronizer; null if it does not exist.
    async fn synchronizer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Option<Result<Synchronizer>> {
        let found = ctx
            .loaders()
            .find_by_id::<SynchronizerId>(&id)
            .await
            .transpose()?;
        Some(found.map(Synchronizer))
    }

    /// A job; null if it does not exist.
    async fn job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Option<Result<Job>> {
        let found = ctx.loaders().find_by_id::<JobId>(&id).await.transpose()?;
        Some(found.map(Job))
    }

    /// Jobs on structures that the viewer may view, newest first.
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Jobs of the page at the most, 0 to 500; default 50.")] first: Option<i32>,
        #[graphql(desc = "The cursor of the last job before the page.")] after: Option<String>,
        #[graphql(desc = "Only those of this structure.")] structure_id: Option<ID>,
        #[graphql(desc = "Only those of this synchronizer.")] synchronizer_id: Option<ID>,
        #[graphql(desc = "Only those in one of these states; empty: all.")] states: Option<
            Vec<JobState>,
        >,
    ) -> Result<Connection<Job>> {
        let filter = jobs::Filter {
            viewer: Some(ctx.viewer().user_id),
            structure: structure_id.as_ref().map(ids::decode).transpose()?,
            synchronizer: synchronizer_id.as_ref().map(ids::decode).transpose()?,
            states: states
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
        };
        job::page(ctx.api(), filter, first, after).await
    }

    /// Issues that match a JQL query, in its order.
    async fn issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The query; empty: every issue.")] jql: String,
        #[graphql(desc = "Issues of the page at the most, 0 to 500; default 50.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor of the last issue before the page.")] after: Option<String>,
    ) -> Result<Connection<Issue>> {
        issue::page(ctx, jql, first, after).await
    }

    /// The issue of a key; null if it does not exist.
    async fn issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its key, such as `MOD-12`.")] key: String,
    ) -> Option<Result<Issue>> {
        let found = ctx
            .api()
            .read(move |tx| issues::find_by_key(tx, &key))
            .await
            .transpose()?;
        Some(found.map(|issue| Issue(Arc::new(issue))))
    }

    /// Saved filters, oldest first.
    async fn saved_filters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filters of the page at the most, 0 to 500; default 50.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor of the last filter before the page.")] after: Option<String>,
    ) -> Result<Connection<SavedFilter>> {
        saved_filter::page(ctx.api(), first, after).await
    }

    /// Every user, by name.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Users of the page at the most, 0 to 500; default 50.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The cursor of the last user before the page.")] after: Option<String>,
        #[graphql(
            desc = "Only those whose name contains this, whatever the case of ASCII letters."
        )]
        name_contains: Option<String>,
    ) -> Result<Connection<User>> {
        user::page(ctx.api(), name_contains, first, after).await
    }

    /// To whom permissions on all structures together are given; for administrators, who have all
    /// of them. `User.globalPermissions` says what a user has.
    async fn global_permissions(&self, ctx: &Context<'_>) -> Result<Vec<GlobalPermissionGrant>> {
        let found = accounts::grants(&ctx.api().store, ctx.viewer()).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// Every type of link, by name.
    async fn link_types(&self, ctx: &Context<'_>) -> Result<Vec<LinkType>> {
        let found = ctx.api().read(links::types).await?;
        Ok(found.into_iter().map(|it| LinkType(Arc::new(it))).collect())
    }

    /// Every board, oldest first.
    async fn boards(&self, ctx: &Context<'_>) -> Result<Vec<Board>> {
        let found = ctx.api().read(boards::all).await?;
        Ok(found.into_iter().map(|it| Board(Arc::new(it))).collect())
    }

    /// Which status may follow which in a project; null if there is no such project.
    async fn workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the project.")] project_key: String,
    ) -> Option<Result<Workflow>> {
        let read = ctx.api().read(move |tx| workflows::find(tx, &project_key));
        Some(read.await.transpose()?.map(Into::into))
    }
}

async fn find_node(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    node::find(ctx, ids::decode_any(id)?).await
}
