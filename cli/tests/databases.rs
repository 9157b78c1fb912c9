//! `migrate`, `rollback`, `status`, `baseline` and `repair` on a real server.

mod common;

use common::Project;
use sqlx::{Connection as _, PgConnection};

/// A project with a database of its own; `None` after saying why there is none.
fn project(name: &str) -> Option<Project> {
    project_and_url(name).map(|(project, _)| project)
}

fn project_and_url(name: &str) -> Option<(Project, String)> {
    let scratch = whimbrel_scratch::for_tests()?;
    let url = scratch.create_database(name).unwrap();
    let mut project = Project::new("");
    project.set("DATABASE_URL", &url);
    project.hide(&url, "[DATABASE]").hide(&whimbrel::__private::redact::redact(&url), "[DATABASE]");
    Some((project, url))
}

/// A migration by hand: written empty, filled in, rehashed.
fn by_hand(project: &mut Project, name: &str, up: &str, down: &str) {
    project.expect(&format!("generate --empty {name}"), 0);
    let file = project.newest();
    project.write(&file, up);
    project.write(&file.replace(".up.", ".down."), down);
    project.expect("rehash --no-validate", 0);
}

fn two(project: &mut Project) {
    by_hand(project, "one", "CREATE TABLE one (id int);\n", "DROP TABLE one;\n");
    let loss = "-- whimbrel: data-loss: the table two\nDROP TABLE two;\n";
    by_hand(
        project,
        "two",
        "CREATE TABLE two (id int);\nCREATE TABLE three (id int);\n",
        &format!("{loss}DROP TABLE three;\n"),
    );
}

fn transcript(project: &mut Project) -> String {
    let text = project.transcript();
    // Who did it and when differs from machine to machine.
    let who = |line: &str| line.starts_with("   20") && line.contains(" from ");
    let lines = text.lines().map(|line| match line.trim_start().split_once(" 20").filter(|_| who(line)) {
        Some((before, _)) => format!("   {} [WHEN AND WHO]", before.trim_end()),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn up_and_down_again() {
    let Some(mut project) = project("there") else { return };
    two(&mut project);
    project.run("status").run("migrate --dry-run").run("migrate --to 20260102030405").run("status");
    project.run("migrate").run("migrate").run("status");
    project.run("rollback").run("rollback --allow-data-loss --dry-run").run("rollback --allow-data-loss");
    project.run("rollback --to 0 --allow-data-loss").run("rollback").run("status");
    insta::assert_snapshot!(transcript(&mut project));
}

#[test]
fn a_statement_that_fails_is_named_and_rolled_back() {
    let Some(mut project) = project("fails") else { return };
    by_hand(
        &mut project,
        "half",
        "CREATE TABLE half (id int);\nCREATE TABLE half (id nonsense);\n",
        "DROP TABLE half;\n",
    );
    project.run("migrate").run("status");
    insta::assert_snapshot!(transcript(&mut project));
}

#[test]
fn what_was_edited_lost_or_added_is_named() {
    let Some(mut project) = project("edited") else { return };
    two(&mut project);
    project.run("migrate --to 20260102030405");
    let one = project.read("migrations/20260102030405_one.up.sql");
    project.write("migrations/20260102030405_one.up.sql", "CREATE TABLE other (id int);\n");
    project.run("status");
    project.write("migrations/20260102030405_one.up.sql", &one);
    project.write("migrations/20260105000000_stray.up.sql", "SELECT 1;\n");
    project.run("migrate");
    std::fs::remove_file(project.path().join("migrations/20260105000000_stray.up.sql")).unwrap();
    // Two branches, merged: both follow the same migration.
    let two = project.read("migrations/meta/20260104030405.json");
    project.write("migrations/meta/20260106000000.json", &two.replace("20260104030405", "20260106000000"));
    project
        .write("migrations/20260106000000_two.up.sql", &project.read("migrations/20260104030405_two.up.sql"));
    project.write(
        "migrations/20260106000000_two.down.sql",
        &project.read("migrations/20260104030405_two.down.sql"),
    );
    project.run("generate --check");
    insta::assert_snapshot!(transcript(&mut project));
}

#[test]
fn the_journal_notices_another_text() {
    let Some(mut project) = project("journal") else { return };
    by_hand(&mut project, "one", "CREATE TABLE one (id int);\n", "DROP TABLE one;\n");
    project.run("migrate");
    project.write("migrations/20260102030405_one.up.sql", "CREATE TABLE one (id int);\n-- a comment\n");
    project.run("rehash --no-validate").run("migrate").run("status");
    project.run("repair 20260102030405 accept-files").run("migrate");
    project.run("repair 20260102030405 statement-applied");
    insta::assert_snapshot!(transcript(&mut project));
}

#[test]
fn machines_read_json() {
    let Some(mut project) = project("json") else { return };
    two(&mut project);
    for (words, code, key) in [
        ("status --json", 1, "migrations"),
        ("migrate --dry-run --json", 0, "steps"),
        ("migrate --json", 0, "done"),
        ("status --json", 0, "migrations"),
        ("rollback --json", 1, "error"),
        ("rollback --json --allow-data-loss", 0, "done"),
        ("migrate --to 7 --json", 2, "error"),
    ] {
        let ended = project.whimbrel(words);
        assert_eq!(ended.code, Some(code), "{words}: {}", ended.stderr);
        let value: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        assert!(value.get(key).is_some(), "{words}: {value}");
    }
}

#[test]
fn what_the_journal_does_not_store_is_undone_with_the_file() {
    let Some(mut project) = project("secret") else { return };
    let down = "-- ALTER ROLE x PASSWORD 's3cret'\nDROP TABLE one;\n";
    by_hand(&mut project, "one", "CREATE TABLE one (id int);\n", down);
    let ended = project.whimbrel("migrate");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let file = "migrations/20260102030405_one.down.sql";
    project.write(file, "DROP TABLE one;\n");
    let ended = project.whimbrel("rollback");
    assert_eq!(ended.code, Some(2), "another file than the one that belonged to the migration");
    for part in
        ["it contains a secret", "because the migrations in", "20260102030405_one.down.sql was changed"]
    {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
    project.write(file, down);
    let ended = project.whimbrel("rollback");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("Undid 1 migration"), "{}", ended.stderr);
}

#[test]
fn quiet_commands_print_warnings() {
    let Some(mut project) = project("quiet") else { return };
    by_hand(&mut project, "one", "CREATE TABLE one (id int);\n", "DROP TABLE one;\n");
    let ended = project.whimbrel("migrate -q");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    project.edit("migrations/20260102030405_one.up.sql", "id int", "id  int");
    let ended = project.whimbrel("rehash --no-validate -q");
    assert_eq!(ended.stderr, "warning: not validated: --no-validate\n");
    project.set("WHIMBREL_LOG", "whimbrel=loud");
    let ended = project.whimbrel("status -q");
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    for part in ["warning: WHIMBREL_LOG is ignored: whimbrel=loud", "was changed after it was applied"] {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn an_existing_database_is_baselined() {
    let Some((mut project, url)) = project_and_url("baseline") else { return };
    let mut database = PgConnection::connect(&url).await.unwrap();
    two(&mut project);
    project.run("baseline --to 20260102030405");
    let tables = "CREATE TABLE one (id int, more text); CREATE TABLE of_another_program ()";
    sqlx::raw_sql(tables).execute(&mut database).await.unwrap();
    project.run("baseline --to 20260102030405");
    sqlx::raw_sql("ALTER TABLE one DROP more").execute(&mut database).await.unwrap();
    project.run("baseline --to 20260102030405").run("status").run("baseline --to 7").run("migrate");
    insta::assert_snapshot!(transcript(&mut project));
}

#[test]
fn a_pending_migration_is_discarded_and_an_applied_one_is_not() {
    let Some(mut project) = project("discard") else { return };
    two(&mut project);
    project.run("migrate --to 20260102030405");
    // Even when the folder is broken by an edit.
    project.write("migrations/20260104030405_two.up.sql", "CREATE TABLE other (id int);\n");
    project.run("migrate").run("discard");
    assert_eq!(project.list("migrations").len(), 4, "two files, meta and .gitattributes");
    project.run("discard").run("status");
    insta::assert_snapshot!(transcript(&mut project));
}

#[test]
fn what_cannot_be_reached_is_named_without_its_password() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new("");
    by_hand(&mut project, "one", "SELECT 1;\n", "SELECT 1;\n");
    project.run("status");
    project.run("--database-url postgres://me:hunter2@127.0.0.1:1/crm status");
    project.run("--database-url postgres://me:hunter2@127.0.0.1:port/crm migrate");
    project.run("--database-url mysql://me:hunter2@127.0.0.1/crm migrate");
    project.write("whimbrel.toml", "database_url = 'postgres://me:hunter2@127.0.0.1:1/crm'\n");
    project.run("rollback").run("migrate --json");
    let (before, after) = scratch.url().rsplit_once("/postgres").unwrap();
    let nowhere = format!("{before}/nowhere{after}");
    project.hide(&whimbrel::__private::redact::redact(&nowhere), "[NOWHERE]");
    project.set("DATABASE_URL", &nowhere);
    project.run("migrate");
    let transcript = transcript(&mut project);
    assert!(!transcript.contains("hunter2"), "{transcript}");
    insta::assert_snapshot!(transcript);
}
