//! Parents get the earliest status of their children.

use std::collections::BTreeMap;

use super::{Tree, World, dump};

/// The settings of a status-rollup synchronizer; names compare without case.
#[derive(Debug, Clone, Default)]
pub(crate) struct RollupRule {
    /// None given: all.
    pub(crate) projects: Vec<String>,
    /// None given: all.
    pub(crate) types: Vec<String>,
    pub(crate) statuses: Vec<String>,
}

impl World {
    /// The status of every issue after the rule, each by its name in the tracker.
    pub(crate) fn rollup(&self, tree: &Tree, rule: &RollupRule) -> BTreeMap<String, String> {
        let is_listed = |list: &[String], name: &str| {
            list.is_empty() || list.iter().any(|it| it.eq_ignore_ascii_case(name))
        };
        let mut statuses = self.statuses();
        // From the end, children come before what they stand under.
        for (_, key) in dump(tree).into_iter().rev() {
            let issue = &self.issues[&key];
            if !is_listed(&rule.projects, &issue.project)
                || !is_listed(&rule.types, &issue.issue_type)
            {
                continue;
            }
            let of_children: Vec<&String> = tree
                .children_of(Some(&key))
                .iter()
                .map(|child| &statuses[child])
                .collect();
            let place = |status: &String| {
                rule.statuses
                    .iter()
                    .position(|listed| listed.eq_ignore_ascii_case(status))
            };
            if of_children.iter().any(|status| place(status).is_none()) {
                continue;
            }
            let earliest = of_children.into_iter().min_by_key(|status| place(status));
            if let Some(earliest) = earliest.cloned() {
                statuses.insert(key, earliest);
            }
        }
        statuses
    }

    /// The status of every issue.
    pub(crate) fn statuses(&self) -> BTreeMap<String, String> {
        self.issues
            .iter()
            .map(|(key, issue)| (key.clone(), issue.status.clone()))
            .collect()
    }

    /// Takes issues to other statuses.
    pub(crate) fn set_statuses(&mut self, statuses: &BTreeMap<String, String>) {
        for (key, status) in statuses {
            let issue = self.issues.get_mut(key).expect("an issue of this world");
            issue.status.clone_from(status);
        }
    }

    /// Whether a status is one of finished issues.
    pub(crate) fn is_done(&self, status: &str) -> bool {
        self.done.contains(status)
    }
}

mod tests {
    use super::*;

    /// Issues `A-1` and so on, each a word of a type and a status, such as `Bug:Open`.
    fn world(issues: &str) -> World {
        let lines: Vec<String> = issues
            .split_whitespace()
            .zip(1..)
            .map(|(word, number)| {
                let (issue_type, status) = word.split_once(':').expect("a type and a status");
                let category = if status == "Done" { "done" } else { "new" };
                serde_json::json!({ "key": format!("A-{number}"), "fields": {
                    "project": { "key": "A" },
                    "issuetype": { "name": issue_type },
                    "status": { "name": status, "statusCategory": { "key": category } },
                } })
                .to_string()
            })
            .collect();
        World::parse(&lines.join("\n"))
    }

    fn rolled(world: &World, rows: &[(usize, u32)], rule: &RollupRule) -> String {
        let rows: Vec<(usize, String)> = rows
            .iter()
            .map(|(depth, number)| (*depth, format!("A-{number}")))
            .collect();
        let statuses = world.rollup(&Tree::from_rows(&rows), rule);
        let words: Vec<String> = statuses.into_values().collect();
        words.join(" ")
    }

    fn rule() -> RollupRule {
        RollupRule {
            statuses: ["open", "Busy", "Done"].map(str::to_owned).to_vec(),
            ..RollupRule::default()
        }
    }

    #[test]
    fn the_earliest_status_of_the_children_wins_from_the_bottom_up() {
        let small = world("Bug:Open Bug:Open Bug:Done Bug:Busy");
        let rows = [(0, 1), (1, 2), (2, 3), (1, 4)];
        assert_eq!(rolled(&small, &rows, &rule()), "Busy Done Done Busy");
        assert!(small.is_done("Done") && !small.is_done("Busy"));
    }

    #[test]
    fn a_child_in_another_status_keeps_its_parent_from_changing() {
        let small = world("Bug:Open Bug:Done Bug:Asleep");
        let rows = [(0, 1), (1, 2), (1, 3)];
        assert_eq!(rolled(&small, &rows, &rule()), "Open Done Asleep");
    }

    #[test]
    fn only_the_listed_types_and_projects_change() {
        let small = world("Bug:Open Story:Open Bug:Done");
        let rows = [(0, 1), (1, 2), (2, 3)];
        let mut scoped = rule();
        scoped.types = vec!["BUG".to_owned()];
        assert_eq!(rolled(&small, &rows, &scoped), "Open Open Done");
        scoped.types = vec!["story".to_owned()];
        assert_eq!(rolled(&small, &rows, &scoped), "Open Done Done");
        scoped.projects = vec!["B".to_owned()];
        assert_eq!(rolled(&small, &rows, &scoped), "Open Open Done");
    }
}
