//! What can be wrong with a folder of migrations.

/// One thing that is wrong with a folder of migrations. The message names the file; [`ChainError::hint`] is what
/// to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    #[error("{file}: no meta/{version}.json lists this file")]
    Orphan { file: String, version: i64 },
    #[error("{file}: the name is neither <version>_<name>.up.sql, .down.sql nor meta/<version>.json")]
    Stray { file: String },
    #[error("{file} is missing; {meta} lists it")]
    Missing { file: String, meta: String },
    #[error("{found}: its meta file names it {expected}")]
    Renamed { expected: String, found: String },
    #[error("{file} was changed after it was written: its checksum is not the one in meta/{version}.json")]
    Changed { file: String, version: i64 },
    #[error("{file}: the snapshot was changed after it was written: its hash is not `schema_hash`")]
    ChangedSnapshot { file: String },
    #[error("version {version} has more than one file: {}", files.join(", "))]
    TwoOfOneVersion { version: i64, files: Vec<String> },
    #[error("{file} cannot be read: {reason}")]
    Unreadable { file: String, reason: String },
    #[error("{file} has format {found}; this version reads up to {}", super::FORMAT)]
    Format { file: String, found: u32 },
    #[error("{file} has version {found}")]
    WrongVersion { file: String, found: i64 },
    #[error("the chain forks: {} come last", heads.join(" and "))]
    Fork {
        /// The migrations that none follows, oldest first: `<version>_<name>`.
        heads: Vec<String>,
    },
    #[error("replaced/: {error}")]
    Replaced { error: Box<ChainError> },
    #[error(
        "{}",
        match by {
            Some(meta) => format!("the migrations in replaced/ are not those that {meta} replaces"),
            None => "no migration replaces those in replaced/".to_owned(),
        }
    )]
    OtherReplaced {
        /// The meta file of the migration that replaces others.
        by: Option<String>,
    },
    #[error("{file} follows version {parent}, which is missing or invalid")]
    NoParent { file: String, parent: i64 },
    #[error("{file} follows version {parent}, which is not older")]
    OutOfOrder { file: String, parent: i64 },
    #[error("{file} does not follow this {parent}: its `parent_hash` differs")]
    BrokenLink { file: String, parent: String },
}

impl ChainError {
    pub fn hint(&self) -> &'static str {
        match self {
            ChainError::Orphan { .. } => "remove it, or restore its meta file from version control",
            ChainError::Stray { .. } => "rename it or move it out of the folder of migrations",
            ChainError::Missing { .. } => "restore it from version control",
            ChainError::Renamed { .. } => "restore its previous name",
            ChainError::Changed { .. }
            | ChainError::ChangedSnapshot { .. }
            | ChainError::WrongVersion { .. } => {
                "restore it from version control; a change to the database belongs in a new migration"
            }
            ChainError::TwoOfOneVersion { .. } => "keep one of them",
            ChainError::Unreadable { .. } => {
                "restore it from version control; or finish the merge that left it"
            }
            ChainError::Format { .. } => "use the version of whimbrel that wrote it, or a newer one",
            ChainError::Fork { .. } => {
                "`whimbrel merge` joins two branches that do not contradict each other; otherwise remove the files of one and \
                 generate it again on top of the other"
            }
            ChainError::Replaced { error } => error.hint(),
            ChainError::OtherReplaced { .. } => "restore the folder from version control",
            ChainError::NoParent { .. } => "restore the migration it follows",
            ChainError::OutOfOrder { .. } | ChainError::BrokenLink { .. } => {
                "remove its files and generate it again on top of the chain"
            }
        }
    }
}
