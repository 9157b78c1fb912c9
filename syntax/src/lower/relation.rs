//! What a model says of its table as a whole, as objects: the relation itself, its partitions, policies and privileges.

use whimbrel_schema::name::{QName, list};
use whimbrel_schema::object::table::PartitionOf;
use whimbrel_schema::object::{self, MaterializedView, Policy, View};
use whimbrel_schema::privilege::Privilege;
use whimbrel_schema::state::Entry;
use whimbrel_schema::{Definition, State};

use super::{behavior, column_name, field};
use crate::ast::Model;
use crate::ast::relation::{Bound, Command, Grant, PartitionBy, Strategy};
use crate::attr::relation::{PRIVILEGES, roles};
use crate::errors::Spanned;
use crate::model::Table;

/// Adds it to the table.
pub(super) fn add(model: &Model, table: &mut Table) {
    table.relation = relation(model, &table.name);
    let mut state = State::default();
    partitions(model, &table.name, &mut state);
    policies(model, &table.name, &mut state);
    behavior::add(model, &table.name, &mut state);
    table.companions = state.objects.into_values().collect();
    for grant in &model.relation.grants {
        privileges(model, grant, table);
    }
}

/// The relation itself, if it is not an ordinary table.
fn relation(model: &Model, name: &QName) -> Option<Definition> {
    let relation = &model.relation;
    if let Some(view) = &relation.view {
        let query = view.query.value.trim().trim_end_matches(';').to_owned();
        if let Some(materialized) = &relation.materialized {
            let (name, empty) = (name.clone(), materialized.no_data.is_some());
            return Some(Definition::MaterializedView(MaterializedView {
                name,
                options: Vec::new(),
                query,
                empty,
            }));
        }
        let options =
            [("security_barrier", view.security_barrier), ("security_invoker", view.security_invoker)];
        let options = options.iter().filter(|(_, set)| set.is_some()).map(|(name, _)| format!("{name}=true"));
        // Its columns are those of the fields.
        return Some(Definition::View(View {
            name: name.clone(),
            options: options.collect(),
            columns: Vec::new(),
            query,
        }));
    }
    let plain = object::Table { name: name.clone(), ..object::Table::default() };
    let table = object::Table {
        unlogged: relation.unlogged.is_some(),
        partition_by: relation.partition_by.as_ref().map(|by| partition_by(model, by)),
        row_security: relation.rls.is_some(),
        force_row_security: relation.rls.is_some_and(|rls| rls.value),
        ..plain.clone()
    };
    (table != plain).then_some(Definition::Table(table))
}

fn partition_by(model: &Model, by: &PartitionBy) -> String {
    let strategy = match by.strategy.value {
        Strategy::Range => "RANGE",
        Strategy::List => "LIST",
        Strategy::Hash => "HASH",
    };
    let columns: Vec<String> = by
        .columns
        .iter()
        .filter_map(|name| field(model, name))
        .map(|field| column_name(model, field))
        .collect();
    format!("{strategy} ({})", list(&columns))
}

fn partitions(model: &Model, table: &QName, state: &mut State) {
    let is_default = |bound: &Bound| matches!(bound, Bound::Default);
    let default = model.relation.partitions.iter().find(|partition| is_default(&partition.bound));
    let default = default.map(|partition| QName::new(&table.schema, &partition.name.value));
    for partition in &model.relation.partitions {
        let beside = default.clone().filter(|_| !is_default(&partition.bound));
        let bound = match &partition.bound {
            Bound::Range { from, to } => format!("FOR VALUES FROM ({}) TO ({})", from.value, to.value),
            Bound::List(values) => format!("FOR VALUES IN ({})", values.value),
            Bound::Hash { modulus, remainder } => {
                format!("FOR VALUES WITH (modulus {}, remainder {})", modulus.value, remainder.value)
            }
            Bound::Default => "DEFAULT".to_owned(),
        };
        let partition = object::Table {
            name: QName::new(&table.schema, &partition.name.value),
            partition_of: Some(PartitionOf {
                parent: table.clone(),
                bound,
                default: beside,
                referenced: false,
            }),
            ..object::Table::default()
        };
        state.insert(Definition::Table(partition), None);
    }
}

/// The roles of a policy: none for everybody.
pub(super) fn policy_roles(to: Option<&Spanned<String>>) -> Vec<String> {
    let mut named: Vec<String> = to.iter().flat_map(|to| roles(&to.value)).map(str::to_owned).collect();
    named.sort();
    if named.iter().any(|role| role.eq_ignore_ascii_case("public")) { Vec::new() } else { named }
}

fn policies(model: &Model, table: &QName, state: &mut State) {
    for policy in &model.relation.policies {
        let command = match policy.command.map_or(Command::All, |command| command.value) {
            Command::All => "ALL",
            Command::Select => "SELECT",
            Command::Insert => "INSERT",
            Command::Update => "UPDATE",
            Command::Delete => "DELETE",
        };
        let definition = Policy {
            table: table.clone(),
            name: policy.name.value.clone(),
            command: command.to_owned(),
            restrictive: policy.restrictive.is_some(),
            roles: policy_roles(policy.to.as_ref()),
            using: super::written(&policy.using),
            check: super::written(&policy.check),
        };
        state.insert(Definition::Policy(definition), None);
    }
}

fn privileges(model: &Model, grant: &Grant, table: &mut Table) {
    let to = grant.to.iter().flat_map(|to| roles(&to.value)).map(|role| match role {
        role if role.eq_ignore_ascii_case("public") => "PUBLIC".to_owned(),
        role => role.to_owned(),
    });
    for to in to {
        for granted in &grant.privileges {
            let all = PRIVILEGES.iter().map(|(_, privilege)| *privilege).filter(|name| *name != "ALL");
            let names: Vec<&str> = match granted.privilege.value {
                "ALL" => all.collect(),
                one => vec![one],
            };
            let privileges = names.into_iter().map(|privilege| Privilege {
                revoked: false,
                to: to.clone(),
                privilege: privilege.to_owned(),
                grantable: grant.with_grant_option.is_some(),
            });
            let columns = granted.columns.iter().filter_map(|name| field(model, name));
            let columns: Vec<String> = columns.map(|field| column_name(model, field)).collect();
            if columns.is_empty() {
                table.privileges.extend(privileges.clone());
            }
            for column in table.columns.iter_mut().filter(|column| columns.contains(&column.name)) {
                column.privileges.extend(privileges.clone());
            }
        }
    }
    let lists = table.columns.iter_mut().map(|column| &mut column.privileges);
    for list in lists.chain([&mut table.privileges]) {
        list.sort();
        list.dedup_by(|other, kept| {
            let same = (&other.to, &other.privilege) == (&kept.to, &kept.privilege);
            kept.grantable |= same && other.grantable;
            same
        });
    }
}

/// Everybody may run a function, unless that is taken back.
pub(super) fn not_for_public(entry: &mut Entry) {
    entry.privileges = vec![Privilege {
        revoked: true,
        to: "PUBLIC".to_owned(),
        privilege: "EXECUTE".to_owned(),
        grantable: false,
    }];
}
