//! What `generate` does not write unless it is told to: what loses data, and what looks like a rename.

use std::collections::BTreeSet;

use whimbrel_schema::name::{literal, quote};
use whimbrel_schema::object::Kind;
use whimbrel_schema::{Id, State};
use whimbrel_syntax::Schema;
use whimbrel_syntax::objects::state;

use super::All;
use crate::args::Generate;
use crate::connect::{self, Database};
use crate::failure::Failure;
use crate::losses;

/// Refuses what loses data and what looks like a rename that was not declared, unless that is allowed.
pub(super) fn refuse(
    command: &Generate,
    all: &All,
    next: &Schema,
    database: Option<&Database>,
) -> Result<(), Failure> {
    let losses = all.iter().flat_map(|(generated, _)| &generated.data_loss);
    let losses: Vec<&str> = losses.filter_map(|loss| loss.strip_prefix("up: ")).collect();
    let models = state(next);
    // Only models can move something to another schema.
    let is_declarable =
        |(old, new): &&(Id, Id)| old.outermost() == new.outermost() || models.objects.contains_key(new);
    let similar = all.iter().flat_map(|(generated, _)| &generated.similar);
    let similar: Vec<&(Id, Id)> = similar.filter(is_declarable).collect();
    let mut dropped: Vec<String> =
        losses.iter().filter_map(|loss| losses::dropped(loss)).map(str::to_owned).collect();
    let known: BTreeSet<String> = dropped.iter().cloned().collect();
    let more: BTreeSet<String> = similar.iter().map(|(old, _)| old.full_name()).collect();
    dropped.extend(more.difference(&known).cloned());
    if let Some(unknown) = command.drop.iter().find(|name| !dropped.contains(name)) {
        let failure = Failure::new(format!("`--drop {unknown}`: this migration drops nothing of that name"));
        return Err(match dropped.is_empty() {
            true => failure,
            false => failure.hint(format!("it drops {}", dropped.join(", "))),
        });
    }
    let is_allowed = |name: &str| command.drop.iter().any(|drop| drop == name);
    let is_lost = |loss: &&str| !losses::dropped(loss).is_some_and(is_allowed);
    let lost: Vec<String> = losses.into_iter().filter(is_lost).map(str::to_owned).collect();
    let similar: Vec<&(Id, Id)> =
        similar.into_iter().filter(|(old, _)| !is_allowed(&old.full_name())).collect();
    if (lost.is_empty() && similar.is_empty()) || command.allow_data_loss {
        return Ok(());
    }
    let mut failure = Failure::difference(match lost.is_empty() {
        true => "this migration drops what may only have another name, so it was not written",
        false => "this migration loses data, so it was not written",
    });
    failure.causes = lost.iter().map(|loss| format!("it {loss}")).collect();
    let renames = similar.iter().filter(|(old, _)| !known.contains(&old.full_name()));
    failure.causes.extend(renames.map(|(old, new)| format!("it drops {} and adds {}", what(old), what(new))));
    if let Some(database) = database {
        failure = connect::block_on(async { Ok(losses::explain(failure, &lost, database).await) })?;
    }
    failure.hints.extend(similar.iter().map(|(old, new)| hint(old, new, &models)));
    let is_named = lost.iter().all(|loss| losses::dropped(loss).is_some());
    let options: String = match is_named {
        true => dropped.iter().map(|name| format!(" --drop {name}")).collect(),
        false => " --allow-data-loss".to_owned(),
    };
    Err(failure.hint(match lost.is_empty() {
        true => format!("if it is another one: `whimbrel generate{options}`"),
        false => format!("if the data may be lost: `whimbrel generate{options}`"),
    }))
}

/// An object, or what is within a type.
fn what(id: &Id) -> String {
    match id.kind {
        Kind::Enum if id.names().count() > 2 => format!("label {}", id.full_name()),
        Kind::Composite if id.names().count() > 2 => format!("attribute {}", id.full_name()),
        _ => id.to_string(),
    }
}

/// How to declare a rename: at the struct or enum, or in the file of objects.
fn hint(old: &Id, new: &Id, models: &State) -> String {
    let owner = Id::new(new.kind, &new.qname());
    let became = format!("if {} became {}", what(old), what(new));
    let (place, attribute) = match new.kind {
        Kind::Column if models.objects.contains_key(new) => ("field", "column"),
        Kind::Table if models.objects.contains_key(new) => ("struct", "model"),
        Kind::Enum if models.objects.contains_key(new) => ("enum", "pg"),
        Kind::Enum if models.objects.contains_key(&owner) => ("variant", "pg"),
        _ => {
            let name = quoted(old);
            return format!("{became}, say so above it in its file: -- whimbrel: renamed from {name}");
        }
    };
    let name = if old.kind == Kind::Table { old.qname().to_string() } else { old.name().to_owned() };
    format!("{became}, say so at the {place}: #[{attribute}(renamed_from = \"{name}\")]")
}

/// A name as a statement has it; a label as a string.
fn quoted(id: &Id) -> String {
    let is_label = id.kind == Kind::Enum && id.names().count() > 2;
    if is_label { literal(id.name()) } else { quote(id.name()).into_owned() }
}
