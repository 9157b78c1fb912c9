//! Enum types.

use crate::model::{Enum, QName};
use crate::name::{literal, qualified};

/// `CREATE TYPE … AS ENUM`, a label a line.
pub(crate) fn create(definition: &Enum) -> String {
    let name = qualified(&definition.name);
    if definition.labels.is_empty() {
        return format!("CREATE TYPE {name} AS ENUM ()");
    }
    let labels: Vec<_> = definition.labels.iter().map(|label| literal(label)).collect();
    format!("CREATE TYPE {name} AS ENUM (\n    {}\n)", labels.join(",\n    "))
}

pub(crate) enum Place<'a> {
    End,
    Before(&'a str),
    After(&'a str),
}

pub(crate) fn add_label(name: &QName, label: &str, place: &Place<'_>) -> String {
    let place = match place {
        Place::End => String::new(),
        Place::Before(other) => format!(" BEFORE {}", literal(other)),
        Place::After(other) => format!(" AFTER {}", literal(other)),
    };
    format!("ALTER TYPE {} ADD VALUE {}{place}", qualified(name), literal(label))
}

pub(crate) fn rename_label(name: &QName, from: &str, to: &str) -> String {
    format!("ALTER TYPE {} RENAME VALUE {} TO {}", qualified(name), literal(from), literal(to))
}
