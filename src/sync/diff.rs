//! The fewest edits between two forests with stable row ids: rows that are new, rows that are
//! gone, rows with another parent, and under each parent the siblings outside one longest
//! increasing subsequence. Linear but for the last, which is n log n.

use crate::domain::lis::longest_increasing;
use crate::domain::{Forest, Place, RowEdit, RowId};

/// The edits that turn `before` into `after`, in an order in which each can be made: in the order
/// of `after`, so that no row is put under its own subtree on the way; removals last.
pub fn diff(before: &Forest, after: &Forest) -> Vec<RowEdit> {
    let stays = staying(before, after);
    let mut edits = Vec::new();
    let mut last_child: Vec<Option<RowId>> = vec![None; after.len() + 1];
    for row in after.rows() {
        let parent = row.parent.map(|up| after.row(up).id);
        let previous = last_child[row.parent.map_or(after.len(), |up| up)].replace(row.id);
        if stays[row.index] {
            continue;
        }
        let place = Place {
            parent,
            after: previous,
        };
        edits.push(match before.index_of(row.id) {
            Some(_) => RowEdit::Move { id: row.id, place },
            None => RowEdit::Add {
                id: row.id,
                issue: row.issue,
                place,
            },
        });
    }
    let gone = (0..before.len()).rev().map(|index| before.row(index).id);
    edits.extend(
        gone.filter(|id| after.index_of(*id).is_none())
            .map(|id| RowEdit::Remove { id }),
    );
    edits
}

/// Marks the rows of `after` that need no edit.
fn staying(before: &Forest, after: &Forest) -> Vec<bool> {
    let mut stays = vec![false; after.len()];
    let parents = std::iter::once(None).chain((0..after.len()).map(Some));
    for parent in parents {
        let parent_id = parent.map(|up| after.row(up).id);
        let home: Vec<(usize, usize)> = after
            .children(parent)
            .filter_map(|child| {
                let was = before.find(child.id)?;
                let parent_was = was.parent.map(|up| before.row(up).id);
                (parent_was == parent_id).then_some((child.index, was.index))
            })
            .collect();
        let order: Vec<usize> = home.iter().map(|(_, was)| *was).collect();
        for ((index, _), kept) in home.into_iter().zip(longest_increasing(&order)) {
            stays[index] = kept;
        }
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::forest::SourceRow;
    use crate::domain::forest::samples::{any_forest, forest, outline};
    use proptest::prelude::*;
    use std::collections::{HashSet, VecDeque};

    /// The least number of single edits between two small forests over the same rows, by search.
    fn brute(before: &Forest, after: &Forest) -> usize {
        let goal = outline(after);
        let mut queue = VecDeque::from([(before.clone(), 0)]);
        let mut seen = HashSet::from([outline(before)]);
        while let Some((forest, cost)) = queue.pop_front() {
            if outline(&forest) == goal {
                return cost;
            }
            let ids: Vec<RowId> = forest.rows().map(|row| row.id).collect();
            for &id in &ids {
                for parent in ids.iter().copied().map(Some).chain([None]) {
                    let level = parent.and_then(|it| forest.index_of(it));
                    let siblings = forest.children(level).map(|child| Some(child.id));
                    for after in siblings.chain([None]) {
                        let edit = RowEdit::Move {
                            id,
                            place: Place { parent, after },
                        };
                        let Ok(next) = forest.edited(1, &[edit]) else {
                            continue;
                        };
                        if seen.insert(outline(&next)) {
                            queue.push_back((next, cost + 1));
                        }
                    }
                }
            }
        }
        usize::MAX
    }

    /// The same rows as in another forest, in a random hierarchy.
    fn shuffled(rows: usize) -> impl Strategy<Value = Forest> {
        let row = (any::<prop::sample::Index>(), 0u8..4);
        let order = Just((1..=rows as i64).collect::<Vec<_>>()).prop_shuffle();
        (order, prop::collection::vec(row, rows)).prop_map(|(order, places)| {
            let source = order
                .iter()
                .zip(&places)
                .enumerate()
                .map(|(at, (id, (above, top)))| {
                    let parent = (at > 0 && *top > 0).then(|| RowId(order[above.index(at)]));
                    SourceRow {
                        id: RowId(*id),
                        parent,
                        issue: None,
                    }
                });
            Forest::build(1, source).unwrap()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn a_diff_leads_from_one_forest_to_the_other(
            before in any_forest(12, 9), after in any_forest(12, 9)
        ) {
            let edits = diff(&before, &after);
            let made = before.edited(2, &edits).unwrap();
            prop_assert_eq!(
                made.rows().map(|row| (row.id, row.depth)).collect::<Vec<_>>(),
                after.rows().map(|row| (row.id, row.depth)).collect::<Vec<_>>()
            );
            prop_assert!(diff(&after, &after).is_empty());
        }

        #[test]
        fn no_shorter_way_exists(before in shuffled(4), after in shuffled(4)) {
            prop_assert_eq!(diff(&before, &after).len(), brute(&before, &after));
        }
    }

    #[test]
    fn one_row_that_jumps_to_the_front_is_one_move() {
        let before = forest("1\n2\n3\n4");
        let after = forest("4\n1\n2\n3");
        let place = Place {
            parent: None,
            after: None,
        };
        assert_eq!(
            diff(&before, &after),
            [RowEdit::Move {
                id: RowId(4),
                place
            }]
        );
    }
}
