//! The folder of migrations: reading it as a whole, adding to it as a whole.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use tempfile::TempPath;
use whimbrel::__private::migration::{self, Chain, ChainFile};
use whimbrel_syntax::Schema;
use whimbrel_syntax::chain::Meta;

use crate::failure::Failure;

const GIT_ATTRIBUTES: &str = ".gitattributes";

/// Whimbrel's checksums ignore line endings, sqlx's do not.
const KEEP_LF: &str = "# Migrations are checked out with LF on every platform.\n* text eol=lf\n";

/// A sound folder of migrations.
#[derive(Debug)]
pub struct Folder {
    pub path: PathBuf,
    pub files: Vec<ChainFile<'static>>,
    /// Its migrations and the newest snapshot.
    pub chain: Chain,
}

impl Folder {
    /// Reads and checks a folder; one that is not there is empty.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let files = if path.exists() { migration::read_files(path)? } else { Vec::new() };
        let chain = migration::check_files(path, &files)?;
        Ok(Folder { path: path.to_path_buf(), files, chain })
    }

    /// The schema after the newest migration.
    pub fn schema(&self) -> Schema {
        self.chain.head.as_ref().map(|head| head.schema.clone()).unwrap_or_default()
    }

    /// The schema after the migration of that version, from its meta file; none if there is no such migration.
    pub fn schema_at(&self, version: i64) -> Result<Option<Schema>, Failure> {
        let name = format!("meta/{version}.json");
        let exists = self.files.iter().any(|file| file.name == name);
        exists.then(|| read_meta(&self.files, &name).map(|meta| meta.snapshot)).transpose()
    }

    /// The version of a migration made now, as `YYYYMMDDHHMMSS`, but later than the newest one's.
    pub fn next_version(&self) -> i64 {
        let now = version_of(now());
        match &self.chain.head {
            Some(head) if head.version >= now => second_after(head.version),
            _ => now,
        }
    }

    /// The folder as it will be with more files.
    pub fn with(&self, more: &[ChainFile<'static>]) -> Result<Self, Failure> {
        let files = [self.files.as_slice(), more].concat();
        Ok(Folder { path: self.path.clone(), chain: self.chain_with(more)?, files })
    }

    /// The chain as it will be with more files.
    pub fn chain_with(&self, more: &[ChainFile<'static>]) -> Result<Chain, Failure> {
        let files = [self.files.as_slice(), more].concat();
        Ok(migration::check_files(&self.path, &files)?)
    }

    /// Writes the files of a migration: they are staged beside their place, brought to disk, then named, in order.
    pub fn add(&self, files: &[ChainFile<'_>]) -> Result<Vec<PathBuf>, Failure> {
        let mut files = files.to_vec();
        if self.files.is_empty() && !self.path.join(GIT_ATTRIBUTES).exists() {
            files.push(ChainFile::new(GIT_ATTRIBUTES, KEEP_LF));
        }
        write_whole(&self.path, &files).map_err(|error| {
            Failure::new(format!("the migration cannot be written into {}", self.path.display()))
                .caused_by(&error)
                .hint("nothing of it was left; check the rights on the folder and the space on the disk")
        })
    }
}

/// Reads a meta file.
pub fn read_meta(files: &[ChainFile<'_>], name: &str) -> Result<Meta, Failure> {
    let content = files.iter().find(|file| file.name == name).map(|file| &*file.content).unwrap_or_default();
    serde_json::from_str(content).map_err(|error| {
        Failure::new(format!("{name} cannot be read"))
            .caused_by(&error)
            .hint("restore it from version control; only the SQL files are meant to be edited")
    })
}

/// Stages, syncs, renames. Existing files are never replaced.
pub fn write_whole(folder: &Path, files: &[ChainFile<'_>]) -> std::io::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder.join("meta"))?;
    let stage = tempfile::Builder::new().prefix(".whimbrel-").tempdir_in(folder)?;
    for (number, staged) in files.iter().enumerate() {
        let mut file = File::create_new(stage.path().join(number.to_string()))?;
        file.write_all(staged.content.as_bytes())?;
        file.sync_all()?;
    }
    let mut written = Vec::new();
    for (number, staged) in files.iter().enumerate() {
        let path = folder.join(&*staged.name);
        let staged = TempPath::try_from_path(stage.path().join(number.to_string()))?;
        if let Err(refused) = staged.persist_noclobber(&path) {
            for path in &written {
                // The first error is the one to tell.
                let _second = std::fs::remove_file(path);
            }
            return Err(refused.error);
        }
        written.push(path);
    }
    sync_folder(&folder.join("meta"))?;
    sync_folder(folder)?;
    Ok(written)
}

/// Writes a file in one step, with the permissions of the file `like`: it is the old or the new one, whatever happens.
pub fn replace(path: &Path, content: &str, like: &Path) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content.as_bytes())?;
    file.as_file().set_permissions(std::fs::metadata(like)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// Brings the names in a folder to disk; elsewhere than on Unix a folder cannot be opened.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
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
    use whimbrel_syntax::chain::Head;

    use super::*;

    #[test]
    fn versions_only_grow() {
        assert_eq!(second_after(20_261_231_235_959), 20_270_101_000_000);
        assert_eq!(second_after(7), 8);
        let head = Head { version: 99_990_101_000_000, link: String::new(), schema: Schema::default() };
        let chain = Chain { migrations: Vec::new(), head: Some(head) };
        let folder = Folder { path: PathBuf::new(), files: Vec::new(), chain };
        assert_eq!(folder.next_version(), 99_990_101_000_001);
    }

    fn by_hand(folder: &Folder, name: &str) -> [ChainFile<'static>; 3] {
        let (head, schema) = (folder.chain.head.as_ref(), folder.schema());
        whimbrel_syntax::migration::files(folder.next_version(), name, head, &schema, ["SELECT 1;\n"; 2])
    }

    #[test]
    fn a_migration_is_written_whole_and_forms_a_chain() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("migrations");
        let empty = Folder::read(&path).unwrap();
        let first = by_hand(&empty, "one");
        assert_eq!(empty.chain_with(&first).unwrap().migrations.len(), 1);
        assert_eq!(empty.add(&first).unwrap().len(), 4);
        let one = Folder::read(&path).unwrap();
        assert_eq!(std::fs::read_to_string(path.join(GIT_ATTRIBUTES)).unwrap(), KEEP_LF);
        assert!(one.next_version() > empty.chain_with(&first).unwrap().migrations[0].version);
        one.add(&by_hand(&one, "two")).unwrap();
        let two = Folder::read(&path).unwrap();
        assert_eq!(two.chain.migrations.len(), 2);
        let names: Vec<_> =
            std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 6, "no stage is left: {names:?}");
    }

    #[test]
    fn what_cannot_be_written_whole_is_not_written() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::read(temp.path()).unwrap();
        let files = by_hand(&folder, "x");
        std::fs::create_dir_all(temp.path().join("meta")).unwrap();
        let taken = temp.path().join(&*files[2].name);
        std::fs::write(&taken, "mine").unwrap();
        let failure = folder.add(&files).unwrap_err();
        assert!(failure.message.contains("cannot be written"), "{}", failure.message);
        assert_eq!(std::fs::read_to_string(&taken).unwrap(), "mine");
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 1, "only meta is left");
    }
}
