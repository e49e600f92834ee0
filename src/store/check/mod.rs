//! Looks whether a database is whole: the file, and everything in it that follows from something
//! else or must agree with it.
//!
//! All of it is read in one snapshot, also while a server runs, and as a stream: memory does not
//! grow with the database, and what has to be sorted goes to temporary files. `rules` and `feeds`
//! are queries that find what breaks a rule, `values` looks at what SQL cannot see, `file` at the
//! pages. `repair` makes good what follows from something else, and never invents. `unfinished` is no
//! rule: it tells of what a job has not written to its end.

mod feeds;
mod file;
mod open;
mod repair;
mod rules;
#[cfg(test)]
mod tests;
mod unfinished;
mod values;

pub use open::{CheckError, inspect};
pub use repair::{Repaired, repair};
pub use unfinished::Unfinished;

use super::{StoreError, Tx};
use rules::{Repair, Rule};
use serde::Serialize;

/// Examples of one finding that a report lists.
const EXAMPLES: usize = 20;

/// What a repair can do about something that breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mend {
    /// It follows from the rest.
    Follows,
    /// Either of two things may be right: a person has to decide.
    Open,
    /// Nothing: and whoever writes into such a file may lose more of it.
    Damage,
}

/// Takes what breaks a rule, as a line for people.
type Broken<'a> = &'a mut dyn FnMut(String, Mend);

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
    /// Whether [`repair`] makes all of it hold again.
    pub repairable: bool,
    /// How many of these [`repair`] mends.
    pub mendable: u64,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rules that were looked at.
    pub rules: usize,
    /// Those that do not hold.
    pub findings: Vec<Finding>,
    /// Whether the file itself is damaged, or lacks tables: then nothing in it is repaired.
    pub damaged: bool,
    /// What jobs have written that nobody sees yet, which is no finding.
    pub unfinished: Vec<Unfinished>,
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
        find: impl FnOnce(Broken<'_>) -> Result<(), StoreError>,
    ) {
        let (mut count, mut mendable, mut damaged) = (0, 0, false);
        let mut examples = Vec::new();
        let mut broken = |line: String, mend: Mend| {
            count += 1;
            mendable += u64::from(mend == Mend::Follows);
            damaged |= mend == Mend::Damage;
            if examples.len() < EXAMPLES {
                examples.push(line);
            }
        };
        if let Err(error) = find(&mut broken) {
            broken(format!("cannot be looked at: {error}"), Mend::Damage);
        }
        self.rules += 1;
        self.damaged |= damaged;
        if count > 0 {
            self.findings.push(Finding {
                rule,
                holds,
                count,
                examples,
                repairable: mendable == count,
                mendable,
            });
        }
    }

    /// Takes back what was promised of single findings, if the file is no ground to build on.
    fn promise_only_what_works(&mut self) {
        if self.damaged {
            for finding in &mut self.findings {
                (finding.repairable, finding.mendable) = (false, 0);
            }
        }
    }
}

type Look = fn(&Tx<'_>, Broken<'_>) -> Result<(), StoreError>;

/// A rule that is not a query: its name, and what must hold.
const LOOKS: &[(&str, &str, Look)] = &[
    (
        "pages",
        "the pages and indexes of the file are whole",
        file::pages,
    ),
    (
        "schema",
        "tables and indexes are those of this version",
        file::objects,
    ),
    (
        "references",
        "what a row points at is there",
        file::references,
    ),
    (
        "sequences",
        "a table's next id is larger than all it has",
        file::sequences,
    ),
    (
        "row-keys",
        "siblings have different, well-formed keys",
        values::row_keys,
    ),
    (
        "ranks",
        "issues have different, well-formed ranks",
        values::ranks,
    ),
    (
        "documents",
        "stored settings and counts can be read",
        values::documents,
    ),
    (
        "names",
        "kinds, states and directions are ones that there are",
        values::names,
    ),
    (
        "job-lines",
        "no line is missing in what a job changed",
        values::job_lines,
    ),
    (
        "job-counts",
        "a job's counts are those of its lines",
        values::job_counts,
    ),
    (
        "job-feeds",
        "the feeds tell of all that a job changed",
        values::job_feeds,
    ),
];

/// Looks at everything; `watch` is told the name of each rule before it is looked at.
pub fn check(tx: &Tx<'_>, watch: &mut dyn FnMut(&'static str)) -> Report {
    let mut report = Report::default();
    for &(name, holds, look) in LOOKS {
        watch(name);
        report.look((name, holds), |broken| look(tx, broken));
    }
    for rule in rules::RULES.iter().chain(feeds::RULES) {
        watch(rule.name);
        report.look((rule.name, rule.holds), |broken| {
            broken_by(tx, rule, broken)
        });
    }
    report.promise_only_what_works();
    report
}

fn broken_by(tx: &Tx<'_>, rule: &Rule, broken: Broken<'_>) -> Result<(), StoreError> {
    tx.each(rule.find, &[], |row| {
        let follows = match rule.repair {
            Repair::None => false,
            Repair::All(_) => true,
            Repair::Marked(_) => row.get(1)?,
        };
        let mend = if follows { Mend::Follows } else { Mend::Open };
        broken(row.get(0)?, mend);
        Ok(())
    })
}
