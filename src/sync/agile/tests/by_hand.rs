//! The rule case by case.

use super::model::{Model, consecutive, rule};
use crate::domain::forest::samples::issue_outline;
use crate::domain::synchronizer::AgileSettings;
use crate::domain::{Direction, FieldEdit, IssueId, RankPlace};

fn into(model: &Model, settings: &AgileSettings) -> String {
    let plan = model.plan(settings, Direction::IntoStructure);
    assert!(plan.fields.is_empty() && plan.links.is_empty());
    issue_outline(&model.applied(&plan).forest)
}

#[test]
fn issues_stand_under_their_epics() {
    let epics = rule(false, true, false);
    type Case = (&'static str, &'static [(i64, i64)], &'static str);
    let cases: &[Case] = &[
        // Missing, and elsewhere: appended. In the subtree: it stays.
        ("1\n5", &[(4, 1), (5, 1)], "1\n 4\n 5"),
        ("1\n 4\n  5", &[(4, 1), (5, 1)], "1\n 4\n  5"),
        // An epic that is not in the structure asks for nothing.
        ("1\n4", &[(4, 2)], "1\n4"),
        // Directly under a foreign epic: to its own, or to the end of the top level.
        ("1\n 4\n2", &[(4, 2)], "1\n2\n 4"),
        ("1\n 4\n5", &[(4, 3)], "1\n5\n4"),
        ("1\n 4\n  5\n6", &[], "1\n6\n4\n 5"),
        // Under a foreign epic, but not directly.
        ("1\n 9!\n  4", &[], "1\n folder\n  4"),
        // What moves takes its subtree along, and that may have to go back.
        ("1\n 4\n  5\n2", &[(4, 2), (5, 1)], "1\n 5\n2\n 4"),
        // The epic stands below its issue: a move of what holds it makes room.
        ("4\n 1", &[(4, 1)], "4\n 1"),
        ("2\n4\n 5\n  1", &[(4, 1), (5, 2)], "2\n 5\n  1\n   4"),
    ];
    for (before, of, after) in cases {
        let model = Model::of(before, &[4, 5, 6]).epics(of);
        assert_eq!(&into(&model, &epics), after, "{before:?} {of:?}");
    }
}

#[test]
fn what_cannot_stand_under_its_epic_is_listed() {
    let model = Model::of("4\n 1", &[]).epics(&[(4, 1)]);
    let plan = model.plan(&rule(true, true, true), Direction::IntoStructure);
    assert!(plan.is_empty());
    let [note] = &plan.notes[..] else {
        panic!("{:?}", plan.notes)
    };
    assert_eq!((note.issue, note.other), (IssueId(4), Some(IssueId(1))));
}

#[test]
fn what_is_out_of_scope_stays_where_it_is() {
    let all = rule(true, true, true);
    let model = Model::of("1\n 4\n2\n 5\n6", &[6, 5, 4])
        .epics(&[(4, 2), (5, 1), (6, 1)])
        .out_of_scope(&[4, 6]);
    assert_eq!(into(&model, &all), "1\n 4\n 5\n2\n6");
}

#[test]
fn siblings_in_scope_share_their_slots_by_rank() {
    let ranks = rule(true, false, false);
    let cases = [
        ("4\n5\n6", &[6, 4, 5][..], "6\n4\n5"),
        ("4\n7\n5\n8!\n6", &[6, 5, 4], "6\n7\n5\nfolder\n4"),
        // Without a rank: last.
        ("4\n5\n6", &[6, 5], "6\n5\n4"),
        ("9!\n 6\n 5\n4", &[4, 5, 6], "folder\n 5\n 6\n4"),
    ];
    for (before, order, after) in cases {
        let model = Model::of(before, order).out_of_scope(&[7]);
        assert_eq!(into(&model, &ranks), after, "{before:?} {order:?}");
    }
}

#[test]
fn sub_tasks_in_scope_stand_under_their_parents() {
    let all = rule(true, true, true);
    let model = Model::of("1\n4\n10", &[9, 10, 4])
        .epics(&[(5, 1), (9, 2)])
        .parents(&[(9, 5), (10, 4), (14, 4)])
        .out_of_scope(&[14]);
    assert_eq!(into(&model, &all), "4\n 10\n1\n 5\n  9");
    assert_eq!(into(&model, &rule(true, true, false)), "10\n4\n1\n 5");
}

#[test]
fn issues_get_the_epic_that_stands_nearest_above() {
    let model = Model::of("1\n 4\n 2\n  9!\n   5\n6\n7\n 3\n  8", &[])
        .epics(&[(4, 2), (5, 2), (6, 3), (7, 3), (11, 1)])
        .out_of_scope(&[7]);
    let plan = model.plan(&rule(false, true, false), Direction::FromStructure);
    let epic = |issue, from: Option<i64>, to: Option<i64>| FieldEdit::Epic {
        issue: IssueId(issue),
        from: from.map(IssueId),
        to: to.map(IssueId),
    };
    let expected = [
        epic(4, Some(2), Some(1)),
        epic(6, Some(3), None),
        epic(8, None, Some(3)),
    ];
    assert_eq!(plan.fields, expected);
}

#[test]
fn ranks_follow_siblings_or_all_rows() {
    let rank = |issue, to| FieldEdit::Rank {
        issue: IssueId(issue),
        from: None,
        to,
    };
    let shown = |model: &Model, settings: &AgileSettings| -> Vec<FieldEdit> {
        let plan = model.plan(settings, Direction::FromStructure);
        let bare = |edit| match edit {
            FieldEdit::Rank { issue, to, .. } => rank(issue.0, to),
            other => other,
        };
        plan.fields.into_iter().map(bare).collect()
    };
    let siblings = rule(true, false, false);
    let model = Model::of("4\n 5\n 6\n7", &[6, 5, 7, 4]);
    let (before, after) = (
        |issue| RankPlace::Before(IssueId(issue)),
        |issue| RankPlace::After(IssueId(issue)),
    );
    // Two in each family, and one of each moves.
    let edits = shown(&model, &siblings);
    assert_eq!(edits, [rank(4, before(7)), rank(5, before(6))]);
    let order = model
        .applied(&model.plan(&siblings, Direction::FromStructure))
        .order;
    assert_eq!(order, [5, 6, 4, 7].map(IssueId));
    let edits = shown(&model, &consecutive());
    assert_eq!(edits, [rank(4, before(6)), rank(5, after(4))]);
    // Without any rank there is no anchor but the next, and for one alone nothing to say.
    let model = Model::of("4\n5\n6", &[11]);
    assert_eq!(
        shown(&model, &siblings),
        [rank(4, before(5)), rank(5, after(4)), rank(6, after(5))]
    );
    let model = Model::of("4", &[11]);
    assert!(shown(&model, &siblings).is_empty());
}
