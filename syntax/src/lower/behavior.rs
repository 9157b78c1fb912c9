//! `timestamps`, `soft_delete` and `audit` as triggers, functions, policies and the table that changes are recorded in.
//!
//! Each function is shared by all tables of a PostgreSQL schema that need it, and sets its own search path; names in
//! bodies are qualified. A text that changes here is a migration for whoever uses it.

use whimbrel_schema::name::{QName, literal, primary_key, quote, sequence};
use whimbrel_schema::object::column::Identity;
use whimbrel_schema::object::constraint::ConstraintType;
use whimbrel_schema::object::sequence::SequenceOptions;
use whimbrel_schema::object::{Column, Constraint, Policy, Table};
use whimbrel_schema::{Definition, Id, Kind, State};

use super::relation::{not_for_public, policy_roles};
use super::{column_name, named};
use crate::ast::Model;
use crate::trigger;

/// Names in bodies are qualified.
const SEARCH_PATH: &str = "pg_catalog";

/// The fields that `timestamps` and `soft_delete` need.
pub(crate) const CREATED_AT: &str = "created_at";
pub(crate) const UPDATED_AT: &str = "updated_at";
pub(crate) const DELETED_AT: &str = "deleted_at";

/// The trigger of `audit`, the end of the name of the function that it calls, and what the table is called unless it is named.
pub(crate) const AUDIT: &str = "audit";
pub(crate) const RECORD: &str = "_record";
pub(crate) const LOG: &str = "audit_log";

pub(super) fn add(model: &Model, table: &QName, state: &mut State) {
    let relation = &model.relation;
    if relation.timestamps.is_some()
        && let Some(field) = named(model, UPDATED_AT)
    {
        timestamps(table, &column_name(model, field), state);
    }
    if let (Some(soft_delete), Some(_)) = (&relation.soft_delete, &relation.rls)
        && let Some(field) = named(model, DELETED_AT)
    {
        let roles = policy_roles(soft_delete.hidden_from.as_ref());
        state.insert(Definition::Policy(hide_deleted(table, &column_name(model, field), roles)), None);
    }
    if let Some(log) = audit_table(model) {
        audit(table, &log, state);
    }
}

/// The table that changes are recorded in, with its functions, and the triggers that call them.
pub(crate) fn audit(table: &QName, log: &QName, state: &mut State) {
    add_log(log, state);
    let function = record(log).id();
    let on = [(AUDIT, "INSERT OR UPDATE OR DELETE", "ROW"), ("audit_truncate", "TRUNCATE", "STATEMENT")];
    for (name, events, each) in on {
        trigger::add(table, name, &format!("AFTER {events}"), each, &function, state);
    }
}

pub(crate) fn timestamps(table: &QName, column: &str, state: &mut State) {
    let name = format!("set_{column}");
    let body = format!("    NEW.{} := now();\n    RETURN NEW;", quote(column));
    let function = trigger::function(QName::new(&table.schema, &name), "", SEARCH_PATH, &body);
    let id = function.id();
    state.insert(function, None);
    trigger::add(table, &name, "BEFORE UPDATE", "ROW", &id, state);
}

/// PostgreSQL refuses an update that hides its own row, so a row stays visible to the transaction that deletes it.
fn hide_deleted(table: &QName, column: &str, roles: Vec<String>) -> Policy {
    let column = quote(column);
    Policy {
        table: table.clone(),
        name: "hide_deleted".to_owned(),
        command: "ALL".to_owned(),
        restrictive: true,
        roles,
        using: Some(format!("{column} IS NULL OR {column} >= now()")),
        check: Some("true".to_owned()),
    }
}

/// The table that a model's changes are recorded in.
pub(crate) fn audit_table(model: &Model) -> Option<QName> {
    let table = super::table_name(model);
    let name = model.relation.audit.as_ref()?.value.as_deref().unwrap_or(LOG);
    Some(match name.split_once('.') {
        Some((schema, name)) => QName::new(schema, name),
        None => QName::new(table.schema, name),
    })
}

/// Writes a row for each change. Only its owner may write there, so that no other role can make one up.
fn record(log: &QName) -> Definition {
    let role = "CASE current_setting('role') WHEN 'none' THEN session_user ELSE current_setting('role') END";
    let body = format!(
        "    INSERT INTO {} (role, actor, table_name, operation, old_row, new_row)\n    VALUES ({role},\n        \
         nullif(current_setting('app.actor', true), ''), format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME),\n        \
         TG_OP, to_jsonb(OLD), to_jsonb(NEW));\n    RETURN NULL;",
        log.full()
    );
    trigger::function(
        QName::new(&log.schema, format!("{}{RECORD}", log.name)),
        " SECURITY DEFINER\n",
        SEARCH_PATH,
        &body,
    )
}

/// Nobody changes what is recorded.
fn refuse(log: &QName) -> Definition {
    let body = format!(
        "    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = {};",
        literal(&format!("{} is append-only", log.name))
    );
    trigger::function(QName::new(&log.schema, format!("{}_append_only", log.name)), "", SEARCH_PATH, &body)
}

fn add_log(log: &QName, state: &mut State) {
    state.insert(
        Definition::Table(Table { name: log.clone(), ..Table::default() }),
        Some("Every change of the tables that have audit triggers.".to_owned()),
    );
    let columns = [
        ("id", "bigint", None),
        ("changed_at", "timestamp with time zone", Some("clock_timestamp()")),
        ("role", "text", None),
        ("actor", "text", None),
        ("table_name", "text", None),
        ("operation", "text", None),
        ("old_row", "jsonb", None),
        ("new_row", "jsonb", None),
    ];
    for ((name, ty, default), position) in columns.into_iter().zip(1..) {
        let identity = (name == "id").then(|| Identity {
            always: true,
            sequence: QName::new(&log.schema, sequence(&log.name, name)),
            options: SequenceOptions::new(ty, 1),
        });
        let column = Column {
            table: log.clone(),
            name: name.to_owned(),
            position,
            ty: ty.to_owned(),
            not_null: !matches!(name, "actor" | "old_row" | "new_row"),
            default: default.map(str::to_owned),
            identity,
            ..Column::default()
        };
        let comment = match name {
            "role" => Some("The role that was in force."),
            "actor" => Some("What the application set: SET LOCAL app.actor = '…'."),
            _ => None,
        };
        state.insert(Definition::Column(column), comment.map(str::to_owned));
    }
    let key = Constraint {
        table: log.clone(),
        name: primary_key(&log.name),
        ty: ConstraintType::PrimaryKey,
        definition: "PRIMARY KEY (id)".to_owned(),
        columns: vec!["id".to_owned()],
        ..Constraint::default()
    };
    let key = Definition::Constraint(key);
    let (key_id, id) = (key.id(), Id::new(Kind::Table, log).part(Kind::Column, "id"));
    state.insert(key, None);
    state.depend(&key_id, [id]);
    for function in [record(log), refuse(log)] {
        let id = function.id();
        state.insert(function, None);
        state.objects.get_mut(&id).into_iter().for_each(not_for_public);
    }
    let events = "BEFORE UPDATE OR DELETE OR TRUNCATE";
    trigger::add(log, "append_only", events, "STATEMENT", &refuse(log).id(), state);
}
