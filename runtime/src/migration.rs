//! Migrations as `embed!` puts them into a program and as a folder holds them.

use std::path::Path;

use whimbrel_syntax::chain;
pub use whimbrel_syntax::chain::{Chain, ChainFile, Checksum, Migration};

use crate::error::Error;

/// Which way a migration runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Forwards: the up file.
    Up,
    /// Back: the down file.
    Down,
}

impl Direction {
    /// The file's name: `20260102030405_add_stage.up.sql`.
    pub fn file(self, version: i64, name: &str) -> String {
        let word = match self {
            Direction::Up => "up",
            Direction::Down => "down",
        };
        format!("{version}_{name}.{word}.sql")
    }
}

/// Checks files that [`read_files`] read: like [`chain::load`], with the folder in the error.
pub fn check_files(folder: &Path, files: &[ChainFile<'_>]) -> Result<Chain, Error> {
    chain::load(files).map_err(|errors| Error::Chain { folder: folder.to_owned(), errors })
}

/// Reads the files of a folder that can be part of its chain, unchecked.
pub fn read_files(folder: &Path) -> Result<Vec<ChainFile<'static>>, Error> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |cause| Error::Read { path, cause }
    };
    let mut files = Vec::new();
    for prefix in chain::FOLDERS {
        let folder = folder.join(prefix);
        if !prefix.is_empty() && !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&folder).map_err(unreadable(&folder))? {
            let path = entry.map_err(unreadable(&folder))?.path();
            let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { continue };
            // Only what can be part of the chain is read: a folder may hold a picture.
            if path.is_file() && (name.ends_with(".sql") || name.ends_with(".json")) {
                let content = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
                files.push(ChainFile::new(format!("{prefix}{name}"), content));
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use crate::Migrator;
    use crate::error::Hint as _;

    #[test]
    fn an_empty_folder_is_a_chain() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Migrator::from_dir(folder.path()).unwrap().migrations(), []);
    }

    #[test]
    fn an_orphan_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("20260102030405_x.up.sql"), "SELECT 1;").unwrap();
        let error = Migrator::from_dir(folder.path()).unwrap_err();
        assert!(error.to_string().contains("20260102030405_x.up.sql"), "{error}");
        assert!(error.hint().unwrap().contains("meta file"), "{:?}", error.hint());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = Migrator::from_dir("/nowhere/migrations").unwrap_err();
        assert!(error.to_string().contains("/nowhere/migrations"), "{error}");
    }
}
