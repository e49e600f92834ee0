//! Names that clients choose, made fit for labels: a number of them, and one for the rest.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Different names that are told apart.
const LIMIT: usize = 200;
/// Characters of a name that is told apart.
const LENGTH_LIMIT: usize = 80;
/// What every other name is called.
const OTHER: &str = "other";

/// The names seen so far. The first ones stay: forgetting one would end its series.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<HashSet<Arc<str>>>);

impl Names {
    /// The label for a name, which is remembered if there is room; the label of none is empty.
    pub(super) fn label(&self, name: Option<&str>) -> Arc<str> {
        self.find(name, true)
    }

    /// The label for a name that is not worth remembering.
    pub(super) fn known(&self, name: Option<&str>) -> Arc<str> {
        self.find(name, false)
    }

    fn find(&self, name: Option<&str>, remember: bool) -> Arc<str> {
        let name = name.unwrap_or_default();
        if name.is_empty() {
            return name.into();
        }
        // The set is whole after every step, so a panic elsewhere does not spoil it.
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(name) {
            return Arc::clone(known);
        }
        if !remember || names.len() >= LIMIT || name.len() > LENGTH_LIMIT {
            return OTHER.into();
        }
        let new: Arc<str> = name.into();
        names.insert(Arc::clone(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_the_limit_are_one() {
        let names = Names::default();
        for number in 0..LIMIT {
            let name = format!("Query{number}");
            assert_eq!(&*names.label(Some(&name)), name);
        }
        assert_eq!(&*names.label(Some("OneTooMany")), OTHER);
        assert_eq!(&*names.label(Some("Query0")), "Query0");
        assert_eq!(&*names.label(None), "");
    }

    #[test]
    fn long_names_and_those_of_refused_operations_are_not_remembered() {
        let names = Names::default();
        assert_eq!(&*names.label(Some(&"x".repeat(LENGTH_LIMIT + 1))), OTHER);
        assert_eq!(&*names.known(Some("Mistyped")), OTHER);
        assert_eq!(&*names.label(Some("Mistyped")), "Mistyped");
        assert_eq!(&*names.known(Some("Mistyped")), "Mistyped");
    }
}
