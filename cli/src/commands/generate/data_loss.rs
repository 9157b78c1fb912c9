//! What `generate` does not write unless it is told to: what loses data.

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
pub(super) fn refuse(
    command: &Generate,
    all: &All,
    (prev, next): (&Schema, &Schema),
    database: Option<&Database>,
    output: &Output,
) -> Result<(), Failure> {
    let losses = all.iter().flat_map(|(generated, _)| &generated.data_loss);
    let losses: Vec<&str> = losses.filter_map(|loss| loss.strip_prefix("up: ")).collect();
    let dropped: Vec<&str> = losses.iter().filter_map(|loss| losses::dropped(loss)).collect();
    if let Some(unknown) = command.drop.iter().find(|name| !dropped.contains(&name.as_str())) {
        let failure =
            Failure::new(format!("`--drop {unknown}`: this migration drops no table or column of that name"));
        return Err(match dropped.is_empty() {
            true => failure,
            false => failure.hint(format!("it drops {}", dropped.join(", "))),
        });
    }
    let is_allowed =
        |loss: &&str| losses::dropped(loss).is_some_and(|name| command.drop.iter().any(|drop| drop == name));
    let lost: Vec<String> = losses.into_iter().filter(|loss| !is_allowed(loss)).map(str::to_owned).collect();
    if lost.is_empty() || command.allow_data_loss {
        return Ok(());
    }
    let changes = changes(all);
    list_changes(&changes, output);
    let mut failure = Failure::difference("this migration loses data, so it was not written");
    failure.causes = lost.iter().map(|loss| format!("it {loss}")).collect();
    if let Some(database) = database {
        failure = connect::block_on(async { Ok(losses::explain(failure, &lost, database).await) })?;
    }
    failure.hints.extend(rename_hints(&changes, &state(prev), &state(next)));
    let names = lost.iter().map(|loss| losses::dropped(loss)).collect::<Option<Vec<&str>>>();
    let options = match names {
        Some(names) => {
            let allowed = command.drop.iter().map(String::as_str);
            allowed.chain(names).map(|name| format!(" --drop {name}")).collect()
        }
        None => " --allow-data-loss".to_owned(),
    };
    Err(failure.hint(format!("if the data may be lost: `whimbrel generate{options}`")))
}

/// Dropped and added objects of the same shape look like renames that were not declared.
fn rename_hints(changes: &[Change], prev: &State, next: &State) -> Vec<String> {
    let of = |action: Action, state| {
        let of = changes.iter().filter(move |change| change.action == action);
        of.filter_map(|change| Some((shape(state, &change.object)?, &change.object))).collect::<Vec<_>>()
    };
    let (dropped, added) = (of(Action::Drop, prev), of(Action::Create, next));
    let mut hints = Vec::new();
    for (shape, old) in &dropped {
        hints.extend(added.iter().filter(|(other, _)| other == shape).map(|(_, new)| hint(old, new)));
    }
    hints
}

fn hint(old: &Id, new: &Id) -> String {
    match old.kind {
        Kind::Table => format!(
            "if {old} became {new}, say so at the struct: #[model(renamed_from = \"{}\")]",
            old.qname()
        ),
        _ => format!(
            "if {old} became {new}, say so at the field: #[column(renamed_from = \"{}\")]",
            old.name()
        ),
    }
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
