//! `-- whimbrel: renamed from NAME` above a statement, or above something within it.

use std::path::Path;

use whimbrel::__private::script::{Script, Statement};
use whimbrel_schema::rename::Declared;
use whimbrel_syntax::lex::{Token, tokens};

use crate::comments::{Comment, comments};
use crate::failure::Failure;
use crate::sql_files::created;

const HINT: &str = "`-- whimbrel: renamed from NAME` stands on a line of its own, above the CREATE statement of what has the new \
    name, or within it above the line of a column, an attribute or a label";

/// What a file declares to have had another name.
pub fn declared(path: &Path, text: &str) -> Result<Vec<Declared>, Failure> {
    let script = Script::parse(text);
    let mut all = Vec::new();
    for Comment { span, next, text: comment } in comments(text) {
        let (start, comment) = (span.start, comment.trim());
        if comment.starts_with("allow") {
            // For the linter.
            continue;
        }
        let is_alone = text[..start].rsplit('\n').next().is_some_and(|before| before.trim().is_empty());
        let old = comment.strip_prefix("renamed from ").and_then(only_name).filter(|_| is_alone);
        let is_around = |statement: &&Statement<'_>| {
            (statement.start..statement.start + statement.text.len()).contains(&next)
        };
        let statement = script.statements.iter().find(is_around);
        let Some((old, one)) = old.zip(statement.and_then(|statement| declaration(statement, next))) else {
            let (line, column) = script.position(start);
            let message =
                format!("{}:{line}:{column}: `whimbrel: {comment}` is not understood", path.display());
            return Err(Failure::new(message).hint(HINT));
        };
        all.push(Declared { old, ..one });
    }
    Ok(all)
}

/// What stands at a byte of a statement: what it creates, or something within that.
fn declaration(statement: &Statement<'_>, byte: usize) -> Option<Declared> {
    let (before, schema, name) = created(statement)?;
    let what: Vec<String> =
        statement.tokens.iter().take(before).map(|token| token.text().to_uppercase()).collect();
    let within = &statement.text[byte - statement.start..];
    let within = if within.len() < statement.text.len() { names(within) } else { Vec::new() };
    Some(Declared { what: what.join(" "), schema, name, within, old: String::new() })
}

/// The names up to the end of an item of a list.
fn names(text: &str) -> Vec<String> {
    let (mut names, mut depth) = (Vec::new(), 0_u32);
    for token in tokens(text) {
        match token.text() {
            "(" => depth += 1,
            ")" | "," if depth == 0 => break,
            ")" => depth -= 1,
            _ if depth == 0 => names.extend(name(&token)),
            _ => {}
        }
    }
    names
}

/// A name, or a label.
fn name(token: &Token<'_>) -> Option<String> {
    match token {
        Token::Text(text) => Some(text.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'")),
        token => token.name().map(Into::into),
    }
}

fn only_name(text: &str) -> Option<String> {
    let mut tokens = tokens(text.trim());
    let first = name(&tokens.next()?)?;
    tokens.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = match declared(Path::new("a.sql"), text) {
            Ok(all) => all
                .iter()
                .map(|one| {
                    let schema = one.schema.as_ref().map_or_else(String::new, |schema| format!("{schema}."));
                    let within = one.within.join(" ");
                    format!("{} {schema}{} [{within}] from {}", one.what, one.name, one.old)
                })
                .collect(),
            Err(failure) => vec![failure.message],
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_had_another_name_is_declared_above_it() {
        let from = "-- whimbrel: renamed from";
        check(
            &format!("{from} A\nCREATE OR REPLACE VIEW s.b AS SELECT 1;"),
            &["CREATE OR REPLACE VIEW s.b [] from a"],
        );
        check(
            "-- More.\n  --whimbrel: renamed from \"A\"\nCREATE FUNCTION f(int) RETURNS int RETURN 1",
            &["CREATE FUNCTION f [] from A"],
        );
        check(
            &format!(
                "CREATE TYPE t AS (\n    {from} street\n    road numeric(3, 1) COLLATE \"C\",\n    city text)"
            ),
            &["CREATE TYPE t [road numeric collate C] from street"],
        );
        check(&format!("CREATE TYPE t AS ENUM (\n{from} 'a''b'\n'c');"), &["CREATE TYPE t [c] from a'b"]);
        check(&format!("SELECT '{from} a';\n-- whimbrel:allow ban-drop-column why"), &[]);
        for wrong in [
            format!("{from} a.b\nCREATE VIEW c AS SELECT 1;"),
            format!("{from}\nCREATE VIEW c AS SELECT 1;"),
            format!("{from} a\nALTER TABLE t ADD b int;"),
            format!("{from} a"),
            "CREATE TABLE t (a int, -- whimbrel: renamed from b\nc int);".to_owned(),
            "-- whimbrel: rename from a\nCREATE VIEW c AS SELECT 1;".to_owned(),
        ] {
            let found = declared(Path::new("a.sql"), &wrong).unwrap_err().message;
            assert!(found.ends_with("is not understood"), "{wrong}: {found}");
        }
    }
}
