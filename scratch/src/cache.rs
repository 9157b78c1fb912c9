//! Data directories that are kept between runs, so that neither initdb nor hundreds of migrations run each time.
//!
//! Each is complete and never changed: a server gets a copy of it. It is written beside its place and renamed, so half of
//! one is never seen. Who copies holds a shared lock, who puts or removes one an exclusive lock.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::find::Installation;
use crate::user::ServerUser;

/// Names the folder that data directories are kept in; `off` keeps none.
const PLACE: &str = "WHIMBREL_SCRATCH_CACHE";
/// Counts up when a cluster is made in another way.
const FORMAT: u32 = 1;
/// How many are kept, of 30 MB or more each; the one that was not used for the longest time goes first.
const KEPT: usize = 10;
/// How much was copied, to find what a loss of power left behind.
const SIZE: &str = "whimbrel.size";
/// What begins the name of one that is being written.
const UNFINISHED: &str = ".unfinished-";
const LOCK: &str = ".lock";

/// The data directories of one installation.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    folder: PathBuf,
    /// What tells its servers from others.
    server: String,
}

impl Cache {
    /// None if there is no place for them.
    pub(crate) fn of(installation: &Installation) -> Option<Self> {
        let folder = match std::env::var_os(PLACE) {
            Some(place) if place == "off" => return None,
            Some(place) if !place.is_empty() => PathBuf::from(place),
            _ => user_cache()?.join("whimbrel/scratch"),
        };
        let mut hash = DefaultHasher::new();
        installation.bin.hash(&mut hash);
        let (major, minor) = installation.version;
        Some(Cache { folder, server: format!("{major}.{minor}-{:016x}-{FORMAT}", hash.finish()) })
    }

    /// Copies the one with this key to where nothing is; whether there is one.
    pub(crate) fn copy(&self, key: &str, to: &Path, user: &ServerUser) -> bool {
        let from = self.path(key);
        let copied = self.lock(File::lock_shared).and_then(|_lock| {
            // That it was used now.
            File::open(&from)?.set_modified(SystemTime::now())?;
            let copied = copy(&from, to, user)?;
            Ok(copied == fs::read_to_string(from.join(SIZE))?)
        });
        match copied {
            Ok(true) => return true,
            Ok(false) => self.remove(key),
            Err(error) => tracing::debug!(%error, key, "no kept data directory"),
        }
        // What was copied of it.
        let _gone = fs::remove_dir_all(to);
        false
    }

    /// Keeps a copy of a data directory that no server uses. Without room or rights, it is not kept.
    pub(crate) fn put(&self, key: &str, data: &Path) {
        if let Err(error) = self.try_put(key, data) {
            tracing::debug!(%error, key, "the data directory is not kept");
        }
    }

    fn try_put(&self, key: &str, data: &Path) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let unfinished = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(&self.folder)?;
        let own = unfinished.path().join("data");
        let size = copy(data, &own, &ServerUser::Own)?;
        fs::write(own.join(SIZE), size)?;
        let _lock = self.lock(File::lock)?;
        // Another process may have put the same.
        if !self.path(key).exists() {
            fs::rename(&own, self.path(key))?;
        }
        self.evict()
    }

    pub(crate) fn remove(&self, key: &str) {
        let removed = self.lock(File::lock).and_then(|_lock| self.remove_whole(&self.path(key)));
        if let Err(error) = removed {
            tracing::debug!(%error, key, "a kept data directory cannot be removed");
        }
    }

    /// Removes the oldest that are too many, and what a process that was killed has left.
    fn evict(&self) -> io::Result<()> {
        let mut kept = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let used = fs::metadata(&path)?.modified()?;
            let old = used.elapsed().is_ok_and(|age| age > Duration::from_secs(3600));
            if name.starts_with(UNFINISHED) {
                if old {
                    fs::remove_dir_all(&path)?;
                }
            } else if name != LOCK {
                kept.push((used, path));
            }
        }
        kept.sort();
        let many = kept.len().saturating_sub(KEPT);
        kept.iter().take(many).try_for_each(|(_, path)| self.remove_whole(path))
    }

    /// Takes one out of its place first, so that half of one is never seen there.
    fn remove_whole(&self, path: &Path) -> io::Result<()> {
        let unfinished = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(&self.folder)?;
        fs::rename(path, unfinished.path().join("data"))?;
        unfinished.close()
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{}-{key}", self.server))
    }

    /// Held until the file is dropped, or the process ends.
    fn lock(&self, how: impl Fn(&File) -> io::Result<()>) -> io::Result<File> {
        let file = File::options().create(true).append(true).open(self.folder.join(LOCK))?;
        how(&file)?;
        Ok(file)
    }
}

/// Where programs keep what can be made again (XDG Base Directory; on macOS `~/Library/Caches`).
fn user_cache() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    match cfg!(target_os = "macos") {
        true => Some(set("HOME")?.join("Library/Caches")),
        false => set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache"))),
    }
}

/// Copies a folder for a user, who alone may read it. Gives the number of files and bytes.
fn copy(from: &Path, to: &Path, user: &ServerUser) -> io::Result<String> {
    let (mut files, mut bytes) = (0_u64, 0);
    let mut folders = vec![(from.to_path_buf(), to.to_path_buf())];
    while let Some((from, to)) = folders.pop() {
        fs::create_dir(&to)?;
        fs::set_permissions(&to, fs::metadata(&from)?.permissions())?;
        user.own(&to).map_err(io::Error::other)?;
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            let target = to.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), target));
            } else if entry.file_name() != SIZE {
                files += 1;
                bytes += fs::copy(entry.path(), &target)?;
                user.own(&target).map_err(io::Error::other)?;
            }
        }
    }
    Ok(format!("{files} files, {bytes} bytes\n"))
}
