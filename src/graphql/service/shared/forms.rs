//! An answer that many receive, in the forms in which transports send it.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

/// Clients count their operations from one, so that most of those who listen use the same few ids.
const KEPT: usize = 8;

/// Forms of one answer by their names, each made once; beyond a few, each time.
#[derive(Debug, Default)]
pub(in crate::graphql::service) struct Forms(Mutex<Vec<(Box<str>, Bytes)>>);

impl Forms {
    pub(in crate::graphql::service) fn find_or_make(
        &self,
        name: &str,
        make: impl FnOnce() -> Bytes,
    ) -> Bytes {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, form)) = kept.iter().find(|(it, _)| **it == *name) {
            return form.clone();
        }
        let form = make();
        if kept.len() < KEPT {
            kept.push((name.into(), form.clone()));
        }
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_made_once_and_only_a_few_are_kept() {
        let (forms, mut made) = (Forms::default(), 0);
        for round in 0..2 {
            for id in 0..KEPT + 3 {
                let name = id.to_string();
                let form = forms.find_or_make(&name, || {
                    made += 1;
                    name.clone().into_bytes().into()
                });
                assert_eq!(form, name.as_bytes(), "{round}");
            }
        }
        assert_eq!(made, KEPT + 2 * 3);
    }
}
