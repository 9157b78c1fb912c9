//! The models that a runner links must be those that the command line read from their sources.

use whimbrel::__private::registry;
use whimbrel_syntax::diff::{Change, diff};
use whimbrel_syntax::model::Hints;
use whimbrel_syntax::snapshot::{self, SnapshotError};

/// What differs between the models in `scanned`, a snapshot, and those that are linked: a line each.
pub fn differences(scanned: &str) -> Result<Vec<String>, SnapshotError> {
    let changes = diff(&snapshot::from_json(scanned)?, &registry::schema(), &Hints::default());
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
    match change {
        Change::CreateTable { table } => {
            let entry = registry::models().into_iter().find(|entry| (entry.table)().name == table.name);
            let name = entry.map(|entry| format!("{}::{}", entry.module, entry.name));
            compiled(name.unwrap_or_default(), format!("table {}", table.name))
        }
        Change::CreateEnum { definition } => {
            let entry =
                registry::enums().into_iter().find(|entry| (entry.definition)().name == definition.name);
            let name = entry.map(|entry| format!("{}::{}", entry.module, entry.name));
            compiled(name.unwrap_or_default(), format!("enum type {}", definition.name))
        }
        Change::DropTable { table } => scanned(format!("table {}", table.name)),
        Change::DropEnum { definition } => scanned(format!("enum type {}", definition.name)),
        other => format!("only in the compiled models: {other}"),
    }
}
