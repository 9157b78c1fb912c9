//! A PostgreSQL to try things on.
//!
//! [`Scratch::start`] finds an installed PostgreSQL (14 or newer), makes a private temporary cluster on a Unix
//! socket and removes everything when the value is dropped. It also works when this process is root: the server
//! then runs as another user. A process that is killed leaves nothing behind either: a small shell waits for its
//! end, stops the server and removes the folder.
//!
//! Where no server is installed, and the feature `embedded` is on, an embedded PostgreSQL takes its place. That
//! one has a single database and takes one connection at a time: see [`Scratch::max_connections`].
//!
//! The environment variable `WHIMBREL_SCRATCH` decides when set: `installed`, `embedded`, or the folder of a server's
//! programs (`/usr/lib/postgresql/15/bin`).
//!
//! Tests share one server per process and get a database each:
//!
//! ```no_run
//! # fn test() -> Result<(), Box<dyn std::error::Error>> {
//! let Some(scratch) = whimbrel_scratch::for_tests() else { return Ok(()) }; // says that it skips, and why
//! let url = scratch.create_database("orders")?;
//! # Ok(())
//! # }
//! ```

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod database;
#[cfg(feature = "embedded")]
mod embedded;
mod error;
mod find;
mod installed;
mod testing;
mod user;
mod watchdog;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

pub use error::{ScratchError, Searched};
pub use find::{Installation, OLDEST};
pub use testing::{Need, REQUIRE, SEED, for_tests, mongodb, seed, shared, skip};

/// The environment variable that decides which kind of server is used.
pub const CHOICE: &str = "WHIMBREL_SCRATCH";

/// Which kind of server a [`Scratch`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A private cluster of an installed PostgreSQL.
    Installed(Installation),
    /// The embedded PostgreSQL.
    Embedded,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Kind::Installed(installation) => installation.fmt(f),
            Kind::Embedded => f.write_str("embedded PostgreSQL"),
        }
    }
}

/// A running PostgreSQL that is stopped and removed when dropped.
#[derive(Debug)]
pub struct Scratch {
    server: Server,
    url: String,
    created: AtomicU32,
}

#[derive(Debug)]
enum Server {
    Installed(Box<installed::Cluster>),
    #[cfg(feature = "embedded")]
    Embedded(Box<embedded::Embedded>),
}

impl Scratch {
    /// Starts a server: an installed one if there is any, otherwise the embedded one; [`CHOICE`] decides when set.
    /// Blocks for a second or two.
    pub fn start() -> Result<Scratch, ScratchError> {
        match std::env::var(CHOICE).ok().as_deref() {
            Some("installed") => Scratch::installed(),
            Some("embedded") => Scratch::embedded(),
            None | Some("") => Scratch::any(),
            Some(folder) if folder.contains('/') => Scratch::installed(),
            Some(other) => Err(ScratchError::Choice(other.to_owned())),
        }
    }

    /// An installed server, or else the embedded one, or else the reasons why neither.
    fn any() -> Result<Scratch, ScratchError> {
        let first = match Scratch::installed() {
            Ok(scratch) => return Ok(scratch),
            Err(error) => error,
        };
        if !cfg!(feature = "embedded") {
            return Err(first);
        }
        if !matches!(first, ScratchError::NotFound(_)) {
            tracing::warn!(error = %first, "the installed PostgreSQL cannot be used; taking the embedded one");
        }
        Scratch::embedded().map_err(|second| match first {
            ScratchError::NotFound(mut searched) => {
                searched.embedded = second.to_string();
                ScratchError::NotFound(searched)
            }
            first => first,
        })
    }

    /// Starts a private cluster of the newest installed PostgreSQL that works, or of the one that [`CHOICE`] names.
    pub fn installed() -> Result<Scratch, ScratchError> {
        let (found, mut searched) = find::installations(&find::Surroundings::here());
        let mut failure = None;
        for installation in found {
            match installed::Cluster::start(installation.clone()) {
                Ok(cluster) => return Ok(Scratch::of(Server::Installed(Box::new(cluster)))),
                Err(error) => {
                    searched.unusable.push(format!("{installation}: {error}"));
                    failure.get_or_insert(error);
                }
            }
        }
        searched.embedded = no_embedded().to_owned();
        Err(failure.unwrap_or_else(|| ScratchError::NotFound(Box::new(searched))))
    }

    /// Starts the embedded server.
    pub fn embedded() -> Result<Scratch, ScratchError> {
        #[cfg(feature = "embedded")]
        return Ok(Scratch::of(Server::Embedded(Box::new(embedded::Embedded::start()?))));
        #[cfg(not(feature = "embedded"))]
        Err(ScratchError::Embedded(no_embedded().to_owned()))
    }

    fn of(server: Server) -> Scratch {
        let url = match &server {
            Server::Installed(cluster) => cluster.url("postgres"),
            #[cfg(feature = "embedded")]
            Server::Embedded(embedded) => embedded.url(),
        };
        Scratch { server, url, created: AtomicU32::new(0) }
    }

    /// The connection URL of its first database, which is empty.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Which kind of server this is.
    pub fn kind(&self) -> Kind {
        match &self.server {
            Server::Installed(cluster) => Kind::Installed(cluster.installation().clone()),
            #[cfg(feature = "embedded")]
            Server::Embedded(_) => Kind::Embedded,
        }
    }

    /// How many connections may be open at the same time: 1 for the embedded server. Give it to a pool.
    pub fn max_connections(&self) -> u32 {
        match &self.server {
            Server::Installed(_) => installed::CONNECTIONS,
            #[cfg(feature = "embedded")]
            Server::Embedded(_) => 1,
        }
    }

    /// Creates an empty database and returns its connection URL. A number is appended to the name, so that the
    /// same name can be asked for again. Blocks; works in and outside of an asynchronous runtime.
    pub fn create_database(&self, name: &str) -> Result<String, ScratchError> {
        match &self.server {
            Server::Installed(cluster) => {
                let name = format!("{name}_{}", self.created.fetch_add(1, Ordering::Relaxed));
                database::create(&self.url, &name)?;
                Ok(cluster.url(&name))
            }
            #[cfg(feature = "embedded")]
            Server::Embedded(_) => Err(ScratchError::OneDatabase(name.to_owned())),
        }
    }

    /// A program that stands beside the server, such as `psql` or `pg_dump`; `None` if it is not installed.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        match &self.server {
            Server::Installed(cluster) => {
                Some(cluster.installation().bin.join(name)).filter(|file| file.is_file())
            }
            #[cfg(feature = "embedded")]
            Server::Embedded(_) => None,
        }
    }

    /// The temporary folder that holds an installed server's data and socket.
    pub fn folder(&self) -> Option<&Path> {
        match &self.server {
            Server::Installed(cluster) => Some(cluster.folder()),
            #[cfg(feature = "embedded")]
            Server::Embedded(_) => None,
        }
    }

    /// An installed server's process number.
    pub fn process(&self) -> Option<u32> {
        match &self.server {
            Server::Installed(cluster) => Some(cluster.process()),
            #[cfg(feature = "embedded")]
            Server::Embedded(_) => None,
        }
    }
}

/// Why no embedded server is tried.
fn no_embedded() -> &'static str {
    if cfg!(feature = "embedded") {
        "not asked for"
    } else {
        "this program was built without the feature `embedded`"
    }
}
