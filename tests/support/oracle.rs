//! A second opinion on resyncs: what a saved filter, sub-tasks, one link type, epics and ranks, and
//! statuses that roll up must make of a set of issues, computed from the written behaviour alone.
//!
//! It shares no code with the crate, on purpose, and prefers the slow and obvious: maps of strings,
//! one pass after another until nothing changes. It knows no folders, no JQL, no permissions, and
//! every issue stands in one row at most, which is all that a structure filled from empty needs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

pub(crate) use self::agile::{AgileRule, RankMode, rank_changes};
pub(crate) use self::rollup::RollupRule;
pub(crate) use self::tree::{Tree, dump};

mod agile;
mod rollup;
mod tests;
mod tree;

/// An issue as far as hierarchies need it, or change it.
#[derive(Debug, Clone)]
struct Issue {
    project: String,
    issue_type: String,
    sub_task: bool,
    parent: Option<String>,
    epic: Option<String>,
    status: String,
}

impl Issue {
    fn is_epic(&self) -> bool {
        self.issue_type == "Epic"
    }
}

/// One link; the type's outward description reads from source to target.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    link_type: String,
    source: String,
    target: String,
}

/// Which end of a link is the parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkEnd {
    Source,
    Target,
}

/// Which links of the type take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    InStructure,
    ExpandToSubIssues,
    AllIssues,
}

/// What becomes of a row that stands under another without a link between the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unlinked {
    Keep,
    MoveToTopLevel,
    Remove,
}

/// The settings of a links synchronizer without filters.
#[derive(Debug, Clone)]
pub(crate) struct LinksRule {
    pub(crate) link_type: String,
    pub(crate) parent_end: LinkEnd,
    pub(crate) scope: Scope,
    pub(crate) unlinked: Unlinked,
}

/// A link seen through a rule: who should stand under whom.
#[derive(Debug, Clone)]
struct Wish {
    link_id: u64,
    parent: String,
    child: String,
}

/// All issues of some files and the links between them.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    issues: BTreeMap<String, Issue>,
    links: BTreeMap<u64, Link>,
    /// Every issue in the order of ranks: file after file, each in the order of its keys.
    ranks: Vec<String>,
    /// The statuses of category DONE.
    done: BTreeSet<String>,
}

impl World {
    /// Reads files of one JSON issue a line, as Jira's REST API returns them, gzipped if the name
    /// ends in `gz`.
    pub(crate) fn load<P: AsRef<Path>>(paths: &[P]) -> World {
        let mut world = World::default();
        for path in paths {
            let path = path.as_ref();
            let mut text = String::new();
            let mut file = File::open(path).expect("the data file opens");
            if path.extension().is_some_and(|end| end == "gz") {
                MultiGzDecoder::new(file)
                    .read_to_string(&mut text)
                    .expect("gzipped text");
            } else {
                file.read_to_string(&mut text).expect("text");
            }
            world.read_file(&text);
        }
        world.without_missing()
    }

    /// Reads one JSON issue a line. References to issues that are not there are left out.
    pub(crate) fn parse(text: &str) -> World {
        let mut world = World::default();
        world.read_file(text);
        world.without_missing()
    }

    fn read_file(&mut self, text: &str) {
        let mut keys = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let json: Value = serde_json::from_str(line).expect("a line is one JSON object");
            let word = |pointer: &str| json.pointer(pointer).and_then(Value::as_str);
            let name = |pointer: &str| word(pointer).unwrap_or_default().to_owned();
            let key = word("/key").expect("an issue has a key").to_owned();
            for link in json
                .pointer("/fields/issuelinks")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                self.read_link(&key, link);
            }
            let status = name("/fields/status/name");
            if word("/fields/status/statusCategory/key") == Some("done") {
                self.done.insert(status.clone());
            }
            let issue = Issue {
                project: name("/fields/project/key"),
                issue_type: name("/fields/issuetype/name"),
                sub_task: json.pointer("/fields/issuetype/subtask") == Some(&Value::Bool(true)),
                parent: word("/fields/parent/key").map(str::to_owned),
                epic: word("/fields/epic/key").map(str::to_owned),
                status,
            };
            self.issues.insert(key.clone(), issue);
            keys.push(key);
        }
        keys.sort_by_key(|key| key_order(key));
        self.ranks.extend(keys);
    }

    fn without_missing(mut self) -> World {
        let keys: BTreeSet<String> = self.issues.keys().cloned().collect();
        self.links
            .retain(|_, l| keys.contains(&l.source) && keys.contains(&l.target));
        for issue in self.issues.values_mut() {
            issue.epic = issue.epic.take().filter(|epic| keys.contains(epic));
        }
        self
    }

    /// A link stands on both of its ends, so most are read twice and must read the same.
    fn read_link(&mut self, here: &str, json: &Value) {
        let word = |pointer: &str| {
            json.pointer(pointer)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let id = word("/id")
            .and_then(|id| id.parse().ok())
            .expect("a link has a numeric id");
        let link_type = word("/type/name").expect("a link has a type");
        let link = match (word("/outwardIssue/key"), word("/inwardIssue/key")) {
            (Some(target), None) => Link {
                link_type,
                source: here.to_owned(),
                target,
            },
            (None, Some(source)) => Link {
                link_type,
                source,
                target: here.to_owned(),
            },
            _ => panic!("link {id} must name exactly one other end"),
        };
        if let Some(other_end) = self.links.insert(id, link.clone()) {
            assert_eq!(
                other_end, link,
                "link {id} reads differently from its two ends"
            );
        }
    }

    /// An empty structure after `project = … AND type NOT IN (…)` was added to its top level.
    pub(crate) fn saved_filter(&self, project: &str, excluded_types: &[&str]) -> Tree {
        let mut found: Vec<&String> = self
            .issues
            .iter()
            .filter(|(_, issue)| issue.project == project)
            .filter(|(_, issue)| !excluded_types.contains(&issue.issue_type.as_str()))
            .map(|(key, _)| key)
            .collect();
        found.sort_by_key(|key| key_order(key));
        let mut tree = Tree::default();
        for key in found {
            tree.append(None, key);
        }
        tree
    }

    /// The structure after all sub-tasks, of any type, of its issues were brought under them.
    pub(crate) fn sub_tasks(&self, tree: &Tree) -> Tree {
        let mut sub_tasks: Vec<(&String, &String)> = self
            .issues
            .iter()
            .filter_map(|(key, issue)| issue.parent.as_ref().map(|parent| (key, parent)))
            .collect();
        sub_tasks.sort_by_key(|(key, _)| key_order(key));
        // A sub-task that arrives may have sub-tasks of its own, so one pass may not be enough.
        until_settled(tree, |tree| {
            for (key, parent) in &sub_tasks {
                let in_place = tree.parent_of(key) == Some(*parent);
                if tree.contains(parent) && !in_place && !tree.is_within(parent, key) {
                    tree.move_or_append(Some((*parent).clone()), key);
                }
            }
        })
    }

    /// The structure after the links were brought into it, and the ids of the links that were
    /// skipped because they would close a cycle or move a row into its own subtree.
    pub(crate) fn links_into(&self, tree: &Tree, rule: &LinksRule) -> (Tree, Vec<u64>) {
        let mut skipped = BTreeSet::new();
        // What one pass moves out of the way or takes out of the structure can matter to a link that
        // the pass had already looked at; a resync must leave nothing for a second one.
        let settled = until_settled(tree, |tree| {
            skipped.extend(self.links_into_once(tree, rule));
        });
        let satisfied = |id: &u64| {
            self.links_of(rule).iter().any(|wish| {
                wish.link_id == *id && settled.parent_of(&wish.child) == Some(&wish.parent)
            })
        };
        skipped.retain(|id| !satisfied(id));
        (settled, skipped.into_iter().collect())
    }

    fn links_into_once(&self, tree: &mut Tree, rule: &LinksRule) -> BTreeSet<u64> {
        let links = self.links_in_scope(tree, rule);
        let (wanted, mut skipped) = wanted_parents(tree, &links);
        skipped.extend(follow(tree, wanted));

        // An end that no link gave a place goes to the top level, in the order of the links.
        for end in links.iter().flat_map(|link| [&link.parent, &link.child]) {
            if !tree.contains(end) {
                tree.append(None, end);
            }
        }

        let unlinked: Vec<String> = dump(tree)
            .into_iter()
            .map(|(_, key)| key)
            .filter(|key| {
                tree.parent_of(key)
                    .is_some_and(|above| !any_joins(&links, above, key))
            })
            .collect();
        for key in unlinked {
            match rule.unlinked {
                Unlinked::Keep => {}
                Unlinked::MoveToTopLevel => tree.move_or_append(None, &key),
                Unlinked::Remove => tree.remove(&key),
            }
        }
        skipped
    }

    /// The links of the type, as (source, target), that must exist after the structure was brought
    /// into the tracker, those out of scope included.
    pub(crate) fn links_from(&self, tree: &Tree, rule: &LinksRule) -> BTreeSet<(String, String)> {
        let mut parent_and_child = BTreeSet::new();
        for (_, key) in dump(tree) {
            if let Some(above) = tree.parent_of(&key) {
                parent_and_child.insert((above.clone(), key));
            }
        }
        for link in self.links_of(rule) {
            let out_of_reach = match rule.scope {
                Scope::InStructure => !tree.contains(&link.parent) || !tree.contains(&link.child),
                Scope::ExpandToSubIssues => !tree.contains(&link.parent),
                Scope::AllIssues => false,
            };
            if out_of_reach {
                parent_and_child.insert((link.parent, link.child));
            }
        }
        match rule.parent_end {
            LinkEnd::Source => parent_and_child,
            LinkEnd::Target => parent_and_child.into_iter().map(|(p, c)| (c, p)).collect(),
        }
    }

    /// The links of the type, by id, seen as parent and child.
    fn links_of(&self, rule: &LinksRule) -> Vec<Wish> {
        self.links
            .iter()
            .filter(|(_, link)| link.link_type == rule.link_type)
            .map(|(&link_id, link)| {
                let (source, target) = (link.source.clone(), link.target.clone());
                match rule.parent_end {
                    LinkEnd::Source => Wish {
                        link_id,
                        parent: source,
                        child: target,
                    },
                    LinkEnd::Target => Wish {
                        link_id,
                        parent: target,
                        child: source,
                    },
                }
            })
            .collect()
    }

    fn links_in_scope(&self, tree: &Tree, rule: &LinksRule) -> Vec<Wish> {
        let mut links = self.links_of(rule);
        match rule.scope {
            Scope::AllIssues => {}
            Scope::InStructure => {
                links.retain(|link| tree.contains(&link.parent) && tree.contains(&link.child));
            }
            Scope::ExpandToSubIssues => {
                let mut reached: BTreeSet<String> =
                    dump(tree).into_iter().map(|(_, key)| key).collect();
                loop {
                    let before = reached.len();
                    for link in &links {
                        if reached.contains(&link.parent) {
                            reached.insert(link.child.clone());
                        }
                    }
                    if reached.len() == before {
                        break;
                    }
                }
                links.retain(|link| reached.contains(&link.parent));
            }
        }
        links
    }
}

/// Chooses one link for each sub-issue, and lists those that would close a cycle of chosen links.
fn wanted_parents<'a>(
    tree: &Tree,
    links: &'a [Wish],
) -> (BTreeMap<&'a String, &'a Wish>, BTreeSet<u64>) {
    // A link that the sub-issue already stands under wins over all others of that sub-issue, and
    // so over any that would close a cycle with it: rows that stand never form one.
    let mut wanted: BTreeMap<&String, &Wish> = BTreeMap::new();
    for link in links {
        if tree.parent_of(&link.child) == Some(&link.parent) {
            wanted.entry(&link.child).or_insert(link);
        }
    }
    let mut skipped = BTreeSet::new();
    for link in links {
        if wanted.contains_key(&link.child) {
            continue;
        }
        let mut above = Some(&link.parent);
        while let Some(key) = above.filter(|key| **key != link.child) {
            above = wanted.get(key).map(|wish| &wish.parent);
        }
        if above.is_some() {
            skipped.insert(link.link_id);
        } else {
            wanted.insert(&link.child, link);
        }
    }
    (wanted, skipped)
}

/// Brings every sub-issue under its wanted parent, as last child, in the order of the link ids, and
/// lists the links that would move a row into its own subtree.
fn follow(tree: &mut Tree, wanted: BTreeMap<&String, &Wish>) -> BTreeSet<u64> {
    let mut waiting: Vec<&Wish> = wanted.into_values().collect();
    waiting.retain(|link| tree.parent_of(&link.child) != Some(&link.parent));
    waiting.sort_by_key(|link| link.link_id);

    // A later link may take a wanted parent out of the subtree that kept an earlier one waiting.
    let mut moved: Vec<&Wish> = Vec::new();
    loop {
        let before = waiting.len();
        waiting.retain(|link| {
            let refused = tree.is_within(&link.parent, &link.child);
            if !refused {
                tree.move_or_append(Some(link.parent.clone()), &link.child);
                moved.push(link);
            }
            refused
        });
        if waiting.len() == before {
            break;
        }
    }

    // Those that had to wait came late; all are put in order once more.
    moved.sort_by_key(|link| link.link_id);
    for link in moved {
        tree.move_or_append(Some(link.parent.clone()), &link.child);
    }
    waiting.iter().map(|link| link.link_id).collect()
}

/// Whether a link makes this child a sub-issue of this parent, chosen or not.
fn any_joins(links: &[Wish], parent: &str, child: &str) -> bool {
    links
        .iter()
        .any(|link| link.parent == parent && link.child == child)
}

/// Repeats a step until it changes nothing.
fn until_settled(tree: &Tree, mut step: impl FnMut(&mut Tree)) -> Tree {
    let mut tree = tree.clone();
    for _ in 0..1_000 {
        let before = tree.clone();
        step(&mut tree);
        if tree == before {
            return tree;
        }
    }
    panic!("the rules never come to rest on this tree");
}

/// Projects by name, issues of a project by number.
fn key_order(key: &str) -> (String, u64) {
    let (project, number) = key
        .rsplit_once('-')
        .expect("a key is a project and a number");
    (
        project.to_owned(),
        number.parse().expect("a key ends in a number"),
    )
}
