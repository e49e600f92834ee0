//! What users ask of jobs: start one, stop one, and why one waits.
//!
//! A job in the wrong direction loses data, so nothing here starts one that the user has not
//! confirmed, and the confirmation of a resync may be bound to the dry run that was looked at.

mod cancel;
mod checks;
mod losses;
mod resync;
mod run_once;
mod waiting;

pub(super) use cancel::find_visible;
pub use checks::QueueLimits;
pub use resync::ResyncRequest;
pub use run_once::RunOnceRequest;
pub use waiting::Waits;
