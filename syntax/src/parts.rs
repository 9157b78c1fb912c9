//! The constraints and indexes of a table, in one list.

use std::collections::BTreeSet;

use crate::model::*;

/// A constraint or an index.
pub(crate) enum Part<'a> {
    PrimaryKey(&'a PrimaryKey),
    Unique(&'a Unique),
    Check(&'a Check),
    ForeignKey(&'a ForeignKey),
    Index(&'a Index),
}

/// Every constraint and index of a table with its name.
pub(crate) fn parts(table: &Table) -> Vec<(&str, Part<'_>)> {
    let mut parts = Vec::new();
    parts.extend(table.primary_key.iter().map(|key| (key.name.as_str(), Part::PrimaryKey(key))));
    parts.extend(table.uniques.iter().map(|(name, unique)| (name.as_str(), Part::Unique(unique))));
    parts.extend(table.checks.iter().map(|(name, check)| (name.as_str(), Part::Check(check))));
    parts.extend(table.foreign_keys.iter().map(|(name, key)| (name.as_str(), Part::ForeignKey(key))));
    parts.extend(table.indexes.iter().map(|(name, index)| (name.as_str(), Part::Index(index))));
    parts
}

impl<'a> Part<'a> {
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Part::PrimaryKey(_) => "primary key",
            Part::Unique(_) => "unique constraint",
            Part::Check(_) => "check",
            Part::ForeignKey(_) => "foreign key",
            Part::Index(_) => "index",
        }
    }

    /// The columns that a foreign key can refer to by it.
    pub(crate) fn key(&self) -> Option<BTreeSet<&'a String>> {
        match self {
            Part::PrimaryKey(key) => Some(key.columns.iter().collect()),
            Part::Unique(unique) if unique.deferrable.is_no() => Some(unique.columns.iter().collect()),
            Part::Index(index) if index.unique && index.predicate.is_none() => index
                .keys
                .iter()
                .map(|key| match &key.on {
                    IndexOn::Column(column) => Some(column),
                    IndexOn::Expr(_) => None,
                })
                .collect(),
            _ => None,
        }
    }
}
