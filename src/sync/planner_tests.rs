//! The promises of the two one-way planners, by hand and on random forests.

use super::{saved_filter, sub_tasks};
use crate::domain::forest::samples::{any_forest, forest, issue_outline, outline};
use crate::domain::synchronizer::{FilterSource, SavedFilterSettings};
use crate::domain::{Forest, IssueId, Plan, RowEdit, RowId};
use proptest::prelude::*;
use std::collections::HashSet;

fn filter(settings: &SavedFilterSettings, forest: &Forest, result: &[i64]) -> Plan {
    saved_filter::plan(&saved_filter::Snapshot {
        forest,
        settings,
        result: result.iter().map(|id| IssueId(*id)).collect(),
        looked_at: None,
    })
}

fn settings(under: Option<i64>, flags: [bool; 4]) -> SavedFilterSettings {
    let [add, allow_move, remove, remove_only_from_placement] = flags;
    SavedFilterSettings {
        source: FilterSource::Jql(String::new()),
        add,
        place_under: under.map(RowId),
        allow_move,
        remove,
        remove_only_from_placement,
    }
}

#[test]
fn the_structure_holds_the_filters_result() {
    let t = true;
    let f = false;
    let cases: &[(&str, Option<i64>, [bool; 4], &[i64], &str)] = &[
        ("", None, [t, f, f, f], &[3, 1, 2], "3\n1\n2"),
        ("1\n 2", None, [t, f, f, f], &[3, 2], "1\n 2\n3"),
        ("1\n2", Some(1), [t, f, f, f], &[2, 3], "1\n 3\n2"),
        ("1\n2\n 4", Some(1), [t, t, f, f], &[2, 3], "1\n 2\n  4\n 3"),
        // Removal: a parent stays while anything below it has to.
        ("1\n 2\n  3\n4", None, [f, f, t, f], &[3], "1\n 2\n  3"),
        ("1\n 2\n  3\n4", None, [f, f, t, f], &[4], "4"),
        ("1\n 9!\n4", None, [f, f, t, f], &[], "1\n folder"),
        // The placement stays, and what holds it.
        ("1\n 2\n  3", Some(2), [f, f, t, f], &[], "1\n 2"),
        ("1\n 2\n  3\n4", Some(1), [f, f, t, t], &[], "1\n 2\n  3\n4"),
        ("1\n 2\n3", Some(1), [f, f, t, t], &[], "1\n3"),
        ("1\n 2\n3", None, [f, f, t, t], &[], "1\n 2"),
        // Moved out first, a wanted row no longer holds its old parent.
        ("1\n2\n 3", Some(1), [t, t, t, f], &[3], "1\n 3"),
        // The placement lies under the issue that should move there.
        ("1\n 2", Some(2), [t, t, f, f], &[1], "1\n 2"),
    ];
    for (before, under, flags, result, after) in cases {
        let base = forest(before);
        let plan = filter(&settings(*under, *flags), &base, result);
        let made = issue_outline(&base.edited(2, &plan.rows).unwrap());
        assert_eq!(&made, after, "{before:?} {under:?} {flags:?} {result:?}");
    }
}

fn any_filter() -> impl Strategy<Value = (SavedFilterSettings, Vec<i64>)> {
    let flags = any::<[bool; 4]>();
    let result = Just((1..12).collect::<Vec<i64>>()).prop_shuffle();
    (prop::option::of(1i64..6), flags, result, 0usize..12).prop_map(
        |(under, flags, mut result, length)| {
            result.truncate(length);
            (settings(under, flags), result)
        },
    )
}

fn order_of_those_that_stay(before: &Forest, after: &Forest, moved: &HashSet<RowId>) -> bool {
    let stays = |id: &RowId| after.index_of(*id).is_some() && !moved.contains(id);
    let rows = |forest: &Forest| -> Vec<RowId> {
        forest
            .rows()
            .map(|row| row.id)
            .filter(|id| before.index_of(*id).is_some())
            .filter(stays)
            .collect()
    };
    rows(before) == rows(after)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn a_filter_resync_keeps_its_promises(
        base in any_forest(12, 11), (rule, result) in any_filter(),
    ) {
        // A rule whose placement is gone is not available, so it is never planned.
        prop_assume!(rule.place_under.is_none_or(|row| base.index_of(row).is_some()));
        let plan = filter(&rule, &base, &result);
        let made = base.edited(2, &plan.rows).unwrap();
        prop_assert!(filter(&rule, &made, &result).is_empty(), "{}", outline(&base));
        let wanted: HashSet<IssueId> = result.iter().map(|id| IssueId(*id)).collect();
        for row in base.rows() {
            let kept = row.issue.is_none_or(|issue| wanted.contains(&issue));
            if kept || rule.place_under == Some(row.id) || !rule.remove {
                prop_assert!(made.index_of(row.id).is_some());
            }
        }
        if rule.add {
            prop_assert!(wanted.iter().all(|issue| made.holds(*issue)));
        }
        let moved: HashSet<RowId> = plan
            .rows
            .iter()
            .filter(|edit| matches!(edit, RowEdit::Move { .. }))
            .flat_map(|edit| {
                let at = base.index_of(edit.row()).unwrap();
                (at..at + base.row(at).size).map(|index| base.row(index).id)
            })
            .collect();
        prop_assert!(moved.is_empty() || rule.allow_move);
        prop_assert!(order_of_those_that_stay(&base, &made, &moved));
    }

    #[test]
    fn an_incremental_filter_run_agrees_with_a_resync(
        base in any_forest(12, 11), (rule, result) in any_filter(), flips in prop::collection::hash_set(1i64..12, 0..4),
    ) {
        prop_assume!(rule.place_under.is_none_or(|row| base.index_of(row).is_some()));
        let plan = filter(&rule, &base, &result);
        let synced = base.edited(2, &plan.rows).unwrap();
        // Some issues enter or leave the result.
        let mut now: Vec<i64> = result.iter().copied().filter(|id| !flips.contains(id)).collect();
        now.extend(flips.iter().copied().filter(|id| !result.contains(id)));
        let full = filter(&rule, &synced, &now);
        let by_resync = synced.edited(3, &full.rows).unwrap();
        // What an incremental run looks at: the changed issues and those above their rows.
        let mut looked_at: HashSet<IssueId> = flips.iter().map(|id| IssueId(*id)).collect();
        for issue in flips.iter().map(|id| IssueId(*id)) {
            for row in synced.rows_of(issue) {
                looked_at.extend(synced.ancestors(row.index).filter_map(|up| up.issue));
            }
        }
        let result = now.iter().map(|id| IssueId(*id)).filter(|id| looked_at.contains(id)).collect();
        let plan = saved_filter::plan(&saved_filter::Snapshot {
            forest: &synced, settings: &rule, result, looked_at: Some(looked_at),
        });
        let by_increment = synced.edited(3, &plan.rows).unwrap();
        let places = |forest: &Forest| -> HashSet<(Option<IssueId>, Option<RowId>)> {
            forest.rows().map(|row| (row.issue, row.parent.map(|up| forest.row(up).id))).collect()
        };
        prop_assert_eq!(places(&by_resync), places(&by_increment));
    }

    #[test]
    fn a_sub_task_resync_keeps_its_promises(
        base in any_forest(12, 11), parents in prop::collection::vec(prop::option::of(1i64..12), 11),
    ) {
        let sub_tasks: Vec<(IssueId, IssueId)> = parents
            .iter()
            .zip(1i64..)
            .filter_map(|(parent, id)| parent.filter(|it| *it != id).map(|it| (IssueId(id), IssueId(it))))
            .collect();
        let plan_on = |forest: &Forest| {
            sub_tasks::plan(&sub_tasks::Snapshot { forest, sub_tasks: sub_tasks.clone() })
        };
        let plan = plan_on(&base);
        let made = base.edited(2, &plan.rows).unwrap();
        prop_assert!(plan_on(&made).rows.is_empty());
        let skipped: HashSet<IssueId> = plan.notes.iter().map(|note| note.issue).collect();
        for (sub_task, parent) in &sub_tasks {
            let under = made.rows_of(*sub_task).any(|row| {
                row.parent.is_some_and(|up| made.row(up).issue == Some(*parent))
            });
            prop_assert!(under || !made.holds(*parent) || skipped.contains(sub_task));
        }
        let removes = plan.rows.iter().any(|edit| matches!(edit, RowEdit::Remove { .. }));
        prop_assert!(!removes);
    }
}
