//! Trackers of any size, for tests that need many issues.

use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes `count` issues of one project, without links; every tenth is a sub-task of the one before.
pub(crate) fn write_issues(folder: &Path, count: usize) -> PathBuf {
    let path = folder.join("generated.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    for number in 1..=count {
        let sub_task = number % 10 == 0;
        let parent = if sub_task {
            format!(",\"parent\":{{\"key\":\"GEN-{}\"}}", number - 1)
        } else {
            String::new()
        };
        let kind = if sub_task { "Sub-task" } else { "Task" };
        writeln!(
            file,
            "{{\"id\":\"{number}\",\"key\":\"GEN-{number}\",\"fields\":{{\"summary\":\"Issue {number}\",\
             \"issuetype\":{{\"name\":\"{kind}\",\"subtask\":{sub_task}}},\
             \"project\":{{\"key\":\"GEN\",\"name\":\"Generated\"}},\
             \"status\":{{\"name\":\"Open\",\"statusCategory\":{{\"key\":\"new\"}}}},\
             \"created\":\"2026-01-01T00:00:00.000+0000\",\"updated\":\"2026-01-01T00:00:00.000+0000\"{parent}}}}}"
        )
        .unwrap();
    }
    path
}
