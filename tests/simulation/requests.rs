//! What users ask of synchronizers and jobs.

use super::random::Random;
use super::rules::Rule;
use super::world::World;
use understory::domain::{Direction, JobId, RefusalCode, SynchronizerId};
use understory::jobs::{Jobs, ResyncRequest};
use understory::store::jobs::Job;
use understory::store::{Failure, Store};
use understory::sync::install;

/// One request.
#[derive(Clone, Debug)]
pub(super) enum Request {
    Resync(ResyncRequest),
    Cancel(JobId),
    Enable(SynchronizerId, bool),
}

/// A dry run that has ended: what it was of.
pub(super) type Preview = (JobId, SynchronizerId, Direction);

impl Request {
    pub(super) fn choose(
        random: &mut Random,
        world: &World,
        active: &[Job],
        previews: &[Preview],
    ) -> Option<Self> {
        let rule = random.pick(&world.rules)?;
        match random.below(10) {
            0 => random.pick(active).map(|job| Self::Cancel(job.id)),
            1 => Some(Self::Enable(rule.id, random.percent(60))),
            2 | 3 => {
                let (job, synchronizer, direction) = *random.pick(previews)?;
                let rule = world.rules.iter().find(|rule| rule.id == synchronizer)?;
                let mut request = resync(random, rule);
                request.direction = direction;
                request.preview = Some(job);
                Some(Self::Resync(request))
            }
            4 => {
                let mut request = resync(random, rule);
                request.dry_run = true;
                request.enable_afterwards = false;
                Some(Self::Resync(request))
            }
            _ => Some(Self::Resync(resync(random, rule))),
        }
    }

    /// It in a few words.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Resync(request) => format!(
                "ask for a {}resync {} of rule {} (enable: {}, preview: {:?}, removals: {} %)",
                if request.dry_run { "dry " } else { "" },
                request.direction.name(),
                request.synchronizer,
                request.enable_afterwards,
                request.preview.map(|it| it.0),
                request.max_removal_percent
            ),
            Self::Cancel(job) => format!("cancel job {job}"),
            Self::Enable(rule, true) => format!("enable rule {rule}"),
            Self::Enable(rule, false) => format!("disable rule {rule}"),
        }
    }

    /// Sends it. A refusal is an answer as good as any; its code.
    pub(super) async fn send(
        self,
        store: &Store,
        jobs: &Jobs,
        world: &World,
    ) -> Result<Option<RefusalCode>, Failure> {
        let viewer = world.keeper.clone();
        let sent = match self {
            Self::Resync(request) => jobs.start_resync(&viewer, request).await.map(|_| ()),
            Self::Cancel(job) => jobs.cancel(&viewer, job).await,
            Self::Enable(id, enabled) => {
                store
                    .write(move |tx| install::set_enabled(tx, &viewer, id, enabled))
                    .await
            }
        };
        match sent {
            Ok(()) => Ok(None),
            Err(Failure::Refused(refusal)) => Ok(Some(refusal.code)),
            Err(failure) => Err(failure),
        }
    }
}

/// A confirmed resync of a rule in a direction that it has.
pub(super) fn resync(random: &mut Random, rule: &Rule) -> ResyncRequest {
    ResyncRequest {
        synchronizer: rule.id,
        direction: random.choose(rule.kind().directions()),
        enable_afterwards: random.percent(70),
        dry_run: false,
        confirm: true,
        preview: None,
        max_removal_percent: random.choose(&[100, 100, 100, 50, 0]),
    }
}
