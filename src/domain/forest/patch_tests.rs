//! A patched forest is the one that is written out anew.

use super::samples::{any_forest, outline};
use super::*;
use proptest::prelude::*;

/// One edit, by choices that need not make sense.
#[derive(Clone, Debug)]
struct Choice {
    kind: u8,
    row: i64,
    issue: i64,
    parent: Option<i64>,
    after: Option<i64>,
    sensible: bool,
}

fn choice() -> impl Strategy<Value = Choice> {
    let id = || prop::option::weighted(0.7, 1i64..24);
    (0u8..6, 1i64..24, -1i64..9, id(), id(), any::<bool>()).prop_map(
        |(kind, row, issue, parent, after, sensible)| Choice {
            kind,
            row,
            issue,
            parent,
            after,
            sensible,
        },
    )
}

impl Choice {
    fn edit(&self, forest: &Forest) -> RowEdit {
        let id = RowId(self.row);
        let mut place = Place {
            parent: self.parent.map(RowId),
            after: self.after.map(RowId),
        };
        if self.sensible {
            let level = place.parent.and_then(|row| forest.index_of(row));
            place.parent = level.map(|index| forest.row(index).id);
            let siblings: Vec<RowId> = forest.children(level).map(|row| row.id).collect();
            place.after = self
                .after
                .and_then(|at| siblings.get(at as usize % (siblings.len() + 1)))
                .copied();
        }
        match self.kind {
            0..=1 => RowEdit::Add {
                id,
                issue: (self.issue >= 0).then_some(IssueId(self.issue)),
                place,
            },
            2..=4 => RowEdit::Move { id, place },
            _ => RowEdit::Remove { id },
        }
    }
}

/// Every answer that a forest gives.
fn answers(forest: &Forest) -> impl PartialEq + std::fmt::Debug + use<> {
    let rows: Vec<RowView> = forest.rows().collect();
    let found: Vec<_> = (0..30).map(|id| forest.find(RowId(id))).collect();
    let of_issues: Vec<Vec<RowId>> = (0..10)
        .map(|issue| forest.rows_of(IssueId(issue)).map(|row| row.id).collect())
        .collect();
    let issues: Vec<IssueId> = forest.issues().collect();
    let levels = std::iter::once(None).chain((0..forest.len()).map(Some));
    let children: Vec<Vec<RowId>> = levels
        .map(|level| forest.children(level).map(|row| row.id).collect())
        .collect();
    let previous: Vec<_> = (0..forest.len())
        .map(|index| forest.previous_sibling(index).map(|row| row.id))
        .collect();
    (rows, found, of_issues, issues, children, previous)
}

fn rewritten(forest: &Forest, edits: &[RowEdit]) -> Result<Forest, ForestError> {
    let mut linked = Linked::from_forest(forest);
    for edit in edits {
        linked.apply(forest, edit)?;
    }
    linked.flatten(forest.version + 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn a_patched_forest_answers_as_one_that_was_written_out(
        start in any_forest(12, 8), choices in prop::collection::vec(choice(), 1..24)
    ) {
        let (mut patched, mut plain) = (start.clone(), start);
        for choice in choices {
            let edit = choice.edit(&plain);
            let (now, expected) = (patched.patched(2, &[edit]), rewritten(&plain, &[edit]));
            prop_assert_eq!(now.as_ref().err(), expected.as_ref().err());
            let (Ok(now), Ok(expected)) = (now, expected) else {
                continue;
            };
            prop_assert_eq!(answers(&now), answers(&expected), "{:?}", edit);
            prop_assert_eq!(outline(&rewritten(&now, &[]).unwrap()), outline(&expected));
            (patched, plain) = (now, expected);
        }
    }

    #[test]
    fn several_edits_at_once_are_the_same_edits_one_by_one(
        start in any_forest(12, 8), choices in prop::collection::vec(choice(), 1..12)
    ) {
        let (mut step, mut edits) = (start.clone(), Vec::new());
        for choice in choices {
            let edit = choice.edit(&step);
            if let Ok(next) = step.patched(2, &[edit]) {
                step = next;
                edits.push(edit);
            }
        }
        prop_assert_eq!(answers(&start.patched(2, &edits).unwrap()), answers(&step));
    }
}

#[test]
fn a_large_forest_is_patched_until_that_is_too_much() {
    let rows = (1..=20_000).map(|id| SourceRow {
        id: RowId(id),
        parent: (id % 10 != 1).then_some(RowId(id - (id - 1) % 10)),
        issue: Some(IssueId(id)),
    });
    let mut forest = Forest::build(1, rows).unwrap();
    let (mut patches, mut written_out) = (0, 0);
    for turn in 0..6_000 {
        let place = Place {
            parent: None,
            after: Some(RowId(turn * 7 % 1_900 * 10 + 1)),
        };
        let leaf = turn * 13 % 20_000;
        let id = RowId(leaf - leaf % 10 + 2);
        forest = forest.edited(turn, &[RowEdit::Move { id, place }]).unwrap();
        match &forest.patch {
            Some(patch) => {
                assert!(patch.weight() < PATCH_WEIGHT + 8);
                patches += 1;
            }
            None => written_out += 1,
        }
    }
    assert_eq!(forest.len(), 20_000);
    assert!(
        patches > 5_000 && written_out > 0,
        "{patches} {written_out}"
    );
}
