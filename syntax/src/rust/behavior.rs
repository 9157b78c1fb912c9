//! `timestamps` and `audit`: where everything that they make stands in a state as they make it, the attribute says it.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_schema::{Definition, Entry, Id, Kind, State, changes};

use super::names;
use crate::lower::behavior::{self, AUDIT, CREATED_AT, LOG, RECORD, UPDATED_AT};
use crate::model::{QName, Schema, Table};

/// A setting of a struct, and what it makes.
struct Setting {
    text: String,
    made: State,
    /// The table that it makes.
    log: Option<QName>,
}

/// The settings that a table may have by its columns and its triggers.
fn possible(table: &Table, objects: &BTreeMap<Id, Entry>) -> Vec<Setting> {
    let (fields, _) = names::fields(table);
    let time = |name: &str| {
        let at = fields.iter().position(|field| field.name == name)?;
        let column = table.columns.get(at).filter(|column| column.not_null && column.default.is_some())?;
        column.ty.to_string().starts_with("timestamp").then_some(&column.name)
    };
    let mut settings = Vec::new();
    if let Some((_, updated_at)) = time(CREATED_AT).zip(time(UPDATED_AT)) {
        let mut made = State::default();
        behavior::timestamps(&table.name, updated_at, &mut made);
        settings.push(Setting { text: "timestamps".to_owned(), made, log: None });
    }
    let trigger = objects.get(&Id::new(Kind::Table, &table.name).part(Kind::Trigger, AUDIT));
    let function = trigger.and_then(|entry| entry.depends.iter().find(|id| id.kind == Kind::Function));
    let name = |function: QName| Some(function.name.strip_suffix("()")?.strip_suffix(RECORD)?.to_owned());
    let log = function.and_then(|id| Some(QName::new(id.qname().schema, name(id.qname())?)));
    if let Some(log) = log.filter(|log| !log.schema.contains('.') && !log.name.contains('.')) {
        let text = match (log.schema == table.name.schema, log.name == LOG) {
            (true, true) => "audit".to_owned(),
            (true, false) => format!("audit = {:?}", log.name),
            (false, _) => format!("audit = {:?}", format!("{}.{}", log.schema, log.name)),
        };
        let mut made = State::default();
        behavior::audit(&table.name, &log, &mut made);
        settings.push(Setting { text, made, log: Some(log) });
    }
    settings
}

/// Puts what settings make beside the tables, of which those are none that they make.
pub(super) fn read(state: &State, schema: &mut Schema) {
    let keys = schema.tables.values().flat_map(|table| table.foreign_keys.values());
    let referenced: BTreeSet<&QName> = keys.map(|key| &key.references).collect();
    let settings = schema.tables.values().flat_map(|table| possible(table, &state.objects));
    let is_free = |setting: &Setting| !setting.log.as_ref().is_some_and(|log| referenced.contains(log));
    let settings: Vec<Setting> =
        settings.filter(|setting| is_free(setting) && stands(&setting.made, state)).collect();
    for Setting { made, log, .. } in settings {
        log.map(|log| schema.tables.remove(&log));
        schema.companions.extend(made.objects);
    }
}

fn stands(made: &State, state: &State) -> bool {
    let (mut wanted, mut found) = (State::default(), State::default());
    for (id, entry) in &made.objects {
        let Some(other) = state.objects.get(id) else { return false };
        wanted.objects.insert(id.clone(), unordered(entry));
        found.objects.insert(id.clone(), unordered(other));
    }
    changes(&wanted, &found).is_empty()
}

/// The server has the events of a trigger in an order of its own.
fn unordered(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    if let Definition::Trigger(trigger) = &mut entry.definition {
        let mut words: Vec<&str> = trigger.definition.split(' ').collect();
        words.sort_unstable();
        trigger.definition = words.join(" ");
    }
    entry
}

/// The settings of a table whose objects are beside it.
pub(super) fn settings(schema: &Schema, table: &Table) -> impl Iterator<Item = String> {
    let beside = |id: &Id| schema.companions.contains_key(id);
    let settings = possible(table, &schema.companions).into_iter();
    settings.filter(move |setting| setting.made.objects.keys().all(beside)).map(|setting| setting.text)
}
