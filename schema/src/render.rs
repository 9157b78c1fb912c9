//! Steps as the text of a file.

use crate::step::Step;

/// The first line of a file that must run outside a transaction, as in sqlx.
pub const NO_TRANSACTION: &str = "-- no-transaction";

/// What begins a line that says what a file loses.
pub const DATA_LOSS: &str = "-- whimbrel: data-loss: ";

/// The line before a statement that can simply run again where it was interrupted.
pub const REPEATABLE: &str = "-- whimbrel: repeatable";

/// What precedes functions that may use objects that are created later.
const UNCHECKED_BODIES: &str = "check_function_bodies = off;";

/// The text of a migration's file: what its statements lose, then each step under its comment.
pub fn file(steps: &[Step], data_loss: &[String]) -> String {
    let transactional = steps.iter().all(|step| step.transactional);
    render(steps, data_loss, if transactional { "SET LOCAL" } else { "SET" }, None)
}

/// The same, to be run by any program, in a transaction or without: a role or a database may set another search path.
pub fn script(steps: &[Step], data_loss: &[String]) -> String {
    render(steps, data_loss, "SET", (!steps.is_empty()).then_some("SET search_path = public"))
}

fn render(steps: &[Step], data_loss: &[String], set: &str, path: Option<&str>) -> String {
    let mut text = String::new();
    let transactional = steps.iter().all(|step| step.transactional);
    if !transactional {
        line(&mut text, NO_TRANSACTION);
    }
    for loss in data_loss {
        line(&mut text, &format!("{DATA_LOSS}{}", loss.replace(['\n', '\r'], " ")));
    }
    if let Some(path) = path {
        text.push_str(if text.is_empty() { "" } else { "\n" });
        comment(&mut text, "Names without a schema are those of public.");
        line(&mut text, &format!("{path};"));
    }
    if steps.iter().any(|step| step.unchecked_bodies) {
        text.push_str(if text.is_empty() { "" } else { "\n" });
        comment(
            &mut text,
            "Bodies of functions are not checked: they may use objects that are created later.",
        );
        line(&mut text, &format!("{set} {UNCHECKED_BODIES}"));
    }
    for group in steps.chunk_by(|one, other| one.shares_statement(other)) {
        text.push_str(if text.is_empty() { "" } else { "\n" });
        for step in group {
            comment(&mut text, &step.comment);
            for hazard in &step.hazards {
                comment(&mut text, &format!("{}: {}", hazard.kind.word(), hazard.message));
            }
        }
        for statement in statements(group) {
            if group.iter().any(|step| step.repeatable) {
                line(&mut text, REPEATABLE);
            }
            line(&mut text, &format!("{statement};"));
        }
    }
    text
}

/// The statements of steps that share one, or of a single step.
fn statements(group: &[Step]) -> Vec<String> {
    let actions: Vec<_> = group.iter().filter_map(|step| step.action.as_ref()).collect();
    match (actions.as_slice(), group) {
        ([first, _, ..], _) => {
            let list: Vec<&str> = actions.iter().map(|action| action.action.as_str()).collect();
            vec![format!("ALTER TABLE {}\n    {}", first.table, list.join(",\n    "))]
        }
        (_, group) => group.iter().flat_map(|step| step.statements.clone()).collect(),
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// A name in a comment may contain a line break; each line of it is a comment.
fn comment(text: &mut String, content: &str) {
    line(text, &format!("-- {}", content.replace(['\n', '\r'], " ")));
}
