//! Linking issues and taking links away: as users ask for it, by key and with refusals, and as
//! plans do, by id.
//!
//! The feed remembers of a link that goes what tells an importer whose it is, so that one that comes
//! back is the same to it.

use super::find;
use crate::domain::issue::Link;
use crate::domain::{IssueId, LinkId, LinkTypeId, Refusal, RefusalCode};
use crate::store::forest::Author;
use crate::store::links::ImportedLink;
use crate::store::references::{Reference, ReferenceKind};
use crate::store::{Failure, StoreError, Tx, issue_rows, issues, links, references};
use crate::tracker::feed;
use serde::{Deserialize, Serialize};

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
    touch(tx, &link)?;
    feed::record_link(tx, &link, author)?;
    Ok(link.id)
}

/// Takes a link away, if it is there.
pub fn remove_link(tx: &Tx<'_>, id: LinkId, author: Author) -> Result<(), StoreError> {
    let Some(link) = links::find(tx, id)? else {
        return Ok(());
    };
    let ends = [link.source, link.target];
    let mut remembered = None;
    if let Some(external_id) = links::find_external_id(tx, id)? {
        let references = references::of_link(tx, ends, &external_id)?;
        references::remove_link(tx, ends, &external_id)?;
        remembered = Some(Remembered::text(external_id, references)?);
    }
    links::delete(tx, id)?;
    touch(tx, &link)?;
    feed::record_removed_link(tx, &link, remembered.as_deref(), author)
}

/// Brings back a link that was taken away, with its id and, unless another link has it by now, its
/// external id. The caller has made sure that its id and its place between the two are free.
pub fn restore_link(tx: &Tx<'_>, link: &Link, author: Author) -> Result<(), StoreError> {
    let remembered = match issues::remembered_of(tx, link)? {
        Some(text) => Some(Remembered::read(&text)?),
        None => None,
    };
    let mut external_id = None;
    if let Some(it) = remembered
        && links::find_imported(tx, &it.external_id)?.is_none()
    {
        for reference in it.references(link) {
            references::add(tx, &reference)?;
        }
        external_id = Some(it.external_id);
    }
    let link = *link;
    links::insert_imported(tx, &ImportedLink { link, external_id })?;
    touch(tx, &link)?;
    feed::record_link(tx, &link, author)
}

fn touch(tx: &Tx<'_>, link: &Link) -> Result<(), StoreError> {
    for end in [link.source, link.target] {
        issue_rows::touch(tx, end)?;
    }
    Ok(())
}

/// What the feed keeps of an imported link that goes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Remembered {
    external_id: String,
    /// The end that has listed it alone: issue, kind of reference, key of the other end.
    listed_by: Vec<(IssueId, String, String)>,
}

impl Remembered {
    fn text(external_id: String, references: Vec<Reference>) -> Result<String, StoreError> {
        let listed = |it: Reference| (it.issue, it.kind.name().to_owned(), it.key);
        let remembered = Self {
            external_id,
            listed_by: references.into_iter().map(listed).collect(),
        };
        serde_json::to_string(&remembered).map_err(|error| StoreError::Corrupt(error.to_string()))
    }

    fn read(text: &str) -> Result<Self, StoreError> {
        serde_json::from_str(text)
            .map_err(|error| StoreError::Corrupt(format!("a removed link: {error}")))
    }

    fn references(&self, link: &Link) -> impl Iterator<Item = Reference> {
        self.listed_by.iter().filter_map(|(issue, kind, key)| {
            Some(Reference {
                issue: *issue,
                kind: ReferenceKind::from_name(kind)?,
                external_id: self.external_id.clone(),
                link_type: Some(link.link_type),
                key: key.clone(),
            })
        })
    }
}
