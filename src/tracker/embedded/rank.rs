//! Putting issues elsewhere in the global order.
//!
//! Only the issues that are named get other ranks, and of these only as many as must: one longest
//! run that stands right already stays. An issue that others are to stand beside and that has no
//! rank gets the last one, for it stood behind all that have any.
//!
//! Keys grow where many issues are put into one gap. Once a new one would be too long, its
//! neighbours are spread anew, as few as will do: that changes no order, so it is no edit, and
//! neither the feed nor the instants of these issues know of it.

use super::find;
use crate::domain::lis::longest_increasing;
use crate::domain::{IssueId, RankPlace, Refusal, fractional};
use crate::store::forest::Author;
use crate::store::ranks::{self, Ranked};
use crate::store::{Failure, StoreError, Tx, issue_rows};
use crate::tracker::feed::{self, FieldChange};
use std::collections::HashMap;

/// Longest rank of an issue, in characters; past it, room is made.
pub(super) const LONGEST: usize = 60;
/// How long ranks may be after room was made: short enough for another 180 issues in one gap.
const ROOMY: usize = 30;
/// Issues on either side of a gap whose ranks are spread anew, at first and at the most.
const REACH: (usize, usize) = (4, 256);
/// Issues that one request ranks at the most.
const KEYS: usize = 1_000;

/// A request to put issues, in their order, directly before or after another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// The keys of the issues, 1 to 1,000, each once.
    pub keys: Vec<String>,
    /// The key of the issue before which they go; exactly one of this and `after` is given.
    pub before: Option<String>,
    /// The key of the issue after which they go.
    pub after: Option<String>,
}

/// The side of an issue on which others go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// Puts issues directly before or after another one; their ids, in the order of the request.
pub fn rank_issues(
    tx: &Tx<'_>,
    ranking: &Ranking,
    author: Author,
) -> Result<Vec<IssueId>, Failure> {
    let (anchor_key, path, side) = match (&ranking.before, &ranking.after) {
        (Some(key), None) => (key, "input.before", Side::Before),
        (None, Some(key)) => (key, "input.after", Side::After),
        (None, None) | (Some(_), Some(_)) => {
            let message = "expected exactly one of before and after";
            return Err(Refusal::invalid("input", message).into());
        }
    };
    let count = ranking.keys.len();
    if !(1..=KEYS).contains(&count) {
        let message = format!("{count} keys: expected 1 to {KEYS}");
        return Err(Refusal::invalid("input.keys", message).into());
    }
    let anchor = find::issue(tx, anchor_key, path)?.id;
    let mut issues = Vec::with_capacity(count);
    let mut places = HashMap::with_capacity(count);
    for (place, key) in ranking.keys.iter().enumerate() {
        let path = format!("input.keys.{place}");
        let issue = find::issue(tx, key, &path)?.id;
        if issue == anchor {
            let message = format!("{key} is the issue beside which the others go");
            return Err(Refusal::invalid(&path, message).into());
        }
        if places.insert(issue, place).is_some() {
            let message = format!("{key} is named twice: expected each key once");
            return Err(Refusal::invalid(&path, message).into());
        }
        issues.push(issue);
    }
    Order { tx, author }.put(&issues, anchor, side)?;
    Ok(issues)
}

/// Puts one issue elsewhere, as jobs do; its rank afterwards. A rank that it gets exactly may be
/// another's until that one goes back as well: whoever plans sees to it that none is shared in the
/// end. An issue that is gone stays so.
pub fn set_rank(
    tx: &Tx<'_>,
    issue: IssueId,
    to: &RankPlace,
    author: Author,
) -> Result<Option<String>, StoreError> {
    let Some(before) = ranks::of(tx, [issue])?.remove(&issue) else {
        return Ok(None);
    };
    let order = Order { tx, author };
    match to {
        RankPlace::Before(other) => order.put(&[issue], *other, Side::Before)?,
        RankPlace::After(other) => order.put(&[issue], *other, Side::After)?,
        RankPlace::Exactly(rank) => order.write(issue, &before, rank)?,
    }
    issue_rows::find_rank(tx, issue)
}

/// The global order, edited in a transaction on behalf of somebody.
struct Order<'a, 't> {
    tx: &'a Tx<'t>,
    author: Author,
}

impl Order<'_, '_> {
    /// Puts issues, in their order, directly beside another one.
    fn put(&self, issues: &[IssueId], anchor: IssueId, side: Side) -> Result<(), StoreError> {
        if issues.contains(&anchor) {
            return Ok(());
        }
        let before = ranks::of(self.tx, issues.iter().copied())?;
        let anchor = self.ranked(anchor)?;
        let mut beside = match side {
            Side::Before => ranks::preceding(self.tx, &anchor, issues.len() + 1)?,
            Side::After => ranks::following(self.tx, &anchor, issues.len() + 1)?,
        };
        // Up to the first issue that is not named: beyond it nothing stands directly beside.
        let named = |it: &Ranked| before.contains_key(&it.issue);
        let standing = beside.iter().take_while(|it| named(it)).count();
        let other = beside.get(standing).map(|it| it.issue);
        beside.truncate(standing);
        let (mut low, high) = match side {
            Side::Before => (other, Some(anchor.issue)),
            Side::After => (Some(anchor.issue), other),
        };
        if side == Side::Before {
            beside.reverse();
        }

        let stays = staying(issues, &beside);
        // What moves leaves the order first, so that it is nobody's neighbour on the way.
        for (issue, _) in issues.iter().zip(&stays).filter(|(_, stays)| !**stays) {
            issue_rows::set_rank(self.tx, *issue, None)?;
        }
        let mut from = 0;
        for to in 0..=issues.len() {
            if stays.get(to) == Some(&false) {
                continue;
            }
            let next = issues.get(to).copied();
            self.fill(low, next.or(high), &issues[from..to], &before)?;
            (low, from) = (next, to + 1);
        }
        Ok(())
    }

    /// Ranks issues, in their order, between two neighbours; `None` is an open end.
    fn fill(
        &self,
        low: Option<IssueId>,
        high: Option<IssueId>,
        issues: &[IssueId],
        before: &HashMap<IssueId, Option<String>>,
    ) -> Result<(), StoreError> {
        if issues.is_empty() {
            return Ok(());
        }
        // Ranks are read at each gap: making room in the one before may have changed them.
        let ends = ranks::of(self.tx, low.into_iter().chain(high))?;
        let place = |issue: IssueId| {
            let rank = ends.get(&issue).cloned().flatten();
            rank.map(|rank| Ranked { issue, rank })
        };
        let (low, high) = (low.and_then(place), high.and_then(place));
        let keys = match keys_between(low.as_ref(), high.as_ref(), issues.len()) {
            Some(keys) if length(&keys) <= LONGEST => keys,
            _ => self.make_room(low.as_ref(), high.as_ref(), issues.len())?,
        };
        for (issue, key) in issues.iter().zip(keys) {
            let before = before.get(issue).cloned().flatten();
            self.write(*issue, &before, &Some(key))?;
        }
        Ok(())
    }

    /// Spreads the ranks around a gap anew; `count` keys for the gap, which is wide enough then.
    fn make_room(
        &self,
        low: Option<&Ranked>,
        high: Option<&Ranked>,
        count: usize,
    ) -> Result<Vec<String>, StoreError> {
        let (mut reach, most) = REACH;
        loop {
            // One issue more on either side: its rank bounds the others.
            let mut left: Vec<Ranked> = low.into_iter().cloned().collect();
            if let Some(low) = low {
                left.extend(ranks::preceding(self.tx, low, reach)?);
            }
            let mut right: Vec<Ranked> = high.into_iter().cloned().collect();
            if let Some(high) = high {
                right.extend(ranks::following(self.tx, high, reach)?);
            }
            let moved = left.len().min(reach) + count + right.len().min(reach);
            let keys = keys_between(left.get(reach), right.get(reach), moved);
            // Further than `most` only from equal ranks, between which there is no key at all.
            if let Some(keys) = keys
                && (reach >= most || length(&keys) <= ROOMY)
            {
                left.truncate(reach);
                left.reverse();
                right.truncate(reach);
                return self.respace(&left, &right, keys);
            }
            reach *= 2;
        }
    }

    /// Gives the outer keys to the issues on either side of a gap; those that remain for the gap.
    fn respace(
        &self,
        left: &[Ranked],
        right: &[Ranked],
        mut keys: Vec<String>,
    ) -> Result<Vec<String>, StoreError> {
        let last = keys.split_off(keys.len() - right.len());
        let gap = keys.split_off(left.len());
        let around = left.iter().zip(&keys).chain(right.iter().zip(&last));
        for (place, key) in around.filter(|(place, key)| place.rank != **key) {
            issue_rows::set_rank(self.tx, place.issue, Some(key))?;
        }
        Ok(gap)
    }

    /// The place of an issue, behind all others if it had none.
    fn ranked(&self, issue: IssueId) -> Result<Ranked, StoreError> {
        let found = ranks::of(self.tx, [issue])?.remove(&issue);
        let Some(rank) = found else {
            let message = format!("an issue is ranked beside issue {issue}, which is gone");
            return Err(StoreError::Corrupt(message));
        };
        let rank = match rank {
            Some(rank) => rank,
            None => {
                let last = issue_rows::last_rank(self.tx)?;
                let rank = fractional::between(last.as_deref(), None, 1).remove(0);
                self.write(issue, &None, &Some(rank.clone()))?;
                rank
            }
        };
        Ok(Ranked { issue, rank })
    }

    /// Writes the rank of an issue and, if it is another than before, its line in the feed.
    fn write(
        &self,
        issue: IssueId,
        before: &Option<String>,
        after: &Option<String>,
    ) -> Result<(), StoreError> {
        issue_rows::set_rank(self.tx, issue, after.as_deref())?;
        let Some(change) = FieldChange::between("rank", before, after, Option::clone) else {
            return Ok(());
        };
        issue_rows::touch(self.tx, issue)?;
        feed::record_field(self.tx, issue, &change, self.author)
    }
}

/// Which of the issues stay: the most of those that stand beside already, in the wanted order.
fn staying(issues: &[IssueId], beside: &[Ranked]) -> Vec<bool> {
    let wanted: HashMap<IssueId, usize> = issues.iter().copied().zip(0..).collect();
    let order: Vec<usize> = beside
        .iter()
        .filter_map(|it| wanted.get(&it.issue).copied())
        .collect();
    let mut stays = vec![false; issues.len()];
    for (place, stay) in order.iter().zip(longest_increasing(&order)) {
        stays[*place] = stay;
    }
    stays
}

/// Keys between two neighbours; `None` if there are none, because both have the same rank.
fn keys_between(low: Option<&Ranked>, high: Option<&Ranked>, count: usize) -> Option<Vec<String>> {
    let (low, high) = (low.map(|it| &*it.rank), high.map(|it| &*it.rank));
    let open = low.is_none() || high.is_none() || low < high;
    open.then(|| fractional::spread(low, high, count))
}

fn length(keys: &[String]) -> usize {
    keys.iter().map(String::len).max().unwrap_or(0)
}
