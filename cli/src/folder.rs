//! The folder of migrations: reading it as a whole, adding to it as a whole.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use whimbrel::migration::{self, Chain, ChainFile, Checksum};
use whimbrel_schema::chain::{FORMAT, Head, Meta};
use whimbrel_schema::{Schema, snapshot};

use crate::failure::Failure;

/// A sound folder of migrations.
#[derive(Debug)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// Its files.
    pub files: Vec<ChainFile<'static>>,
    /// Its migrations and the newest snapshot.
    pub chain: Chain,
}

/// A migration that is not written yet.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What will stand in its meta file.
    pub meta: Meta,
    /// The text of its up file.
    pub up: String,
    /// The text of its down file.
    pub down: String,
}

impl Folder {
    /// Reads and checks a folder; one that is not there is empty.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or the files form no chain: everything that is wrong is said.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let files = if path.exists() { migration::read_files(path).map_err(failed)? } else { Vec::new() };
        let chain = migration::check_files(path, &files).map_err(failed)?;
        Ok(Folder { path: path.to_path_buf(), files, chain })
    }

    /// The schema after the newest migration.
    pub fn schema(&self) -> Schema {
        self.chain.head.as_ref().map(|head| head.schema.clone()).unwrap_or_default()
    }

    /// A migration on top of the chain.
    pub fn draft(&self, name: &str, up: String, down: String, data_loss: Vec<String>, next: Schema) -> Draft {
        let head = self.chain.head.as_ref();
        let meta = Meta {
            format: FORMAT,
            version: next_version(head),
            name: name.to_owned(),
            parent: head.map(|head| head.version),
            parent_hash: head.map(|head| head.link.clone()),
            up_checksum: Checksum::of(&up),
            down_checksum: Checksum::of(&down),
            schema_hash: snapshot::hash(&next),
            data_loss,
            snapshot: next,
        };
        Draft { meta, up, down }
    }

    /// The chain as it will be with a draft on top.
    ///
    /// # Errors
    ///
    /// The chain would not be sound, which were a fault of this program.
    pub fn chain_with(&self, draft: &Draft) -> Result<Chain, Failure> {
        let mut files = self.files.clone();
        files.extend(draft.files().map(|(name, content)| ChainFile::new(name, content)));
        migration::check_files(&self.path, &files).map_err(failed)
    }

    /// Writes a draft: the files are staged beside their place, brought to disk, then renamed, the meta file last.
    ///
    /// # Errors
    ///
    /// A file cannot be written; what was renamed before is taken back.
    pub fn add(&self, draft: &Draft) -> Result<Vec<PathBuf>, Failure> {
        write_whole(&self.path, &draft.files()).map_err(|error| {
            Failure::new(format!("the migration cannot be written into {}", self.path.display()))
                .caused_by(&error)
                .hint("nothing of it was left behind; check the rights on the folder and the space on the disk")
        })
    }
}

impl Draft {
    /// The name that its files share.
    pub fn stem(&self) -> String {
        format!("{}_{}", self.meta.version, self.meta.name)
    }

    /// Its files by their path in the folder; the meta file is the last.
    fn files(&self) -> [(String, String); 3] {
        [
            (format!("{}.up.sql", self.stem()), self.up.clone()),
            (format!("{}.down.sql", self.stem()), self.down.clone()),
            (format!("meta/{}.json", self.meta.version), self.meta.to_json()),
        ]
    }
}

/// What the runtime says, with its hint.
pub fn failed(error: whimbrel::Error) -> Failure {
    let hint = error.hint();
    let failure = Failure::new(error.to_string());
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Stages, syncs, renames. Existing files are never replaced.
fn write_whole(folder: &Path, files: &[(String, String)]) -> std::io::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder.join("meta"))?;
    let stage = tempfile::Builder::new().prefix(".whimbrel-").tempdir_in(folder)?;
    for (number, (_, content)) in files.iter().enumerate() {
        let mut file = File::create_new(stage.path().join(number.to_string()))?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
    }
    let mut written = Vec::new();
    for (number, (name, _)) in files.iter().enumerate() {
        let path = folder.join(name);
        if let Err(error) = place(&stage.path().join(number.to_string()), &path) {
            for path in &written {
                // The first error is the one to tell.
                let _second = std::fs::remove_file(path);
            }
            return Err(error);
        }
        written.push(path);
    }
    sync_folder(&folder.join("meta"))?;
    sync_folder(folder)?;
    Ok(written)
}

/// Gives a staged file its place, unless that is taken.
fn place(staged: &Path, path: &Path) -> std::io::Result<()> {
    // A hard link, unlike a rename, fails when the name is taken; some file systems have none.
    match std::fs::hard_link(staged, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists && !path.exists() => std::fs::rename(staged, path),
        other => other,
    }
}

/// Replaces files one by one, each by a rename.
///
/// # Errors
///
/// A file cannot be written or renamed.
pub fn replace(path: &Path, content: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// Brings the names in a folder to disk; elsewhere than on Unix a folder cannot be opened.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// The time as `YYYYMMDDHHMMSS`, but later than the newest migration's.
fn next_version(head: Option<&Head>) -> i64 {
    let now = version_of(now());
    match head {
        Some(head) if head.version >= now => second_after(head.version),
        _ => now,
    }
}

/// The present, or what SOURCE_DATE_EPOCH says it is (reproducible-builds.org).
fn now() -> DateTime<Utc> {
    std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds.parse().ok()?, 0))
        .unwrap_or_else(Utc::now)
}

fn version_of(time: DateTime<Utc>) -> i64 {
    time.format("%Y%m%d%H%M%S").to_string().parse().unwrap_or(i64::MAX)
}

/// A second later if the version is a time, otherwise the next number.
fn second_after(version: i64) -> i64 {
    NaiveDateTime::parse_from_str(&version.to_string(), "%Y%m%d%H%M%S")
        .ok()
        .and_then(|time| time.checked_add_signed(TimeDelta::seconds(1)))
        .map_or(version.saturating_add(1), |time| version_of(time.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_only_grow() {
        assert_eq!(second_after(20_261_231_235_959), 20_270_101_000_000);
        assert_eq!(second_after(7), 8);
        let head = Head { version: 99_990_101_000_000, link: String::new(), schema: Schema::default() };
        assert_eq!(next_version(Some(&head)), 99_990_101_000_001);
    }

    #[test]
    fn a_draft_is_written_whole_and_forms_a_chain() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("migrations");
        let empty = Folder::read(&path).unwrap();
        let first = empty.draft("one", "SELECT 1;\n".into(), "SELECT 2;\n".into(), vec![], Schema::default());
        assert_eq!(empty.chain_with(&first).unwrap().migrations.len(), 1);
        assert_eq!(empty.add(&first).unwrap().len(), 3);
        let one = Folder::read(&path).unwrap();
        let second = one.draft("two", String::new(), String::new(), vec![], Schema::default());
        assert!(second.meta.version > first.meta.version);
        one.add(&second).unwrap();
        let two = Folder::read(&path).unwrap();
        assert_eq!(two.chain.migrations.len(), 2);
        let names: Vec<_> = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 5, "no stage is left: {names:?}");
    }

    #[test]
    fn what_cannot_be_written_whole_is_not_written() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::read(temp.path()).unwrap();
        let draft = folder.draft("x", "up".into(), "down".into(), vec![], Schema::default());
        std::fs::create_dir_all(temp.path().join("meta")).unwrap();
        let taken = temp.path().join(format!("meta/{}.json", draft.meta.version));
        std::fs::write(&taken, "mine").unwrap();
        let failure = folder.add(&draft).unwrap_err();
        assert!(failure.message.contains("cannot be written"), "{}", failure.message);
        assert_eq!(std::fs::read_to_string(&taken).unwrap(), "mine");
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 1, "only meta is left");
    }
}
