//! The types of the schema, one file a type: newtypes over what the store returns, with resolvers
//! that decode, make one call and wrap. Rules are elsewhere.

pub(crate) mod board;
pub(crate) mod change;
pub(crate) mod issue;
pub(crate) mod issue_change;
pub(crate) mod issue_link;
pub(crate) mod job;
pub(crate) mod link_type;
pub(crate) mod node;
pub(crate) mod permission;
pub(crate) mod row;
pub(crate) mod saved_filter;
pub(crate) mod server_info;
pub(crate) mod settings;
pub(crate) mod structure;
pub(crate) mod structure_change;
pub(crate) mod synchronizer;
pub(crate) mod token;
pub(crate) mod user;
pub(crate) mod user_error;
pub(crate) mod workflow;

pub(crate) use board::Board;
pub(crate) use change::Change;
pub(crate) use issue::Issue;
pub(crate) use issue_change::IssueChange;
pub(crate) use issue_link::IssueLink;
pub(crate) use job::Job;
pub(crate) use link_type::LinkType;
pub(crate) use node::Node;
pub(crate) use row::Row;
pub(crate) use saved_filter::SavedFilter;
pub(crate) use server_info::ServerInfo;
pub(crate) use structure::Structure;
pub(crate) use structure_change::StructureChange;
pub(crate) use synchronizer::Synchronizer;
pub(crate) use token::Token;
pub(crate) use user::User;
pub(crate) use user_error::UserError;
pub(crate) use workflow::Workflow;
