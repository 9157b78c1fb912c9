//! Names of migrations: as given, or made from what changes.

use whimbrel_schema::diff::{Change, TableObject};
use whimbrel_schema::model::QName;

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
    let name = match changes {
        [] => "empty".to_owned(),
        _ if first => "init".to_owned(),
        [only] => of_change(only),
        [head, ..] => match one_table(changes) {
            Some(table) => common(changes, &table).unwrap_or_else(|| format!("alter_{}", table.name)),
            None => format!("{}_and_more", of_change(head)),
        },
    };
    let mut name = shape(&name);
    name.truncate(LONGEST);
    name.trim_end_matches('_').to_owned()
}

/// Letters and digits in lower case, everything else one `_`.
fn shape(name: &str) -> String {
    let mut shaped = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            shaped.push(c.to_ascii_lowercase());
        } else if !shaped.ends_with('_') && !shaped.is_empty() {
            shaped.push('_');
        }
    }
    shaped.trim_end_matches('_').to_owned()
}

fn of_change(change: &Change) -> String {
    match change {
        Change::CreateTable { table } => format!("create_{}", table.name.name),
        Change::DropTable { table } => format!("drop_{}", table.name.name),
        Change::RenameTable { from, to } => format!("rename_{}_to_{}", from.name, to.name),
        Change::AddColumn { table, column } => format!("add_{}_to_{}", column.name, table.name),
        Change::DropColumn { table, column } => format!("drop_{}_from_{}", column.name, table.name),
        Change::RenameColumn { table, from, to } => format!("rename_{}_{from}_to_{to}", table.name),
        Change::AlterColumn { table, to, .. } => format!("alter_{}_{}", table.name, to.name),
        // `add index opportunities_stage_idx to opportunities`, `alter enum stage: add 'won'`
        other => other.to_string().split(':').next().unwrap_or_default().to_owned(),
    }
}

/// The table that all changes are about.
fn one_table(changes: &[Change]) -> Option<QName> {
    let mut tables = changes.iter().map(table);
    let first = tables.next()??;
    tables.all(|table| table.as_ref() == Some(&first)).then_some(first)
}

fn table(change: &Change) -> Option<QName> {
    match change {
        Change::CreateTable { table } | Change::DropTable { table } => Some(table.name.clone()),
        Change::RenameTable { to, .. } => Some(to.clone()),
        Change::CommentTable { table, .. }
        | Change::AddColumn { table, .. }
        | Change::DropColumn { table, .. }
        | Change::RenameColumn { table, .. }
        | Change::AlterColumn { table, .. }
        | Change::Add(TableObject { table, .. })
        | Change::Drop(TableObject { table, .. })
        | Change::Rename { table, .. } => Some(table.clone()),
        _ => None,
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
    use whimbrel_schema::model::{Column, ColumnType, Table};

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
