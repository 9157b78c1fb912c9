use std::time::Duration;

use serde::Serialize;

use crate::migration::{Direction, Migration};

/// A migration as the journal identifies it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MigrationRef {
    /// The UTC time of its making as `YYYYMMDDHHMMSS`.
    pub version: i64,
    pub name: String,
    /// Hash of the migration and of all before it; empty if unknown.
    pub link: String,
    pub up_checksum: String,
    pub down_checksum: String,
    pub schema_hash: String,
}

impl From<&Migration> for MigrationRef {
    fn from(migration: &Migration) -> Self {
        MigrationRef {
            version: migration.version,
            name: migration.name.to_string(),
            link: migration.link.to_string(),
            up_checksum: migration.up_checksum.to_string(),
            down_checksum: migration.down_checksum.to_string(),
            schema_hash: migration.schema_hash.to_string(),
        }
    }
}

impl std::fmt::Display for MigrationRef {
    /// `20260102030405_add_stage`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}", self.version, self.name)
    }
}

impl MigrationRef {
    pub(crate) fn file(&self, direction: Direction) -> String {
        direction.file(self.version, &self.name)
    }
}

/// How far a script got.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    pub(crate) transactional: bool,
    pub(crate) statements: usize,
    pub(crate) done: usize,
    pub(crate) prefix_checksum: Option<String>,
    pub(crate) duration: Option<Duration>,
    pub(crate) error: Option<String>,
}
