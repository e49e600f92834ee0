//! Any text is a query that runs or an error that names a column in it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use understory::jql;
use understory::store::Failure;
use understory::tracker::search;

fuzz_target!(|text: String| {
    match jql::parse(&text) {
        Ok(_) => runs(text),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

fn runs(text: String) {
    understory_fuzz::read(move |tx| {
        for outcome in [
            search::count(tx, &text, "ada").map(|_| ()),
            search::page(tx, &text, "ada", None, 3).map(|_| ()),
            search::all(tx, &text, "ada").map(|_| ()),
            search::among(tx, &text, "ada", &[]).map(|_| ()),
        ] {
            match outcome {
                Ok(()) => {}
                Err(Failure::Refused(refusal)) => panic!("{text:?} was accepted: {refusal}"),
                Err(Failure::Store(error)) => panic!("{text:?}: {error}"),
            }
        }
    });
}
