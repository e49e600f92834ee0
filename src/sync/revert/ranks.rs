//! Ranks: which go back to the very string, and which issues go beside whoever has theirs by now.
//!
//! An edit that would change nothing is none, and what stays keeps its rank from others. So the
//! order is followed through all edits: an issue stands beside another if no one is left between
//! them when its turn comes.

use super::fields::{TouchedField, changed, keep};
use super::{Neighbours, Snapshot};
use crate::domain::{FieldEdit, IssueId, Plan, RankPlace};
use crate::store::undo::FieldState;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Adds what undoes the job's edits of ranks.
pub(super) fn plan(snapshot: &Snapshot<'_>, plan: &mut Plan) {
    let mut leaving = leaving(&snapshot.fields, &snapshot.states);
    let last_first = || changed(&snapshot.fields, "rank").rev();
    let mut standing = HashSet::new();
    let edits = loop {
        let round = round(last_first(), &leaving, &snapshot.neighbours);
        if round.standing.is_empty() {
            break round.edits;
        }
        // The ranks of those that stay are taken as well, so others may have to go elsewhere.
        leaving.retain(|issue| !round.standing.contains(issue));
        standing.extend(round.standing);
    };
    plan.fields.extend(edits);
    for field in last_first() {
        let issue = field.change.issue;
        if leaving.contains(&issue) {
            continue;
        }
        let text = match (snapshot.exists(issue), standing.contains(&issue)) {
            (true, true) => "{item} keeps its rank: another issue has the one before",
            (true, false) => "{item} keeps its rank: it was ranked anew since",
            (false, _) => "the rank of {item} is not put back: it was deleted since",
        };
        keep(issue, text, plan);
    }
}

/// The issues that still have the rank which the job gave them.
pub fn leaving(fields: &[TouchedField], states: &HashMap<IssueId, FieldState>) -> HashSet<IssueId> {
    let is_now = |field: &&TouchedField| {
        let state = states.get(&field.change.issue);
        state.is_some_and(|state| state.rank == field.change.after)
    };
    let fields = changed(fields, "rank").filter(is_now);
    fields.map(|field| field.change.issue).collect()
}

/// Who has the rank that an issue is to get back, and does not leave it.
pub fn holder(field: &TouchedField, leaving: &HashSet<IssueId>) -> Option<IssueId> {
    let mut holders = field.holders.iter().copied();
    holders.find(|holder| *holder != field.change.issue && !leaving.contains(holder))
}

/// What comes of it if all who are leaving go, as far as they have to.
struct Round {
    edits: Vec<FieldEdit>,
    /// Those that stand directly beside the holder of their rank when their turn comes.
    standing: HashSet<IssueId>,
}

/// The last rank that the job gave goes first, so that each finds its own free again; those whose
/// rank another issue has now go last, when all else is in place.
fn round<'a>(
    fields: impl Iterator<Item = &'a TouchedField>,
    leaving: &HashSet<IssueId>,
    neighbours: &HashMap<IssueId, Neighbours>,
) -> Round {
    let mut order = Order {
        neighbours: neighbours.clone(),
        arrived: BTreeSet::new(),
    };
    let (mut edits, mut beside) = (Vec::new(), Vec::new());
    for field in fields.filter(|field| leaving.contains(&field.change.issue)) {
        let (issue, change) = (field.change.issue, &field.change);
        if let Some(holder) = holder(field, leaving) {
            beside.push((field, holder));
            continue;
        }
        order.leave(issue);
        if let Some(rank) = &change.before {
            order.arrived.insert((rank, issue));
        }
        edits.push(FieldEdit::Rank {
            issue,
            from: change.after.clone(),
            to: RankPlace::Exactly(change.before.clone()),
        });
    }
    let mut standing = HashSet::new();
    for (field, holder) in beside {
        let issue = field.change.issue;
        if order.stands_beside(field, holder) {
            standing.insert(issue);
            continue;
        }
        order.leave(issue);
        edits.push(FieldEdit::Rank {
            issue,
            from: field.change.after.clone(),
            to: match issue < holder {
                true => RankPlace::Before(holder),
                false => RankPlace::After(holder),
            },
        });
    }
    Round { edits, standing }
}

/// The global order, where issues leave their places and come to others.
struct Order<'a> {
    /// Who is next to whom, but for those that arrived.
    neighbours: HashMap<IssueId, Neighbours>,
    /// Those that have their rank back.
    arrived: BTreeSet<(&'a str, IssueId)>,
}

impl Order<'_> {
    fn leave(&mut self, issue: IssueId) {
        let Some(gap) = self.neighbours.remove(&issue) else {
            return;
        };
        if let Some(before) = gap.before.and_then(|it| self.neighbours.get_mut(&it)) {
            before.after = gap.after;
        }
        if let Some(after) = gap.after.and_then(|it| self.neighbours.get_mut(&it)) {
            after.before = gap.before;
        }
    }

    /// Whether an issue is next to the holder of its rank, on the side of its id.
    fn stands_beside(&self, field: &TouchedField, holder: IssueId) -> bool {
        let (issue, change) = (field.change.issue, &field.change);
        let (Some(next_to), Some(now), Some(rank)) =
            (self.neighbours.get(&holder), &change.after, &change.before)
        else {
            return false;
        };
        let (here, there) = ((now.as_str(), issue), (rank.as_str(), holder));
        let (next, mut between) = match issue < holder {
            true => (next_to.before, self.arrived.range(here.min(there)..there)),
            false => (next_to.after, self.arrived.range(there..here.max(there))),
        };
        next == Some(issue) && between.next().is_none()
    }
}
