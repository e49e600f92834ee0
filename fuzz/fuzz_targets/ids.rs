//! One thing has one id and one cursor: what is read is written again as the same text, or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use understory::graphql::fuzzing::{cursors_again, id_again, issue_place};
use understory::store::Failure;
use understory::tracker::search;

fuzz_target!(|text: String| {
    if let Some(again) = id_again(&text) {
        assert_eq!(again, text);
    }
    for again in cursors_again(&text) {
        // A cursor may be written in several ways, but what was written by the server stays.
        assert!(cursors_again(&again).contains(&again), "{text:?} {again:?}");
    }
    let place = issue_place(&text).unwrap_or(text);
    understory_fuzz::read(move |tx| {
        for jql in ["", "ORDER BY rank, created DESC"] {
            match search::page(tx, jql, "ada", Some(&place), 3) {
                Ok(_) | Err(Failure::Refused(_)) => {}
                Err(Failure::Store(error)) => panic!("{place:?}: {error}"),
            }
        }
    });
});
