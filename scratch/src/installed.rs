//! A private, temporary cluster of an installed PostgreSQL.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::cache::Cache;
use crate::database::{PORT, SUPERUSER};
use crate::find::Installation;
use crate::user::ServerUser;
use crate::watchdog::Watchdog;
use crate::{Place, ScratchError};

/// How long a socket's path may be: 103 bytes on macOS, 107 on Linux.
const LONGEST_SOCKET: usize = 103;
/// How long initdb or a start may take on a slow machine.
const TIMEOUT: Duration = Duration::from_secs(120);
/// The key of the data directory that initdb makes.
const EMPTY: &str = "empty";
/// The data directory in a cluster's folder.
const DATA: &str = "data";

/// Settings of a server whose data is temporary: no waiting for the disk, nothing to replicate.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=2GB",
    "wal_recycle=off",
    "wal_init_zero=off",
    "max_connections=100",
    "shared_buffers=128MB",
    "maintenance_work_mem=128MB",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "lc_messages=C",
];

/// A running cluster; stopped and removed when dropped.
#[derive(Debug)]
pub(crate) struct Cluster {
    installation: Installation,
    user: ServerUser,
    cache: Option<Cache>,
    server: Child,
    watchdog: Watchdog,
    /// Last, so that the folder goes after the server.
    folder: TempDir,
}

impl Cluster {
    /// Starts a server on a copy of the data directory that is kept under the first possible of these keys, otherwise on what
    /// initdb makes. Gives the key.
    pub(crate) fn start(
        installation: &Installation,
        keys: &[String],
        place: Place,
    ) -> Result<(Self, Option<String>), ScratchError> {
        Cluster::begin(installation, Cache::of(installation), keys, place)
    }

    fn begin(
        installation: &Installation,
        cache: Option<Cache>,
        keys: &[String],
        place: Place,
    ) -> Result<(Self, Option<String>), ScratchError> {
        let user = ServerUser::choose()?;
        let folder = make_folder(&user, place)?;
        let data = folder.path().join(DATA);
        let mut watchdog = Watchdog::start(folder.path())?;
        let mut keys = keys.iter().map(String::as_str).chain([EMPTY]);
        let key = cache.as_ref().and_then(|cache| keys.find(|key| cache.copy(key, &data, &user)));
        if key.is_none() {
            init(installation, &user, folder.path(), &mut watchdog)?;
            if let Some(cache) = &cache {
                cache.put(EMPTY, &data);
            }
        }
        let server = launch(installation, &user, folder.path())?;
        let mut cluster =
            Cluster { installation: installation.clone(), user, cache, server, watchdog, folder };
        match (cluster.wait_until_ready(), &cluster.cache, key) {
            (Ok(()), ..) => {}
            (Err(error), Some(cache), Some(key)) => {
                tracing::debug!(%error, key, "no server starts on the kept data directory");
                cache.remove(key);
                return Cluster::begin(installation, None, &[], place);
            }
            (Err(error), ..) => return Err(error),
        }
        tracing::debug!(folder = %cluster.folder.path().display(), %installation, key, "scratch server started");
        Ok((cluster, key.filter(|key| *key != EMPTY).map(str::to_owned)))
    }

    /// Keeps a copy of its data directory under a key; the server is stopped meanwhile.
    pub(crate) fn keep(&mut self, key: &str) -> Result<(), ScratchError> {
        let Some(cache) = self.cache.clone() else { return Ok(()) };
        // A fast shutdown: what a server starts from at once.
        self.stop(Signal::INT);
        self.watchdog.guard(0)?;
        cache.put(key, &self.folder.path().join(DATA));
        self.server = launch(&self.installation, &self.user, self.folder.path())?;
        self.wait_until_ready()
    }

    pub(crate) fn process(&self) -> u32 {
        self.server.id()
    }

    /// The folder that holds everything.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The server writes `ready` into line 8 of its lock file when it takes connections.
    fn wait_until_ready(&mut self) -> Result<(), ScratchError> {
        self.watchdog.guard(self.server.id())?;
        let lock_file = self.folder.path().join(DATA).join("postmaster.pid");
        let begun = Instant::now();
        loop {
            let text = std::fs::read_to_string(&lock_file).unwrap_or_default();
            if text.lines().nth(7).is_some_and(|status| status.trim() == "ready") {
                return Ok(());
            }
            let ended = self.server.try_wait().map_err(ScratchError::when("wait for the server"))?;
            let outcome = match ended {
                Some(status) => status.to_string(),
                None if begun.elapsed() > TIMEOUT => format!("not ready after {} s", TIMEOUT.as_secs()),
                None => {
                    std::thread::sleep(Duration::from_millis(10));
                    continue;
                }
            };
            return Err(failed(&self.installation, "postgres", &outcome, &self.folder.path().join("log")));
        }
    }

    fn stop(&mut self, signal: Signal) {
        let process = i32::try_from(self.server.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(process) = process {
            // An error means that it has ended already.
            let _ = rustix::process::kill_process(process, signal);
        }
        let begun = Instant::now();
        while let Ok(None) = self.server.try_wait() {
            if begun.elapsed() > Duration::from_secs(10) {
                tracing::warn!("the scratch server does not stop; killing it");
                let _ = self.server.kill();
                let _ = self.server.wait();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // At once; its data is temporary.
        self.stop(Signal::QUIT);
        if let Err(error) = self.watchdog.guard(0) {
            tracing::warn!(%error, "the clean-up shell is gone");
        }
    }
}

/// Linux' file system in memory, if there is much room in it, and the user names no other folder.
fn memory() -> Option<PathBuf> {
    #[cfg(target_os = "linux")]
    if std::env::var_os("TMPDIR").is_none() {
        const SHARED_MEMORY: &str = "/dev/shm";
        // From linux/magic.h.
        const TMPFS_MAGIC: rustix::fs::FsWord = 0x0102_1994;
        const ROOM: u64 = 2 << 30;
        let found = rustix::fs::statfs(SHARED_MEMORY).ok()?;
        let room = found.f_bavail.saturating_mul(u64::try_from(found.f_bsize).unwrap_or(0));
        return (found.f_type == TMPFS_MAGIC && room >= ROOM).then(|| PathBuf::from(SHARED_MEMORY));
    }
    None
}

/// A folder of the server's user, private, whose path is short enough for a socket in it.
fn make_folder(user: &ServerUser, place: Place) -> Result<TempDir, ScratchError> {
    let mut tried = Vec::new();
    let memory = if place == Place::Memory { memory() } else { None };
    let others = [std::env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
    for base in memory.into_iter().chain(others) {
        let made = usable(&base, user).and_then(|base| {
            let folder = tempfile::Builder::new().prefix("whimbrel-").tempdir_in(base);
            folder.map_err(|error| error.to_string())
        });
        match made {
            Ok(folder) => return user.own(folder.path()).map(|()| folder),
            Err(reason) => tried.push(format!("{}: {reason}", base.display())),
        }
    }
    Err(ScratchError::Failed(format!(
        "no folder for temporary files can be used: {}\n\
         hint: set TMPDIR to a short path that {user} may enter and write",
        tried.join("; ")
    )))
}

/// Whether a server could live in a folder below `base`.
fn usable(base: &Path, user: &ServerUser) -> Result<PathBuf, String> {
    let base = std::fs::canonicalize(base).map_err(|error| error.to_string())?;
    let longest = base.as_os_str().len() + "/whimbrel-XXXXXX/.s.PGSQL.5432".len();
    if longest > LONGEST_SOCKET {
        return Err(format!("too long a path for a socket ({longest} bytes of {LONGEST_SOCKET})"));
    }
    if *user != ServerUser::Own {
        for folder in base.ancestors() {
            let mode = std::fs::metadata(folder).map_err(|error| error.to_string())?.permissions().mode();
            if mode & 0o001 == 0 {
                return Err(format!("{user} may not enter {}", folder.display()));
            }
        }
    }
    Ok(base)
}

/// A program of the installation, as the server's user, free of settings meant for other servers.
fn program(installation: &Installation, user: &ServerUser, name: &str, folder: &Path) -> Command {
    let mut command = Command::new(installation.bin.join(name));
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("PG") {
            command.env_remove(variable);
        }
    }
    command.env("LC_ALL", "C").env("HOME", folder).current_dir(folder).stdin(Stdio::null());
    user.run(&mut command);
    command
}

fn init(
    installation: &Installation,
    user: &ServerUser,
    folder: &Path,
    watchdog: &mut Watchdog,
) -> Result<(), ScratchError> {
    let log = folder.join("initdb.log");
    let mut command = program(installation, user, "initdb", folder);
    // `trust` is safe: the socket stands in a folder that only the server's user may enter.
    command
        .args([
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
            "--wal-segsize=1",
        ])
        .arg(format!("--username={SUPERUSER}"))
        .arg("--pgdata")
        .arg(folder.join(DATA));
    write_to(&mut command, &log)?;
    let mut child =
        command.spawn().map_err(ScratchError::when(format!("run {}/initdb", installation.bin.display())))?;
    watchdog.guard(child.id())?;
    let status = child.wait().map_err(ScratchError::when("wait for initdb"))?;
    watchdog.guard(0)?;
    if status.success() { Ok(()) } else { Err(failed(installation, "initdb", &status.to_string(), &log)) }
}

fn launch(installation: &Installation, user: &ServerUser, folder: &Path) -> Result<Child, ScratchError> {
    let mut command = program(installation, user, "postgres", folder);
    command.arg("-D").arg(folder.join(DATA)).args(["-p", PORT]).arg("-k").arg(folder);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    write_to(&mut command, &folder.join("log"))?;
    command.spawn().map_err(ScratchError::when(format!("run {}/postgres", installation.bin.display())))
}

/// Sends a command's words to a file.
fn write_to(command: &mut Command, log: &Path) -> Result<(), ScratchError> {
    let files = File::create(log).and_then(|file| Ok((file.try_clone()?, file)));
    let (out, err) = files.map_err(ScratchError::when(format_args!("write {}", log.display())))?;
    command.stdout(out).stderr(err);
    Ok(())
}

/// A program failed: how, and the end of its log.
fn failed(installation: &Installation, program: &str, outcome: &str, log: &Path) -> ScratchError {
    let text = match std::fs::read(log) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => format!("(its log {} cannot be read: {error})", log.display()),
    };
    let lines: Vec<_> = text.lines().collect();
    let end = lines[lines.len().saturating_sub(20)..].join("\n");
    ScratchError::Failed(format!("{} failed ({outcome}):\n{end}", installation.bin.join(program).display()))
}
