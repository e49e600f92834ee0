//! The agile rule on small and on random forests, against a tracker that is a few lists.

mod by_hand;
mod fewest;
mod incremental;
mod model;
mod promises;
