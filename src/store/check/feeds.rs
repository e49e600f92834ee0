//! What must hold between the two change feeds and what they tell of: told again from the oldest
//! line that is kept without a gap, each gives what is there now.

use super::rules::{Repair, Rule};

/// The lines of the unbroken run of versions that leads to the current one, each with the line of
/// the same row before and after it.
macro_rules! told {
    ($($query:literal),+) => {
        concat!(
            "WITH run AS (
                 SELECT made.structure_id, max(made.version) AS first FROM structure_version AS made
                 WHERE NOT EXISTS (SELECT 1 FROM structure_version AS earlier
                     WHERE earlier.structure_id = made.structure_id
                       AND earlier.version = made.version - 1)
                 GROUP BY made.structure_id),
             told AS (
                 SELECT change.structure_id, change.row_id, change.version, change.kind, run.first,
                     before_parent_id, before_position, after_parent_id, after_position,
                     LAG(kind) OVER line AS last_kind, LAG(after_parent_id) OVER line AS last_parent,
                     LAG(after_position) OVER line AS last_position, LEAD(kind) OVER line AS next_kind
                 FROM run JOIN forest_change AS change
                   ON change.structure_id = run.structure_id AND change.version >= run.first
                 WINDOW line AS (PARTITION BY change.structure_id, change.row_id
                                 ORDER BY change.version, change.seq))",
            $($query),+
        )
    };
}

/// As [`told`], with the rows that do not stand where their last lines say, and the versions of
/// each structure.
macro_rules! astray {
    ($query:literal) => {
        told!(
            ", astray AS (
                 SELECT told.structure_id, row_id, told.version, told.kind, here.id IS NULL AS gone
                 FROM told LEFT JOIN forest_row AS here ON here.id = told.row_id
                 WHERE next_kind IS NULL AND CASE told.kind
                     WHEN 'REMOVED' THEN here.id IS NOT NULL
                     ELSE here.id IS NULL OR here.structure_id <> told.structure_id
                         OR here.parent_id IS DISTINCT FROM told.after_parent_id
                         OR here.position IS DISTINCT FROM told.after_position END),
             versions AS (
                 SELECT id, version, newest, version < newest
                     OR (id NOT IN (SELECT structure_id FROM astray)
                         AND (newest > 0 OR id NOT IN (SELECT structure_id FROM forest_row))) AS sure
                 FROM (SELECT id, version, max(
                           COALESCE((SELECT max(version) FROM structure_version
                               WHERE structure_id = structure.id), 0),
                           COALESCE((SELECT max(version) FROM forest_change
                               WHERE structure_id = structure.id), 0)) AS newest
                       FROM structure)
                 WHERE version <> newest)",
            $query
        )
    };
}

pub(super) const RULES: &[Rule] = &[
    // A version that the feed tells of was made. One that it does not tell of was not, if all rows
    // stand where the feed left them; else its lines are lost, and what it did cannot be said. Lines
    // whose version is lost count as well: the next version must not take their number.
    Rule {
        name: "structure-versions",
        holds: "a structure's version is the newest of its feed",
        find: astray!(
            " SELECT 'structure ' || id || ' is at version ' || version || ', its feed at ' || newest, sure
              FROM versions"
        ),
        repair: Repair::Marked(astray!(
            " UPDATE structure SET version = (SELECT newest FROM versions WHERE id = structure.id)
              WHERE id IN (SELECT id FROM versions WHERE sure)"
        )),
    },
    Rule {
        name: "version-lines",
        holds: "every version of a hierarchy has its 1 to 1,000 lines",
        find: "SELECT 'version ' || made.version || ' of structure ' || made.structure_id || ' has '
                   || count(change.seq) || ' lines, the last is number ' || COALESCE(max(change.seq), -1)
               FROM structure_version AS made LEFT JOIN forest_change AS change
                 ON change.structure_id = made.structure_id AND change.version = made.version
               GROUP BY made.structure_id, made.version
               HAVING count(change.seq) NOT BETWEEN 1 AND 1000
                   OR max(change.seq) <> count(change.seq) - 1",
        repair: Repair::None,
    },
    Rule {
        name: "row-history",
        holds: "each line of a row goes on from where the one before left it",
        find: told!(
            "SELECT 'row ' || row_id || ' of structure ' || structure_id || ' in version ' || version
             FROM told
             WHERE (last_kind IS NULL AND first = 1 AND kind <> 'ADDED')
                OR (last_kind IS NOT NULL AND (kind = 'ADDED') <> (last_kind = 'REMOVED'))
                OR (last_kind IS NOT NULL AND kind <> 'ADDED'
                    AND (before_parent_id IS DISTINCT FROM last_parent
                         OR before_position IS DISTINCT FROM last_position))"
        ),
        repair: Repair::None,
    },
    Rule {
        name: "row-places",
        holds: "a row stands where its last line says",
        find: astray!(
            " SELECT 'row ' || row_id || ' of structure ' || structure_id || ' was '
                  || CASE kind WHEN 'REMOVED' THEN 'removed' ELSE 'put' END || ' in version ' || version
                  || CASE WHEN gone THEN ' and is gone' ELSE ' and stands elsewhere' END
              FROM astray"
        ),
        repair: Repair::None,
    },
    Rule {
        name: "untold-rows",
        holds: "a feed that is kept whole tells of every row",
        find: "SELECT 'row ' || forest_row.id || ' of structure ' || forest_row.structure_id
               FROM forest_row
               WHERE forest_row.structure_id NOT IN (
                       SELECT made.structure_id FROM structure_version AS made
                       WHERE made.version > 1 AND NOT EXISTS (
                           SELECT 1 FROM structure_version AS earlier
                           WHERE earlier.structure_id = made.structure_id
                             AND earlier.version = made.version - 1))
                 AND forest_row.id NOT IN (
                       SELECT row_id FROM forest_change WHERE kind = 'ADDED')",
        repair: Repair::None,
    },
    Rule {
        name: "issue-feed",
        holds: "the tracker's feed tells which issues there are",
        find: "SELECT 'issue ' || change.issue_id || CASE WHEN issue.id IS NULL
                   THEN ' is gone, which no line says' ELSE ' exists, and a line says that it is gone' END
               FROM (SELECT issue_id, max(kind = 'DELETED') AS gone FROM issue_change GROUP BY issue_id)
                 AS change
               LEFT JOIN issue ON issue.id = change.issue_id
               WHERE (issue.id IS NULL) <> gone",
        repair: Repair::None,
    },
    Rule {
        name: "link-feed",
        holds: "the tracker's feed tells which links there are",
        find: "SELECT 'link ' || told.link_id || CASE WHEN issue_link.id IS NULL
                   THEN ' is gone, its last line says that it was made'
                   ELSE ' exists, its last line says that it is gone' END
               FROM (SELECT link_id, max(seq) AS seq FROM issue_change
                     WHERE link_id IS NOT NULL AND field = 'source' GROUP BY link_id) AS told
               JOIN issue_change AS line ON line.seq = told.seq
               LEFT JOIN issue_link ON issue_link.id = told.link_id
               WHERE (line.kind = 'LINK_ADDED') <> (issue_link.id IS NOT NULL)",
        repair: Repair::None,
    },
    Rule {
        name: "link-ends",
        holds: "what happened to a link is told at both of its ends",
        find: "SELECT 'line ' || here.seq || ' of link ' || here.link_id || ' has no other end'
               FROM issue_change AS here LEFT JOIN issue_change AS there
                 ON there.seq = here.seq + CASE here.field WHEN 'source' THEN 1 ELSE -1 END
                AND there.link_id = here.link_id AND there.kind = here.kind
                AND there.issue_id = here.other_id AND there.other_id = here.issue_id
                AND there.field <> here.field
               WHERE here.link_id IS NOT NULL AND there.seq IS NULL
                 AND here.seq > (SELECT min(seq) FROM issue_change)",
        repair: Repair::None,
    },
    Rule {
        name: "issue-history",
        holds: "each line of an issue's field goes on from the one before, and the last is its value",
        find: "WITH told AS (
                   SELECT issue_id, field, seq, before, after,
                       LAG(after) OVER line AS last, LAG(seq) OVER line AS last_seq,
                       LEAD(seq) OVER line AS next_seq
                   FROM issue_change
                   WHERE kind = 'UPDATED' AND field IN ('status', 'resolution', 'parent', 'epic')
                   WINDOW line AS (PARTITION BY issue_id, field ORDER BY seq))
               SELECT 'the ' || field || ' of issue ' || issue_id || ' in line ' || told.seq
               FROM told LEFT JOIN issue ON issue.id = told.issue_id
               LEFT JOIN status ON status.id = issue.status_id
               WHERE (last_seq IS NOT NULL AND before IS DISTINCT FROM last)
                  OR (next_seq IS NULL AND issue.id IS NOT NULL AND after IS DISTINCT FROM CASE field
                         WHEN 'status' THEN status.name
                         WHEN 'resolution' THEN issue.resolution
                         WHEN 'parent' THEN CAST(issue.parent_id AS TEXT)
                         ELSE CAST(issue.epic_id AS TEXT) END)",
        repair: Repair::None,
    },
];
