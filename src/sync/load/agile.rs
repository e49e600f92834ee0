//! Reading for the agile rule: all issues that it may be about, or what a planner asks for.

use super::changed::Changed;
use super::{Halt, Scene};
use crate::domain::synchronizer::{AgileSettings, AgileSource, RankMode};
use crate::domain::{Direction, IdPages, IssueId, Plan};
use crate::store::board_issues::{self, BoardIssue};
use crate::store::changes::RowChangeKind;
use crate::store::issues::{IssueChange, IssueChangeKind};
use crate::store::{boards, issues};
use crate::sync::agile::{Changes, Facts, Known, Snapshot, Tracker, plan, plan_incremental};
use std::collections::HashSet;

impl Scene<'_> {
    pub(super) fn plan_agile(
        &self,
        settings: &AgileSettings,
        direction: Direction,
    ) -> Result<Plan, Halt> {
        let reader = Reader::new(self, settings)?;
        let mut noted = IdPages::<Noted>::default();
        for issue in self.matching_all(&reader.scope)? {
            noted.get_mut(issue.0).is_in_scope = true;
        }
        for issue in self.forest.rows().filter_map(|row| row.issue) {
            noted.get_mut(issue.0).is_held = true;
        }
        let of = |issue: IssueId| noted.get(issue.0).copied().unwrap_or_default();
        self.watch.check()?;
        let mut known = Known::new(&reader);
        board_issues::each(self.tx, |id, issue| {
            let Noted {
                is_in_scope,
                is_held,
            } = of(id);
            let comes = issue.parent.is_some() || issue.epic.is_some_and(|it| of(it).is_held);
            if is_held || (is_in_scope && comes) {
                known.insert(id, facts(issue, is_in_scope));
            }
        })?;
        self.watch.check()?;
        let mut sub_tasks = Vec::new();
        if settings.add_sub_tasks {
            let all = issues::sub_tasks(self.tx)?.into_iter();
            let pairs = all.map(|sub_task| (sub_task.issue, sub_task.parent));
            sub_tasks = pairs.filter(|(it, _)| of(*it).is_in_scope).collect();
        }
        self.compare();
        let snapshot = Snapshot {
            forest: self.forest,
            settings,
            sub_tasks,
        };
        plan(snapshot, &mut known, direction)
    }

    pub(super) fn plan_changed_agile(
        &self,
        settings: &AgileSettings,
        changed: &Changed,
    ) -> Result<Plan, Halt> {
        let reader = Reader::new(self, settings)?;
        let mut known = Known::new(&reader);
        let mut changes = Changes::default();
        self.touch_by_issues(settings, changed, &mut changes)?;
        self.touch_by_places(settings, changed, &mut changes);
        self.touch_members(changed, &mut known, &mut changes)?;
        if settings.add_sub_tasks {
            changes.parents = self.touched_parents(changed)?;
        }
        self.watch.check()?;
        self.compare();
        let snapshot = Snapshot {
            forest: self.forest,
            settings,
            sub_tasks: Vec::new(),
        };
        plan_incremental(snapshot, &mut known, &changes)
    }

    /// Issues that the tracker changed.
    fn touch_by_issues(
        &self,
        settings: &AgileSettings,
        changed: &Changed,
        changes: &mut Changes,
    ) -> Result<(), Halt> {
        let mut retyped = HashSet::new();
        for change in &changed.tracker {
            let IssueChange { issue, at, .. } = *change;
            match (change.kind, change.field.as_deref()) {
                (IssueChangeKind::Created, _) => {
                    changes.epics.in_tracker(issue, at);
                    changes.ranks.in_tracker(issue, at);
                }
                (IssueChangeKind::Updated, Some("rank")) => changes.ranks.in_tracker(issue, at),
                (IssueChangeKind::Updated, Some("epic")) => {
                    changes.epics.in_tracker(issue, at);
                    changes.ranks.perhaps(issue);
                }
                (IssueChangeKind::Updated, field) => {
                    let follows_fields = matches!(settings.source, AgileSource::Board(_));
                    let decides = field.is_some_and(|field| DECISIVE.contains(&field));
                    if follows_fields || decides {
                        changes.epics.perhaps(issue);
                        changes.ranks.perhaps(issue);
                    }
                    if field == Some("type") {
                        retyped.insert(issue);
                    }
                }
                _ => {}
            }
        }
        // Whether it is an epic bears on what stands directly under it and what names it.
        for issue in &retyped {
            for row in self.forest.rows_of(*issue) {
                let below = self.forest.children(Some(row.index));
                below
                    .filter_map(|row| row.issue)
                    .for_each(|it| changes.epics.perhaps(it));
            }
        }
        for member in board_issues::of_epics(self.tx, retyped)? {
            changes.epics.perhaps(member);
        }
        Ok(())
    }

    /// Issues whose rows were edited, and those below rows that were.
    fn touch_by_places(&self, settings: &AgileSettings, changed: &Changed, changes: &mut Changes) {
        for change in &changed.rows {
            if changed.follows_deletion(change) {
                // Nobody moved it, but it may stand directly under another issue now.
                if let Some(issue) = change.issue {
                    changes.epics.perhaps(issue);
                    changes.ranks.perhaps(issue);
                }
                continue;
            }
            if let (RowChangeKind::Removed, Some(issue)) = (change.kind, change.issue) {
                // Another of its rows may be the primary one now.
                changes.epics.in_structure(issue, change.at);
                changes.ranks.in_structure(issue, change.at);
            }
            let Some(top) = self.forest.find(change.row) else {
                continue;
            };
            let among_siblings =
                change.kind == RowChangeKind::Moved && change.before_parent == change.after_parent;
            let consecutive = settings.rank_mode == RankMode::Consecutive;
            for index in top.index..top.index + top.size {
                let Some(issue) = self.forest.row(index).issue else {
                    continue;
                };
                // Of an issue in several rows, another may be the primary one now.
                let several = self.forest.rows_of(issue).len() > 1;
                if !among_siblings || several {
                    changes.epics.in_structure(issue, change.at);
                }
                if index == top.index || consecutive || several {
                    changes.ranks.in_structure(issue, change.at);
                }
            }
        }
    }

    /// An epic that is new in the structure brings the issues that name it; not those that somebody
    /// placed there as well, since that is an edit of their epic.
    fn touch_members(
        &self,
        changed: &Changed,
        known: &mut Known<'_>,
        changes: &mut Changes,
    ) -> Result<(), Halt> {
        let mut added = changed.added_issues();
        added.retain(|issue| self.forest.holds(*issue));
        known.look(added.iter().copied())?;
        added.retain(|issue| known.of(*issue).is_epic);
        for member in board_issues::of_epics(self.tx, added)? {
            changes.epics.perhaps(member);
        }
        Ok(())
    }
}

/// What is known of an issue before it is read.
#[derive(Clone, Copy, Debug, Default)]
struct Noted {
    is_in_scope: bool,
    is_held: bool,
}

/// Fields that say what the rule is to do with an issue, whatever its scope.
const DECISIVE: [&str; 3] = ["key", "type", "parent"];

/// Answers what the planner asks.
struct Reader<'a> {
    scene: &'a Scene<'a>,
    /// The query of what is in scope.
    scope: String,
}

impl<'a> Reader<'a> {
    fn new(scene: &'a Scene<'a>, settings: &AgileSettings) -> Result<Self, Halt> {
        let scope = match &settings.source {
            AgileSource::Board(id) => {
                boards::find(scene.tx, *id)?
                    .ok_or_else(|| Halt::NotAvailable("its board is gone".to_owned()))?
                    .jql
            }
            AgileSource::Projects(keys) => {
                let quoted = keys.iter().map(|key| format!("{key:?}"));
                format!("project IN ({})", quoted.collect::<Vec<_>>().join(", "))
            }
        };
        Ok(Self { scene, scope })
    }
}

impl Tracker for Reader<'_> {
    fn facts(&self, issues: &[IssueId]) -> Result<Vec<(IssueId, Facts)>, Halt> {
        self.scene.watch.check()?;
        let asked: HashSet<IssueId> = issues.iter().copied().collect();
        let scope = self.scene.matching(&self.scope, &asked)?;
        let scope: HashSet<IssueId> = scope.into_iter().collect();
        let found = board_issues::by_ids(self.scene.tx, asked)?;
        Ok(found
            .into_iter()
            .map(|(id, issue)| (id, facts(issue, scope.contains(&id))))
            .collect())
    }

    fn sub_tasks(&self, parents: &HashSet<IssueId>) -> Result<Vec<(IssueId, IssueId)>, Halt> {
        let found = issues::sub_tasks_of(self.scene.tx, parents.iter().copied())?;
        let pairs = found.into_iter();
        Ok(pairs
            .map(|sub_task| (sub_task.issue, sub_task.parent))
            .collect())
    }
}

fn facts(issue: BoardIssue, in_scope: bool) -> Facts {
    Facts {
        in_scope,
        is_epic: issue.is_epic,
        is_sub_task: issue.is_sub_task,
        epic: issue.epic,
        epic_is_epic: issue.epic_is_epic,
        rank: issue.rank,
    }
}
