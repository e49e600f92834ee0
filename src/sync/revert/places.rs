//! Where rows that go back stand among the children of their parent that stay: in the order of
//! their keys, each with its own key unless that is taken. The cost is that of sorting them.

use crate::domain::{RowId, fractional};

/// A row that goes back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Put {
    pub(super) row: RowId,
    /// The sibling before it.
    pub(super) after: Option<RowId>,
    /// Its own key, or one beside it if a child that stays has that now.
    pub(super) key: String,
}

/// Puts rows among those that stay, by key and id; in the order in which they will stand.
pub(super) fn among<'a>(
    staying: impl Iterator<Item = (&'a str, RowId)>,
    arriving: impl Iterator<Item = (&'a str, RowId)>,
) -> Vec<Put> {
    let staying = staying.map(|(key, row)| (key, row, false));
    let mut order: Vec<_> = staying
        .chain(arriving.map(|(key, row)| (key, row, true)))
        .collect();
    order.sort_unstable();
    // Both only ever go on: the next row that stays, and the next with a key above `low`.
    let (mut fixed, mut above) = (0, 0);
    let (mut after, mut low) = (None, String::new());
    let mut puts = Vec::new();
    for (at, &(key, row, arrives)) in order.iter().enumerate() {
        let mut own = key.to_owned();
        if arrives {
            fixed = next(&order, fixed.max(at + 1), |(_, _, arrives)| !arrives);
            let is_below = |fixed: &(&str, RowId, bool)| key < fixed.0;
            if key <= low.as_str() || !order.get(fixed).is_none_or(is_below) {
                above = next(&order, above.max(at + 1), |(above, _, _)| **above > *low);
                let high = order.get(above).map(|(high, _, _)| *high);
                let low = Some(low.as_str()).filter(|low| !low.is_empty());
                own = fractional::between(low, high, 1).remove(0);
            }
            let key = own.clone();
            puts.push(Put { row, after, key });
        }
        after = Some(row);
        low = low.max(own);
    }
    puts
}

/// The place of the first element from `from` on that is wanted.
fn next<T>(order: &[T], from: usize, is_wanted: impl Fn(&T) -> bool) -> usize {
    let skipped = order[from..].iter().take_while(|it| !is_wanted(it)).count();
    from + skipped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keyed(rows: &[(usize, i64)], keys: &[String]) -> Vec<(String, RowId)> {
        let key = |at: usize| keys[at % keys.len()].clone();
        rows.iter().map(|(at, id)| (key(*at), RowId(*id))).collect()
    }

    fn refs(rows: &[(String, RowId)]) -> impl Iterator<Item = (&str, RowId)> {
        rows.iter().map(|(key, row)| (key.as_str(), *row))
    }

    proptest! {
        #[test]
        fn rows_stand_by_their_keys_and_lose_one_only_to_who_has_it(
            staying in prop::collection::btree_set(0usize..30, 0..12),
            arriving in prop::collection::vec((0usize..30, 0i64..50), 0..12),
        ) {
            let keys = fractional::between(None, None, 30);
            // Even ids stay, odd ones arrive.
            let staying: Vec<_> = staying.into_iter().map(|at| (at, 98 - 2 * at as i64)).collect();
            let arriving: Vec<_> = arriving.into_iter().map(|(at, id)| (at, 2 * id + 1)).collect();
            let (staying, mut arriving) = (keyed(&staying, &keys), keyed(&arriving, &keys));
            arriving.sort_unstable_by_key(|(_, row)| *row);
            arriving.dedup_by_key(|(_, row)| *row);
            let puts = among(refs(&staying), refs(&arriving));
            // Who is put where makes the order of keys and ids that all of them had.
            let mut expected: Vec<_> = staying.iter().chain(&arriving).cloned().collect();
            expected.sort_unstable();
            let expected: Vec<RowId> = expected.into_iter().map(|(_, row)| row).collect();
            let mut stands: Vec<RowId> = staying.iter().map(|(_, row)| *row).collect();
            for put in &puts {
                let at = put.after.map_or(0, |after| {
                    1 + stands.iter().position(|row| *row == after).unwrap()
                });
                stands.insert(at, put.row);
            }
            prop_assert_eq!(&stands, &expected);
            // The keys that they get make the same order, each once.
            let mut after = staying.clone();
            after.extend(puts.iter().map(|put| (put.key.clone(), put.row)));
            after.sort_unstable();
            prop_assert!(after.windows(2).all(|pair| pair[0].0 < pair[1].0));
            prop_assert!(after.iter().map(|(_, row)| row).eq(&expected));
            for (key, row) in &arriving {
                let alone = staying.iter().chain(&arriving).filter(|it| it.0 == *key).count() == 1;
                let got = puts.iter().find(|put| put.row == *row).unwrap();
                prop_assert!(!alone || got.key == *key, "{row} has {} for {key}", got.key);
            }
        }
    }

    #[test]
    fn many_that_were_taken_and_many_that_were_not_find_their_places() {
        let keys = fractional::between(None, None, 40_000);
        let rows = |first: i64, step: usize| {
            let numbered = keys.iter().step_by(step).zip(first..);
            numbered.map(|(key, id)| (key.as_str(), RowId(id)))
        };
        let puts = among(rows(50_000, 2), rows(1, 1));
        assert_eq!(puts.len(), keys.len());
        assert!(puts.windows(2).all(|pair| pair[0].key < pair[1].key));
        let taken = puts.iter().zip(&keys).step_by(2);
        assert!(taken.clone().all(|(put, key)| put.key < *key));
        let alone = among(rows(50_000, 40_000).skip(1), rows(1, 1));
        assert!(alone.iter().map(|put| &put.key).eq(&keys));
    }
}
