//! One-off imports and exports: a rule that is run once, with the rights of whoever asks, and never
//! installed. So there is nothing to enable and none to be the only one of: several may wait.

use super::checks;
use crate::domain::{
    Direction, JobId, JobKind, Refusal, RefusalCode, Settings, StructureId, Viewer,
};
use crate::jobs::{Jobs, runner};
use crate::store::jobs::{self, NewJob};
use crate::store::{Failure, StoreError, Tx, synchronizers};
use crate::structures::access::{self, AccessLevel};

/// A rule to be run once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOnceRequest {
    /// On which structure.
    pub structure: StructureId,
    /// Which side is the truth.
    pub direction: Direction,
    /// The rule.
    pub settings: Settings,
    /// Whether it only works out what it would change.
    pub dry_run: bool,
    /// Whether the user has confirmed that data may be lost.
    pub confirm: bool,
    /// The share of rows or links that it may remove, in percent.
    pub max_removal_percent: u32,
}

impl Jobs {
    /// Queues a one-off import or export.
    pub async fn run_once(
        &self,
        viewer: &Viewer,
        request: RunOnceRequest,
    ) -> Result<JobId, Failure> {
        let (jobs, asker) = (self.clone(), viewer.clone());
        self.store
            .write(move |tx| {
                jobs.check_once(tx, &asker, &request)?;
                jobs.queue.check(tx, &asker)?;
                // Changes made before this moment go first, or the job would overwrite them.
                jobs.enqueue_behind(tx, request.structure)?;
                Ok(jobs::enqueue(tx, &new_job(request, &asker))?)
            })
            .await
    }

    fn check_once(
        &self,
        tx: &Tx<'_>,
        viewer: &Viewer,
        request: &RunOnceRequest,
    ) -> Result<(), Failure> {
        let (id, at) = (request.structure, "input.structureId");
        let structure = access::require(tx, viewer, id, AccessLevel::Automate, at)?;
        let settings = &request.settings;
        checks::direction(settings.kind(), request.direction, "input.settings")?;
        checks::removal_percent(request.max_removal_percent)?;
        self.work.check_settings(tx, id, settings)?;
        if let Some(reason) = self.work.unavailable(tx, id, settings, viewer.user_id)? {
            let message = format!("this rule cannot run: {reason}");
            return Err(Refusal::new(RefusalCode::NotAvailable, message)
                .at("input.settings")
                .into());
        }
        if !request.confirm && !request.dry_run {
            let what = format!(
                "{} by {} once",
                noun(request.direction),
                settings.kind().name()
            );
            let name = &structure.name;
            return Err(checks::unconfirmed(&what, settings, name, request.direction).into());
        }
        Ok(())
    }

    /// Queues the incremental work that waits for any synchronizer of a structure.
    fn enqueue_behind(&self, tx: &Tx<'_>, structure: StructureId) -> Result<(), StoreError> {
        for synchronizer in synchronizers::enabled(tx)?.into_iter().flatten() {
            if synchronizer.structure == structure && self.unavailable(tx, &synchronizer)?.is_none()
            {
                runner::enqueue_incremental(tx, &synchronizer)?;
            }
        }
        Ok(())
    }
}

fn noun(direction: Direction) -> &'static str {
    match direction {
        Direction::IntoStructure => "Import",
        Direction::FromStructure => "Export",
    }
}

fn new_job(request: RunOnceRequest, viewer: &Viewer) -> NewJob {
    let direction = request.direction;
    NewJob {
        kind: match direction {
            Direction::IntoStructure => JobKind::Import,
            Direction::FromStructure => JobKind::Export,
        },
        direction: Some(direction),
        dry_run: request.dry_run,
        structure: request.structure,
        synchronizer: None,
        // A dry run writes nothing, and still looks at what the jobs before it leave.
        writes_issues: request.settings.kind().writes_issues(Some(direction)),
        settings: Some(request.settings),
        reverts: None,
        enable_afterwards: false,
        preview: None,
        max_removal_percent: Some(request.max_removal_percent),
        requested_by: Some(viewer.user_id),
    }
}
