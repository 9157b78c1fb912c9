//! `transfer` and `verify` through the runner: a crate of models of its own, compiled and linked. Slow the first
//! time, since the transfer engine is compiled for it; the workspace's own target folder is used.

mod common;

use common::Project;

const MODELS: &str = r#"
use whimbrel::{Id, Model, Transform};

#[derive(Model, Transform)]
#[source(collection = "people")]
pub struct Person {
    #[source(field = "_id")]
    pub id: Id<Person>,
    pub name: String,
    pub age: Option<i32>,
}
"#;

const PEOPLE: &str = r#"{"_id": {"$oid": "507f1f77bcf86cd799439011"}, "name": "Ada", "age": 36}
{"_id": {"$oid": "507f1f77bcf86cd799439012"}, "name": "Björn"}
{"_id": {"$oid": "507f1f77bcf86cd799439013"}, "name": "Chloé", "age": "old"}
"#;

/// A crate outside of the workspace that takes Whimbrel from it, with the workspace's versions and profile.
fn project(url: &str) -> Project {
    let mut project = Project::new(MODELS);
    let workspace = common::workspace();
    let manifest = std::fs::read_to_string(workspace.join("Cargo.toml")).unwrap();
    let profile = &manifest[manifest.find("[profile.dev]").unwrap()..];
    let manifest = format!(
        "[package]\nname = \"people\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nwhimbrel = {{ path = '{}' }}\n\n{profile}",
        workspace.join("runtime").display()
    );
    project.write("Cargo.toml", &manifest);
    project.write("Cargo.lock", &std::fs::read_to_string(workspace.join("Cargo.lock")).unwrap());
    project.write("people.json", PEOPLE);
    // target/debug/whimbrel: what is compiled already is used again.
    let target = std::path::Path::new(env!("CARGO_BIN_EXE_whimbrel")).ancestors().nth(2).unwrap();
    project.set("CARGO_TARGET_DIR", target.to_str().unwrap());
    project.set("DATABASE_URL", url);
    project
}

/// Runs a statement that changes one row.
fn execute(url: &str, sql: &'static str) {
    use sqlx::{Connection, PgConnection};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let changed = sqlx::query(sql).execute(&mut connection).await.unwrap();
        assert_eq!(changed.rows_affected(), 1);
        connection.close().await.unwrap();
    });
}

#[test]
fn a_crate_of_models_is_linked_and_its_data_moved_and_verified() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let url = scratch.create_database("people").unwrap();
    let mut project = project(&url);
    // A field that no column reads, and a key that is there twice.
    project.edit("people.json", "36}", "36, \"nick\": \"Countess\"}");
    let twin = PEOPLE.lines().next().unwrap().replace("Ada", "Ada II");
    project.write("people.json", &format!("{}{twin}\n", project.read("people.json")));
    project.expect("generate init", 0);
    project.expect("migrate", 0);
    let said = project.expect("transfer --from people.json --dev --json", 1);
    assert!(said.contains("type_mismatch") && said.contains("duplicate_key"), "{said}");
    let said = project.expect("transfer --from people.json --dev", 2);
    assert!(said.contains("--clean"), "{said}");
    let said = project.expect("transfer --from people.json --dev --clean --jobs 1 --max-rejects 2", 1);
    assert!(said.contains("nick"), "{said}");
    let configuration = project.read("whimbrel.toml");
    project.write("whimbrel.toml", &format!("{configuration}[transfer]\nignore = [\"nick\"]\n"));
    project.expect("verify --from people.json --dev --max-rejects 2 --report report.json", 0);
    let report: serde_json::Value = serde_json::from_str(&project.read("report.json")).unwrap();
    assert_eq!(report["ok"], true, "{report}");
    project.expect("verify --from people.json --dev --max-rejects 2 --only Person", 0);
    let said = project.expect("verify --from people.json --dev --only Persons", 2);
    assert!(said.contains("Persons"), "{said}");
    let said = project.expect("transfer --abort", 0);
    assert_eq!(said, "no transfer is open: nothing to abort\n");
    assert!(project.expect("rejects list", 0).contains("type_mismatch"));
    execute(&url, "UPDATE person SET age = 37 WHERE name LIKE 'Ada%'");
    let said = project.expect("verify --from people.json --dev", 1);
    assert!(said.contains("37"), "{said}");
    project.expect("rejects retry --code duplicate_key --dev", 1);
    execute(&url, "DELETE FROM person WHERE name LIKE 'Ada%'");
    project.expect("rejects retry --code duplicate_key --dev", 0);
    let said = project.expect("rejects list", 0);
    assert!(said.contains("type_mismatch") && !said.contains("duplicate_key"), "{said}");

    project.edit("src/lib.rs", "pub age: Option<i32>", "pub age: Option<Nonsense>");
    let said = project.expect("verify --from people.json --dev", 2);
    assert!(said.contains("Nonsense") && said.contains("hint:"), "found by the scan: {said}");
    project.edit("src/lib.rs", "pub age: Option<Nonsense>", "pub age: Option<i32>");
    project.edit(
        "src/lib.rs",
        "use whimbrel::",
        "pub fn initial() -> char {\n    \"A\"\n}\n\nuse whimbrel::",
    );
    let said = project.expect("verify --from people.json --dev", 2);
    assert!(
        said.contains("E0308") && said.contains("the runner, which links your models, does not compile"),
        "{said}"
    );
}

/// Two projects with one target folder: each has its own runner.
#[test]
fn projects_that_share_a_target_folder_do_not_share_a_runner() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let url = scratch.create_database("shared").unwrap();
    let (mut people, mut pets) = (project(&url), project(&url));
    pets.edit("src/lib.rs", "pub struct Person", "#[model(table = \"pets\")]\npub struct Person");
    for (project, migration) in [(&mut people, "people"), (&mut pets, "pets")] {
        project.write("people.json", PEOPLE.lines().next().unwrap());
        project.expect(&format!("generate {migration} --no-validate"), 0);
    }
    people.expect("migrate", 0);
    people.expect("transfer --from people.json --dev", 0);
    let said = pets.expect("transfer --from people.json --dev", 2);
    assert!(said.contains("pets") && !said.contains("person"), "{said}");
    people.expect("verify --from people.json --dev", 0);
}

#[test]
fn models_that_are_compiled_but_not_scanned_are_named() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = project(&scratch.create_database("hidden").unwrap());
    let hidden = "pub fn hidden() {\n    #[derive(Model)]\n    pub struct Ghost {\n        pub id: Id<Ghost>,\n    }\n}\n";
    project.write("src/lib.rs", &format!("{MODELS}{hidden}"));
    let said = project.expect("transfer --from people.json --dev", 2);
    assert!(said.contains("people::Ghost (table ghost) is compiled, but was not found"), "{said}");
    assert!(!said.contains("person"), "{said}");
}

#[test]
fn what_is_wrong_is_found_before_anything_is_compiled() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = project("postgres://me:hunter2@127.0.0.1:1/nowhere");
    // Not even Cargo is there.
    project.set("CARGO", "/nowhere/cargo");
    let said = project.expect("transfer --from nowhere.json", 2);
    assert!(said.contains("nowhere.json"), "{said}");
    let said = project.expect("transfer --from people.json", 2);
    assert!(said.contains("no connection to") && !said.contains("hunter2"), "{said}");
    let said = project.expect("verify --from people.json --to mysql://me:hunter2@host/x", 2);
    assert!(said.contains("--to is not the URL of a PostgreSQL database"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    project.set("DATABASE_URL", &scratch.create_database("before").unwrap());
    project.edit("whimbrel.toml", "models = \".\"", "models = \"nowhere\"");
    let said = project.expect("transfer --from people.json --dev", 2);
    assert!(said.contains("models nowhere"), "{said}");
    project.edit("whimbrel.toml", "models = \"nowhere\"", "models = \".\"");
    project.set("CARGO", env!("CARGO"));
    std::fs::rename(project.path().join("src/lib.rs"), project.path().join("src/main.rs")).unwrap();
    let said = project.expect("transfer --from people.json --dev", 2);
    assert!(said.contains("`people` is not a library"), "{said}");
    project.set("CARGO", "/nowhere/cargo");
    let said = project.expect("verify --from people.json --dev", 2);
    assert!(said.contains("Cargo cannot be started"), "{said}");
    assert!(said.contains("whimbrel_transfer::main()"), "{said}");
}
