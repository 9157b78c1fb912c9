//! The linter: what it finds, what silences it, and what it cannot read.

mod common;

use common::{MODELS, Project, workspace};

const BY_HAND: &str = "-- whimbrel: data-loss: the column note of accounts
ALTER TABLE accounts ADD COLUMN größe integer; CREATE INDEX accounts_name_idx ON accounts (name);
-- whimbrel:allow ban-drop-column no program has read it since version 3
ALTER TABLE accounts DROP COLUMN note;
ALTER TABLE accounts ADD CONSTRAINT short CHECK (length(name) < 9);
-- whimbrel:allow ban-drop-table nothing is dropped here
CREATE TABLE notes (id bigint PRIMARY KEY, at timestamptz NOT NULL);
CREATE INDEX notes_at_idx ON notes (at);
";

#[test]
fn findings_are_shown_with_their_place_and_what_to_do() {
    let mut project = Project::bare();
    project.write("by_hand.up.sql", &BY_HAND.replace('\n', "\r\n"));
    project.run("lint by_hand.up.sql").run("lint by_hand.up.sql --json");
    insta::assert_snapshot!(project.transcript());
}

#[test]
fn what_cannot_be_linted_is_an_error() {
    let mut project = Project::bare();
    project.write("a.sql", "CREATE TABEL a (id bigint);\n");
    project.write("b.sql", "-- whimbrel:allow ban-drop-colum it is not read\nALTER TABLE a DROP COLUMN b;\n");
    project.write("c.sql", "-- whimbrel:allow ban-drop-column\nALTER TABLE a DROP COLUMN b;\n");
    project.write("d.sql", "ALTER TABLE a DROP COLUMN b;\n");
    std::fs::write(project.path().join("e.sql"), b"SELECT '\xff';").unwrap();
    for words in
        ["a.sql d.sql", "b.sql", "c.sql", "c.sql --json", "nowhere.sql e.sql d.sql", "", "--all a.sql"]
    {
        assert!(!project.expect(&format!("lint {words}"), 2).is_empty(), "{words}");
        project.run(&format!("lint {words}"));
    }
    insta::assert_snapshot!(project.transcript());
}

#[test]
fn a_folder_without_files_is_an_error_and_a_file_of_pg_dump_is_not() {
    let mut project = Project::bare();
    std::fs::create_dir(project.path().join("empty")).unwrap();
    assert!(project.expect("lint empty", 2).contains("empty has no file that ends in .sql"));
    project.write("dump.sql", "\\restrict abc\n\nCREATE TABLE t (id bigint);\n\n\\unrestrict abc\n");
    assert!(project.expect("lint dump.sql", 0).contains("Nothing found in 1 file"));
}

#[test]
fn generate_lints_what_it_writes_and_lint_the_newest_migration() {
    let mut project = Project::new(MODELS);
    project.expect("generate --no-validate", 0);
    assert!(project.expect("lint", 0).contains("Nothing found in 2 files"));
    project.edit(
        "src/lib.rs",
        "pub name: String,",
        "pub name: String, pub size: Option<i32>, pub rank: i16,",
    );
    let said = project.expect("generate --no-validate", 0);
    let up = project.newest();
    assert!(said.contains(&format!("{up}:")), "{said}");
    for rule in ["[prefer-bigint-over-int]", "[prefer-bigint-over-smallint]", "[adding-required-field]"] {
        assert!(said.contains(rule), "{rule}: {said}");
    }
    assert!(project.expect("lint", 1).contains("3 findings in 2 files"));
    assert!(project.expect("lint --all", 1).contains("3 findings in 4 files"));
    project.edit(&up, "ALTER TABLE", "-- whimbrel:allow prefer-bigint-over-int small\nALTER TABLE");
    assert!(project.expect("lint", 1).contains("2 findings in 2 files"), "before `rehash`");
}

#[test]
fn what_fails_in_a_transaction_is_found_beside_a_file_that_cannot_be_read() {
    let mut project = Project::new(MODELS);
    project.expect("generate --no-validate", 0);
    let by_hand = "CREATE DATABASE other;\nVACUUM (FULL) accounts;\n";
    project.write("migrations/20990101000000_a.up.sql", by_hand);
    project.write("migrations/20990101000001_b.up.sql", &format!("-- no-transaction\n{by_hand}"));
    let said = project.expect("lint --all", 1);
    assert_eq!(said.matches("[fails-in-transaction]").count(), 2, "{said}");
    std::fs::write(project.path().join("migrations/20990101000002_c.up.sql"), b"\xff").unwrap();
    let said = project.expect("lint --all", 2);
    assert_eq!(said.matches("[fails-in-transaction]").count(), 2, "{said}");
    assert!(said.contains("c.up.sql:1:1: this file cannot be read"), "{said}");
}

#[test]
fn what_generate_makes_again_is_not_gone() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(
        "#[derive(whimbrel::Model)]\n#[model(table = \"items\", check(low, \"size < 10\"), unique(name = \"both\", columns(code, size)), \
         index(name = \"by_size\", columns(size)))]\npub struct Item {\n    pub id: i64,\n    pub code: String,\n    \
         #[column(default = \"1\")]\n    pub size: i64,\n    pub note: Option<String>,\n}\n",
    );
    project.write("whimbrel.toml", "models = \".\"\nmigrations = \"migrations\"\nobjects = \"objects\"\n");
    let objects = "CREATE FUNCTION f(a bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 1::bigint';\nCREATE TYPE pair AS (a text, b text);\n\
        CREATE VIEW names AS SELECT code FROM items;\n";
    project.write("objects/all.sql", objects);
    project.expect("generate init", 0);
    assert!(project.expect("lint", 0).contains("Nothing found in 2 files"));
    for (old, new) in [
        ("size < 10", "size < 20"),
        ("columns(code, size)", "columns(size, code)"),
        ("columns(size)", "columns(code)"),
        ("default = \"1\"", "default = \"2\""),
        ("Option<String>", "String"),
    ] {
        project.edit("src/lib.rs", old, new);
    }
    let objects = objects.replace("RETURNS bigint", "RETURNS text").replace("1::bigint", "1::text");
    let objects = objects.replace("b text", "b bytea").replace("SELECT code", "SELECT 1 AS one, code");
    project.write("objects/all.sql", &objects);
    project.expect("generate changed", 0);
    for part in
        ["DROP CONSTRAINT", "DROP FUNCTION", "DROP TYPE", "DROP VIEW", "DROP DEFAULT", "RENAME TO by_size"]
    {
        let files = project.list("migrations").into_iter().filter(|file| file.ends_with(".up.sql"));
        let all: String = files.map(|file| project.read(&format!("migrations/{file}"))).collect();
        assert!(all.contains(part), "{part}: {all}");
    }
    assert!(project.expect("lint --all", 0).contains("Nothing found in 6 files"));
}

#[test]
fn generated_first_migrations_lock_nothing() {
    let mut project = Project::bare();
    for example in ["examples/estate/migrations", "examples/nextcrm/migrations", "migrations"] {
        let words = format!("lint --json {}", workspace().join(example).display());
        let found: serde_json::Value = serde_json::from_str(&project.whimbrel(&words).stdout).unwrap();
        for finding in found.as_array().unwrap() {
            let rule = finding["rule"].as_str().unwrap();
            assert!(rule.starts_with("prefer-"), "{example}: only on types of columns: {finding}");
        }
    }
}
