//! `diff`, `drift`, `snapshot`: states from models, migrations, snapshots, databases and SQL files.

mod common;

use std::process::Command;

use common::{MODELS, Project};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Runs statements on a database.
fn execute(url: &str, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

fn machine(project: &mut Project, words: &str, code: i32) -> serde_json::Value {
    let ended = project.whimbrel(&format!("{words} --json"));
    assert_eq!(ended.code, Some(code), "{words}: {}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn any_state_is_compared_with_any_other() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(MODELS);
    let url = scratch.create_database("any_state").unwrap();
    project.set("DATABASE_URL", &url);
    let redacted = whimbrel::__private::redact::redact(&url);
    project.hide(&url, "[DATABASE]").hide(&redacted, "[DATABASE]");
    project.expect("generate init --no-validate", 0);
    project.expect("migrate", 0);
    // The same in another spelling.
    project.write(
        "sql/schema.sql",
        "CREATE TYPE public.stage AS ENUM ('open', 'closed_won');\n\
         CREATE TABLE \"accounts\" (id uuid CONSTRAINT accounts_pkey PRIMARY KEY, name text NOT NULL, stage stage NOT NULL);\n",
    );
    let snapshot = project.whimbrel("snapshot migrations");
    assert_eq!(snapshot.code, Some(0), "{}", snapshot.stderr);
    project.write("schema.json", &snapshot.stdout);
    for (from, to) in [("models", "migrations"), ("snapshot:schema.json", "db"), ("sql:sql", "models")] {
        let text = project.expect(&format!("diff --from {from} --to {to}"), 0);
        assert!(text.starts_with("Equal:"), "{from}: {text}");
    }
    project.edit(
        "src/lib.rs",
        "pub name: String,",
        "pub name: String,\n    #[column(index)]\n    pub email: Option<String>,",
    );
    project
        .run("diff --from snapshot:schema.json --to models")
        .run(&format!("diff --from models --to db:{url} --up up.sql --down down.sql"));
    insta::assert_snapshot!(project.transcript());
    execute(&url, &project.read("down.sql"));
    project.expect(&format!("diff --from models --to db:{url}"), 0);
    execute(&url, &project.read("up.sql"));
    project.expect(&format!("diff --from db:{url} --to migrations"), 0);
    let difference = machine(&mut project, "diff --from migrations --to models", 1);
    assert_eq!(difference["equal"], false);
    assert_eq!(difference["differences"][0]["action"], "create");
    let up = difference["up_sql"].as_str().unwrap();
    assert!(up.contains("ADD COLUMN email") && up.contains("\nSET search_path = public;\n"), "{up}");
    assert!(difference["down_sql"].as_str().unwrap().contains("DROP COLUMN email"), "{difference}");
    assert!(difference["not_compared"].is_array());
}

#[test]
fn what_no_statement_changes_is_named() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::bare();
    project.write(
        "before.sql",
        "CREATE TABLE moved (a integer, b integer, old integer);\nCREATE TABLE same (a integer, b integer, c integer);\n\
         CREATE MATERIALIZED VIEW board AS SELECT 1 AS one;\n",
    );
    project.write(
        "after.sql",
        "CREATE TABLE moved (b integer, a integer);\nCREATE TABLE same (a integer, c integer, new integer);\n\
         CREATE MATERIALIZED VIEW board AS SELECT 1 AS one WITH NO DATA;\n",
    );
    let text = project.expect("diff --from sql:before.sql --to sql:after.sql", 1);
    let named: Vec<&str> = text.lines().filter(|line| line.contains("not compared")).collect();
    let expected = ["data of materialized view board", "order of columns of table moved"]
        .map(|what| format!("warning: not compared: {what}"));
    assert_eq!(named, expected);
}

#[test]
fn sql_files_are_applied_in_an_order_that_works() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::bare();
    project.write(
        "schema/1_orders.sql",
        "\\restrict abc\nBEGIN;\nSET LOCAL search_path = shop;\nCREATE TABLE orders (id int PRIMARY KEY, item int REFERENCES items);\n\
         CREATE INDEX CONCURRENTLY ON orders (item);\nGRANT SELECT ON orders TO \"app reader\", PUBLIC;\nCOMMIT;\n\\unrestrict abc\n",
    );
    project.write("schema/2_items.sql", "CREATE TABLE shop.items (id int PRIMARY KEY, best int);\n");
    project.write("schema/3_later/a.sql", "CREATE SCHEMA shop;\nCREATE ROLE \"app reader\";\n");
    project.write(
        "schema/3_later/b.sql",
        "ALTER TABLE shop.items ADD FOREIGN KEY (best) REFERENCES shop.orders;\n",
    );
    project.write(
        "one.sql",
        "CREATE SCHEMA shop;\nCREATE TABLE shop.items (id int PRIMARY KEY, best int);\n\
         CREATE TABLE shop.orders (id int PRIMARY KEY, item int REFERENCES shop.items);\n\
         CREATE INDEX ON shop.orders (item);\nALTER TABLE shop.items ADD FOREIGN KEY (best) REFERENCES shop.orders;\n\
         CREATE ROLE \"app reader\";\nGRANT SELECT ON shop.orders TO \"app reader\", PUBLIC;\n",
    );
    project.expect("diff --from sql:schema --to sql:one.sql", 0);
    // Roles are those of one state alone.
    project.expect("diff --from sql:one.sql --to sql:one.sql", 0);
    project.write(
        "schema/2_items.sql",
        "CREATE TABLE shop.items (id int PRIMARY KEY);\nSELECT\n  nonsense();\n",
    );
    project.write("schema/4.sql", "COPY shop.items FROM stdin;\n");
    project.write("extension.sql", "CREATE EXTENSION no_such_extension;\n");
    project.run("diff --from sql:schema --to sql:one.sql");
    project.run("diff --from sql:nowhere --to sql:one.sql");
    project.write("migrations/1_a.down.sql", "");
    project.run("diff --from sql:migrations --to sql:one.sql");
    insta::assert_snapshot!(project.transcript());
    let text = project.expect("snapshot sql:extension.sql", 2);
    for part in ["extension.sql:1:1: statement 1 of 1 failed", "no_such_extension", "lacks this extension"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn what_is_not_read_and_stands_on_what_changes_is_named() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::bare();
    let event = |body: &str| {
        format!(
            "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS '{body}';
             CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f();"
        )
    };
    project.write(
        "a.sql",
        &(event("BEGIN END")
            + "CREATE SCHEMA a; CREATE TABLE a.t (id int, x int); CREATE VIEW v AS SELECT x FROM a.t;"),
    );
    project.write("b.sql", "CREATE SCHEMA a; CREATE TABLE a.t (id int); CREATE VIEW v AS SELECT 1 AS x;");
    let fails = "warning: the statements may fail: ";
    let text = project.expect("diff --from sql:a.sql --to sql:b.sql", 1);
    assert!(
        text.contains(&format!("{fails}event trigger e depends on function f(), and is not changed\n")),
        "{text}"
    );
    assert_eq!(text.matches(fails).count(), 1, "{text}");
    // Views of other schemas are not read.
    let text = project.expect("diff --from sql:a.sql --to sql:b.sql --schema a", 1);
    assert!(text.contains(&format!("{fails}view v depends on column a.t.x, and is not changed\n")), "{text}");
    assert_eq!(text.matches(fails).count(), 1, "{text}");
    // Another body does not make them fail.
    project.write("a.sql", &event("BEGIN END"));
    project.write("b.sql", &event("BEGIN  END"));
    let text = project.expect("diff --from sql:a.sql --to sql:b.sql", 1);
    assert!(!text.contains(fails), "{text}");
    // What is new may need what is not managed and not there.
    let class = "CREATE OPERATOR CLASS ops FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, \
                 OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int);";
    project.write("a.sql", "CREATE TABLE t (id int);");
    project.write("b.sql", &format!("{class} CREATE TABLE t (id int); CREATE INDEX i ON t (id ops);"));
    let text = project.expect("diff --from sql:a.sql --to sql:b.sql", 1);
    assert!(
        text.contains(&format!(
            "{fails}index i needs operator class ops for access method btree, which is not managed"
        )),
        "{text}"
    );
    project.write("a.sql", &format!("{class} CREATE TABLE t (id int);"));
    let text = project.expect("diff --from sql:a.sql --to sql:b.sql", 1);
    assert!(!text.contains(fails), "{text}");
}

#[test]
fn statements_that_leave_no_object_are_named() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::bare();
    let object = "BEGIN;\nCREATE TABLE t (id bigint);\nCOMMIT;\n";
    project.write("b.sql", object);
    project.write(
        "a.sql",
        &format!(
            "SET lock_timeout = 1;\n{object}INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\n\
             CREATE TEMP TABLE x (id int);\nCREATE ROLE passed_over;\nSELECT 1;\n"
        ),
    );
    let text = project.expect("diff --from sql:a.sql --to sql:b.sql", 0);
    for named in [
        "warning: not compared: a.sql:5:1: INSERT INTO t VALUES (1) is about rows (and 1 other statement)\n",
        "warning: not compared: a.sql:7:1: CREATE TEMP TABLE x (id int) leaves no object\n",
        "warning: not compared: a.sql:8:1: CREATE ROLE passed_over is about the whole server, not about a database\n",
    ] {
        assert!(text.contains(named), "{named}: {text}");
    }
    assert_eq!(text.matches("warning").count(), 3, "{text}");
}

#[test]
fn only_schemas_that_there_are_can_be_compared() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(MODELS);
    let url = scratch.create_database("schemas").unwrap();
    project.set("DATABASE_URL", &url);
    project.expect("generate init --no-validate", 0);
    project.expect("migrate", 0);
    project.write("one.sql", "CREATE SCHEMA shop;\nCREATE TABLE shop.items (id int);\n");
    project.write("two.sql", "CREATE TABLE other (id int);\n");
    let snapshot = project.whimbrel("snapshot sql:one.sql");
    project.write("one.json", &snapshot.stdout);
    // It is in one of them.
    for from in ["sql:one.sql", "snapshot:one.json"] {
        let text = project.expect(&format!("diff --from {from} --to sql:two.sql --schema shop"), 1);
        assert!(text.contains("DROP TABLE shop.items") && !text.contains("other"), "{text}");
    }
    for (command, there) in [
        ("drift", "public"),
        ("diff --from sql:one.sql --to sql:two.sql", "public, shop"),
        ("diff --from snapshot:one.json --to snapshot:one.json --offline", "public, shop"),
        ("snapshot sql:one.sql", "public, shop"),
        ("introspect --from sql:one.sql", "public, shop"),
    ] {
        let text = project.expect(&format!("{command} --schema public --schema shopp"), 2);
        assert!(text.contains("there is no schema shopp in what was read"), "{text}");
        assert!(text.contains(&format!("there are the schemas {there}\n")), "{text}");
    }
}

#[test]
fn the_schema_public_is_always_there() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::bare();
    project.write("without.sql", "DROP SCHEMA public;\nCREATE SCHEMA own;\nCREATE TABLE own.t (id int);\n");
    project.write("with.sql", "CREATE SCHEMA own;\nCREATE TABLE t (id int);\n");
    let (with, without) = ("sql:with.sql", "sql:without.sql");
    for (from, to) in [(without, with), (with, without)] {
        let text = project.expect(&format!("diff --from {from} --to {to}"), 2);
        assert!(text.contains("only one of the two states has the schema public"), "{text}");
        project.expect(&format!("diff --from {from} --to {to} --schema own"), 1);
    }
    project.expect(&format!("diff --from {without} --to {without}"), 0);
}

#[test]
fn snapshots_are_compared_without_a_server() {
    let mut project = Project::bare();
    let snapshot = |objects: &str| format!("{{\"format\": 1, \"objects\": [{objects}]}}");
    let table = r#"{"kind":"table","name":["public","t"]}"#;
    project.write("none.json", &snapshot(""));
    project.write("one.json", &snapshot(table));
    project.write("newer.json", &snapshot("").replace('1', "7"));
    project.write("damaged.json", &snapshot(table)[..40]);
    project.set("WHIMBREL_SCRATCH", "/nowhere");
    project
        .run("diff --from snapshot:none.json --to snapshot:one.json --offline")
        .run("diff --from snapshot:one.json --to snapshot:none.json --offline")
        .run("diff --from snapshot:one.json --to snapshot:one.json --offline")
        .run("diff --from snapshot:one.json --to snapshot:newer.json --offline")
        .run("diff --from snapshot:damaged.json --to snapshot:one.json --offline")
        .run("diff --from snapshot:nowhere.json --to snapshot:one.json --offline")
        .run("diff --from snapshot:one.json --to models --offline")
        .run("diff --from snapshot:one.json --to snapshot:none.json --offline --up a.sql --down a.sql")
        .run("diff --from snapshot:one.json --to somewhere");
    insta::assert_snapshot!(project.transcript());
}

/// A result that is not there is not a success.
#[test]
fn a_full_disk_is_an_error() {
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else {
        return whimbrel_scratch::skip(whimbrel_scratch::Need::Proc, "this system has no /dev/full");
    };
    let project = Project::bare();
    project.write("none.json", "{\"format\": 1, \"objects\": []}");
    let ended = Command::new(env!("CARGO_BIN_EXE_whimbrel"))
        .args(["snapshot", "snapshot:none.json"])
        .current_dir(project.path())
        .stdout(full)
        .output()
        .unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(
        (ended.status.code(), said.contains("cannot be written to stdout")),
        (Some(2), true),
        "{said}"
    );
}

#[test]
fn what_was_changed_by_hand_is_named_and_brought_back() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(MODELS);
    let url = scratch.create_database("drift").unwrap();
    project.set("DATABASE_URL", &url);
    let redacted = whimbrel::__private::redact::redact(&url);
    project.hide(&url, "[DATABASE]").hide(&redacted, "[DATABASE]");
    project.run("drift");
    project.expect("generate init --no-validate", 0);
    project.run("drift");
    project.expect("migrate", 0);
    project.run("drift");
    execute(
        &url,
        "ALTER TABLE accounts ALTER COLUMN name DROP NOT NULL, ADD COLUMN note text;
         CREATE INDEX by_name ON accounts (name); CREATE TABLE notes (id int PRIMARY KEY);
         GRANT SELECT ON accounts TO PUBLIC; CREATE SCHEMA other;",
    );
    // What is pending is not drift.
    project.edit("src/lib.rs", "pub name: String,", "pub name: String,\n    pub email: Option<String>,");
    project.expect("generate email --no-validate", 0);
    project.run("drift");
    execute(
        &url,
        "CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
         CREATE EVENT TRIGGER noted ON ddl_command_end EXECUTE FUNCTION note();",
    );
    let drift = machine(&mut project, "drift", 1);
    assert_eq!(drift["drift"], true);
    assert_eq!(drift["not_compared"], json!([{ "kind": "event trigger", "name": "noted", "table": null }]));
    let changes = drift["differences"].as_array().unwrap();
    assert!(
        changes.iter().any(|one| one["object"]["kind"] == "table" && one["action"] == "create"),
        "{drift}"
    );
    let status = machine(&mut project, "status --drift", 1);
    assert_eq!(status["drift"]["differences"], drift["differences"]);
    assert_eq!(machine(&mut project, "status", 1).get("drift"), None);
    assert!(project.expect("status --drift", 1).contains("drift: 7 differences"));
    project.expect("drift --schema other", 1);
    execute(&url, "DROP EVENT TRIGGER noted");
    execute(&url, drift["sql"].as_str().unwrap());
    project.expect("drift", 0);
    project.expect("migrate", 0);
    project.expect("status --drift", 0);
    insta::assert_snapshot!(project.transcript());
}

#[test]
fn what_a_state_needs_is_created() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(
        &MODELS.replace("pub name: String,", "#[column(type = \"citext\")]\n    pub name: String,"),
    );
    let by_hand = |project: &mut Project, name: &str, up: &str| {
        project.expect(&format!("generate --empty {name}"), 0);
        project.write(&project.newest(), up);
        project.expect("rehash --no-validate", 0);
    };
    by_hand(&mut project, "extension", "CREATE EXTENSION citext;\n");
    project.expect("generate init --no-validate", 0);
    let equal = project.whimbrel("diff --from migrations --to models");
    if equal.stderr.contains("the scratch PostgreSQL lacks this extension") {
        return;
    }
    assert_eq!(equal.code, Some(0), "{}", equal.stderr);
    by_hand(&mut project, "grant", "GRANT SELECT ON accounts TO app;\n");
    let text = project.expect("diff --from models --to migrations", 1);
    assert!(text.contains("GRANT SELECT ON TABLE accounts TO app;"), "{text}");
    assert!(text.starts_with("1 difference"), "{text}");
}

#[test]
fn an_extension_that_was_there_before_is_never_dropped() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(MODELS);
    project.write("whimbrel.toml", "models = \".\"\nmigrations = \"migrations\"\nobjects = \"objects\"\n");
    project
        .write("objects/extensions.sql", "CREATE EXTENSION pg_trgm;\nCREATE EXTENSION citext SCHEMA own;\n");
    project.write("objects/own.sql", "CREATE SCHEMA own;\n");
    project.write("objects/index.sql", "CREATE INDEX names ON accounts USING gin (name gin_trgm_ops);\n");
    project.expect("generate extensions --blocking", 0);
    let down = project.read(&project.newest().replace(".up.", ".down."));
    assert!(down.contains("DROP EXTENSION citext;"), "{down}");
    assert!(down.ends_with("-- Leave extension pg_trgm: it may have been there before.\n"), "{down}");
    assert!(!down.contains("DROP EXTENSION pg_trgm"), "{down}");
    let url = scratch.create_database("preceding").unwrap();
    execute(&url, "CREATE EXTENSION pg_trgm");
    project.set("DATABASE_URL", &url);
    for _ in 0..2 {
        project.expect("migrate", 0);
        project.expect("rollback --allow-data-loss", 0);
    }
    execute(&url, "COMMENT ON EXTENSION pg_trgm IS 'still there'");
    // What the files no longer have is dropped, and created again on the way back.
    for file in ["extensions", "own", "index"] {
        std::fs::remove_file(project.path().join(format!("objects/{file}.sql"))).unwrap();
    }
    project.expect("generate gone --blocking", 0);
    assert!(project.read(&project.newest()).contains("DROP EXTENSION pg_trgm;"));
}

#[test]
fn what_jobs_and_owners_do_is_left_alone() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(
        "#[derive(whimbrel::Model)]\n#[model(table = \"events\", primary_key(id, day), partition_by(range(day)), \
         grant(select, insert, to = \"event_owner\"))]\npub struct Event {\n    pub id: i64,\n    pub day: chrono::NaiveDate,\n}\n",
    );
    let url = scratch.create_database("jobs").unwrap();
    project.set("DATABASE_URL", &url);
    project.expect("generate init", 0);
    execute(&url, "CREATE ROLE event_owner");
    project.expect("migrate", 0);
    let daily = "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-01-02');
        CREATE INDEX events_1_ids ON events_1 (id);";
    execute(&url, daily);
    let drift = machine(&mut project, "drift", 0);
    assert_eq!(
        drift["not_compared"],
        json!([{ "kind": "partition", "name": "events_1", "table": "events" }])
    );
    assert!(project.expect("drift", 0).contains("not compared: partition events_1 on events"));
    assert_eq!(machine(&mut project, "diff --from db --to models", 0)["not_compared"], drift["not_compared"]);
    // Of two databases, nothing says that a job made it.
    let other = scratch.create_database("jobs").unwrap();
    execute(
        &other,
        "CREATE TABLE events (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
    );
    let databases = machine(&mut project, &format!("diff --from db --to db:{other}"), 1);
    assert!(databases["up_sql"].as_str().unwrap().contains("DROP TABLE events_1"), "{databases}");
    // The owner of a table has every privilege, so what is granted to it cannot be seen.
    execute(&url, "ALTER TABLE events OWNER TO event_owner; ALTER TABLE events_1 OWNER TO event_owner");
    let drift = machine(&mut project, "drift", 1);
    assert!(drift["sql"].as_str().unwrap().contains("ALTER TABLE events OWNER TO CURRENT_USER"), "{drift}");
    execute(&url, drift["sql"].as_str().unwrap());
    project.expect("drift", 0);
    let everything = "ALTER TABLE events OWNER TO event_owner; ALTER SCHEMA whimbrel OWNER TO event_owner";
    execute(&url, everything);
    project.expect("drift", 0);
    project.expect("diff --from models --to db", 0);
    execute(&url, "GRANT SELECT ON events TO PUBLIC");
    let drift = machine(&mut project, "drift", 1);
    assert_eq!(drift["differences"].as_array().unwrap().len(), 1, "{drift}");
    execute(&url, drift["sql"].as_str().unwrap());
    // A partition of a migration is another matter.
    project.expect("generate --empty partition", 0);
    project.write(&project.newest(), daily);
    project.expect("rehash --no-validate", 0);
    execute(&url, "DROP TABLE events_1");
    project.expect("migrate", 0);
    execute(&url, "ALTER TABLE events DETACH PARTITION events_1; DROP TABLE events_1");
    let drift = machine(&mut project, "drift", 1);
    assert!(drift["sql"].as_str().unwrap().contains("CREATE TABLE events_1"), "{drift}");
    execute(&url, "ALTER SCHEMA whimbrel OWNER TO CURRENT_USER; DROP TABLE events; DROP ROLE event_owner");
}
