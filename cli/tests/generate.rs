//! `generate`: from models to migrations that go up, down and up again.

mod common;

use common::{MODELS, Project};

#[test]
fn all_mistakes_are_shown_at_once_as_source_snippets() {
    let mut project = Project::new(
        r#"use whimbrel::{Id, Model};

#[derive(Model)]
pub struct Account {
    pub id: Id<Account>,
    pub names: std::collections::HashMap<String, String>,
    #[column(uniqe)]
    pub email: String,
}

#[derive(Model)]
#[model(tabel = "tasks")]
pub struct Task {
    pub id: Id<Task>,
    #[column(on_delete = "explode")]
    pub owner: Id<Account>,
}
"#,
    );
    project.run("generate");
    let ended = project.whimbrel("generate --json");
    assert_eq!(ended.code, Some(2));
    let value: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let details = value["error"]["details"].as_array().unwrap();
    assert!(details.len() >= 2, "{value}");
    assert_eq!(details[0]["path"], "src/lib.rs");
    assert!(project.list("migrations").is_empty());
    insta::assert_snapshot!(project.transcript());
}

#[test]
fn what_is_not_there_is_named() {
    let mut project = Project::bare();
    project.write("whimbrel.toml", "models = \"nowhere\"\n");
    project.run("generate");
    project.write("whimbrel.toml", "models = \"src\"\n");
    project.write("src/other.rs", "");
    project.run("generate");
    project.write("src/lib.rs", "pub mod missing;\n");
    project.run("generate");
    insta::assert_snapshot!(project.transcript());
}

#[test]
fn a_migration_is_written_once_and_data_is_not_lost_without_leave() {
    let mut project = Project::new(MODELS);
    project
        .run("generate --check")
        .run("generate --dry-run")
        .run("generate --no-validate")
        .run("generate --check");
    project.edit("src/lib.rs", "pub name: String,", "pub title: String,");
    let dry = project.whimbrel("generate --dry-run --no-validate --json");
    let report: serde_json::Value = serde_json::from_str(&dry.stdout).unwrap();
    assert_eq!(report["refused"], "this migration loses data, so it was not written", "{}", dry.stderr);
    assert!(dry.stderr.contains("because it drops column accounts.name"), "{}", dry.stderr);
    project
        .run("generate --no-validate")
        .run("generate --no-validate --drop accounts.title")
        .run("generate renamed --no-validate --drop accounts.name");
    assert_eq!(project.list("migrations").len(), 6);
    project.expect("generate", 0);
    assert!(project.expect("generate --drop accounts.name", 2).contains("drops nothing of that name"));
    insta::assert_snapshot!(project.transcript());
}

#[test]
fn an_edit_is_rehashed_after_it_was_validated() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(MODELS);
    project.expect("generate init", 0);
    let path = project.newest();
    let old = project.read(&path);
    for (more, code, parts) in [
        ("ALTER TABLE accounts ADD COLUMN forgotten text;", 2, ["elsewhere than the models", "forgotten"]),
        ("SELECT nonsense;", 2, [path.trim_start_matches("migrations/"), "nonsense"]),
        ("-- only a comment", 0, ["Validated", "Rehashed"]),
    ] {
        project.write(&path, &format!("{old}\n{more}\n"));
        let printed = project.expect("rehash", code);
        assert!(parts.iter().all(|part| printed.contains(part)), "{printed}");
    }
    project.expect("generate --check", 0);
}

#[test]
fn without_a_scratch_server_nothing_is_written() {
    let mut project = Project::new(MODELS);
    project.set(whimbrel_scratch::CHOICE, "nonsense");
    let refused = |project: &mut Project, words: &str| {
        let ended = project.whimbrel(words);
        assert_eq!(ended.code, Some(2), "{words}: {}", ended.stderr);
        for part in ["no scratch PostgreSQL", "nothing was written", "WHIMBREL_SCRATCH", "`--no-validate`"] {
            assert!(ended.stderr.contains(part), "{words}: {}", ended.stderr);
        }
    };
    refused(&mut project, "generate init");
    assert_eq!(project.list("migrations"), [] as [String; 0]);
    assert_eq!(project.whimbrel("generate init --no-validate").code, Some(0));
    let files = project.list("migrations");
    let up = files.iter().find(|file| file.ends_with(".up.sql")).unwrap();
    project.edit(&format!("migrations/{up}"), "CREATE TABLE", "CREATE  TABLE");
    let meta = format!("migrations/meta/{}", project.list("migrations/meta")[0]);
    let before = project.read(&meta);
    refused(&mut project, "rehash");
    assert_eq!(project.read(&meta), before);
}

#[test]
fn pg_dump_sees_what_is_not_managed() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    if scratch.program("pg_dump").is_none() {
        return whimbrel_scratch::skip(
            whimbrel_scratch::Need::Programs,
            "there is no pg_dump beside the server",
        );
    }
    let mut project = Project::new(MODELS);
    project.expect("generate init", 0);
    let path = project.newest();
    let old = project.read(&path);
    project.write(&path, &format!("{old}\nCREATE PUBLICATION everything;\n"));
    let refused = project.whimbrel("rehash");
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    for part in ["the down file does not undo the up file", "pg_dump: found   CREATE PUBLICATION everything"]
    {
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
    let down = path.replace(".up.sql", ".down.sql");
    project.write(&down, &format!("DROP PUBLICATION everything;\n{}", project.read(&down)));
    project.expect("rehash", 0);
}

#[test]
fn what_is_not_valid_is_not_to_be_written_all_the_same() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(MODELS);
    project.expect("generate init", 0);
    project.expect("generate --empty guard", 0);
    let up = project.newest();
    project.write(
        &up,
        "CREATE FUNCTION keep() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''nothing is dropped''; END';\n\
         CREATE EVENT TRIGGER keep ON sql_drop EXECUTE FUNCTION keep();\n",
    );
    project.write(&up.replace(".up.sql", ".down.sql"), "DROP EVENT TRIGGER keep;\nDROP FUNCTION keep();\n");
    project.expect("rehash", 0);
    project.edit("src/lib.rs", "pub name: String,", "pub name: String,\n    pub note: Option<String>,");
    let refused = project.expect("generate note", 2);
    assert!(refused.contains("not valid: the down file fails"), "{refused}");
    assert!(refused.contains("`whimbrel generate --empty NAME`"), "{refused}");
    assert!(!refused.contains("--no-validate"), "{refused}");
}

#[test]
fn rehash_compares_with_the_models() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(MODELS);
    project.expect("generate init", 0);
    let path = project.newest();
    let old = project.read(&path);
    project.edit("src/lib.rs", "pub name: String,", "pub name: String,\n    pub note: Option<String>,");
    project.write(&path, &format!("{old}\nALTER TABLE accounts ADD COLUMN note text;\n"));
    project.expect("rehash", 0);
    project.expect("generate --check", 0);
    // A change of the models that belongs to the next migration does not stand in the way.
    project.edit("src/lib.rs", "pub name: String,", "pub name: String,\n    pub next: Option<String>,");
    project.write(&path, &format!("{old}\nALTER TABLE accounts ADD COLUMN note text; -- edited\n"));
    let printed = project.expect("rehash", 0);
    assert!(printed.contains("whimbrel generate"), "{printed}");
    project.expect("generate --check", 1);
}

/// Up, down, up: `pg_dump --schema-only` says the same each time, and the same as for a database made at once.
#[test]
fn a_new_field_goes_up_down_and_up_again() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let dump = |url: &str| scratch.dump(url, &["--exclude-schema=whimbrel"]).unwrap();
    let url = scratch.create_database("field").unwrap();
    let mut project = Project::new(MODELS);
    project.set("DATABASE_URL", &url);
    project.expect("generate init", 0);
    project.expect("migrate", 0);
    let before = dump(&url);
    project.edit(
        "src/lib.rs",
        "pub stage: Stage,",
        "pub stage: Stage,\n    #[column(index)]\n    pub phone: Option<String>,",
    );
    let printed = project.expect("generate", 0);
    assert!(printed.contains("Validated"), "{printed}");
    let name = project.newest();
    assert!(name.ends_with("_add_phone_to_accounts_online.up.sql"), "{name}");
    project.expect("migrate", 0);
    let after = dump(&url);
    assert_ne!(after, before);
    project.expect("rollback --steps 2 --allow-data-loss", 0);
    assert_eq!(dump(&url), before);
    project.expect("migrate", 0);
    assert_eq!(dump(&url), after);

    let at_once = scratch.create_database("at_once").unwrap();
    std::fs::remove_dir_all(project.path().join("migrations")).unwrap();
    project.set("DATABASE_URL", &at_once);
    project.expect("generate init", 0);
    project.expect("migrate", 0);
    assert_eq!(dump(&at_once), after);
}

/// What migrations written by hand made beside the models stays, and is dropped and created again around a change.
#[test]
fn what_was_made_by_hand_stays() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(&MODELS.replace(
        "pub name: String,",
        "#[column(check = \"name<>''\")]\n    pub name: String,\n    pub rank: i32,",
    ));
    project.expect("generate init", 0);
    project.expect("generate --empty by_hand", 0);
    let up = project.newest();
    project.write(
        &up,
        "CREATE VIEW ranks AS SELECT id, rank FROM accounts;\n\
         ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;\nGRANT SELECT ON accounts TO PUBLIC;\n",
    );
    project.write(
        &up.replace(".up.", ".down."),
        "REVOKE SELECT ON accounts FROM PUBLIC;\nALTER TABLE accounts DISABLE ROW LEVEL SECURITY;\nDROP VIEW ranks;\n",
    );
    project.expect("rehash", 0);
    // Another spelling is not a difference.
    project.edit("src/lib.rs", "name<>''", "name <> ''");
    let printed = project.expect("generate", 0);
    assert!(printed.contains("Up to date"), "{printed}");

    project.edit("src/lib.rs", "pub rank: i32", "pub rank: i64");
    project.expect("generate", 0);
    let up = project.read(&project.newest());
    let at = |text: &str| up.find(text).unwrap_or_else(|| panic!("{text} is not in {up}"));
    assert!(at("DROP VIEW ranks") < at("ALTER COLUMN rank TYPE bigint"), "{up}");
    assert!(at("ALTER COLUMN rank TYPE bigint") < at("CREATE VIEW ranks"), "{up}");
    assert!(!up.contains("SECURITY") && !up.contains("REVOKE"), "{up}");

    // A table made by hand that a model describes now keeps what no model can say.
    project.expect("generate --empty notes", 0);
    let up = project.newest();
    project.write(
        &up,
        "CREATE ROLE app; CREATE TABLE notes (id uuid PRIMARY KEY, text text NOT NULL);\n\
         ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nGRANT SELECT ON notes TO app;\n",
    );
    project.write(&up.replace(".up.", ".down."), "DROP TABLE notes;\nDROP ROLE app;\n");
    project.expect("rehash", 0);
    let model = "#[derive(Model)]\n#[model(table = \"notes\")]\npub struct Note {\n    pub id: Id<Note>,\n    pub text: String,\n    pub done: bool,\n}\n";
    let source = project.read("src/lib.rs");
    project.write("src/lib.rs", &format!("{source}\n{model}"));
    project.expect("generate", 0);
    let up = project.read(&project.newest());
    assert!(up.contains("ALTER TABLE notes ADD COLUMN done boolean NOT NULL"), "{up}");
    assert!(!up.contains("SECURITY") && !up.contains("REVOKE"), "{up}");

    project.edit("src/lib.rs", "    pub rank: i64,\n", "");
    let printed = project.expect("generate --allow-data-loss", 2);
    assert!(printed.contains("view ranks needs column accounts.rank"), "{printed}");
}
