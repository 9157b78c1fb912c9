//! A scratch PostgreSQL: a temporary server to validate on.
//!
//! [`Scratch::start`] finds an installed PostgreSQL (14 or newer), makes a private temporary cluster on a Unix
//! socket and removes everything when the value is dropped. It also works when this process is root: the server
//! then runs as another user. A process that is killed leaves nothing behind either: a small shell waits for its
//! end, stops the server and removes the folder.
//!
//! Where no server is installed, or on Windows, an embedded PostgreSQL takes its place: the program [`PROGRAM`]. That
//! one has a single database and takes one connection at a time: see [`Scratch::max_connections`].
//!
//! An installed server begins with a copy of a data directory that is kept between runs, in `whimbrel/scratch` of the user's
//! cache folder: the one that initdb made, or one with a template database ([`Scratch::start_from`]). The environment
//! variable `WHIMBREL_SCRATCH_CACHE` names another folder; with `off` nothing is kept.
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

#[cfg(unix)]
mod cache;
mod database;
mod dump;
mod embedded;
mod error;
mod find;
#[cfg(unix)]
mod installed;
mod testing;
#[cfg(unix)]
mod user;
#[cfg(unix)]
mod watchdog;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

pub use dump::{Dump, difference};
pub use embedded::PROGRAM;
pub use error::ScratchError;
pub use find::{Installation, OLDEST};
pub use testing::{Need, for_tests, mongodb, peak_memory, seed, shared, skip};

/// The environment variable that decides which kind of server is used.
pub const CHOICE: &str = "WHIMBREL_SCRATCH";

/// Where a server keeps its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A file system in memory where there is one, for few and small databases.
    Memory,
    Disk,
}

/// The database that others are copied from.
const TEMPLATE: &str = "template";

/// Which kind of server a [`Scratch`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A private cluster of an installed PostgreSQL.
    Installed(Installation),
    /// The embedded PostgreSQL.
    Embedded,
}

impl fmt::Display for Kind {
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
    kind: Kind,
    url: String,
    /// The key of what its template database holds, if there is one.
    template: Option<String>,
    created: AtomicU32,
    server: Server,
}

#[derive(Debug)]
enum Server {
    #[cfg(unix)]
    Installed(Box<installed::Cluster>),
    Embedded(embedded::Embedded),
}

impl Scratch {
    /// Starts a server: an installed one if there is any, otherwise the embedded one; [`CHOICE`] decides when set.
    /// Blocks for a second or two.
    ///
    /// # Errors
    ///
    /// There is neither ([`ScratchError::NotFound`] says where both were looked for), or it does not start.
    pub fn start() -> Result<Scratch, ScratchError> {
        Scratch::start_from(&[])
    }

    /// Starts a server whose template database was kept ([`Scratch::keep`]) under the first possible of these keys. If none
    /// was, or it is an embedded one, there is no template database.
    ///
    /// # Errors
    ///
    /// As [`Scratch::start`].
    pub fn start_from(keys: &[String]) -> Result<Scratch, ScratchError> {
        let choice = std::env::var(CHOICE).unwrap_or_default();
        let missing = match choice.as_str() {
            "installed" => return Scratch::installed_from(keys, Place::Memory),
            folder if folder.contains('/') => return Scratch::installed_from(keys, Place::Memory),
            "embedded" => not_found(find::Searched::default()),
            "" => match Scratch::installed_from(keys, Place::Memory) {
                Ok(scratch) => return Ok(scratch),
                Err(error) => error,
            },
            _ => {
                return Err(ScratchError::Failed(format!(
                    "{CHOICE} is `{choice}`\nhint: `installed`, `embedded`, the folder of a server's programs, or not \
                     set (an installed server if there is one)"
                )));
            }
        };
        match embedded::find() {
            Some(program) => Scratch::embedded(&program),
            None => Err(missing),
        }
    }

    /// Starts a private cluster of the newest installed PostgreSQL that works, or of the one that [`CHOICE`] names. Its data is
    /// on the disk, while [`Scratch::start`] keeps it in memory where Linux has a file system for that (`/dev/shm`, unless
    /// `TMPDIR` is set).
    ///
    /// # Errors
    ///
    /// There is none, or none works.
    pub fn installed() -> Result<Scratch, ScratchError> {
        Scratch::installed_from(&[], Place::Disk)
    }

    #[cfg(unix)]
    fn installed_from(keys: &[String], place: Place) -> Result<Scratch, ScratchError> {
        let (found, searched) = find::installations(&find::Surroundings::here());
        let mut failure = not_found(searched);
        for installation in found {
            match installed::Cluster::start(&installation, keys, place) {
                Ok((cluster, template)) => {
                    return Ok(Scratch {
                        url: database::url(cluster.folder(), "postgres"),
                        kind: Kind::Installed(installation),
                        template,
                        created: AtomicU32::new(0),
                        server: Server::Installed(Box::new(cluster)),
                    });
                }
                // Of several failures the first one, the newest server's, counts.
                Err(error) if matches!(failure, ScratchError::NotFound(_)) => failure = error,
                Err(_) => {}
            }
        }
        Err(failure)
    }

    /// Installed servers are used through Unix sockets, which this system has not.
    #[cfg(not(unix))]
    fn installed_from(_keys: &[String], _place: Place) -> Result<Scratch, ScratchError> {
        let (_, searched) = find::installations(&find::Surroundings::here());
        Err(not_found(searched))
    }

    /// Starts the embedded server, with the program [`PROGRAM`] that stands there.
    ///
    /// # Errors
    ///
    /// It does not start.
    pub fn embedded(program: &Path) -> Result<Scratch, ScratchError> {
        let server = embedded::Embedded::start(program)?;
        Ok(Scratch {
            kind: Kind::Embedded,
            url: server.url.clone(),
            template: None,
            created: AtomicU32::new(0),
            server: Server::Embedded(server),
        })
    }

    /// The connection URL of its first database, which is empty.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The connection URL of the database of this name; the embedded server has one only.
    pub fn url_of(&self, database: &str) -> String {
        self.folder().map_or_else(|| self.url.clone(), |folder| database::url(folder, database))
    }

    /// Which kind of server this is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// How many connections may be open at the same time: 1 for the embedded server. Give it to a pool.
    pub fn max_connections(&self) -> u32 {
        match self.kind {
            Kind::Installed(_) => 100,
            Kind::Embedded => 1,
        }
    }

    /// Creates an empty database and returns its connection URL. A number is appended to the name, so that the
    /// same name can be asked for again. Blocks; works in and outside of an asynchronous runtime.
    ///
    /// # Errors
    ///
    /// The embedded server has one database only; the installed one does not answer.
    pub fn create_database(&self, name: &str) -> Result<String, ScratchError> {
        self.create(name, "template1")
    }

    /// Creates a copy of its template database, otherwise like [`Scratch::create_database`].
    ///
    /// # Errors
    ///
    /// There is no template database, or somebody is connected to it.
    pub fn copy_template(&self, name: &str) -> Result<String, ScratchError> {
        self.create(name, TEMPLATE)
    }

    fn create(&self, name: &str, template: &str) -> Result<String, ScratchError> {
        if self.kind == Kind::Embedded {
            return Err(ScratchError::OneDatabase(name.to_owned()));
        }
        let name = format!("{name}_{}", self.created.fetch_add(1, Ordering::Relaxed));
        let create = format!("CREATE DATABASE {} TEMPLATE {template}", database::quote(&name));
        database::execute(&self.url, &create)?;
        Ok(self.url_of(&name))
    }

    /// The key of what its template database holds; `None` if it has none.
    pub fn template(&self) -> Option<&str> {
        self.template.as_deref()
    }

    /// Makes of a database that it has created, and no session is connected to, the template database: what it holds has this key.
    /// What is younger than the template database, such as a role, does not belong to it.
    ///
    /// # Errors
    ///
    /// The server does not do it; then it has no template database.
    pub fn set_template(&mut self, name: &str, key: &str) -> Result<(), ScratchError> {
        let name = database::quote(name);
        if self.template.take().is_some() {
            database::execute(&self.url, &format!("ALTER DATABASE {TEMPLATE} IS_TEMPLATE false"))?;
            database::execute(&self.url, &format!("DROP DATABASE {TEMPLATE}"))?;
        }
        database::execute(
            &self.url,
            &format!("CREATE DATABASE {TEMPLATE} TEMPLATE {name} IS_TEMPLATE true"),
        )?;
        database::execute(&self.url, &format!("DROP DATABASE {name}"))?;
        self.template = Some(key.to_owned());
        Ok(())
    }

    /// Keeps its data directory for [`Scratch::start_from`], under the key of its template database. No session may be
    /// connected: the server is stopped and started again.
    ///
    /// # Errors
    ///
    /// It does not start again.
    pub fn keep(&mut self) -> Result<(), ScratchError> {
        match (&mut self.server, &self.template) {
            #[cfg(unix)]
            (Server::Installed(cluster), Some(key)) => cluster.keep(key),
            _ => Ok(()),
        }
    }

    /// What pg_dump prints of the schema of one of its databases, with these arguments added; `None` where there is no pg_dump
    /// beside the server. Blocks.
    ///
    /// # Errors
    ///
    /// pg_dump fails.
    pub fn dump(&self, url: &str, arguments: &[&str]) -> Result<Option<Dump>, ScratchError> {
        let program = self.program("pg_dump");
        program.map(|program| Dump::of(&program, url, arguments)).transpose()
    }

    /// A program that stands beside the server, such as `psql` or `pg_dump`; `None` if it is not installed.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        match &self.kind {
            Kind::Installed(installation) => Some(installation.bin.join(name)).filter(|file| file.is_file()),
            Kind::Embedded => None,
        }
    }

    /// The temporary folder that holds an installed server's data and socket.
    pub fn folder(&self) -> Option<&Path> {
        match &self.server {
            #[cfg(unix)]
            Server::Installed(cluster) => Some(cluster.folder()),
            Server::Embedded(_) => None,
        }
    }

    /// The server's process number.
    pub fn process(&self) -> u32 {
        match &self.server {
            #[cfg(unix)]
            Server::Installed(cluster) => cluster.process(),
            Server::Embedded(server) => server.process(),
        }
    }
}

fn not_found(searched: find::Searched) -> ScratchError {
    ScratchError::NotFound(searched.to_string())
}
