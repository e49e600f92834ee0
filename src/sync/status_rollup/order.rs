//! In which order parents are settled: each after all that stand below it.
//!
//! Rows form a forest, but an issue may stand in several of them, so the issues form a graph, and
//! two of them may stand above each other. Parents that do so are settled together, as one group
//! (Tarjan's strongly connected components, without recursion: hierarchies can be deep).

use crate::domain::{Forest, IssueId};
use std::collections::HashMap;

/// The issues that stand directly above an issue, once for each of its rows.
pub(super) fn parents(forest: &Forest, issue: IssueId) -> impl Iterator<Item = IssueId> + '_ {
    forest
        .rows_of(issue)
        .filter_map(|row| forest.row(row.parent?).issue)
}

/// The issues that stand directly below an issue, once for each of their rows.
pub(super) fn children(forest: &Forest, issue: IssueId) -> impl Iterator<Item = IssueId> + '_ {
    forest
        .rows_of(issue)
        .flat_map(|row| forest.children(Some(row.index)))
        .filter_map(|row| row.issue)
}

/// Every issue that stands above another, in the order of their primary rows.
pub(super) fn all_parents(forest: &Forest) -> Vec<IssueId> {
    let is_primary = |index: usize, issue| {
        let primary = forest.primary(issue);
        primary.is_some_and(|row| row.index == index)
    };
    let primaries = forest.rows().filter_map(|row| {
        let issue = row.issue?;
        is_primary(row.index, issue).then_some(issue)
    });
    primaries
        .filter(|issue| children(forest, *issue).next().is_some())
        .collect()
}

/// The given parents and all issues above them, in groups, each after those below it. In a group
/// of several all stand above each other; those that stand deepest come first.
pub(super) fn groups(forest: &Forest, first: Vec<IssueId>) -> Vec<Vec<IssueId>> {
    let (issues, above) = upward(forest, first);
    let mut groups: Vec<Vec<IssueId>> = components(&above)
        .into_iter()
        .map(|group| group.into_iter().map(|at| issues[at]).collect())
        .collect();
    // Found along the way up, so the topmost come out first.
    groups.reverse();
    for group in groups.iter_mut().filter(|group| group.len() > 1) {
        // Under its primary row nothing has its own primary row further up.
        group.sort_unstable_by_key(|issue| {
            std::cmp::Reverse(forest.primary(*issue).map(|row| row.index))
        });
    }
    groups
}

/// The issues that can be reached upwards, and of each the places of those directly above it.
fn upward(forest: &Forest, first: Vec<IssueId>) -> (Vec<IssueId>, Vec<Vec<usize>>) {
    let mut issues = first;
    let mut places: HashMap<IssueId, usize> = HashMap::with_capacity(issues.len());
    for (at, issue) in issues.iter().enumerate() {
        places.insert(*issue, at);
    }
    let mut above = Vec::with_capacity(issues.len());
    while let Some(&issue) = issues.get(above.len()) {
        let mut up = Vec::new();
        for parent in parents(forest, issue) {
            up.push(*places.entry(parent).or_insert_with(|| {
                issues.push(parent);
                issues.len() - 1
            }));
        }
        above.push(up);
    }
    (issues, above)
}

/// Not visited yet.
const NEW: usize = usize::MAX;

/// The strongly connected components of a graph, each before those that lead to it.
fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    // When a node was first visited, and the earliest visit that can be reached from it.
    let (mut visited, mut reaches) = (vec![NEW; edges.len()], vec![NEW; edges.len()]);
    let mut is_open = vec![false; edges.len()];
    let (mut open, mut path, mut visits) = (Vec::new(), Vec::new(), 0);
    for root in 0..edges.len() {
        if visited[root] == NEW {
            path.push((root, 0));
        }
        while let Some((node, next)) = path.pop() {
            if next == 0 {
                (visited[node], reaches[node]) = (visits, visits);
                visits += 1;
                open.push(node);
                is_open[node] = true;
            } else {
                let done = edges[node][next - 1];
                if is_open[done] {
                    reaches[node] = reaches[node].min(reaches[done]);
                }
            }
            if let Some(&target) = edges[node].get(next) {
                path.push((node, next + 1));
                if visited[target] == NEW {
                    path.push((target, 0));
                }
                continue;
            }
            if reaches[node] == visited[node] {
                let start = open.iter().rposition(|it| *it == node).unwrap_or_default();
                let component = open.split_off(start);
                component.iter().for_each(|it| is_open[*it] = false);
                found.push(component);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::forest::samples::{any_forest, forest};
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn parents_come_after_those_below_them() {
        let forest = forest("1\n 2\n  3\n 4\n5\n 6!\n  7");
        let groups = groups(&forest, all_parents(&forest));
        assert_eq!(groups, [[IssueId(2)], [IssueId(1)]]);
    }

    fn below(forest: &Forest, issue: IssueId) -> HashSet<IssueId> {
        let mut found = HashSet::new();
        let mut open = vec![issue];
        while let Some(issue) = open.pop() {
            open.extend(children(forest, issue).filter(|child| found.insert(*child)));
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn groups_are_those_that_stand_above_each_other(base in any_forest(16, 7)) {
            let groups = groups(&base, all_parents(&base));
            let mut done: HashSet<IssueId> = HashSet::new();
            for group in &groups {
                for issue in group {
                    for other in below(&base, *issue) {
                        let both = below(&base, other).contains(issue);
                        prop_assert_eq!(group.contains(&other), both || other == *issue);
                        let leaf = children(&base, other).next().is_none();
                        prop_assert!(leaf || both || other == *issue || done.contains(&other));
                    }
                }
                prop_assert!(group.iter().all(|issue| done.insert(*issue)));
            }
            prop_assert_eq!(done, all_parents(&base).into_iter().collect());
        }

        #[test]
        fn what_lies_above_some_comes_in_the_groups_of_the_whole(base in any_forest(16, 7), at in any::<prop::sample::Index>()) {
            let all = all_parents(&base);
            prop_assume!(!all.is_empty());
            let some = groups(&base, vec![all[at.index(all.len())]]);
            let whole: HashSet<Vec<IssueId>> = groups(&base, all).into_iter().collect();
            prop_assert!(some.iter().all(|group| whole.contains(group)));
        }
    }
}
