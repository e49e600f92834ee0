//! The words of the field as data, and the rules that need nothing else: ids, forests, issues,
//! synchronizers, plans and jobs. Pure: no clock, no database, no network; imports nothing of ours.

pub mod access;
pub mod forest;
pub mod fractional;
pub mod ids;
pub mod issue;
pub mod job;
pub mod lis;
pub mod plan;
pub mod refusal;
pub mod synchronizer;
pub mod text;
pub mod user_name;
pub mod viewer;

pub use access::{AccessLevel, GlobalPermission, Role, Subject};
pub use forest::{Forest, ForestError, Place, RowEdit};
pub use ids::{
    BoardId, FilterId, IdMap, IdPages, IdSet, IssueId, JobId, LinkId, LinkTypeId, Millis, RowId,
    StructureId, SynchronizerId, TokenId, UserId,
};
pub use job::{ChangeCounts, ChangeKind, JobKind, JobState, LogLevel};
pub use plan::{FieldEdit, Kept, LinkEdit, Note, NoteKind, Plan, RankPlace, StatusState};
pub use refusal::{Refusal, RefusalCode};
pub use synchronizer::{Direction, Kind, Settings};
pub use viewer::{Admission, Denial, Viewer};
