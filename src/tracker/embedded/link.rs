//! Linking issues and taking links away: as users ask for it, by key and with refusals, and as
//! plans do, by id.

use super::find;
use crate::domain::issue::Link;
use crate::domain::{IssueId, LinkId, LinkTypeId, Refusal, RefusalCode};
use crate::store::forest::Author;
use crate::store::issues::IssueChangeKind;
use crate::store::{Failure, StoreError, Tx, issue_rows, links, references};
use crate::tracker::feed;

/// What a new link is to be: in "source blocks target", the source plays the outward role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLink {
    /// Its type.
    pub link_type: LinkTypeId,
    /// The key of the issue that plays the outward role.
    pub source_key: String,
    /// The key of the other one.
    pub target_key: String,
}

/// Links two issues; refused if they are linked like that already.
pub fn link_issues(tx: &Tx<'_>, new: &NewLink, author: Author) -> Result<LinkId, Failure> {
    let Some(link_type) = links::find_type(tx, new.link_type)? else {
        let path = "input.linkTypeId";
        return Err(Refusal::not_found(path, "there is no such link type").into());
    };
    let source = find::issue(tx, &new.source_key, "input.sourceKey")?;
    let target = find::issue(tx, &new.target_key, "input.targetKey")?;
    if source.id == target.id {
        let message = format!("{} cannot be linked to itself", source.key);
        return Err(Refusal::invalid("input.targetKey", message).into());
    }
    if links::find_between(tx, link_type.id, source.id, target.id)?.is_some() {
        let message = format!(
            "{} {} {} already",
            source.key, link_type.outward, target.key
        );
        return Err(Refusal::new(RefusalCode::Conflict, message).into());
    }
    Ok(add_link(tx, link_type.id, source.id, target.id, author)?)
}

/// Takes a link away; refused if there is none of that id.
pub fn unlink_issues(tx: &Tx<'_>, id: LinkId, author: Author) -> Result<(), Failure> {
    if links::find(tx, id)?.is_none() {
        return Err(Refusal::not_found("linkId", "there is no such link").into());
    }
    Ok(remove_link(tx, id, author)?)
}

/// Links two issues that are not linked like that yet, which the caller has made sure of.
pub fn add_link(
    tx: &Tx<'_>,
    link_type: LinkTypeId,
    source: IssueId,
    target: IssueId,
    author: Author,
) -> Result<LinkId, StoreError> {
    let link = Link {
        id: LinkId(tx.take_ids("issue_link", 1)?),
        link_type,
        source,
        target,
    };
    links::insert(tx, &link)?;
    record(tx, &link, IssueChangeKind::LinkAdded, author)?;
    Ok(link.id)
}

/// Takes a link away, if it is there.
pub fn remove_link(tx: &Tx<'_>, id: LinkId, author: Author) -> Result<(), StoreError> {
    let Some(link) = links::find(tx, id)? else {
        return Ok(());
    };
    if let Some(external_id) = links::find_external_id(tx, id)? {
        references::remove_link(tx, [link.source, link.target], &external_id)?;
    }
    links::delete(tx, id)?;
    record(tx, &link, IssueChangeKind::LinkRemoved, author)
}

fn record(
    tx: &Tx<'_>,
    link: &Link,
    kind: IssueChangeKind,
    author: Author,
) -> Result<(), StoreError> {
    for end in [link.source, link.target] {
        issue_rows::touch(tx, end)?;
    }
    feed::record_link(tx, link, kind, Some(author))
}
