//! The longest increasing subsequence: of things in a new order, the most that need not move.
//! Rows among their siblings and issues by rank are moved with it; nothing here knows of either.

/// Marks the items of one longest strictly increasing subsequence. O(n log n).
pub fn longest_increasing(keys: &[usize]) -> Vec<bool> {
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; keys.len()];
    for (at, &key) in keys.iter().enumerate() {
        // Things that mostly stay come in order, so that most belong at the end.
        let place = match ends.last() {
            Some(&last) if keys[last] < key => ends.len(),
            _ => ends.partition_point(|&end| keys[end] < key),
        };
        before[at] = place.checked_sub(1).map(|previous| ends[previous]);
        match ends.get_mut(place) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut stays = vec![false; keys.len()];
    let mut at = ends.last().copied();
    while let Some(index) = at {
        stays[index] = true;
        at = before[index];
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn brute(keys: &[usize]) -> usize {
        (0u32..1 << keys.len())
            .filter(|mask| {
                let kept: Vec<_> = (0..keys.len())
                    .filter(|i| mask >> i & 1 == 1)
                    .map(|i| keys[i])
                    .collect();
                kept.windows(2).all(|pair| pair[0] < pair[1])
            })
            .map(u32::count_ones)
            .max()
            .unwrap_or(0) as usize
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn it_increases_and_is_as_long_as_brute_force_finds(
            keys in proptest::collection::vec(0usize..12, 0..10)
        ) {
            let stays = longest_increasing(&keys);
            let kept: Vec<_> =
                keys.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(key, _)| *key).collect();
            prop_assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert_eq!(kept.len(), brute(&keys));
        }
    }
}
