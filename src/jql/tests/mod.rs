//! Tests of the language as a whole; those of its parts stand in their modules.

mod errors;
mod random;
mod results;
mod samples;
mod trees;
