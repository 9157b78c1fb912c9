//! `init` in a crate that exists, and what comes after it.

mod common;

use std::collections::BTreeSet;

use common::Project;

const MANIFEST: &str = "[package]\nname = \"notes\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies] \nserde = \"1\"\n";

#[test]
fn a_crate_is_set_up_once() {
    let mut project = Project::bare();
    project.write("Cargo.toml", MANIFEST);
    project.write("src/lib.rs", "//! Mine.\n");
    let ended = project.whimbrel("init");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(project.read("src/lib.rs"), "//! Mine.\n\npub mod models;\n");
    let manifest: toml::Table = project.read("Cargo.toml").parse().unwrap();
    let dependencies: BTreeSet<_> = manifest["dependencies"].as_table().unwrap().keys().collect();
    assert!(dependencies.into_iter().eq(["serde", "sqlx", "whimbrel"]));

    let before =
        ["Cargo.toml", "src/lib.rs", "src/models.rs", "whimbrel.toml"].map(|file| project.read(file));
    let ended = project.whimbrel("init");
    assert!(ended.code == Some(0) && ended.stderr.contains("nothing was written"), "{}", ended.stderr);
    let after = ["Cargo.toml", "src/lib.rs", "src/models.rs", "whimbrel.toml"].map(|file| project.read(file));
    assert_eq!(before, after);

    let ended = project.whimbrel("generate --no-validate");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(project.list("migrations").iter().any(|file| file.ends_with(".up.sql")));
}

#[test]
fn what_is_there_stays() {
    let mut project = Project::bare();
    project.write(
        "crates/a/Cargo.toml",
        "dependencies.whimbrel.workspace = true\n[package]\nname = 'a'\n[lib]\npath = 'a.rs'\n",
    );
    project.write("crates/a/models.rs", "// mine\n");
    let ended = project.whimbrel("init crates/a --json");
    assert_eq!(ended.code, Some(2), "lines cannot be added to dotted keys: {}", ended.stderr);
    assert!(ended.stderr.contains("sqlx = {"), "{}", ended.stderr);
    project.edit("crates/a/Cargo.toml", "[package]", "dependencies.sqlx = '0.9'\n[package]");
    let ended = project.whimbrel("init crates/a --json");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout, "{\n  \"written\": [\n    \"crates/a/whimbrel.toml\"\n  ]\n}\n");
    assert_eq!(project.read("crates/a/models.rs"), "// mine\n");
}

#[test]
fn without_a_package_it_says_what_to_do() {
    let mut project = Project::bare();
    let ended = project.whimbrel("init");
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("no Cargo.toml") && ended.stderr.contains("cargo init"),
        "{}",
        ended.stderr
    );
    project.write("Cargo.toml", "[workspace]\n");
    let ended = project.whimbrel("init");
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("not the manifest of a package"), "{}", ended.stderr);
    assert_eq!(project.list("."), ["Cargo.toml"]);
}
