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
    project.expect("init", 0);
    assert_eq!(project.read("src/lib.rs"), "//! Mine.\n\npub mod models;\n");
    let manifest: toml::Table = project.read("Cargo.toml").parse().unwrap();
    let dependencies: BTreeSet<_> = manifest["dependencies"].as_table().unwrap().keys().collect();
    assert!(dependencies.into_iter().eq(["serde", "sqlx", "whimbrel"]));

    let files = |project: &Project| {
        ["Cargo.toml", "src/lib.rs", "src/models.rs", "whimbrel.toml"].map(|file| project.read(file))
    };
    let before = files(&project);
    let printed = project.expect("init", 0);
    assert!(printed.contains("nothing was written"), "{printed}");
    assert_eq!(files(&project), before);

    project.expect("generate --no-validate", 0);
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
    // Lines cannot be added to dotted keys.
    let printed = project.expect("init crates/a --json", 2);
    assert!(printed.contains("sqlx = {"), "{printed}");
    project.edit("crates/a/Cargo.toml", "[package]", "dependencies.sqlx = '0.9'\n[package]");
    let ended = project.whimbrel("init crates/a --json");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout, "{\n  \"written\": [\n    \"crates/a/whimbrel.toml\"\n  ]\n}\n");
    assert_eq!(project.read("crates/a/models.rs"), "// mine\n");
}

#[test]
fn without_a_package_it_says_what_to_do() {
    let mut project = Project::bare();
    let printed = project.expect("init", 2);
    assert!(printed.contains("no Cargo.toml") && printed.contains("cargo init"), "{printed}");
    project.write("Cargo.toml", "[workspace]\n");
    let printed = project.expect("init", 2);
    assert!(printed.contains("not the manifest of a package"), "{printed}");
    assert_eq!(project.list("."), ["Cargo.toml"]);
}
