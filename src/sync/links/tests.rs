//! The rule on small forests by hand, and its promises on random ones.

use super::*;
use crate::domain::forest::samples::{any_forest, forest, issue_outline, outline};
use crate::domain::synchronizer::{LinksScope, Primacy, UnlinkedRows};
use crate::domain::{LinkEdit, LinkTypeId, Millis, RowEdit, RowId};
use proptest::prelude::*;

fn settings(scope: LinksScope, unlinked_rows: UnlinkedRows) -> LinksSettings {
    LinksSettings {
        link_type: LinkTypeId(1),
        parent_end: LinkEnd::Source,
        parent_jql: None,
        sub_issue_jql: None,
        scope,
        unlinked_rows,
        primacy: Primacy::TwoWay,
    }
}

fn links(pairs: &[(i64, i64)]) -> Vec<ParentLink> {
    let link = |(at, (parent, child)): (usize, &(i64, i64))| ParentLink {
        link: LinkId(at as i64 + 1),
        parent: IssueId(*parent),
        child: IssueId(*child),
    };
    pairs.iter().enumerate().map(link).collect()
}

fn snapshot<'a>(
    forest: &'a Forest,
    settings: &'a LinksSettings,
    pairs: &[(i64, i64)],
) -> Snapshot<'a> {
    Snapshot {
        forest,
        settings,
        links: links(pairs),
        below: vec![],
        parents: Passing::default(),
        sub_issues: Passing::default(),
        looked_at: None,
    }
}

fn into(outline: &str, settings: &LinksSettings, pairs: &[(i64, i64)]) -> (String, usize) {
    let base = forest(outline);
    let plan = plan(&snapshot(&base, settings, pairs), Direction::IntoStructure);
    (
        issue_outline(&base.edited(2, &plan.rows).unwrap()),
        plan.notes.len(),
    )
}

#[test]
fn rows_go_where_their_links_say() {
    use LinksScope::{AllIssues, ExpandToSubIssues, InStructure};
    use UnlinkedRows::{Keep, MoveToTopLevel, Remove};
    type Case = (
        &'static str,
        LinksScope,
        UnlinkedRows,
        &'static [(i64, i64)],
        &'static str,
        usize,
    );
    let cases: &[Case] = &[
        ("1\n2\n3", InStructure, Keep, &[(1, 3)], "1\n 3\n2", 0),
        // The lowest link id wins; a parent it stands under already wins over that.
        (
            "1\n2\n3",
            InStructure,
            Keep,
            &[(2, 3), (1, 3)],
            "1\n2\n 3",
            0,
        ),
        (
            "1\n 3\n2",
            InStructure,
            Keep,
            &[(2, 3), (1, 3)],
            "1\n 3\n2",
            0,
        ),
        // Missing issues are no business of this scope, and of the next one they are.
        ("1", InStructure, Keep, &[(1, 2), (2, 3)], "1", 0),
        (
            "1",
            ExpandToSubIssues,
            Keep,
            &[(2, 3), (1, 2)],
            "1\n 2\n  3",
            0,
        ),
        ("1", ExpandToSubIssues, Keep, &[(4, 5)], "1", 0),
        ("1", AllIssues, Keep, &[(4, 5), (1, 2)], "1\n 2\n4\n 5", 0),
        // Cycles.
        ("1\n2", InStructure, Keep, &[(1, 2), (2, 1)], "1\n 2", 1),
        ("1\n 2", InStructure, Keep, &[(2, 1)], "1\n 2", 1),
        (
            "1\n 2\n3",
            InStructure,
            Keep,
            &[(2, 1), (3, 2)],
            "3\n 2\n  1",
            0,
        ),
        // Rows without a link.
        (
            "1\n 2\n  3\n4",
            InStructure,
            Keep,
            &[(2, 3)],
            "1\n 2\n  3\n4",
            0,
        ),
        (
            "1\n 2\n  3\n4",
            InStructure,
            MoveToTopLevel,
            &[(2, 3)],
            "1\n4\n2\n 3",
            0,
        ),
        (
            "1\n 2\n  3\n4",
            InStructure,
            Remove,
            &[(1, 3)],
            "1\n 3\n4",
            0,
        ),
        ("9!\n 2", InStructure, Remove, &[], "folder\n 2", 0),
    ];
    for (before, scope, unlinked, pairs, after, notes) in cases {
        let made = into(before, &settings(*scope, *unlinked), pairs);
        assert_eq!(
            made,
            ((*after).to_owned(), *notes),
            "{before:?} {scope:?} {unlinked:?} {pairs:?}"
        );
    }
}

#[test]
fn links_follow_the_rows() {
    let base = forest("1\n 2\n3\n9!\n 4");
    for (scope, removed) in [
        (LinksScope::InStructure, vec![2]),
        (LinksScope::ExpandToSubIssues, vec![2, 3]),
        (LinksScope::AllIssues, vec![2, 3, 4]),
    ] {
        let rule = settings(scope, UnlinkedRows::Keep);
        let pairs = [(7, 8), (3, 4), (1, 7), (7, 1)];
        let plan = plan(
            &snapshot(&base, &rule, &pairs[1..]),
            Direction::FromStructure,
        );
        let gone: Vec<i64> = plan
            .links
            .iter()
            .filter_map(|edit| match edit {
                LinkEdit::Remove { link, .. } => Some(link.0 + 1),
                LinkEdit::Add { .. } | LinkEdit::Restore { .. } => None,
            })
            .collect();
        assert_eq!(gone, removed, "{scope:?}");
        assert!(plan.links.contains(&LinkEdit::Add {
            link_type: LinkTypeId(1),
            source: IssueId(1),
            target: IssueId(2)
        }));
    }
}

#[test]
fn a_link_whose_end_does_not_pass_is_neither_followed_nor_deleted() {
    let base = forest("1\n 2\n3");
    let rule = settings(LinksScope::AllIssues, UnlinkedRows::Remove);
    let mut snapshot = snapshot(&base, &rule, &[(1, 3)]);
    snapshot.parents = Passing(Some(HashSet::from([IssueId(3)])));
    assert!(plan(&snapshot, Direction::IntoStructure).is_empty());
    assert!(plan(&snapshot, Direction::FromStructure).is_empty());
}

#[test]
fn a_link_that_an_export_deletes_closes_no_cycle() {
    // The second issue was moved out from under the first, which was linked under the third.
    let base = forest("1\n2\n 3");
    let settings = settings(LinksScope::InStructure, UnlinkedRows::Keep);
    let mut snapshot = snapshot(&base, &settings, &[(1, 2), (2, 3), (3, 1)]);
    snapshot.looked_at = Some(base.issues().collect());
    let touched = [
        (
            IssueId(2),
            Touch {
                structure: Some(Millis(1)),
                tracker: None,
            },
        ),
        (
            IssueId(1),
            Touch {
                structure: None,
                tracker: Some(Millis(2)),
            },
        ),
    ];
    let plan = plan_incremental(snapshot, &touched.into());
    assert!(matches!(
        plan.links[..],
        [LinkEdit::Remove {
            link: LinkId(1),
            ..
        }]
    ));
    assert_eq!(plan.notes, []);
    assert_eq!(
        issue_outline(&base.edited(2, &plan.rows).unwrap()),
        "2\n 3\n  1"
    );
}

fn any_settings() -> impl Strategy<Value = LinksSettings> {
    use LinksScope::{AllIssues, ExpandToSubIssues, InStructure};
    use UnlinkedRows::{Keep, MoveToTopLevel, Remove};
    (
        prop::sample::select(vec![InStructure, ExpandToSubIssues, AllIssues]),
        prop::sample::select(vec![Keep, MoveToTopLevel, Remove]),
        prop::sample::select(vec![LinkEnd::Source, LinkEnd::Target]),
    )
        .prop_map(|(scope, unlinked, end)| LinksSettings {
            parent_end: end,
            ..settings(scope, unlinked)
        })
}

fn any_pairs() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((1i64..12, 1i64..12), 0..14).prop_map(|mut pairs| {
        let mut seen = HashSet::new();
        pairs.retain(|pair| pair.0 != pair.1 && seen.insert(*pair));
        pairs
    })
}

fn any_passing() -> impl Strategy<Value = Passing> {
    let some = prop::collection::hash_set((1i64..12).prop_map(IssueId), 4..12);
    prop_oneof![Just(Passing(None)), some.prop_map(|set| Passing(Some(set)))]
}

/// Applies a plan's link edits to links.
fn relink(links: &mut Vec<ParentLink>, settings: &LinksSettings, edits: &[LinkEdit]) {
    for edit in edits {
        match *edit {
            LinkEdit::Remove { link, .. } => links.retain(|it| it.link != link),
            LinkEdit::Add { source, target, .. } | LinkEdit::Restore { source, target, .. } => {
                let (parent, child) = match settings.parent_end {
                    LinkEnd::Source => (source, target),
                    LinkEnd::Target => (target, source),
                };
                let link = LinkId(links.iter().map(|it| it.link.0).max().unwrap_or(0) + 1);
                links.push(ParentLink {
                    link,
                    parent,
                    child,
                });
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn a_second_resync_plans_nothing(
        base in any_forest(10, 11), rule in any_settings(), pairs in any_pairs(),
        parents in any_passing(), sub_issues in any_passing(),
    ) {
        let mut first = snapshot(&base, &rule, &pairs);
        (first.parents, first.sub_issues) = (parents, sub_issues);

        let into = plan(&first, Direction::IntoStructure);
        let made = base.edited(2, &into.rows).unwrap();
        let second = Snapshot {
            forest: &made,
            settings: &rule,
            links: first.links.clone(),
            below: vec![],
            parents: first.parents.clone(),
            sub_issues: first.sub_issues.clone(),
            looked_at: None,
        };
        let again = plan(&second, Direction::IntoStructure);
        prop_assert!(again.is_empty(), "{}\n->\n{}\n{:?}", outline(&base), outline(&made), again.rows);

        let from = plan(&first, Direction::FromStructure);
        let mut linked = first.links.clone();
        relink(&mut linked, &rule, &from.links);
        first.links = linked;
        prop_assert!(plan(&first, Direction::FromStructure).is_empty());
    }

    #[test]
    fn folders_and_issues_out_of_scope_stay_in_order(
        base in any_forest(10, 11), rule in any_settings(), pairs in any_pairs(),
    ) {
        let into = plan(&snapshot(&base, &rule, &pairs), Direction::IntoStructure);
        let made = base.edited(2, &into.rows).unwrap();
        let folders = |forest: &Forest| -> Vec<RowId> {
            forest.rows().filter(|row| row.issue.is_none()).map(|row| row.id).collect()
        };
        // Below rows that move, folders move along: only those that nothing carries are compared.
        let carried = |id: &RowId| {
            let at = base.index_of(*id).unwrap();
            base.ancestors(at).any(|up| up.issue.is_some())
        };
        let [before, after] =
            [&base, &made].map(|it| folders(it).into_iter().filter(|id| !carried(id)).collect::<Vec<_>>());
        prop_assert_eq!(before, after);
        prop_assert_eq!(folders(&base).len(), folders(&made).len());
        if rule.scope == LinksScope::InStructure {
            let none_added = !into.rows.iter().any(|edit| matches!(edit, RowEdit::Add { .. }));
            prop_assert!(none_added);
        }
    }

    #[test]
    fn after_a_resync_from_the_structure_the_links_lead_to_the_same_structure(
        base in any_forest(10, 11), pairs in any_pairs(),
    ) {
        let rule = settings(LinksScope::InStructure, UnlinkedRows::MoveToTopLevel);
        let mut snapshot = snapshot(&base, &rule, &pairs);
        let from = plan(&snapshot, Direction::FromStructure);
        relink(&mut snapshot.links, &rule, &from.links);
        let into = plan(&snapshot, Direction::IntoStructure);
        prop_assert!(into.is_empty(), "{}\n{:?}", outline(&base), into);
    }
}
