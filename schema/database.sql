CREATE TABLE board (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    jql TEXT NOT NULL,
    ranked INTEGER NOT NULL CHECK (ranked IN (0, 1)),
    owner_id INTEGER REFERENCES user_account (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

CREATE TABLE dangling_reference (
    issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('PARENT', 'EPIC', 'LINK_SOURCE', 'LINK_TARGET')),
    external_id TEXT NOT NULL DEFAULT '',
    type_id INTEGER REFERENCES link_type (id),
    key TEXT NOT NULL,
    PRIMARY KEY (issue_id, kind, key, external_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX dangling_reference_by_key ON dangling_reference (key);

CREATE TABLE forest_change (
    structure_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('ADDED', 'MOVED', 'REMOVED')),
    row_id INTEGER NOT NULL,
    issue_id INTEGER,
    folder TEXT,
    before_parent_id INTEGER,
    before_position TEXT,
    after_parent_id INTEGER,
    after_position TEXT,
    PRIMARY KEY (structure_id, version, seq),
    FOREIGN KEY (structure_id, version) REFERENCES structure_version (structure_id, version) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE forest_row (
    id INTEGER PRIMARY KEY,
    structure_id INTEGER NOT NULL REFERENCES structure (id) ON DELETE CASCADE,
    parent_id INTEGER REFERENCES forest_row (id) ON DELETE CASCADE,
    position TEXT NOT NULL,
    issue_id INTEGER,
    folder TEXT,
    CHECK ((issue_id IS NULL) <> (folder IS NULL))
) STRICT;

CREATE INDEX forest_row_by_issue ON forest_row (issue_id) WHERE issue_id IS NOT NULL;

CREATE INDEX forest_row_by_parent ON forest_row (parent_id) WHERE parent_id IS NOT NULL;

CREATE INDEX forest_row_by_place ON forest_row (structure_id, parent_id, position);

CREATE TABLE global_permission (
    permission TEXT NOT NULL CHECK (permission IN ('CONTROL_SYNCHRONIZERS')),
    subject TEXT NOT NULL,
    user_id INTEGER REFERENCES user_account (id) ON DELETE CASCADE,
    PRIMARY KEY (permission, subject),
    CHECK (subject IN ('EVERYONE', 'ROLE:MEMBER', 'ROLE:ADMIN') OR subject = 'USER:' || user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX global_permission_by_user ON global_permission (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE issue (
    id INTEGER PRIMARY KEY,
    external_id TEXT UNIQUE,
    key TEXT NOT NULL UNIQUE,
    project_id INTEGER NOT NULL REFERENCES project (id),
    number INTEGER NOT NULL,
    type_id INTEGER NOT NULL REFERENCES issue_type (id),
    status_id INTEGER NOT NULL REFERENCES status (id),
    summary TEXT NOT NULL,
    resolution TEXT,
    priority TEXT,
    assignee TEXT,
    reporter TEXT,
    parent_id INTEGER REFERENCES issue (id) ON DELETE SET NULL,
    epic_id INTEGER REFERENCES issue (id) ON DELETE SET NULL,
    rank TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    resolved_at INTEGER,
    UNIQUE (project_id, number)
) STRICT;

CREATE INDEX issue_by_assignee ON issue (assignee);

CREATE INDEX issue_by_epic ON issue (epic_id) WHERE epic_id IS NOT NULL;

CREATE INDEX issue_by_parent ON issue (parent_id) WHERE parent_id IS NOT NULL;

CREATE INDEX issue_by_rank ON issue (rank);

CREATE INDEX issue_by_status ON issue (status_id);

CREATE INDEX issue_by_type ON issue (type_id);

CREATE INDEX issue_by_updated ON issue (updated_at);

CREATE TABLE issue_change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    issue_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('CREATED', 'UPDATED', 'DELETED', 'LINK_ADDED', 'LINK_REMOVED')),
    field TEXT,
    before TEXT,
    after TEXT,
    link_id INTEGER,
    link_type_id INTEGER,
    other_id INTEGER,
    user_id INTEGER,
    job_id INTEGER,
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX issue_change_by_at ON issue_change (at);

CREATE INDEX issue_change_by_issue ON issue_change (issue_id, seq);

CREATE INDEX issue_change_by_job ON issue_change (job_id) WHERE job_id IS NOT NULL;

CREATE TABLE issue_component (
    issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (issue_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX issue_component_by_name ON issue_component (name);

CREATE TABLE issue_fix_version (
    issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (issue_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX issue_fix_version_by_name ON issue_fix_version (name);

CREATE TABLE issue_label (
    issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (issue_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX issue_label_by_name ON issue_label (name);

CREATE TABLE issue_link (
    id INTEGER PRIMARY KEY,
    external_id TEXT UNIQUE,
    type_id INTEGER NOT NULL REFERENCES link_type (id),
    source_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    target_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    UNIQUE (type_id, source_id, target_id)
) STRICT;

CREATE INDEX issue_link_by_source ON issue_link (source_id);

CREATE INDEX issue_link_by_target ON issue_link (target_id);

CREATE TABLE issue_type (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    sub_task INTEGER NOT NULL CHECK (sub_task IN (0, 1)),
    epic INTEGER NOT NULL CHECK (epic IN (0, 1))
) STRICT;

CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    direction TEXT,
    state TEXT NOT NULL,
    dry_run INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
    structure_id INTEGER NOT NULL REFERENCES structure (id) ON DELETE CASCADE,
    synchronizer_id INTEGER REFERENCES synchronizer (id) ON DELETE SET NULL,
    writes_issues INTEGER NOT NULL CHECK (writes_issues IN (0, 1)),
    enable_afterwards INTEGER NOT NULL CHECK (enable_afterwards IN (0, 1)),
    preview_job_id INTEGER,
    max_removal_percent INTEGER,
    requested_by_id INTEGER REFERENCES user_account (id) ON DELETE SET NULL,
    phase TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    total INTEGER,
    counts TEXT NOT NULL DEFAULT '{}',
    error_code TEXT,
    error_message TEXT,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    revision INTEGER NOT NULL DEFAULT 1
, settings TEXT, reverts_id INTEGER REFERENCES job (id) ON DELETE SET NULL) STRICT;

CREATE INDEX job_active ON job (id) WHERE state IN ('QUEUED', 'RUNNING', 'CANCELLING');

CREATE INDEX job_by_finished ON job (finished_at) WHERE finished_at IS NOT NULL;

CREATE INDEX job_by_reverts ON job (reverts_id) WHERE reverts_id IS NOT NULL;

CREATE INDEX job_by_state ON job (state, id);

CREATE INDEX job_by_structure ON job (structure_id, id);

CREATE INDEX job_by_synchronizer ON job (synchronizer_id, id);

CREATE TABLE job_change (
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    issue_key TEXT,
    row_id INTEGER,
    issue_id INTEGER,
    link_id INTEGER,
    before TEXT,
    after TEXT,
    summary TEXT NOT NULL,
    PRIMARY KEY (job_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_log (
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('INFO', 'WARNING')),
    message TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (job_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE link_type (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    inward TEXT NOT NULL,
    outward TEXT NOT NULL
) STRICT;

CREATE TABLE pending_row (
    job_id INTEGER NOT NULL,
    row_id INTEGER NOT NULL,
    PRIMARY KEY (job_id, row_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE pending_write (
    job_id INTEGER PRIMARY KEY,
    structure_id INTEGER NOT NULL REFERENCES structure (id) ON DELETE CASCADE,
    first_row INTEGER NOT NULL,
    last_row INTEGER NOT NULL,
    first_version INTEGER NOT NULL,
    last_version INTEGER NOT NULL
) STRICT;

CREATE INDEX pending_write_by_structure ON pending_write (structure_id);

CREATE TABLE project (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    last_number INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE saved_filter (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    jql TEXT NOT NULL,
    owner_id INTEGER REFERENCES user_account (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE VIEW seen_change AS
SELECT * FROM forest_change WHERE NOT EXISTS (
    SELECT 1 FROM pending_write
    WHERE pending_write.structure_id = forest_change.structure_id
      AND forest_change.version BETWEEN first_version AND last_version);

CREATE VIEW seen_job_change AS
SELECT * FROM job_change WHERE NOT EXISTS (
    SELECT 1 FROM pending_write WHERE pending_write.job_id = job_change.job_id);

CREATE VIEW seen_row AS
SELECT * FROM forest_row WHERE NOT EXISTS (
    SELECT 1 FROM pending_write
    WHERE pending_write.structure_id = forest_row.structure_id
      AND (forest_row.id BETWEEN first_row AND last_row OR EXISTS (
          SELECT 1 FROM pending_row
          WHERE pending_row.job_id = pending_write.job_id
            AND pending_row.row_id = forest_row.id)));

CREATE VIEW seen_version AS
SELECT * FROM structure_version WHERE NOT EXISTS (
    SELECT 1 FROM pending_write
    WHERE pending_write.structure_id = structure_version.structure_id
      AND structure_version.version BETWEEN first_version AND last_version);

CREATE TABLE status (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    category TEXT NOT NULL CHECK (category IN ('TO_DO', 'IN_PROGRESS', 'DONE'))
) STRICT;

CREATE TABLE structure (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    owner_id INTEGER REFERENCES user_account (id) ON DELETE SET NULL,
    version INTEGER NOT NULL DEFAULT 0,
    row_count INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX structure_by_name ON structure (name, id);

CREATE INDEX structure_by_owner ON structure (owner_id);

CREATE TABLE structure_permission (
    structure_id INTEGER NOT NULL REFERENCES structure (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    user_id INTEGER REFERENCES user_account (id) ON DELETE CASCADE,
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 4),
    PRIMARY KEY (structure_id, subject),
    CHECK (subject IN ('EVERYONE', 'ROLE:MEMBER', 'ROLE:ADMIN') OR subject = 'USER:' || user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX structure_permission_by_subject ON structure_permission (subject, structure_id);

CREATE INDEX structure_permission_by_user ON structure_permission (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE structure_version (
    structure_id INTEGER NOT NULL REFERENCES structure (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    user_id INTEGER,
    job_id INTEGER,
    at INTEGER NOT NULL,
    PRIMARY KEY (structure_id, version)
) STRICT, WITHOUT ROWID;

CREATE INDEX structure_version_by_at ON structure_version (at);

CREATE INDEX structure_version_by_job ON structure_version (job_id) WHERE job_id IS NOT NULL;

CREATE TABLE synchronizer (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    structure_id INTEGER NOT NULL REFERENCES structure (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    settings TEXT NOT NULL,
    run_as_id INTEGER NOT NULL REFERENCES user_account (id),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    unavailable_reason TEXT,
    issue_cursor INTEGER NOT NULL DEFAULT 0,
    structure_cursor INTEGER NOT NULL DEFAULT 0,
    -- Incremental jobs in a row that only jobs gave rise to: a sign of a loop.
    chain INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX synchronizer_by_structure ON synchronizer (structure_id);

CREATE INDEX synchronizer_enabled ON synchronizer (id) WHERE enabled = 1;

CREATE TABLE token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
, name TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX token_by_expiry ON token (expires_at) WHERE expires_at IS NOT NULL;

CREATE INDEX token_by_user ON token (user_id);

CREATE TABLE user_account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('MEMBER', 'ADMIN')),
    created_at INTEGER NOT NULL
, active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)), role_told_at INTEGER) STRICT;

CREATE TABLE workflow (
    project_id INTEGER PRIMARY KEY REFERENCES project (id) ON DELETE CASCADE,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE workflow_transition (
    project_id INTEGER NOT NULL REFERENCES workflow (project_id) ON DELETE CASCADE,
    from_status_id INTEGER NOT NULL REFERENCES status (id),
    to_status_id INTEGER NOT NULL REFERENCES status (id),
    PRIMARY KEY (project_id, from_status_id, to_status_id)
) STRICT, WITHOUT ROWID;
