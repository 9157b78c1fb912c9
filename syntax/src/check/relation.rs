//! What a model says of its table or view as a whole.

use std::collections::BTreeSet;

use super::keys::columns;
use super::names::fits;
use super::sql::{Place, sql};
use super::{Looks, in_option, looks};
use crate::ast::relation::{Bound, Command, Partition, PartitionBy, Policy, Strategy, View};
use crate::ast::{Field, IndexOn, Model};
use crate::attr::relation::roles;
use crate::errors::{Errors, SourceSpan, Spanned};
use crate::lower::{self, behavior};

/// All of it.
pub(super) fn each(errors: &Errors, model: &Model) {
    grants(errors, model);
    match (&model.relation.view, &model.relation.materialized) {
        (Some(of), _) => view(errors, model, of),
        (None, materialized) => {
            if let Some(materialized) = materialized {
                errors
                    .add(materialized.span, "`materialized` is for views")
                    .help("add `view = \"SELECT …\"` to `#[model(…)]`");
            }
            table(errors, model);
        }
    }
}

/// Row-level security, partitions, and what comes with triggers.
fn table(errors: &Errors, model: &Model) {
    policies(errors, model);
    if let Some(by) = &model.relation.partition_by {
        partition_by(errors, model, by);
    }
    partitions(errors, model);
    timestamps(errors, model);
    soft_delete(errors, model);
    if let Some(Spanned { value: Some(table), span }) = &model.relation.audit {
        for part in table.splitn(2, '.') {
            fits(errors, part, *span);
        }
    }
}

/// Role names are as they stand in `pg_roles`.
fn to(errors: &Errors, to: &Spanned<String>) {
    for role in roles(&to.value) {
        if fits(errors, role, to.span)
            && ["current_user", "current_role", "session_user"].contains(&role.to_ascii_lowercase().as_str())
        {
            errors
                .add(to.span, format!("`{role}` is not the name of a role"))
                .help("name the roles: who runs the migration would be meant here");
        }
    }
}

/// A policy holds only where row-level security is on, and says what rows it is about.
fn policies(errors: &Errors, model: &Model) {
    let mut names = BTreeSet::new();
    if let (Some(_), Some(_)) = (&model.relation.soft_delete, &model.relation.rls) {
        names.insert("hide_deleted");
    }
    for policy in &model.relation.policies {
        let Policy { name, using, check, .. } = policy;
        if fits(errors, &name.value, name.span) && !names.insert(&name.value) {
            errors
                .add(
                    name.span,
                    format!("the name `{}` is already used by a policy of this table", name.value),
                )
                .help("give one of them another name");
        }
        if model.relation.rls.is_none() {
            errors
                .add(name.span, "a policy has no effect without row-level security")
                .help("add `rls` to `#[model(…)]`");
        }
        policy.to.iter().for_each(|roles| to(errors, roles));
        using.iter().for_each(|using| sql(errors, using, "using", Place::Expression));
        check.iter().for_each(|check| sql(errors, check, "check", Place::Expression));
        match (policy.command.map(|command| command.value), using, check) {
            (Some(Command::Insert), Some(using), _) => errors
                .add(using.span, "a policy for `insert` has no `using`: there is no row yet")
                .help("write `check = \"…\"`"),
            (Some(Command::Select | Command::Delete), _, Some(check)) => errors
                .add(check.span, "a policy for `select` or `delete` has no `check`: there is no new row")
                .help("write `using = \"…\"`"),
            (_, None, None) => errors
                .add(name.span, format!("the policy `{}` has no condition", name.value))
                .help("write `using = \"…\"` for the rows that are there, `check = \"…\"` for new ones"),
            _ => continue,
        };
    }
}

/// What may be granted on a table, and on columns of it.
fn grants(errors: &Errors, model: &Model) {
    for grant in &model.relation.grants {
        let example = "write `grant(select, insert, to = \"role\")`";
        if grant.privileges.is_empty() {
            errors.add(grant.span, "`grant` has no privileges").help(example);
        }
        match &grant.to {
            Some(roles) => to(errors, roles),
            None => {
                errors.add(grant.span, "`grant` does not say to whom").help(example);
            }
        }
        let everybody =
            |to: &Spanned<String>| roles(&to.value).iter().any(|role| role.eq_ignore_ascii_case("public"));
        if let Some(span) = grant.with_grant_option.filter(|_| grant.to.as_ref().is_some_and(everybody)) {
            errors
                .add(span, "everybody cannot be allowed to grant it to others")
                .help("remove `with_grant_option`, or name roles");
        }
        for granted in grant.privileges.iter().filter(|granted| !granted.columns.is_empty()) {
            let privilege = &granted.privilege;
            columns(errors, model, &granted.columns, "grant", privilege.span);
            if !["SELECT", "INSERT", "UPDATE", "REFERENCES"].contains(&privilege.value) {
                errors
                    .add(privilege.span, format!("{} is not granted on columns", privilege.value))
                    .help("columns can have `select`, `insert`, `update` and `references`");
            }
        }
    }
}

/// Each partition has its own indexes, so that PostgreSQL can only keep unique what contains the partition key.
fn partition_by(errors: &Errors, model: &Model, by: &PartitionBy) {
    let fields = columns(errors, model, &by.columns, "partition_by", by.strategy.span);
    if by.strategy.value == Strategy::List && fields.len() > 1 {
        errors.add(by.strategy.span, "a list of values is of one column").help("name one column");
    }
    if let Some(span) = model.relation.unlogged {
        errors
            .add(span, "a partitioned table cannot be unlogged")
            .help("remove `unlogged`: each partition has its own persistence");
    }
    for field in fields {
        if let Some(generated) = &field.column.generated {
            errors
                .add(generated.span, "a generated column cannot be in the partition key")
                .help("choose another column");
        }
        let lacks = |names: &[String]| !names.is_empty() && !names.contains(&field.name());
        let key: Vec<String> = lower::primary_key(model).iter().map(|field| field.name()).collect();
        if lacks(&key) {
            let whole = [key, vec![field.name()]].concat().join(", ");
            errors
                .add(
                    by.strategy.span,
                    format!("`{}` is in the partition key, so the primary key must contain it", field.name()),
                )
                .help(format!("write `primary_key({whole})`"));
        }
        for (names, span) in unique_keys(model) {
            if lacks(&names) {
                let message =
                    format!("`{}` is in the partition key, so what is unique must contain it", field.name());
                errors.add(span, message).help("add the column, or do without the constraint");
            }
        }
    }
}

/// The fields of unique constraints and unique indexes; none of an index over expressions.
fn unique_keys(model: &Model) -> Vec<(Vec<String>, SourceSpan)> {
    let field = |name| lower::field(model, name).map(Field::name);
    let of_columns = model.fields.iter().filter_map(|field| Some((vec![field.name()], field.column.unique?)));
    let constraints =
        model.uniques.iter().map(|unique| (unique.columns.iter().filter_map(field).collect(), unique.span));
    let indexes = model.indexes.iter().filter(|index| index.unique.is_some()).map(|index| {
        let names = index.keys.iter().filter_map(|key| match &key.on {
            IndexOn::Column(name) => field(name),
            IndexOn::Expr(_) => None,
        });
        (names.collect(), index.span)
    });
    of_columns.chain(constraints).chain(indexes).collect()
}

fn partitions(errors: &Errors, model: &Model) {
    let mut names = BTreeSet::new();
    let mut default: Option<&str> = None;
    for Partition { span, name, bound } in &model.relation.partitions {
        if fits(errors, &name.value, name.span) && !names.insert(&name.value) {
            errors
                .add(name.span, format!("two partitions are named `{}`", name.value))
                .help("rename one of them");
        }
        let Some(by) = &model.relation.partition_by else {
            errors
                .add(*span, "this table is not partitioned")
                .help("add `partition_by(range(…))`, or `list` or `hash`, to `#[model(…)]`");
            continue;
        };
        let texts: &[&Spanned<String>] = match bound {
            Bound::Range { from, to } => &[from, to],
            Bound::List(values) => &[values],
            Bound::Hash { modulus, remainder } => &[modulus, remainder],
            Bound::Default => &[],
        };
        texts.iter().for_each(|bound| sql(errors, bound, "partition", Place::List));
        let (fits, help) = match by.strategy.value {
            Strategy::Range => {
                (matches!(bound, Bound::Range { .. } | Bound::Default), "`from` and `to`, or `default`")
            }
            Strategy::List => (matches!(bound, Bound::List(_) | Bound::Default), "`in`, or `default`"),
            Strategy::Hash => (matches!(bound, Bound::Hash { .. }), "`modulus` and `remainder`"),
        };
        if !fits {
            errors
                .add(*span, "these bounds are not of the table's partition key")
                .help(format!("write {help}"));
        }
        if matches!(bound, Bound::Default)
            && let Some(other) = default.replace(&name.value)
        {
            errors
                .add(*span, format!("`{other}` is the default partition already"))
                .help("remove one of the two");
        }
    }
}

/// A field for a time, of the type that it needs.
fn time(errors: &Errors, model: &Model, (setting, span): (&str, SourceSpan), name: &str, nullable: bool) {
    let ty = if nullable { "Option<DateTime<Utc>>" } else { "DateTime<Utc>" };
    let Some(field) = lower::named(model, name) else {
        errors
            .add(span, format!("`{setting}` needs the field `{name}`"))
            .help(format!("add `{name}: {ty}` to `{}`", model.ident));
        return;
    };
    let declared = lower::declared_type(field).map(|ty| ty.to_string());
    let nullable_here = in_option(&field.ty).is_some();
    let fits = match (&declared, looks(&field.ty)) {
        // An alias can hide an `Option`.
        (None, Looks::Unknown) if !nullable_here => true,
        (Some(ty), _) => ty.starts_with("timestamp") && nullable_here == nullable,
        (None, Looks::Scalar(ty)) => ty.starts_with("timestamp") && nullable_here == nullable,
        (None, Looks::Unknown) => nullable,
        (None, _) => false,
    };
    if !fits {
        errors
            .add(&field.ty, format!("`{name}` is not of the type that `{setting}` needs"))
            .help(format!("write `{name}: {ty}`"));
    }
}

fn timestamps(errors: &Errors, model: &Model) {
    let Some(span) = model.relation.timestamps else { return };
    for name in [behavior::CREATED_AT, behavior::UPDATED_AT] {
        time(errors, model, ("timestamps", span), name, false);
    }
}

fn soft_delete(errors: &Errors, model: &Model) {
    let Some(setting) = &model.relation.soft_delete else { return };
    time(errors, model, ("soft_delete", setting.span), behavior::DELETED_AT, true);
    let Some(roles) = &setting.hidden_from else { return };
    to(errors, roles);
    if model.relation.rls.is_none() {
        errors
            .add(roles.span, "rows are hidden by row-level security only")
            .help("add `rls` to `#[model(…)]`");
    }
}

/// The rows of a view are those of its query: everything else belongs to the tables that it reads.
fn view(errors: &Errors, model: &Model, view: &View) {
    let relation = &model.relation;
    sql(errors, &view.query, "view", Place::Query);
    if let Some(unique) = relation.materialized.as_ref().and_then(|materialized| materialized.unique.as_ref())
    {
        columns(errors, model, &unique.value, "unique", unique.span);
    }
    let options = [("security_barrier", view.security_barrier), ("security_invoker", view.security_invoker)];
    let options = options.into_iter().filter(|_| relation.materialized.is_some());
    let of_table = [
        ("primary_key", model.primary_key.as_ref().map(|key| key.span)),
        ("unique", model.uniques.first().map(|unique| unique.span)),
        ("check", model.checks.first().map(|check| check.span)),
        ("foreign_key", model.foreign_keys.first().map(|key| key.span)),
        ("renamed_from", model.renamed_from.as_ref().map(|old| old.span)),
        ("unlogged", relation.unlogged),
        ("rls", relation.rls.map(|rls| rls.span)),
        ("policy", relation.policies.first().map(|policy| policy.name.span)),
        ("partition_by", relation.partition_by.as_ref().map(|by| by.strategy.span)),
        ("partition", relation.partitions.first().map(|partition| partition.span)),
        ("timestamps", relation.timestamps),
        ("soft_delete", relation.soft_delete.as_ref().map(|setting| setting.span)),
        ("audit", relation.audit.as_ref().map(|audit| audit.span)),
        ("index", model.indexes.first().map(|index| index.span).filter(|_| relation.materialized.is_none())),
    ];
    let of_columns = model.fields.iter().flat_map(|field| {
        let column = &field.column;
        let text = |setting: &Option<Spanned<String>>| setting.as_ref().map(|setting| setting.span);
        [
            ("primary_key", column.primary_key),
            ("unique", column.unique),
            ("index", column.index.filter(|_| relation.materialized.is_none())),
            ("default", text(&column.default)),
            ("check", text(&column.check)),
            ("references", column.references.as_ref().map(|reference| reference.span)),
            ("collate", text(&column.collate)),
            ("generated", text(&column.generated)),
            ("identity", column.identity.map(|identity| identity.span)),
            ("renamed_from", text(&column.renamed_from)),
            ("expand", column.expand.as_ref().map(|expand| expand.span)),
        ]
    });
    let what = if relation.materialized.is_some() { "materialized view" } else { "view" };
    for (name, span) in options.chain(of_table).chain(of_columns) {
        if let Some(span) = span {
            errors
                .add(span, format!("`{name}` is not for a {what}"))
                .help("a view has what its query gives it: declare it at the tables that it reads");
        }
    }
}
