//! What must hold between tables, as SQL: each query finds what breaks a rule, one line of text
//! each, and some have a statement that makes the rule hold again from what it follows from.
//!
//! Only what follows from something else is repaired. Where two things contradict each other and
//! either may be right, a person has to decide.

/// One thing that must hold.
pub(super) struct Rule {
    /// Its name, for programs.
    pub(super) name: &'static str,
    /// What must hold, as a sentence.
    pub(super) holds: &'static str,
    /// Finds what breaks it: one text a row.
    pub(super) find: &'static str,
    /// What makes it hold again.
    pub(super) repair: Repair,
}

/// A statement that makes a rule hold again.
pub(super) enum Repair {
    /// There is none.
    None,
    /// It mends all that the rule finds.
    All(&'static str),
    /// It mends what the second column of the rule's query marks with 1.
    Marked(&'static str),
}

impl Repair {
    pub(super) fn statement(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::All(sql) | Self::Marked(sql) => Some(sql),
        }
    }
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "counters",
        holds: "an id that was given out is not given out again",
        find: "SELECT 'counter ' || counter.name || ' stands at ' || value || ', the largest id is ' || largest
               FROM counter JOIN (
                   SELECT 'forest_row' AS name, max(COALESCE((SELECT max(id) FROM forest_row), 0),
                       COALESCE((SELECT max(row_id) FROM forest_change), 0)) AS largest
                   UNION ALL SELECT 'issue', max(COALESCE((SELECT max(id) FROM issue), 0),
                       COALESCE((SELECT max(issue_id) FROM issue_change), 0))
                   UNION ALL SELECT 'issue_link', max(COALESCE((SELECT max(id) FROM issue_link), 0),
                       COALESCE((SELECT max(link_id) FROM issue_change), 0))
               ) AS used ON used.name = counter.name
               WHERE value < largest",
        repair: Repair::All(
            "UPDATE counter SET value = max(value, CASE name
                 WHEN 'forest_row' THEN max(COALESCE((SELECT max(id) FROM forest_row), 0),
                     COALESCE((SELECT max(row_id) FROM forest_change), 0))
                 WHEN 'issue' THEN max(COALESCE((SELECT max(id) FROM issue), 0),
                     COALESCE((SELECT max(issue_id) FROM issue_change), 0))
                 WHEN 'issue_link' THEN max(COALESCE((SELECT max(id) FROM issue_link), 0),
                     COALESCE((SELECT max(link_id) FROM issue_change), 0))
                 ELSE value END)",
        ),
    },
    Rule {
        name: "lost-counters",
        holds: "every counter is there",
        find: "SELECT 'counter ' || name FROM (
                   SELECT 'forest_row' AS name UNION ALL SELECT 'issue'
                   UNION ALL SELECT 'issue_link' UNION ALL SELECT 'access')
               WHERE name NOT IN (SELECT name FROM counter)",
        repair: Repair::All(
            "INSERT INTO counter (name, value)
             SELECT 'forest_row', max(COALESCE((SELECT max(id) FROM forest_row), 0),
                 COALESCE((SELECT max(row_id) FROM forest_change), 0))
             UNION ALL SELECT 'issue', max(COALESCE((SELECT max(id) FROM issue), 0),
                 COALESCE((SELECT max(issue_id) FROM issue_change), 0))
             UNION ALL SELECT 'issue_link', max(COALESCE((SELECT max(id) FROM issue_link), 0),
                 COALESCE((SELECT max(link_id) FROM issue_change), 0))
             UNION ALL SELECT 'access', 0
             ON CONFLICT (name) DO NOTHING",
        ),
    },
    Rule {
        name: "issue-numbers",
        holds: "a project's next issue gets a number that no issue of it has",
        find: "SELECT 'project ' || key || ' stands at ' || last_number || ', its largest number is ' || largest
               FROM project JOIN (SELECT project_id, max(number) AS largest FROM issue GROUP BY project_id)
                 ON project_id = project.id
               WHERE last_number < largest",
        repair: Repair::All(
            "UPDATE project SET last_number =
                 max(last_number, COALESCE((SELECT max(number) FROM issue WHERE project_id = project.id), 0))",
        ),
    },
    Rule {
        name: "issue-keys",
        holds: "an issue's key is made of its project's and its number",
        find: "SELECT 'issue ' || issue.id || ' has the key ' || issue.key || ', its project and number say '
                   || project.key || '-' || issue.number
               FROM issue JOIN project ON project.id = issue.project_id
               WHERE issue.key <> project.key || '-' || issue.number",
        repair: Repair::None,
    },
    Rule {
        name: "issue-parents",
        holds: "no issue stands above itself, by parents or as its own epic",
        find: "WITH RECURSIVE reached (id) AS (
                   SELECT top.id FROM issue AS top LEFT JOIN issue AS up ON up.id = top.parent_id
                   WHERE up.id IS NULL
                   UNION ALL
                   SELECT child.id FROM reached JOIN issue AS child ON child.parent_id = reached.id)
               SELECT 'issue ' || key || ' stands above itself or under an issue that does' FROM issue
               WHERE parent_id IS NOT NULL AND id NOT IN (SELECT id FROM reached)
               UNION ALL
               SELECT 'issue ' || key || ' is its own epic' FROM issue WHERE epic_id = id",
        repair: Repair::None,
    },
    Rule {
        name: "self-links",
        holds: "a link joins two issues",
        find: "SELECT 'link ' || issue_link.id || ' joins ' || key || ' with itself'
               FROM issue_link JOIN issue ON issue.id = source_id WHERE source_id = target_id",
        repair: Repair::None,
    },
    Rule {
        name: "row-counts",
        holds: "a structure knows how many rows it has",
        find: "SELECT 'structure ' || id || ' says ' || row_count || ' rows and has ' || rows FROM (
                   SELECT id, row_count,
                       (SELECT count(*) FROM forest_row WHERE structure_id = structure.id) AS rows
                   FROM structure)
               WHERE row_count <> rows",
        repair: Repair::All(
            "UPDATE structure SET row_count =
                 (SELECT count(*) FROM forest_row WHERE structure_id = structure.id)",
        ),
    },
    Rule {
        name: "parents",
        holds: "a row and its parent stand in one structure",
        find: "SELECT 'row ' || child.id || ' of structure ' || child.structure_id || ' stands under row '
                   || up.id || ' of structure ' || up.structure_id
               FROM forest_row AS child JOIN forest_row AS up ON up.id = child.parent_id
               WHERE up.structure_id <> child.structure_id",
        repair: Repair::None,
    },
    Rule {
        name: "cycles",
        holds: "every row is reached from the top level",
        find: "WITH RECURSIVE reached (structure_id, id) AS (
                   SELECT structure_id, id FROM forest_row WHERE parent_id IS NULL
                   UNION ALL
                   SELECT child.structure_id, child.id
                   FROM reached JOIN forest_row AS child ON child.parent_id = reached.id)
               SELECT 'structure ' || held.structure_id || ' has ' || (rows - COALESCE(reached, 0))
                   || ' rows that stand under themselves or under no row'
               FROM (SELECT structure_id, count(*) AS rows FROM forest_row GROUP BY structure_id) AS held
               LEFT JOIN (SELECT structure_id, count(*) AS reached FROM reached GROUP BY structure_id) AS top
                 ON top.structure_id = held.structure_id
               WHERE rows <> COALESCE(reached, 0)",
        repair: Repair::None,
    },
    Rule {
        name: "row-issues",
        holds: "the issue that stands in a row exists",
        find: "SELECT 'row ' || forest_row.id || ' of structure ' || structure_id || ' holds issue ' || issue_id
               FROM forest_row LEFT JOIN issue ON issue.id = forest_row.issue_id
               WHERE forest_row.issue_id IS NOT NULL AND issue.id IS NULL",
        repair: Repair::None,
    },
    Rule {
        name: "permissions",
        holds: "a permission of a user names that user",
        find: "SELECT 'a rule of structure ' || structure_id || ' for ' || subject FROM structure_permission
               WHERE (subject LIKE 'USER:%') <> (user_id IS NOT NULL)
               UNION ALL
               SELECT permission || ' for ' || subject FROM global_permission
               WHERE (subject LIKE 'USER:%') <> (user_id IS NOT NULL)",
        repair: Repair::None,
    },
    Rule {
        name: "synchronizer-cursors",
        holds: "a synchronizer has come no farther than the feeds",
        find: "SELECT 'synchronizer ' || id || ' is at ' || issue_cursor || ' and ' || structure_cursor
                   || ', the feeds are at ' || issues || ' and ' || rows FROM (
                   SELECT synchronizer.id, issue_cursor, structure_cursor, structure.version AS rows,
                       (SELECT COALESCE(max(seq), 0) FROM issue_change) AS issues
                   FROM synchronizer JOIN structure ON structure.id = synchronizer.structure_id)
               WHERE issue_cursor > issues OR structure_cursor > rows",
        // Between the end of a feed and a place behind it there is nothing to be skipped.
        repair: Repair::All(
            "UPDATE synchronizer SET
                 issue_cursor = min(issue_cursor, (SELECT COALESCE(max(seq), 0) FROM issue_change)),
                 structure_cursor = min(structure_cursor,
                     (SELECT version FROM structure WHERE structure.id = synchronizer.structure_id))",
        ),
    },
    Rule {
        name: "job-states",
        holds: "a job that has ended, and no other, has an end",
        find: "SELECT 'job ' || id || ' is ' || state || CASE WHEN finished_at IS NULL
                   THEN ' without an end' ELSE ' and has an end' END
               FROM job
               WHERE (finished_at IS NULL) <> (state IN ('QUEUED', 'RUNNING', 'CANCELLING'))",
        repair: Repair::None,
    },
];
