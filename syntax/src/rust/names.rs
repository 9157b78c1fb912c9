//! Names as Rust writes them.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::Case;
use crate::model::{DEFAULT_SCHEMA, QName, Schema, Table};
use crate::types;

/// What the items for the tables and enum types of a schema are called, and the modules of the tables.
pub(super) struct Names {
    pub(super) types: BTreeMap<QName, String>,
    pub(super) modules: BTreeMap<QName, String>,
}

impl Names {
    pub(super) fn new(schema: &Schema) -> Self {
        let mut taken: BTreeSet<String> = types::mentioned().map(str::to_lowercase).collect();
        let mut types = BTreeMap::new();
        for name in schema.enums.keys().chain(schema.tables.keys()) {
            let short = type_name(&name.name);
            let known = taken.contains(&short.to_lowercase()) && name.schema != DEFAULT_SCHEMA;
            let ident = if known { type_name(&format!("{}_{}", name.schema, name.name)) } else { short };
            types.insert(name.clone(), unused(&mut taken, ident));
        }
        let mut taken =
            BTreeSet::from(["mod".to_owned(), "enums".to_owned(), "lib".to_owned(), "main".to_owned()]);
        let module = |name: &QName| {
            // The file of a module has no other characters in its name.
            let snake: String = Case::Snake.apply(&types[name]).chars().filter(char::is_ascii).collect();
            let idents = [snake.clone(), format!("{snake}_"), "table".to_owned()];
            let ident = idents.into_iter().find(|name| is_plain_ident(name)).unwrap_or(snake);
            (name.clone(), unused(&mut taken, ident))
        };
        let modules = schema.tables.keys().map(module).collect();
        Names { types, modules }
    }
}

/// The name, with a number if another has it.
fn unused(taken: &mut BTreeSet<String>, name: String) -> String {
    let numbers = (2_u32..).map(|number| format!("{name}{number}"));
    let free = std::iter::once(name.clone()).chain(numbers).find(|name| taken.insert(name.to_lowercase()));
    free.unwrap_or(name)
}

/// A name for a type: `order_lines` is `OrderLines`.
pub(super) fn type_name(name: &str) -> String {
    let pascal: String = Case::Pascal.apply(name).chars().filter(|c| c.is_alphanumeric()).collect();
    [pascal.clone(), format!("N{pascal}")]
        .into_iter()
        .find(|name| is_plain_ident(name))
        .unwrap_or("Unnamed".to_owned())
}

/// Whether it is an identifier, a key word or not.
pub(super) fn is_ident(text: &str) -> bool {
    is_plain_ident(text) || (text != "_" && is_plain_ident(&format!("{text}_")))
}

fn is_plain_ident(text: &str) -> bool {
    syn::parse_str::<syn::Ident>(text).is_ok_and(|ident| ident == text)
}

/// A field for a column: its identifier as it is written, and the same without `r#`.
#[derive(Clone)]
pub(super) struct Field {
    pub(super) written: String,
    pub(super) name: String,
}

fn field(column: &str, taken: &mut BTreeSet<String>) -> Field {
    let lower = column.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let name = if lower { column.to_owned() } else { Case::Snake.apply(column) };
    let name: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let reserved = ["self", "super", "crate", "_", ""].contains(&name.as_str());
    let name = if reserved { format!("{name}_") } else { name };
    let name = [name.clone(), format!("c_{name}")]
        .into_iter()
        .find(|name| is_ident(name))
        .unwrap_or("unnamed".to_owned());
    let name = unused(taken, name);
    let written = if is_plain_ident(&name) { name.clone() } else { format!("r#{name}") };
    Field { written, name }
}

/// The fields of a table, and the case that makes the names of most columns of them.
pub(super) fn fields(table: &Table) -> (Vec<Field>, Option<(&'static str, Case)>) {
    let mut taken = BTreeSet::new();
    if table.primary_key.is_none() {
        // A field `id` would be the primary key.
        taken.insert("id".to_owned());
    }
    let fields: Vec<Field> = table.columns.iter().map(|column| field(&column.name, &mut taken)).collect();
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let idents: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let case = common_case(&idents, &names, 2);
    (fields, case)
}

/// The variants of an enum, and the case that makes the labels of them.
pub(super) fn variants(labels: &[String]) -> (Vec<String>, Option<(&'static str, Case)>) {
    let mut taken = BTreeSet::new();
    let variants: Vec<String> = labels.iter().map(|label| unused(&mut taken, type_name(label))).collect();
    let names: Vec<&str> = labels.iter().map(String::as_str).collect();
    let idents: Vec<&str> = variants.iter().map(String::as_str).collect();
    let case = common_case(&idents, &names, 1);
    (variants, case)
}

/// The case that makes the most of the names, if it makes at least so many more than the identifiers themselves do.
fn common_case(idents: &[&str], names: &[&str], more: usize) -> Option<(&'static str, Case)> {
    let fits = |make: &dyn Fn(&str) -> String| {
        idents.iter().zip(names).filter(|(ident, name)| make(ident) == **name).count()
    };
    let mut most = fits(&|ident| ident.to_owned()) + more - 1;
    let mut best = None;
    for (name, case) in Case::ALL {
        let count = fits(&|ident| case.apply(ident));
        if count > most {
            (most, best) = (count, Some((*name, *case)));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_ascii() {
        let mut schema = Schema::default();
        for name in ["order_lines", "größe", "日本", "日本1", "type"] {
            let name = QName::public(name);
            schema.tables.insert(name.clone(), Table::new(name));
        }
        let names = Names::new(&schema);
        let modules: Vec<&str> = names.modules.values().map(String::as_str).collect();
        let types: Vec<&str> = names.modules.keys().map(|name| names.types[name].as_str()).collect();
        assert_eq!(types, ["Größe", "OrderLines", "Type", "日本", "日本1"]);
        assert_eq!(modules, ["gre", "order_lines", "type_", "table", "table2"]);
    }
}
