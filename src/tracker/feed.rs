//! Lines of the change feed, as edits and imports write them.
//!
//! Values stand as text: names for types, statuses and people, ids for `parent` and `epic`,
//! milliseconds for instants, JSON arrays for lists.

use crate::domain::issue::Link;
use crate::domain::{IssueId, Millis};
use crate::store::forest::Author;
use crate::store::issues::{self, IssueChangeKind, LinkRole, LinkSeen, NewChange};
use crate::store::{StoreError, Tx};

/// A field that has another value: its name, and the value before and after.
pub(super) struct FieldChange {
    pub(super) field: &'static str,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl FieldChange {
    /// The change of a field; `None` if its value is the same.
    pub(super) fn between<T: PartialEq + ?Sized>(
        field: &'static str,
        before: &T,
        after: &T,
        text: impl Fn(&T) -> Option<String>,
    ) -> Option<Self> {
        (before != after).then(|| Self {
            field,
            before: text(before),
            after: text(after),
        })
    }
}

/// How the feed writes a reference to an issue.
pub(super) fn id_text(id: &Option<IssueId>) -> Option<String> {
    id.map(|id| id.to_string())
}

/// How the feed writes an instant.
pub(super) fn instant_text(instant: &Option<Millis>) -> Option<String> {
    instant.map(|at| at.to_string())
}

/// How the feed writes a list of names.
pub(super) fn list_text(names: &[String]) -> Option<String> {
    Some(serde_json::Value::from(names).to_string())
}

/// The line of an issue that is new.
pub(super) fn created(issue: IssueId) -> NewChange<'static> {
    NewChange {
        issue,
        kind: IssueChangeKind::Created,
        field: None,
        link: None,
    }
}

/// The line of a field of an issue that changed.
pub(super) fn updated(issue: IssueId, change: &FieldChange) -> NewChange<'_> {
    let (before, after) = (change.before.as_deref(), change.after.as_deref());
    NewChange {
        issue,
        kind: IssueChangeKind::Updated,
        field: Some((change.field, before, after)),
        link: None,
    }
}

/// The lines of a link that came or went, one per end, with what has to be remembered should it come
/// back.
pub(super) fn linked<'a>(
    link: &Link,
    kind: IssueChangeKind,
    remembered: Option<&'a str>,
) -> [NewChange<'a>; 2] {
    let ends = [
        (LinkRole::Source, link.source, link.target),
        (LinkRole::Target, link.target, link.source),
    ];
    ends.map(|(role, issue, other)| NewChange {
        issue,
        kind,
        field: Some((role.name(), remembered, None)),
        link: Some(LinkSeen {
            role,
            link: link.id,
            link_type: link.link_type,
            other,
        }),
    })
}

/// Records that an issue is new.
pub(super) fn record_created(
    tx: &Tx<'_>,
    issue: IssueId,
    author: Author,
) -> Result<(), StoreError> {
    issues::record(tx, created(issue), Some(author))
}

/// Records that an issue is gone, and the key under which it was known.
pub(super) fn record_deleted(
    tx: &Tx<'_>,
    issue: IssueId,
    key: &str,
    author: Author,
) -> Result<(), StoreError> {
    let change = NewChange {
        issue,
        kind: IssueChangeKind::Deleted,
        field: Some(("key", Some(key), None)),
        link: None,
    };
    issues::record(tx, change, Some(author))
}

/// Records that a field of an issue changed.
pub(super) fn record_field(
    tx: &Tx<'_>,
    issue: IssueId,
    change: &FieldChange,
    author: Author,
) -> Result<(), StoreError> {
    issues::record(tx, updated(issue, change), Some(author))
}

/// Records that a link came.
pub(super) fn record_link(tx: &Tx<'_>, link: &Link, author: Author) -> Result<(), StoreError> {
    for change in linked(link, IssueChangeKind::LinkAdded, None) {
        issues::record(tx, change, Some(author))?;
    }
    Ok(())
}

/// Records that a link went, with what has to be remembered should it come back.
pub(super) fn record_removed_link(
    tx: &Tx<'_>,
    link: &Link,
    remembered: Option<&str>,
    author: Author,
) -> Result<(), StoreError> {
    for change in linked(link, IssueChangeKind::LinkRemoved, remembered) {
        issues::record(tx, change, Some(author))?;
    }
    Ok(())
}
