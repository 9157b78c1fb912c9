//! A state as files: structs and enums for what they can carry, SQL for everything else. The mirror of `scan` and
//! `objects`: the models that are written here, read again and made together with the SQL, are the state.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_schema::name::quote;
use whimbrel_schema::object::constraint::ConstraintType;
use whimbrel_schema::plan::{Cycle, steps_by_object};
use whimbrel_schema::{Definition, Id, State, rename};

use crate::model::{QName, Schema};
use crate::objects;
use crate::types::FEATURES;

mod behavior;
mod item;
mod names;
mod parse;
mod relation;
mod schema;

use item::{Item, Items};
use names::Names;
use schema::Carried;

/// The files that describe a state.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// Sources by their paths in the folder of the models, the root `mod.rs` among them.
    pub models: BTreeMap<String, String>,
    /// SQL by paths in the folder of objects: `views/active_users.sql`.
    pub objects: BTreeMap<String, String>,
    /// The crates that the sources use.
    pub crates: BTreeSet<String>,
    /// The features of sqlx that they need.
    pub features: BTreeSet<&'static str>,
    /// What the models declare.
    pub schema: Schema,
    /// What is not in a struct as a table or column is, and why.
    pub decisions: Vec<String>,
}

/// The files for a state. `empty` is the state of a database in which nothing was made.
///
/// # Errors
/// No order of statements makes the state.
pub fn files(state: &State, empty: &State) -> Result<Files, Cycle> {
    let carried = schema::carried(state);
    let mut made = declared(state, &carried.schema);
    for (id, entry) in &empty.objects {
        made.objects.entry(id.clone()).or_insert_with(|| entry.clone());
    }
    let renames = rename::parts(&mut made, state);
    let renames = renames.into_iter().map(|rename| (rename.change.object, rename.up));
    let steps = renames.chain(steps_by_object(&made, state)?);
    let mut sql = Sql { state, paths: BTreeMap::new(), texts: BTreeMap::new(), contents: BTreeMap::new() };
    for (id, steps) in steps {
        let statements = steps.iter().flat_map(|step| &step.statements);
        // A sequence goes on after rows, which no table has yet.
        sql.add(&id, statements.filter(|statement| !statement.starts_with("SELECT setval(")));
    }
    let decisions = decisions(&carried, &sql);
    let (models, imports) = sources(&carried);
    let crates = imports.iter().filter_map(|path| path.split("::").next()).map(str::to_owned).collect();
    let features = FEATURES.iter().filter(|(path, _)| imports.contains(*path)).map(|(_, feature)| *feature);
    let features = features.collect();
    let objects = sql.texts.into_values().collect();
    Ok(Files { models, objects, crates, features, schema: carried.schema, decisions })
}

/// What the models make, in the words of the state, with what it does not say of its columns.
fn declared(state: &State, schema: &Schema) -> State {
    let mut made = objects::state(schema);
    for (id, entry) in &mut made.objects {
        let Some(found) = state.objects.get(id) else { continue };
        match (&mut entry.definition, &found.definition) {
            // The server has parentheses elsewhere.
            (Definition::Index(index), Definition::Index(found)) => index.using.clone_from(&found.using),
            (Definition::Constraint(one), Definition::Constraint(found))
                if one.ty == ConstraintType::Check =>
            {
                one.definition.clone_from(&found.definition);
            }
            (Definition::Column(column), Definition::Column(found)) => {
                column.position = found.position;
                column.base.clone_from(&found.base);
                column.composite = found.composite;
            }
            // The server has the events in another order.
            (Definition::Trigger(trigger), Definition::Trigger(found)) => {
                trigger.definition.clone_from(&found.definition);
            }
            (Definition::Table(table), Definition::Table(found)) => {
                table.partition_types.clone_from(&found.partition_types);
            }
            _ => {}
        }
        entry.depends.clone_from(&found.depends);
    }
    made
}

/// The SQL files.
struct Sql<'a> {
    state: &'a State,
    /// The file of each outermost object.
    paths: BTreeMap<Id, String>,
    /// Path and text by the path in lower case.
    texts: BTreeMap<String, (String, String)>,
    /// What the files are about.
    contents: BTreeMap<Id, BTreeSet<Id>>,
}

impl Sql<'_> {
    fn add<'s>(&mut self, id: &Id, statements: impl Iterator<Item = &'s String>) {
        let whole = self.state.whole(id);
        let texts = &self.texts;
        let free = || {
            // Case does not tell files apart everywhere.
            let is_own =
                |path: &String| texts.get(&path.to_lowercase()).is_none_or(|(other, _)| other == path);
            (1_u32..).map(|number| path(&whole, number)).find(is_own).unwrap_or_default()
        };
        let path = self.paths.entry(whole.clone()).or_insert_with(free).clone();
        for statement in statements {
            let (_, text) =
                self.texts.entry(path.to_lowercase()).or_insert_with(|| (path.clone(), String::new()));
            let between = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{between}{};\n", statement.trim_end()));
            self.contents.entry(whole.clone()).or_default().insert(id.clone());
        }
    }
}

/// `views/active_users.sql`; in another schema than `public`, `views/shop.orders.sql`. From 2 on it has its number.
fn path(id: &Id, number: u32) -> String {
    let kind = id.kind.to_string().replace(' ', "_");
    let folder = match (kind.strip_suffix('y'), kind.ends_with('s'), kind.ends_with('x')) {
        (Some(stem), ..) => format!("{stem}ies"),
        (_, true, _) => kind,
        (_, _, true) => format!("{kind}es"),
        _ => format!("{kind}s"),
    };
    let skip = usize::from(id.names().count() > 1 && id.outermost() == crate::model::DEFAULT_SCHEMA);
    let names: Vec<&str> = id.names().skip(skip).filter(|name| !name.is_empty()).collect();
    let name = names.join(".");
    // Functions of one name share a file.
    let name = name.split('(').next().unwrap_or_default();
    let safe = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = name.trim_matches('.').chars().map(safe).collect();
    let number = if number == 1 { String::new() } else { number.to_string() };
    format!("{folder}/{}{number}.sql", if name.is_empty() { "unnamed" } else { &name })
}

fn decisions(carried: &Carried, sql: &Sql<'_>) -> Vec<String> {
    let mut decisions = Vec::new();
    for (id, contents) in &sql.contents {
        let Some(path) = sql.paths.get(id) else { continue };
        let name = QName::new(id.qname().schema, id.qname().name);
        if id.names().count() == 2 && !carried.schema.tables.contains_key(&name) {
            let why = carried.not_models.get(&name).filter(|_| contents.contains(id));
            decisions.extend(why.map(|why| format!("{id} is not a model but {path}: {why}")));
        } else if id.names().count() == 2 {
            let (added, more): (Vec<&Id>, Vec<&Id>) =
                contents.iter().partition(|part| carried.added.contains_key(*part));
            for column in added {
                decisions.push(format!("{column} is not a field but in {path}: {}", carried.added[column]));
            }
            let more: Vec<String> = more.iter().map(|part| part.to_string()).collect();
            if !more.is_empty() {
                decisions
                    .push(format!("{path} has what the struct of {id} does not say of {}", more.join(", ")));
            }
        }
    }
    for (column, ty) in &carried.texts {
        decisions.push(format!(
            "{column} is a String, since sqlx has no type for {ty}: select it as {}::text",
            quote(column.name())
        ));
    }
    decisions
}

/// The sources, and what they import.
fn sources(carried: &Carried) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let Carried { schema, domains, .. } = carried;
    let names = Names::new(schema);
    let items = Items { schema, names: &names, domains };
    let (mut modules, mut exports) = (BTreeSet::new(), BTreeSet::new());
    let mut all = BTreeSet::from(["whimbrel".to_owned()]);
    let mut files = BTreeMap::new();
    for table in schema.tables.values() {
        let Item { text, imports, items } = items.model(table);
        let module = &names.modules[&table.name];
        let beside = items.iter().map(|name| format!("super::{name}")).collect();
        let text = format!(
            "//! The table `{}`.\n\n{}{}{}{text}",
            table.name.to_string().escape_debug(),
            uses(&imports),
            if items.is_empty() { "" } else { "\n" },
            uses(&beside) + "\n"
        );
        all.extend(imports);
        files.insert(format!("{module}.rs"), text);
        modules.insert(format!("mod {module};\n"));
        exports.insert(format!("pub use {module}::{};\n", names.types[&table.name]));
    }
    if !schema.enums.is_empty() {
        let texts: Vec<String> =
            schema.enums.values().map(|one| item::enumeration(one, &names.types[&one.name])).collect();
        files.insert(
            "enums.rs".to_owned(),
            format!("//! The enum types.\n\nuse whimbrel::PgEnum;\n\n{}", texts.join("\n")),
        );
        let enums = schema.enums.keys().map(|name| format!("enums::{}", names.types[name])).collect();
        modules.insert("mod enums;\n".to_owned());
        exports.insert(format!("pub {}", uses(&enums)));
    }
    let list = |lines: BTreeSet<String>| lines.into_iter().collect::<String>();
    files.insert("mod.rs".to_owned(), format!("//! The tables.\n\n{}\n{}", list(modules), list(exports)));
    (files, all)
}

/// `use` declarations, one for each module.
fn uses(paths: &BTreeSet<String>) -> String {
    let mut modules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (module, name) in paths.iter().filter_map(|path| path.rsplit_once("::")) {
        modules.entry(module).or_default().push(name);
    }
    let line = |(module, names): (&str, Vec<&str>)| match names.as_slice() {
        [name] => format!("use {module}::{name};\n"),
        names => format!("use {module}::{{{}}};\n", names.join(", ")),
    };
    modules.into_iter().map(line).collect()
}
