-- What agile and status-rollup synchronizers, one-off runs, undo and the history of structures need.

CREATE TABLE board (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    jql TEXT NOT NULL,
    ranked INTEGER NOT NULL CHECK (ranked IN (0, 1)),
    owner_id INTEGER REFERENCES user_account (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Which status may follow which in a project. A project that is not in `workflow` allows all.
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

-- The settings of a rule that is run without being installed, and the job that a job undoes.
ALTER TABLE job ADD COLUMN settings TEXT;
ALTER TABLE job ADD COLUMN reverts_id INTEGER REFERENCES job (id) ON DELETE SET NULL;
CREATE INDEX job_by_reverts ON job (reverts_id) WHERE reverts_id IS NOT NULL;

-- What a job decided and why, in a few lines that a person can read.
CREATE TABLE job_log (
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('INFO', 'WARNING')),
    message TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (job_id, seq)
) STRICT, WITHOUT ROWID;

-- Undo finds what a job changed in both feeds.
CREATE INDEX structure_version_by_job ON structure_version (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX issue_change_by_job ON issue_change (job_id) WHERE job_id IS NOT NULL;
