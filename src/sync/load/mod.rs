//! Reads the snapshot that a planner needs, in one read transaction, and plans on it.
//!
//! A resync reads everything that the rule may affect. An incremental run reads the changes since
//! the synchronizer's cursor, without those that it made itself, and what bears on them.

mod agile;
mod changed;
mod links;
pub(super) mod revert;
mod status_rollup;

use super::conflicts::{self, Overwritten};
use super::rule::Rule;
use super::{Halt, Watch, journal, saved_filter, sub_tasks};
use crate::domain::forest::RowView;
use crate::domain::synchronizer::{FilterSource, SavedFilterSettings, SubTasksSettings};
use crate::domain::{Direction, Forest, IssueId, Plan, Settings};
use crate::store::synchronizers::Cursor;
use crate::store::{Store, StoreError, Tx, filters, issues, users};
use crate::tracker::search;
use changed::Changed;
use std::collections::HashSet;
use std::sync::Arc;

/// A plan, and the state of both sides that it was made on.
#[derive(Debug)]
pub(super) struct Planned {
    /// The edits.
    pub(super) plan: Plan,
    /// The structure before them.
    pub(super) forest: Arc<Forest>,
    /// How far both change feeds had come.
    pub(super) heads: Cursor,
    /// What people did that the plan overwrites.
    pub(super) overwritten: Vec<Overwritten>,
}

impl Planned {
    /// Whether the plan changes anything in the tracker.
    pub(super) fn writes_issues(&self) -> bool {
        !self.plan.links.is_empty() || !self.plan.fields.is_empty()
    }
}

/// Plans a resync in a direction or, without one, an incremental run.
pub(super) fn plan(
    store: &Store,
    tx: &Tx<'_>,
    rule: &Rule,
    direction: Option<Direction>,
    watch: &dyn Watch,
) -> Result<Planned, Halt> {
    if let Some(reason) = super::availability::missing(tx, rule.structure, &rule.settings)? {
        return Err(Halt::NotAvailable(reason));
    }
    let forest = store
        .forest_in(tx, rule.structure)?
        .ok_or_else(|| Halt::NotAvailable("its structure is gone".to_owned()))?;
    let heads = Cursor {
        issues: issues::last_change(tx)?,
        structure: forest.version(),
    };
    let scene = Scene {
        tx,
        rule,
        forest: &forest,
        watch,
    };
    let plan = match direction {
        Some(direction) => scene.plan_resync(direction)?,
        None => scene.plan_incremental(heads)?,
    };
    watch.check()?;
    let overwritten = conflicts::find(tx, rule, heads, &forest, &plan)?;
    Ok(Planned {
        plan,
        forest,
        heads,
        overwritten,
    })
}

/// What every loader works on.
struct Scene<'a> {
    tx: &'a Tx<'a>,
    rule: &'a Rule,
    forest: &'a Forest,
    watch: &'a dyn Watch,
}

impl Scene<'_> {
    fn plan_resync(&self, direction: Direction) -> Result<Plan, Halt> {
        self.watch.phase("Scanning issues", None);
        match &self.rule.settings {
            Settings::SavedFilter(settings) => {
                let result = self.matching_all(&self.filter_text(settings)?)?;
                self.compare();
                let forest = self.forest;
                let snapshot = saved_filter::Snapshot {
                    forest,
                    settings,
                    result,
                    looked_at: None,
                };
                Ok(saved_filter::plan(&snapshot))
            }
            Settings::SubTasks(settings) => {
                let sub_tasks = of_types(issues::sub_tasks(self.tx)?, settings);
                self.compare();
                Ok(sub_tasks::plan(&sub_tasks::Snapshot {
                    forest: self.forest,
                    sub_tasks,
                }))
            }
            Settings::Links(settings) => self.plan_links(settings, direction),
            Settings::Agile(settings) => self.plan_agile(settings, direction),
            Settings::StatusRollup(settings) => self.plan_rollup(settings),
        }
    }

    fn plan_incremental(&self, heads: Cursor) -> Result<Plan, Halt> {
        self.watch.phase("Reading changes", None);
        let changed = Changed::read(self.tx, self.rule, heads)?;
        let (level, message) = journal::carries(changed.tracker.len(), changed.rows.len());
        self.watch.log(level, message);
        match &self.rule.settings {
            Settings::SavedFilter(settings) => self.plan_changed_filter(settings, &changed),
            Settings::SubTasks(settings) => self.plan_changed_sub_tasks(settings, &changed),
            Settings::Links(settings) => self.plan_changed_links(settings, &changed),
            Settings::Agile(settings) => self.plan_changed_agile(settings, &changed),
            Settings::StatusRollup(settings) => self.plan_changed_rollup(settings, &changed),
        }
    }

    /// The changed issues, and those above their rows: a row may go once all below it went.
    fn plan_changed_filter(
        &self,
        settings: &SavedFilterSettings,
        changed: &Changed,
    ) -> Result<Plan, Halt> {
        let mut looked_at: HashSet<IssueId> = changed.issues();
        if settings.remove {
            for issue in looked_at.clone() {
                for row in self.forest.rows_of(issue) {
                    looked_at.extend(self.forest.ancestors(row.index).filter_map(|up| up.issue));
                }
            }
        }
        let result = self.matching(&self.filter_text(settings)?, &looked_at)?;
        self.compare();
        Ok(saved_filter::plan(&saved_filter::Snapshot {
            forest: self.forest,
            settings,
            result,
            looked_at: Some(looked_at),
        }))
    }

    /// The parents, before and after, of all that changed on either side; then those of sub-tasks
    /// that are about to be added, and of sub-tasks that something moves away from.
    fn plan_changed_sub_tasks(
        &self,
        settings: &SubTasksSettings,
        changed: &Changed,
    ) -> Result<Plan, Halt> {
        let mut parents = self.touched_parents(changed)?;
        let (mut seen, mut found) = (HashSet::new(), Vec::new());
        while !parents.is_empty() {
            seen.extend(parents.iter().copied());
            let sub_tasks = of_types(issues::sub_tasks_of(self.tx, parents)?, settings);
            let (mut next, mut above) = (HashSet::new(), HashSet::new());
            for (sub_task, parent) in &sub_tasks {
                let rows: Vec<_> = self.forest.rows_of(*sub_task).collect();
                if rows.is_empty() {
                    next.insert(*sub_task);
                }
                let stands = |row: &RowView| {
                    let up = row.parent.map(|up| self.forest.row(up));
                    up.is_some_and(|up| up.issue == Some(*parent))
                };
                if !rows.iter().any(stands) {
                    above.extend(rows.iter().flat_map(|row| self.issues_above(row.index)));
                }
            }
            next.extend(self.parents_of(above)?);
            next.retain(|it| !seen.contains(it));
            parents = next;
            found.extend(sub_tasks);
        }
        self.compare();
        Ok(sub_tasks::plan(&sub_tasks::Snapshot {
            forest: self.forest,
            sub_tasks: found,
        }))
    }

    fn issues_above(&self, index: usize) -> impl Iterator<Item = IssueId> + '_ {
        self.forest.ancestors(index).filter_map(|up| up.issue)
    }

    /// The issues that changed on either side, and their parents before and after.
    fn touched_parents(&self, changed: &Changed) -> Result<HashSet<IssueId>, Halt> {
        let mut touched = changed.issues();
        touched.extend(changed.row_issues());
        let mut parents: HashSet<IssueId> = touched.iter().copied().collect();
        parents.extend(changed.parents());
        // A sub-task that stood above its parent can stand under it once that is gone from there.
        let left = changed.left().filter_map(|row| self.forest.find(row));
        for row in left {
            touched.extend(row.issue);
            touched.extend(self.issues_above(row.index));
        }
        parents.extend(self.parents_of(touched)?);
        Ok(parents)
    }

    /// The parents of those issues that are sub-tasks.
    fn parents_of(&self, issues: HashSet<IssueId>) -> Result<HashSet<IssueId>, StoreError> {
        let found = issues::by_ids(self.tx, issues)?;
        Ok(found.into_iter().filter_map(|it| it.parent).collect())
    }

    fn compare(&self) {
        self.watch.phase("Comparing", None);
    }

    fn filter_text(&self, settings: &SavedFilterSettings) -> Result<String, Halt> {
        match &settings.source {
            FilterSource::Jql(jql) => Ok(jql.clone()),
            FilterSource::SavedFilter(id) => filters::find(self.tx, *id)?
                .map(|filter| filter.jql)
                .ok_or_else(|| Halt::NotAvailable("its saved filter is gone".to_owned())),
        }
    }

    /// Every issue that matches, in the query's order.
    fn matching_all(&self, jql: &str) -> Result<Vec<IssueId>, Halt> {
        let viewer = self.run_as()?;
        search::all(self.tx, jql, &viewer).map_err(not_a_query)
    }

    /// Those of the given issues that match, in the query's order.
    fn matching(&self, jql: &str, among: &HashSet<IssueId>) -> Result<Vec<IssueId>, Halt> {
        let viewer = self.run_as()?;
        let among: Vec<IssueId> = among.iter().copied().collect();
        search::among(self.tx, jql, &viewer, &among).map_err(not_a_query)
    }

    /// The name of the user as whom the rule runs: `currentUser()` in its queries.
    fn run_as(&self) -> Result<String, StoreError> {
        let user = users::by_ids(self.tx, [self.rule.run_as])?.pop();
        Ok(user.map(|user| user.name).unwrap_or_default())
    }
}

fn not_a_query(failure: crate::store::Failure) -> Halt {
    match failure {
        crate::store::Failure::Refused(refusal) => Halt::NotAvailable(refusal.message),
        crate::store::Failure::Store(error) => Halt::Store(error),
    }
}

/// Sub-tasks with their parents, of the wanted types.
fn of_types(
    sub_tasks: Vec<issues::SubTask>,
    settings: &SubTasksSettings,
) -> Vec<(IssueId, IssueId)> {
    let wanted = |name: &str| {
        settings.issue_types.is_empty()
            || settings
                .issue_types
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(name))
    };
    sub_tasks
        .into_iter()
        .filter(|sub_task| wanted(&sub_task.type_name))
        .map(|sub_task| (sub_task.issue, sub_task.parent))
        .collect()
}
