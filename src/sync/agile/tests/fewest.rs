//! As few moves as there can be, checked by trying all ways on small cases.

use super::model::{Model, rule};
use crate::domain::{Direction, FieldEdit, IssueId, RowEdit};
use crate::sync::agile::ranks::{follow, most_that_stay, preferred_that_stay};
use proptest::prelude::*;

/// The least number of rows in scope that have to move so that an order becomes another, all
/// others staying.
fn least_moves(before: &[i64], after: &[i64], movable: &[i64]) -> usize {
    let ways = 0u32..1 << movable.len();
    let works = |way: &u32| {
        let moves = |id: &i64| {
            movable
                .iter()
                .position(|it| it == id)
                .is_some_and(|at| way >> at & 1 == 1)
        };
        let rest =
            |order: &[i64]| -> Vec<i64> { order.iter().copied().filter(|id| !moves(id)).collect() };
        rest(before) == rest(after)
    };
    let least = ways.filter(works).map(u32::count_ones).min();
    least.unwrap() as usize
}

fn least_ranked(ranks: &[Option<usize>]) -> usize {
    let ascends = |way: &u32| {
        let stay: Vec<Option<usize>> = (0..ranks.len())
            .filter(|at| way >> at & 1 == 0)
            .map(|at| ranks[at])
            .collect();
        stay.iter().all(Option::is_some) && stay.is_sorted_by(|a, b| a < b)
    };
    let ways = (0u32..1 << ranks.len()).filter(ascends);
    ways.map(u32::count_ones).min().unwrap() as usize
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn siblings_are_put_in_order_with_the_fewest_moves(
        order in Just((4i64..=10).collect::<Vec<i64>>()).prop_shuffle(),
        scope in prop::collection::vec(prop::bool::weighted(0.7), 7),
        left in 1usize..7,
    ) {
        let rows: Vec<i64> = (4..=10).collect();
        let outline: Vec<String> = rows.iter().map(i64::to_string).collect();
        let outside: Vec<i64> = rows.iter().copied().filter(|id| !scope[*id as usize - 4]).collect();
        // Some have no rank.
        let model = Model::of(&outline.join("\n"), &order[left..]).out_of_scope(&outside);
        let plan = model.plan(&rule(true, false, false), Direction::IntoStructure);
        let movable: Vec<i64> = rows.iter().copied().filter(|id| !outside.contains(id)).collect();
        let moved = |edit: &RowEdit| movable.contains(&edit.row().0);
        prop_assert!(plan.rows.iter().all(moved));
        let made = model.applied(&plan).forest;
        let after: Vec<i64> = made.rows().map(|row| row.id.0).collect();
        let ranks: Vec<_> = after
            .iter()
            .filter(|id| movable.contains(id))
            .map(|id| model.rank(IssueId(*id)).unwrap_or(usize::MAX))
            .collect();
        prop_assert!(ranks.is_sorted());
        for id in &outside {
            let at = |rows: &[i64]| rows.iter().position(|it| it == id);
            prop_assert_eq!(at(&rows), at(&after));
        }
        prop_assert_eq!(plan.rows.len(), least_moves(&rows, &after, &movable));
    }

    #[test]
    fn ranks_follow_rows_with_the_fewest_edits(
        order in Just((4i64..=10).collect::<Vec<i64>>()).prop_shuffle(), left in 0usize..7,
    ) {
        let model = Model::of("4\n5\n6\n7\n8\n9\n10", &order[left..]);
        let plan = model.plan(&rule(true, false, false), Direction::FromStructure);
        let ranks: Vec<Option<usize>> = (4..=10).map(|id| model.rank(IssueId(id))).collect();
        // One that is alone in having none is anchored by the others.
        prop_assert_eq!(plan.fields.len(), least_ranked(&ranks));
        let made = model.applied(&plan);
        let ranks: Vec<usize> = (4..=10).map(|id| made.rank(IssueId(id)).unwrap()).collect();
        prop_assert!(ranks.is_sorted());
    }

    #[test]
    fn preferred_issues_keep_their_ranks_where_any_way_lets_them(
        ranks in prop::collection::vec(prop::option::weighted(0.9, 0usize..12), 0..8),
        preferred in prop::collection::vec(any::<bool>(), 8),
    ) {
        let texts: Vec<Option<String>> = ranks.iter().map(|it| it.map(|rank| format!("{rank:02}"))).collect();
        let sequence: Vec<(IssueId, Option<&str>)> =
            texts.iter().zip(0i64..).map(|(rank, id)| (IssueId(id), rank.as_deref())).collect();
        let is_preferred = |issue: IssueId| preferred[issue.0 as usize];
        let stays = preferred_that_stay(&sequence, is_preferred);
        let kept: Vec<Option<usize>> = ranks.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(rank, _)| *rank).collect();
        prop_assert!(kept.iter().all(Option::is_some) && kept.is_sorted_by(|a, b| a < b));
        let own: Vec<Option<usize>> = ranks.iter().zip(&preferred).filter(|(_, it)| **it).map(|(rank, _)| *rank).collect();
        let moved = stays.iter().zip(&preferred).filter(|(stays, preferred)| **preferred && !**stays);
        prop_assert_eq!(moved.count(), least_ranked(&own));
        if preferred[..ranks.len()].iter().all(|it| *it) {
            prop_assert_eq!(stays, most_that_stay(&sequence));
        }
    }
}

#[test]
fn anchors_around_a_run_are_kept_to() {
    let run = [(IssueId(1), Some("9")), (IssueId(2), None)];
    let edits = follow(None, &run, &[false, false], Some(IssueId(7)));
    let places: Vec<_> = edits
        .iter()
        .map(|edit| match edit {
            FieldEdit::Rank { to, .. } => format!("{to:?}"),
            _ => String::new(),
        })
        .collect();
    assert_eq!(places, ["Before(IssueId(7))", "After(IssueId(1))"]);
}
