//! What can go wrong when a scratch server is started.

/// Why there is no scratch server, or why it did not do what was asked of it. The text says what to do, too.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScratchError {
    /// Neither an installed server nor the embedded one was found: where PostgreSQL was looked for.
    #[error("{0}")]
    NotFound(String),
    /// The embedded server has one database and takes one connection at a time.
    #[error(
        "the embedded PostgreSQL has one database only, `{0}` cannot be created in it\n\
         hint: install PostgreSQL 14 or newer"
    )]
    OneDatabase(String),
    /// A file, a process or a server could not be handled.
    #[error("{0}")]
    Failed(String),
}

impl ScratchError {
    /// Wraps an error with what was being done.
    pub(crate) fn when<E: std::fmt::Display>(what: impl std::fmt::Display) -> impl FnOnce(E) -> ScratchError {
        move |cause| ScratchError::Failed(format!("cannot {what}: {cause}"))
    }
}
