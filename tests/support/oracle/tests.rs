//! What the oracle says about worlds small enough to work out by hand, and about the real issues.
//!
//! The real ones need `UNDERSTORY_REAL_DATA`, the folder that holds them; without it that test
//! passes without looking.

use sha2::{Digest, Sha256};

use super::*;

/// Issues `A-1` to `A-n`; `subs` are (sub-task, parent), `links` (id, source, target) of "Depends".
fn world(n: usize, subs: &[(usize, usize)], links: &[(u64, usize, usize)]) -> World {
    let mut lines = Vec::new();
    for number in 1..=n {
        let parent = subs
            .iter()
            .find(|(sub, _)| *sub == number)
            .map(|(_, parent)| parent);
        let ends: Vec<Value> = links
            .iter()
            .filter_map(|(id, source, target)| {
                let (side, other) = match number {
                    _ if number == *source => ("outwardIssue", target),
                    _ if number == *target => ("inwardIssue", source),
                    _ => return None,
                };
                Some(serde_json::json!({
                    "id": id.to_string(), "type": { "name": "Depends" },
                    side: { "key": format!("A-{other}") },
                }))
            })
            .collect();
        let mut fields = serde_json::json!({
            "project": { "key": "A" },
            "issuetype": { "name": if parent.is_some() { "Sub-task" } else { "Bug" } },
            "issuelinks": ends,
        });
        if let Some(parent) = parent {
            fields["parent"] = serde_json::json!({ "key": format!("A-{parent}") });
        }
        lines.push(
            serde_json::json!({ "key": format!("A-{number}"), "fields": fields }).to_string(),
        );
    }
    World::parse(&lines.join("\n"))
}

/// A tree from its picture: `1 .2 ..3 4` is A-1 over A-2 over.
fn tree(picture: &str) -> Tree {
    let rows: Vec<(usize, String)> = picture
        .split_whitespace()
        .map(|word| {
            let number = word.trim_start_matches('.');
            (word.len() - number.len(), format!("A-{number}"))
        })
        .collect();
    Tree::from_rows(&rows)
}

fn picture(tree: &Tree) -> String {
    let rows = dump(tree);
    let words = rows
        .iter()
        .map(|(depth, key)| ".".repeat(*depth) + key.trim_start_matches("A-"));
    words.collect::<Vec<_>>().join(" ")
}

fn rule(scope: Scope, unlinked: Unlinked) -> LinksRule {
    LinksRule {
        link_type: "Depends".to_owned(),
        parent_end: LinkEnd::Source,
        scope,
        unlinked,
    }
}

const IN_STRUCTURE: Scope = Scope::InStructure;

#[test]
fn a_saved_filter_lists_by_number_not_by_text() {
    let world = world(11, &[(3, 2)], &[]);
    assert_eq!(
        picture(&world.saved_filter("A", &["Sub-task"])),
        "1 2 4 5 6 7 8 9 10 11"
    );
}

#[test]
fn sub_tasks_are_appended_in_key_order_and_moved_home() {
    let world = world(6, &[(2, 1), (3, 1), (6, 5)], &[]);
    assert_eq!(picture(&world.sub_tasks(&tree("1 .4 3"))), "1 .4 .2 .3");
    assert_eq!(picture(&world.sub_tasks(&tree("1"))), "1 .2 .3");
}

#[test]
fn the_lowest_link_wins_unless_the_row_already_stands_under_another() {
    let world = world(3, &[], &[(10, 1, 3), (20, 2, 3)]);
    let rule = rule(IN_STRUCTURE, Unlinked::Keep);
    assert_eq!(
        picture(&world.links_into(&tree("1 2 3"), &rule).0),
        "1 .3 2"
    );
    assert_eq!(
        picture(&world.links_into(&tree("1 2 .3"), &rule).0),
        "1 2 .3"
    );
}

#[test]
fn newcomers_follow_the_link_ids_and_not_their_keys() {
    let world = world(4, &[], &[(30, 1, 2), (9, 1, 3), (20, 1, 4)]);
    let rule = rule(IN_STRUCTURE, Unlinked::Keep);
    assert_eq!(
        picture(&world.links_into(&tree("1 2 3 4"), &rule).0),
        "1 .3 .4 .2"
    );
}

#[test]
fn a_link_that_closes_a_cycle_is_skipped() {
    let world = world(3, &[], &[(1, 1, 2), (2, 2, 3), (3, 3, 1)]);
    let rule = rule(IN_STRUCTURE, Unlinked::Keep);
    let (tree, skipped) = world.links_into(&tree("1 2 3"), &rule);
    assert_eq!((picture(&tree), skipped), ("1 .2 ..3".to_owned(), vec![3]));
}

#[test]
fn a_row_does_not_move_into_its_own_subtree() {
    let world = world(3, &[(2, 1)], &[(1, 2, 1)]);
    let rule = rule(IN_STRUCTURE, Unlinked::Keep);
    let (tree, skipped) = world.links_into(&tree("1 .2 3"), &rule);
    assert_eq!((picture(&tree), skipped), ("1 .2 3".to_owned(), vec![1]));
}

#[test]
fn a_target_that_leaves_the_subtree_is_followed_after_all() {
    let world = world(3, &[(2, 1)], &[(1, 2, 1), (2, 3, 2)]);
    let rule = rule(IN_STRUCTURE, Unlinked::Keep);
    let (tree, skipped) = world.links_into(&tree("1 .2 3"), &rule);
    assert_eq!((picture(&tree), skipped), ("3 .2 ..1".to_owned(), vec![]));
}

#[test]
fn the_scope_decides_what_is_added() {
    let world = world(6, &[], &[(1, 3, 4), (2, 1, 3), (3, 5, 6)]);
    let into = |scope| {
        picture(
            &world
                .links_into(&tree("1 2"), &rule(scope, Unlinked::Keep))
                .0,
        )
    };
    assert_eq!(into(IN_STRUCTURE), "1 2");
    assert_eq!(into(Scope::ExpandToSubIssues), "1 .3 ..4 2");
    assert_eq!(into(Scope::AllIssues), "1 .3 ..4 2 5 .6");
}

#[test]
fn the_parent_end_turns_the_hierarchy_over() {
    let world = world(2, &[], &[(1, 1, 2)]);
    let mut rule = rule(IN_STRUCTURE, Unlinked::Keep);
    rule.parent_end = LinkEnd::Target;
    assert_eq!(picture(&world.links_into(&tree("1 2"), &rule).0), "2 .1");
}

#[test]
fn unlinked_rows_stay_or_go_to_the_end_or_are_removed() {
    let world = world(5, &[], &[(1, 3, 4)]);
    let into = |picture_before, unlinked| {
        picture(
            &world
                .links_into(&tree(picture_before), &rule(IN_STRUCTURE, unlinked))
                .0,
        )
    };
    assert_eq!(into("1 .2 .3 ..4 5", Unlinked::Keep), "1 .2 .3 ..4 5");
    assert_eq!(
        into("1 .2 .3 ..4 5", Unlinked::MoveToTopLevel),
        "1 5 2 3 .4"
    );
    // A-4 moves up into the place of A-3, where no link justifies it either.
    assert_eq!(into("1 .2 .3 ..4 5", Unlinked::Remove), "1 5");
}

#[test]
fn links_follow_the_rows_and_those_out_of_scope_stay() {
    let world = world(6, &[], &[(1, 1, 3), (2, 2, 5), (3, 5, 6)]);
    let from = |scope| {
        let links = world.links_from(&tree("1 .2 3"), &rule(scope, Unlinked::Keep));
        links
            .iter()
            .map(|(s, t)| format!("{s}>{t}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(from(IN_STRUCTURE), "A-1>A-2 A-2>A-5 A-5>A-6");
    assert_eq!(from(Scope::ExpandToSubIssues), "A-1>A-2 A-5>A-6");
    assert_eq!(from(Scope::AllIssues), "A-1>A-2");
}

/// Rows per depth.
fn depths(tree: &Tree) -> Vec<usize> {
    let mut depths = Vec::new();
    for (depth, _) in dump(tree) {
        depths.resize(depths.len().max(depth + 1), 0);
        depths[depth] += 1;
    }
    depths
}

/// The start of a SHA-256 over one line a row, depth, space and key.
fn fingerprint(tree: &Tree) -> String {
    let rows = dump(tree);
    let text: String = rows
        .iter()
        .map(|(depth, key)| format!("{depth} {key}\n"))
        .collect();
    let hash = Sha256::digest(text.as_bytes());
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The numbers and fingerprints come from a second program, written apart from this one in
/// another language and manner. The variable names the folder of the 23,055 real issues.
#[test]
fn real_issues_give_what_an_independent_program_computed() {
    let Some(folder) = std::env::var_os("UNDERSTORY_REAL_DATA") else {
        return;
    };
    let files = ["DAEMON", "MOD", "TIMOB"];
    let world = World::load(&files.map(|p| Path::new(&folder).join(format!("{p}.jsonl.gz"))));
    let depends = rule(IN_STRUCTURE, Unlinked::Keep);
    let includes = LinksRule {
        link_type: "Includes".to_owned(),
        ..depends.clone()
    };

    let filtered = world.saved_filter("TIMOB", &["Sub-task", "Technical task"]);
    assert_eq!(
        (depths(&filtered), fingerprint(&filtered)),
        (vec![21_095], "76aecb5540476a5c".to_owned())
    );

    let parented = world.sub_tasks(&filtered);
    assert_eq!(
        (depths(&parented), fingerprint(&parented)),
        (vec![21_095, 880], "2f1e195e4a3438f0".to_owned())
    );

    let (linked, skipped) = world.links_into(&parented, &depends);
    assert!(skipped.is_empty());
    assert_eq!(depths(&linked), vec![20_930, 948, 62, 29, 4, 2]);
    assert_eq!(fingerprint(&linked), "c92d0d21f1ba96ec");

    let (included, skipped) = world.links_into(&linked, &includes);
    assert!(skipped.is_empty());
    assert_eq!(depths(&included), vec![20_804, 1_041, 91, 33, 4, 2]);
    assert_eq!(fingerprint(&included), "55bfb8d22e1f96f6");

    let upside_down = LinksRule {
        parent_end: LinkEnd::Target,
        ..depends.clone()
    };
    assert_eq!(world.links_into(&parented, &upside_down).1, vec![30_469]);

    assert_eq!(world.links_from(&parented, &depends).len(), 914);
    assert_eq!(world.links_from(&linked, &depends).len(), 1_079);
}
