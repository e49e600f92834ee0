//! The oracle's forest: issue keys, each at most once, with the few edits that resyncs make.
//!
//! Rows have no ids here: what is compared with it is the picture that `dump` gives.

use std::collections::{BTreeMap, BTreeSet};

/// An ordered forest of issue keys, each at most once.
///
/// A key may have children before it has a place itself, so that links can be followed in any
/// order; every operation ends with all of them placed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    /// Of each placed key: the key above it, `None` at the top level.
    parent: BTreeMap<String, Option<String>>,
    children: BTreeMap<Option<String>, Vec<String>>,
}

/// The rows in depth-first order, as (depth, key); the top level has depth 0.
pub(crate) fn dump(tree: &Tree) -> Vec<(usize, String)> {
    fn walk(tree: &Tree, above: Option<&String>, depth: usize, out: &mut Vec<(usize, String)>) {
        for key in tree.children_of(above) {
            out.push((depth, key.clone()));
            walk(tree, Some(key), depth + 1, out);
        }
    }
    let mut out = Vec::new();
    walk(tree, None, 0, &mut out);
    out
}

impl Tree {
    /// The forest that `dump` would give as these rows.
    pub(crate) fn from_rows(rows: &[(usize, String)]) -> Tree {
        let mut tree = Tree::default();
        let mut path: Vec<String> = Vec::new();
        for (depth, key) in rows {
            assert!(
                *depth <= path.len(),
                "{key} stands deeper than its parent allows"
            );
            path.truncate(*depth);
            tree.append(path.last().cloned(), key);
            path.push(key.clone());
        }
        tree
    }

    /// Whether the issue has a row.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.parent.contains_key(key)
    }

    /// The keys directly below one, in their order; at the top level for `None`.
    pub(super) fn children_of(&self, above: Option<&String>) -> &[String] {
        self.children
            .get(&above.cloned())
            .map_or(&[], Vec::as_slice)
    }

    /// The key directly above; `None` both at the top level and without a row.
    pub(super) fn parent_of(&self, key: &str) -> Option<&String> {
        self.parent.get(key).and_then(Option::as_ref)
    }

    /// Whether `key` is `top` or stands anywhere below it.
    pub(super) fn is_within(&self, key: &str, top: &str) -> bool {
        key == top
            || self
                .parent_of(key)
                .is_some_and(|above| self.is_within(above, top))
    }

    /// Adds a row as last child of `above`, at the top level if that is `None`.
    pub(super) fn append(&mut self, above: Option<String>, key: &str) {
        let before = self.parent.insert(key.to_owned(), above.clone());
        assert!(before.is_none(), "{key} would stand in two rows");
        self.children.entry(above).or_default().push(key.to_owned());
    }

    /// Takes the row out of its siblings and tells where it was. Its children stay attached to it.
    fn detach(&mut self, key: &str) -> (Option<String>, usize) {
        let above = self
            .parent
            .remove(key)
            .expect("only placed rows are detached");
        let siblings = self
            .children
            .get_mut(&above)
            .expect("a placed row has siblings");
        let slot = siblings
            .iter()
            .position(|k| k == key)
            .expect("a row is among its siblings");
        siblings.remove(slot);
        if siblings.is_empty() {
            self.children.remove(&above);
        }
        (above, slot)
    }

    /// Makes the row, with its subtree, the last child of `above`; adds it if it has no place yet.
    pub(super) fn move_or_append(&mut self, above: Option<String>, key: &str) {
        if self.contains(key) {
            self.detach(key);
        }
        self.append(above, key);
    }

    /// Puts the same children of `above` in another order.
    pub(super) fn arrange(&mut self, above: Option<&String>, children: Vec<String>) {
        let before: BTreeSet<&String> = self.children_of(above).iter().collect();
        assert_eq!(before, children.iter().collect());
        if !children.is_empty() {
            self.children.insert(above.cloned(), children);
        }
    }

    /// Removes one row; its children move up into its place.
    pub(super) fn remove(&mut self, key: &str) {
        let (above, slot) = self.detach(key);
        let orphans = self
            .children
            .remove(&Some(key.to_owned()))
            .unwrap_or_default();
        for orphan in &orphans {
            self.parent.insert(orphan.clone(), above.clone());
        }
        if !orphans.is_empty() {
            self.children
                .entry(above)
                .or_default()
                .splice(slot..slot, orphans);
        }
    }
}
