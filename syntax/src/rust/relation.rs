//! What a struct says of its table as a whole: persistence, row-level security, policies, privileges.

use std::collections::BTreeMap;

use whimbrel_schema::object::{Policy, Table as TableObject};
use whimbrel_schema::privilege::Privilege;
use whimbrel_schema::{Definition, Id, Kind};

use super::{behavior, names, parse};
use crate::attr::relation::PRIVILEGES;
use crate::model::{Schema, Table};

/// The relation, if it is not an ordinary table.
pub(super) fn relation(object: &TableObject) -> Option<Definition> {
    let row_security = object.row_security;
    (object.unlogged || row_security || object.partition_by.is_some()).then(|| {
        Definition::Table(TableObject {
            name: object.name.clone(),
            unlogged: object.unlogged,
            partition_by: object.partition_by.clone(),
            row_security,
            force_row_security: row_security && object.force_row_security,
            ..TableObject::default()
        })
    })
}

/// Whether a policy can be written as an attribute.
pub(super) fn is_said(policy: &Policy) -> bool {
    let condition = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let conditions = match policy.command.as_str() {
        "INSERT" => policy.using.is_none() && condition(&policy.check),
        "SELECT" | "DELETE" => condition(&policy.using) && policy.check.is_none(),
        _ => condition(&policy.using) || condition(&policy.check),
    };
    conditions && policy.roles.iter().all(|role| is_role(role))
}

/// Whether a list of roles can name it.
fn is_role(name: &str) -> bool {
    let own = ["public", "current_user", "current_role", "session_user"];
    names::is_ident(name) && !own.contains(&name.to_ascii_lowercase().as_str())
}

/// The privileges that an attribute can say.
pub(super) fn privileges(found: &[Privilege]) -> Vec<Privilege> {
    let known = |privilege: &str| PRIVILEGES.iter().any(|(_, name)| *name == privilege);
    let said = |privilege: &&Privilege| {
        !privilege.revoked
            && known(&privilege.privilege)
            && (privilege.to == "PUBLIC" || is_role(&privilege.to))
    };
    let mut said: Vec<Privilege> = found.iter().filter(said).cloned().collect();
    said.sort();
    said
}

/// The settings of a table.
pub(super) fn settings(schema: &Schema, table: &Table, field: impl Fn(&str) -> String) -> Vec<String> {
    let mut settings = Vec::new();
    if let Some(Definition::Table(relation)) = &table.relation {
        settings.extend(relation.unlogged.then(|| "unlogged".to_owned()));
        let rls = if relation.force_row_security { "rls(force)" } else { "rls" };
        settings.extend(relation.row_security.then(|| rls.to_owned()));
        if let Some((strategy, columns)) = relation.partition_by.as_deref().and_then(parse::partition_key) {
            let columns: Vec<String> = columns.iter().map(|column| field(column)).collect();
            settings.push(format!("partition_by({strategy}({}))", columns.join(", ")));
        }
    }
    let first = Id::of(Kind::Policy, &[&table.name.schema, &table.name.name, ""]);
    let policies = schema.companions.range(first..).map_while(|(_, entry)| match &entry.definition {
        Definition::Policy(one) if one.table == table.name => Some(policy(one)),
        _ => None,
    });
    settings.extend(behavior::settings(schema, table));
    settings.extend(policies);
    settings.extend(grants(table, field));
    settings
}

fn policy(policy: &Policy) -> String {
    let name = match names::is_ident(&policy.name) {
        true => policy.name.clone(),
        false => format!("{:?}", policy.name),
    };
    let mut parts = vec![name];
    parts.extend((policy.command != "ALL").then(|| format!("for = {:?}", policy.command.to_lowercase())));
    parts.extend((!policy.roles.is_empty()).then(|| format!("to = {:?}", policy.roles.join(", "))));
    parts.extend(policy.restrictive.then(|| "restrictive".to_owned()));
    parts.extend(policy.using.as_ref().map(|using| format!("using = {using:?}")));
    parts.extend(policy.check.as_ref().map(|check| format!("check = {check:?}")));
    format!("policy({})", parts.join(", "))
}

/// One for each role.
fn grants(table: &Table, field: impl Fn(&str) -> String) -> Vec<String> {
    let word = |privilege: &Privilege| privilege.privilege.to_lowercase();
    let mut grants: BTreeMap<(&str, bool), Vec<String>> = BTreeMap::new();
    for privilege in &table.privileges {
        grants.entry((&privilege.to, privilege.grantable)).or_default().push(word(privilege));
    }
    let mut columns: BTreeMap<(&str, bool, String), Vec<String>> = BTreeMap::new();
    for column in &table.columns {
        for privilege in &column.privileges {
            let key = (privilege.to.as_str(), privilege.grantable, word(privilege));
            columns.entry(key).or_default().push(field(&column.name));
        }
    }
    for ((to, grantable, word), fields) in columns {
        grants.entry((to, grantable)).or_default().push(format!("{word}({})", fields.join(", ")));
    }
    let grant = |((to, grantable), mut parts): ((&str, bool), Vec<String>)| {
        let to = if to == "PUBLIC" { "public" } else { to };
        parts.push(format!("to = {to:?}"));
        parts.extend(grantable.then(|| "with_grant_option".to_owned()));
        format!("grant({})", parts.join(", "))
    };
    grants.into_iter().map(grant).collect()
}
