//! What is undone and what is kept, by hand; random jobs on a real store are among the scenarios.

use super::*;
use crate::domain::forest::samples::{forest, outline};
use crate::domain::{FieldEdit, LinkEdit, LinkTypeId, RankPlace, RowEdit, StatusState};
use crate::store::undo::ChangedField;

fn spot(parent: i64, key: &str) -> Spot {
    Spot {
        parent: (parent > 0).then_some(RowId(parent)),
        key: key.to_owned(),
    }
}

/// A row that the job took from a spot to another; 0 as key: it was not, or is no longer, there.
fn changed(row: i64, before: (i64, &str), after: (i64, &str)) -> ChangedRow {
    let place = |(parent, key): (i64, &str)| (key != "0").then(|| spot(parent, key));
    ChangedRow {
        row: RowId(row),
        issue: Some(IssueId(row)),
        folder: None,
        before: place(before),
        after: place(after),
    }
}

/// Nothing but rows: the forest with the keys of its rows in depth-first order.
fn of_rows<'a>(forest: &'a Forest, keys: &[&str], rows: Vec<ChangedRow>) -> Snapshot<'a> {
    let (mut spots, mut siblings) = (HashMap::new(), HashMap::<_, Siblings>::new());
    for (row, key) in forest.rows().zip(keys) {
        let parent = row.parent.map(|up| forest.row(up).id);
        let stands = Spot {
            parent,
            key: (*key).to_owned(),
        };
        spots.insert(row.id, stands);
        let level = siblings.entry(parent).or_default();
        level.push((row.id, (*key).to_owned()));
    }
    Snapshot {
        forest,
        rows,
        spots,
        siblings,
        links: Vec::new(),
        links_now: Vec::new(),
        fields: Vec::new(),
        states: HashMap::new(),
        neighbours: HashMap::new(),
        existing: (1..10).map(IssueId).collect(),
    }
}

fn undone(snapshot: &Snapshot<'_>) -> (String, Vec<String>) {
    let plan = plan(snapshot);
    let forest = snapshot.forest.edited(2, &plan.rows).unwrap();
    let kept = plan.kept.into_iter().map(|kept| kept.text).collect();
    (outline(&forest), kept)
}

const NONE: (i64, &str) = (0, "0");

#[test]
fn rows_that_the_job_moved_go_back_and_no_others() {
    let now = forest("3\n1\n2");
    let rows = vec![
        changed(1, (0, "a0"), (0, "a3")),
        changed(2, (0, "a1"), (0, "a4")),
    ];
    let snapshot = of_rows(&now, &["a2", "a3", "a4"], rows);
    let plan = plan(&snapshot);
    let moved: Vec<i64> = plan.rows.iter().map(|edit| edit.row().0).collect();
    assert_eq!(moved, [1, 2], "two moves, where one of row 3 would do");
    assert_eq!(plan.positions[&RowId(1)], "a0");
    assert_eq!(undone(&snapshot).0, "1\n2\n3");
}

#[test]
fn a_row_whose_key_is_taken_goes_beside_who_has_it() {
    // Row 9 came to the place that row 1 had; ids decide between them.
    let now = forest("9\n2\n1");
    let rows = vec![changed(1, (0, "a0"), (0, "a3"))];
    let snapshot = of_rows(&now, &["a0", "a1", "a3"], rows);
    let plan = plan(&snapshot);
    assert!(plan.positions[&RowId(1)].as_str() < "a0");
    assert_eq!(undone(&snapshot).0, "1\n9\n2");
}

#[test]
fn two_that_swapped_places_swap_back() {
    // Before: 1 above 2; the job turned that around.
    let now = forest("2\n 1");
    let rows = vec![
        changed(2, (1, "a0"), (0, "a1")),
        changed(1, (0, "a0"), (2, "a0")),
    ];
    assert_eq!(undone(&of_rows(&now, &["a1", "a0"], rows)).0, "1\n 2");
}

#[test]
fn what_depends_on_a_row_that_stays_stays_too() {
    // The job removed 1 with 2 below it and put 3 under a new row 4; issue 1 was deleted since, and
    // a user put 5 under row 4.
    let now = forest("4\n 3\n 5");
    let rows = vec![
        changed(4, NONE, (0, "a3")),
        changed(3, (0, "a1"), (4, "a0")),
        changed(2, (1, "a0"), NONE),
        changed(1, (0, "a0"), NONE),
    ];
    let mut snapshot = of_rows(&now, &["a3", "a0", "a1"], rows);
    snapshot.existing.remove(&IssueId(1));
    let (outline, kept) = undone(&snapshot);
    assert_eq!(outline, "3\n4\n 5");
    let found = |part: &str| kept.iter().any(|text| text.contains(part));
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert!(found("rows that stay stand under it"));
    assert!(found("the issue was deleted"));
    assert!(found("stood under is not there"));
}

#[test]
fn no_row_goes_under_its_own_subtree() {
    // The job took 2 from under 1 to the top; a user put 1 under 2.
    let now = forest("2\n 1\n3");
    let rows = vec![changed(2, (1, "a0"), (0, "a1"))];
    let (outline, kept) = undone(&of_rows(&now, &["a1", "a0", "a2"], rows));
    assert_eq!(outline, "2\n 1\n3");
    assert!(kept[0].contains("is below it now"), "{kept:?}");
}

#[test]
fn rows_edited_since_say_how() {
    let now = forest("1\n3");
    let rows = vec![
        changed(1, (0, "a0"), (0, "a5")),
        changed(2, NONE, (0, "a6")),
        changed(3, (0, "a3"), NONE),
        changed(4, (0, "a4"), (0, "a7")),
        changed(5, NONE, NONE),
    ];
    let (outline, kept) = undone(&of_rows(&now, &["a1", "a8"], rows));
    assert_eq!(outline, "1\n3");
    assert_eq!(
        kept,
        [
            "{item} stays where it is: it was moved since",
            "{item} is not removed: it is gone already",
            "{item} does not come back: it has done so since",
            "{item} is not moved back: it was removed since",
        ]
    );
}

fn link(id: i64, source: i64, target: i64) -> Link {
    Link {
        id: crate::domain::LinkId(id),
        link_type: LinkTypeId(1),
        source: IssueId(source),
        target: IssueId(target),
    }
}

#[test]
fn links_go_and_come_back_unless_others_have_their_place() {
    let now = Forest::default();
    let mut snapshot = of_rows(&now, &[], Vec::new());
    let made = |link, after: bool| ChangedLink {
        link,
        before: !after,
        after,
    };
    snapshot.links = vec![
        made(link(1, 1, 2), true),
        made(link(2, 2, 3), true),
        made(link(3, 3, 4), false),
        made(link(4, 4, 5), false),
        made(link(5, 5, 6), false),
        made(link(6, 6, 77), false),
    ];
    snapshot.links_now = vec![link(1, 1, 2), link(9, 4, 5), link(5, 8, 9)];
    let plan = plan(&snapshot);
    assert!(matches!(plan.links[0], LinkEdit::Remove { link, .. } if link.0 == 1));
    assert!(matches!(plan.links[1], LinkEdit::Restore { link, .. } if link.0 == 3));
    assert_eq!(plan.links.len(), 2);
    let texts: Vec<&str> = plan.kept.iter().map(|it| it.text.as_str()).collect();
    for (text, part) in texts.iter().zip([
        "gone already",
        "linked again",
        "another has its id",
        "an end was deleted",
    ]) {
        assert!(text.contains(part), "{texts:?}");
    }
}

fn field(issue: i64, field: &str, before: Option<&str>, after: Option<&str>) -> TouchedField {
    TouchedField {
        change: ChangedField {
            issue: IssueId(issue),
            field: field.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        },
        holders: Vec::new(),
    }
}

fn state(issue: i64, rank: &str, epic: Option<i64>, status: &str) -> (IssueId, FieldState) {
    let state = FieldState {
        issue: IssueId(issue),
        rank: Some(rank.to_owned()),
        epic: epic.map(IssueId),
        status: StatusState {
            status: status.to_owned(),
            resolution: None,
            resolved_at: None,
        },
    };
    (IssueId(issue), state)
}

#[test]
fn ranks_go_back_in_reverse_and_beside_whoever_has_theirs_now() {
    let now = Forest::default();
    let mut snapshot = of_rows(&now, &[], Vec::new());
    snapshot.states = HashMap::from([
        state(1, "a5", None, "Open"),
        state(2, "a1", None, "Open"),
        state(3, "a7", None, "Open"),
    ]);
    let mut taken = field(3, "rank", Some("a3"), Some("a7"));
    taken.holders = vec![IssueId(8)];
    // Issue 2 went to where issue 1 had been, so it has to leave first.
    let mut first = field(1, "rank", Some("a1"), Some("a5"));
    first.holders = vec![IssueId(2)];
    snapshot.fields = vec![first, field(2, "rank", Some("a2"), Some("a1")), taken];
    assert_eq!(
        ranked(&plan(&snapshot)),
        [
            (2, exactly("a2")),
            (1, exactly("a1")),
            (3, RankPlace::Before(IssueId(8)))
        ]
    );
}

fn exactly(rank: &str) -> RankPlace {
    RankPlace::Exactly(Some(rank.to_owned()))
}

fn ranked(plan: &Plan) -> Vec<(i64, RankPlace)> {
    let edits = plan.fields.iter();
    edits
        .filter_map(|edit| match edit {
            FieldEdit::Rank { issue, to, .. } => Some((issue.0, to.clone())),
            _ => None,
        })
        .collect()
}

/// The job took 3 from a2, 4 there from a5, and 1 to beside it; a user then gave a5 to 6.
fn with_one_between(former_rank_of_1: &str) -> Plan {
    let now = Forest::default();
    let mut snapshot = of_rows(&now, &[], Vec::new());
    let order = [(4, "a2"), (1, "a3"), (6, "a5"), (3, "a7")];
    snapshot.states = order
        .map(|(issue, rank)| state(issue, rank, None, "Open"))
        .into();
    for (at, (issue, _)) in order.iter().enumerate() {
        let beside = Neighbours {
            before: at.checked_sub(1).map(|at| IssueId(order[at].0)),
            after: order.get(at + 1).map(|it| IssueId(it.0)),
        };
        snapshot.neighbours.insert(IssueId(*issue), beside);
    }
    let mut taken = field(4, "rank", Some("a5"), Some("a2"));
    taken.holders = vec![IssueId(6)];
    let mut first = field(3, "rank", Some("a2"), Some("a7"));
    first.holders = vec![IssueId(4)];
    let between = field(1, "rank", Some(former_rank_of_1), Some("a3"));
    snapshot.fields = vec![first, taken, between];
    plan(&snapshot)
}

#[test]
fn an_issue_that_others_leave_beside_the_holder_of_its_rank_stays_and_keeps_its_own() {
    let plan = with_one_between("a1");
    let before = RankPlace::Before(IssueId(4));
    assert_eq!(ranked(&plan), [(1, exactly("a1")), (3, before)]);
    let [kept] = &plan.kept[..] else {
        panic!("{:?}", plan.kept);
    };
    assert_eq!(kept.issue, Some(IssueId(4)));
    assert!(kept.text.contains("another issue has the one before"));
}

#[test]
fn an_issue_does_not_stand_beside_the_holder_of_its_rank_if_others_come_back_between_them() {
    let plan = with_one_between("a4");
    let before = RankPlace::Before(IssueId(6));
    assert_eq!(
        ranked(&plan),
        [(1, exactly("a4")), (3, exactly("a2")), (4, before)]
    );
    assert!(plan.kept.is_empty(), "{:?}", plan.kept);
}

#[test]
fn a_status_goes_back_with_what_belongs_to_it_or_not_at_all() {
    let now = Forest::default();
    let mut snapshot = of_rows(&now, &[], Vec::new());
    let (issue, mut done) = state(1, "a0", Some(7), "Done");
    done.status.resolution = Some("Fixed".to_owned());
    done.status.resolved_at = Some(crate::domain::Millis(5));
    snapshot.states = HashMap::from([(issue, done), state(2, "a1", Some(8), "Done")]);
    snapshot.fields = vec![
        field(1, "status", Some("Open"), Some("Done")),
        field(1, "resolution", None, Some("Fixed")),
        field(1, "resolved", None, Some("5")),
        field(2, "status", Some("Open"), Some("Done")),
        field(2, "resolution", None, Some("Fixed")),
        field(1, "epic", Some("99"), Some("7")),
        field(2, "epic", Some("3"), Some("8")),
        field(3, "epic", Some("3"), Some("8")),
    ];
    let plan = plan(&snapshot);
    let [
        FieldEdit::RestoreStatus { issue, to, .. },
        FieldEdit::Epic { issue: other, .. },
    ] = &plan.fields[..]
    else {
        panic!("{:?}", plan.fields);
    };
    assert_eq!((issue.0, other.0), (1, 2));
    assert_eq!(
        (to.status.as_str(), &to.resolution, to.resolved_at),
        ("Open", &None, None)
    );
    let texts: Vec<&str> = plan.kept.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "the status of {item} stays: it was edited since",
            "the epic of {item} stays: the one before is gone",
            "the epic of {item} is not put back: it was deleted since",
        ]
    );
}

#[test]
fn a_status_stays_if_what_belongs_to_it_is_no_longer_as_the_job_left_it() {
    let now = Forest::default();
    let mut snapshot = of_rows(&now, &[], Vec::new());
    let resolved = |issue, resolution: Option<&str>| {
        let (id, mut state) = state(issue, "a0", None, "Done");
        state.status.resolution = resolution.map(str::to_owned);
        (id, state)
    };
    snapshot.states = HashMap::from([
        resolved(1, Some("Fixed")),
        resolved(2, Some("Fixed")),
        resolved(3, None),
        resolved(4, Some("Fixed")),
    ]);
    snapshot.fields = vec![
        // What the job left unresolved is resolved by now; two were edited, and edited back.
        field(1, "status", Some("Open"), Some("Done")),
        field(1, "resolution", None, None),
        field(2, "status", Some("Open"), Some("Done")),
        field(2, "resolution", Some("Fixed"), Some("Fixed")),
        field(3, "status", Some("Open"), Some("Done")),
        field(3, "resolution", None, None),
        // Of these the job left all as it had found it.
        field(4, "resolution", None, None),
        field(5, "status", Some("Open"), Some("Open")),
    ];
    let plan = plan(&snapshot);
    let back: Vec<(i64, &str, Option<&str>)> = plan
        .fields
        .iter()
        .filter_map(|edit| match edit {
            FieldEdit::RestoreStatus { issue, to, .. } => {
                Some((issue.0, to.status.as_str(), to.resolution.as_deref()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(back, [(2, "Open", Some("Fixed")), (3, "Open", None)]);
    let kept: Vec<(Option<i64>, &str)> = plan
        .kept
        .iter()
        .map(|it| (it.issue.map(|issue| issue.0), it.text.as_str()))
        .collect();
    let text = "the status of {item} stays: it was edited since";
    assert_eq!(kept, [(Some(1), text)]);
}

#[test]
fn a_job_that_changed_nothing_is_undone_by_nothing() {
    let now = forest("1");
    let snapshot = of_rows(&now, &["a0"], vec![changed(1, (0, "a0"), (0, "a0"))]);
    let plan = plan(&snapshot);
    assert!(plan.is_empty() && plan.kept.is_empty());
    assert_eq!(plan.rows, Vec::<RowEdit>::new());
}
