//! What can go wrong when a scratch server is started.

use std::path::PathBuf;

/// Why there is no scratch server, or why it did not do what was asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScratchError {
    /// Neither an installed server nor the embedded one was found.
    #[error("{0}")]
    NotFound(Box<Searched>),

    /// This process is root, PostgreSQL refuses to run as root, and no other user is known.
    #[error(
        "PostgreSQL does not run as root, and none of the users {} exists here\n\
         hint: create one of them, or run this as a user who is not root",
        tried.join(", ")
    )]
    NoUser {
        /// The user names that were looked up.
        tried: Vec<String>,
    },

    /// No folder for temporary files can hold a server's data and its socket.
    #[error(
        "no folder for temporary files can be used: {}\n\
         hint: set TMPDIR to a short path that {user} may enter and write",
        tried.join("; ")
    )]
    NoFolder {
        /// Who must be able to use the folder.
        user: String,
        /// Each folder and what is wrong with it.
        tried: Vec<String>,
    },

    /// A file or process could not be handled.
    #[error("cannot {what}: {cause}")]
    Io {
        /// What was being done, with the path.
        what: String,
        /// The operating system's answer.
        cause: std::io::Error,
    },

    /// A program of PostgreSQL failed.
    #[error("{} failed ({outcome}):\n{output}", program.display())]
    Program {
        /// The program.
        program: PathBuf,
        /// Its exit status, or that it took too long.
        outcome: String,
        /// The end of what it wrote.
        output: String,
    },

    /// The embedded server did not start.
    #[error("the embedded PostgreSQL did not start: {0}")]
    Embedded(String),

    /// The embedded server has one database and takes one connection at a time.
    #[error(
        "the embedded PostgreSQL has one database only, `{0}` cannot be created in it\n\
         hint: install PostgreSQL 14 or newer"
    )]
    OneDatabase(String),

    /// A statement sent to the scratch server failed.
    #[error("cannot create the database `{name}`: {cause}")]
    Database {
        /// The database that was to be created.
        name: String,
        /// The server's or the driver's answer.
        cause: String,
    },

    /// `WHIMBREL_SCRATCH` says something unknown.
    #[error(
        "WHIMBREL_SCRATCH is `{0}`\nhint: `installed`, `embedded`, the folder of a server's programs, \
         or not set (an installed server if there is one)"
    )]
    Choice(String),
}

impl ScratchError {
    /// Wraps an operating system error with what was being done.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> ScratchError {
        let what = what.into();
        move |cause| ScratchError::Io { what, cause }
    }
}

/// Where PostgreSQL was looked for, for an error that can be acted on.
#[derive(Debug, Default, Clone)]
pub struct Searched {
    /// The places, in the order of the search.
    pub places: Vec<String>,
    /// Installations that were found and are older than [`crate::OLDEST`].
    pub too_old: Vec<String>,
    /// Installations that were found but not usable, with the reason.
    pub unusable: Vec<String>,
}

impl std::fmt::Display for Searched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.places.is_empty() {
            writeln!(f, "no PostgreSQL {} or newer was found on this machine", crate::OLDEST)?;
            writeln!(f, "looked for `postgres` and `initdb` in:")?;
        }
        for place in &self.places {
            writeln!(f, "  {place}")?;
        }
        for found in &self.too_old {
            writeln!(f, "too old: {found}")?;
        }
        for found in &self.unusable {
            writeln!(f, "not usable: {found}")?;
        }
        writeln!(f, "the embedded PostgreSQL, the program {}, is not installed either", crate::PROGRAM)?;
        write!(
            f,
            "hint: install PostgreSQL {} or newer (Debian: apt-get install postgresql; macOS: brew install postgresql), \
             or the embedded one: cargo install {}",
            crate::OLDEST,
            crate::PROGRAM
        )
    }
}
