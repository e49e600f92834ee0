//! A forest after any edits is what the same edits make of a plain list of children.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use std::collections::HashMap;
use understory::domain::{Forest, IssueId, Place, RowEdit, RowId};

/// Few ids, so that edits meet.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Edit {
    Add(u8, Option<u8>, Option<u8>, Option<u8>),
    Move(u8, Option<u8>, Option<u8>),
    Remove(u8),
}

impl Edit {
    fn real(self) -> RowEdit {
        let row = |id: u8| RowId(i64::from(id % 24) + 1);
        let place = |parent: Option<u8>, after: Option<u8>| Place {
            parent: parent.map(row),
            after: after.map(row),
        };
        match self {
            Self::Add(id, issue, parent, after) => RowEdit::Add {
                id: row(id),
                issue: issue.map(|issue| IssueId(i64::from(issue % 8))),
                place: place(parent, after),
            },
            Self::Move(id, parent, after) => RowEdit::Move {
                id: row(id),
                place: place(parent, after),
            },
            Self::Remove(id) => RowEdit::Remove { id: row(id) },
        }
    }
}

#[derive(Clone, Default)]
struct Model {
    children: HashMap<Option<RowId>, Vec<RowId>>,
    items: HashMap<RowId, Option<IssueId>>,
}

impl Model {
    fn edit(&mut self, edit: &RowEdit) -> bool {
        match *edit {
            RowEdit::Add { id, issue, place } => {
                if self.items.contains_key(&id) || !self.fits(place, None) {
                    return false;
                }
                self.items.insert(id, issue);
                self.put(id, place);
            }
            RowEdit::Move { id, place } => {
                // A row can no more go behind itself than under itself.
                let fits = place.after != Some(id) && self.fits(place, Some(id));
                if !self.items.contains_key(&id) || !fits {
                    return false;
                }
                self.take(id);
                self.put(id, place);
            }
            RowEdit::Remove { id } => {
                if !self.items.contains_key(&id) || !self.of(Some(id)).is_empty() {
                    return false;
                }
                self.take(id);
                self.items.remove(&id);
            }
        }
        true
    }

    fn of(&self, parent: Option<RowId>) -> &[RowId] {
        self.children.get(&parent).map_or(&[], Vec::as_slice)
    }

    fn fits(&self, place: Place, moved: Option<RowId>) -> bool {
        let mut above = place.parent;
        while let Some(row) = above {
            if !self.items.contains_key(&row) || Some(row) == moved {
                return false;
            }
            above = self.parent(row);
        }
        place
            .after
            .is_none_or(|after| self.of(place.parent).contains(&after))
    }

    fn parent(&self, row: RowId) -> Option<RowId> {
        let mut lists = self.children.iter();
        lists.find(|(_, list)| list.contains(&row)).and_then(|(parent, _)| *parent)
    }

    fn take(&mut self, row: RowId) {
        for list in self.children.values_mut() {
            list.retain(|it| *it != row);
        }
    }

    fn put(&mut self, row: RowId, place: Place) {
        let list = self.children.entry(place.parent).or_default();
        let at = place
            .after
            .and_then(|after| list.iter().position(|it| *it == after));
        list.insert(at.map_or(0, |at| at + 1), row);
    }

    fn walk(&self, parent: Option<RowId>, depth: u32, seen: &mut Vec<(RowId, u32, usize)>) {
        for &row in self.of(parent) {
            let at = seen.len();
            seen.push((row, depth, 0));
            self.walk(Some(row), depth + 1, seen);
            seen[at].2 = seen.len() - at;
        }
    }
}

fn compare(forest: &Forest, model: &Model) {
    let mut expected = Vec::new();
    model.walk(None, 0, &mut expected);
    let found: Vec<_> = forest.rows().map(|it| (it.id, it.depth, it.size)).collect();
    assert_eq!(found, expected);
    for row in forest.rows() {
        assert_eq!(forest.index_of(row.id), Some(row.index));
        assert_eq!(row.issue, model.items[&row.id]);
        assert_eq!(row.child_count as usize, model.of(Some(row.id)).len());
        let children: Vec<RowId> = forest.children(Some(row.index)).map(|it| it.id).collect();
        assert_eq!(children, model.of(Some(row.id)));
        let parent = row.parent.map(|index| forest.row(index).id);
        assert_eq!(parent, model.parent(row.id));
    }
    for issue in 0..8 {
        let holds = |(_, item): &(&RowId, &Option<IssueId>)| **item == Some(IssueId(issue));
        let expected = model.items.iter().filter(holds).count();
        let rows: Vec<usize> = forest.rows_of(IssueId(issue)).map(|it| it.index).collect();
        assert_eq!(rows.len(), expected);
        assert!(rows.is_sorted());
    }
}

fuzz_target!(|batches: Vec<Vec<Edit>>| {
    let (mut forest, mut model) = (Forest::default(), Model::default());
    for (version, batch) in batches.iter().enumerate() {
        let edits: Vec<RowEdit> = batch.iter().map(|edit| edit.real()).collect();
        let mut edited = model.clone();
        let fits = edits.iter().all(|edit| edited.edit(edit));
        match forest.edited(version as i64 + 1, &edits) {
            Ok(next) => {
                assert!(fits, "{edits:?} went through");
                (forest, model) = (next, edited);
            }
            Err(error) => assert!(!fits, "{edits:?}: {error}"),
        }
        compare(&forest, &model);
    }
});
