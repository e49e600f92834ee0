//! How each field of the roots is asked about something: one recipe a field, so that a field
//! without one makes the walk fail.

use super::world::Ids;

/// Who may ask for a mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// More than to view the structure that is named.
    Structure,
    /// Nothing that a structure could hide: it changes issues, or what is one's own.
    Nothing,
    /// To be an administrator.
    Administrator,
    /// The token to be one's own.
    Ownership,
}

/// The arguments of a field of `Query`, once for each way to ask.
pub(crate) fn query(field: &str, ids: &Ids) -> Option<Vec<String>> {
    let Ids {
        structure,
        row,
        synchronizer,
        job,
        token,
    } = ids;
    Some(match field {
        "node" => [structure, row, synchronizer, job, token]
            .map(|id| format!("(id: {id:?})"))
            .to_vec(),
        "nodes" => vec![format!(
            "(ids: [{structure:?}, {row:?}, {synchronizer:?}, {job:?}, {token:?}])"
        )],
        "structure" => vec![format!("(id: {structure:?})")],
        "synchronizer" => vec![format!("(id: {synchronizer:?})")],
        "job" => vec![format!("(id: {job:?})")],
        "jobs" => vec![
            String::new(),
            format!("(structureId: {structure:?})"),
            format!("(synchronizerId: {synchronizer:?})"),
            "(states: [QUEUED, RUNNING])".to_owned(),
        ],
        "structures" => vec![
            String::new(),
            "(last: 50)".to_owned(),
            "(nameContains: \"e\")".to_owned(),
        ],
        "viewer" | "serverInfo" | "savedFilters" | "linkTypes" | "boards" | "users"
        | "globalPermissions" => vec![String::new()],
        "issues" => vec!["(jql: \"\")".to_owned()],
        "issue" => vec!["(key: \"GEN-1\")".to_owned()],
        "workflow" => vec!["(projectKey: \"GEN\")".to_owned()],
        _ => return None,
    })
}

/// The types behind `node` of which things can be hidden, and those of which none is.
pub(crate) const NODES: (&[&str], &[&str]) = (
    &["Structure", "Row", "Synchronizer", "Job", "Token"],
    &[
        "Issue",
        "IssueLink",
        "LinkType",
        "SavedFilter",
        "Board",
        "User",
    ],
);

/// The arguments of a field of `Subscription`, once for each way to ask.
pub(crate) fn subscription(field: &str, ids: &Ids) -> Option<Vec<String>> {
    let Ids {
        structure,
        synchronizer,
        job,
        ..
    } = ids;
    Some(match field {
        "jobStatus" => vec![format!("(id: {job:?})")],
        "structureChanges" => vec![
            format!("(id: {structure:?})"),
            format!("(id: {structure:?}, sinceVersion: 0)"),
        ],
        "jobs" => vec![
            format!("(structureId: {structure:?})"),
            format!("(synchronizerId: {synchronizer:?})"),
            format!("(structureId: {structure:?}, synchronizerId: {synchronizer:?})"),
        ],
        _ => return None,
    })
}

/// The arguments of a mutation about what ids name, and what it needs.
pub(crate) fn mutation(field: &str, ids: &Ids) -> Option<(Needs, String)> {
    let Ids {
        structure,
        row,
        synchronizer,
        job,
        token,
    } = ids;
    let user = super::world::global("User", 1);
    let of = format!("structureId: {structure:?}");
    let rule = "settings: { subTasks: {} }";
    let everywhere = "permission: CONTROL_SYNCHRONIZERS, subject: { everyone: true }";
    let about = match field {
        "updateStructure" => format!("input: {{ id: {structure:?}, name: \"x\" }}"),
        "deleteStructure" => format!("id: {structure:?}"),
        "addRows" => format!("input: {{ {of}, rows: [{{ folder: \"x\" }}], position: {{}} }}"),
        "moveRows" => format!("input: {{ {of}, rowIds: [{row:?}], position: {{}} }}"),
        "removeRows" => format!("input: {{ {of}, rowIds: [{row:?}] }}"),
        "setStructurePermission" => {
            format!("input: {{ {of}, subject: {{ everyone: true }}, level: CONTROL }}")
        }
        "removeStructurePermission" => format!("input: {{ {of}, subject: {{ everyone: true }} }}"),
        "transferStructure" => format!("input: {{ id: {structure:?}, ownerId: {user:?} }}"),
        "installSynchronizer" => format!("input: {{ {of}, {rule} }}"),
        "updateSynchronizer" => format!("input: {{ id: {synchronizer:?}, name: \"x\" }}"),
        "setSynchronizerEnabled" => format!("id: {synchronizer:?}, enabled: true"),
        "uninstallSynchronizer" => format!("id: {synchronizer:?}"),
        "startResync" => format!(
            "input: {{ synchronizerId: {synchronizer:?}, direction: INTO_STRUCTURE, dryRun: true }}"
        ),
        "runImport" | "runExport" => format!(
            "input: {{ {of}, dryRun: true, settings: {{ agile: {{ projectKeys: [\"GEN\"] }} }} }}"
        ),
        "cancelJob" => format!("id: {job:?}"),
        "revertJob" => format!("id: {job:?}, dryRun: true"),
        "revokeToken" => return Some((Needs::Ownership, format!("id: {token:?}"))),
        "createUser" => return administrator("input: { name: \"x\" }".to_owned()),
        "updateUser" => return administrator(format!("input: {{ id: {user:?}, role: MEMBER }}")),
        "grantGlobalPermission" | "revokeGlobalPermission" => {
            return administrator(format!("input: {{ {everywhere} }}"));
        }
        "setWorkflow" => return administrator("input: { projectKey: \"GEN\" }".to_owned()),
        "createStructure" | "createToken" | "createIssue" | "updateIssue" | "deleteIssue"
        | "linkIssues" | "unlinkIssues" | "rankIssues" | "createSavedFilter" | "createBoard" => {
            return Some((Needs::Nothing, String::new()));
        }
        _ => return None,
    };
    Some((Needs::Structure, about))
}

fn administrator(arguments: String) -> Option<(Needs, String)> {
    Some((Needs::Administrator, arguments))
}

/// Mutations of what is the asker's own that name something else: it must not tell what that is.
pub(crate) fn crossed(own: &Ids, other: &Ids) -> Vec<(&'static str, String)> {
    let of = format!("structureId: {:?}", own.structure);
    let (mine, row) = (&own.row, &other.row);
    vec![
        (
            "addRows",
            format!(
                "input: {{ {of}, rows: [{{ folder: \"x\" }}], position: {{ under: {row:?} }} }}"
            ),
        ),
        (
            "addRows",
            format!(
                "input: {{ {of}, rows: [{{ folder: \"x\" }}], position: {{ after: {row:?} }} }}"
            ),
        ),
        (
            "moveRows",
            format!("input: {{ {of}, rowIds: [{row:?}], position: {{}} }}"),
        ),
        (
            "moveRows",
            format!("input: {{ {of}, rowIds: [{mine:?}], position: {{ under: {row:?} }} }}"),
        ),
        (
            "removeRows",
            format!("input: {{ {of}, rowIds: [{row:?}] }}"),
        ),
        (
            "installSynchronizer",
            format!(
                "input: {{ {of}, settings: {{ savedFilter: {{ jql: \"\", placeUnder: {row:?} }} }} }}"
            ),
        ),
        (
            "runImport",
            format!(
                "input: {{ {of}, dryRun: true,
                           settings: {{ savedFilter: {{ jql: \"\", placeUnder: {row:?} }} }} }}"
            ),
        ),
        (
            "startResync",
            format!(
                "input: {{ synchronizerId: {:?}, direction: INTO_STRUCTURE, confirm: true,
                           previewJobId: {:?} }}",
                own.synchronizer, other.job
            ),
        ),
    ]
}
