//! One parser, two callers: what the derives register and what the command line reads from the sources is the same
//! schema, for every example and for a fixture that uses every attribute.

#![allow(
    clippy::duplicated_attributes,
    reason = "one index a line: clippy takes equal settings of two for one"
)]

// Linked for the models they register.
use example_crm as _;
use example_estate as _;
use example_gipfel as _;
use example_nextcrm as _;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use whimbrel::__private::registry;
use whimbrel_syntax::attr::*;
use whimbrel_syntax::scan::{Cfg, Linked, scan};
use whimbrel_syntax::{Schema, draft, validate};

mod fixture;

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What is registered by a crate, or by a module of one.
fn registered(module: &str) -> Schema {
    let within = |path: &str| path == module || path.starts_with(&format!("{module}::"));
    let tables =
        registry::models().into_iter().filter(|entry| within(entry.module)).map(|entry| (entry.table)());
    let enums = registry::enums().into_iter().filter(|entry| within(entry.module));
    draft::schema(tables, enums.map(|entry| (entry.definition)()))
}

fn scanned(path: &Path) -> Linked {
    scan(&[(path, Cfg::default())], &mut |path| std::fs::read_to_string(path))
        .unwrap_or_else(|errors| panic!("{}", errors.iter().map(|p| format!("{p}\n")).collect::<String>()))
}

fn check(module: &str, path: &str, least_tables: usize) {
    let (registered, linked) = (registered(module), scanned(&root().join(path)));
    assert!(registered.tables.len() >= least_tables, "{module} registers {} tables", registered.tables.len());
    for (name, table) in &registered.tables {
        assert_eq!(Some(table), linked.schema.tables.get(name), "{module}: {name}");
    }
    assert_eq!(registered, linked.schema, "{module}");
    assert_eq!(validate::errors(&registered), []);
    // Every transform that is registered is known to come from a model, and the other way round.
    let models: BTreeSet<String> =
        linked.models.iter().filter(|model| model.has_transform).map(|model| model.ident.clone()).collect();
    let tables: BTreeSet<_> = registered.tables.keys().collect();
    let transforms: BTreeSet<String> = registry::transforms()
        .into_iter()
        .filter(|spec| tables.contains(&(spec.table)()) && models.contains(spec.model))
        .map(|spec| spec.model.to_owned())
        .collect();
    assert_eq!(models, transforms, "{module}");
}

#[test]
fn crm() {
    check("example_crm", "examples/crm/src/lib.rs", 5);
}

#[test]
fn estate() {
    check("example_estate", "examples/estate/src/lib.rs", 7);
}

#[test]
fn gipfel() {
    check("example_gipfel", "examples/gipfel/src/lib.rs", 6);
}

#[test]
fn nextcrm() {
    check("example_nextcrm", "examples/nextcrm/src/lib.rs", 39);
}

#[test]
fn the_fixture_of_all_attributes() {
    check("agreement::fixture", "tests/tests/agreement/fixture/mod.rs", 6);
}

/// The names that stand in attributes of one kind in the fixture.
fn used(attribute: &str) -> BTreeSet<String> {
    fn collect(tokens: TokenStream, attribute: &str, inside: bool, found: &mut BTreeSet<String>) {
        let mut begins = false;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    begins = name == attribute;
                    found.extend(inside.then(|| name.to_string()));
                }
                TokenTree::Group(group) => collect(group.stream(), attribute, inside || begins, found),
                _ => begins = false,
            }
        }
    }
    let mut found = BTreeSet::new();
    for file in ["mod.rs", "source.rs"] {
        let path = root().join("tests/tests/agreement/fixture").join(file);
        let tokens = std::fs::read_to_string(path).unwrap().parse().unwrap();
        collect(tokens, attribute, false, &mut found);
    }
    found
}

#[test]
fn the_fixture_uses_every_attribute() {
    let covers = |attribute: &str, lists: &[&[&str]]| {
        let used = used(attribute);
        for name in lists.iter().flat_map(|list| list.iter()) {
            assert!(used.contains(*name), "`#[{attribute}({name})]` is used nowhere in the fixture");
        }
    };
    covers("model", &[MODEL_NAMES, INDEX_NAMES, INDEX_KEY_NAMES, UNIQUE_NAMES, FOREIGN_KEY_NAMES]);
    covers("model", &[POLICY_NAMES, GRANT_NAMES, PARTITION_NAMES, SOFT_DELETE_NAMES]);
    covers("model", &[VIEW_NAMES, MATERIALIZED_NAMES]);
    covers("column", &[COLUMN_NAMES, EXPAND_NAMES]);
    covers("source", &[SOURCE_STRUCT_NAMES, SOURCE_FIELD_NAMES]);
    covers("pg", &[PG_ENUM_NAMES, PG_VARIANT_NAMES]);
    covers("newtype", &[NEWTYPE_NAMES]);
}

#[test]
fn renames_of_the_fixture_are_hints() {
    let hints = scanned(&root().join("tests/tests/agreement/fixture/mod.rs")).hints;
    let counts = [hints.tables.len(), hints.columns.len(), hints.enums.len(), hints.labels.len()];
    assert_eq!(counts, [1; 4], "{hints:?}");
}
