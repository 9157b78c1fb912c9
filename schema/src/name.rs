//! Names: the only place that quotes, and the 63-byte limit.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// The schema a name lives in when none is given; SQL leaves it out.
pub const DEFAULT_SCHEMA: &str = "public";

/// A name in a PostgreSQL schema, unquoted: `public` and `accounts`. As JSON, `["public", "accounts"]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(String, String)", into = "(String, String)")]
pub struct QName {
    pub schema: String,
    pub name: String,
}

impl QName {
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        QName { schema: schema.into(), name: name.into() }
    }

    /// As it stands in SQL: quoted where necessary, without the [`DEFAULT_SCHEMA`].
    pub fn sql(&self) -> String {
        qualified(&self.schema, &self.name)
    }
}

impl From<(String, String)> for QName {
    fn from((schema, name): (String, String)) -> Self {
        QName { schema, name }
    }
}

impl From<QName> for (String, String) {
    fn from(name: QName) -> Self {
        (name.schema, name.name)
    }
}

impl fmt::Display for QName {
    /// For messages, unquoted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema != DEFAULT_SCHEMA {
            write!(f, "{}.", self.schema)?;
        }
        f.write_str(&self.name)
    }
}

/// An identifier as it stands in SQL: quoted when PostgreSQL's own `quote_ident` would quote it.
pub fn quote(name: &str) -> Cow<'_, str> {
    let mut bytes = name.bytes();
    let plain = bytes.next().is_some_and(|first| first.is_ascii_lowercase() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !KEYWORDS.contains(name);
    if plain { Cow::Borrowed(name) } else { Cow::Owned(format!("\"{}\"", name.replace('"', "\"\""))) }
}

/// A name with its schema, unless that is [`DEFAULT_SCHEMA`].
pub fn qualified(schema: &str, name: &str) -> String {
    if schema == DEFAULT_SCHEMA {
        quote(name).into_owned()
    } else {
        format!("{}.{}", quote(schema), quote(name))
    }
}

/// Identifiers with commas between them: `a, "B"`.
pub fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let mut text = String::new();
    for name in names {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&quote(name));
    }
    text
}

/// A string literal, as PostgreSQL's `quote_literal` writes it.
pub fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// Every key word of PostgreSQL 14 to 18 that is not unreserved; `quote_ident` quotes exactly these.
static KEYWORDS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    "all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both \
     case cast char character check coalesce collate collation column concurrently constraint create cross \
     current_catalog current_date current_role current_schema current_time current_timestamp current_user dec \
     decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign \
     freeze from full grant greatest group grouping having ilike in initially inner inout int integer \
     intersect interval into is isnull join json json_array json_arrayagg json_exists json_object \
     json_objectagg json_query json_scalar json_serialize json_table json_value lateral leading least left \
     like limit localtime localtimestamp merge_action national natural nchar none normalize not notnull null \
     nullif numeric offset on only or order out outer overlaps overlay placing position precision primary \
     real references returning right row select session_user setof similar smallint some substring symmetric \
     system_user table tablesample then time timestamp to trailing treat trim true union unique user using \
     values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists \
     xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable"
        .split(' ')
        .collect()
});
