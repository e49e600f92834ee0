//! Any bytes are a file that is imported or one that is refused with a reason; what they leave
//! behind is a database in which `check` finds nothing, and the same file once more makes nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use understory::store::check::check;
use understory::tracker::import::{ImportError, fuzzing::import};

fuzz_target!(|bytes: Vec<u8>| {
    understory_fuzz::write_and_undo(move |tx| {
        let first = match import(tx, bytes.clone()) {
            Ok(summary) => summary,
            Err(ImportError::Store(error)) => panic!("{error}"),
            Err(refused) => return assert!(!refused.to_string().is_empty()),
        };
        if first.issues_read == 0 {
            return;
        }
        let again = import(tx, bytes).expect("what was imported can be imported again");
        assert_eq!(first.issues_read, again.issues_read);
        assert_eq!(again.created, 0, "an import makes nothing twice");
        let report = check(tx, &mut |_| {});
        assert!(report.is_clean(), "{report:#?}");
    });
});
