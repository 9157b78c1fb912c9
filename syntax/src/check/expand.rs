//! What a column that takes the place of another one cannot be.

use super::names::fits;
use super::sql::{Place, sql};
use crate::ast::{Field, Model};
use crate::errors::{Errors, SourceSpan};
use crate::lower::{self, behavior};
use crate::types;

pub(super) fn each(errors: &Errors, model: &Model) {
    for field in &model.fields {
        if let Some(expand) = &field.column.expand {
            let setting = &expand.value;
            for (value, what) in [(&setting.forward, "forward"), (&setting.back, "back")] {
                value.iter().for_each(|value| sql(errors, value, what, Place::Expression));
            }
            match (&setting.forward, &setting.back) {
                (Some(given), None) => without_reverse(errors, given.span, "forward", "back"),
                (None, Some(given)) => without_reverse(errors, given.span, "back", "forward"),
                _ => {}
            }
            if let Some(ty) = &setting.old_type
                && let Err(error) = types::canonical(&ty.value)
            {
                errors.add(ty.span, error.to_string()).help(error.hint);
            }
            if let Some(why) = not_for(model, field) {
                errors
                    .add(expand.span, format!("`expand` is not for {why}"))
                    .help("remove `expand`: `renamed_from` alone renames the column");
            }
            old_column(errors, model, field);
        }
    }
}

/// The other way would be a cast, which does not undo what an expression does.
fn without_reverse(errors: &Errors, span: SourceSpan, given: &str, missing: &str) {
    errors
        .add(span, format!("`expand` has `{given}`, and no `{missing}`"))
        .help(format!("say the other way, too: `{missing} = \"…\"`"));
}

/// A trigger gives the value, after the row has its key and before PostgreSQL computes anything from it.
fn not_for(model: &Model, field: &Field) -> Option<&'static str> {
    let (column, relation, name) = (&field.column, &model.relation, field.name());
    let partitioned = relation.partition_by.as_ref();
    let in_key = |by: &crate::ast::relation::PartitionBy| {
        by.columns.iter().filter_map(|name| lower::field(model, name)).any(|key| key.ident == field.ident)
    };
    let of_trigger = [behavior::CREATED_AT, behavior::UPDATED_AT].contains(&name.as_str());
    if lower::in_primary_key(model, field) {
        Some("a column of the primary key")
    } else if column.identity.is_some() {
        Some("an identity column")
    } else if column.generated.is_some() {
        Some("a generated column")
    } else if partitioned.is_some_and(in_key) {
        Some("a column of the partition key")
    } else if relation.timestamps.is_some() && of_trigger {
        Some("the columns of `timestamps`")
    } else if relation.soft_delete.is_some() && name == behavior::DELETED_AT {
        Some("the column of `soft_delete`")
    } else {
        None
    }
}

/// The old column is there beside those of the fields.
fn old_column(errors: &Errors, model: &Model, field: &Field) {
    let Some(expand) = &field.column.expand else { return };
    let Some(old) = &field.column.renamed_from else {
        errors
            .add(expand.span, "`expand` does not say which column this one takes the place of")
            .help("add `renamed_from = \"…\"`");
        return;
    };
    if !fits(errors, &old.value, old.span) {
        return;
    }
    if lower::column_name(model, field) == old.value {
        errors
            .add(old.span, "a column cannot be beside itself")
            .help(format!("give the new one another name: `name = \"new_{}\"`", old.value));
        return;
    }
    let mut others = model.fields.iter().filter(|other| other.ident != field.ident);
    let taken = |other: &&Field| {
        let renamed = other.column.renamed_from.as_ref().filter(|_| other.column.expand.is_some());
        lower::column_name(model, other) == old.value || renamed.is_some_and(|name| name.value == old.value)
    };
    if let Some(other) = others.find(taken) {
        errors
            .add(old.span, format!("`{}` already has the column `{}`", other.name(), old.value))
            .help("with `expand` the old column is there without a field of its own");
    }
}
