//! What is written of an issue.

use super::{issues, plan};
use crate::domain::issue::{Issue, IssueType, Status, StatusCategory};
use crate::domain::{IssueId, Millis};

#[test]
fn every_category_and_flag_has_its_word() {
    let mut issue = Issue {
        id: IssueId(1),
        key: "P-1".to_owned(),
        project_key: "P".to_owned(),
        summary: String::new(),
        issue_type: IssueType {
            name: "Epic".to_owned(),
            sub_task: false,
            epic: true,
        },
        status: Status {
            name: "Open".to_owned(),
            category: StatusCategory::ToDo,
        },
        resolution: None,
        priority: None,
        assignee: None,
        parent: None,
        epic: None,
        rank: None,
        created_at: Millis(0),
        updated_at: Millis(0),
    };
    let document = "{ type { subTask epic } status { category } }";
    let document = async_graphql::parser::parse_query(document).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    let plan = plan::make(&[&operation.node.selection_set.node], &document.fragments);
    let plan = plan.unwrap();
    for (category, word) in [
        (StatusCategory::ToDo, "TO_DO"),
        (StatusCategory::InProgress, "IN_PROGRESS"),
        (StatusCategory::Done, "DONE"),
    ] {
        issue.status.category = category;
        let mut out = String::new();
        issues::write_issue(&mut out, &plan, &issue);
        assert_eq!(
            out,
            format!(
                "{{\"type\":{{\"subTask\":false,\"epic\":true}},\"status\":{{\"category\":\"{word}\"}}}}"
            )
        );
    }
}
