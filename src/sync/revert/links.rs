//! Links: what the job made goes, what it removed comes back with its id.

use super::Snapshot;
use crate::domain::issue::Link;
use crate::domain::{Kept, LinkEdit, Plan};

/// Adds what undoes the job's edits of links.
pub(super) fn plan(snapshot: &Snapshot<'_>, plan: &mut Plan) {
    for changed in &snapshot.links {
        let link = changed.link;
        let obstacle = match (changed.before, changed.after) {
            (false, true) => removal(snapshot, &link, plan),
            (true, false) => restoration(snapshot, &link, plan),
            _ => None,
        };
        plan.kept.extend(obstacle.map(|text| Kept {
            issue: Some(link.source),
            other: Some(link.target),
            link: Some(link.id),
            text: text.to_owned(),
            ..Kept::default()
        }));
    }
}

fn removal(snapshot: &Snapshot<'_>, link: &Link, plan: &mut Plan) -> Option<&'static str> {
    if !snapshot.links_now.contains(link) {
        return Some("the link of {item} to {other} is not removed: it is gone already");
    }
    plan.links.push(LinkEdit::Remove {
        link: link.id,
        source: link.source,
        target: link.target,
    });
    None
}

fn restoration(snapshot: &Snapshot<'_>, link: &Link, plan: &mut Plan) -> Option<&'static str> {
    let &Link {
        id,
        link_type,
        source,
        target,
    } = link;
    if !snapshot.exists(source) || !snapshot.exists(target) {
        return Some("the link of {item} to {other} does not come back: an end was deleted since");
    }
    let same_ends = |it: &Link| (it.link_type, it.source, it.target) == (link_type, source, target);
    if snapshot.links_now.iter().any(same_ends) {
        return Some("the link of {item} to {other} does not come back: they are linked again");
    }
    if snapshot.links_now.iter().any(|it| it.id == id) {
        return Some("the link of {item} to {other} does not come back: another has its id now");
    }
    plan.links.push(LinkEdit::Restore {
        link: id,
        link_type,
        source,
        target,
    });
    None
}
