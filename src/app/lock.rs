//! One server a database: the forests that it holds in memory are the newest only if nobody else
//! writes them. Imports and tokens from the command line touch no forest and need no lock.

use anyhow::{Context, bail};
use std::fs::{File, TryLockError};
use std::path::Path;

/// Held while the server runs; given back by the operating system whatever happens.
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a database; an error says who may have it.
    pub fn take(database: &Path) -> anyhow::Result<Self> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let shown = Path::new(&path).display().to_string();
        require_folder(database)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| {
                format!("cannot write {shown}: the database and its folder must be writable")
            })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => bail!(
                "another server has the database {}: stop it, or choose another --database",
                database.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).context(format!("cannot lock {shown}")),
        }
    }
}

/// Refuses a database in a folder that there is not.
pub(super) fn require_folder(database: &Path) -> anyhow::Result<()> {
    if let Some(folder) = database.parent().filter(|it| !it.as_os_str().is_empty())
        && !folder.is_dir()
    {
        bail!(
            "cannot open the database {}: there is no folder {}",
            database.display(),
            folder.display()
        );
    }
    Ok(())
}
