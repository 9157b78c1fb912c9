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
        ("query", "-- Nothing.\nselect 1;"),
        ("wrong", "SET work_mem = '8MB';\n\nCREATE VIEW wrong AS\nSELECT nonsense FROM accounts;"),
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

#[test]
fn a_default_of_no_function_is_named_once_with_its_struct_and_field() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let model = "#[derive(whimbrel::Model)]\n#[model(table = \"items\")]\npub struct Item {\n    pub id: i64,\n    \
        #[column(index, default = \"f()\")]\n    pub size: i64,\n}\n\
        #[derive(whimbrel::Model)]\n#[model(table = \"parts\")]\npub struct Part {\n    pub id: i64,\n    \
        #[column(references(Item), index)]\n    pub item: i64,\n}\n";
    let mut project = Project::new(model);
    project.write("whimbrel.toml", "models = \".\"\nmigrations = \"migrations\"\nobjects = \"objects\"\n");
    for objects in ["", "CREATE VIEW sizes AS SELECT size FROM items;\n"] {
        project.write("objects/all.sql", objects);
        let said = project.expect("generate init", 2);
        for text in ["function f() does not exist", "size bigint", "struct Item, "] {
            assert_eq!(said.matches(text).count(), 1, "{text}: {said}");
        }
        assert!(!said.contains("parts") && !said.contains("relation"), "{said}");
    }
}

#[test]
fn privileges_without_their_schema_are_named() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(
        "#[derive(whimbrel::Model)]\n#[model(table = \"notes\", schema = \"app\", grant(select, to = \"reader\"))]\n\
         pub struct Note {\n    pub id: i64,\n}\n",
    );
    project.write("whimbrel.toml", "models = \".\"\nmigrations = \"migrations\"\nobjects = \"objects\"\n");
    project.write("objects/usage.sql", "");
    let text = project.expect("generate --check", 1);
    let warning = "warning: reader may not use the schema app, without which its privileges there are of no use: table app.notes\n\
        hint: unless it may as a member of another role, write into a file of objects: GRANT USAGE ON SCHEMA app TO reader;\n";
    assert!(text.contains(warning), "{text}");
    project.write("objects/usage.sql", "GRANT USAGE ON SCHEMA app TO reader;");
    let text = project.expect("generate", 0);
    assert!(!text.contains("may not use"), "{text}");
    // What was there is not said again.
    project.write("objects/usage.sql", "");
    let text = project.expect("generate", 0);
    assert!(!text.contains("may not use"), "{text}");
}

#[test]
fn a_sequence_in_another_schema_loses_its_value() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = project();
    project.write("objects/s.sql", "CREATE SCHEMA other;\nCREATE SEQUENCE s;\n");
    project.expect("generate init", 0);
    project.edit("objects/s.sql", "SEQUENCE s", "SEQUENCE other.s");
    let text = project.expect("generate moved", 1);
    assert!(text.contains("because it drops sequence s and its value"), "{text}");
    assert!(text.contains("if the data may be lost: `whimbrel generate --drop s`"), "{text}");
    project.expect("generate moved --drop s", 0);
}

#[test]
fn objects_of_files_get_other_names() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = project();
    let rest = "CREATE TYPE address AS (\n    street text,\n    city text\n);\nCREATE TYPE mood AS ENUM (\n    'glad',\n    'sad'\n);\n\
        CREATE SEQUENCE invoices;\nCREATE TABLE places (\n    id integer DEFAULT nextval('invoices') PRIMARY KEY,\n    \
        name text,\n    address address,\n    mood mood\n);\n\
        CREATE FUNCTION count_places() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM places); END $$;\n";
    project.write("objects/rest.sql", rest);
    project.expect("generate init", 0);
    // What was said by hand of an object stays.
    project.expect("generate --empty by_hand", 0);
    project.write(&project.newest(), "COMMENT ON VIEW active_accounts IS 'by hand';\n");
    project.write(&project.newest().replace(".up.", ".down."), "COMMENT ON VIEW active_accounts IS NULL;\n");
    project.expect("rehash", 0);
    // What has no data is the same under another name, with what uses it.
    project.edit("objects/functions/is_open.sql", "is_open", "is_active");
    let view = project.read("objects/views/active_accounts.sql");
    let view = view.replace("active_accounts", "open_accounts").replace("is_open", "is_active");
    project.write("objects/views/open_accounts.sql", &view);
    std::fs::remove_file(project.path().join("objects/views/active_accounts.sql")).unwrap();
    // The rest is to be declared.
    let renames = [
        ("    street", "    road"),
        ("    'sad'", "    'gloomy'"),
        ("CREATE SEQUENCE invoices", "CREATE SEQUENCE bills"),
        ("CREATE TABLE places", "CREATE TABLE sites"),
    ];
    let renamed = renames.iter().fold(rest.to_owned(), |text, (old, new)| text.replace(old, new));
    let renamed = renamed.replace("'invoices'", "'bills'").replace("FROM places", "FROM sites");
    project.write("objects/rest.sql", &renamed);
    project.run("generate").run("generate --drop places");
    let declared = renames.iter().fold(renamed, |text, (old, new)| {
        let (blank, old) = (&old[..old.len() - old.trim_start().len()], old.rsplit(' ').next().unwrap());
        text.replace(new, &format!("{blank}-- whimbrel: renamed from {old}\n{new}"))
    });
    let column = "    -- whimbrel: renamed from name\n    title text";
    project.write(
        "objects/rest.sql",
        &declared.replace("    name text", column).replace("sites); END", "sites WHERE title <> ''); END"),
    );
    project.run("generate renamed");
    project.data(&project.newest());
    project.data(&project.newest().replace(".up.", ".down."));
    project.run("generate --check");
    // What was declared may stay.
    project.edit("objects/rest.sql", "CREATE SEQUENCE bills", "CREATE SEQUENCE numbers");
    project.edit("objects/rest.sql", "'bills'", "'numbers'");
    project.run("generate").run("generate numbers --drop bills");
    project.edit("objects/rest.sql", "-- whimbrel: renamed from invoices", "-- whimbrel: renamed invoices");
    project.run("generate");
    insta::assert_snapshot!(project.transcript());
}
