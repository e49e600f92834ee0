//! Looks whether a database is whole: the file, and everything in it that follows from something
//! else or must agree with it.
//!
//! All of it is read in one snapshot, also while a server runs, and as a stream: memory does not
//! grow with the database, and what has to be sorted goes to temporary files. `rules` and `feeds`
//! are queries that find what breaks a rule, `values` looks at what SQL cannot see, `file` at the
//! pages. `repair` makes good what follows from something else, and never invents.

mod feeds;
mod file;
mod open;
mod repair;
mod rules;
#[cfg(test)]
mod tests;
mod values;

pub use open::{CheckError, inspect};
pub use repair::{Repaired, repair};

use super::{StoreError, Tx};
use rules::Rule;
use serde::Serialize;

/// Examples of one finding that a report lists.
const EXAMPLES: usize = 20;

/// Takes what breaks a rule, as a line for people.
type Broken<'a> = &'a mut dyn FnMut(String);

/// A rule that does not hold, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// What must hold.
    pub holds: &'static str,
    /// How often it does not.
    pub count: u64,
    /// Where, for the first of them.
    pub examples: Vec<String>,
    /// Whether [`repair`] can make it hold again, at least in part.
    pub repairable: bool,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rules that were looked at.
    pub rules: usize,
    /// Those that do not hold.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Looks at one rule; a part of the database that cannot be read breaks it as well.
    fn look(
        &mut self,
        (rule, holds): (&'static str, &'static str),
        repairable: bool,
        find: impl FnOnce(Broken<'_>) -> Result<(), StoreError>,
    ) {
        let (mut count, mut examples) = (0, Vec::new());
        let mut broken = |line: String| {
            count += 1;
            if examples.len() < EXAMPLES {
                examples.push(line);
            }
        };
        if let Err(error) = find(&mut broken) {
            broken(format!("cannot be looked at: {error}"));
        }
        self.rules += 1;
        if count > 0 {
            self.findings.push(Finding {
                rule,
                holds,
                count,
                examples,
                repairable,
            });
        }
    }
}

type Look = fn(&Tx<'_>, Broken<'_>) -> Result<(), StoreError>;

/// A rule that is not a query: its name, what must hold, whether it can be repaired.
const LOOKS: &[(&str, &str, bool, Look)] = &[
    (
        "pages",
        "the pages and indexes of the file are whole",
        true,
        file::pages,
    ),
    (
        "schema",
        "tables and indexes are those of this version",
        true,
        file::objects,
    ),
    (
        "references",
        "what a row points at is there",
        false,
        file::references,
    ),
    (
        "sequences",
        "a table's next id is larger than all it has",
        true,
        file::sequences,
    ),
    (
        "row-keys",
        "siblings have different, well-formed keys",
        true,
        values::row_keys,
    ),
    (
        "ranks",
        "issues have different, well-formed ranks",
        true,
        values::ranks,
    ),
    (
        "documents",
        "stored settings and counts can be read",
        false,
        values::documents,
    ),
    (
        "job-lines",
        "no line is missing in what a job changed",
        false,
        values::job_lines,
    ),
    (
        "job-counts",
        "a job's counts are those of its lines",
        true,
        values::job_counts,
    ),
    (
        "job-feeds",
        "the feeds tell of all that a job changed",
        false,
        values::job_feeds,
    ),
];

/// Looks at everything; `watch` is told the name of each rule before it is looked at.
pub fn check(tx: &Tx<'_>, watch: &mut dyn FnMut(&'static str)) -> Report {
    let mut report = Report::default();
    for &(name, holds, repairable, look) in LOOKS {
        watch(name);
        report.look((name, holds), repairable, |broken| look(tx, broken));
    }
    for rule in rules::RULES.iter().chain(feeds::RULES) {
        watch(rule.name);
        let found = |broken: Broken<'_>| broken_by(tx, rule, broken);
        report.look((rule.name, rule.holds), rule.repair.is_some(), found);
    }
    report
}

fn broken_by(tx: &Tx<'_>, rule: &Rule, broken: Broken<'_>) -> Result<(), StoreError> {
    tx.each(rule.find, &[], |row| {
        broken(row.get(0)?);
        Ok(())
    })
}
