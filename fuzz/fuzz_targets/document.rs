//! A document that passes the scan does not overflow the parser's stack, whatever it holds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use understory::graphql::fuzzing::parses;

fuzz_target!(|document: &str| {
    // That it returns is what is claimed: the parser recurses, and a stack that is full aborts.
    parses(document);
});
