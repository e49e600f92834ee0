//! The arrows between the parts, and the home of each outside crate, as ARCHITECTURE.md draws them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each part, and the parts that it may see.
const ARROWS: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    (
        "cli",
        &[
            "accounts",
            "app",
            "config",
            "clock",
            "domain",
            "graphql",
            "store",
            "structures",
            "sync",
            "telemetry",
            "tracker",
        ],
    ),
    (
        "app",
        &[
            "accounts",
            "clock",
            "config",
            "domain",
            "events",
            "graphql",
            "http",
            "jobs",
            "oidc",
            "store",
            "sync",
            "telemetry",
            "tracker",
        ],
    ),
    ("config", &["jobs", "oidc"]),
    ("oidc", &["outgoing"]),
    ("outgoing", &[]),
    ("http", &["domain", "graphql", "telemetry"]),
    (
        "graphql",
        &[
            "accounts",
            "domain",
            "events",
            "jobs",
            "store",
            "structures",
            "tracker",
        ],
    ),
    (
        "jobs",
        &["domain", "events", "store", "structures", "telemetry"],
    ),
    ("sync", &["domain", "jql", "store", "structures", "tracker"]),
    ("structures", &["domain", "store"]),
    ("accounts", &["domain", "store"]),
    ("tracker", &["domain", "jql", "store"]),
    ("store", &["clock", "domain", "events", "telemetry"]),
    ("telemetry", &["outgoing"]),
    ("jql", &[]),
    ("events", &["domain"]),
    ("clock", &["domain"]),
    ("domain", &[]),
];

/// Crates that only some parts may name.
const HOMES: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("tokio_rusqlite", &["store"]),
    ("rusqlite_migration", &["store"]),
    ("async_graphql", &["graphql"]),
    ("async_graphql_value", &["graphql"]),
    ("axum", &["http"]),
    ("tower_http", &["http"]),
    ("hyper", &["http"]),
    ("hyper_util", &["http"]),
    ("governor", &["http"]),
    ("clap", &["cli", "config"]),
    ("indicatif", &["cli"]),
    ("tokio_tungstenite", &["cli"]),
    ("winnow", &["jql"]),
    ("prometheus_client", &["telemetry"]),
    ("procfs", &["telemetry"]),
    ("opentelemetry", &["telemetry"]),
    ("opentelemetry_http", &["telemetry"]),
    ("opentelemetry_otlp", &["telemetry"]),
    ("opentelemetry_sdk", &["telemetry"]),
    ("tracing_opentelemetry", &["telemetry"]),
    ("tracing_subscriber", &["telemetry"]),
    ("anyhow", &["app"]),
    ("flate2", &["tracker", "http"]),
    ("jsonwebtoken", &["oidc"]),
    ("ring", &["oidc"]),
    ("ureq", &["outgoing"]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found
}

/// The part that a file belongs to: the first folder or file below `src`.
fn part(file: &Path, root: &Path) -> String {
    let first = file
        .strip_prefix(root)
        .unwrap()
        .components()
        .next()
        .unwrap();
    first
        .as_os_str()
        .to_str()
        .unwrap()
        .trim_end_matches(".rs")
        .to_owned()
}

/// Code that only tests compile may look further: a query is run where it is compiled.
fn is_test(file: &Path) -> bool {
    file.components().any(|it| {
        matches!(
            it.as_os_str().to_str(),
            Some("tests" | "tests.rs" | "samples.rs")
        )
    }) || file.ends_with("sync/planner_tests.rs")
}

fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The first names of paths that begin with `crate::`, also inside `use crate::{…}`.
fn seen_parts(code: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let names: Vec<&str> = match after.strip_prefix('{') {
            Some(group) => top_level(group),
            None => vec![after],
        };
        for name in names {
            let name: String = name
                .trim_start()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            seen.insert(name);
        }
    }
    seen
}

/// The items of a brace group, down to its closing brace, without what is nested deeper.
fn top_level(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut items) = (0usize, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(&group[start..at]);
                return items;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items
}

#[test]
fn parts_see_only_what_the_arrows_allow() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let parts: BTreeSet<&str> = ARROWS.iter().map(|(part, _)| *part).collect();
    let mut wrong = Vec::new();
    for file in sources(&root) {
        let own = part(&file, &root);
        if own == "lib" || is_test(&file) {
            continue;
        }
        let (_, allowed) = ARROWS
            .iter()
            .find(|(part, _)| *part == own)
            .unwrap_or_else(|| panic!("{own} is in no arrow: draw it here and in ARCHITECTURE.md"));
        for seen in seen_parts(&code(&file)) {
            if parts.contains(seen.as_str()) && seen != own && !allowed.contains(&seen.as_str()) {
                wrong.push(format!("{} sees {seen}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_outside_crate_stays_in_its_home() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in sources(&root) {
        let own = part(&file, &root);
        if is_test(&file) {
            continue;
        }
        let code = code(&file);
        for (outside, homes) in HOMES {
            let named = code.match_indices(&format!("{outside}::")).any(|(at, _)| {
                !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
            });
            if named && !homes.contains(&own.as_str()) {
                wrong.push(format!("{} names {outside}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_scan_sees_what_it_should() {
    let seen =
        seen_parts("use crate::{store::{Tx, self}, domain::IssueId};\nlet x = crate::jobs::run();");
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        ["domain", "jobs", "store"]
    );
}
