//! Changes of either side and of both, carried over.

use super::model::{Model, any_model, consecutive, rule};
use crate::domain::forest::SourceRow;
use crate::domain::forest::samples::issue_outline;
use crate::domain::synchronizer::{AgileSettings, RankMode};
use crate::domain::{FieldEdit, Forest, IssueId, Millis, RankPlace, RowEdit, RowId};
use crate::sync::agile::Changes;
use proptest::prelude::*;

enum On {
    Tracker,
    Structure,
}

/// Touches of issues' epics (or else their ranks): on which side, and when.
fn touched(epics: &[(i64, On, i64)], ranks: &[(i64, On, i64)]) -> Changes {
    let mut changes = Changes::default();
    for (touches, all) in [(&mut changes.epics, epics), (&mut changes.ranks, ranks)] {
        for (issue, side, at) in all {
            match side {
                On::Tracker => touches.in_tracker(IssueId(*issue), Millis(*at)),
                On::Structure => touches.in_structure(IssueId(*issue), Millis(*at)),
            }
        }
    }
    changes
}

fn all() -> AgileSettings {
    rule(true, true, true)
}

#[test]
fn the_later_edit_of_an_epic_wins() {
    // A user moved 4 under 2, and set its epic to 1.
    let model = Model::of("1\n2\n 4", &[1, 2, 4]).epics(&[(4, 1)]);
    let epics = rule(false, true, false);
    for (tracker, moves) in [(5, true), (4, false), (3, false)] {
        let changes = touched(&[(4, On::Structure, 4), (4, On::Tracker, tracker)], &[]);
        let plan = model.plan_changed(&epics, &changes);
        let made = model.applied(&plan);
        let (outline, epic) = if moves {
            ("1\n 4\n2", 1)
        } else {
            ("1\n2\n 4", 2)
        };
        assert_eq!(issue_outline(&made.forest), outline);
        assert_eq!(made.epic(IssueId(4)), Some(IssueId(epic)));
    }
}

#[test]
fn an_edit_that_may_not_matter_yields_to_a_move() {
    let model = Model::of("1\n2\n 4", &[1, 2, 4]).epics(&[(4, 1)]);
    let mut changes = touched(&[], &[]);
    changes.epics.perhaps(IssueId(4));
    let made = model.applied(&model.plan_changed(&all(), &changes));
    assert_eq!(issue_outline(&made.forest), "1\n 4\n2");
    changes.epics.in_structure(IssueId(4), Millis(1));
    let made = model.applied(&model.plan_changed(&all(), &changes));
    assert_eq!(issue_outline(&made.forest), "1\n2\n 4");
    assert_eq!(made.epic(IssueId(4)), Some(IssueId(2)));
}

#[test]
fn an_issue_that_the_tracker_puts_under_its_epic_stands_there_by_rank() {
    let model = Model::of("1\n 4\n 7\n 6\n8", &[1, 4, 5, 6, 7, 8])
        .epics(&[(4, 1), (5, 1), (6, 1)])
        .out_of_scope(&[7])
        .parents(&[(9, 5)]);
    let changes = touched(&[(5, On::Tracker, 1)], &[]);
    let made = model.applied(&model.plan_changed(&all(), &changes));
    assert_eq!(issue_outline(&made.forest), "1\n 4\n 7\n 5\n  9\n 6\n8");
}

#[test]
fn ranks_and_rows_that_changed_under_one_parent_go_both_ways() {
    // In order, then: 7 went to the front of the rows, 4 behind all ranks but 8's.
    let model = Model::of("7\n4\n5\n6\n8", &[5, 6, 7, 4, 8]);
    let changes = touched(&[], &[(7, On::Structure, 1), (4, On::Tracker, 2)]);
    let plan = model.plan_changed(&all(), &changes);
    let made = model.applied(&plan);
    assert_eq!(issue_outline(&made.forest), "7\n5\n6\n4\n8");
    assert_eq!(made.order, [7, 5, 6, 4, 8].map(IssueId));
    assert_eq!((plan.rows.len(), plan.fields.len()), (1, 1));
}

#[test]
fn a_moved_subtree_ranks_behind_what_stands_before_it() {
    let model = Model::of("4\n5\n 6\n 7\n8", &[4, 8, 7, 5, 6]);
    let touches = [5, 6, 7].map(|issue| (issue, On::Structure, 1));
    let plan = model.plan_changed(&consecutive(), &touched(&[], &touches));
    assert_eq!(model.applied(&plan).order, [4, 5, 6, 7, 8].map(IssueId));
    let first = &plan.fields[..1];
    let to = RankPlace::After(IssueId(4));
    assert!(
        matches!(first, [FieldEdit::Rank { issue, to: place, .. }] if *issue == IssueId(5) && *place == to)
    );
}

#[test]
fn a_sub_task_that_was_moved_is_put_back_and_ranked_there() {
    let model = Model::of("4\n 10\n5\n 9", &[4, 9, 10, 5]).parents(&[(9, 4), (10, 4)]);
    let mut changes = touched(&[(9, On::Structure, 1)], &[(9, On::Structure, 1)]);
    changes.parents.insert(IssueId(4));
    let made = model.applied(&model.plan_changed(&all(), &changes));
    assert_eq!(issue_outline(&made.forest), "4\n 10\n 9\n5");
    assert_eq!(made.order, [4, 10, 9, 5].map(IssueId));
}

/// 100 epics with 200 issues each, ranked as they stand.
fn large() -> Model {
    let rows = (0..20_100).map(|at| {
        let family = at / 201;
        SourceRow {
            id: RowId(at + 1),
            parent: (at % 201 > 0).then(|| RowId(family * 201 + 1)),
            issue: Some(IssueId(at + 1)),
        }
    });
    Model::large(Forest::build(1, rows).unwrap(), |id| id % 201 == 1)
}

#[test]
fn little_is_looked_at_in_a_large_structure() {
    let model = large();
    // An issue in the middle of a family: its epic was edited, its summary, its place, all below it.
    let issue = 201 * 50 + 100;
    let mut summary = Changes::default();
    summary.epics.perhaps(IssueId(issue));
    summary.ranks.perhaps(IssueId(issue));
    let place = || touched(&[(issue, On::Structure, 1)], &[(issue, On::Structure, 1)]);
    let cases = [
        (summary, all(), 20),
        (place(), all(), 20),
        (
            place(),
            AgileSettings {
                rank_mode: RankMode::Consecutive,
                ..all()
            },
            20,
        ),
        (touched(&[], &[(issue, On::Tracker, 1)]), all(), 20),
    ];
    for (changes, settings, most) in cases {
        let plan = model.plan_changed(&settings, &changes);
        assert!(plan.is_empty(), "{plan:?}");
        assert!(plan.issues_scanned <= most, "{}", plan.issues_scanned);
    }
    let model = model.epics(&[(issue, 1)]);
    let plan = model.plan_changed(&all(), &touched(&[(issue, On::Tracker, 1)], &[]));
    assert_eq!(plan.rows.len(), 1);
    assert!(plan.issues_scanned <= 220, "{}", plan.issues_scanned);
}

fn any_changes() -> impl Strategy<Value = Changes> {
    let touch = || (1i64..=13, 0u8..4, 0i64..3);
    let touches = prop::collection::vec((touch(), any::<bool>()), 0..8);
    (touches, prop::collection::hash_set(1i64..=10, 0..4)).prop_map(|(all, parents)| {
        let mut changes = Changes {
            parents: parents.into_iter().map(IssueId).collect(),
            ..Changes::default()
        };
        for ((issue, side, at), epics) in all {
            let touches = if epics {
                &mut changes.epics
            } else {
                &mut changes.ranks
            };
            match side {
                0 => touches.perhaps(IssueId(issue)),
                1 => touches.in_tracker(IssueId(issue), Millis(at)),
                _ => touches.in_structure(IssueId(issue), Millis(at)),
            }
        }
        changes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn whatever_changed_only_what_is_in_scope_is_edited(
        model in any_model(), changes in any_changes(), flags in any::<[bool; 4]>(),
    ) {
        let [rank, epics, sub_tasks, all] = flags;
        let settings = AgileSettings {
            rank_mode: if all { RankMode::Consecutive } else { RankMode::Independent },
            ..rule(rank, epics, sub_tasks)
        };
        let plan = model.plan_changed(&settings, &changes);
        prop_assert_eq!(&plan, &model.plan_changed(&settings, &changes));
        for edit in &plan.rows {
            let issue = match edit {
                RowEdit::Add { issue, .. } => *issue,
                RowEdit::Move { id, .. } => model.forest.find(*id).unwrap().issue,
                RowEdit::Remove { .. } => None,
            };
            prop_assert!(issue.is_some_and(|it| model.is_in_scope(it)), "{:?}", edit);
        }
        for edit in &plan.fields {
            prop_assert!(model.is_in_scope(edit.issue()));
            let is_rank = matches!(edit, FieldEdit::Rank { .. });
            prop_assert!((is_rank && settings.sync_rank) || (!is_rank && settings.sync_epics));
        }
        prop_assert!(settings.sync_rank || settings.sync_epics || settings.add_sub_tasks || plan.is_empty());
        // Everything can be made as it says.
        let _ = model.applied(&plan);
    }
}
