//! Reading for the status-rollup rule: statuses as the planner asks for them, and the parents from
//! which an incremental run works its way up.

use super::changed::Changed;
use super::{Halt, Scene};
use crate::domain::issue::Status;
use crate::domain::synchronizer::StatusRollupSettings;
use crate::domain::{IssueId, Plan, RowId};
use crate::store::catalog::{self, ProjectId, StatusId, TypeId};
use crate::store::issue_states::{self, IssueState};
use crate::store::issues::{IssueChange, IssueChangeKind};
use crate::store::workflows::Workflows;
use crate::sync::status_rollup::{Seen, Snapshot, Tracker, plan};
use std::collections::{HashMap, HashSet};

/// Issues that are read before a run looks whether it should stop.
const BATCH: usize = 10_000;

impl Scene<'_> {
    pub(super) fn plan_rollup(&self, settings: &StatusRollupSettings) -> Result<Plan, Halt> {
        self.plan_rollup_from(settings, None)
    }

    pub(super) fn plan_changed_rollup(
        &self,
        settings: &StatusRollupSettings,
        changed: &Changed,
    ) -> Result<Plan, Halt> {
        self.plan_rollup_from(settings, Some(self.changed_parents(changed)))
    }

    fn plan_rollup_from(
        &self,
        settings: &StatusRollupSettings,
        looked_at: Option<HashSet<IssueId>>,
    ) -> Result<Plan, Halt> {
        let statuses: Vec<(StatusId, Status)> = catalog::statuses(self.tx)?;
        let eyes = Eyes::open(self, settings)?;
        self.compare();
        let snapshot = Snapshot {
            forest: self.forest,
            settings,
            statuses: &statuses,
            looked_at,
        };
        plan(&snapshot, &eyes)
    }

    /// Issues whose children, whose children's statuses or whose own status changed, and issues that
    /// may have come into scope.
    fn changed_parents(&self, changed: &Changed) -> HashSet<IssueId> {
        let mut found = HashSet::new();
        for change in changed.tracker.iter().filter(|change| bears_on(change)) {
            found.insert(change.issue);
            for row in self.forest.rows_of(change.issue) {
                found.extend(row.parent.and_then(|up| self.forest.row(up).issue));
            }
        }
        // A row that is gone may have held an issue that stands elsewhere as well.
        let issue_of = |row: RowId| match self.forest.find(row) {
            Some(view) => view.issue,
            None => changed.issue_of(row),
        };
        let rows = changed.rows.iter();
        let parents = rows.flat_map(|change| [change.before_parent, change.after_parent]);
        found.extend(parents.flatten().filter_map(issue_of));
        found
    }
}

/// Whether a change may be one of a status or of what is in scope; an import may give an issue a
/// key in another project.
fn bears_on(change: &IssueChange) -> bool {
    match change.kind {
        IssueChangeKind::Created => true,
        IssueChangeKind::Updated => matches!(
            change.field.as_deref(),
            Some("status" | "type" | "project" | "key")
        ),
        IssueChangeKind::Deleted | IssueChangeKind::LinkAdded | IssueChangeKind::LinkRemoved => {
            false
        }
    }
}

/// The tracker, in the transaction of a run.
struct Eyes<'a> {
    scene: &'a Scene<'a>,
    projects: HashMap<ProjectId, String>,
    /// The projects and the types that the rule names; `None`: all.
    scope: (Option<HashSet<ProjectId>>, Option<HashSet<TypeId>>),
    workflows: Workflows,
}

impl<'a> Eyes<'a> {
    fn open(scene: &'a Scene<'a>, settings: &StatusRollupSettings) -> Result<Self, Halt> {
        let projects = catalog::keyed_projects(scene.tx)?;
        let types = catalog::issue_types(scene.tx)?;
        let keys = projects.iter().map(|(id, key)| (*id, key.as_str()));
        let names = types.iter().map(|(id, it)| (*id, it.name.as_str()));
        Ok(Self {
            scene,
            scope: (
                named(keys, &settings.project_keys),
                named(names, &settings.issue_types),
            ),
            projects: projects.into_iter().collect(),
            workflows: Workflows::read(scene.tx)?,
        })
    }

    fn seen(&self, issue: IssueState) -> (IssueId, Seen) {
        let (projects, types) = &self.scope;
        let of_projects = projects
            .as_ref()
            .is_none_or(|it| it.contains(&issue.project));
        let of_types = types
            .as_ref()
            .is_none_or(|it| it.contains(&issue.issue_type));
        let seen = Seen {
            status: issue.status,
            project: issue.project,
            in_scope: of_projects && of_types,
        };
        (issue.issue, seen)
    }
}

/// Those whose name is listed; `None` if none is listed, which stands for all.
fn named<'n, I: Eq + std::hash::Hash>(
    all: impl Iterator<Item = (I, &'n str)>,
    listed: &[String],
) -> Option<HashSet<I>> {
    let is_listed = |name: &str| listed.iter().any(|it| it.eq_ignore_ascii_case(name));
    let found = all.filter(|(_, name)| is_listed(name)).map(|(id, _)| id);
    (!listed.is_empty()).then(|| found.collect())
}

impl Tracker for Eyes<'_> {
    type Error = Halt;

    fn see(&self, issues: &[IssueId]) -> Result<Vec<(IssueId, Seen)>, Halt> {
        let mut found = Vec::with_capacity(issues.len());
        for batch in issues.chunks(BATCH) {
            self.scene.watch.check()?;
            let states = issue_states::by_ids(self.scene.tx, batch.iter().copied())?;
            found.extend(states.into_iter().map(|state| self.seen(state)));
        }
        Ok(found)
    }

    fn refusal(&self, project: ProjectId, from: &str, to: &str) -> Option<String> {
        let key = self.projects.get(&project).map_or("", String::as_str);
        let allowed = self.workflows.allows(key, from, to);
        (!allowed).then(|| format!("the workflow of project {key} does not allow it"))
    }
}
