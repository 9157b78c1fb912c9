//! What is written about the attributes is what the parser takes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says why"
)]

use std::path::Path;

use whimbrel_schema::symbol;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(path)).unwrap_or_default()
}

/// The part of the attribute table below the heading that begins with `attribute`.
fn section<'t>(table: &'t str, attribute: &str) -> &'t str {
    let heading = format!("### `#[{attribute}(…)]`");
    let from = table.split_once(&heading).map_or("", |(_, after)| after);
    from.split_once("\n### ").map_or(from, |(this, _)| this)
}

#[test]
fn the_readme_and_the_rustdoc_have_the_same_table() {
    let table = read("runtime/attributes.md");
    assert!(!table.is_empty(), "runtime/attributes.md is not there");
    assert!(read("README.md").contains(&table), "README.md and runtime/attributes.md differ");
}

#[test]
fn every_setting_is_documented() {
    let table = read("runtime/attributes.md");
    let documented = [
        (symbol::MODEL, symbol::MODEL_NAMES),
        (symbol::MODEL, symbol::INDEX_NAMES),
        (symbol::MODEL, symbol::UNIQUE_NAMES),
        (symbol::MODEL, symbol::FOREIGN_KEY_NAMES),
        (symbol::COLUMN, symbol::COLUMN_NAMES),
        (symbol::SOURCE, symbol::SOURCE_STRUCT_NAMES),
        (symbol::SOURCE, symbol::SOURCE_FIELD_NAMES),
        (symbol::PG, symbol::PG_ENUM_NAMES),
        (symbol::PG, symbol::PG_VARIANT_NAMES),
    ];
    let mut missing = Vec::new();
    for (attribute, names) in documented {
        // Every second piece between backticks is code.
        let code: Vec<&str> = section(&table, attribute).split('`').skip(1).step_by(2).collect();
        let words =
            |span: &&str| span.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect();
        let words: Vec<String> = code.iter().flat_map(|span| -> Vec<String> { words(span) }).collect();
        let absent = names.iter().filter(|name| !words.iter().any(|word| word == *name));
        missing.extend(absent.map(|name| format!("{attribute}: {name}")));
    }
    assert!(missing.is_empty(), "not in runtime/attributes.md: {missing:?}");
}
