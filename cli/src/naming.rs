//! Names of migrations: as given, or made from what changes.

use whimbrel_schema::change::Action;
use whimbrel_schema::name::QName;
use whimbrel_schema::{Change, Kind};

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
        [(Some(table), _), others @ ..]
            if others.iter().all(|(other, _)| other.as_ref().is_none_or(|other| other == table)) =>
        {
            common(changes, table).unwrap_or_else(|| format!("alter_{}", table.name))
        }
        [(_, first), ..] => format!("{first}_and_more"),
    };
    let mut name = shape(&name);
    name.truncate(LONGEST);
    name.trim_end_matches('_').to_owned()
}

/// The name of a migration that follows another of the same change, and has what others do not wait for.
pub fn online(first: &str) -> String {
    const END: &str = "_online";
    let mut name = first.to_owned();
    name.truncate(LONGEST - END.len());
    name.trim_end_matches('_').to_owned() + END
}

/// Letters and digits in lower case, everything else one `_`.
fn shape(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_")
}

/// The table that a change is about, and a name for the change.
fn about(change: &Change) -> (Option<QName>, String) {
    let object = &change.object;
    let table = is_of_table(object.kind).then(|| object.qname());
    let name = object.name();
    let owner = table.as_ref().map_or("", |table| table.name.as_str());
    let text = match (&change.action, object.kind) {
        (Action::Create, Kind::Table) => format!("create_{name}"),
        (Action::Drop, Kind::Table) => format!("drop_{name}"),
        (Action::Create, Kind::Column) => format!("add_{name}_to_{owner}"),
        (Action::Drop, Kind::Column) => format!("drop_{name}_from_{owner}"),
        (Action::Rename(old), Kind::Column) => format!("rename_{owner}_{old}_to_{name}"),
        (Action::Rename(old), Kind::Table) => format!("rename_{old}_to_{name}"),
        (Action::Alter, Kind::Column) => format!("alter_{owner}_{name}"),
        _ => change.to_string().split(':').next().unwrap_or_default().to_owned(),
    };
    (table, text)
}

fn is_of_table(kind: Kind) -> bool {
    matches!(kind, Kind::Table | Kind::Column | Kind::Constraint)
}

/// A name for one new column and what comes with it (its index, its foreign key), or for two new columns.
fn common(changes: &[Change], table: &QName) -> Option<String> {
    let created = |change: &&Change| change.action == Action::Create && change.object.kind != Kind::Table;
    let added: Vec<&str> = changes
        .iter()
        .filter(|change| change.object.kind == Kind::Column)
        .map(|change| change.object.name())
        .collect();
    if !changes.iter().all(|change| created(&change)) || added.is_empty() || added.len() > 2 {
        return None;
    }
    Some(format!("add_{}_to_{}", added.join("_and_"), table.name))
}

#[cfg(test)]
mod tests {
    use whimbrel_schema::Id;

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
        let create = |object| Change { action: Action::Create, object, aspects: Vec::new() };
        let id = |name: &str| Id::new(Kind::Table, &QName::new("public", name));
        let table = |name: &str| create(id(name));
        let column = |table: &str, column: &str| create(id(table).part(Kind::Column, column));
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
