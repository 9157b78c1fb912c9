//! Renames in what comes with tables: wherever the name of a table or of a column stands, as PostgreSQL itself follows
//! them, but for the bodies of functions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use whimbrel_schema::{Definition, Entry, Id, Kind};

use super::OldToNew;
use crate::expr;
use crate::model::{QName, Schema};

/// Tables that come with those that move to another schema, and so move, too: new names and old ones.
pub(super) fn moved(prev: &Schema, next: &Schema, tables: &BTreeMap<QName, QName>) -> BTreeMap<QName, QName> {
    let has = |schema: &Schema, name: &QName| schema.companions.contains_key(&Id::new(Kind::Table, name));
    let whole = prev.companions.keys().filter(|id| id.kind == Kind::Table);
    let names: BTreeSet<QName> = whole.map(Id::qname).filter(|name| !has(next, name)).collect();
    let mut moved = BTreeMap::new();
    for old in names {
        let schemas = tables.iter().filter(|(_, from)| from.schema == old.schema).map(|(to, _)| &to.schema);
        let mut places = schemas.map(|schema| QName::new(schema, &old.name));
        if let Some(new) = places.find(|new| has(next, new) && !has(prev, new)) {
            moved.insert(new, old);
        }
    }
    moved
}

impl OldToNew {
    pub(super) fn rename_entry(&self, entry: &Entry) -> (Id, Entry) {
        let definition = self.rename_definition(&entry.definition);
        let depends: BTreeSet<Id> = entry.depends.iter().map(|id| self.rename_id(id)).collect();
        (definition.id(), Entry { definition, depends, ..entry.clone() })
    }

    fn rename_id(&self, id: &Id) -> Id {
        let name = id.qname();
        match self.tables.get(&QName::new(name.schema, name.name)) {
            Some(new) => {
                let names: Vec<&str> =
                    [new.schema.as_str(), &new.name].into_iter().chain(id.names().skip(2)).collect();
                Id::of(id.kind, &names)
            }
            None => id.clone(),
        }
    }

    pub(super) fn rename_definition(&self, definition: &Definition) -> Definition {
        if matches!(definition.kind(), Kind::Function) {
            return definition.clone();
        }
        let table = self.rename_id(&definition.id()).qname();
        let table = QName::new(table.schema, table.name);
        let word = |old: &str| {
            self.column(&table, old).or_else(|| {
                let mut tables = self.tables.iter().filter(|(from, to)| from.name == old && to.name != old);
                tables.next().map(|(_, to)| to.name.clone())
            })
        };
        let renamed = serde_json::to_value(definition).ok().and_then(|mut value| {
            self.rename_value(&mut value, &word);
            serde_json::from_value(value).ok()
        });
        renamed.unwrap_or_else(|| definition.clone())
    }

    fn rename_value(&self, value: &mut Value, word: &dyn Fn(&str) -> Option<String>) {
        match value {
            Value::Array(path) if self.new_name(path).is_some() => self.rename_path(path),
            Value::Array(values) => values.iter_mut().for_each(|value| self.rename_value(value, word)),
            Value::Object(fields) => {
                let word_of = |(name, value): &(&String, &mut Value)| match name.as_str() {
                    "roles" => true,
                    "kind" | "name" | "command" => value.is_string(),
                    _ => false,
                };
                let fields = fields.iter_mut().filter(|field| !word_of(field));
                fields.for_each(|(_, value)| self.rename_value(value, word));
            }
            Value::String(text) => *text = expr::rename_words(text, word),
            _ => {}
        }
    }

    /// The new name of what the names lead to: `[schema, table, …]`.
    fn new_name(&self, path: &[Value]) -> Option<&QName> {
        let [Value::String(schema), Value::String(name), ..] = path else { return None };
        self.tables.get(&QName::new(schema.as_str(), name.as_str()))
    }

    fn rename_path(&self, path: &mut [Value]) {
        if let Some(new) = self.new_name(path).cloned() {
            path[0] = Value::String(new.schema);
            path[1] = Value::String(new.name);
        }
    }
}
