//! What `generate` does not write unless it is told to: what loses data.

use std::collections::BTreeMap;

use whimbrel_schema::change::{Action, Change};
use whimbrel_schema::object::Kind;
use whimbrel_schema::{Definition, Id, State};
use whimbrel_syntax::Schema;
use whimbrel_syntax::objects::state;

use super::{All, changes, list_changes};
use crate::args::Generate;
use crate::connect::{self, Database};
use crate::failure::Failure;
use crate::losses;
use crate::output::Output;

/// Refuses what loses data, unless that is allowed, and says what of it looks like a rename.
pub(super) fn refuse_loss(
    command: &Generate,
    all: &All,
    (prev, next): (&Schema, &Schema),
    database: Option<&Database>,
    output: &Output,
) -> Result<(), Failure> {
    let losses = all.iter().flat_map(|(generated, _)| &generated.data_loss);
    let lost = losses.filter_map(|loss| loss.strip_prefix("up: ")).filter(|_| !command.allow_data_loss);
    let (dropped, mut lost): (Vec<&str>, Vec<&str>) = lost.partition(|loss| losses::dropped(loss).is_some());
    let names: Vec<&str> = dropped.iter().filter_map(|loss| losses::dropped(loss)).collect();
    if let Some(unknown) = command.drop.iter().find(|name| !names.contains(&name.as_str())) {
        let failure =
            Failure::new(format!("`--drop {unknown}`: this migration drops no table or column of that name"));
        return Err(match names.is_empty() {
            true => failure,
            false => failure.hint(format!("it drops {}", names.join(", "))),
        });
    }
    let names: Vec<&str> =
        names.into_iter().filter(|name| !command.drop.iter().any(|drop| drop == name)).collect();
    lost.extend(
        dropped.iter().filter(|loss| losses::dropped(loss).is_some_and(|name| names.contains(&name))),
    );
    if lost.is_empty() {
        return Ok(());
    }
    let lost: Vec<String> = lost.into_iter().map(str::to_owned).collect();
    let changes = changes(all);
    list_changes(&changes, output);
    let mut failure = Failure::difference("this migration loses data, so it was not written");
    failure.causes = lost.iter().map(|loss| format!("it {loss}")).collect();
    if let Some(database) = database {
        failure = connect::block_on(async { Ok(losses::explain(failure, &lost, database).await) })?;
    }
    failure.hints.extend(rename_hints(&changes, &state(prev), &state(next)));
    let drops = names.iter().map(|name| format!(" --drop {name}")).collect::<String>();
    let all = if names.len() == lost.len() { drops } else { " --allow-data-loss".to_owned() };
    Err(failure.hint(format!("if the data may be lost: `whimbrel generate{all}`")))
}

/// Dropped and added objects of the same shape look like renames that were not declared.
fn rename_hints(changes: &[Change], prev: &State, next: &State) -> Vec<String> {
    let of = |action: Action| changes.iter().filter(move |change| change.action == action);
    let added = of(Action::Create).map(|change| &change.object);
    let added: BTreeMap<Vec<String>, &Id> = added.filter_map(|id| Some((shape(next, id)?, id))).collect();
    let hint = |old: &Id| {
        let new = added.get(&shape(prev, old)?)?;
        Some(match old.kind {
            Kind::Table => format!(
                "if {old} became {new}, say so at the struct: #[model(renamed_from = \"{}\")]",
                old.qname()
            ),
            _ => format!(
                "if {old} became {new}, say so at the field: #[column(renamed_from = \"{}\")]",
                old.name()
            ),
        })
    };
    of(Action::Drop).filter_map(|change| hint(&change.object)).collect()
}

/// What a renamed object keeps: a column its table and type, a table its columns.
fn shape(state: &State, id: &Id) -> Option<Vec<String>> {
    match &state.objects.get(id)?.definition {
        Definition::Column(column) => Some(vec![column.table.to_string(), column.ty.clone()]),
        Definition::Table(_) => Some(
            state
                .parts(id, Kind::Column)
                .map(|(id, entry)| match &entry.definition {
                    Definition::Column(column) => format!("{} {}", column.name, column.ty),
                    _ => id.to_string(),
                })
                .collect(),
        ),
        _ => None,
    }
}
