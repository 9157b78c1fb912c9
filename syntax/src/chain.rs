//! The chain of migrations in a folder: which files belong together, and whether any was changed, lost, added by
//! hand or forked. Pure: the caller reads the files. `embed!`, the directory reader and the command line share it.
//!
//! A folder holds, for each migration, `<version>_<name>.up.sql`, `<version>_<name>.down.sql` (sqlx's names) and
//! `meta/<version>.json` ([`Meta`]).

use std::borrow::Cow;
use std::collections::BTreeMap;

use whimbrel_schema::render::{DATA_LOSS, NO_TRANSACTION};

use crate::model::Schema;
use crate::snapshot;

mod error;
mod fork;
mod meta;

pub use error::ChainError;
pub use fork::{Branch, Fork, fork};
pub use meta::{Checksum, FORMAT, Meta};

/// A text with LF for each CRLF. Checksums and what is run are of this text, so that a checkout with CRLF is the same
/// chain; sqlx's own migrator sums the bytes, for which `.gitattributes` keeps LF.
pub(crate) fn normalize_line_endings<'a>(text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    let text = text.into();
    if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { text }
}

/// The folder, within that of migrations, of those that another replaces.
pub const REPLACED: &str = "replaced/";

/// The folders whose files belong to a chain, within that of migrations.
pub const FOLDERS: [&str; 4] = ["", "meta/", REPLACED, "replaced/meta/"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainFile<'a> {
    /// Its path in the folder, with `/` between the parts: `meta/20260101000000.json`.
    pub name: Cow<'a, str>,
    pub content: Cow<'a, str>,
}

impl<'a> ChainFile<'a> {
    /// A file; see `normalize_line_endings`.
    pub fn new(name: impl Into<Cow<'a, str>>, content: impl Into<Cow<'a, str>>) -> Self {
        ChainFile { name: name.into(), content: normalize_line_endings(content) }
    }
}

/// A migration as it is run. All its fields can be written as constants, which is what `embed!` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The UTC time of its making as `YYYYMMDDHHMMSS`.
    pub version: i64,
    /// The versions that it follows: none for the first, two where branches were joined.
    pub after: Cow<'static, [i64]>,
    pub name: Cow<'static, str>,
    pub up_sql: Cow<'static, str>,
    pub down_sql: Cow<'static, str>,
    pub up_checksum: Checksum,
    pub down_checksum: Checksum,
    pub schema_hash: Cow<'static, str>,
    /// [`Meta::link`] of this migration.
    pub link: Cow<'static, str>,
    /// The migrations that it does the work of in a database that has none of them, oldest first.
    pub replaces: Cow<'static, [Migration]>,
}

/// The newest migration of a chain: what the next one is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    pub version: i64,
    pub link: String,
    pub schema: Schema,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chain {
    pub migrations: Vec<Migration>,
    pub head: Option<Head>,
}

/// The migrations of a folder in the order they are run, or everything that is wrong with it.
pub fn check(files: &[ChainFile<'_>]) -> Result<Vec<Migration>, Vec<ChainError>> {
    load(files).map(|chain| chain.migrations)
}

/// Like [`check`], with the newest snapshot.
pub fn load(files: &[ChainFile<'_>]) -> Result<Chain, Vec<ChainError>> {
    let (replaced, files): (Vec<_>, Vec<_>) =
        files.iter().cloned().partition(|file| file.name.starts_with(REPLACED));
    let (links, errors) = links(&files);
    if !errors.is_empty() {
        return Err(errors);
    }
    let head = links.last_key_value().map(|(_, link)| link.head());
    let mut replacing = links.values().filter(|link| link.meta.replaces.is_some());
    let (replacing, second) = (replacing.next().map(|link| link.meta.clone()), replacing.next());
    if let Some(link) = second {
        return Err(vec![ChainError::OtherReplaced { by: Some(link.meta_file.to_owned()) }]);
    }
    let replaced = load_replaced(replaced, replacing.as_ref())?;
    let mut migrations: Vec<Migration> = links.into_values().map(Link::into_migration).collect();
    let first =
        migrations.iter_mut().find(|one| replacing.as_ref().is_some_and(|it| it.version == one.version));
    if let Some(first) = first {
        first.replaces = Cow::Owned(replaced);
    }
    Ok(Chain { migrations, head })
}

/// The migrations that another replaces: a chain that ends where it stands.
fn load_replaced(
    mut files: Vec<ChainFile<'_>>,
    by: Option<&Meta>,
) -> Result<Vec<Migration>, Vec<ChainError>> {
    if files.is_empty() && by.is_none() {
        return Ok(Vec::new());
    }
    for file in &mut files {
        // No second folder of that name is read within it.
        file.name = Cow::Owned(file.name.trim_start_matches(REPLACED).to_owned());
    }
    let chain = load(&files).map_err(|errors| {
        errors.into_iter().map(|error| ChainError::Replaced { error: Box::new(error) }).collect::<Vec<_>>()
    })?;
    let ends = chain.head.as_ref().map(|head| (head.version, head.link.as_str()));
    let is_first = by.is_none_or(|meta| meta.parent.is_none());
    if is_first && ends == by.map(|meta| (meta.version, meta.replaces.as_deref().unwrap_or_default())) {
        return Ok(chain.migrations);
    }
    Err(vec![ChainError::OtherReplaced { by: by.map(|meta| format!("meta/{}.json", meta.version)) }])
}

/// The migrations by their versions, and what is wrong with them.
fn links<'a>(files: &'a [ChainFile<'a>]) -> (BTreeMap<i64, Link<'a>>, Vec<ChainError>) {
    let mut errors = Vec::new();
    let entries = sort_out(files, &mut errors);
    let links = whole_entries(entries, &mut errors);
    check_order(&links, &mut errors);
    (links, errors)
}

#[derive(Default)]
struct Entry<'a> {
    up: Vec<&'a ChainFile<'a>>,
    down: Vec<&'a ChainFile<'a>>,
    meta: Option<&'a ChainFile<'a>>,
}

#[derive(Clone)]
struct Link<'a> {
    meta: Meta,
    meta_file: &'a str,
    up: &'a str,
    down: &'a str,
}

/// What a file of the folder is.
enum Kind<'a> {
    /// `<version>_<name>.up.sql` or `.down.sql`.
    Sql {
        version: i64,
        name: &'a str,
        is_up: bool,
    },
    Meta(i64),
    /// Looks like a part of the chain and is not one.
    Stray,
    /// A README, a `.gitkeep`.
    Other,
}

fn kind(path: &str) -> Kind<'_> {
    if let Some(file) = path.strip_prefix("meta/") {
        return match file.strip_suffix(".json").and_then(version) {
            Some(version) => Kind::Meta(version),
            None if file.starts_with('.') => Kind::Other,
            None => Kind::Stray,
        };
    }
    let Some(stem) = path.strip_suffix(".sql") else { return Kind::Other };
    let parse = |direction| -> Option<(i64, &str)> {
        let (digits, name) = stem.strip_suffix(direction)?.split_once('_')?;
        version(digits).filter(|_| !path.contains('/')).map(|version| (version, name))
    };
    match (parse(".up"), parse(".down")) {
        (Some((version, name)), _) => Kind::Sql { version, name, is_up: true },
        (_, Some((version, name))) => Kind::Sql { version, name, is_up: false },
        _ => Kind::Stray,
    }
}

/// Digits only: `i64::from_str` would also take a sign.
fn version(digits: &str) -> Option<i64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn sort_out<'a>(files: &'a [ChainFile<'a>], errors: &mut Vec<ChainError>) -> BTreeMap<i64, Entry<'a>> {
    let mut entries: BTreeMap<i64, Entry<'a>> = BTreeMap::new();
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    for file in sorted {
        match kind(&file.name) {
            Kind::Sql { version, is_up, .. } => {
                let entry = entries.entry(version).or_default();
                if is_up { entry.up.push(file) } else { entry.down.push(file) }
            }
            Kind::Meta(version) => match &mut entries.entry(version).or_default().meta {
                Some(first) => errors.push(ChainError::TwoOfOneVersion {
                    version,
                    files: vec![first.name.to_string(), file.name.to_string()],
                }),
                empty => *empty = Some(file),
            },
            Kind::Stray => errors.push(ChainError::Stray { file: file.name.to_string() }),
            Kind::Other => {}
        }
    }
    entries
}

fn whole_entries<'a>(
    entries: BTreeMap<i64, Entry<'a>>,
    errors: &mut Vec<ChainError>,
) -> BTreeMap<i64, Link<'a>> {
    let mut links = BTreeMap::new();
    for (version, entry) in entries {
        for files in [&entry.up, &entry.down] {
            if files.len() > 1 {
                let files = files.iter().map(|file| file.name.to_string()).collect();
                errors.push(ChainError::TwoOfOneVersion { version, files });
            }
        }
        let Some(meta_file) = entry.meta else {
            for file in entry.up.iter().chain(&entry.down) {
                errors.push(ChainError::Orphan { file: file.name.to_string(), version });
            }
            continue;
        };
        let meta = match read_meta(version, meta_file) {
            Ok(meta) => meta,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        let up = find_sql(&meta, "up", &entry.up, meta.up_checksum, errors);
        let down = find_sql(&meta, "down", &entry.down, meta.down_checksum, errors);
        if snapshot::hash(&meta.snapshot) != meta.schema_hash {
            errors.push(ChainError::ChangedSnapshot { file: meta_file.name.to_string() });
        }
        if let (Some(up), Some(down)) = (up, down) {
            links.insert(version, Link { meta, meta_file: &meta_file.name, up, down });
        }
    }
    links
}

fn read_meta(version: i64, file: &ChainFile<'_>) -> Result<Meta, ChainError> {
    let unreadable = |error: serde_json::Error| ChainError::Unreadable {
        file: file.name.to_string(),
        reason: error.to_string(),
    };
    let version_of: snapshot::Version = serde_json::from_str(&file.content).map_err(unreadable)?;
    if version_of.format > FORMAT {
        return Err(ChainError::Format { file: file.name.to_string(), found: version_of.format });
    }
    let meta: Meta = serde_json::from_str(&file.content).map_err(unreadable)?;
    if meta.version != version {
        return Err(ChainError::WrongVersion { file: file.name.to_string(), found: meta.version });
    }
    Ok(meta)
}

/// The one file that the meta file means, if it is there and unchanged; otherwise everything that is wrong.
fn find_sql<'a>(
    meta: &Meta,
    direction: &'static str,
    files: &[&'a ChainFile<'a>],
    checksum: Checksum,
    errors: &mut Vec<ChainError>,
) -> Option<&'a str> {
    let expected = format!("{}_{}.{direction}.sql", meta.version, meta.name);
    let is_named =
        |file: &&&ChainFile<'_>| matches!(kind(&file.name), Kind::Sql { name, .. } if name == meta.name);
    let Some(file) = files.iter().find(is_named) else {
        if let Some(other) = files.first() {
            errors.push(ChainError::Renamed { expected, found: other.name.to_string() });
        } else {
            errors.push(ChainError::Missing { file: expected, meta: format!("meta/{}.json", meta.version) });
        }
        return None;
    };
    if Checksum::of(&file.content) != checksum {
        errors.push(ChainError::Changed { file: file.name.to_string(), version: meta.version });
    }
    Some(&file.content)
}

/// Every migration follows those before it, by version and by hash, and one comes last.
fn check_order(links: &BTreeMap<i64, Link<'_>>, errors: &mut Vec<ChainError>) {
    let mut complete = true;
    for (version, link) in links {
        let file = || link.meta_file.to_owned();
        for (parent_version, hash) in link.meta.parents() {
            let Some(parent) = links.get(&parent_version) else {
                errors.push(ChainError::NoParent { file: file(), parent: parent_version });
                complete = false;
                continue;
            };
            if parent_version >= *version {
                errors.push(ChainError::OutOfOrder { file: file(), parent: parent_version });
            } else if hash != Some(parent.meta.link().as_str()) {
                errors.push(ChainError::BrokenLink { file: file(), parent: parent.meta_file.to_owned() });
            }
        }
    }
    let heads = fork::heads(links);
    if heads.len() > 1 && complete {
        let heads = heads.iter().filter_map(|version| links.get(version)).map(Link::name);
        errors.push(ChainError::Fork { heads: heads.collect() });
    }
}

impl Link<'_> {
    fn name(&self) -> String {
        format!("{}_{}", self.meta.version, self.meta.name)
    }

    fn head(&self) -> Head {
        Head { version: self.meta.version, link: self.meta.link(), schema: self.meta.snapshot.clone() }
    }

    fn into_migration(self) -> Migration {
        Migration {
            version: self.meta.version,
            after: Cow::Owned(self.meta.after().collect()),
            link: Cow::Owned(self.meta.link()),
            name: Cow::Owned(self.meta.name),
            up_sql: Cow::Owned(self.up.to_owned()),
            down_sql: Cow::Owned(self.down.to_owned()),
            up_checksum: self.meta.up_checksum,
            down_checksum: self.meta.down_checksum,
            schema_hash: Cow::Owned(self.meta.schema_hash),
            replaces: Cow::Borrowed(&[]),
        }
    }
}

/// Whether a file must run outside a transaction: it begins with `NO_TRANSACTION`, as in sqlx.
pub fn no_transaction(sql: &str) -> bool {
    sql.starts_with(NO_TRANSACTION)
}

/// What the statements of a file lose, from its own `DATA_LOSS` lines.
pub fn data_loss(sql: &str) -> Vec<String> {
    sql.lines().filter_map(|line| line.strip_prefix(DATA_LOSS)).map(|what| what.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests;
