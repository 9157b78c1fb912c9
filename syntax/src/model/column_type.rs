//! Types of columns.

use serde::{Deserialize, Serialize};

use super::QName;

/// The type of a column: an element type, and whether the column holds an array of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ColumnType {
    /// The type of a value, or of an array's element.
    #[serde(flatten)]
    pub element: ElementType,
    /// `element[]`. PostgreSQL does not keep the number of dimensions, so neither does this.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub array: bool,
}

impl std::fmt::Display for ColumnType {
    /// For messages, unquoted.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.element {
            ElementType::Sql(name) => f.write_str(name)?,
            ElementType::Enum(name) => write!(f, "{name}")?,
        }
        if self.array { f.write_str("[]") } else { Ok(()) }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ElementType {
    /// A type spelled as `format_type` prints it: `timestamp(3) without time zone`, `character varying(20)`.
    /// `types.rs` brings common aliases (`varchar`, `timestamptz`, `int`) to this spelling.
    Sql(String),
    Enum(QName),
}

impl ColumnType {
    pub fn sql(name: impl Into<String>) -> Self {
        ColumnType { element: ElementType::Sql(name.into()), array: false }
    }

    pub fn enumeration(name: QName) -> Self {
        ColumnType { element: ElementType::Enum(name), array: false }
    }

    #[must_use]
    pub fn array_of(mut self) -> Self {
        self.array = true;
        self
    }
}
