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

    /// In the [`DEFAULT_SCHEMA`].
    pub fn public(name: impl Into<String>) -> Self {
        QName::new(DEFAULT_SCHEMA, name)
    }

    /// As it stands in SQL: quoted where necessary, without the [`DEFAULT_SCHEMA`].
    pub fn sql(&self) -> String {
        qualified(&self.schema, &self.name)
    }

    /// The same for a type, with its schema where PostgreSQL has a type of this name.
    pub fn type_sql(&self) -> String {
        if TYPES.contains(self.name.as_str()) { self.full() } else { self.sql() }
    }

    /// As it stands in SQL, always with its schema: for what PostgreSQL has under many names.
    pub fn full(&self) -> String {
        format!("{}.{}", quote(&self.schema), quote(&self.name))
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

/// The longest identifier in bytes: `NAMEDATALEN - 1`. PostgreSQL cuts longer ones silently, so they are refused.
pub const MAX_BYTES: usize = 63;

/// Why a text cannot be an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("a name must not be empty")]
    Empty,
    #[error("the name `{name}` has {bytes} bytes; PostgreSQL keeps only {MAX_BYTES}")]
    TooLong { name: String, bytes: usize },
    /// No PostgreSQL string can hold it.
    #[error("the name {name:?} contains a NUL character")]
    Nul { name: String },
}

/// Whether PostgreSQL can keep this name as it is.
pub fn check(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        Err(NameError::Empty)
    } else if name.contains('\0') {
        Err(NameError::Nul { name: name.to_owned() })
    } else if name.len() > MAX_BYTES {
        Err(NameError::TooLong { name: name.to_owned(), bytes: name.len() })
    } else {
        Ok(())
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

/// A name with its schema, unless that is [`DEFAULT_SCHEMA`]. PostgreSQL's own relations, which are found first, begin
/// with `pg_`.
pub fn qualified(schema: &str, name: &str) -> String {
    if schema == DEFAULT_SCHEMA && !name.starts_with("pg_") {
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

/// The name PostgreSQL gives a primary key: `{table}_pkey`.
pub fn primary_key(table: &str) -> String {
    object_name(table, None, "pkey")
}

/// The name PostgreSQL gives a unique constraint: `{table}_{columns}_key`.
pub fn unique<S: AsRef<str>>(table: &str, columns: &[S]) -> String {
    object_name(table, Some(&join_names(columns)), "key")
}

/// The name PostgreSQL gives a foreign key: `{table}_{columns}_fkey`.
pub fn foreign_key<S: AsRef<str>>(table: &str, columns: &[S]) -> String {
    object_name(table, Some(&join_names(columns)), "fkey")
}

/// The name PostgreSQL gives an index: `{table}_{columns}_idx`; an expression is called `expr`.
pub fn index<S: AsRef<str>>(table: &str, columns: &[S]) -> String {
    object_name(table, Some(&join_names(columns)), "idx")
}

/// The name PostgreSQL gives the sequence behind an identity column: `{table}_{column}_seq`.
pub fn sequence(table: &str, column: &str) -> String {
    object_name(table, Some(column), "seq")
}

/// `ChooseIndexNameAddition`: names joined by `_` until the result is longer than any name can be.
pub fn join_names<S: AsRef<str>>(columns: &[S]) -> String {
    let mut text = String::new();
    for column in columns {
        if !text.is_empty() {
            text.push('_');
        }
        text.push_str(column.as_ref());
        if text.len() > MAX_BYTES {
            break;
        }
    }
    text
}

/// PostgreSQL's `makeObjectName`: `first_second_label`, where the longer of `first` and `second` is cut until the
/// whole fits.
pub fn object_name(first: &str, second: Option<&str>, label: &str) -> String {
    let overhead = label.len() + 1 + usize::from(second.is_some());
    let available = MAX_BYTES.saturating_sub(overhead);
    let mut first_bytes = first.len();
    let mut second_bytes = second.map_or(0, str::len);
    while first_bytes + second_bytes > available {
        if first_bytes > second_bytes {
            first_bytes -= 1;
        } else {
            second_bytes -= 1;
        }
    }
    let mut name = clip(first, first_bytes).to_owned();
    if let Some(second) = second {
        name.push('_');
        name.push_str(clip(second, second_bytes));
    }
    name.push('_');
    name.push_str(label);
    name
}

/// A name for something that is there for a moment: `base_label`, with a number after it where that is taken.
pub(crate) fn free(base: &str, label: &str, is_taken: impl Fn(&str) -> bool) -> String {
    first_free(base, None, label, is_taken)
}

/// The name that PostgreSQL chooses for a part of a table: [`object_name`], with a number after it where that is taken.
pub fn first_free(
    table: &str,
    columns: Option<&str>,
    label: &str,
    is_taken: impl Fn(&str) -> bool,
) -> String {
    let (mut name, mut number) = (object_name(table, columns, label), 0_u32);
    while is_taken(&name) {
        number += 1;
        name = object_name(table, columns, &format!("{label}{number}"));
    }
    name
}

/// The longest beginning of at most `bytes` bytes that cuts no character.
pub fn clip(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
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

/// The types of `pg_catalog`, PostgreSQL 14 to 18, but for those that begin with `pg_`. They are found before others.
static TYPES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    "aclitem any anyarray anycompatible anycompatiblearray anycompatiblemultirange anycompatiblenonarray \
     anycompatiblerange anyelement anyenum anymultirange anynonarray anyrange bit bool box bpchar bytea char cid cidr \
     circle cstring date datemultirange daterange event_trigger fdw_handler float4 float8 gtsvector index_am_handler \
     inet int2 int2vector int4 int4multirange int4range int8 int8multirange int8range internal interval json jsonb \
     jsonpath language_handler line lseg macaddr macaddr8 money name numeric nummultirange numrange oid oidvector path \
     point polygon record refcursor regclass regcollation regconfig regdictionary regnamespace regoper regoperator \
     regproc regprocedure regrole regtype table_am_handler text tid time timestamp timestamptz timetz trigger \
     tsm_handler tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot unknown uuid varbit \
     varchar void xid xid8 xml"
        .split(' ')
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_needs_it() {
        for plain in ["accounts", "_x", "a1", "name", "type", "value"] {
            assert_eq!(quote(plain), plain);
        }
        assert_eq!(quote("Accounts"), "\"Accounts\"");
        assert_eq!(quote("order"), "\"order\"");
        assert_eq!(quote("position"), "\"position\"");
        assert_eq!(quote("1a"), "\"1a\"");
        assert_eq!(quote("a\"b"), "\"a\"\"b\"");
        assert_eq!(quote("größe"), "\"größe\"");
        assert_eq!(quote(""), "\"\"");
    }

    #[test]
    fn what_postgresql_has_needs_a_schema() {
        let public = |name: &str| QName::new("public", name);
        assert_eq!([public("path").sql(), public("pg_class").sql()], ["path", "public.pg_class"]);
        assert_eq!([public("path").type_sql(), public("mood").type_sql()], ["public.path", "mood"]);
        assert_eq!(
            [public("mood").full(), QName::new("App", "mood").full()],
            ["public.mood", "\"App\".mood"]
        );
    }

    #[test]
    fn literals() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal("a\\b"), "E'a\\\\b'");
    }

    #[test]
    fn names_as_postgresql_makes_them() {
        assert_eq!(primary_key("accounts"), "accounts_pkey");
        assert_eq!(unique("accounts", &["a", "b"]), "accounts_a_b_key");
        let table = "t".repeat(40);
        let column = "c".repeat(40);
        let name = foreign_key(&table, &[&column]);
        assert_eq!(name, format!("{}_{}_fkey", "t".repeat(29), "c".repeat(28)));
        assert_eq!(name.len(), MAX_BYTES);
        assert_eq!(index(&"é".repeat(30), &["x"]), format!("{}_x_idx", "é".repeat(28)));
        assert_eq!(primary_key(&"t".repeat(63)).len(), MAX_BYTES);
    }

    #[test]
    fn checks_names() {
        assert_eq!(check("accounts"), Ok(()));
        assert_eq!(check(""), Err(NameError::Empty));
        assert!(matches!(check(&"x".repeat(64)), Err(NameError::TooLong { bytes: 64, .. })));
        assert!(matches!(check("a\0b"), Err(NameError::Nul { .. })));
    }
}
