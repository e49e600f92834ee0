//! Issues of the shape that real trackers have, any number of them, the same ones each time.
//!
//! The shares are those of 23,055 issues of a public Jira (its two small projects are in
//! `tests/data`): 5.7 % sub-tasks, a handful of parents holding most of them; 3.8 % in an epic, up
//! to a hundred in one; a link from every fifth issue, mostly loose ones; long summaries, one or
//! two labels, most issues closed.

use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Changes when the generated issues do, so that fixtures made before are not used.
pub(crate) const GENERATION: u32 = 1;
/// Issues of one project.
const PROJECT: usize = 20_000;
/// Issues of which one is an epic, and one has as many sub-tasks as [`sub_tasks`] says.
const EPIC_EVERY: usize = 200;
const WORDS: [&str; 16] = [
    "crash", "android", "window", "scrolls", "module", "slowly", "after", "rotation", "iOS",
    "build", "event", "listener", "does not", "fire", "update", "view",
];

/// Writes `count` issues as JSON Lines, as Jira's REST API returns them.
pub(crate) fn write_issues(path: &Path, count: usize) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut random = fastrand::Rng::with_seed(20_260);
    let mut writer = Generator {
        random: &mut random,
        parent: 0,
        sub_tasks_left: 0,
        links: 0,
    };
    for at in 0..count {
        serde_json::to_writer(&mut file, &writer.issue(at))?;
        file.write_all(b"\n")?;
    }
    file.flush()
}

/// The key of the issue at a place.
pub(crate) fn key(at: usize) -> String {
    format!("P{}-{}", at / PROJECT + 1, at % PROJECT + 1)
}

struct Generator<'r> {
    random: &'r mut fastrand::Rng,
    parent: usize,
    sub_tasks_left: usize,
    links: usize,
}

impl Generator<'_> {
    fn issue(&mut self, at: usize) -> Value {
        let epic = at.is_multiple_of(EPIC_EVERY);
        let sub_task = !epic && self.sub_tasks_left > 0;
        let mut fields = self.fields(at);
        let kind = if epic {
            "Epic"
        } else if sub_task {
            self.sub_tasks_left -= 1;
            fields["parent"] = json!({ "key": key(self.parent) });
            "Sub-task"
        } else {
            // 1.2 % of issues have sub-tasks, five on the average, few of them many.
            if self.random.usize(..1000) < 12 {
                self.parent = at;
                self.sub_tasks_left = 1 + (self.random.f64().powi(4) * 21.0) as usize;
            }
            ["Bug", "Bug", "Bug", "Bug", "Story", "Improvement"][self.random.usize(..6)]
        };
        fields["issuetype"] = json!({ "name": kind, "subtask": sub_task });
        if !epic && !sub_task && self.random.usize(..100) < 4 {
            fields["epic"] = json!({ "key": key(at - at % EPIC_EVERY) });
        }
        if at > 0 && self.random.usize(..100) < 29 {
            fields["issuelinks"] = self.link(at);
        }
        json!({ "id": (at + 1).to_string(), "key": key(at), "fields": fields })
    }

    fn fields(&mut self, at: usize) -> Value {
        let project = at / PROJECT + 1;
        let words: Vec<&str> = (0..8).map(|_| WORDS[self.random.usize(..16)]).collect();
        let closed = self.random.usize(..100) < 87;
        let priority = ["Low", "Medium", "High"][self.random.usize(..3)];
        let (status, category) = match closed {
            true => ("Closed", "done"),
            false => [
                ("Open", "new"),
                ("Open", "new"),
                ("In Progress", "indeterminate"),
            ][self.random.usize(..3)],
        };
        let day = at % 28 + 1;
        let label = WORDS[self.random.usize(..16)];
        json!({
            "summary": format!("{} {}", WORDS[at % 16], words.join(" ")),
            "project": { "key": format!("P{project}"), "name": format!("Project {project}") },
            "status": { "name": status, "statusCategory": { "key": category } },
            "resolution": closed.then(|| json!({ "name": "Fixed" })),
            "priority": { "name": priority },
            "assignee": { "name": format!("user{}", self.random.usize(..500)) },
            "reporter": { "name": format!("user{}", self.random.usize(..2000)) },
            "labels": [format!("label{}", self.random.usize(..50)), label],
            "components": [{ "name": format!("Component {}", self.random.usize(..30)) }],
            "fixVersions": [{ "name": format!("Release {}", self.random.usize(..40)) }],
            "created": format!("2024-01-{day:02}T00:00:00.000+0000"),
            "updated": format!("2025-01-{day:02}T00:00:00.000+0000"),
        })
    }

    fn link(&mut self, at: usize) -> Value {
        self.links += 1;
        // Near ones: who links, links to what is worked on at the same time.
        let other = at - 1 - self.random.usize(..at.min(50));
        let name = match self.random.usize(..100) {
            0..61 => "Relates",
            61..76 => "Duplicate",
            76..86 => "Cloners",
            86..91 => "Blocks",
            91..97 => "Depends",
            _ => "Includes",
        };
        json!([{
            "id": self.links.to_string(),
            "type": { "name": name, "inward": format!("{name} in"), "outward": format!("{name} out") },
            "outwardIssue": { "key": key(other) },
        }])
    }
}
