//! Two branches of a chain, and the migration that joins them.

use std::collections::{BTreeMap, BTreeSet};

use super::meta::Join;
use super::{Chain, ChainError, ChainFile, Head, Link, Meta, Migration, REPLACED};
use crate::model::Schema;

/// Two branches of a chain: the migrations that only the one or only the other follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Fork {
    /// What both follow.
    pub common: Vec<Migration>,
    /// The older head first.
    pub branches: [Branch; 2],
    /// The names of further heads.
    pub others: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    pub migrations: Vec<Migration>,
    pub head: Head,
}

/// The fork of a folder, if its chain has more than one head.
///
/// # Errors
/// Everything else that is wrong with the folder.
pub fn fork(files: &[ChainFile<'_>]) -> Result<Option<Fork>, Vec<ChainError>> {
    let files: Vec<_> = files.iter().filter(|file| !file.name.starts_with(REPLACED)).cloned().collect();
    let (links, mut errors) = super::links(&files);
    errors.retain(|error| !matches!(error, ChainError::Fork { .. }));
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut heads = heads(&links).into_iter();
    let (Some(first), Some(second)) = (heads.next(), heads.next()) else { return Ok(None) };
    let (of_first, of_second) = (ancestors(&links, first), ancestors(&links, second));
    let common: BTreeSet<i64> = of_first.intersection(&of_second).copied().collect();
    let migrations = |versions: &mut dyn Iterator<Item = &i64>| -> Vec<Migration> {
        versions.filter_map(|version| links.get(version)).map(|link| link.clone().into_migration()).collect()
    };
    let branch = |head: i64, all: &BTreeSet<i64>| -> Option<Branch> {
        let migrations = migrations(&mut all.difference(&common));
        Some(Branch { migrations, head: links.get(&head)?.head() })
    };
    let (Some(one), Some(other)) = (branch(first, &of_first), branch(second, &of_second)) else {
        return Ok(None);
    };
    Ok(Some(Fork {
        common: migrations(&mut common.iter()),
        branches: [one, other],
        others: heads.filter_map(|version| links.get(&version)).map(Link::name).collect(),
    }))
}

/// The versions that no migration follows, oldest first.
pub(super) fn heads(links: &BTreeMap<i64, Link<'_>>) -> BTreeSet<i64> {
    let followed: BTreeSet<i64> = links.values().flat_map(|link| link.meta.after()).collect();
    links.keys().filter(|version| !followed.contains(version)).copied().collect()
}

/// A version, and all that it follows.
fn ancestors(links: &BTreeMap<i64, Link<'_>>, of: i64) -> BTreeSet<i64> {
    let (mut found, mut pending) = (BTreeSet::new(), vec![of]);
    while let Some(version) = pending.pop() {
        if let Some(link) = links.get(&version).filter(|_| found.insert(version)) {
            pending.extend(link.meta.after());
        }
    }
    found
}

impl Fork {
    /// The chain up to the newest head, whose version the next one must exceed.
    pub fn newer(&self) -> Chain {
        let head = self.branches.iter().map(|branch| &branch.head).max_by_key(|head| head.version);
        Chain { migrations: Vec::new(), head: head.cloned() }
    }

    /// The files of the migration that joins the branches; it has no statements. `next` is the schema after both.
    pub fn join(&self, version: i64, name: &str, next: &Schema) -> [ChainFile<'static>; 3] {
        let [first, second] = &self.branches;
        let text = format!(
            "-- Joins {} and {}: either can be applied before the other.\n",
            first.name(),
            second.name()
        );
        let sql = [text.as_str(), text.as_str()];
        let meta = Meta {
            parent: Some(first.head.version),
            parent_hash: Some(first.head.link.clone()),
            joins: Some(Join { version: second.head.version, hash: second.head.link.clone() }),
            ..Meta::of(version, name, sql, next.clone())
        };
        meta.files(sql)
    }
}

impl Branch {
    /// `<version>_<name>` of its head.
    pub fn name(&self) -> String {
        self.migrations.last().map(|head| format!("{}_{}", head.version, head.name)).unwrap_or_default()
    }
}
