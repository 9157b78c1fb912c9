//! The models that a runner links must be those that the command line read from their sources.

use whimbrel::__private::registry::{self, EnumEntry, ModelEntry};
use whimbrel_schema::change::Action;
use whimbrel_schema::{Change, Kind, changes};
use whimbrel_syntax::objects::state;
use whimbrel_syntax::snapshot::{self, SnapshotError};

/// What differs between the models in `scanned`, a snapshot, and those that are linked: a line each.
pub fn differences(scanned: &str) -> Result<Vec<String>, SnapshotError> {
    let changes = changes(&state(&snapshot::from_json(scanned)?), &state(&registry::schema()));
    Ok(changes.iter().map(describe).collect())
}

fn describe(change: &Change) -> String {
    let compiled = |name: String, object: String| {
        format!(
            "{name} ({object}) is compiled, but was not found in the sources: a macro makes it, or it is in a crate \
             that is not configured"
        )
    };
    let scanned = |object: String| {
        format!(
            "{object} was found in the sources, but is not compiled: a cfg or a missing feature excludes it"
        )
    };
    let object = change.object.to_string();
    match (&change.action, change.object.kind) {
        (Action::Create, Kind::Table) => {
            let is_it = |entry: &&ModelEntry| (entry.table)().name == change.object.qname();
            let entry = registry::models().into_iter().find(is_it);
            compiled(
                entry.map(|entry| format!("{}::{}", entry.module, entry.name)).unwrap_or_default(),
                object,
            )
        }
        (Action::Create, Kind::Enum) => {
            let is_it = |entry: &&EnumEntry| (entry.definition)().name == change.object.qname();
            let entry = registry::enums().into_iter().find(is_it);
            compiled(
                entry.map(|entry| format!("{}::{}", entry.module, entry.name)).unwrap_or_default(),
                object,
            )
        }
        (Action::Drop, Kind::Table | Kind::Enum) => scanned(object),
        _ => format!("only in the compiled models: {change}"),
    }
}
