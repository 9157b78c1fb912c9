//! Items as text: structs of tables, enums of enum types.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_schema::name::{join_names, object_name};

use super::names::{self, Field, Names};
use super::relation;
use crate::case::Case;
use crate::model::{
    Action, Column, DEFAULT_SCHEMA, Deferrable, ElementType, Enum, ForeignKey, Identity, Index, IndexKey,
    IndexOn, QName, Schema, Table,
};
use crate::types;

/// What items are written with.
pub(super) struct Items<'a> {
    pub(super) schema: &'a Schema,
    pub(super) names: &'a Names,
    pub(super) domains: &'a BTreeMap<String, String>,
}

/// `#[name(settings)]`, on as many lines as it needs; nothing without settings.
fn attribute(name: &str, settings: &[String], indent: &str) -> String {
    let line = format!("{indent}#[{name}({})]\n", settings.join(", "));
    match settings {
        [] => String::new(),
        [_] => line,
        _ if line.chars().count() <= 100 => line,
        _ => format!(
            "{indent}#[{name}(\n{indent}    {}\n{indent})]\n",
            settings.join(&format!(",\n{indent}    "))
        ),
    }
}

/// `name = "text"`.
fn text(name: &str, text: &str) -> String {
    format!("{name} = {text:?}")
}

/// `name = "schema"`, if it is not what the identifier says.
fn qname(settings: &mut Vec<String>, setting: &str, name: &QName, ident: &str) {
    let dotted = name.name.contains('.') && name.schema == DEFAULT_SCHEMA;
    if Case::Snake.apply(ident) != name.name || dotted {
        settings.push(text(setting, &name.name));
    }
    if name.schema != DEFAULT_SCHEMA || dotted {
        settings.push(text("schema", &name.schema));
    }
}

pub(super) fn enumeration(item: &Enum, ident: &str) -> String {
    let (variants, case) = names::variants(&item.labels);
    let mut settings = Vec::new();
    qname(&mut settings, "name", &item.name, ident);
    settings.extend(case.map(|(name, _)| text("rename_all", name)));
    settings.extend(item.comment.as_ref().map(|comment| text("comment", comment)));
    let mut lines = format!(
        "#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]\n{}pub enum {ident} {{\n",
        attribute("pg", &settings, "")
    );
    for (variant, label) in variants.iter().zip(&item.labels) {
        let made = case.map_or_else(|| variant.clone(), |(_, case)| case.apply(variant));
        let rename = (made != *label).then(|| text("rename", label));
        lines.push_str(&attribute("pg", rename.as_slice(), "    "));
        lines.push_str(&format!("    {variant},\n"));
    }
    lines + "}\n"
}

/// A struct, and what it needs of other modules: paths of crates, and items beside it.
pub(super) struct Item {
    pub(super) text: String,
    pub(super) imports: BTreeSet<String>,
    pub(super) items: BTreeSet<String>,
}

/// A table that is written down.
struct Writer<'a> {
    items: &'a Items<'a>,
    table: &'a Table,
    ident: &'a str,
    fields: Vec<Field>,
    case: Option<(&'static str, Case)>,
    /// Names that PostgreSQL's choice would not be free for.
    twice: BTreeSet<&'a str>,
    imports: BTreeSet<String>,
    others: BTreeSet<String>,
}

impl Items<'_> {
    pub(super) fn model(&self, table: &Table) -> Item {
        let (fields, case) = names::fields(table);
        let ident = &self.names.types[&table.name];
        let key = table.primary_key.iter().map(|key| &key.name);
        let constraints = table.uniques.keys().chain(table.checks.keys()).chain(table.foreign_keys.keys());
        let mut seen = BTreeSet::new();
        let all = key.chain(constraints).chain(table.indexes.keys()).map(String::as_str);
        let twice = all.filter(|name| !seen.insert(*name)).collect();
        let (imports, others) = (BTreeSet::from(["whimbrel::Model".to_owned()]), BTreeSet::new());
        let mut writer = Writer { items: self, table, ident, fields, case, twice, imports, others };
        let text = writer.write();
        writer.others.remove(ident);
        Item { text, imports: writer.imports, items: writer.others }
    }
}

impl Writer<'_> {
    fn write(&mut self) -> String {
        let body: String = (0..self.fields.len()).map(|at| self.field(at)).collect();
        let settings = self.settings();
        format!(
            "#[derive(Debug, Clone, Model)]\n{}pub struct {} {{\n{body}}}\n",
            attribute("model", &settings, ""),
            self.ident
        )
    }

    /// Whether a name is the one that would be chosen.
    fn is_chosen(&self, name: &str, columns: Option<&str>, label: &str) -> bool {
        name == object_name(&self.table.name.name, columns, label) && !self.twice.contains(name)
    }

    /// The fields of these columns: `a, r#type`.
    fn list(&self, columns: &[String]) -> String {
        let written: Vec<&str> = columns.iter().map(|name| self.written(name)).collect();
        written.join(", ")
    }

    fn written(&self, column: &str) -> &str {
        let at = self.table.columns.iter().position(|other| other.name == column);
        at.and_then(|at| self.fields.get(at)).map_or("", |field| &field.written)
    }

    fn is_key(&self, column: &str) -> bool {
        self.table.primary_key.as_ref().is_some_and(|key| key.columns == [column])
    }

    /// The unique constraint that the field itself says.
    fn own_unique(&self, column: &str) -> Option<&str> {
        let plain = |(name, unique): &(&String, &crate::model::Unique)| {
            unique.columns == [column]
                && unique.deferrable == Deferrable::No
                && self.is_chosen(name, Some(column), "key")
        };
        self.table.uniques.iter().find(plain).map(|(name, _)| name.as_str())
    }

    /// The index that the field itself says.
    fn own_index(&self, column: &str) -> Option<&str> {
        let plain = Index::new(vec![IndexKey::column(column)]);
        let mut found = self
            .table
            .indexes
            .iter()
            .filter(|(name, index)| **index == plain && self.is_chosen(name, Some(column), "idx"));
        let free = !self.is_key(column) && self.own_unique(column).is_none();
        found.next().filter(|_| free).map(|(name, _)| name.as_str())
    }

    fn own_check(&self, column: &str) -> Option<&str> {
        let mut names = self.table.checks.keys().filter(|name| self.is_chosen(name, Some(column), "check"));
        names.next().map(String::as_str)
    }

    /// The foreign key that the field itself says.
    fn own_key(&self, column: &str) -> Option<(&str, &ForeignKey)> {
        let mut keys = self.table.foreign_keys.iter().filter(|(_, key)| key.columns == [column]);
        let (name, key) = keys.next()?;
        let choice = object_name(&self.table.name.name, Some(column), "fkey");
        let same = |other: &&Column| object_name(&self.table.name.name, Some(&other.name), "fkey") == choice;
        let alone = keys.next().is_none() && self.table.columns.iter().filter(same).count() == 1;
        (alone && self.is_chosen(name, Some(column), "fkey")).then_some((name, key))
    }

    /// The model of a table, as another item names it.
    fn other(&mut self, table: &QName) -> String {
        let ident = self.items.names.types[table].clone();
        self.others.insert(ident.clone());
        ident
    }

    /// `Account`, or `Account(code)` for columns that are not its primary key.
    fn reference(&mut self, key: &ForeignKey) -> String {
        let ident = self.other(&key.references);
        let Some(target) = self.items.schema.tables.get(&key.references) else { return ident };
        if target.primary_key.as_ref().is_some_and(|primary| primary.columns == key.referenced_columns) {
            return ident;
        }
        let (fields, _) = names::fields(target);
        let place = |name: &String| target.columns.iter().position(|column| column.name == *name);
        let columns = key.referenced_columns.iter().filter_map(|name| fields.get(place(name)?));
        let columns: Vec<&str> = columns.map(|field| field.written.as_str()).collect();
        format!("{ident}({})", columns.join(", "))
    }

    /// The table whose key an `Id` in this column is.
    fn id_of(&self, column: &Column) -> Option<QName> {
        if column.ty.to_string() != "uuid" {
            return None;
        }
        match self.own_key(&column.name) {
            Some((_, key)) => {
                let target = self.items.schema.tables.get(&key.references)?;
                let primary = target.primary_key.as_ref()?;
                (primary.columns == key.referenced_columns && primary.columns.len() == 1)
                    .then(|| key.references.clone())
            }
            None => self.is_key(&column.name).then(|| self.table.name.clone()),
        }
    }

    /// The type of a field, and the PostgreSQL type if that does not follow from it.
    fn ty(&mut self, column: &Column) -> (String, Option<String>) {
        let array = column.ty.array;
        let (name, declared) = match (&column.ty.element, self.id_of(column)) {
            (_, Some(table)) => {
                self.imports.insert("whimbrel::Id".to_owned());
                (format!("Id<{}>", self.other(&table)), false)
            }
            (ElementType::Enum(name), _) => (self.other(name), false),
            (ElementType::Sql(sql), _) => match types::rust(sql, self.items.domains) {
                Some(rust) => {
                    self.imports.extend(rust.imports);
                    (rust.name, rust.declared)
                }
                None => ("String".to_owned(), true),
            },
        };
        let name = if array { format!("Vec<{name}>") } else { name };
        let name = if column.not_null { name } else { format!("Option<{name}>") };
        (name, declared.then(|| column.ty.to_string()))
    }

    fn field(&mut self, at: usize) -> String {
        let (table, field) = (self.table, self.fields[at].clone());
        let Some(column) = table.columns.get(at) else { return String::new() };
        let name = &column.name;
        let mut settings = Vec::new();
        let made = self.case.map_or_else(|| field.name.clone(), |(_, case)| case.apply(&field.name));
        settings.extend((made != *name).then(|| text("name", name)));
        let (ty, declared) = self.ty(column);
        settings.extend(declared.map(|ty| text("type", &ty)));
        settings.extend((self.is_key(name) && field.name != "id").then(|| "primary_key".to_owned()));
        settings.extend(self.own_unique(name).map(|_| "unique".to_owned()));
        settings.extend(self.own_index(name).map(|_| "index".to_owned()));
        if let Some(default) = &column.default {
            let bare =
                default.0.bytes().all(|byte| byte.is_ascii_digit()) && default.0.parse::<i64>().is_ok();
            let bare = bare && (default.0 == "0" || !default.0.starts_with('0'));
            let bare = bare || ["true", "false"].contains(&default.0.as_str());
            settings.push(if bare { format!("default = {default}") } else { text("default", &default.0) });
        }
        let check = self.own_check(name).map(|check| &table.checks[check]);
        settings.extend(check.map(|check| text("check", &check.expr.0)));
        if let Some((_, key)) = self.own_key(name).map(|(name, key)| (name.to_owned(), key.clone())) {
            if self.id_of(column).is_none() {
                settings.push(format!("references({})", self.reference(&key)));
            }
            settings.extend(actions(&key));
        }
        settings.extend(column.collation.as_ref().map(|collation| text("collate", collation)));
        settings.extend(column.generated.as_ref().map(|expr| text("generated", &expr.0)));
        settings.extend(column.identity.map(|identity| match identity {
            Identity::Always => text("identity", "always"),
            Identity::ByDefault => text("identity", "by_default"),
        }));
        settings.extend(column.comment.as_ref().map(|comment| text("comment", comment)));
        format!("{}    pub {}: {ty},\n", attribute("column", &settings, "    "), field.written)
    }

    fn settings(&mut self) -> Vec<String> {
        let table = self.table;
        let mut settings = Vec::new();
        qname(&mut settings, "table", &table.name, self.ident);
        settings.extend(self.case.map(|(name, _)| text("rename_all", name)));
        settings.extend(table.comment.as_ref().map(|comment| text("comment", comment)));
        if let Some(key) = table.primary_key.as_ref().filter(|key| key.columns.len() > 1) {
            settings.push(format!("primary_key({})", self.list(&key.columns)));
        }
        let own = |find: &dyn Fn(&str) -> Option<String>| -> BTreeSet<String> {
            table.columns.iter().filter_map(|column| find(&column.name)).collect()
        };
        let uniques = own(&|column| self.own_unique(column).map(str::to_owned));
        for (name, unique) in table.uniques.iter().filter(|(name, _)| !uniques.contains(*name)) {
            let chosen = self.is_chosen(name, Some(&join_names(&unique.columns)), "key");
            settings.push(match (chosen, unique.deferrable) {
                (true, Deferrable::No) => format!("unique({})", self.list(&unique.columns)),
                _ => {
                    let mut parts = vec![format!("columns({})", self.list(&unique.columns))];
                    parts.extend((!chosen).then(|| text("name", name)));
                    parts.extend(deferrable(unique.deferrable));
                    format!("unique({})", parts.join(", "))
                }
            });
        }
        let checks = own(&|column| self.own_check(column).map(str::to_owned));
        for (name, check) in table.checks.iter().filter(|(name, _)| !checks.contains(*name)) {
            let written =
                if self.is_chosen(name, None, "check") { String::new() } else { format!("{name}, ") };
            settings.push(format!("check({written}{:?})", check.expr.0));
        }
        let keys = own(&|column| self.own_key(column).map(|(name, _)| name.to_owned()));
        for (name, key) in table.foreign_keys.iter().filter(|(name, _)| !keys.contains(*name)) {
            let columns = self.list(&key.columns);
            let mut parts =
                vec![format!("columns({columns})"), format!("references({})", self.reference(key))];
            let chosen = self.is_chosen(name, Some(&join_names(&key.columns)), "fkey");
            parts.extend((!chosen).then(|| text("name", name)));
            parts.extend(actions(key));
            settings.push(format!("foreign_key({})", parts.join(", ")));
        }
        let indexes = own(&|column| self.own_index(column).map(str::to_owned));
        for (name, index) in table.indexes.iter().filter(|(name, _)| !indexes.contains(*name)) {
            settings.push(self.index(name, index));
        }
        let field = |column: &str| self.written(column).to_owned();
        settings.extend(relation::settings(self.items.schema, table, field));
        settings
    }

    fn index(&self, name: &str, index: &Index) -> String {
        let keys: Vec<String> = index.keys.iter().map(|key| self.index_key(key)).collect();
        let mut parts = vec![format!("columns({})", keys.join(", "))];
        let all: Vec<IndexKey> =
            index.keys.iter().cloned().chain(index.include.iter().map(IndexKey::column)).collect();
        let columns = join_names(&crate::name::index_columns(&all));
        parts.extend((!self.is_chosen(name, Some(&columns), "idx")).then(|| text("name", name)));
        parts.extend(index.unique.then(|| "unique".to_owned()));
        parts.extend((index.method != "btree").then(|| text("method", &index.method)));
        parts.extend((!index.include.is_empty()).then(|| format!("include({})", self.list(&index.include))));
        parts.extend(index.predicate.as_ref().map(|predicate| text("where", &predicate.0)));
        format!("index({})", parts.join(", "))
    }

    fn index_key(&self, key: &IndexKey) -> String {
        let mut settings = Vec::new();
        settings.extend(key.collation.as_ref().map(|collation| text("collate", collation)));
        settings.extend(key.opclass.as_ref().map(|opclass| text("opclass", opclass)));
        settings.extend(key.descending.then(|| "desc".to_owned()));
        settings.extend(key.nulls_first.map(|first| text("nulls", if first { "first" } else { "last" })));
        match (&key.on, settings.as_slice()) {
            (IndexOn::Column(name), []) => self.written(name).to_owned(),
            (IndexOn::Column(name), _) => format!("{}({})", self.written(name), settings.join(", ")),
            (IndexOn::Expr(expr), []) => format!("{:?}", expr.0),
            (IndexOn::Expr(expr), _) => format!("({:?}, {})", expr.0, settings.join(", ")),
        }
    }
}

fn actions(key: &ForeignKey) -> Vec<String> {
    let action = |setting: &str, action: Action| {
        let word = match action {
            Action::NoAction => return None,
            Action::Restrict => "restrict",
            Action::Cascade => "cascade",
            Action::SetNull => "set_null",
            Action::SetDefault => "set_default",
        };
        Some(text(setting, word))
    };
    let actions = [action("on_delete", key.on_delete), action("on_update", key.on_update)];
    actions.into_iter().flatten().chain(deferrable(key.deferrable)).collect()
}

fn deferrable(deferrable: Deferrable) -> Option<String> {
    match deferrable {
        Deferrable::No => None,
        Deferrable::InitiallyImmediate => Some("deferrable".to_owned()),
        Deferrable::InitiallyDeferred => Some(text("deferrable", "initially_deferred")),
    }
}
