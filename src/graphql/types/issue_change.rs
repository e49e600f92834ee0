//! The type `IssueChange`: one line of an issue's history, and pages of them.

use super::{Issue, Job, LinkType, User};
use crate::domain::{IdMap, IssueId, Millis};
use crate::graphql::api::Api;
use crate::graphql::connection::{self, Connection};
use crate::graphql::context::ContextExt;
use crate::graphql::cursor::{self, Cursor, List};
use crate::graphql::date_time::DateTime;
use crate::graphql::error::Result;
use crate::store::{issue_history, issues};
use async_graphql::{Context, Enum, Object};

/// What happened to an issue.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "issues::IssueChangeKind")]
pub(crate) enum IssueChangeKind {
    /// It was made or imported.
    Created,
    /// A field got another value.
    Updated,
    /// It was deleted.
    Deleted,
    /// It became one end of a new link.
    LinkAdded,
    /// It was one end of a link that was deleted.
    LinkRemoved,
}

/// One edit of an issue.
pub(crate) struct IssueChange {
    line: issues::IssueChange,
    before: Option<String>,
    after: Option<String>,
}

/// One edit of an issue: what changed, when and by whom.
#[Object]
impl IssueChange {
    /// What happened.
    async fn kind(&self) -> IssueChangeKind {
        self.line.kind.into()
    }

    /// The field that changed, such as `status` or `rank`; of a link, the end at which the issue
    /// stands, `source` or `target`; null for other changes.
    async fn field(&self) -> Option<&str> {
        self.line.field.as_deref()
    }

    /// The value before, as text: names as they are, keys for `parent` and `epic`, RFC 3339 for
    /// instants, JSON arrays for lists. Null where there was none.
    async fn before(&self) -> Option<&str> {
        self.before.as_deref()
    }

    /// The value after, written like `before`.
    async fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The type of the link that came or went; null for other changes.
    async fn link_type(&self, ctx: &Context<'_>) -> Option<Result<LinkType>> {
        let id = self.line.link?.link_type;
        let found = ctx.loaders().find(id).await.transpose()?;
        Some(found.map(LinkType))
    }

    /// The issue at the other end of that link; null once it is gone.
    async fn other(&self, ctx: &Context<'_>) -> Option<Result<Issue>> {
        let id = self.line.link?.other;
        let found = ctx.loaders().find(id).await.transpose()?;
        Some(found.map(Issue))
    }

    /// Who made the change, or with whose rights it was made; null for an import.
    async fn user(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        let found = ctx.loaders().find(self.line.user?).await.transpose()?;
        Some(found.map(User))
    }

    /// The job that made the change; null if a user did, if the job is no longer kept, or if the
    /// viewer may not view its structure.
    async fn job(&self, ctx: &Context<'_>) -> Option<Result<Job>> {
        let found = ctx.loaders().find(self.line.job?).await.transpose()?;
        Some(found.map(Job))
    }

    /// When it was made.
    async fn at(&self) -> DateTime {
        DateTime(self.line.at)
    }
}

impl IssueChange {
    fn new(line: issues::IssueChange, keys: &IdMap<IssueId, String>) -> Self {
        let shown = |value: &Option<String>| match line.field.as_deref() {
            // What the feed remembers of a link is for undoing its removal.
            _ if line.link.is_some() => None,
            Some("parent" | "epic") => {
                let key = reference(value)?;
                Some(
                    keys.get(&key)
                        .map_or("a deleted issue", |key| key)
                        .to_owned(),
                )
            }
            Some("created" | "updated" | "resolved") => {
                let at = value.as_ref()?.parse().ok()?;
                Some(DateTime(Millis(at)).text())
            }
            _ => value.clone(),
        };
        Self {
            before: shown(&line.before),
            after: shown(&line.after),
            line,
        }
    }
}

/// The issue that a value of `parent` or `epic` names.
fn reference(value: &Option<String>) -> Option<IssueId> {
    value.as_ref()?.parse().ok().map(IssueId)
}

/// A page of the history of an issue, newest first.
pub(crate) async fn page(
    api: &Api,
    issue: IssueId,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<IssueChange>> {
    let length = connection::length(first)?;
    let before = after
        .as_deref()
        .map(|after| cursor::decode(List::History, after))
        .transpose()?;
    let (lines, keys) = api
        .read(move |tx| {
            let lines = issue_history::page(tx, issue, before, length + 1)?;
            let named = lines
                .iter()
                .filter(|line| matches!(line.field.as_deref(), Some("parent" | "epic")))
                .flat_map(|line| [reference(&line.before), reference(&line.after)])
                .flatten();
            let keys = issue_history::keys(tx, named)?;
            Ok((lines, keys))
        })
        .await?;
    let edge = |line: issues::IssueChange| {
        let cursor = Cursor::Number(List::History, line.seq);
        (cursor, IssueChange::new(line, &keys))
    };
    let items = lines.into_iter().map(edge).collect();
    let api = api.clone();
    let count = move || {
        let api = api.clone();
        async move { api.read(move |tx| issue_history::count(tx, issue)).await }
    };
    Ok(Connection::forwards(items, length, before.is_some(), count))
}
