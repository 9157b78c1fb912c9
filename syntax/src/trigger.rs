//! Trigger functions and the triggers that call them, as objects.

use std::borrow::Cow;

use whimbrel_schema::name::{QName, quote};
use whimbrel_schema::object::trigger::Enabled;
use whimbrel_schema::object::{Function, Trigger};
use whimbrel_schema::{Definition, Id, Kind, State};

/// Words that name nothing in PL/pgSQL unless they are quoted, beside those of SQL.
const RESERVED: [&str; 9] = ["begin", "by", "declare", "execute", "foreach", "if", "loop", "strict", "while"];

/// A column as it stands after `NEW.` in a function.
pub(crate) fn field(column: &str) -> Cow<'_, str> {
    if RESERVED.contains(&column) { Cow::Owned(format!("\"{column}\"")) } else { quote(column) }
}

/// `ON table` is what a rename finds; the function is named with its schema unless that is `public`.
pub(crate) fn add(table: &QName, name: &str, clause: &str, each: &str, function: &Id, state: &mut State) {
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

/// A trigger function without arguments. `schema` is where the names in its body are looked up.
pub(crate) fn function(name: QName, options: &str, schema: &str, body: &str) -> Definition {
    let full = name.full();
    Definition::Function(Function {
        name,
        procedure: false,
        types: String::new(),
        arguments: String::new(),
        returns: Some("trigger".to_owned()),
        definition: format!(
            "CREATE OR REPLACE FUNCTION {full}()\n RETURNS trigger\n LANGUAGE plpgsql\n{options} \
             SET search_path TO '{schema}', 'pg_temp'\nAS $function$\nBEGIN\n{body}\nEND\n$function$\n"
        ),
    })
}
