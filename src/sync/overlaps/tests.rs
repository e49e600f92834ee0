//! Which pairs of rules are warned of, and which are not.

use super::*;
use crate::domain::synchronizer::{FilterSource, LinkEnd, RankMode, SubTasksSettings};
use crate::domain::{BoardId, LinkTypeId, RowId};

fn filter(jql: &str, change: impl FnOnce(&mut SavedFilterSettings)) -> Settings {
    let mut settings = SavedFilterSettings {
        source: FilterSource::Jql(jql.to_owned()),
        add: true,
        place_under: None,
        allow_move: false,
        remove: false,
        remove_only_from_placement: false,
    };
    change(&mut settings);
    Settings::SavedFilter(settings)
}

/// One that only removes, of a query of its own.
fn remover(only_from: Option<Option<i64>>) -> Settings {
    filter("removing", |it| {
        it.add = false;
        it.remove = true;
        if let Some(placement) = only_from {
            it.remove_only_from_placement = true;
            it.place_under = placement.map(RowId);
        }
    })
}

fn mover(under: i64) -> Settings {
    filter("moving", |it| {
        it.allow_move = true;
        it.place_under = Some(RowId(under));
    })
}

fn sub_tasks() -> Settings {
    Settings::SubTasks(SubTasksSettings::default())
}

fn links(change: impl FnOnce(&mut LinksSettings)) -> Settings {
    let mut settings = LinksSettings {
        link_type: LinkTypeId(1),
        parent_end: LinkEnd::Source,
        parent_jql: None,
        sub_issue_jql: None,
        scope: LinksScope::InStructure,
        unlinked_rows: UnlinkedRows::Keep,
        primacy: Primacy::TwoWay,
    };
    change(&mut settings);
    Settings::Links(settings)
}

fn agile(projects: &[&str], change: impl FnOnce(&mut AgileSettings)) -> Settings {
    let mut settings = AgileSettings {
        source: AgileSource::Projects(projects.iter().map(|it| (*it).to_owned()).collect()),
        sync_rank: false,
        rank_mode: RankMode::Independent,
        sync_epics: false,
        add_sub_tasks: false,
    };
    change(&mut settings);
    Settings::Agile(settings)
}

fn ranks(projects: &[&str]) -> Settings {
    agile(projects, |it| it.sync_rank = true)
}

fn epics() -> Settings {
    agile(&["P"], |it| it.sync_epics = true)
}

fn rollup(projects: &[&str], types: &[&str], status: &str) -> Settings {
    let own = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
    Settings::StatusRollup(StatusRollupSettings {
        project_keys: own(projects),
        issue_types: own(types),
        statuses: vec![status.to_owned()],
        resolution: None,
    })
}

fn warnings(one: &Settings, other: &Settings, placement_is_issue: bool) -> Vec<&'static str> {
    let claimant = |settings| Claimant {
        settings,
        placement_is_issue,
    };
    let mut found = find(claimant(one), claimant(other));
    let mut back = find(claimant(other), claimant(one));
    found.sort_unstable();
    back.sort_unstable();
    assert_eq!(found, back, "the order matters: {one:?}, {other:?}");
    found
}

#[test]
fn rules_that_may_undo_each_other_are_warned_of() {
    let structure = |it: &mut LinksSettings| it.primacy = Primacy::Structure;
    for (one, other, says) in [
        (sub_tasks(), links(|_| ()), "a sub-task that is linked"),
        (epics(), links(|_| ()), "under their epics"),
        (
            agile(&["P"], |it| it.add_sub_tasks = true),
            links(|_| ()),
            "a sub-task that is linked",
        ),
        (
            links(|_| ()),
            links(|it| it.link_type = LinkTypeId(2)),
            "a parent by each",
        ),
        (
            links(structure),
            links(|it| it.parent_end = LinkEnd::Target),
            "opposite ends",
        ),
        (
            links(structure),
            links(|it| it.primacy = Primacy::Tracker),
            "disagree about which side wins",
        ),
        (
            links(|_| ()),
            links(|it| it.parent_jql = Some("type = Epic".to_owned())),
            "a parent by each",
        ),
        (mover(1), sub_tasks(), "to its placement"),
        (mover(1), links(|_| ()), "to its placement"),
        (mover(1), epics(), "to its placement"),
        (mover(1), mover(2), "back and forth"),
        (remover(None), filter("adding", |_| ()), "removed again"),
        (remover(None), sub_tasks(), "removed again"),
        (remover(None), epics(), "removed again"),
        (
            remover(None),
            links(|it| it.scope = LinksScope::ExpandToSubIssues),
            "removed again",
        ),
        (
            remover(Some(None)),
            links(|it| it.scope = LinksScope::AllIssues),
            "removed again",
        ),
        (
            remover(Some(None)),
            filter("adding", |_| ()),
            "removed again",
        ),
        (ranks(&["P", "Q"]), ranks(&["q"]), "synchronize ranks"),
        (
            rollup(&[], &["Epic"], "Done"),
            rollup(&["P"], &[], "Open"),
            "set the statuses",
        ),
        (
            links(|it| it.unlinked_rows = UnlinkedRows::Remove),
            sub_tasks(),
            "cleared away",
        ),
        (
            links(|it| it.unlinked_rows = UnlinkedRows::MoveToTopLevel),
            epics(),
            "cleared away",
        ),
        (
            links(|it| it.unlinked_rows = UnlinkedRows::Remove),
            links(|it| it.link_type = LinkTypeId(2)),
            "cleared away",
        ),
    ] {
        let found = warnings(&one, &other, false);
        let said = found.iter().any(|text| text.contains(says));
        assert!(said, "{one:?}, {other:?}: {found:?}");
    }
}

#[test]
fn rules_that_agree_or_never_meet_are_not_warned_of() {
    let structure = |it: &mut LinksSettings| it.primacy = Primacy::Structure;
    for (one, other) in [
        (sub_tasks(), sub_tasks()),
        (sub_tasks(), agile(&["P"], |it| it.add_sub_tasks = true)),
        (epics(), epics()),
        (epics(), sub_tasks()),
        (epics(), ranks(&["P"])),
        (ranks(&["P"]), ranks(&["Q"])),
        (ranks(&["P"]), ranks(&["P"])),
        (links(|_| ()), links(|_| ())),
        (links(|_| ()), links(|it| it.scope = LinksScope::AllIssues)),
        (sub_tasks(), links(structure)),
        (epics(), links(structure)),
        (mover(1), links(structure)),
        (links(|it| it.link_type = LinkTypeId(2)), links(structure)),
        (mover(1), mover(1)),
        (mover(1), ranks(&["P"])),
        (filter("one", |_| ()), filter("other", |_| ())),
        (remover(None), filter("removing", |_| ())),
        (remover(None), links(|_| ())),
        (remover(None), rollup(&[], &[], "Done")),
        (remover(Some(None)), sub_tasks()),
        (remover(Some(Some(7))), epics()),
        (remover(Some(Some(7))), filter("adding", |_| ())),
        (rollup(&["P"], &[], "Done"), rollup(&["Q"], &[], "Open")),
        (
            rollup(&[], &["Epic"], "Done"),
            rollup(&[], &["Story"], "Open"),
        ),
        (rollup(&[], &[], "Done"), rollup(&[], &[], "Done")),
        (rollup(&[], &[], "Done"), links(|_| ())),
        (
            links(|it| it.unlinked_rows = UnlinkedRows::Remove),
            filter("adding", |it| it.place_under = Some(RowId(7))),
        ),
    ] {
        let found = warnings(&one, &other, false);
        assert!(found.is_empty(), "{one:?}, {other:?}: {found:?}");
    }
}

#[test]
fn a_placement_that_holds_an_issue_is_below_an_issue() {
    let under = filter("adding", |it| it.place_under = Some(RowId(7)));
    let clears = links(|it| it.unlinked_rows = UnlinkedRows::Remove);
    assert_eq!(warnings(&clears, &under, true).len(), 1);
    assert_eq!(
        warnings(&remover(Some(Some(7))), &sub_tasks(), true).len(),
        1
    );
}

#[test]
fn of_boards_nothing_is_known() {
    let board = agile(&[], |it| {
        it.source = AgileSource::Board(BoardId(1));
        it.sync_rank = true;
    });
    assert_eq!(warnings(&board, &ranks(&["P"]), false).len(), 1);
    assert!(warnings(&board, &board, false).is_empty());
}
