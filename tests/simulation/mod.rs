//! A simulation: seeded random worlds of edits on both sides, jobs, crashes and clocks, with
//! independent checks of everything that is promised.
//!
//! One number makes a world and all that happens in it: jobs go on one at a time in an order that
//! the seed chooses, and the clock turns only where it says so. So a seed that fails, fails again.
//! `UNDERSTORY_SEEDS=n` runs so many seeds; `UNDERSTORY_SEED=x` runs one and tells its steps.

mod account;
mod checks;
mod expect;
mod lines;
mod process;
mod random;
mod recipes;
mod requests;
mod rules;
mod run;
mod state;
mod steps;
mod trace;
mod tree;
mod work;
mod world;

use checks::Checked;
use requests::Request;
use run::Run;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use trace::Trace;
use understory::store::{StoreError, check};

/// Worlds in a usual run of the tests.
const SEEDS: u64 = 200;
/// Steps that are shown of a run that failed.
const SHOWN_STEPS: usize = 25;

#[test]
fn both_sides_agree_whatever_happens_to_them() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .map(|text| text.parse::<u64>().unwrap())
    };
    if let Some(seed) = number("UNDERSTORY_SEED") {
        if let Some(failure) = simulate(seed, true) {
            panic!("{failure}");
        }
        return;
    }
    let (seeds, next) = (
        number("UNDERSTORY_SEEDS").unwrap_or(SEEDS),
        AtomicU64::new(0),
    );
    let failures: Mutex<Vec<(u64, String)>> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    if let Some(failure) = simulate(seed, false) {
                        failures.lock().unwrap().push((seed, failure));
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort_unstable();
    let first_lines = failures.iter().filter_map(|(_, text)| text.lines().next());
    let all = first_lines.collect::<Vec<_>>().join("\n");
    if let Some((_, first)) = failures.first() {
        panic!(
            "{} of {seeds} seeds failed:\n{all}\n\n{first}",
            failures.len()
        );
    }
}

/// Runs one world; how it failed, if it did.
fn simulate(seed: u64, shown: bool) -> Option<String> {
    process::furnished();
    let trace = Trace {
        shown,
        ..Trace::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let lived = live(seed, trace.clone());
    let ran = catch_unwind(AssertUnwindSafe(|| runtime.block_on(lived)));
    let wrong = match ran {
        Ok(Ok(())) => return None,
        Ok(Err(wrong)) => wrong,
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            said.or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()))
                .unwrap_or_default()
        }
    };
    let lines = trace.lines.borrow();
    let step = lines.len();
    let last = lines[step.saturating_sub(SHOWN_STEPS)..].join("\n  ");
    Some(format!(
        "seed {seed}, step {step}: {wrong}\n  {last}\nAlone: UNDERSTORY_SEED={seed} cargo test --test main simulation -- --nocapture"
    ))
}

async fn live(seed: u64, trace: Trace) -> Checked {
    let folder = process::folder();
    let mut run = Run::begin(seed, folder.path(), trace).await?;
    go_through(&mut run).await?;
    let looked = run.process.store.read(|tx| {
        let report = check::check(tx, &mut |_| {});
        Ok::<_, StoreError>(report)
    });
    let report = looked.await.map_err(|error| error.to_string())?;
    match report.is_clean() {
        true => Ok(()),
        false => Err(format!(
            "what is left does not agree with itself: {report:#?}"
        )),
    }
}

/// Rounds of unrest, each followed by rest.
async fn go_through(run: &mut Run) -> Checked {
    for rule in run.world.rules.clone() {
        if run.random.percent(90) {
            let mut request = requests::resync(&mut run.random, &rule);
            request.enable_afterwards |= run.random.percent(80);
            run.send(Request::Resync(request)).await?;
        }
    }
    for _ in 0..run.random.between(6, 10) {
        for _ in 0..run.random.between(3, 12) {
            run.turn_clock();
            unrest(run).await?;
        }
        run.rest().await?;
    }
    Ok(())
}

async fn unrest(run: &mut Run) -> Checked {
    match run.random.below(20) {
        0..11 => run.edit().await,
        11..14 => run.look().await,
        14..17 => {
            let waiting = run.process.waiting();
            match run.random.pick(&waiting).copied() {
                Some(job) => {
                    let orders = run.orders(15, 40);
                    run.proceed(job, orders).await
                }
                None => run.look().await,
            }
        }
        17..19 => run.request().await,
        _ if run.random.percent(30) => run.die().await,
        _ => run.edit().await,
    }
}
