//! The text form of a [`Schema`]: versioned, canonical JSON, and its hash.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::Schema;

/// The version of the format this library writes. It reads this one and all before it.
pub const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Document<S> {
    format: u32,
    #[serde(flatten)]
    schema: S,
}

/// Only the version: read before anything that may have changed its shape.
#[derive(Deserialize)]
pub(crate) struct Version {
    pub(crate) format: u32,
}

/// Why a snapshot could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// No JSON, or not that of a schema.
    #[error("the snapshot cannot be read: {0}")]
    Syntax(#[from] serde_json::Error),
    /// Written by a newer version.
    #[error("the snapshot has format {found}; this version reads up to {FORMAT}")]
    Format { found: u32 },
}

/// A schema as JSON: indented, objects in a fixed order, a line feed at the end. Equal schemas give equal bytes.
pub fn to_json(schema: &Schema) -> String {
    let mut text = pretty(&Document { format: FORMAT, schema: schema.clone() });
    text.push('\n');
    text
}

/// Reads what [`to_json`] wrote.
pub fn from_json(text: &str) -> Result<Schema, SnapshotError> {
    let version: Version = serde_json::from_str(text)?;
    if version.format > FORMAT {
        return Err(SnapshotError::Format { found: version.format });
    }
    let document: Document<Schema> = serde_json::from_str(text)?;
    Ok(document.schema)
}

/// SHA-256 of a schema in lower-case hexadecimal digits. The order of columns does not count, since it is no
/// difference between two schemas.
pub fn hash(schema: &Schema) -> String {
    let mut sorted = schema.clone();
    for table in sorted.tables.values_mut() {
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
    }
    HEXLOWER.encode(&Sha256::digest(to_json(&sorted)))
}

/// Serialises what cannot fail to: all keys of maps are strings, and no `Serialize` is fallible.
pub(crate) fn pretty<T: Serialize>(value: &T) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|error| unreachable!("a snapshot serialises: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::*;

    fn example() -> Schema {
        let mut table = Table::new(QName::public("accounts"));
        table.columns.push(Column::new("id", ColumnType::sql("uuid")));
        table.columns.push(Column::new("stage", ColumnType::enumeration(QName::public("stage")).array_of()));
        table.primary_key = Some(PrimaryKey { name: "accounts_pkey".into(), columns: vec!["id".into()] });
        let predicate = Some(Expr::new("id IS NOT NULL"));
        let index = Index { unique: true, predicate, ..Index::new(vec![IndexKey::column("id")]) };
        table.indexes.insert("i".into(), index);
        let mut schema = Schema::default();
        schema.tables.insert(table.name.clone(), table);
        let stage = Enum { name: QName::public("stage"), labels: vec!["a".into()], comment: None };
        schema.enums.insert(stage.name.clone(), stage);
        schema
    }

    #[test]
    fn reads_what_it_wrote() {
        let schema = example();
        assert_eq!(from_json(&to_json(&schema)).unwrap(), schema);
    }

    #[test]
    fn the_order_of_columns_does_not_count() {
        let mut other = example();
        other.tables.values_mut().for_each(|table| table.columns.reverse());
        assert_ne!(other, example());
        assert_eq!(hash(&other), hash(&example()));
        assert_eq!(hash(&other).len(), 64);
        other.tables.values_mut().for_each(|table| table.columns[0].not_null = true);
        assert_ne!(hash(&other), hash(&example()));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        let newer = to_json(&example()).replacen("\"format\": 1", "\"format\": 99", 1);
        assert!(matches!(from_json(&newer), Err(SnapshotError::Format { found: 99 })));
        assert!(matches!(from_json("{}"), Err(SnapshotError::Syntax(_))));
        assert!(matches!(from_json("nonsense"), Err(SnapshotError::Syntax(_))));
    }
}
