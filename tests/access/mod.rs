//! Who may do what, on a real server: nothing tells of what is hidden, rights count at once, and jobs
//! have those of their users.

mod leaks;
mod recipes;
mod run_as;
mod schema;
mod sessions;
mod world;
