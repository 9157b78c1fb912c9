//! `introspect`: from a database to models and SQL files that make it again.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::Project;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use whimbrel_scratch::{Dump, Scratch, shared};

const SHOP: &str = include_str!("sql/shop.sql");

/// The models of the shop, which the tests of the macros compile.
const COMPILED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/ui/tests/pass/introspected");

#[test]
fn a_database_becomes_models_and_sql_files() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::bare();
    project.write("shop.sql", SHOP);
    project.run("introspect --from sql:shop.sql --out shop");
    let models: BTreeMap<String, String> = project
        .list("shop/models")
        .into_iter()
        .map(|name| (name.clone(), project.read(&format!("shop/models/{name}"))))
        .collect();
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        for (name, text) in &models {
            std::fs::write(Path::new(COMPILED).join(name), text).unwrap();
        }
    }
    for (name, text) in &models {
        let compiled = std::fs::read_to_string(Path::new(COMPILED).join(name)).unwrap_or_default();
        assert_eq!(*text, compiled, "{name}");
    }
    assert_eq!(models.len(), std::fs::read_dir(COMPILED).unwrap().count());
    project.data("shop/objects/tables/customers.sql");
    project.data("shop/objects/views/open_orders.sql");
    project.data("shop/whimbrel.toml");
    // The same again is nothing new; what somebody changed is not written over.
    project.expect("introspect --from sql:shop.sql --out shop", 0);
    project.edit("shop/models/log.rs", "message", "text");
    project.run("introspect --from sql:shop.sql --out shop");
    project.expect("introspect --from sql:shop.sql --out shop --force", 0);
    assert!(!project.read("shop/models/log.rs").contains("text"));
    insta::assert_snapshot!(project.transcript());
    equal(&mut project, "--from sql:shop.sql");
}

/// The models and files in `shop`, or in `out`, make the state again: at once, and as a migration.
fn equal(project: &mut Project, from: &str) {
    project.expect(&format!("--config shop/whimbrel.toml diff {from} --to models"), 0);
    project.expect("--config shop/whimbrel.toml generate init", 0);
    project.expect(&format!("--config shop/whimbrel.toml diff {from} --to migrations"), 0);
}

#[test]
fn without_a_server_nothing_is_compared_and_nothing_written() {
    let mut project = Project::bare();
    project.write(
        "state.json",
        "{\"format\": 1, \"objects\": [{\"kind\":\"table\",\"name\":[\"public\",\"t\"]}]}",
    );
    project.set(whimbrel_scratch::CHOICE, "nonsense");
    let text = project.expect("introspect --from snapshot:state.json --out shop", 2);
    assert!(text.contains("cannot be compared with snapshot:state.json; nothing was written"), "{text}");
    assert!(text.contains("`--no-validate` writes them without"), "{text}");
    assert!(project.list("shop").is_empty());
    let text = project.expect("introspect --from snapshot:state.json --out shop --no-validate", 0);
    assert!(text.contains("warning: not compared with snapshot:state.json: --no-validate"), "{text}");
    assert!(!project.list("shop").is_empty());
}

#[test]
fn schemas_that_need_others_are_refused() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::bare();
    project.write(
        "app.sql",
        "CREATE SCHEMA other; CREATE SCHEMA app; CREATE TYPE other.mood AS ENUM ('a');
         CREATE FUNCTION other.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'; CREATE TABLE public.users (id int PRIMARY KEY);
         CREATE TABLE app.t (id int PRIMARY KEY DEFAULT other.f(), m other.mood, u int REFERENCES public.users);
         CREATE VIEW app.v AS SELECT t.id, u.id AS uid FROM app.t, public.users u;",
    );
    project.run("introspect --from sql:app.sql --schema app --out shop");
    assert!(project.list("shop").is_empty());
    insta::assert_snapshot!(project.transcript());
    for schemas in ["--schema app --schema other --schema public", "--schema other", "--schema public"] {
        project.expect(&format!("introspect --from sql:app.sql {schemas} --out shop --force"), 0);
    }
}

#[test]
fn what_needs_what_is_not_managed_is_named() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::bare();
    project.write(
        "app.sql",
        "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE ft (id int) SERVER s;
         CREATE VIEW v AS SELECT * FROM ft; CREATE TABLE t (id int PRIMARY KEY);",
    );
    let text = project.expect("introspect --from sql:app.sql --out shop", 2);
    assert!(text.contains("because view v needs foreign table ft, which is not managed\n"), "{text}");
    assert!(text.contains("hint: `--no-validate` writes all the same"), "{text}");
    assert!(project.list("shop").is_empty());
    project.expect("introspect --from sql:app.sql --out shop --no-validate", 0);
}

#[test]
fn names_that_differ_by_case_stay_apart() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::bare();
    project.write(
        "case.sql",
        "CREATE TABLE orders (id int PRIMARY KEY, \"Id\" int, \"ID\" xml); CREATE TABLE \"Orders\" (id int PRIMARY KEY, a int, \"A\" int);
         CREATE TYPE mood AS ENUM ('a', 'A'); CREATE TYPE \"Mood\" AS ENUM ('b'); CREATE TABLE \"Mood_\" (m mood, n \"Mood\");
         CREATE VIEW v AS SELECT 1 AS a; CREATE VIEW \"V\" AS SELECT 2 AS a;
         CREATE INDEX ON orders (id) WITH (fillfactor = 50); CREATE INDEX ON \"Orders\" (a) WITH (fillfactor = 50);",
    );
    let text = project.expect("introspect --from sql:case.sql --out shop", 0);
    assert!(text.contains("make the same"), "{text}");
    let words = text.split(|c: char| c.is_whitespace() || c == ':');
    let mut named: Vec<&str> =
        words.filter(|word| word.ends_with(".sql") && word.starts_with("tables/")).collect();
    named.dedup();
    assert_eq!(named.len(), 2, "{text}");
    for name in named {
        assert!(
            project.list("shop/objects/tables").contains(&name["tables/".len()..].to_owned()),
            "{name}: {text}"
        );
    }
    let all: Vec<String> = ["models", "objects/tables", "objects/views"]
        .iter()
        .flat_map(|folder| {
            project
                .list(&format!("shop/{folder}"))
                .into_iter()
                .map(move |name| format!("{folder}/{name}").to_lowercase())
        })
        .collect();
    assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), all.len(), "{all:?}");
    equal(&mut project, "--from sql:case.sql");
}

#[test]
fn what_attributes_make_comes_back_as_attributes() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let model = |table: &str, settings: &str| {
        format!(
            "#[derive(Model)]\n#[model(table = \"{table}\", {settings})]\npub struct T{table} {{\n    pub id: i64,\n    \
             pub created_at: DateTime<Utc>,\n    pub updated_at: DateTime<Utc>,\n}}\n"
        )
    };
    let models = [
        "use chrono::{DateTime, Utc};\nuse whimbrel::Model;\n".to_owned(),
        model("accounts", "timestamps, audit"),
        model("items", "timestamps, audit = \"history.changes\", rls"),
        model("plain", "unlogged"),
    ];
    let mut project = Project::new(&models.concat());
    project.expect("generate init", 0);
    let state = project.whimbrel("snapshot migrations").stdout;
    project.write("state.json", &state);
    let text = project.expect("introspect --from snapshot:state.json --out shop", 0);
    assert!(text.contains("make the same"), "{text}");
    assert!(project.list("shop/objects").is_empty(), "{text}");
    assert_eq!(project.list("shop/models"), ["accounts.rs", "items.rs", "mod.rs", "plain.rs"]);
    assert!(project.read("shop/models/accounts.rs").contains("#[model(timestamps, audit)]"));
    assert!(project.read("shop/models/items.rs").contains("rls, timestamps, audit = \"history.changes\""));
    assert!(!project.read("shop/models/plain.rs").contains("timestamps"));
    equal(&mut project, "--from snapshot:state.json");
    // What somebody changed by hand is not what the attribute makes.
    project.write("by_hand.sql", "CREATE TABLE t (id bigint PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
        CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.updated_at := now(); RETURN NEW; END';
        CREATE TRIGGER set_updated_at BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION set_updated_at();");
    project.expect("introspect --from sql:by_hand.sql --out other", 0);
    assert!(!project.read("other/models/t.rs").contains("timestamps"));
    assert_eq!(project.list("other/objects"), ["functions", "tables"]);
}

#[test]
fn everything_that_is_managed_comes_back() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::bare();
    let sql = |name: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/tests/sql").join(name))
            .unwrap()
    };
    project.write("everything.sql", &sql("everything.sql"));
    let text = project.expect("introspect --from sql:everything.sql --out shop", 0);
    assert!(text.contains("make the same"), "{text}");
    equal(&mut project, "--from sql:everything.sql");
}

#[test]
fn the_examples_come_back() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    for example in [".", "examples/gipfel", "examples/nextcrm", "examples/service", "examples/estate"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(example).canonicalize().unwrap();
        let mut project = Project::bare();
        let snapshot =
            project.whimbrel(&format!("--config {}/whimbrel.toml snapshot migrations", root.display()));
        project.write("state.json", &snapshot.stdout);
        let text = project.expect("introspect --from snapshot:state.json --out shop", 0);
        assert!(text.contains("make the same"), "{text}");
        equal(&mut project, "--from snapshot:state.json");
        dumps(&mut project, &root.join("migrations"));
    }
}

/// A database of these migrations and one of those in `shop` are the same to pg_dump.
fn dumps(project: &mut Project, migrations: &Path) {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let made = |project: &mut Project, name: &str, config: &str| {
        let url = scratch.create_database(name).unwrap();
        project.set("DATABASE_URL", &url);
        project.expect(&format!("--config {config} migrate"), 0);
        dump(scratch, &url)
    };
    let config = migrations.with_file_name("whimbrel.toml");
    if let Ok(roles) = std::fs::read_to_string(migrations.with_file_name("roles.sql")) {
        execute(scratch.url(), &roles);
    }
    let before = made(project, "introspect_before", &config.display().to_string());
    let after = made(project, "introspect_after", "shop/whimbrel.toml");
    assert_eq!(before, after);
}

/// What pg_dump prints, but for what belongs to the migrator.
fn dump(scratch: &Scratch, url: &str) -> Option<Dump> {
    scratch.dump(url, &["--exclude-schema=whimbrel"]).unwrap()
}

/// A database made of SQL comes back from its introspected models, also to pg_dump. How many objects and files there were.
fn database(name: &str, sql: &str) -> Option<String> {
    let scratch = whimbrel_scratch::for_tests()?;
    let mut project = Project::bare();
    let url = scratch.create_database(name).unwrap();
    execute(&url, sql);
    let text = project.expect(&format!("introspect --from db:{url} --out shop"), 0);
    equal(&mut project, &format!("--from db:{url}"));
    let copy = scratch.create_database(&format!("{name}_copy")).unwrap();
    project.set("DATABASE_URL", &copy);
    project.expect("--config shop/whimbrel.toml migrate", 0);
    assert_eq!(dump(scratch, &url), dump(scratch, &copy));
    Some(text)
}

fn execute(url: &str, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

#[test]
fn chinook_comes_back() {
    let Some(file) = shared("data/chinook/Chinook_Sqlite.sqlite") else { return };
    // The statements stand in the file as they were given.
    let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
    let (mut tables, mut rest) = (String::new(), Vec::new());
    for (at, _) in text.match_indices("CREATE TABLE [").chain(text.match_indices("CREATE UNIQUE INDEX [")) {
        let mut depth = 0;
        let end = text[at..].find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0 && c == ')'
        });
        let statement =
            text[at..=at + end.unwrap()].replace("NVARCHAR", "VARCHAR").replace("DATETIME", "TIMESTAMP");
        let statement = statement.replace(['[', ']'], "\"");
        let (table, keys) = statement.split_once("FOREIGN KEY").unwrap_or((&statement, ""));
        if keys.is_empty() {
            tables.push_str(&format!("{statement};\n"));
            continue;
        }
        tables.push_str(&format!("{});\n", table.trim_end().trim_end_matches(',')));
        let name = table.split('"').nth(1).unwrap();
        for key in keys.trim_end_matches(')').split("FOREIGN KEY") {
            let key = key.trim().trim_end_matches(',');
            rest.push(format!("ALTER TABLE \"{name}\" ADD FOREIGN KEY {key};\n"));
        }
    }
    let Some(text) = database("chinook", &(tables + &rest.concat())) else { return };
    assert!(text.contains("for 11 tables"), "{text}");
}

#[test]
fn nextcrm_comes_back_from_its_catalog() {
    let Some(file) = shared("data/nextcrm/catalog.json") else { return };
    let catalog: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (mut sql, mut keys, mut foreign) = (String::new(), String::new(), String::new());
    for item in list(&catalog["enums"]) {
        let labels: Vec<String> =
            list(&item["labels"]).iter().map(|label| format!("'{}'", text(label))).collect();
        sql.push_str(&format!("CREATE TYPE \"{}\" AS ENUM ({});\n", text(&item["name"]), labels.join(", ")));
    }
    for table in list(&catalog["tables"]) {
        let name = text(&table["name"]);
        let column = |column: &Value| {
            let default =
                column["default"].as_str().map(|default| format!(" DEFAULT {default}")).unwrap_or_default();
            let not_null = if column["not_null"] == true { " NOT NULL" } else { "" };
            format!("\"{}\" {}{default}{not_null}", text(&column["name"]), text(&column["type"]))
        };
        let columns: Vec<String> = list(&table["columns"]).iter().map(column).collect();
        sql.push_str(&format!("CREATE TABLE \"{name}\" ({});\n", columns.join(", ")));
        for constraint in list(&table["constraints"]) {
            let all = if constraint["type"] == "f" { &mut foreign } else { &mut keys };
            let (constraint, definition) = (text(&constraint["name"]), text(&constraint["definition"]));
            all.push_str(&format!("ALTER TABLE \"{name}\" ADD CONSTRAINT \"{constraint}\" {definition};\n"));
        }
        for index in list(&table["indexes"]) {
            keys.push_str(&format!("{};\n", text(&index["definition"])));
        }
    }
    let Some(text) = database("nextcrm_catalog", &(sql + &keys + &foreign)) else { return };
    assert!(text.contains("for 39 tables and 10 enum types, and 0 files"), "{text}");
}
