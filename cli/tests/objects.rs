//! SQL files for what the models do not carry.

mod common;

use common::{MODELS, Project};

/// The usual models and a folder of objects.
fn project() -> Project {
    let project = Project::new(MODELS);
    project.write("whimbrel.toml", "models = \".\"\nmigrations = \"migrations\"\nobjects = \"objects\"\n");
    project.write(
        "objects/views/active_accounts.sql",
        "CREATE OR REPLACE VIEW active_accounts AS\r\nSELECT id, name FROM accounts WHERE is_open(stage);\r\n\
         GRANT SELECT ON active_accounts TO reader;\r\n",
    );
    project.write(
        "objects/functions/is_open.sql",
        "CREATE FUNCTION is_open(stage) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT $1 = 'open' $$;\n",
    );
    project
}

#[test]
fn files_of_objects_become_part_of_migrations() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = project();
    let url = scratch.create_database("objects").unwrap();
    project.run("generate init");
    project.data(&project.newest());
    // Nothing but the line ends differs.
    let view = project.read("objects/views/active_accounts.sql").replace("\r\n", "\n");
    project.write("objects/views/active_accounts.sql", &view);
    project.expect("generate --check", 0);
    project.expect("diff --from models --to migrations", 0);
    // Somebody's view stays; what the files say goes around the column that it needs.
    project.expect("generate --empty by_hand", 0);
    project.write(
        &project.newest(),
        "CREATE VIEW by_hand AS SELECT id FROM accounts;\nCOMMENT ON VIEW active_accounts IS 'x';\n",
    );
    let down = project.newest().replace(".up.", ".down.");
    project.write(&down, "DROP VIEW by_hand;\nCOMMENT ON VIEW active_accounts IS NULL;\n");
    project.expect("rehash", 0);
    project.edit(
        "src/lib.rs",
        "pub name: String,",
        "#[column(renamed_from = \"name\", type = \"varchar(40)\")]\n    pub title: String,",
    );
    project.edit("objects/views/active_accounts.sql", "name", "title");
    project.write("objects/views/none.sql", "CREATE MATERIALIZED VIEW none AS SELECT 1 AS one;\n");
    project.run("generate renamed");
    project.data(&project.newest());
    project.expect("generate --check", 0);
    project.edit(&project.newest(), "SELECT 1", "SELECT 2");
    assert!(project.expect("rehash", 2).contains("elsewhere than the models and the files of objects"));
    project.edit(&project.newest(), "SELECT 2", "SELECT 1");
    std::fs::remove_file(project.path().join("objects/views/none.sql")).unwrap();
    project.run("generate gone");
    project.data(&project.newest());
    insta::assert_snapshot!(project.transcript());
    let drift = project.expect("diff --from migrations --to models", 1);
    assert!(drift.starts_with("2 differences") && drift.contains("by_hand"), "{drift}");
    project.set("DATABASE_URL", &url);
    let version = project.newest()["migrations/".len()..][..14].to_owned();
    let lacks = project.expect(&format!("baseline --to {version}"), 1);
    assert!(lacks.contains("create view active_accounts"), "{lacks}");
}

#[test]
fn what_is_wrong_with_files_of_objects_is_named() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = project();
    project.expect("generate init", 0);
    // Files that need each other, the last one first.
    let view = |number: u32| match number {
        0 => "CREATE VIEW v0 AS SELECT 1 AS one;".to_owned(),
        _ => format!("CREATE VIEW v{number} AS SELECT * FROM v{};", number - 1),
    };
    for number in 0..40 {
        project.write(&format!("objects/chain/{:02}.sql", 40 - number), &view(number));
    }
    let calls = |one: &str, other: &str| {
        format!("CREATE FUNCTION {one}(i int) RETURNS int LANGUAGE sql AS $$ SELECT {other}(i - 1) $$;\n")
    };
    project.write("objects/even.sql", &calls("even", "odd"));
    project.write("objects/odd.sql", &calls("odd", "even"));
    // A type that a model needs, made of a table of the models.
    project.write("objects/one.sql", "CREATE DOMAIN email AS text CHECK (is_email(VALUE));\n");
    project.write(
        "objects/two.sql",
        "CREATE FUNCTION is_email(text) RETURNS boolean LANGUAGE sql AS $$ SELECT $1 LIKE '%@%' $$;\n",
    );
    project.edit(
        "src/lib.rs",
        "pub name: String,",
        "pub name: String,\n    #[column(type = \"email\")]\n    pub email: Option<String>,",
    );
    project.expect("generate more", 0);
    for (file, text) in [
        ("rows", "-- Rows.\nINSERT INTO accounts DEFAULT VALUES;"),
        ("role", "CREATE ROLE reader;"),
        ("member", "GRANT reader TO keeper;"),
        ("system", "ALTER SYSTEM SET work_mem = '8MB';"),
        ("vacuum", "VACUUM accounts;"),
        ("temporary", "CREATE TEMPORARY TABLE notes (id int);"),
        ("model", "CREATE TABLE IF NOT EXISTS accounts (id int);"),
        ("again", "CREATE OR REPLACE VIEW v7 AS SELECT 3;"),
        ("dropped", "ALTER TABLE accounts DROP COLUMN name CASCADE;"),
        ("wrong", "SELECT 1;\n\nCREATE VIEW wrong AS\nSELECT nonsense FROM accounts;"),
        ("body", "CREATE FUNCTION body() RETURNS int LANGUAGE sql AS $$ SELECT nothing() $$;"),
    ] {
        let path = format!("objects/{file}.sql");
        project.write(&path, text);
        project.run("generate");
        std::fs::remove_file(project.path().join(path)).unwrap();
    }
    std::fs::remove_file(project.path().join("objects/even.sql")).unwrap();
    project.run("generate");
    project.write("objects/even.sql", &(calls("even", "odd") + "-- New."));
    project.run("generate --no-validate").run("generate").run("generate --check --json");
    project.write("objects/even.sql", &calls("even", "odd"));
    project.run("generate --no-validate");
    project.write("whimbrel.toml", "models = \".\"\nobjects = [\"nowhere\"]\n");
    project.run("generate");
    insta::assert_snapshot!(project.transcript());
}
