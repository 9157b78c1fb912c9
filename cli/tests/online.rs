//! `generate` on tables that were there before: a second migration makes what others need not wait for.

mod common;

use common::Project;
use sqlx::{Connection, PgConnection};

const MODELS: &str = r#"
use whimbrel::{Id, Model};

#[derive(Model)]
#[model(table = "accounts")]
pub struct Account {
    pub id: Id<Account>,
    pub name: String,
    pub email: Option<String>,
}

#[derive(Model)]
#[model(table = "tasks")]
pub struct Task {
    pub id: Id<Task>,
    pub title: String,
}
"#;

/// A new field, and changes of others.
fn change(project: &Project) {
    project.edit(
        "src/lib.rs",
        "pub name: String,\n    pub email: Option<String>",
        "#[column(renamed_from = \"name\", index, check = \"title <> ''\")]\n    pub title: String,\n    \
         #[column(unique)]\n    pub email: String",
    );
    project.edit(
        "src/lib.rs",
        "pub title: String,\n}\n",
        "pub title: String,\n    pub owner: Option<Id<Account>>,\n}\n",
    );
}

fn execute(url: &str, sql: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut conn = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    });
}

#[test]
fn the_second_migration_lets_others_go_on() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let url = scratch.create_database("online").unwrap();
    let mut project = Project::new(MODELS);
    project.set("DATABASE_URL", &url);
    project.expect("generate init", 0);
    project.expect("migrate", 0);
    change(&project);
    let printed = project.expect("generate change", 0);
    assert!(!printed.contains("require-concurrent") && !printed.contains("not-valid"), "{printed}");
    let files = project.list("migrations");
    let first = files.iter().find(|file| file.ends_with("_change.up.sql")).unwrap();
    let second = project.newest();
    assert!(second.ends_with("_change_online.up.sql"), "{files:?}");
    let texts = [&format!("migrations/{first}"), &second, &second.replace(".up.", ".down.")];
    insta::assert_snapshot!(texts.map(|file| project.read(file)).join("----\n"));
    assert!(project.expect("generate", 0).contains("Up to date"));

    // The second one is made again.
    let text = project.read(&second);
    let meta = project.list("migrations/meta").pop().unwrap();
    for file in [second.clone(), second.replace(".up.", ".down."), format!("migrations/meta/{meta}")] {
        std::fs::remove_file(project.path().join(file)).unwrap();
    }
    project.expect("generate --check", 1);
    project.expect("generate again", 0);
    assert_eq!(project.read(&project.newest()), text);

    execute(&url, "INSERT INTO accounts (id, name, email) VALUES (gen_random_uuid(), 'a', 'b')");
    project.expect("migrate", 0);
    project.expect("drift", 0);
    project.expect("rollback --steps 2 --allow-data-loss", 0);
    project.expect("migrate", 0);
}

#[test]
fn short_forms_are_one_migration() {
    let mut project = Project::new(MODELS);
    project.expect("generate init --no-validate", 0);
    change(&project);
    project.expect("generate change --blocking --no-validate", 0);
    assert_eq!(project.list("migrations/meta").len(), 2);
    let up = project.read(&project.newest());
    assert!(up.contains("\nCREATE INDEX ") && !up.contains("NOT VALID"), "{up}");
}

#[test]
fn a_migration_of_online_forms_alone_is_the_only_one() {
    let mut project = Project::new(MODELS);
    project.expect("generate init --no-validate", 0);
    project.edit("src/lib.rs", "pub email", "#[column(index)]\n    pub email");
    project.expect("generate --no-validate", 0);
    assert_eq!(project.list("migrations/meta").len(), 2);
    let up = project.read(&project.newest());
    assert!(up.starts_with("-- no-transaction\n") && up.contains("CREATE INDEX CONCURRENTLY"), "{up}");
    assert!(project.expect("lint", 0).contains("Nothing found"));
    project.edit("src/lib.rs", "#[column(index)]\n    pub email", "pub email");
    project.expect("generate --no-validate", 0);
    let up = project.read(&project.newest());
    assert!(up.contains("DROP INDEX CONCURRENTLY"), "{up}");
    assert!(project.expect("lint", 0).contains("Nothing found"));
}

#[test]
fn what_would_be_lost_is_counted() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let url = scratch.create_database("lost").unwrap();
    let mut project = Project::new(MODELS);
    project.set("DATABASE_URL", &url);
    project.expect("generate init", 0);
    project.expect("migrate", 0);
    execute(
        &url,
        "INSERT INTO accounts (id, name, email) SELECT gen_random_uuid(), n, nullif(n, '3') FROM unnest(ARRAY['1', '2', '3']) n",
    );
    project.edit("src/lib.rs", "    pub email: Option<String>,\n", "");
    let refused = project.expect("generate", 1);
    assert!(refused.contains("accounts.email has 2 values in 3 rows"), "{refused}");
    project.edit(
        "src/lib.rs",
        "pub name: String,",
        "pub name: String,\n    pub email: Option<String>,\n    pub phone: Option<String>,",
    );
    project.expect("generate phone", 0);
    project.expect("migrate", 0);
    let refused = project.expect("rollback", 1);
    assert!(refused.contains("accounts.phone has 0 values in 3 rows"), "{refused}");
    project.set("DATABASE_URL", "postgres://postgres@127.0.0.1:1/none");
    project.edit("src/lib.rs", "    pub email: Option<String>,\n", "");
    let refused = project.expect("generate", 1);
    assert!(refused.contains("were not counted: no connection"), "{refused}");
}
