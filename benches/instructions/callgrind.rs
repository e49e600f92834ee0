//! Runs cases under valgrind and reads what it counted.

use crate::SIZE;
use crate::cases::Case;
use crate::place::{self, Database};
use crate::region::{BEGIN, END};
use anyhow::{Context, anyhow, ensure};
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;

/// Keeps the C library to the code that it has for every processor: what it copies memory with
/// takes a number of instructions that depends on the machine otherwise. It passes over the names
/// that it does not know, since they differ with its version.
const ONE_LIBRARY: &str = "glibc.cpu.hwcaps=-AVX,-AVX_Usable,-AVX2,-AVX2_Usable,\
                           -AVX_Fast_Unaligned_Load,-SSSE3,-ERMS,-FSRM";

/// Makes sure that there is a valgrind, before anything is made for it.
pub(crate) fn require() -> anyhow::Result<()> {
    let version = Command::new("valgrind").arg("--version").output();
    version.context("instructions are counted by valgrind, which cannot be run; install it")?;
    Ok(())
}

/// The instructions of each case by its name, as many cases at a time as there are processors.
pub(crate) fn count_all(cases: &[&Case]) -> anyhow::Result<BTreeMap<String, u64>> {
    // Both kinds of databases are made before they are copied.
    let databases = cases
        .iter()
        .map(|case| Ok((*case, place::structure(SIZE, case.shape)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let left = Mutex::new(databases.into_iter());
    let work = || {
        let mut counted = Vec::new();
        loop {
            // The lock is let go of before the case runs.
            let next = left.lock().ok().and_then(|mut left| left.next());
            let Some((case, database)) = next else {
                return anyhow::Ok(counted);
            };
            let instructions = count(case, &database).context(case.name)?;
            counted.push((case.name.to_owned(), instructions));
        }
    };
    std::thread::scope(|scope| {
        let processors = std::thread::available_parallelism().map_or(1, |it| it.get());
        let workers: Vec<_> = (0..processors).map(|_| scope.spawn(work)).collect();
        let mut all = BTreeMap::new();
        for worker in workers {
            let counted = worker.join();
            all.extend(counted.map_err(|_| anyhow!("counting panicked"))??);
        }
        Ok(all)
    })
}

/// The instructions of one case.
fn count(case: &Case, database: &Database) -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("counts");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--combine-dumps=no"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(format!("--zero-before={BEGIN}"))
        .arg(format!("--dump-before={END}"))
        .arg(std::env::current_exe()?)
        .args([case.name, "--alone"])
        .arg(database.path())
        // The allocator gives memory back after a time, which would be other work in each run.
        .env("MIMALLOC_PURGE_DELAY", "-1")
        .env("GLIBC_TUNABLES", ONE_LIBRARY)
        .env("RUST_LOG", "warn")
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {said}", output.status);
    // The first dump is that at the end of what is counted, another is that at the end of all.
    let dump = std::fs::read_to_string(out.with_extension("1")).context(said.into_owned())?;
    let total = dump.lines().find_map(|line| line.strip_prefix("totals:"));
    Ok(total.context("no totals in the dump")?.trim().parse()?)
}
