//! One run of one world: whatever happens, all is looked at afterwards, and everything that is
//! different now must be what was asked for.

use super::checks::{self, Checked, Ran, feeds};
use super::expect;
use super::process::{Process, WORKERS};
use super::random::Random;
use super::requests::{Preview, Request};
use super::state::{Reading, State};
use super::steps::Edit;
use super::trace::{Trace, difference, name};
use super::work::{Fate, Orders, Told};
use super::world::World;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use understory::domain::{JobId, JobState};
use understory::store::Failure;

/// A world under way.
pub(super) struct Run {
    pub(super) random: Random,
    pub(super) world: World,
    pub(super) process: Process,
    pub(super) last: Reading,
    pub(super) previews: Vec<Preview>,
    trace: Trace,
    clock: Arc<AtomicI64>,
}

impl Run {
    pub(super) async fn begin(seed: u64, folder: &Path, trace: Trace) -> Checked<Self> {
        let clock = Arc::new(AtomicI64::new(1_700_000_000_000));
        let process = Process::begin(folder, &clock)
            .await
            .map_err(|it| it.to_string())?;
        let mut random = Random::new(seed);
        let world = World::create(&process.store, &mut random).await;
        let world = world.map_err(|failure| format!("no world: {failure}"))?;
        let last = Reading::take(&process.store, &Reading::default()).await?;
        let run = Self {
            random,
            world,
            process,
            last,
            previews: Vec::new(),
            trace,
            clock,
        };
        for rule in &run.world.rules.clone() {
            run.say(format!(
                "rule {} on structure {}: {:?}",
                rule.id, rule.structure, rule.settings
            ));
        }
        Ok(run)
    }

    pub(super) fn say(&self, line: String) {
        self.trace.say(line);
    }

    /// Turns the clock: mostly not at all or a little, at times by days, at times back.
    pub(super) fn turn_clock(&mut self) {
        let by = match self.random.below(20) {
            0..8 => 0,
            8..14 => self.random.between(1, 3) as i64,
            14..18 => self.random.between(50, 2_000) as i64,
            18 if self.random.percent(30) => -86_400_000,
            18 => -(self.random.between(1, 50) as i64),
            _ => 86_400_000 * self.random.between(1, 5) as i64,
        };
        self.pass(by);
    }

    /// Lets so many milliseconds pass.
    pub(super) fn pass(&mut self, millis: i64) {
        self.clock.fetch_add(millis, Ordering::Relaxed);
    }

    /// An edit by a user.
    pub(super) async fn edit(&mut self) -> Checked {
        let Some(edit) = Edit::choose(&mut self.random, &self.world, &self.last.state) else {
            return Ok(());
        };
        let done = edit.clone().perform(&self.process.store, &self.world).await;
        let made = match done {
            Ok(made) => made,
            Err(Failure::Refused(refusal)) => {
                self.say(format!("refused: {edit:?}: {}", refusal.message));
                return self.nothing_changed().await;
            }
            Err(failure) => return Err(format!("{edit:?}: {failure}")),
        };
        let new = (&made.rows, made.issue, made.link);
        self.say(format!("{edit:?} made {new:?}"));
        let now = Reading::take(&self.process.store, &self.last).await?;
        let expected = expect::after(&edit, &made, &self.last.state, &now.state)?;
        let by = feeds::By {
            user: self.world.editor.user_id,
            job: None,
        };
        self.accept(now, &expected, by)
    }

    /// A request by a user; by itself it changes neither side.
    pub(super) async fn request(&mut self) -> Checked {
        let active = self.process.active().await?;
        let chosen = Request::choose(&mut self.random, &self.world, &active, &self.previews);
        match chosen {
            Some(request) => self.send(request).await,
            None => Ok(()),
        }
    }

    pub(super) async fn send(&mut self, request: Request) -> Checked {
        let name = request.name();
        let sent = request.send(&self.process.store, &self.process.jobs, &self.world);
        let answer = sent.await.map_err(|failure| format!("{name}: {failure}"))?;
        self.say(format!(
            "{name}: {}",
            answer.map_or("accepted".to_owned(), |it| format!("{it:?}"))
        ));
        self.nothing_changed().await
    }

    /// The runner looks; what it starts may run beside what runs already.
    pub(super) async fn look(&mut self) -> Checked {
        let started = self.process.look().await?;
        let active = self.process.active().await?;
        for job in &started {
            self.say(format!("started {}", name(job)));
            checks::overlap::check(job, &active, &self.world.rules, WORKERS)?;
        }
        self.nothing_changed().await
    }

    /// One of the started jobs goes on, to its end or its death.
    pub(super) async fn proceed(&mut self, job: JobId, orders: Orders) -> Checked {
        self.process.order(job, orders);
        loop {
            match self.process.hear().await {
                Some(Told::Held(go_on)) => {
                    self.say(format!("job {job} is held"));
                    for _ in 0..self.random.below(3) {
                        self.turn_clock();
                        self.edit().await?;
                    }
                    if self.random.percent(8) {
                        self.send(Request::Cancel(job)).await?;
                    }
                    // An error says that the job is gone; then it ends without changes.
                    let _ = go_on.send(());
                }
                Some(Told::Ended(ended)) if ended == job => {
                    self.process.ended(job).await?;
                    return self.job_ended(job).await;
                }
                Some(Told::Died(dead)) if dead == job => {
                    self.say(format!("job {job} died"));
                    self.job_ended(job).await?;
                    return self.die().await;
                }
                _ => return Err(format!("another job than {job} went on")),
            }
        }
    }

    /// The process dies with all that it runs, and another takes over.
    pub(super) async fn die(&mut self) -> Checked {
        self.say("the process dies".to_owned());
        let restarted = self.process.restart(&self.clock).await;
        restarted.map_err(|error| format!("it does not start again: {error}"))?;
        for job in self.process.active().await? {
            if job.state != JobState::Queued {
                return Err(format!("job {} is {:?} after a restart", job.id, job.state));
            }
        }
        self.nothing_changed().await
    }

    /// Orders for a job: mostly to run to its end.
    pub(super) fn orders(&mut self, dies: usize, held: usize) -> Orders {
        let fate = match self.random.percent(dies) {
            false => Fate::Ends,
            true => match self.random.below(5) {
                0 => Fate::DiesAfterCommit,
                phase => Fate::DiesAt(phase),
            },
        };
        let holds = match self.random.percent(held) {
            true => self.random.between(1, 4),
            false => 0,
        };
        Orders { fate, holds }
    }

    /// Both feeds stand where they stood. What changes behind their back, the next full reading
    /// finds.
    async fn nothing_changed(&mut self) -> Checked {
        let before = self.last.heads();
        self.last.glance(&self.process.store).await?;
        if self.last.heads() != before {
            return Err("something changed that nobody asked for".to_owned());
        }
        for rule in &mut self.world.rules {
            rule.note_state(&self.last);
        }
        Ok(())
    }

    /// A job ended or died: its lines explain what is different.
    async fn job_ended(&mut self, id: JobId) -> Checked {
        let (job, lines) = self.process.job(id).await?;
        self.say(format!("{} is {:?} {:?}", name(&job), job.state, job.error));
        for line in &lines {
            self.say(format!("     {} {}", line.kind.name(), line.summary));
        }
        let now = Reading::take(&self.process.store, &self.last).await?;
        let before = self.last.state.clone();
        let world = &self.world;
        let rule = world
            .rules
            .iter()
            .find(|rule| Some(rule.id) == job.synchronizer);
        let ran = Ran {
            job: &job,
            lines,
            rule,
            before: &before,
        };
        let succeeded = matches!(
            job.state,
            JobState::Succeeded | JobState::PartiallySucceeded
        );
        if !succeeded && !ran.lines.is_empty() {
            return Err(format!("{} has lines without an end", name(&job)));
        }
        let expected = checks::audit::replay(&ran)?;
        checks::scope::check(&ran)?;
        let by = feeds::By {
            user: world.keeper.user_id,
            job: Some(id),
        };
        let lines = ran.lines;
        self.accept(now, &expected, by)?;
        if succeeded {
            self.keep_account(&job, &lines).await?;
        }
        Ok(())
    }

    fn accept(&mut self, now: Reading, expected: &State, by: feeds::By) -> Checked {
        if now.state != *expected {
            return Err(format!(
                "expected another state: {}",
                difference(expected, &now.state)
            ));
        }
        feeds::check(&self.last, &now, by)?;
        for rule in &mut self.world.rules {
            rule.note(&self.last, &now);
        }
        self.last = now;
        Ok(())
    }
}
