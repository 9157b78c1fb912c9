//! `timestamps`, `soft_delete` and `audit` as triggers, functions, policies and the table that changes are recorded in.
//!
//! Each function is shared by all tables of a PostgreSQL schema that need it, and sets its own search path; names in
//! bodies are qualified. A text that changes here is a migration for whoever uses it.

use whimbrel_schema::name::{QName, literal, primary_key, quote, sequence};
use whimbrel_schema::object::column::Identity;
use whimbrel_schema::object::constraint::ConstraintType;
use whimbrel_schema::object::sequence::SequenceOptions;
use whimbrel_schema::object::trigger::Enabled;
use whimbrel_schema::object::{Column, Constraint, Function, Policy, Table, Trigger};
use whimbrel_schema::{Definition, Id, Kind, State};

use super::relation::{not_for_public, policy_roles};
use super::{column_name, named};
use crate::ast::Model;

/// The fields that `timestamps` and `soft_delete` need.
pub(crate) const CREATED_AT: &str = "created_at";
pub(crate) const UPDATED_AT: &str = "updated_at";
pub(crate) const DELETED_AT: &str = "deleted_at";

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
        audit(&log, state);
        let function = record(&log).id();
        let on =
            [("audit", "INSERT OR UPDATE OR DELETE", "ROW"), ("audit_truncate", "TRUNCATE", "STATEMENT")];
        for (name, events, each) in on {
            let clause = format!("AFTER {events}");
            add_trigger(table, name, &clause, each, &function, state);
        }
    }
}

/// `ON table` is what a rename finds; the function is named with its schema unless that is `public`.
fn add_trigger(table: &QName, name: &str, clause: &str, each: &str, function: &Id, state: &mut State) {
    let on = Id::new(Kind::Table, table);
    let call = function.qname();
    let call = QName::new(call.schema, call.name.trim_end_matches("()"));
    let definition = format!(
        "CREATE TRIGGER {} {clause} ON {} FOR EACH {each} EXECUTE FUNCTION {}()",
        quote(name),
        table.sql(),
        call.sql()
    );
    let trigger = Trigger { on, name: name.to_owned(), definition, enabled: Enabled::Origin };
    let trigger = Definition::Trigger(trigger);
    let id = trigger.id();
    state.insert(trigger, None);
    state.depend(&id, [function.clone()]);
}

/// A trigger function without arguments.
fn function(name: QName, options: &str, body: &str) -> Definition {
    let full = full(&name);
    Definition::Function(Function {
        name,
        procedure: false,
        types: String::new(),
        arguments: String::new(),
        returns: Some("trigger".to_owned()),
        definition: format!(
            "CREATE OR REPLACE FUNCTION {full}()\n RETURNS trigger\n LANGUAGE plpgsql\n{options} \
             SET search_path TO 'pg_catalog', 'pg_temp'\nAS $function$\nBEGIN\n{body}\nEND\n$function$\n"
        ),
    })
}

/// A name with its schema, even if that is `public`.
fn full(name: &QName) -> String {
    format!("{}.{}", quote(&name.schema), quote(&name.name))
}

fn timestamps(table: &QName, column: &str, state: &mut State) {
    let name = format!("set_{column}");
    let body = format!("    NEW.{} := now();\n    RETURN NEW;", quote(column));
    let function = function(QName::new(&table.schema, &name), "", &body);
    let id = function.id();
    state.insert(function, None);
    add_trigger(table, &name, "BEFORE UPDATE", "ROW", &id, state);
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
    let name = model.relation.audit.as_ref()?.value.as_deref().unwrap_or("audit_log");
    Some(match name.split_once('.') {
        Some((schema, name)) => QName::new(schema, name),
        None => QName::new(table.schema, name),
    })
}

/// Writes a row for each change. Only its owner may write there, so that nobody can make one up.
fn record(log: &QName) -> Definition {
    let role = "CASE current_setting('role') WHEN 'none' THEN session_user ELSE current_setting('role') END";
    let body = format!(
        "    INSERT INTO {} (role, actor, table_name, operation, old_row, new_row)\n    VALUES ({role},\n        \
         nullif(current_setting('app.actor', true), ''), format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME),\n        \
         TG_OP, to_jsonb(OLD), to_jsonb(NEW));\n    RETURN NULL;",
        full(log)
    );
    function(QName::new(&log.schema, format!("{}_record", log.name)), " SECURITY DEFINER\n", &body)
}

/// Nobody changes what is recorded.
fn refuse(log: &QName) -> Definition {
    let body = format!(
        "    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = {};",
        literal(&format!("{} is append-only", log.name))
    );
    function(QName::new(&log.schema, format!("{}_append_only", log.name)), "", &body)
}

/// The table that changes are recorded in, with its functions.
fn audit(log: &QName, state: &mut State) {
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
    add_trigger(log, "append_only", events, "STATEMENT", &refuse(log).id(), state);
}
