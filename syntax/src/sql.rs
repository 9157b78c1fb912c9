//! SQL text: one statement per function, no statement with its semicolon. Every name goes through `name.rs`.

pub(crate) mod column;
pub(crate) mod enums;
pub(crate) mod object;
pub(crate) mod table;

use crate::model::QName;
use crate::name::{literal, qualified, quote};
use crate::plan::Step;

/// `DROP …` of that kind.
pub(crate) fn drop(kind: &str, name: &QName) -> String {
    format!("DROP {kind} {}", qualified(name))
}

/// `ALTER … RENAME TO`; the schema stays.
pub(crate) fn rename(kind: &str, from: &QName, to: &str) -> String {
    format!("ALTER {kind} {} RENAME TO {}", qualified(from), quote(to))
}

/// `ALTER TABLE … RENAME`, of a column or constraint.
pub(crate) fn rename_part(table: &QName, kind: &str, from: &str, to: &str) -> String {
    format!("ALTER TABLE {} RENAME {kind} {} TO {}", qualified(table), quote(from), quote(to))
}

pub(crate) fn set_schema(kind: &str, name: &QName, schema: &str) -> String {
    format!("ALTER {kind} {} SET SCHEMA {}", qualified(name), quote(schema))
}

/// `COMMENT ON`; without a text, none.
pub(crate) fn comment_on(kind: &str, quoted: &str, text: Option<&str>) -> String {
    format!("COMMENT ON {kind} {quoted} IS {}", text.map_or_else(|| "NULL".to_owned(), literal))
}

/// The text of a file: what its statements lose, then each step under its comment.
pub(crate) fn file(steps: &[Step], data_loss: &[String]) -> String {
    let mut text = String::new();
    if steps.iter().any(|step| !step.transactional) {
        line(&mut text, crate::chain::NO_TRANSACTION);
    }
    for loss in data_loss {
        line(&mut text, &format!("{}{}", crate::chain::DATA_LOSS, loss.replace(['\n', '\r'], " ")));
    }
    for step in steps {
        if !text.is_empty() {
            text.push('\n');
        }
        comment(&mut text, &step.comment);
        for hazard in &step.hazards {
            comment(&mut text, &format!("{}: {}", hazard.kind.word(), hazard.message));
        }
        for statement in &step.statements {
            line(&mut text, &format!("{statement};"));
        }
    }
    text
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// A name in a comment may contain a line break; the comment must not end there.
fn comment(text: &mut String, content: &str) {
    line(text, &format!("-- {}", content.replace(['\n', '\r'], " ")));
}
