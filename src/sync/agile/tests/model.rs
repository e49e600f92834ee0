//! A tracker in memory, its global order being a list; and plans applied to it.

use crate::domain::forest::RowView;
use crate::domain::forest::samples::{any_forest, forest};
use crate::domain::synchronizer::{AgileSettings, AgileSource, RankMode};
use crate::domain::{Direction, FieldEdit, Forest, IssueId, Plan, RankPlace};
use crate::sync::Halt;
use crate::sync::agile::{Changes, Facts, Known, Snapshot, Tracker, plan, plan_incremental};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashSet};

/// Issues of random trackers: 1 to 3 are epics, 9, 10 and 14 may be sub-tasks, those from 11 on
/// stand in no random forest.
pub(super) const ISSUES: i64 = 14;
const SUB_TASKS: [i64; 3] = [9, 10, 14];

/// A tracker and a structure.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) forest: Forest,
    facts: BTreeMap<IssueId, Facts>,
    parents: BTreeMap<IssueId, IssueId>,
    /// All issues that have a rank, in its order.
    pub(super) order: Vec<IssueId>,
}

pub(super) fn rule(sync_rank: bool, sync_epics: bool, add_sub_tasks: bool) -> AgileSettings {
    AgileSettings {
        source: AgileSource::Projects(vec!["P".to_owned()]),
        sync_rank,
        rank_mode: RankMode::Independent,
        sync_epics,
        add_sub_tasks,
    }
}

pub(super) fn consecutive() -> AgileSettings {
    AgileSettings {
        rank_mode: RankMode::Consecutive,
        ..rule(true, false, false)
    }
}

impl Model {
    /// Every issue of an outline in scope; 1 to 3 are epics; ranks in the given order.
    pub(super) fn of(outline: &str, order: &[i64]) -> Self {
        let issue = |id: i64| {
            let facts = Facts {
                in_scope: true,
                is_epic: id <= 3,
                ..Facts::default()
            };
            (IssueId(id), facts)
        };
        Self {
            forest: forest(outline),
            facts: (1..=ISSUES).map(issue).collect(),
            parents: BTreeMap::new(),
            order: order.iter().map(|id| IssueId(*id)).collect(),
        }
    }

    /// Every issue of a forest in scope, with the epic above it, ranked as it stands.
    pub(super) fn large(forest: Forest, is_epic: impl Fn(i64) -> bool) -> Self {
        let facts = |row: RowView| {
            let epic = row.parent.and_then(|up| forest.row(up).issue);
            let issue = row.issue?;
            let facts = Facts {
                in_scope: true,
                is_epic: is_epic(issue.0),
                epic,
                epic_is_epic: epic.is_some(),
                ..Facts::default()
            };
            Some((issue, facts))
        };
        Self {
            facts: forest.rows().filter_map(facts).collect(),
            parents: BTreeMap::new(),
            order: forest.rows().filter_map(|row| row.issue).collect(),
            forest,
        }
    }

    pub(super) fn epics(mut self, of: &[(i64, i64)]) -> Self {
        for (issue, epic) in of {
            let facts = self.facts.entry(IssueId(*issue)).or_default();
            facts.epic = Some(IssueId(*epic));
            facts.epic_is_epic = *epic <= 3;
        }
        self
    }

    pub(super) fn parents(mut self, of: &[(i64, i64)]) -> Self {
        for (sub_task, parent) in of {
            self.facts
                .entry(IssueId(*sub_task))
                .or_default()
                .is_sub_task = true;
            self.parents.insert(IssueId(*sub_task), IssueId(*parent));
        }
        self
    }

    pub(super) fn out_of_scope(mut self, issues: &[i64]) -> Self {
        for issue in issues {
            self.facts.entry(IssueId(*issue)).or_default().in_scope = false;
        }
        self
    }

    pub(super) fn is_in_scope(&self, issue: IssueId) -> bool {
        self.facts[&issue].in_scope
    }

    pub(super) fn is_epic(&self, issue: IssueId) -> bool {
        self.facts[&issue].is_epic
    }

    pub(super) fn is_member(&self, issue: IssueId) -> bool {
        let facts = &self.facts[&issue];
        facts.in_scope && !facts.is_epic && !facts.is_sub_task
    }

    pub(super) fn epic(&self, issue: IssueId) -> Option<IssueId> {
        let facts = &self.facts[&issue];
        facts.epic.filter(|_| facts.epic_is_epic)
    }

    pub(super) fn rank(&self, issue: IssueId) -> Option<usize> {
        self.order.iter().position(|it| *it == issue)
    }

    pub(super) fn sub_tasks_in_scope(&self) -> Vec<(IssueId, IssueId)> {
        let all = self.parents.iter().map(|(it, parent)| (*it, *parent));
        all.filter(|(it, _)| self.is_in_scope(*it)).collect()
    }

    pub(super) fn plan(&self, settings: &AgileSettings, direction: Direction) -> Plan {
        let mut known = Known::new(self);
        known.look(self.facts.keys().copied()).unwrap();
        let snapshot = Snapshot {
            forest: &self.forest,
            settings,
            sub_tasks: self.sub_tasks_in_scope(),
        };
        plan(snapshot, &mut known, direction).unwrap()
    }

    /// A plan that looks at nothing beforehand.
    pub(super) fn plan_changed(&self, settings: &AgileSettings, changes: &Changes) -> Plan {
        let snapshot = Snapshot {
            forest: &self.forest,
            settings,
            sub_tasks: Vec::new(),
        };
        plan_incremental(snapshot, &mut Known::new(self), changes).unwrap()
    }

    /// The two sides after a plan, each edit being made where it says.
    pub(super) fn applied(&self, plan: &Plan) -> Self {
        let mut made = self.clone();
        let version = self.forest.version() + 1;
        made.forest = numbered(&self.forest.edited(version, &plan.rows).unwrap());
        for edit in &plan.fields {
            match edit {
                FieldEdit::Epic { issue, from, to } => {
                    let facts = made.facts.get_mut(issue).unwrap();
                    assert_eq!(facts.epic, *from);
                    facts.epic = *to;
                    facts.epic_is_epic = to.is_some();
                }
                FieldEdit::Rank { issue, to, .. } => {
                    made.order.retain(|it| it != issue);
                    let at = match to {
                        RankPlace::Before(other) => made.rank(*other).unwrap_or(made.order.len()),
                        RankPlace::After(other) => made.rank(*other).map_or(0, |at| at + 1),
                        RankPlace::Exactly(_) => panic!("no planner goes back"),
                    };
                    made.order.insert(at, *issue);
                }
                FieldEdit::Status { .. } | FieldEdit::RestoreStatus { .. } => {
                    panic!("no status is planned")
                }
            }
        }
        made
    }
}

/// The forest with ids in place of those that a plan gave its new rows.
fn numbered(forest: &Forest) -> Forest {
    use crate::domain::RowId;
    use crate::domain::forest::SourceRow;
    let last = forest.rows().map(|row| row.id.0).max().unwrap_or(0).max(0);
    let id = |id: RowId| if id.0 < 0 { RowId(last - id.0) } else { id };
    let rows = forest.rows().map(|row| SourceRow {
        id: id(row.id),
        parent: row.parent.map(|up| id(forest.row(up).id)),
        issue: row.issue,
    });
    Forest::build(forest.version(), rows).unwrap()
}

impl Tracker for Model {
    fn facts(&self, issues: &[IssueId]) -> Result<Vec<(IssueId, Facts)>, Halt> {
        let known = issues
            .iter()
            .filter_map(|it| Some((*it, self.facts.get(it)?)));
        Ok(known
            .map(|(issue, facts)| {
                let rank = self.rank(issue).map(|at| format!("{at:06}"));
                (
                    issue,
                    Facts {
                        rank,
                        ..facts.clone()
                    },
                )
            })
            .collect())
    }

    fn sub_tasks(&self, parents: &HashSet<IssueId>) -> Result<Vec<(IssueId, IssueId)>, Halt> {
        let all = self.parents.iter().map(|(it, parent)| (*it, *parent));
        Ok(all.filter(|(_, parent)| parents.contains(parent)).collect())
    }
}

pub(super) fn any_model() -> impl Strategy<Value = Model> {
    let count = ISSUES as usize;
    let epics = prop::collection::vec(prop::option::weighted(0.7, 1i64..=4), count);
    let parents = prop::collection::vec(prop::option::weighted(0.7, 1i64..=10), SUB_TASKS.len());
    let scope = prop::collection::vec(prop::bool::weighted(0.8), count);
    let order = Just((1..=ISSUES).collect::<Vec<i64>>()).prop_shuffle();
    let unranked = prop::collection::vec(prop::bool::weighted(0.1), count);
    (any_forest(12, 10), epics, parents, scope, order, unranked).prop_map(
        |(forest, epics, parents, scope, mut order, unranked)| {
            order.retain(|id| !unranked[*id as usize - 1]);
            let mut model = Model::of("", &order);
            model.forest = forest;
            let epics: Vec<(i64, i64)> = (1..=ISSUES)
                .zip(epics)
                .filter_map(|(id, epic)| Some((id, epic?)))
                .collect();
            let parents: Vec<(i64, i64)> = SUB_TASKS
                .into_iter()
                .zip(parents)
                .filter_map(|(id, parent)| Some((id, parent.filter(|it| *it != id)?)))
                .collect();
            let outside: Vec<i64> = (1..=ISSUES).filter(|id| !scope[*id as usize - 1]).collect();
            model.epics(&epics).parents(&parents).out_of_scope(&outside)
        },
    )
}
