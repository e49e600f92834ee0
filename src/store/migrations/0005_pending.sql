-- A change that a job writes in several transactions, so that others can write between them. While
-- its line stands here, what lies in these ranges counts as not written; that the line goes makes
-- all of it seen at once.
CREATE TABLE pending_write (
    job_id INTEGER PRIMARY KEY,
    structure_id INTEGER NOT NULL REFERENCES structure (id) ON DELETE CASCADE,
    first_row INTEGER NOT NULL,
    last_row INTEGER NOT NULL,
    first_version INTEGER NOT NULL,
    last_version INTEGER NOT NULL
) STRICT;
CREATE INDEX pending_write_by_structure ON pending_write (structure_id);

-- Those of its new rows that come back with the ids that they had, which lie in no range. Where the
-- job has no line above any more, these mean nothing.
CREATE TABLE pending_row (
    job_id INTEGER NOT NULL,
    row_id INTEGER NOT NULL,
    PRIMARY KEY (job_id, row_id)
) STRICT, WITHOUT ROWID;

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

CREATE VIEW seen_change AS
SELECT * FROM forest_change WHERE NOT EXISTS (
    SELECT 1 FROM pending_write
    WHERE pending_write.structure_id = forest_change.structure_id
      AND forest_change.version BETWEEN first_version AND last_version);

CREATE VIEW seen_job_change AS
SELECT * FROM job_change WHERE NOT EXISTS (
    SELECT 1 FROM pending_write WHERE pending_write.job_id = job_change.job_id);
