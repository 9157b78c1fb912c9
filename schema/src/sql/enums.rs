//! Enum types.

use sea_query::extension::postgres::Type;
use sea_query::{PostgresQueryBuilder, TypeRef};

use super::{sea_name, table};
use crate::model::{Enum, QName};
use crate::name::{literal, qualified, quote, relax};

fn type_ref(name: &QName) -> TypeRef {
    let name = sea_name(name);
    TypeRef(name.0, name.1)
}

/// `CREATE TYPE … AS ENUM`, a label a line.
pub(crate) fn create(definition: &Enum) -> String {
    let name = qualified(&definition.name);
    if definition.labels.is_empty() {
        return format!("CREATE TYPE {name} AS ENUM ()");
    }
    let labels: Vec<_> = definition.labels.iter().map(|label| literal(label)).collect();
    format!("CREATE TYPE {name} AS ENUM (\n    {}\n)", labels.join(",\n    "))
}

/// `DROP TYPE`.
pub(crate) fn drop(name: &QName) -> String {
    relax(&Type::drop().name(type_ref(name)).to_string(PostgresQueryBuilder))
}

/// `ALTER TYPE … RENAME TO`; the schema stays.
pub(crate) fn rename(from: &QName, to: &str) -> String {
    relax(&Type::alter().name(type_ref(from)).rename_to(to.to_owned()).to_string(PostgresQueryBuilder))
}

/// `ALTER TYPE … SET SCHEMA`.
pub(crate) fn set_schema(name: &QName, schema: &str) -> String {
    format!("ALTER TYPE {} SET SCHEMA {}", qualified(name), quote(schema))
}

/// Where a new label goes.
pub(crate) enum Place<'a> {
    /// At the end.
    End,
    /// Before another.
    Before(&'a str),
    /// After another.
    After(&'a str),
}

/// `ALTER TYPE … ADD VALUE`.
pub(crate) fn add_label(name: &QName, label: &str, place: &Place<'_>) -> String {
    let statement = Type::alter().name(type_ref(name)).add_value(label.to_owned());
    let statement = match place {
        Place::End => statement,
        Place::Before(other) => statement.before((*other).to_owned()),
        Place::After(other) => statement.after((*other).to_owned()),
    };
    relax(&statement.to_string(PostgresQueryBuilder))
}

/// `ALTER TYPE … RENAME VALUE`.
pub(crate) fn rename_label(name: &QName, from: &str, to: &str) -> String {
    let statement = Type::alter().name(type_ref(name)).rename_value(from.to_owned(), to.to_owned());
    relax(&statement.to_string(PostgresQueryBuilder))
}

/// `COMMENT ON TYPE`.
pub(crate) fn comment(name: &QName, text: Option<&str>) -> String {
    format!("COMMENT ON TYPE {} IS {}", qualified(name), table::comment_text(text))
}
