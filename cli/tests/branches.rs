//! Two branches of one chain, and the migration that joins them.

mod common;

use common::{MODELS, Project};

const NOT_COMPARED: &str = "not compared: conversion latin";

/// A project of one migration, and each of two branches made on top of it: files of the second lie in `other/`.
fn branches(first: (&str, &str), second: (&str, &str)) -> Project {
    let mut project = Project::new(MODELS);
    project.expect("generate init", 0);
    for (direction, statement) in [
        ("up", "CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;"),
        ("down", "DROP CONVERSION latin;"),
    ] {
        let file = format!("migrations/20260102030405_init.{direction}.sql");
        let text = project.read(&file);
        project.write(&file, &format!("{statement}\n{text}"));
    }
    let text = project.expect("rehash", 0);
    assert!(text.contains(NOT_COMPARED), "{text}");
    for (name, (old, new)) in [("first", first), ("second", second)] {
        project.write("src/lib.rs", MODELS);
        project.edit("src/lib.rs", old, new);
        project.expect(&format!("generate {name} --allow-data-loss"), 0);
        let made: Vec<String> = files(&project, "migrations");
        for file in made.into_iter().filter(|file| file.contains(name)) {
            let text = project.read(&format!("migrations/{file}"));
            project.write(&format!("{name}/{file}"), &text);
            std::fs::remove_file(project.path().join("migrations").join(&file)).unwrap();
        }
        let meta = newest_meta(&project);
        let text = project.read(&format!("migrations/{meta}"));
        project.write(&format!("{name}/{meta}"), &text);
        std::fs::remove_file(project.path().join("migrations").join(&meta)).unwrap();
    }
    take(&project, "first");
    project
}

fn files(project: &Project, folder: &str) -> Vec<String> {
    project.list(folder).into_iter().filter(|file| file.ends_with(".sql")).collect()
}

fn newest_meta(project: &Project) -> String {
    format!("meta/{}", project.list("migrations/meta").pop().unwrap())
}

/// Adds the files of a branch to the migrations.
fn take(project: &Project, branch: &str) {
    let metas = project.list(&format!("{branch}/meta")).into_iter().map(|file| format!("meta/{file}"));
    for file in files(project, branch).into_iter().chain(metas) {
        let text = project.read(&format!("{branch}/{file}"));
        project.write(&format!("migrations/{file}"), &text);
    }
}

#[test]
fn branches_that_do_not_contradict_each_other_are_joined() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let email = ("pub name: String,", "pub name: String,\n    pub email: Option<String>,");
    let stage = ("ClosedWon }", "ClosedWon, ClosedLost }");
    let mut project = branches(email, stage);
    // One database has the first branch, one the second, one nothing.
    let databases = ["first", "second", "none"].map(|name| scratch.create_database(name).unwrap());
    let at = |database: usize, words: &str| format!("{words} --database-url {}", databases[database]);
    project.expect(&at(0, "migrate"), 0);
    for file in files(&project, "first") {
        std::fs::remove_file(project.path().join("migrations").join(file)).unwrap();
    }
    std::fs::remove_file(project.path().join("migrations").join(newest_meta(&project))).unwrap();
    take(&project, "second");
    project.expect(&at(1, "migrate"), 0);
    take(&project, "first");

    project.write("src/lib.rs", MODELS);
    project.edit("src/lib.rs", stage.0, stage.1);
    for words in ["generate", &at(2, "migrate")] {
        let text = project.expect(words, 2);
        assert!(text.contains("_first and ") && text.contains("_second come last"), "{text}");
        assert!(text.contains("`whimbrel merge`"), "{text}");
    }
    let text = project.expect("merge", 2);
    assert!(text.contains("describe something else") && text.contains("column accounts.email"), "{text}");
    project.write("src/lib.rs", "");
    let text = project.expect("merge", 2);
    assert!(text.contains("drop table accounts") && text.contains("drop enum type stage"), "{text}");
    project.write("src/lib.rs", MODELS);
    project.edit("src/lib.rs", stage.0, stage.1);
    project.edit("src/lib.rs", email.0, email.1);
    let text = project.expect("merge", 0);
    assert!(text.contains(NOT_COMPARED), "{text}");
    project.expect("merge", 0);
    project.expect("generate --check", 0);
    for (database, before) in [(0, "_first"), (1, "_second"), (2, "nothing")] {
        let text = project.expect(&at(database, "migrate"), 0);
        for name in ["_init", "_first", "_second", "_merge"] {
            let applied_before = name == before || name == "_init" && database != 2;
            assert_eq!(text.matches(name).count(), usize::from(!applied_before), "{name}: {text}");
        }
        project.expect(&at(database, "status --drift"), 0);
        project.expect(&at(database, "rollback --to 20260102030405 --allow-data-loss"), 0);
        project.expect(&at(database, "migrate"), 0);
        project.expect(&at(database, "status --drift"), 0);
    }
}

#[test]
fn branches_that_contradict_each_other_are_named() {
    if whimbrel_scratch::for_tests().is_none() {
        return;
    }
    let default = |value: &str| format!("#[column(default = \"'{value}'\")]\n    pub name: String,");
    let (one, other) = (default("one"), default("other"));
    let mut project = branches(("pub name: String,", &one), ("pub name: String,", &other));
    take(&project, "second");
    let text = project.expect("merge", 2);
    assert!(text.contains("the two branches contradict each other"), "{text}");
    assert!(text.contains("_first.up.sql: alter column accounts.name: default 'one'::text"), "{text}");
    assert!(text.contains("_second.up.sql: alter column accounts.name: default 'other'::text"), "{text}");

    let email = |ty: &str| format!("pub name: String,\n    pub email: {ty},");
    let (one, other) = (email("Option<String>"), email("Option<i64>"));
    let mut project = branches(("pub name: String,", &one), ("pub name: String,", &other));
    take(&project, "second");
    let text = project.expect("merge", 2);
    assert!(text.contains("_second cannot be applied after "), "{text}");
    assert!(text.contains("column \"email\" of relation \"accounts\" already exists"), "{text}");
    assert_eq!(project.list("migrations").len(), 8, "nothing was written");
}

#[test]
fn a_function_of_one_branch_with_a_name_that_the_other_renames_is_named() {
    if whimbrel_scratch::for_tests().is_none() {
        return;
    }
    let name = "pub name: String,";
    let renamed = "#[column(renamed_from = \"name\")]\n    pub full_name: String,";
    let email = format!("{name}\n    pub email: Option<String>,");
    let mut project = branches((name, renamed), (name, &email));
    for file in files(&project, "first") {
        std::fs::remove_file(project.path().join("migrations").join(file)).unwrap();
    }
    std::fs::remove_file(project.path().join("migrations").join(newest_meta(&project))).unwrap();
    take(&project, "second");
    let function = "CREATE FUNCTION names() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(name) FROM accounts); END';";
    for file in files(&project, "second") {
        let (text, statement) = match file.ends_with(".up.sql") {
            true => (project.read(&format!("migrations/{file}")), function),
            false => (project.read(&format!("migrations/{file}")), "DROP FUNCTION names();"),
        };
        project.write(&format!("migrations/{file}"), &format!("{text}\n{statement}\n"));
    }
    project.write("src/lib.rs", MODELS);
    project.edit("src/lib.rs", name, &email);
    project.expect("rehash", 0);
    take(&project, "first");
    project.edit("src/lib.rs", name, renamed);
    let text = project.expect("merge", 0);
    assert!(
        text.contains("_second: function names() has the word name in its body: see whether it needs column accounts.name, which ")
            && text.contains("_first renames or drops"),
        "{text}"
    );
}
