//! The rule on small forests by hand, and its promises on random ones.

use super::*;
use crate::domain::RowId;
use crate::domain::forest::SourceRow;
use crate::domain::forest::samples::{any_forest, forest};
use crate::domain::issue::StatusCategory;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// The listed statuses are the first three; `Parked` is not.
const NAMES: [&str; 4] = ["To Do", "Doing", "Done", "Parked"];

fn statuses() -> Vec<(StatusId, Status)> {
    let categories = [
        StatusCategory::ToDo,
        StatusCategory::InProgress,
        StatusCategory::Done,
        StatusCategory::ToDo,
    ];
    let status = |(name, category): (&str, StatusCategory)| Status {
        name: name.to_owned(),
        category,
    };
    let all = NAMES.into_iter().zip(categories).map(status);
    (0..).map(StatusId).zip(all).collect()
}

fn settings() -> StatusRollupSettings {
    StatusRollupSettings {
        project_keys: Vec::new(),
        issue_types: Vec::new(),
        statuses: ["to do", "DOING", "Done"].map(str::to_owned).to_vec(),
        resolution: Some("Fixed".to_owned()),
    }
}

/// A tracker of issues `1..` that remembers which of them were looked at.
#[derive(Clone, Debug, Default)]
struct Fake {
    statuses: BTreeMap<i64, i64>,
    out_of_scope: Vec<i64>,
    refused: Vec<(i64, i64)>,
    seen: RefCell<Vec<i64>>,
}

impl Fake {
    fn new(statuses: &[i64]) -> Self {
        Self {
            statuses: (1..).zip(statuses.iter().copied()).collect(),
            ..Self::default()
        }
    }

    fn apply(&mut self, plan: &Plan) {
        for edit in &plan.fields {
            let FieldEdit::Status {
                issue, from, to, ..
            } = edit
            else {
                panic!("not an edit of a status: {edit:?}");
            };
            let number = |name: &str| NAMES.iter().position(|it| *it == name).unwrap() as i64;
            assert_eq!(self.statuses[&issue.0], number(from));
            assert!(self.allows(number(from), number(to)), "{edit:?}");
            assert!(!self.out_of_scope.contains(&issue.0), "{edit:?}");
            self.statuses.insert(issue.0, number(to));
        }
    }

    fn allows(&self, from: i64, to: i64) -> bool {
        !self.refused.contains(&(from, to))
    }
}

impl Tracker for Fake {
    type Error = Infallible;

    fn see(&self, issues: &[IssueId]) -> Result<Vec<(IssueId, Seen)>, Infallible> {
        let seen = |issue: &IssueId| {
            self.seen.borrow_mut().push(issue.0);
            let seen = Seen {
                status: StatusId(self.statuses[&issue.0]),
                project: ProjectId(1),
                in_scope: !self.out_of_scope.contains(&issue.0),
            };
            (*issue, seen)
        };
        Ok(issues.iter().map(seen).collect())
    }

    fn refusal(&self, _: ProjectId, from: &str, to: &str) -> Option<String> {
        let number = |name: &str| NAMES.iter().position(|it| *it == name).unwrap() as i64;
        (!self.allows(number(from), number(to))).then(|| "no way".to_owned())
    }
}

fn plan_from(forest: &Forest, fake: &Fake, looked_at: Option<&[i64]>) -> Plan {
    let (settings, statuses) = (settings(), statuses());
    let looked_at = looked_at.map(|ids| ids.iter().map(|id| IssueId(*id)).collect());
    let snapshot = Snapshot {
        forest,
        settings: &settings,
        statuses: &statuses,
        looked_at,
    };
    let Ok(plan) = plan(&snapshot, fake);
    plan
}

/// The statuses after a run, of which a second run changes nothing.
fn settled(forest: &Forest, fake: &Fake) -> Vec<i64> {
    let mut after = fake.clone();
    after.apply(&plan_from(forest, fake, None));
    assert!(plan_from(forest, &after, None).is_empty(), "{forest:?}");
    after.statuses.into_values().collect()
}

#[test]
fn parents_get_the_earliest_status_of_their_children() {
    let cases: &[(&str, &[i64], &[i64])] = &[
        ("1\n 2\n 3", &[0, 2, 1], &[1, 2, 1]),
        ("1\n 2\n 3", &[2, 0, 2], &[0, 0, 2]),
        // One status that is not listed, and nothing is said of the parent.
        ("1\n 2\n 3", &[0, 2, 3], &[0, 2, 3]),
        // A parent in such a status gets one all the same.
        ("1\n 2", &[3, 2], &[2, 2]),
        // From the bottom up; what a parent gets counts for its own.
        ("1\n 2\n  3\n 4", &[0, 0, 2, 2], &[2, 2, 2, 2]),
        ("1\n 2\n  3\n   4", &[0, 3, 0, 1], &[1, 1, 1, 1]),
        // A folder is no issue, and what is in it is not the business of the issue above.
        ("1\n 9!\n  2\n 3", &[0, 0, 2], &[2, 0, 2]),
        ("9!\n 2", &[0, 1], &[0, 1]),
        ("1\n2", &[0, 1], &[0, 1]),
    ];
    for (outline, before, after) in cases {
        let made = settled(&forest(outline), &Fake::new(before));
        assert_eq!(&made, after, "{outline:?} {before:?}");
    }
}

#[test]
fn what_is_out_of_scope_stays_and_counts() {
    let mut fake = Fake::new(&[0, 0, 2]);
    fake.out_of_scope = vec![2];
    assert_eq!(settled(&forest("1\n 2\n  3"), &fake), [0, 0, 2]);
    fake.statuses.insert(2, 1);
    assert_eq!(settled(&forest("1\n 2\n  3"), &fake), [1, 1, 2]);
}

#[test]
fn only_a_done_status_resolves() {
    let resolution = |status| {
        let plan = plan_from(&forest("1\n 2"), &Fake::new(&[0, status]), None);
        match &plan.fields[..] {
            [FieldEdit::Status { resolution, .. }] => resolution.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(resolution(2), Some("Fixed".to_owned()));
    assert_eq!(resolution(1), None);
}

#[test]
fn a_refused_transition_fails_and_the_rest_goes_on_with_that() {
    let mut fake = Fake::new(&[1, 0, 2, 2, 1]);
    fake.refused = vec![(0, 2)];
    let base = forest("1\n 2\n  3\n 4\n  5");
    let plan = plan_from(&base, &fake, None);
    assert_eq!(plan.notes.len(), 1);
    assert_eq!(plan.notes[0].kind, NoteKind::Failed);
    assert_eq!(plan.notes[0].issue, IssueId(2));
    assert_eq!(
        plan.notes[0].text,
        "{issue} cannot go from “To Do” to “Done”: no way"
    );
    assert_eq!(settled(&base, &fake), [0, 0, 2, 1, 1]);
}

/// Rows as (row, parent row, issue).
fn with_rows(rows: &[(i64, Option<i64>, i64)]) -> Forest {
    let rows = rows.iter().map(|(id, parent, issue)| SourceRow {
        id: RowId(*id),
        parent: parent.map(RowId),
        issue: Some(IssueId(*issue)),
    });
    Forest::build(1, rows).unwrap()
}

#[test]
fn the_children_of_all_rows_of_an_issue_count() {
    let base = with_rows(&[(1, None, 1), (2, Some(1), 2), (3, None, 1), (4, Some(3), 3)]);
    assert_eq!(settled(&base, &Fake::new(&[0, 2, 1])), [1, 2, 1]);
    // The lower row of 2 comes first, and yet 2 is settled before 1.
    let base = with_rows(&[(1, None, 1), (2, Some(1), 2), (3, None, 2), (4, Some(3), 3)]);
    assert_eq!(settled(&base, &Fake::new(&[0, 0, 2])), [2, 2, 2]);
}

#[test]
fn issues_that_stand_above_each_other_come_to_rest() {
    let ring = with_rows(&[
        (1, None, 1),
        (2, Some(1), 2),
        (3, None, 2),
        (4, Some(3), 3),
        (5, None, 3),
        (6, Some(5), 1),
    ]);
    let made = settled(&ring, &Fake::new(&[0, 1, 2]));
    assert!(made.iter().all(|status| *status == made[0]), "{made:?}");
    // One above itself.
    let itself = with_rows(&[(1, None, 1), (2, Some(1), 1), (3, Some(1), 2)]);
    assert_eq!(settled(&itself, &Fake::new(&[2, 1])), [1, 1]);
    // One pass after another over 2, 1 and 7 would go round for ever.
    let crossed = with_rows(&[
        (1, None, 7),
        (6, None, 1),
        (7, Some(6), 3),
        (9, Some(6), 7),
        (15, Some(9), 2),
        (10, None, 2),
        (16, Some(10), 1),
    ]);
    let made = settled(&crossed, &Fake::new(&[1, 0, 1, 0, 0, 0, 0]));
    assert_eq!(made, [0, 0, 1, 0, 0, 0, 0]);
}

#[test]
fn a_way_that_takes_several_steps_is_planned_step_by_step() {
    let base = with_rows(&[
        (1, None, 2),
        (2, Some(1), 3),
        (3, Some(2), 2),
        (4, Some(3), 1),
    ]);
    let mut fake = Fake::new(&[0, 1, 3]);
    fake.refused = vec![(3, 0)];
    let plan = plan_from(&base, &fake, None);
    let issues: Vec<i64> = plan.fields.iter().map(|edit| edit.issue().0).collect();
    assert_eq!(issues, [3, 3, 2]);
    assert_eq!(settled(&base, &fake), [0, 0, 0]);
}

#[test]
fn a_long_ring_is_settled_as_well() {
    let issues = 3_000;
    // Each row holds the issue after that of its parent, and the last one the first again.
    let chain: Vec<(i64, Option<i64>, i64)> = (1..=issues + 1)
        .map(|row| (row, (row > 1).then_some(row - 1), row % issues + 1))
        .collect();
    let statuses: Vec<i64> = (0..issues).map(|at| at % 3).collect();
    let made = settled(&with_rows(&chain), &Fake::new(&statuses));
    assert!(made.iter().all(|status| *status == made[0]));
}

#[test]
fn an_incremental_run_looks_no_further_than_statuses_change() {
    // A wide structure: 100 parents of 3, under one of each ten, under one.
    let mut outline = String::from("1\n");
    let mut next = 2;
    let mut chain = (0, 0, 0);
    for ten in 0..10 {
        outline += &format!(" {next}\n");
        let middle = next;
        next += 1;
        for one in 0..10 {
            outline += &format!(
                "  {next}\n   {}\n   {}\n   {}\n",
                next + 1,
                next + 2,
                next + 3
            );
            if (ten, one) == (4, 4) {
                chain = (next + 1, next, middle);
            }
            next += 4;
        }
    }
    let base = forest(&outline);
    let mut fake = Fake::new(&vec![1; next as usize]);
    let (leaf, parent, middle) = chain;
    fake.statuses.insert(leaf, 2);
    let plan = plan_from(&base, &fake, Some(&[parent]));
    assert!(plan.is_empty());
    assert_eq!(plan.issues_scanned, 4);
    fake.statuses.insert(leaf, 0);
    let plan = plan_from(&base, &fake, Some(&[parent]));
    // The parent and its 3, the 10 of the next level and theirs, the 10 of the top one and it.
    assert_eq!(plan.issues_scanned, 4 + 10 + 10);
    let issues: Vec<i64> = plan.fields.iter().map(|edit| edit.issue().0).collect();
    assert_eq!(issues, [parent, middle, 1]);
    let looked_at = fake.seen.borrow().len();
    assert_eq!(looked_at, 4 + 4 + 10 + 10);
}

const ISSUES: usize = 9;

fn any_fake() -> impl Strategy<Value = Fake> {
    let statuses =
        prop::collection::vec(prop::sample::select(vec![0i64, 0, 1, 1, 2, 2, 3]), ISSUES);
    let scope = prop::sample::subsequence((1..=ISSUES as i64).collect::<Vec<_>>(), 0..=3);
    let pairs: Vec<(i64, i64)> = (0..4).flat_map(|a| (0..4).map(move |b| (a, b))).collect();
    let refused = prop::sample::subsequence(pairs, 0..=5);
    (statuses, scope, refused).prop_map(|(statuses, out_of_scope, refused)| Fake {
        out_of_scope,
        refused: refused
            .into_iter()
            .filter(|(from, to)| from != to)
            .collect(),
        ..Fake::new(&statuses)
    })
}

/// The status of an issue after the rule, worked out from the words of it.
fn by_hand(forest: &Forest, fake: &Fake, issue: i64) -> i64 {
    let own = fake.statuses[&issue];
    let mut of_children = Vec::new();
    for row in forest.rows() {
        let above = row.parent.and_then(|up| forest.row(up).issue);
        if let (Some(child), true) = (row.issue, above == Some(IssueId(issue))) {
            of_children.push(by_hand(forest, fake, child.0));
        }
    }
    let target = of_children.iter().min().copied();
    match target {
        Some(target)
            if of_children.iter().all(|status| *status < 3)
                && !fake.out_of_scope.contains(&issue)
                && fake.allows(own, target) =>
        {
            target
        }
        _ => own,
    }
}

fn has_a_ring(forest: &Forest) -> bool {
    let issues = order::all_parents(forest);
    let groups = order::groups(forest, issues.clone());
    let itself = |issue: &IssueId| order::children(forest, *issue).any(|it| it == *issue);
    groups.iter().any(|group| group.len() > 1) || issues.iter().any(itself)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn one_run_settles_the_whole_forest(base in any_forest(12, ISSUES as i64), fake in any_fake()) {
        let made = settled(&base, &fake);
        if !has_a_ring(&base) {
            let wanted: Vec<i64> = (1..=ISSUES as i64).map(|it| by_hand(&base, &fake, it)).collect();
            prop_assert_eq!(made, wanted);
        }
    }

    #[test]
    fn few_issues_that_stand_above_each_other_are_settled_too(base in any_forest(12, 4), fake in any_fake()) {
        settled(&base, &fake);
    }

    #[test]
    fn working_up_from_what_changed_leads_where_a_resync_leads(
        base in any_forest(12, 6), fake in any_fake(),
        edits in prop::collection::vec((1i64..=6, 0i64..4), 0..4),
    ) {
        let mut synced = fake.clone();
        synced.apply(&plan_from(&base, &fake, None));
        let mut looked_at = Vec::new();
        for (issue, status) in edits {
            synced.statuses.insert(issue, status);
            looked_at.push(issue);
            looked_at.extend(order::parents(&base, IssueId(issue)).map(|it| it.0));
        }
        let mut by_increment = synced.clone();
        by_increment.apply(&plan_from(&base, &synced, Some(&looked_at)));
        prop_assert_eq!(by_increment.statuses.into_values().collect::<Vec<_>>(), settled(&base, &synced));
    }

    #[test]
    fn issues_are_scanned_once_and_never_without_need(base in any_forest(12, ISSUES as i64), fake in any_fake()) {
        let plan = plan_from(&base, &fake, None);
        let mut seen = fake.seen.borrow().clone();
        prop_assert_eq!(plan.issues_scanned, seen.len());
        seen.sort_unstable();
        seen.dedup();
        prop_assert_eq!(plan.issues_scanned, seen.len());
        prop_assert!(seen.iter().all(|issue| base.holds(IssueId(*issue))));
    }
}
