//! What each rule owes: noted as things happen, checked after each resync and whenever nothing is
//! left to do.

use super::checks::{self, Checked};
use super::lines::RowLine;
use super::requests::Request;
use super::rules::Rule;
use super::run::Run;
use super::state::Reading;
use super::work::{Fate, Orders};
use std::collections::BTreeSet;
use understory::domain::synchronizer::Primacy;
use understory::domain::{Direction, IssueId, JobKind, Kind, Settings};
use understory::jobs::ResyncRequest;
use understory::store::jobs::{ChangeLine, Job};

/// Jobs of one rule until nothing is left to do; in a world of contradictions, until the guard
/// has seen enough.
const JOBS_OF_A_RULE: usize = 25;

impl Rule {
    /// Notes that it owes nothing while it is off or cannot run.
    pub(super) fn note_state(&mut self, now: &Reading) {
        let mine = now.synchronizers.get(&self.id);
        if !mine.is_some_and(|it| it.enabled) || !self.can_run(now) {
            self.established = None;
        }
    }

    /// Notes what is different between two readings.
    pub(super) fn note(&mut self, before: &Reading, after: &Reading) {
        self.note_state(after);
        for line in after
            .row_lines
            .iter()
            .filter(|line| line.structure == self.structure)
        {
            let issues = around(line, before).chain(around(line, after));
            self.exempt.extend(issues.collect::<Vec<_>>());
        }
        let agile = self.kind() == Kind::Agile;
        for line in &after.issue_lines {
            // An agile rule hears of an issue that has no row by its epic alone.
            if !agile || line.kind == "CREATED" || line.field.as_deref() == Some("epic") {
                self.exempt.remove(&line.issue);
            }
        }
    }

    /// Whether what its settings name is there.
    pub(super) fn can_run(&self, reading: &Reading) -> bool {
        match &self.settings {
            Settings::SavedFilter(settings) => {
                let tree = &reading.state.trees[&self.structure];
                settings.place_under.is_none_or(|row| tree.has(row))
            }
            _ => true,
        }
    }

    /// The side that is the truth for what it owes while it is enabled, if it owes anything.
    fn owes(&self) -> Option<Direction> {
        let established = self.established?;
        match &self.settings {
            Settings::StatusRollup(_) => Some(Direction::FromStructure),
            Settings::Links(settings) if settings.primacy == Primacy::Structure => {
                (established == Direction::FromStructure).then_some(established)
            }
            _ => Some(Direction::IntoStructure),
        }
    }
}

/// The issues of a row that changed, of all below it and of all above it.
fn around<'a>(line: &RowLine, reading: &'a Reading) -> impl Iterator<Item = IssueId> + 'a {
    let tree = &reading.state.trees[&line.structure];
    let rows = match tree.has(line.row) {
        true => [tree.subtree(line.row), tree.above(line.row)].concat(),
        false => Vec::new(),
    };
    rows.into_iter().filter_map(|row| tree.issue(row))
}

impl Run {
    /// A job succeeded: a resync has made both sides agree, a dry run may be bound to later.
    pub(super) async fn keep_account(&mut self, job: &Job, lines: &[ChangeLine]) -> Checked {
        let found = self
            .world
            .rules
            .iter_mut()
            .find(|it| Some(it.id) == job.synchronizer);
        let (Some(rule), Some(direction), JobKind::Resync) = (found, job.direction, job.kind)
        else {
            return Ok(());
        };
        if job.dry_run {
            self.previews.push((job.id, rule.id, direction));
            return Ok(());
        }
        rule.exempt.clear();
        let state = &self.last.state;
        if rule.kind() == Kind::Agile && direction == Direction::FromStructure {
            let tree = &state.trees[&rule.structure];
            let missing = state.issues.keys().filter(|id| !tree.holds(**id));
            rule.exempt.extend(missing.copied());
        }
        let mine = &self.last.synchronizers[&rule.id];
        rule.established = mine.enabled.then_some(direction);
        if job.enable_afterwards && (!mine.enabled || mine.cursor.issues != self.last.issue_head) {
            return Err(format!(
                "after job {} its rule is not enabled from now on",
                job.id
            ));
        }
        checks::promise(rule, direction, state, &checks::given_up(lines))?;
        let Some(preview) = job.preview else {
            return Ok(());
        };
        let (_, previewed) = self.process.job(preview).await?;
        let told = |lines: &[ChangeLine]| -> Vec<String> {
            lines.iter().map(|line| line.summary.clone()).collect()
        };
        match told(&previewed) == told(lines) {
            true => Ok(()),
            false => Err(format!("job {} did what its dry run had not said", job.id)),
        }
    }

    /// Lets everything come to rest, and checks what the rules owe then.
    pub(super) async fn rest(&mut self) -> Checked {
        let most = JOBS_OF_A_RULE * (1 + self.world.rules.len());
        let mut ran = 0;
        loop {
            self.pass(1);
            self.look().await?;
            let waiting = self.process.waiting();
            let Some(job) = self.random.pick(&waiting).copied() else {
                break;
            };
            let orders = self.orders(3, 0);
            self.proceed(job, orders).await?;
            ran += 1;
            if ran > most {
                return Err(format!("it does not come to rest in {most} jobs"));
            }
        }
        if let Some(job) = self.process.active().await?.first() {
            return Err(format!("nothing runs, and job {} waits", job.id));
        }
        self.say(format!("at rest after {ran} jobs"));
        self.check_guard()?;
        if self.world.contradicts {
            return Ok(());
        }
        for rule in self.world.rules.clone() {
            if let Some(direction) = rule.owes() {
                self.check_rule(&rule, direction).await?;
            }
        }
        Ok(())
    }

    /// Rules are stopped only for a reason, and that is told.
    fn check_guard(&self) -> Checked {
        for rule in &self.world.rules {
            let mine = &self.last.synchronizers[&rule.id];
            let Some(because) = &mine.stopped_because else {
                continue;
            };
            self.say(format!("rule {} is stopped: {because}", rule.id));
            let loops = because.contains("they undo each other's work") && !mine.enabled;
            let unavailable = because.contains("not available") && !rule.can_run(&self.last);
            if !(unavailable || loops && self.world.contradicts) {
                return Err(format!("rule {} was stopped: {because}", rule.id));
            }
        }
        Ok(())
    }

    /// Both sides agree in what a rule owes, and a dry run finds nothing to do.
    async fn check_rule(&mut self, rule: &Rule, direction: Direction) -> Checked {
        let lines = self.dry_run(rule, direction).await?;
        let given_up = checks::given_up(&lines);
        checks::promise(rule, direction, &self.last.state, &given_up)?;
        let tree = &self.last.state.trees[&rule.structure];
        if rule.kind() == Kind::Agile && tree.holds_one_twice() {
            // The first row of an issue says its rank, and each of its rows is to stand by it.
            return Ok(());
        }
        let exempt = self.exempt_from_resync(rule);
        let owed = |line: &&ChangeLine| {
            let edit = line.kind.name().ends_with("ED") && !given_up_kind(line);
            edit && line.issue.is_none_or(|issue| !exempt.contains(&issue))
        };
        match lines.iter().find(owed) {
            None => Ok(()),
            Some(line) => Err(format!(
                "at rest, a resync {} of rule {} would still do: {}{}",
                direction.name(),
                rule.id,
                line.summary,
                self.last.state.outline(rule.structure)
            )),
        }
    }

    /// The issues for which a resync may do more than a rule owes: those that it does not hear of,
    /// and those above them, which stay for what stands below.
    fn exempt_from_resync(&self, rule: &Rule) -> BTreeSet<IssueId> {
        if !matches!(rule.kind(), Kind::SavedFilter | Kind::Agile) {
            return BTreeSet::new();
        }
        let tree = &self.last.state.trees[&rule.structure];
        let rows = rule.exempt.iter().flat_map(|issue| tree.rows_of(*issue));
        let above = rows.flat_map(|row| tree.above(row));
        let mut exempt: BTreeSet<IssueId> = above.filter_map(|row| tree.issue(row)).collect();
        exempt.extend(&rule.exempt);
        // With an issue that is missing, its sub-tasks come.
        let issues = self.last.state.issues.iter();
        let missing = |id: IssueId| rule.exempt.contains(&id) && !tree.holds(id);
        exempt.extend(
            issues
                .filter(|it| it.1.parent.is_some_and(missing))
                .map(|it| it.0),
        );
        exempt
    }

    /// What a resync would do now.
    async fn dry_run(&mut self, rule: &Rule, direction: Direction) -> Checked<Vec<ChangeLine>> {
        let request = ResyncRequest {
            synchronizer: rule.id,
            direction,
            enable_afterwards: false,
            dry_run: true,
            confirm: false,
            preview: None,
            max_removal_percent: 100,
        };
        self.send(Request::Resync(request)).await?;
        self.look().await?;
        let [job] = self.process.waiting()[..] else {
            return Err("a dry run at rest is not the one job that starts".to_owned());
        };
        let orders = Orders {
            fate: Fate::Ends,
            holds: 0,
        };
        self.proceed(job, orders).await?;
        Ok(self.process.job(job).await?.1)
    }
}

fn given_up_kind(line: &ChangeLine) -> bool {
    matches!(line.kind.name(), "SKIPPED" | "FAILED")
}
