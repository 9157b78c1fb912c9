//! Constraints and indexes.

use crate::diff::{Definition, Object};
use crate::model::*;
use crate::name::{list, qualified, quote};

/// `CONSTRAINT name …`, as in `CREATE TABLE` and after `ADD`; nothing for an index.
pub(crate) fn constraint(object: &Object) -> Option<String> {
    let body = match &object.definition {
        Definition::PrimaryKey { columns } => format!("PRIMARY KEY ({})", list(columns)),
        Definition::Unique(unique) => {
            format!("UNIQUE ({}){}", list(&unique.columns), deferrable(unique.deferrable))
        }
        Definition::Check(check) => format!("CHECK ({})", check.expr),
        Definition::ForeignKey(key) => foreign_key(key),
        Definition::Index(_) => return None,
    };
    Some(format!("CONSTRAINT {} {body}", quote(&object.name)))
}

fn foreign_key(key: &ForeignKey) -> String {
    format!(
        "FOREIGN KEY ({}) REFERENCES {} ({}){}{}{}",
        list(&key.columns),
        qualified(&key.references),
        list(&key.referenced_columns),
        action(" ON DELETE", key.on_delete),
        action(" ON UPDATE", key.on_update),
        deferrable(key.deferrable),
    )
}

fn action(event: &str, action: Action) -> String {
    let word = match action {
        Action::NoAction => return String::new(),
        Action::Restrict => "RESTRICT",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => "SET DEFAULT",
    };
    format!("{event} {word}")
}

fn deferrable(deferrable: Deferrable) -> &'static str {
    match deferrable {
        Deferrable::No => "",
        Deferrable::InitiallyImmediate => " DEFERRABLE",
        Deferrable::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
    }
}

pub(crate) fn drop_constraint(name: &str) -> String {
    format!("DROP CONSTRAINT {}", quote(name))
}

pub(crate) fn create_index(table: &QName, name: &str, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let method =
        if index.method == "btree" { String::new() } else { format!(" USING {}", quote(&index.method)) };
    let keys: Vec<_> = index.keys.iter().map(index_key).collect();
    let mut text =
        format!("CREATE {unique}INDEX {} ON {}{method} ({})", quote(name), qualified(table), keys.join(", "));
    if !index.include.is_empty() {
        text.push_str(&format!(" INCLUDE ({})", list(&index.include)));
    }
    if let Some(predicate) = &index.predicate {
        text.push_str(&format!(" WHERE ({predicate})"));
    }
    text
}

fn index_key(key: &IndexKey) -> String {
    let mut text = match &key.on {
        IndexOn::Column(column) => quote(column).into_owned(),
        IndexOn::Expr(expr) => format!("({expr})"),
    };
    if let Some(collation) = &key.collation {
        text.push_str(&format!(" COLLATE {}", quote(collation)));
    }
    if let Some(opclass) = &key.opclass {
        text.push_str(&format!(" {}", operator_class(opclass)));
    }
    if key.descending {
        text.push_str(" DESC");
    }
    match key.nulls_first {
        Some(true) => text.push_str(" NULLS FIRST"),
        Some(false) => text.push_str(" NULLS LAST"),
        None => {}
    }
    text
}

/// An operator class may carry its schema and, in brackets, its parameters: `public.gist_trgm_ops(siglen='32')`.
fn operator_class(text: &str) -> String {
    let (name, parameters) = text.split_at(text.find('(').unwrap_or(text.len()));
    let parts: Vec<_> = name.trim().split('.').map(quote).collect();
    format!("{}{parameters}", parts.join("."))
}
