//! The content of `meta/<version>.json` beside a pair of migration files.

use std::borrow::Cow;
use std::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest, Sha256, Sha384};

use super::{ChainFile, data_loss};
use crate::model::Schema;
use crate::snapshot;

/// The version of the meta file's format this library writes.
pub const FORMAT: u32 = 1;

/// SHA-384 of a migration file with LF line endings: for such a file, what sqlx stores.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Checksum(pub [u8; 48]);

impl Checksum {
    pub fn of(text: &str) -> Self {
        Checksum(Sha384::digest(super::normalize_line_endings(text).as_bytes()).into())
    }

    pub const fn as_bytes(&self) -> &[u8; 48] {
        &self.0
    }

    pub fn from_hex(text: &str) -> Option<Self> {
        HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok().map(Checksum)
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        HEXLOWER.encode_display(&self.0).fmt(f)
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checksum({self})")
    }
}

impl Serialize for Checksum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Checksum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Checksum::from_hex(&text).ok_or_else(|| D::Error::custom("a checksum has 96 hexadecimal digits"))
    }
}

/// The content of a meta file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    pub format: u32,
    /// The migration's version: the UTC time of its making as `YYYYMMDDHHMMSS`.
    pub version: i64,
    pub name: String,
    /// The version it follows; none for the first.
    pub parent: Option<i64>,
    /// [`Meta::link`] of the migration it follows.
    pub parent_hash: Option<String>,
    /// The head of another branch that it follows as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joins: Option<Join>,
    /// [`Meta::link`] of the newest of the migrations that it replaces, whose version it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    pub up_checksum: Checksum,
    pub down_checksum: Checksum,
    /// [`snapshot::hash`] of the snapshot.
    pub schema_hash: String,
    /// What the up or down file loses; both have a comment about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_loss: Vec<String>,
    pub snapshot: Schema,
}

/// A migration that another follows beside its parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    pub version: i64,
    /// [`Meta::link`] of it.
    pub hash: String,
}

impl Meta {
    /// That of a migration which follows none, from the text of its up and down file and the schema after it.
    pub fn of(version: i64, name: &str, [up, down]: [&str; 2], snapshot: Schema) -> Meta {
        let losses = |direction: &'static str, sql: &str| {
            data_loss(sql).into_iter().map(move |loss| format!("{direction}: {loss}"))
        };
        Meta {
            format: FORMAT,
            version,
            name: name.to_owned(),
            parent: None,
            parent_hash: None,
            joins: None,
            replaces: None,
            up_checksum: Checksum::of(up),
            down_checksum: Checksum::of(down),
            data_loss: losses("up", up).chain(losses("down", down)).collect(),
            schema_hash: snapshot::hash(&snapshot),
            snapshot,
        }
    }

    /// The files of its migration, with their paths in the folder of migrations.
    pub fn files(&self, [up, down]: [&str; 2]) -> [ChainFile<'static>; 3] {
        let (version, name) = (self.version, &self.name);
        [
            ChainFile::new(format!("{version}_{name}.up.sql"), up.to_owned()),
            ChainFile::new(format!("{version}_{name}.down.sql"), down.to_owned()),
            ChainFile::new(format!("meta/{version}.json"), self.to_json()),
        ]
    }

    /// The versions that it follows, and the hashes that they must have.
    pub(super) fn parents(&self) -> impl Iterator<Item = (i64, Option<&str>)> {
        let parent = self.parent.map(|version| (version, self.parent_hash.as_deref()));
        parent.into_iter().chain(self.joins.iter().map(|join| (join.version, Some(join.hash.as_str()))))
    }

    /// The versions that it follows.
    pub fn after(&self) -> impl Iterator<Item = i64> {
        self.parents().map(|(version, _)| version)
    }

    /// The hash that the next migration keeps as `parent_hash`: SHA-256 over everything that identifies this one,
    /// its own `parent_hash` included, so that no link can change without all later ones noticing. One that replaces
    /// others stands in their place.
    pub fn link(&self) -> String {
        if let Some(link) = &self.replaces {
            return link.clone();
        }
        let parent = self.parent_hash.as_deref().unwrap_or("-");
        let joins = self.joins.iter().map(|join| format!("{}\n", join.hash)).collect::<String>();
        let text = format!(
            "whimbrel chain 1\n{}\n{}\n{parent}\n{}\n{}\n{}\n{joins}",
            self.version, self.name, self.up_checksum, self.down_checksum, self.schema_hash
        );
        HEXLOWER.encode(&Sha256::digest(text))
    }

    pub fn to_json(&self) -> String {
        let mut text = snapshot::pretty(self);
        text.push('\n');
        text
    }
}
