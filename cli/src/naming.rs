//! Names of migrations: as given, or made from what changes.

use whimbrel_syntax::diff::{Change, TableObject};
use whimbrel_syntax::model::QName;

use crate::failure::Failure;

/// Longer names only make folders hard to read.
const LONGEST: usize = 60;

/// A name as it was given, brought into the shape of a file name.
pub fn given(name: &str) -> Result<String, Failure> {
    let shaped = shape(name);
    if shaped.is_empty() || shaped.len() > LONGEST || name.contains(['/', '\\']) {
        return Err(Failure::new(format!("`{name}` cannot be a migration's name"))
            .hint(format!("use up to {LONGEST} letters, digits and `_`: add_stage")));
    }
    Ok(shaped)
}

/// A name made from the changes: `create_accounts`, `add_amount_to_opportunities`, `init`.
pub fn derived(changes: &[Change], first: bool) -> String {
    let about: Vec<_> = changes.iter().map(about).collect();
    let name = match about.as_slice() {
        [] => "empty".to_owned(),
        _ if first => "init".to_owned(),
        [(_, only)] => only.clone(),
        [(Some(table), _), others @ ..] if others.iter().all(|(other, _)| *other == Some(*table)) => {
            common(changes, table).unwrap_or_else(|| format!("alter_{}", table.name))
        }
        [(_, first), ..] => format!("{first}_and_more"),
    };
    let mut name = shape(&name);
    name.truncate(LONGEST);
    name.trim_end_matches('_').to_owned()
}

/// Letters and digits in lower case, everything else one `_`.
fn shape(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_")
}

/// The table that a change is about, and a name for the change.
fn about(change: &Change) -> (Option<&QName>, String) {
    // `add index opportunities_stage_idx to opportunities`, `alter enum stage: add 'won'`
    let line = || change.to_string().split(':').next().unwrap_or_default().to_owned();
    match change {
        Change::CreateTable { table } => (Some(&table.name), format!("create_{}", table.name.name)),
        Change::DropTable { table } => (Some(&table.name), format!("drop_{}", table.name.name)),
        Change::RenameTable { from, to } => (Some(to), format!("rename_{}_to_{}", from.name, to.name)),
        Change::AddColumn { table, column } => {
            (Some(table), format!("add_{}_to_{}", column.name, table.name))
        }
        Change::DropColumn { table, column } => {
            (Some(table), format!("drop_{}_from_{}", column.name, table.name))
        }
        Change::RenameColumn { table, from, to } => {
            (Some(table), format!("rename_{}_{from}_to_{to}", table.name))
        }
        Change::AlterColumn { table, to, .. } => (Some(table), format!("alter_{}_{}", table.name, to.name)),
        Change::CommentTable { table, .. }
        | Change::Add(TableObject { table, .. })
        | Change::Drop(TableObject { table, .. })
        | Change::Rename { table, .. } => (Some(table), line()),
        _ => (None, line()),
    }
}

/// A name for one new column and what comes with it (its index, its foreign key), or for two new columns.
fn common(changes: &[Change], table: &QName) -> Option<String> {
    let added: Vec<&str> = changes
        .iter()
        .filter_map(|change| match change {
            Change::AddColumn { column, .. } => Some(column.name.as_str()),
            _ => None,
        })
        .collect();
    let others = changes.iter().any(|change| !matches!(change, Change::AddColumn { .. } | Change::Add(_)));
    if others || added.is_empty() || added.len() > 2 {
        return None;
    }
    Some(format!("add_{}_to_{}", added.join("_and_"), table.name))
}

#[cfg(test)]
mod tests {
    use whimbrel_syntax::model::{Column, ColumnType, Table};

    use super::*;

    #[test]
    fn given_names_are_shaped() {
        assert_eq!(given("Add the  stage!").unwrap(), "add_the_stage");
        assert_eq!(given("__x__").unwrap(), "x");
        for name in ["", "!!", "../../etc/passwd", &"x".repeat(61)] {
            assert!(given(name).is_err(), "{name}");
        }
    }

    #[test]
    fn derived_names_say_what_changes() {
        let table = |name: &str| Change::CreateTable { table: Table::new(QName::new(name)) };
        let column = |table: &str, column: &str| Change::AddColumn {
            table: QName::new(table),
            column: Column::new(column, ColumnType::sql("text")),
        };
        assert_eq!(derived(&[table("a"), table("b")], true), "init");
        assert_eq!(derived(&[table("accounts")], false), "create_accounts");
        assert_eq!(derived(&[table("a"), table("b")], false), "create_a_and_more");
        assert_eq!(derived(&[column("tasks", "due")], false), "add_due_to_tasks");
        assert_eq!(
            derived(&[column("tasks", "due"), column("tasks", "by")], false),
            "add_due_and_by_to_tasks"
        );
        let three = [column("tasks", "a"), column("tasks", "b"), column("tasks", "c")];
        assert_eq!(derived(&three, false), "alter_tasks");
        assert!(derived(&[table(&"x".repeat(80))], false).len() <= LONGEST);
    }
}
