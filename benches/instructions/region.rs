//! What is counted of a process: all that it does, on any thread, between two calls by whose names
//! callgrind knows when to begin and to end.

use std::hint::black_box;

/// What matches the names of [`begin_counting`] and [`end_counting`], however they are mangled.
pub(crate) const BEGIN: &str = "*begin_counting*";
pub(crate) const END: &str = "*end_counting*";

// Two functions that do the same could become one.
#[inline(never)]
fn begin_counting() {
    black_box(1);
}

#[inline(never)]
fn end_counting() {
    black_box(2);
}

/// Counts some work.
pub(crate) fn counted<T>(work: impl FnOnce() -> T) -> T {
    begin_counting();
    let done = black_box(work());
    end_counting();
    done
}
