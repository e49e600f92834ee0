//! Links: each is listed by both of its ends under one id, and is one link here.
//!
//! A link stays while an end that listed it still does. An issue that lists it no longer removes
//! it; one that never did has no say, so a link that only one end lists is stable in whatever
//! order the two are imported. What only one end has listed is kept among the references.

use super::error::Fault;
use super::json;
use super::load::{Here, Load};
use super::value::NUMBER_LIMIT;
use crate::domain::issue::Link;
use crate::domain::{IssueId, LinkId, LinkTypeId};
use crate::store::StoreError;
use crate::store::issues::{self, IssueChangeKind};
use crate::store::links::{self, ImportedLink};
use crate::store::references::{self, Reference, ReferenceKind};
use crate::tracker::feed;

/// A link as the issue at hand lists it.
struct Listed {
    external_id: Option<String>,
    link_type: LinkTypeId,
    /// What the other end is to the issue at hand.
    other_is: ReferenceKind,
    other_key: String,
    other: Option<IssueId>,
    /// The path to it in the issue.
    path: String,
}

impl Load<'_> {
    /// Makes the links of an issue those that it lists.
    pub(super) fn links(&mut self, here: &Here, told: Vec<json::Link>) -> Result<(), Fault> {
        let mut current = match here.linked {
            true => links::imported_of(self.tx, here.id)?,
            false => Vec::new(),
        };
        let mut listed = Vec::with_capacity(told.len());
        for (index, link) in told.into_iter().enumerate() {
            let link = self.listed(here, index, link)?;
            self.keep_listed(here, &link, &mut current)?;
            listed.push(link);
        }
        self.remove_unlisted(here, &listed, &current)?;
        if !here.new {
            self.forget_unlisted(here, &listed)?;
        }
        Ok(())
    }

    fn listed(&mut self, here: &Here, index: usize, link: json::Link) -> Result<Listed, Fault> {
        let path = format!("fields.issuelinks[{index}]");
        let (other_is, end, other) = match (link.outward_issue, link.inward_issue) {
            (Some(target), None) => (ReferenceKind::LinkTarget, "outwardIssue", target),
            (None, Some(source)) => (ReferenceKind::LinkSource, "inwardIssue", source),
            _ => {
                let message = "expected exactly one of inwardIssue and outwardIssue";
                return Err(Fault::value(path, message));
            }
        };
        let other_key = other.key.as_str().to_owned();
        if other_key == here.key {
            let message = format!("a link from {other_key} to itself: expected another issue");
            return Err(Fault::value(format!("{path}.{end}.key"), message));
        }
        Ok(Listed {
            external_id: link.id.map(|id| id.0),
            link_type: self.names.link_type(&link.link_type)?,
            other_is,
            other: issues::find_id(self.tx, &other_key)?,
            other_key,
            path,
        })
    }

    fn keep_listed(
        &mut self,
        here: &Here,
        listed: &Listed,
        current: &mut Vec<ImportedLink>,
    ) -> Result<(), Fault> {
        let Some(other) = listed.other else {
            self.keep_reference(&listed.reference(here))?;
            return Ok(());
        };
        let (source, target) = listed.ends(here.id, other);
        let wanted = |it: &ImportedLink| {
            let link = &it.link;
            (link.link_type, link.source, link.target) == (listed.link_type, source, target)
        };
        let mut known = false;
        match current.iter_mut().find(|it| wanted(it)) {
            Some(it) if it.external_id.is_some() || listed.external_id.is_none() => known = true,
            Some(it) => self.adopt(it, listed)?,
            None => {
                self.make_way(listed, source, target, current)?;
                let external_id = listed.external_id.clone();
                current.push(self.add_link(listed.link_type, source, target, external_id)?);
            }
        }
        let Some(external_id) = &listed.external_id else {
            return Ok(());
        };
        // The other end may have listed it before: then both did, and nothing is left to remember.
        let both = self.waiting.may_wait_for(&here.key)
            && references::remove(
                self.tx,
                other,
                opposite(listed.other_is),
                &here.key,
                external_id,
            )?;
        if !both && !known {
            self.keep_reference(&listed.reference(here))?;
        }
        Ok(())
    }

    /// Takes a link that was made here for the one that is listed.
    fn adopt(&self, link: &mut ImportedLink, listed: &Listed) -> Result<(), Fault> {
        if let Some(external_id) = &listed.external_id {
            if links::find_imported(self.tx, external_id)?.is_some() {
                return Err(self.taken(listed, external_id));
            }
            links::set_external_id(self.tx, link.link.id, external_id)?;
            link.external_id = Some(external_id.clone());
        }
        Ok(())
    }

    /// Sees to it that the id of a link to be made is free: a link between the same two that bears
    /// it has got another type, and goes; one between others is not ours to touch.
    fn make_way(
        &mut self,
        listed: &Listed,
        source: IssueId,
        target: IssueId,
        current: &mut Vec<ImportedLink>,
    ) -> Result<(), Fault> {
        let Some(external_id) = &listed.external_id else {
            return Ok(());
        };
        let Some(holder) = links::find_imported(self.tx, external_id)? else {
            return Ok(());
        };
        if (holder.link.source, holder.link.target) != (source, target) {
            return Err(self.taken(listed, external_id));
        }
        current.retain(|it| it.link.id != holder.link.id);
        self.remove_link(&holder)?;
        references::remove_link(self.tx, [source, target], external_id)?;
        Ok(())
    }

    fn taken(&self, listed: &Listed, external_id: &str) -> Fault {
        let message = format!("{external_id}: a link between other issues has this id here");
        Fault::value(format!("{}.id", listed.path), message)
    }

    fn remove_unlisted(
        &mut self,
        here: &Here,
        listed: &[Listed],
        current: &[ImportedLink],
    ) -> Result<(), StoreError> {
        for it in current {
            let Some(external_id) = it.external_id.as_deref() else {
                continue;
            };
            if listed.iter().any(|listed| listed.is(here, it)) {
                continue;
            }
            let (other, other_is) = match it.link.source == here.id {
                true => (it.link.target, ReferenceKind::LinkTarget),
                false => (it.link.source, ReferenceKind::LinkSource),
            };
            let kind = opposite(other_is);
            if !references::exists(self.tx, other, kind, &here.key, external_id)? {
                self.remove_link(it)?;
            }
        }
        Ok(())
    }

    /// Drops the references to links that an issue lists no longer.
    fn forget_unlisted(&self, here: &Here, listed: &[Listed]) -> Result<(), StoreError> {
        for it in references::of_issue(self.tx, here.id)? {
            let of_link = matches!(
                it.kind,
                ReferenceKind::LinkSource | ReferenceKind::LinkTarget
            );
            let same = |listed: &Listed| {
                listed.other_is == it.kind
                    && listed.other_key == it.key
                    && listed.external_id.as_deref().unwrap_or("") == it.external_id
            };
            if of_link && !listed.iter().any(same) {
                references::remove(self.tx, it.issue, it.kind, &it.key, &it.external_id)?;
            }
        }
        Ok(())
    }

    /// Makes the link that an issue listed before its other end came.
    pub(super) fn complete_link(
        &mut self,
        waiting: &Reference,
        came: IssueId,
    ) -> Result<(), StoreError> {
        let link_type = waiting
            .link_type
            .ok_or_else(|| StoreError::Corrupt("a link reference without a type".to_owned()))?;
        let (source, target) = match waiting.kind {
            ReferenceKind::LinkSource => (came, waiting.issue),
            _ => (waiting.issue, came),
        };
        let external_id = Some(waiting.external_id.clone()).filter(|id| !id.is_empty());
        if external_id.is_none() {
            references::remove(self.tx, waiting.issue, waiting.kind, &waiting.key, "")?;
        }
        let taken = match &external_id {
            Some(id) => links::find_imported(self.tx, id)?.is_some(),
            None => false,
        };
        let there = links::find_between(self.tx, link_type, source, target)?.is_some();
        if !taken && !there {
            self.add_link(link_type, source, target, external_id)?;
        }
        Ok(())
    }

    fn add_link(
        &mut self,
        link_type: LinkTypeId,
        source: IssueId,
        target: IssueId,
        external_id: Option<String>,
    ) -> Result<ImportedLink, StoreError> {
        let id = self.link_id(external_id.as_deref())?;
        let imported = ImportedLink {
            link: Link {
                id,
                link_type,
                source,
                target,
            },
            external_id,
        };
        links::insert_imported(self.tx, &imported)?;
        self.record_link(&imported.link, IssueChangeKind::LinkAdded)?;
        self.summary.links_created += 1;
        Ok(imported)
    }

    /// The id that a link had where it comes from, if it is free, so that the order of ids is kept.
    fn link_id(&mut self, external_id: Option<&str>) -> Result<LinkId, StoreError> {
        let number = external_id.and_then(|id| id.parse().ok());
        if let Some(number) = number.filter(|it| (1..=NUMBER_LIMIT).contains(it))
            && links::find(self.tx, LinkId(number))?.is_none()
        {
            self.last_link = self.last_link.max(number);
            return Ok(LinkId(number));
        }
        self.last_link += 1;
        Ok(LinkId(self.last_link))
    }

    fn remove_link(&mut self, imported: &ImportedLink) -> Result<(), StoreError> {
        links::delete(self.tx, imported.link.id)?;
        self.record_link(&imported.link, IssueChangeKind::LinkRemoved)?;
        self.summary.links_removed += 1;
        Ok(())
    }

    fn record_link(&mut self, link: &Link, kind: IssueChangeKind) -> Result<(), StoreError> {
        for line in feed::linked(link, kind, None) {
            self.lines.add(self.tx, line)?;
        }
        Ok(())
    }
}

impl Listed {
    /// Source and target.
    fn ends(&self, here: IssueId, other: IssueId) -> (IssueId, IssueId) {
        match self.other_is {
            ReferenceKind::LinkSource => (other, here),
            _ => (here, other),
        }
    }

    /// Whether it is a link that is there: by its id, or by its type and ends.
    fn is(&self, here: &Here, it: &ImportedLink) -> bool {
        let same_ends = self.other.is_some_and(|other| {
            self.link_type == it.link.link_type
                && self.ends(here.id, other) == (it.link.source, it.link.target)
        });
        same_ends || (self.external_id.is_some() && self.external_id == it.external_id)
    }

    fn reference(&self, here: &Here) -> Reference {
        Reference {
            issue: here.id,
            kind: self.other_is,
            external_id: self.external_id.clone().unwrap_or_default(),
            link_type: Some(self.link_type),
            key: self.other_key.clone(),
        }
    }
}

/// What the issue at hand is to the other end.
fn opposite(other_is: ReferenceKind) -> ReferenceKind {
    match other_is {
        ReferenceKind::LinkSource => ReferenceKind::LinkTarget,
        _ => ReferenceKind::LinkSource,
    }
}
