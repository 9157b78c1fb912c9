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
    let manifest = format!(
        "[package]\nname = \"people\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nwhimbrel = {{ path = '{}' }}\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package.\"*\"]\nopt-level = 1\ndebug = false\n",
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

fn run(project: &mut Project, words: &str, code: i32) -> String {
    let ended = project.whimbrel(words);
    assert_eq!(ended.code, Some(code), "{words}: {}\n{}", ended.stderr, ended.stdout);
    format!("{}{}", ended.stderr, ended.stdout)
}

#[test]
fn a_crate_of_models_is_linked_and_its_data_moved_and_proved() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let url = scratch.create_database("people").unwrap();
    let mut project = project(&url);
    run(&mut project, "generate init", 0);
    run(&mut project, "migrate", 0);
    let said = run(&mut project, "transfer --from people.json --dev --json", 1);
    assert!(said.contains("type_mismatch"), "{said}");
    let said = run(&mut project, "transfer --from people.json --dev", 2);
    assert!(said.contains("--clean"), "{said}");
    run(&mut project, "transfer --from people.json --dev --clean --jobs 1", 1);
    run(&mut project, "verify --from people.json --dev --max-rejects 1 --report report.json", 0);
    let report: serde_json::Value = serde_json::from_str(&project.read("report.json")).unwrap();
    assert_eq!(report["ok"], true, "{report}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use sqlx::{Connection, PgConnection};
        let mut connection = PgConnection::connect(&url).await.unwrap();
        let changed = sqlx::query("UPDATE person SET age = 37 WHERE name = 'Ada'").execute(&mut connection);
        assert_eq!(changed.await.unwrap().rows_affected(), 1);
        connection.close().await.unwrap();
    });
    let said = run(&mut project, "verify --from people.json --dev", 1);
    assert!(said.contains("37"), "{said}");

    project.edit("src/lib.rs", "pub age: Option<i32>", "pub age: Option<Nonsense>");
    let said = run(&mut project, "verify --from people.json --dev", 2);
    assert!(said.contains("Nonsense"), "Cargo's own message: {said}");
    assert!(said.contains("does not compile") && said.contains("hint:"), "{said}");
}

#[test]
fn what_cannot_be_linked_is_said_before_anything_is_compiled() {
    let mut project = project("postgres://nobody@127.0.0.1:1/nowhere");
    project.edit("whimbrel.toml", "models = \".\"", "models = \"nowhere\"");
    let said = run(&mut project, "transfer --from people.json --dev", 2);
    assert!(said.contains("nowhere cannot be found"), "{said}");
    project.edit("whimbrel.toml", "models = \"nowhere\"", "models = \".\"");
    std::fs::rename(project.path().join("src/lib.rs"), project.path().join("src/main.rs")).unwrap();
    let said = run(&mut project, "transfer --from people.json --dev", 2);
    assert!(said.contains("`people` is no library"), "{said}");
    project.set("CARGO", "/nowhere/cargo");
    let said = run(&mut project, "verify --from people.json --dev", 2);
    assert!(said.contains("Cargo cannot be started"), "{said}");
    assert!(said.contains("whimbrel_transfer::main()"), "{said}");
}
