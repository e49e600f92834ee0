//! Epics, ranks and sub-tasks of some projects, in both directions.

use std::collections::BTreeMap;

use super::{Issue, Tree, World, dump, key_order, until_settled};

/// Whose ranks follow the structure together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RankMode {
    Independent,
    Consecutive,
}

/// The settings of an agile synchronizer.
#[derive(Debug, Clone)]
pub(crate) struct AgileRule {
    pub(crate) projects: Vec<String>,
    pub(crate) epics: bool,
    pub(crate) sub_tasks: bool,
    pub(crate) ranks: Option<RankMode>,
}

impl World {
    /// The structure after epics, sub-tasks and ranks were brought into it.
    pub(crate) fn agile_into(&self, tree: &Tree, rule: &AgileRule) -> Tree {
        until_settled(tree, |tree| {
            if rule.epics {
                self.gather_epics(tree, rule);
            }
            if rule.sub_tasks {
                self.gather_sub_tasks(tree, rule);
            }
            if rule.ranks.is_some() {
                self.sort_by_rank(tree, rule);
            }
        })
    }

    /// The structure and the epics of its issues after these were brought into the tracker: of all
    /// issues that may have an epic and stand in the structure.
    pub(crate) fn agile_from(
        &self,
        tree: &Tree,
        rule: &AgileRule,
    ) -> (Tree, BTreeMap<String, Option<String>>) {
        // Sub-tasks only ever change the structure, and epics and ranks follow what that becomes.
        let tree = until_settled(tree, |tree| {
            if rule.sub_tasks {
                self.gather_sub_tasks(tree, rule);
            }
        });
        let mut epics = BTreeMap::new();
        for (_, key) in dump(&tree).into_iter().filter(|_| rule.epics) {
            if !self.may_have_epic(&key, rule) {
                continue;
            }
            let mut above = tree.parent_of(&key);
            while let Some(up) = above.filter(|up| !self.issues[*up].is_epic()) {
                above = tree.parent_of(up);
            }
            epics.insert(key.clone(), above.cloned());
        }
        (tree, epics)
    }

    /// The lists of issues each of which must be in the order of ranks after a structure was brought
    /// into the tracker.
    pub(crate) fn wanted_ranks(&self, tree: &Tree, rule: &AgileRule) -> Vec<Vec<String>> {
        let in_scope = |keys: &[String]| -> Vec<String> {
            let wanted = keys.iter().filter(|key| self.in_scope(key, rule));
            wanted.cloned().collect()
        };
        let all: Vec<String> = dump(tree).into_iter().map(|(_, key)| key).collect();
        match rule.ranks {
            None => Vec::new(),
            Some(RankMode::Consecutive) => vec![in_scope(&all)],
            Some(RankMode::Independent) => [None]
                .into_iter()
                .chain(all.iter().map(Some))
                .map(|above| in_scope(tree.children_of(above)))
                .collect(),
        }
    }

    /// The epic of every issue.
    pub(crate) fn epics(&self) -> BTreeMap<String, Option<String>> {
        self.issues
            .iter()
            .map(|(key, issue)| (key.clone(), issue.epic.clone()))
            .collect()
    }

    /// Gives issues other epics.
    pub(crate) fn set_epics(&mut self, epics: &BTreeMap<String, Option<String>>) {
        for (key, epic) in epics {
            let issue = self.issues.get_mut(key).expect("an issue of this world");
            issue.epic.clone_from(epic);
        }
    }

    /// Every issue in the order of ranks.
    pub(crate) fn ranks(&self) -> &[String] {
        &self.ranks
    }

    /// Gives all issues other ranks.
    pub(crate) fn set_ranks(&mut self, ranks: Vec<String>) {
        assert_eq!(ranks.len(), self.issues.len());
        self.ranks = ranks;
    }

    fn in_scope(&self, key: &str, rule: &AgileRule) -> bool {
        rule.projects.contains(&self.issues[key].project)
    }

    fn may_have_epic(&self, key: &str, rule: &AgileRule) -> bool {
        let issue: &Issue = &self.issues[key];
        self.in_scope(key, rule) && !issue.sub_task && !issue.is_epic()
    }

    /// One after the other in the order of ranks, whether it is missing or stands elsewhere.
    fn gather_epics(&self, tree: &mut Tree, rule: &AgileRule) {
        for key in &self.ranks {
            if !self.may_have_epic(key, rule) {
                continue;
            }
            let epic = self.issues[key].epic.as_ref();
            let stands = epic.filter(|epic| tree.contains(epic)).cloned();
            let above = tree.parent_of(key);
            let under_another = above.is_some_and(|up| self.issues[up].is_epic())
                && above != epic
                && tree.contains(key);
            match stands {
                Some(epic) => {
                    let in_place = tree.is_within(key, &epic) && !under_another;
                    let in_own_subtree = tree.is_within(&epic, key);
                    if !in_place && !in_own_subtree {
                        tree.move_or_append(Some(epic), key);
                    }
                }
                None if under_another => tree.move_or_append(None, key),
                None => {}
            }
        }
    }

    fn gather_sub_tasks(&self, tree: &mut Tree, rule: &AgileRule) {
        let mut keys: Vec<&String> = self.issues.keys().collect();
        keys.sort_by_key(|key| key_order(key));
        for key in keys {
            let Some(parent) = self.issues[key].parent.as_ref() else {
                continue;
            };
            let in_place = tree.parent_of(key) == Some(parent);
            if self.in_scope(key, rule)
                && tree.contains(parent)
                && !in_place
                && !tree.is_within(parent, key)
            {
                tree.move_or_append(Some(parent.clone()), key);
            }
        }
    }

    /// In each list of children, those in scope change places among themselves.
    fn sort_by_rank(&self, tree: &mut Tree, rule: &AgileRule) {
        let places: BTreeMap<&String, usize> = self.ranks.iter().zip(0..).collect();
        let parents: Vec<String> = dump(tree).into_iter().map(|(_, key)| key).collect();
        for above in [None].into_iter().chain(parents.iter().map(Some)) {
            let mut children = tree.children_of(above).to_vec();
            let slots: Vec<usize> = (0..children.len())
                .filter(|slot| self.in_scope(&children[*slot], rule))
                .collect();
            let mut sorted: Vec<String> =
                slots.iter().map(|slot| children[*slot].clone()).collect();
            sorted.sort_by_key(|key| places[key]);
            for (slot, key) in slots.into_iter().zip(sorted) {
                children[slot] = key;
            }
            tree.arrange(above, children);
        }
    }
}

/// The fewest issues that must change their place in an order so that each of some lists, which
/// have no issue in common, comes to be in that order.
pub(crate) fn rank_changes(order: &[String], wanted: &[Vec<String>]) -> usize {
    let places: BTreeMap<&String, usize> = order.iter().zip(0..).collect();
    wanted
        .iter()
        .map(|list| list.len() - longest_ascent(list.iter().map(|key| places[key])))
        .sum()
}

/// How many of some numbers at the most ascend.
fn longest_ascent(numbers: impl Iterator<Item = usize>) -> usize {
    // By length: the least number that an ascent of that length ends with.
    let mut ends: Vec<usize> = Vec::new();
    for number in numbers {
        let at = ends.partition_point(|end| *end < number);
        match ends.get_mut(at) {
            Some(end) => *end = number,
            None => ends.push(number),
        }
    }
    ends.len()
}

mod tests {
    use super::*;

    /// Issues by key, each a word: `E` an epic, `i` an issue, `iA-1` one of the epic A-1, `sA-1` a sub-task of A-1.
    /// Ranks are in the order of keys, `X` after `A`.
    fn world(issues: &[(&str, &str)]) -> World {
        let lines: Vec<String> = issues
            .iter()
            .map(|(key, word)| {
                let (kind, other) = word.split_at(1);
                let name = match kind {
                    "E" => "Epic",
                    "s" => "Sub-task",
                    _ => "Bug",
                };
                let project = key.split_once('-').expect("a key").0;
                let mut fields = serde_json::json!({
                    "project": { "key": project },
                    "issuetype": { "name": name, "subtask": kind == "s" },
                });
                if !other.is_empty() {
                    let field = if kind == "s" { "parent" } else { "epic" };
                    fields[field] = serde_json::json!({ "key": other });
                }
                serde_json::json!({ "key": key, "fields": fields }).to_string()
            })
            .collect();
        World::parse(&lines.join("\n"))
    }

    fn tree(picture: &str) -> Tree {
        let rows: Vec<(usize, String)> = picture
            .split_whitespace()
            .map(|word| {
                let key = word.trim_start_matches('.');
                (word.len() - key.len(), key.to_owned())
            })
            .collect();
        Tree::from_rows(&rows)
    }

    fn picture(tree: &Tree) -> String {
        let words: Vec<String> = dump(tree)
            .iter()
            .map(|(depth, key)| ".".repeat(*depth) + key)
            .collect();
        words.join(" ")
    }

    fn rule() -> AgileRule {
        AgileRule {
            projects: vec!["A".to_owned()],
            epics: true,
            sub_tasks: false,
            ranks: None,
        }
    }

    fn ranked() -> AgileRule {
        AgileRule {
            epics: false,
            ranks: Some(RankMode::Independent),
            ..rule()
        }
    }

    #[test]
    fn issues_go_to_their_epics() {
        let small = world(&[
            ("A-1", "E"),
            ("A-2", "E"),
            ("A-3", "iA-1"),
            ("A-4", "iA-1"),
            ("A-5", "i"),
            ("A-6", "iA-9"),
            ("X-7", "iA-1"),
        ]);
        let cases = [
            // Missing, and elsewhere.
            ("A-1 A-2", "A-1 .A-3 .A-4 A-2"),
            ("A-4 A-1 A-3", "A-1 .A-3 .A-4"),
            // Anywhere below its epic is fine, but not directly under another epic.
            ("A-1 .A-3 ..A-4", "A-1 .A-3 ..A-4"),
            ("A-1 .A-2 ..A-3 .A-4", "A-1 .A-2 .A-4 .A-3"),
            ("A-2 .A-3 ..A-4", "A-2 A-3 .A-4"),
            // No epic, or none that stands here: out of others, and left alone elsewhere.
            ("A-2 .A-5 .A-6 .A-3", "A-2 A-3 A-5 A-6"),
            ("A-1 .A-5 ..A-3 .A-4", "A-1 .A-4 .A-3 A-5"),
            ("A-5 .A-6 .A-3 A-2", "A-5 .A-6 .A-3 A-2"),
            // Its epic stands below it.
            ("A-3 .A-1 A-4", "A-3 .A-1 ..A-4"),
            // Another project is no business of the rule.
            ("A-2 .X-7 A-1 .A-3 .A-4", "A-2 .X-7 A-1 .A-3 .A-4"),
        ];
        for (before, after) in cases {
            let made = picture(&small.agile_into(&tree(before), &rule()));
            assert_eq!(made, after, "{before}");
        }
    }

    #[test]
    fn ranks_sort_those_in_scope_into_the_slots_that_they_have() {
        let small = world(&[
            ("A-1", "i"),
            ("A-2", "i"),
            ("A-3", "i"),
            ("X-4", "i"),
            ("X-5", "i"),
            ("A-6", "i"),
        ]);
        let made = small.agile_into(&tree("X-5 A-3 X-4 A-1 .A-6 .A-2"), &ranked());
        assert_eq!(picture(&made), "X-5 A-1 .A-2 .A-6 X-4 A-3");
    }

    #[test]
    fn sub_tasks_come_home_in_both_directions() {
        let small = world(&[("A-1", "i"), ("A-2", "i"), ("A-3", "sA-1"), ("X-4", "sA-1")]);
        let rule = AgileRule {
            epics: false,
            sub_tasks: true,
            ..rule()
        };
        let before = tree("A-1 A-2 .A-3");
        assert_eq!(picture(&small.agile_into(&before, &rule)), "A-1 .A-3 A-2");
        assert_eq!(picture(&small.agile_from(&before, &rule).0), "A-1 .A-3 A-2");
    }

    #[test]
    fn the_nearest_epic_above_becomes_the_epic() {
        let small = world(&[
            ("A-1", "E"),
            ("A-2", "E"),
            ("A-3", "iA-1"),
            ("A-4", "iA-1"),
            ("X-5", "i"),
            ("A-6", "sA-4"),
        ]);
        let (_, epics) = small.agile_from(&tree("A-1 .A-2 ..X-5 ...A-3 ..A-6 A-4"), &rule());
        let told: Vec<String> = epics
            .iter()
            .map(|(key, epic)| format!("{key}:{}", epic.as_deref().unwrap_or("none")))
            .collect();
        assert_eq!(told, ["A-3:A-2", "A-4:none"]);
    }

    #[test]
    fn ranks_follow_siblings_or_all() {
        let small = world(&[
            ("A-1", "i"),
            ("A-2", "i"),
            ("A-3", "i"),
            ("A-4", "i"),
            ("X-5", "i"),
        ]);
        let rows = tree("A-4 .A-3 .X-5 .A-2 A-1");
        let mut rule = ranked();
        let lists = |rule: &AgileRule| -> Vec<String> {
            let wanted = small.wanted_ranks(&rows, rule).into_iter();
            wanted
                .filter(|it| it.len() > 1)
                .map(|it| it.join(" "))
                .collect()
        };
        assert_eq!(lists(&rule), ["A-4 A-1", "A-3 A-2"]);
        let changes =
            |rule: &AgileRule| rank_changes(small.ranks(), &small.wanted_ranks(&rows, rule));
        assert_eq!(changes(&rule), 2);
        rule.ranks = Some(RankMode::Consecutive);
        assert_eq!(lists(&rule), ["A-4 A-3 A-2 A-1"]);
        assert_eq!(changes(&rule), 3);
    }

    #[test]
    fn the_longest_ascent_is_found() {
        let cases: [(&[usize], usize); 5] = [
            (&[], 0),
            (&[3, 2, 1], 1),
            (&[1, 5, 2, 3], 3),
            (&[2, 1, 4, 3, 6, 5], 3),
            (&[1, 2, 3], 3),
        ];
        for (numbers, length) in cases {
            assert_eq!(longest_ascent(numbers.iter().copied()), length);
        }
    }
}
