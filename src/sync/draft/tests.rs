//! Drafts against real forests: the same steps lead to the same place, with the fewest edits.

use super::*;
use crate::domain::Place;
use crate::domain::forest::samples::{any_forest, forest, outline};
use crate::sync::diff::diff;
use proptest::prelude::*;
use std::collections::HashSet;

fn apply(base: &Forest, edits: &[RowEdit]) -> Forest {
    base.edited(2, edits).unwrap()
}

#[test]
fn children_of_a_removed_row_stand_in_its_place() {
    let base = forest("1\n 2\n  3\n  4\n   5\n 6");
    let mut draft = Draft::new(&base);
    draft.remove_lifting(RowId(2));
    draft.remove_lifting(RowId(4));
    assert_eq!(draft.parent(RowId(5)), Some(RowId(1)));
    assert_eq!(outline(&apply(&base, &draft.finish())), "1\n 3\n 5\n 6");
}

#[test]
fn two_rows_can_change_places_with_each_other() {
    let base = forest("1\n 2\n3");
    let mut draft = Draft::new(&base);
    assert_eq!(draft.move_to_end(RowId(1), Some(RowId(2))), Err(WouldCycle));
    draft.move_to_end(RowId(2), Some(RowId(3))).unwrap();
    draft.move_to_end(RowId(1), Some(RowId(2))).unwrap();
    assert_eq!(outline(&apply(&base, &draft.finish())), "3\n 2\n  1");
}

/// One step of a planner, by small numbers that are reduced to what is there.
#[derive(Clone, Debug)]
enum Step {
    Append(i64, usize),
    Move(usize, usize),
    Lift(usize),
    RemoveLeaf(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1i64..9, 0usize..12).prop_map(|(issue, at)| Step::Append(issue, at)),
        (0usize..12, 0usize..12).prop_map(|(row, at)| Step::Move(row, at)),
        (0usize..12).prop_map(Step::Lift),
        (0usize..12).prop_map(Step::RemoveLeaf),
    ];
    prop::collection::vec(step, 0..12)
}

/// Takes the steps in a draft and, one by one, in real forests.
fn take(base: &Forest, steps: &[Step]) -> (Vec<RowEdit>, Forest) {
    let mut draft = Draft::new(base);
    let mut real = base.clone();
    let mut moved = HashSet::new();
    for step in steps {
        let row = |at: usize| (at < real.len()).then(|| real.row(at).id);
        let last_of = |parent: Option<RowId>| {
            let level = parent.and_then(|id| real.index_of(id));
            real.children(level).last().map(|child| child.id)
        };
        match *step {
            Step::Append(issue, at) => {
                let place = Place {
                    parent: row(at),
                    after: last_of(row(at)),
                };
                let id = draft.append(IssueId(issue), row(at));
                moved.insert(id);
                let edit = RowEdit::Add {
                    id,
                    issue: Some(IssueId(issue)),
                    place,
                };
                real = apply(&real, &[edit]);
            }
            Step::Move(from, to) => {
                let (Some(id), parent) = (row(from), row(to)) else {
                    continue;
                };
                if draft.move_to_end(id, parent).is_err() {
                    continue;
                }
                moved.insert(id);
                let mut after = last_of(parent);
                if after == Some(id) {
                    let at = real.index_of(id).unwrap();
                    after = real.previous_sibling(at).map(|row| row.id);
                }
                real = apply(
                    &real,
                    &[RowEdit::Move {
                        id,
                        place: Place { parent, after },
                    }],
                );
            }
            Step::Lift(at) => {
                let Some(id) = row(at).filter(|id| !moved.contains(id)) else {
                    continue;
                };
                let view = real.find(id).unwrap();
                let children: Vec<_> = real.children(Some(view.index)).collect();
                if children.iter().any(|child| moved.contains(&child.id)) {
                    continue;
                }
                draft.remove_lifting(id);
                let parent = view.parent.map(|up| real.row(up).id);
                let mut edits = Vec::new();
                let mut after = Some(id);
                for child in children {
                    edits.push(RowEdit::Move {
                        id: child.id,
                        place: Place { parent, after },
                    });
                    after = Some(child.id);
                }
                edits.push(RowEdit::Remove { id });
                real = apply(&real, &edits);
            }
            Step::RemoveLeaf(at) => {
                let Some(id) = row(at).filter(|id| id.0 > 0 && !moved.contains(id)) else {
                    continue;
                };
                if real.find(id).unwrap().child_count > 0 {
                    continue;
                }
                assert!(draft.is_childless(id));
                draft.remove(id);
                real = apply(&real, &[RowEdit::Remove { id }]);
            }
        }
    }
    for view in real.rows() {
        let parent = view.parent.map(|up| real.row(up).id);
        assert_eq!(draft.parent(view.id), parent, "{}", view.id);
    }
    (draft.finish(), real)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn a_draft_ends_where_its_steps_lead_with_the_fewest_edits(
        base in any_forest(8, 8), steps in steps()
    ) {
        let (edits, real) = take(&base, &steps);
        let drafted = apply(&base, &edits);
        prop_assert_eq!(outline(&drafted), outline(&real));
        prop_assert_eq!(edits.len(), diff(&base, &drafted).len(), "{:?}", edits);
    }
}
