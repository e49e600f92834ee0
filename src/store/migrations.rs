//! The versions of the database. A file of a newer version, or of another program, is refused.

use super::StoreError;
use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

/// Marks a file as ours: "Undr" in ASCII.
pub(super) const APPLICATION_ID: i32 = 0x556e_6472;

const STEPS: &[M<'_>] = &[
    M::up(include_str!("migrations/0001_start.sql")),
    M::up(include_str!("migrations/0002_all_kinds.sql")),
    M::up(include_str!("migrations/0003_access.sql")),
    M::up(include_str!("migrations/0004_roles.sql")),
    M::up(include_str!("migrations/0005_pending.sql")),
];
const MIGRATIONS: Migrations<'_> = Migrations::from_slice(STEPS);

/// Brings a database to the version of this program.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), String> {
    let read = |pragma: &str| {
        connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0))
    };
    let version = read("user_version").map_err(|e| explain(&e))?;
    let application = read("application_id").map_err(|e| explain(&e))?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|e| explain(&e))?;
    if application != i64::from(APPLICATION_ID) && (tables > 0 || version > 0) {
        return Err("it is a SQLite database of another program; choose another path".to_owned());
    }
    let newest = newest_version();
    if version > newest {
        return Err(format!(
            "it was written by a newer version of Understory (database version {version}, this \
             program knows up to {newest}); use that version, or restore a backup"
        ));
    }
    MIGRATIONS
        .to_latest(connection)
        .map_err(|error| error.to_string())?;
    connection
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(|e| explain(&e))
}

/// What a person can do about an engine's error while a file is opened.
pub(super) fn explain(error: &rusqlite::Error) -> String {
    use rusqlite::ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, ReadOnly,
    };
    match error.sqlite_error_code() {
        Some(NotADatabase) => "it is not a SQLite database".to_owned(),
        Some(CannotOpen) => {
            "the file or its folder does not exist or may not be read and written".to_owned()
        }
        Some(ReadOnly) => "the file or its folder is read-only".to_owned(),
        Some(DatabaseBusy | DatabaseLocked) => "another process holds it".to_owned(),
        Some(DiskFull) => "the disk is full".to_owned(),
        Some(DatabaseCorrupt) => format!(
            "the file is damaged ({error}); `understory check` says how far, a backup mends it"
        ),
        _ => error.to_string(),
    }
}

/// The version that this program brings databases to.
pub(super) fn newest_version() -> i64 {
    STEPS.len() as i64
}

/// A table or an index, as this version makes it.
pub(super) struct Object {
    pub(super) name: String,
    pub(super) is_index: bool,
    pub(super) sql: String,
}

/// Every table and index: tables first, each followed by its indexes.
pub(super) fn expected_objects() -> Result<Vec<Object>, StoreError> {
    let mut connection = Connection::open_in_memory()?;
    migrate(&mut connection).map_err(StoreError::Engine)?;
    let mut statement = connection.prepare(
        "SELECT name, type = 'index', sql FROM sqlite_schema
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
         ORDER BY tbl_name, type = 'index', name",
    )?;
    let objects = statement.query_map([], |row| {
        Ok(Object {
            name: row.get(0)?,
            is_index: row.get(1)?,
            sql: row.get(2)?,
        })
    })?;
    Ok(objects.collect::<Result<_, _>>()?)
}

/// The database after all migrations, as SQL.
pub fn schema() -> Result<String, StoreError> {
    let objects = expected_objects()?.into_iter();
    let parts: Vec<String> = objects.map(|it| it.sql).collect();
    Ok(parts.join(";\n\n") + ";\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_valid() {
        MIGRATIONS.validate().unwrap();
    }

    #[test]
    fn an_older_database_is_brought_to_this_version_with_what_is_in_it() {
        let mut old = Connection::open_in_memory().unwrap();
        MIGRATIONS.to_version(&mut old, 1).unwrap();
        old.pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        old.execute_batch(
            "INSERT INTO structure (id, name, description, created_at, updated_at)
                 VALUES (1, 'Plan', '', 0, 0);
             INSERT INTO job (id, kind, state, dry_run, structure_id, writes_issues,
                              enable_afterwards, phase, created_at)
                 VALUES (7, 'RESYNC', 'SUCCEEDED', 0, 1, 0, 0, 'Finished', 0);",
        )
        .unwrap();
        migrate(&mut old).unwrap();
        let job = "SELECT kind || COALESCE(settings, '') || COALESCE(reverts_id, '') FROM job WHERE id = 7";
        let kept: String = old.query_row(job, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, "RESYNC");
        migrate(&mut old).unwrap();
    }

    #[test]
    fn members_keep_the_synchronizers_that_they_had_installed() {
        let mut old = Connection::open_in_memory().unwrap();
        MIGRATIONS.to_version(&mut old, 2).unwrap();
        old.pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        old.execute_batch(
            "INSERT INTO user_account (id, name, role, created_at)
                 VALUES (1, 'ada', 'ADMIN', 0), (2, 'olga', 'MEMBER', 0), (3, 'sam', 'MEMBER', 0);
             INSERT INTO token (id, user_id, hash, created_at) VALUES (5, 2, 'h', 0);
             INSERT INTO structure (id, name, description, owner_id, created_at, updated_at)
                 VALUES (1, 'Plan', '', 2, 0, 0);
             INSERT INTO synchronizer (id, structure_id, name, kind, settings, run_as_id, enabled,
                                       created_at, updated_at)
                 VALUES (1, 1, 'Mine', 'SUB_TASKS', '{}', 2, 0, 0, 0),
                        (2, 1, 'Also', 'SUB_TASKS', '{}', 2, 0, 0, 0),
                        (3, 1, 'Hers', 'SUB_TASKS', '{}', 1, 0, 0, 0);",
        )
        .unwrap();
        migrate(&mut old).unwrap();
        let text = |sql: &str| old.query_row(sql, [], |row| row.get::<_, String>(0));
        let granted = "SELECT group_concat(permission || ' ' || subject) FROM global_permission";
        assert_eq!(text(granted).unwrap(), "CONTROL_SYNCHRONIZERS USER:2");
        let users = "SELECT group_concat(name || active, ' ') FROM user_account";
        assert_eq!(text(users).unwrap(), "ada1 olga1 sam1");
        assert_eq!(text("SELECT hash || name FROM token").unwrap(), "h");
    }
}
