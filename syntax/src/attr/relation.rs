//! The settings of `#[model(…)]` that say something of the table or view as a whole.

use proc_macro2::TokenStream;

use super::{Meta, Reader, as_sql};
use crate::ast::relation::{
    Bound, Command, Grant, Granted, Materialized, Partition, PartitionBy, Policy, SoftDelete, Strategy, View,
};
use crate::ast::unraw;
use crate::errors::{SourceSpan, Spanned};

type List = (TokenStream, SourceSpan);

const COMMANDS: &[(&str, Command)] = &[
    ("all", Command::All),
    ("select", Command::Select),
    ("insert", Command::Insert),
    ("update", Command::Update),
    ("delete", Command::Delete),
];

/// What `grant(…)` in `#[model(…)]` takes beside `to`.
pub(crate) const PRIVILEGES: &[(&str, &str)] = &[
    ("select", "SELECT"),
    ("insert", "INSERT"),
    ("update", "UPDATE"),
    ("delete", "DELETE"),
    ("truncate", "TRUNCATE"),
    ("references", "REFERENCES"),
    ("trigger", "TRIGGER"),
    ("all", "ALL"),
];

const STRATEGIES: &[(&str, Strategy)] =
    &[("range", Strategy::Range), ("list", Strategy::List), ("hash", Strategy::Hash)];

/// `rls`, or `rls(force)`: whether it is forced.
pub(super) fn rls(reader: Reader<'_>, meta: &Meta) -> Option<Spanned<bool>> {
    match meta {
        Meta::Flag(name) => Some(Spanned::new(false, name.span())),
        Meta::List(_, tokens, span) => match reader.metas(tokens.clone()).as_slice() {
            [Meta::Flag(force)] if force == "force" => Some(Spanned::new(true, *span)),
            _ => {
                reader.wrong(meta, "takes `force` only", "(force)");
                None
            }
        },
        _ => {
            reader.wrong(meta, "takes no value", "");
            None
        }
    }
}

/// The settings of a list whose first element is a name: `policy(owners, for = "…")`.
fn named(reader: Reader<'_>, (tokens, span): List, example: &str) -> Option<(Spanned<String>, Vec<Meta>)> {
    let mut metas = reader.metas(tokens).into_iter();
    let name = match metas.next() {
        Some(Meta::Flag(name)) => Spanned::new(unraw(&name), name.span()),
        Some(Meta::Text(name)) => Spanned::new(name.value(), name.span()),
        _ => {
            reader.errors.add(span, "its name comes first").help(format!("write `{example}`"));
            return None;
        }
    };
    Some((name, metas.collect()))
}

settings! {
    /// What `policy(…)` in `#[model(…)]` takes after its name.
    POLICY_NAMES of "policy";
    fn on_policy(reader, policy: Policy, name, meta) {
        "for" => reader.set(&mut policy.command, name, reader.choice(meta, COMMANDS)),
        "to" => reader.set(&mut policy.to, name, reader.text(meta)),
        "using" => reader.set(&mut policy.using, name, reader.text(meta)),
        "check" => reader.set(&mut policy.check, name, reader.text(meta)),
        "restrictive" => reader.set(&mut policy.restrictive, name, reader.flag(meta)),
    }
}

pub(super) fn policy(reader: Reader<'_>, list: List) -> Option<Policy> {
    let (name, metas) = named(reader, list, "policy(owners, for = \"select\", using = \"…\")")?;
    let mut policy = Policy { name, command: None, to: None, using: None, check: None, restrictive: None };
    on_policy(reader, &mut policy, metas);
    Some(policy)
}

/// What `grant(…)` in `#[model(…)]` takes beside privileges.
pub const GRANT_NAMES: &[&str] = &["to", "with_grant_option"];

pub(super) fn grant(reader: Reader<'_>, (tokens, span): List) -> Grant {
    let mut grant = Grant { span, privileges: Vec::new(), to: None, with_grant_option: None };
    for meta in reader.metas(tokens) {
        let Some(name) = meta.name() else {
            reader.unknown(&meta, "grant", GRANT_NAMES);
            continue;
        };
        let word = unraw(name);
        let privilege = PRIVILEGES.iter().find(|(known, _)| *known == word);
        match (word.as_str(), privilege, &meta) {
            ("to", ..) => reader.set(&mut grant.to, name, reader.text(&meta)),
            ("with_grant_option", ..) => {
                reader.set(&mut grant.with_grant_option, name, reader.flag(&meta));
            }
            (_, Some((_, privilege)), Meta::Flag(_) | Meta::List(..)) => {
                let columns = match &meta {
                    Meta::List(..) => reader.columns(&meta).map(|columns| columns.value),
                    _ => None,
                };
                let privilege = Spanned::new(*privilege, name.span());
                grant.privileges.push(Granted { privilege, columns: columns.unwrap_or_default() });
            }
            _ => {
                let known = PRIVILEGES.iter().map(|(known, _)| *known);
                let all: Vec<&str> = known.chain(GRANT_NAMES.iter().copied()).collect();
                reader.unknown(&meta, "grant", &all);
            }
        }
    }
    grant
}

/// `partition_by(range(created_at))`.
pub(super) fn partition_by(reader: Reader<'_>, (tokens, span): List) -> Option<PartitionBy> {
    if let [meta @ Meta::List(name, ..)] = reader.metas(tokens).as_slice()
        && let Some((_, strategy)) = STRATEGIES.iter().find(|(known, _)| name == known)
    {
        let columns = reader.columns(meta)?;
        return Some(PartitionBy { strategy: Spanned::new(*strategy, span), columns: columns.value });
    }
    reader
        .errors
        .add(span, "`partition_by` needs `range(…)`, `list(…)` or `hash(…)` with columns")
        .help("write `partition_by(range(created_at))`");
    None
}

#[derive(Default)]
pub(super) struct Bounds {
    from: Option<Spanned<String>>,
    to: Option<Spanned<String>>,
    values: Option<Spanned<String>>,
    modulus: Option<Spanned<String>>,
    remainder: Option<Spanned<String>>,
    default: Option<SourceSpan>,
}

fn sql(reader: Reader<'_>, meta: &Meta) -> Option<Spanned<String>> {
    let value = match meta {
        Meta::Value(_, value) => as_sql(value),
        _ => None,
    };
    if value.is_none() {
        reader.wrong(meta, "needs an SQL expression", " = \"…\"");
    }
    value
}

settings! {
    /// What `partition(…)` in `#[model(…)]` takes after its name.
    PARTITION_NAMES of "partition";
    fn on_partition(reader, bounds: Bounds, name, meta) {
        "from" => reader.set(&mut bounds.from, name, sql(reader, meta)),
        "to" => reader.set(&mut bounds.to, name, sql(reader, meta)),
        "in" => reader.set(&mut bounds.values, name, sql(reader, meta)),
        "modulus" => reader.set(&mut bounds.modulus, name, sql(reader, meta)),
        "remainder" => reader.set(&mut bounds.remainder, name, sql(reader, meta)),
        "default" => reader.set(&mut bounds.default, name, reader.flag(meta)),
    }
}

pub(super) fn partition(reader: Reader<'_>, list: List) -> Option<Partition> {
    let span = list.1;
    let (name, metas) = named(reader, list, "partition(events_2026, from = \"…\", to = \"…\")")?;
    let mut bounds = Bounds::default();
    on_partition(reader, &mut bounds, metas);
    let Bounds { from, to, values, modulus, remainder, default } = bounds;
    let bound = match (from, to, values, modulus, remainder, default) {
        (Some(from), Some(to), None, None, None, None) => Bound::Range { from, to },
        (None, None, Some(values), None, None, None) => Bound::List(values),
        (None, None, None, Some(modulus), Some(remainder), None) => Bound::Hash { modulus, remainder },
        (None, None, None, None, None, Some(_)) => Bound::Default,
        _ => {
            reader.errors.add(span, "a partition needs its bounds").help(
                "write `from` and `to`, or `in`, or `modulus` and `remainder`, or `default` after its name",
            );
            return None;
        }
    };
    Some(Partition { span, name, bound })
}

/// `soft_delete`, or `soft_delete(hidden_from = "…")`.
pub(super) fn soft_delete(reader: Reader<'_>, meta: &Meta) -> Option<SoftDelete> {
    let span = meta.span();
    match meta {
        Meta::Flag(_) => Some(SoftDelete { span, hidden_from: None }),
        Meta::List(_, tokens, _) => {
            let mut setting = SoftDelete { span, hidden_from: None };
            on_soft_delete(reader, &mut setting, reader.metas(tokens.clone()));
            Some(setting)
        }
        _ => {
            reader.wrong(meta, "takes no value", "");
            None
        }
    }
}

settings! {
    /// What `soft_delete(…)` in `#[model(…)]` takes.
    SOFT_DELETE_NAMES of "soft_delete";
    fn on_soft_delete(reader, setting: SoftDelete, name, meta) {
        "hidden_from" => reader.set(&mut setting.hidden_from, name, reader.text(meta)),
    }
}

/// `audit`, or `audit = "table"`.
pub(super) fn audit(reader: Reader<'_>, meta: &Meta) -> Option<Spanned<Option<String>>> {
    match meta {
        Meta::Flag(name) => Some(Spanned::new(None, name.span())),
        _ => reader.text(meta).map(|table| Spanned::new(Some(table.value), table.span)),
    }
}

/// `view = "SELECT …"`, or `view("SELECT …", security_barrier)`.
pub(super) fn view(reader: Reader<'_>, meta: &Meta) -> Option<View> {
    let bare = |query| View { query, security_barrier: None, security_invoker: None };
    let Meta::List(_, tokens, span) = meta else { return reader.text(meta).map(bare) };
    let mut metas = reader.metas(tokens.clone()).into_iter();
    let Some(Meta::Text(query)) = metas.next() else {
        reader
            .errors
            .add(*span, "its query comes first")
            .help("write `view(\"SELECT …\", security_barrier)`");
        return None;
    };
    let mut view = bare(Spanned::new(query.value(), query.span()));
    on_view(reader, &mut view, metas.collect());
    Some(view)
}

settings! {
    /// What `view(…)` in `#[model(…)]` takes after its query.
    VIEW_NAMES of "view";
    fn on_view(reader, view: View, name, meta) {
        "security_barrier" => reader.set(&mut view.security_barrier, name, reader.flag(meta)),
        "security_invoker" => reader.set(&mut view.security_invoker, name, reader.flag(meta)),
    }
}

/// `materialized`, or `materialized(unique(a))`.
pub(super) fn materialized(reader: Reader<'_>, meta: &Meta) -> Option<Materialized> {
    let mut setting = Materialized { span: meta.span(), unique: None, no_data: None };
    match meta {
        Meta::Flag(_) => {}
        Meta::List(_, tokens, _) => on_materialized(reader, &mut setting, reader.metas(tokens.clone())),
        _ => {
            reader.wrong(meta, "takes no value", "");
            return None;
        }
    }
    Some(setting)
}

settings! {
    /// What `materialized(…)` in `#[model(…)]` takes.
    MATERIALIZED_NAMES of "materialized";
    fn on_materialized(reader, setting: Materialized, name, meta) {
        "unique" => reader.set(&mut setting.unique, name, reader.columns(meta)),
        "no_data" => reader.set(&mut setting.no_data, name, reader.flag(meta)),
    }
}

/// The roles of a list with commas between them.
pub(crate) fn roles(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).collect()
}
