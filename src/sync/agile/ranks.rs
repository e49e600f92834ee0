//! Siblings in the order of ranks, and ranks in the order of siblings, with the fewest changes.
//!
//! Rows in scope share the slots that they have among their siblings; other rows do not move.
//! Issues without a rank come last, and get one as soon as ranks follow rows.

use super::known::Known;
use crate::domain::lis::longest_increasing;
use crate::domain::{FieldEdit, Forest, IdSet, IssueId, RankPlace, RowId};
use crate::sync::Halt;
use crate::sync::draft::Draft;
use std::collections::HashSet;

/// The parents whose children in scope may not stand in the order of their ranks.
pub(super) fn out_of_order(draft: &Draft<'_>, known: &Known<'_>) -> Vec<Option<RowId>> {
    let base = draft.base();
    let rows = base.rows().filter(|row| row.child_count > 0);
    let old = std::iter::once(None).chain(rows.map(Some));
    let is_sorted = |level: Option<usize>| {
        let issues = base.children(level).filter_map(|row| row.issue);
        let scoped = issues.filter(|issue| known.in_scope(*issue));
        scoped.is_sorted_by_key(|issue| rank_order(issue, known))
    };
    let old = old.filter(|row| {
        let (parent, level) = (row.map(|row| row.id), row.map(|row| row.index));
        !draft.has_children_of_base(parent) || !is_sorted(level)
    });
    let new = draft.receiving().filter(|parent| match parent {
        Some(row) => base.find(*row).is_none_or(|row| row.child_count == 0),
        None => false,
    });
    old.map(|row| row.map(|row| row.id)).chain(new).collect()
}

/// Puts the children of a parent that are in scope in the order of their ranks.
pub(super) fn arrange(
    draft: &mut Draft<'_>,
    parent: Option<RowId>,
    known: &mut Known<'_>,
) -> Result<(), Halt> {
    let children = draft.children(parent);
    known.look(children.iter().filter_map(|row| draft.issue(*row)))?;
    let ranked = |row: &RowId| {
        let issue = draft.issue(*row).filter(|issue| known.in_scope(*issue))?;
        Some((rank_order(issue, known), *row))
    };
    let slots: Vec<Option<(Order<'_>, RowId)>> = children.iter().map(ranked).collect();
    let mut sorted: Vec<(Order<'_>, RowId)> = slots.iter().flatten().copied().collect();
    if !sorted.is_sorted_by_key(|(rank, _)| *rank) {
        // The sort is stable, and compares ranks alone: of equal ones, each stays where it is.
        sorted.sort_by_key(|(rank, _)| *rank);
        let mut sorted = sorted.into_iter();
        let slots = children.iter().zip(&slots);
        let fill = |(row, slot): (&RowId, &Option<_>)| match slot {
            Some(_) => (sorted.next().map_or(*row, |(_, next)| next), false),
            None => (*row, true),
        };
        let order = slots.map(fill).collect();
        draft.arrange(parent, order);
    }
    Ok(())
}

/// Puts some of the children in scope among the others by rank: each behind the last of the
/// others that counts and ranks before it. The others stay in their order.
pub(super) fn insert(
    draft: &mut Draft<'_>,
    parent: Option<RowId>,
    inserted: &HashSet<RowId>,
    counts: impl Fn(IssueId) -> bool,
    known: &mut Known<'_>,
) -> Result<(), Halt> {
    let children = draft.children(parent);
    known.look(children.iter().filter_map(|row| draft.issue(*row)))?;
    let scoped = in_scope(draft, &children, known);
    let (mut to_insert, others): (Vec<RowId>, Vec<RowId>) =
        scoped.into_iter().partition(|row| inserted.contains(row));
    to_insert.sort_by_key(|row| order(draft, *row, known));
    // The least rank from each place on: it ascends, so the last smaller one is found by halving.
    let mut least: Vec<Option<Order<'_>>> = Vec::with_capacity(others.len());
    for row in others.iter().rev() {
        let own = draft.issue(*row).filter(|issue| counts(*issue));
        let own = own.map(|_| order(draft, *row, known));
        let further = least.last().copied().flatten();
        least.push(own.into_iter().chain(further).min());
    }
    least.reverse();
    let place = |row: &RowId| {
        let rank = order(draft, *row, known);
        least.partition_point(|least| least.is_some_and(|least| least < rank))
    };
    let mut places: Vec<(usize, RowId)> = to_insert.iter().map(|row| (place(row), *row)).collect();
    places.sort_by_key(|(at, _)| *at);
    let mut places = places.into_iter().peekable();
    let mut merged = Vec::new();
    for at in 0..=others.len() {
        while let Some((_, row)) = places.next_if(|(place, _)| *place == at) {
            merged.push(row);
        }
        merged.extend(others.get(at));
    }
    fill_slots(draft, parent, children, merged);
    Ok(())
}

/// Whether some of the children, all in scope, rank between their neighbours in scope. Where the
/// others are in order, all then are.
pub(super) fn are_in_place(
    draft: &Draft<'_>,
    children: &[RowId],
    some: &HashSet<RowId>,
    known: &mut Known<'_>,
) -> Result<bool, Halt> {
    let with_issue = |row: &RowId| Some((*row, draft.issue(*row)?));
    for (at, row) in children.iter().enumerate() {
        if !some.contains(row) {
            continue;
        }
        let before = children[..at].iter().rev().filter_map(with_issue);
        let before = known.first(before, Known::in_scope)?;
        let after = children[at + 1..].iter().filter_map(with_issue);
        let after = known.first(after, Known::in_scope)?;
        let own = order(draft, *row, known);
        if before.is_some_and(|(row, _)| order(draft, row, known) > own)
            || after.is_some_and(|(row, _)| order(draft, row, known) < own)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

fn in_scope(draft: &Draft<'_>, rows: &[RowId], known: &Known<'_>) -> Vec<RowId> {
    let scoped = |row: &RowId| draft.issue(*row).is_some_and(|issue| known.in_scope(issue));
    rows.iter().copied().filter(scoped).collect()
}

/// What siblings are sorted by: those without a rank last.
pub(super) type Order<'k> = (bool, Option<&'k str>);

pub(super) fn order<'k>(draft: &Draft<'_>, row: RowId, known: &'k Known<'_>) -> Order<'k> {
    match draft.issue(row) {
        Some(issue) => rank_order(issue, known),
        None => (true, None),
    }
}

fn rank_order<'k>(issue: IssueId, known: &'k Known<'_>) -> Order<'k> {
    let rank = known.rank(issue);
    (rank.is_none(), rank)
}

/// Gives the slots of some children to the same ones in another order.
fn fill_slots(
    draft: &mut Draft<'_>,
    parent: Option<RowId>,
    children: Vec<RowId>,
    sorted: Vec<RowId>,
) {
    let movable: IdSet<RowId> = sorted.iter().copied().collect();
    let mut next = sorted.into_iter();
    let slot = |row: &RowId| match movable.contains(row) {
        true => (next.next().unwrap_or(*row), false),
        false => (*row, true),
    };
    let order: Vec<(RowId, bool)> = children.iter().map(slot).collect();
    let rows = order.iter().map(|(row, _)| *row);
    if !rows.eq(children) {
        draft.arrange(parent, order);
    }
}

/// An issue whose rank is to follow a row, with its rank until now.
pub(super) type Ranked<'k> = (IssueId, Option<&'k str>);

/// The issues in scope among those of some rows, all looked at, in the order of the rows.
pub(super) fn sequence<'k>(
    forest: &Forest,
    rows: &[usize],
    known: &'k Known<'_>,
) -> Vec<Ranked<'k>> {
    let issues = rows.iter().filter_map(|row| forest.row(*row).issue);
    let scoped = issues.filter(|issue| known.in_scope(*issue));
    scoped.map(|issue| (issue, known.rank(issue))).collect()
}

/// The fewest edits after which ranks ascend in the order of these rows.
pub(super) fn from_rows(
    forest: &Forest,
    rows: &[usize],
    known: &mut Known<'_>,
) -> Result<Vec<FieldEdit>, Halt> {
    known.look(rows.iter().filter_map(|row| forest.row(*row).issue))?;
    let sequence = sequence(forest, rows, known);
    Ok(follow(None, &sequence, &most_that_stay(&sequence), None))
}

/// Of issues that are to stand in this order, the most whose ranks ascend already.
pub(super) fn most_that_stay(sequence: &[Ranked<'_>]) -> Vec<bool> {
    let mut ranks: Vec<&str> = sequence.iter().filter_map(|(_, rank)| *rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    let place = |rank: &str| ranks.binary_search(&rank).ok();
    let places: Vec<Option<usize>> = sequence
        .iter()
        .map(|(_, rank)| rank.and_then(place))
        .collect();
    let ranked: Vec<usize> = places.iter().filter_map(|place| *place).collect();
    let mut stays = longest_increasing(&ranked).into_iter();
    let stays = |place: &Option<usize>| place.is_some() && stays.next() == Some(true);
    places.iter().map(stays).collect()
}

/// The same, with some preferred to others: those come first, and of the others the most that fit.
pub(super) fn preferred_that_stay(
    sequence: &[Ranked<'_>],
    is_preferred: impl Fn(IssueId) -> bool,
) -> Vec<bool> {
    let preferred: Vec<usize> = (0..sequence.len())
        .filter(|at| is_preferred(sequence[*at].0))
        .collect();
    let chosen: Vec<Ranked<'_>> = preferred.iter().map(|at| sequence[*at]).collect();
    let mut stays = vec![false; sequence.len()];
    let kept = preferred.iter().zip(most_that_stay(&chosen));
    let mut fixed: Vec<usize> = kept.filter(|(_, kept)| *kept).map(|(at, _)| *at).collect();
    fixed.push(sequence.len());
    let mut begin: usize = 0;
    for end in fixed {
        let low = begin.checked_sub(1).and_then(|at| sequence[at].1);
        let high = sequence.get(end).and_then(|(_, rank)| *rank);
        let gap = most_between(low, &sequence[begin..end], high);
        // The preferred ones in the gap did not fit among their own.
        for (at, fits) in (begin..end).zip(gap) {
            stays[at] = fits;
        }
        if let Some(stays) = stays.get_mut(end) {
            *stays = true;
        }
        begin = end + 1;
    }
    stays
}

/// Of issues between two ranks, the most that ascend and lie between them.
pub(super) fn most_between(
    low: Option<&str>,
    sequence: &[Ranked<'_>],
    high: Option<&str>,
) -> Vec<bool> {
    let lies = |rank: &&str| low.is_none_or(|low| low < *rank) && high.is_none_or(|it| *rank < it);
    let fitting: Vec<Ranked<'_>> = sequence
        .iter()
        .map(|(issue, rank)| (*issue, rank.filter(lies)))
        .collect();
    most_that_stay(&fitting)
}

/// Ranks each issue that does not stay directly behind the one before it; the first ones before the
/// first that stays. `before` and `after` stand around the sequence and stay.
pub(super) fn follow(
    before: Option<IssueId>,
    sequence: &[Ranked<'_>],
    stays: &[bool],
    after: Option<IssueId>,
) -> Vec<FieldEdit> {
    let first = stays.iter().position(|stays| *stays);
    // Where nothing has a rank, the first goes behind all that have one: before the next without.
    let first = first.map(|at| sequence[at].0).or(after);
    let first = first.or_else(|| sequence.get(1).map(|(next, _)| *next));
    let mut left = before.map(RankPlace::After);
    let mut edits = Vec::new();
    for ((issue, rank), stays) in sequence.iter().zip(stays) {
        let place = left.take().or(first.map(RankPlace::Before));
        left = Some(RankPlace::After(*issue));
        if let Some(to) = place.filter(|_| !stays) {
            edits.push(FieldEdit::Rank {
                issue: *issue,
                from: rank.map(str::to_owned),
                to,
            });
        }
    }
    edits
}
