//! A column takes the place of another one, over two releases: rows that are there, programs of both releases, a backfill
//! that is interrupted, and the way back from everywhere.

mod common;

use common::Project;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

const MODELS: &str = r#"
use whimbrel::{Id, Model};

#[derive(Model)]
#[model(table = "accounts")]
pub struct Account {
    pub id: Id<Account>,
    #[column(unique)]
    pub name: String,
    pub note: Option<String>,
}
"#;

const ROWS: &str =
    "INSERT INTO accounts (id, name) SELECT gen_random_uuid(), 'name ' || n FROM generate_series(1, 10000) n";

struct Database {
    url: String,
    runtime: tokio::runtime::Runtime,
}

impl Database {
    fn new(name: &str) -> Option<(Self, Project)> {
        Database::with(name, MODELS)
    }

    fn with(name: &str, models: &str) -> Option<(Self, Project)> {
        let url = whimbrel_scratch::for_tests()?.create_database(name).unwrap();
        let mut project = Project::new(models);
        project.set("DATABASE_URL", &url);
        project.expect("generate init", 0);
        project.expect("migrate", 0);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Some((Database { url, runtime }, project))
    }

    fn try_run(&self, sql: &str) -> Result<(), String> {
        self.runtime.block_on(async {
            let mut conn = PgConnection::connect(&self.url).await.unwrap();
            let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await;
            done.map(|_| ()).map_err(|error| error.to_string())
        })
    }

    fn run(&self, sql: &str) {
        self.try_run(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The only value of a query, as text.
    fn one(&self, sql: &str) -> String {
        self.runtime.block_on(async {
            let mut conn = PgConnection::connect(&self.url).await.unwrap();
            let sql = format!("SELECT coalesce(({sql})::text, 'NULL')");
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut conn).await.unwrap()
        })
    }
}

/// The version of the migration whose file name ends so.
fn version(project: &Project, end: &str) -> String {
    let files = project.list("migrations");
    let file = files.iter().find(|file| file.ends_with(end)).unwrap_or_else(|| panic!("{end}: {files:?}"));
    file.split('_').next().unwrap().to_owned()
}

fn equal(project: &mut Project, url: &str) {
    project.expect(&format!("diff --from models --to db:{url}"), 0);
    assert!(project.expect("generate --check", 0).contains("Up to date"));
}

/// The field of the new release.
fn expand(project: &Project, old: &str, new: &str) {
    project.edit("src/lib.rs", old, new);
}

const EXPANDED: &str = "#[column(renamed_from = \"name\", expand, unique)]\n    pub full_name: String";

#[test]
fn both_releases_run_side_by_side() {
    let Some((database, mut project)) = Database::new("expand_rename") else { return };
    database.run(ROWS);
    expand(&project, "#[column(unique)]\n    pub name: String", EXPANDED);
    project.expect("generate expand", 0);
    let files = ["_expand.up.sql", "_expand_online.up.sql", "_expand_online.down.sql", "_expand.down.sql"];
    let files = files.map(|end| format!("migrations/{}{end}", version(&project, end)));
    insta::assert_snapshot!(files.map(|file| project.read(&file)).join("----\n"));
    project.expect("generate --check", 0);

    // Programs of the old release write already, rows are not filled yet.
    project.expect(&format!("migrate --to {}", version(&project, "_expand.up.sql")), 0);
    database.run("INSERT INTO accounts (id, name) VALUES (gen_random_uuid(), 'old')");
    assert_eq!(database.one("SELECT full_name FROM accounts WHERE name = 'old'"), "old");
    database.run("UPDATE accounts SET name = 'old 1' WHERE name = 'name 1'");
    assert_eq!(database.one("SELECT full_name FROM accounts WHERE name = 'old 1'"), "old 1");
    database.run("UPDATE accounts SET note = 'seen' WHERE name = 'name 2'");
    assert_eq!(database.one("SELECT full_name FROM accounts WHERE name = 'name 2'"), "name 2");
    assert_eq!(database.one("SELECT count(full_name) FROM accounts"), "3");

    // The connection is lost in the middle of the backfill.
    database.run(
        "CREATE FUNCTION lost() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
        CREATE TRIGGER lost BEFORE UPDATE ON accounts FOR EACH ROW WHEN (NEW.name = 'name 9000') EXECUTE FUNCTION lost()",
    );
    let lost = project.whimbrel("migrate");
    assert_ne!(lost.code, Some(0));
    assert!(lost.stderr.contains("connection"), "{}", lost.stderr);
    let filled: i64 = database.one("SELECT count(full_name) FROM accounts").parse().unwrap();
    assert!((1000..10_000).contains(&filled), "{filled}");
    database.run("DROP TRIGGER lost ON accounts; DROP FUNCTION lost()");
    project.expect("migrate", 0);
    assert_eq!(database.one("SELECT count(*) FROM accounts WHERE full_name IS DISTINCT FROM name"), "0");
    assert_eq!(database.one("SELECT count(*) FROM accounts"), "10001");
    equal(&mut project, &database.url);
    project.expect("drift", 0);

    // Both at once.
    database.run("INSERT INTO accounts (id, full_name) VALUES (gen_random_uuid(), 'new')");
    assert_eq!(database.one("SELECT name FROM accounts WHERE full_name = 'new'"), "new");
    database.run(
        "INSERT INTO accounts (id, name) VALUES (gen_random_uuid(), 'old 2') ON CONFLICT (name) DO NOTHING",
    );
    database.run("INSERT INTO accounts (id, name, full_name) VALUES (gen_random_uuid(), 'one', 'other')");
    assert_eq!(database.one("SELECT name FROM accounts WHERE full_name = 'other'"), "other");
    database.run("UPDATE accounts SET full_name = 'new 3' WHERE name = 'name 3'");
    assert_eq!(database.one("SELECT name FROM accounts WHERE full_name = 'new 3'"), "new 3");
    database.run("UPDATE accounts SET name = 'old 4' WHERE full_name = 'name 4'");
    assert_eq!(database.one("SELECT full_name FROM accounts WHERE name = 'old 4'"), "old 4");
    database.run("UPDATE accounts SET name = 'a', full_name = 'b' WHERE name = 'name 5'");
    assert_eq!(database.one("SELECT name FROM accounts WHERE full_name = 'b'"), "b");
    let neither = database.try_run("INSERT INTO accounts (id) VALUES (gen_random_uuid())");
    assert!(neither.unwrap_err().contains("null value"));

    // Back, step by step, and there again: nothing is lost.
    let sum = "SELECT md5(string_agg(name, ',' ORDER BY name)) FROM accounts";
    let before = database.one(sum);
    project.expect("rollback", 0);
    project.expect("rollback", 0);
    assert_eq!(database.one(sum), before);
    project.expect("migrate", 0);
    equal(&mut project, &database.url);

    // Contract. The attribute for the rename may stay.
    expand(&project, ", expand, unique", ", unique");
    project.expect("generate contract", 0);
    let file = project.newest();
    let texts = [file.clone(), file.replace(".up.", ".down.")].map(|file| project.read(&file));
    insta::assert_snapshot!(texts.join("----\n"));
    project.expect("migrate", 0);
    equal(&mut project, &database.url);
    let sum_of_new = sum.replace("name", "full_name");
    assert_eq!(database.one(&sum_of_new), before);
    database.run("UPDATE accounts SET full_name = 'contracted' WHERE full_name = 'name 6'");
    project.expect("rollback", 0);
    assert_eq!(database.one(sum), database.one(&sum_of_new));
    database.run("INSERT INTO accounts (id, name) VALUES (gen_random_uuid(), 'again')");
    assert_eq!(database.one("SELECT full_name FROM accounts WHERE name = 'again'"), "again");
    project.expect("migrate", 0);
    equal(&mut project, &database.url);

    // An old program is needed again.
    expand(&project, "\"name\", unique", "\"name\", expand, unique");
    project.expect("generate again", 0);
    assert!(project.read(&project.newest()).contains("SET name = name"));
    project.expect("migrate", 0);
    equal(&mut project, &database.url);
    assert_eq!(database.one("SELECT count(*) FROM accounts WHERE full_name IS DISTINCT FROM name"), "0");
}

const PRICES: &str = r#"
use whimbrel::{Id, Model};

#[derive(Model)]
#[model(table = "items", index(columns(price, label)))]
pub struct Item {
    pub id: Id<Item>,
    #[column(default = 7)]
    pub price: i32,
    #[column(default = "'new'")]
    pub label: Option<String>,
}
"#;

#[test]
fn another_type_and_defaults() {
    let Some((database, mut project)) = Database::with("expand_type", PRICES) else { return };
    database.run("INSERT INTO items (id, price) SELECT gen_random_uuid(), n FROM generate_series(1, 2000) n");
    expand(
        &project,
        "#[column(default = 7)]\n    pub price: i32",
        "#[column(name = \"price_2\", renamed_from = \"price\", expand(old_type = \"int\"), default = 7)]\n    pub price: i64",
    );
    expand(
        &project,
        "#[column(default = \"'new'\")]\n    pub label",
        "#[column(renamed_from = \"label\", default = \"'new'\",
        expand(forward = \"upper(label)\", back = \"lower(title)\"))]\n    pub title",
    );
    expand(&project, "columns(price, label)", "columns(price, title)");
    project.expect("generate expand", 0);
    let text = project.read(&format!("migrations/{}_expand.up.sql", version(&project, "_expand.up.sql")));
    insta::assert_snapshot!(text);
    project.expect("migrate", 0);
    equal(&mut project, &database.url);
    let row = |id: i32| format!("FROM items WHERE id = '00000000-0000-0000-0000-{id:012}'");
    let insert = |id: i32, columns: &str, values: &str| {
        database.run(&format!(
            "INSERT INTO items (id{columns}) VALUES ('00000000-0000-0000-0000-{id:012}'{values})"
        ));
        database.one(&format!("SELECT concat_ws(' ', price, price_2, label, title) {}", row(id)))
    };
    assert_eq!(
        database.one("SELECT count(*) FROM items WHERE price <> price_2 OR title IS DISTINCT FROM 'NEW'"),
        "0"
    );
    assert_eq!(insert(1, "", ""), "7 7 new new");
    assert_eq!(insert(2, ", price, label", ", 8, NULL"), "8 8 new new");
    assert_eq!(insert(3, ", price_2, title", ", 9, 'Title'"), "9 9 title Title");
    assert_eq!(insert(4, ", price, label", ", 10, 'Label'"), "10 10 Label LABEL");
    let large = database.try_run("UPDATE items SET price_2 = 5000000000 WHERE price = 1");
    assert!(large.unwrap_err().contains("out of range"));
    database.run("UPDATE items SET title = NULL WHERE price = 8");
    assert_eq!(database.one(&format!("SELECT concat_ws(' ', price, label, title) {}", row(2))), "8");

    // What an expression keeps is unknown.
    expand(&project, "expand(old_type = \"int\"), ", "");
    project.expect("generate price", 0);
    project.expect("migrate", 0);
    assert_eq!(
        database.one("SELECT column_default FROM information_schema.columns WHERE column_name = 'price_2'"),
        "7"
    );
    expand(&project, ",\n        expand(forward = \"upper(label)\", back = \"lower(title)\")", "");
    let printed = project.expect("generate title", 1);
    assert!(
        printed.contains("drops column items.label and all its values, but for what title gives back"),
        "{printed}"
    );
    project.expect("generate title --allow-data-loss", 0);
    project.expect("migrate", 0);
    equal(&mut project, &database.url);
    project.expect(&format!("rollback --to {}", version(&project, "_expand_online.up.sql")), 0);
    assert_eq!(
        database.one(&format!("SELECT concat_ws(' ', price, price_2, label, title) {}", row(4))),
        "10 10 label LABEL"
    );
}

#[test]
fn the_short_form_is_one_migration() {
    let Some((database, mut project)) = Database::new("expand_blocking") else { return };
    database.run(ROWS);
    expand(&project, "#[column(unique)]\n    pub name: String", EXPANDED);
    let printed = project.expect(&format!("diff --from db:{} --to models", database.url), 1);
    assert!(printed.contains("UPDATE accounts SET full_name = name"), "{printed}");
    let printed = project.expect(&format!("diff --from models --to db:{}", database.url), 1);
    assert!(!printed.contains("data loss"), "{printed}");
    project.expect("generate expand --blocking", 0);
    assert_eq!(project.list("migrations/meta").len(), 2);
    insta::assert_snapshot!(project.read(&project.newest()));
    project.expect("migrate", 0);
    equal(&mut project, &database.url);
    assert_eq!(database.one("SELECT count(*) FROM accounts WHERE full_name IS DISTINCT FROM name"), "0");
    project.expect("rollback", 0);
    project.expect("migrate", 0);

    // The table is renamed, then gone.
    project.edit("src/lib.rs", "table = \"accounts\"", "table = \"people\", renamed_from = \"accounts\"");
    project.expect("generate people", 0);
    project.expect("migrate", 0);
    equal(&mut project, &database.url);
    database.run("INSERT INTO people (id, name) VALUES (gen_random_uuid(), 'old')");
    assert_eq!(database.one("SELECT full_name FROM people WHERE name = 'old'"), "old");
    project.write("src/lib.rs", "use whimbrel::{Id, Model};");
    project.expect("generate gone --allow-data-loss", 0);
    project.expect("migrate", 0);
    assert_eq!(database.one("SELECT count(*) FROM pg_proc WHERE proname LIKE '%sync%' AND pronamespace = 'public'::regnamespace"), "0");
}

const READ: &str = r#"
use whimbrel::{Id, Model};

#[derive(Model)]
#[model(table = "accounts", rls, policy(own, using = "name = CURRENT_USER"), index(columns("lower(name)")), check("name <> ''"),
    timestamps)]
pub struct Account {
    pub id: Id<Account>,
    #[column(comment = "The name.")]
    pub name: String,
    pub created_at: chrono::DateTime<chrono::Utc>,
    pub updated_at: chrono::DateTime<chrono::Utc>,
}

#[derive(Model)]
#[model(view = "SELECT id, name AS label FROM accounts", table = "labels")]
pub struct Label {
    pub id: Id<Account>,
    pub label: String,
}
"#;

#[test]
fn what_reads_the_new_column_waits_for_its_values() {
    let Some((database, mut project)) = Database::with("expand_read", READ) else { return };
    database.run("INSERT INTO accounts (id, name) SELECT gen_random_uuid(), 'name ' || n FROM generate_series(1, 20) n");
    let text =
        project.read("src/lib.rs").replace("\"name =", "\"full_name =").replace("(name)", "(full_name)");
    let text = text.replace("name <>", "full_name <>").replace("name AS", "full_name AS");
    let text = text
        .replace("pub name", "pub full_name")
        .replace("(comment", "(renamed_from = \"name\", expand, comment");
    project.write("src/lib.rs", &text);
    project.expect("generate expand", 0);
    let files = [version(&project, "_expand.up.sql"), version(&project, "_expand_online.up.sql")];
    let first = project.read(&format!("migrations/{}_expand.up.sql", files[0]));
    let second = project.read(&format!("migrations/{}_expand_online.up.sql", files[1]));
    for text in ["POLICY own", "VIEW labels", "INDEX", "<> ''"] {
        assert!(!first.contains(text), "{text}: {first}");
        assert!(second.contains(text), "{text}: {second}");
    }
    project.expect(&format!("migrate --to {}", files[0]), 0);
    assert_eq!(database.one("SELECT count(label) FROM labels"), "20");
    project.expect("migrate", 0);
    equal(&mut project, &database.url);
    assert_eq!(database.one("SELECT count(label) FROM labels"), "20");
    project.expect("rollback --steps 2", 0);
    assert_eq!(database.one("SELECT count(label) FROM labels"), "20");
    project.expect("migrate", 0);
    project.edit("src/lib.rs", "expand, ", "");
    project.expect("generate contract", 0);
    project.expect("migrate", 0);
    equal(&mut project, &database.url);
}

const EVENTS: &str = r#"
use whimbrel::Model;

#[derive(Model)]
#[model(table = "events", primary_key(id, day), partition_by(range(day)),
    partition(events_1, from = 0, to = 10), partition(events_2, default))]
pub struct Event {
    pub id: i32,
    pub day: i32,
    #[column(index)]
    pub kind: String,
}
"#;

#[test]
fn a_trigger_that_runs_later_is_named() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(MODELS);
    project.write("whimbrel.toml", "models = \".\"\nmigrations = \"migrations\"\nobjects = \"objects\"\n");
    let trigger = |name: &str, event: &str, each: &str| {
        format!("CREATE TRIGGER {name} {event} ON accounts FOR EACH {each} EXECUTE FUNCTION f();\n")
    };
    let function =
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\n".to_owned();
    let others = [
        trigger("early", "BEFORE UPDATE", "ROW"),
        trigger("zz_t_after", "AFTER UPDATE", "ROW"),
        trigger("zz_t_each", "BEFORE UPDATE", "STATEMENT"),
    ];
    project.write("objects/all.sql", &(function + &others.concat()));
    project.expect("generate init", 0);
    let new = MODELS.replace("#[column(unique)]\n    pub name: String", EXPANDED);
    project.write("src/lib.rs", &new);
    assert!(!project.expect("generate --dry-run", 0).contains("runs after"));
    project.write("objects/late.sql", &trigger("zz_t_late", "BEFORE INSERT OR UPDATE OF note", "ROW"));
    let said = project.expect("generate expand", 0);
    assert!(said.contains("accounts.zz_t_late runs after trigger accounts.zz_sync_full_name"), "{said}");
    assert_eq!(said.matches("runs after").count(), 1, "{said}");
}

#[test]
fn a_partitioned_table() {
    let Some((database, mut project)) = Database::with("expand_partitions", EVENTS) else { return };
    database.run("INSERT INTO events SELECT n, n % 20, 'kind' FROM generate_series(1, 5000) n");
    project.edit(
        "src/lib.rs",
        "index)]\n    pub kind",
        "index, renamed_from = \"kind\", expand)]\n    pub sort",
    );
    project.expect("generate expand", 0);
    project.expect("migrate", 0);
    equal(&mut project, &database.url);
    assert_eq!(database.one("SELECT count(*) FROM events WHERE sort = kind"), "5000");
    database.run("INSERT INTO events (id, day, sort) VALUES (0, 1, 'sort')");
    assert_eq!(database.one("SELECT kind FROM events_1 WHERE sort = 'sort'"), "sort");
    project.expect(&format!("rollback --to {}", version(&project, "_init.up.sql")), 0);
    project.expect("migrate", 0);
    project.edit("src/lib.rs", ", expand", "");
    project.expect("generate contract", 0);
    project.expect("migrate", 0);
    equal(&mut project, &database.url);
}

#[test]
fn what_cannot_be_expanded() {
    let mut project = Project::new(MODELS);
    project.expect("generate init --no-validate", 0);
    expand(&project, "#[column(unique)]\n    pub name: String", &EXPANDED.replace("\"name\"", "\"nmae\""));
    let printed = project.expect("generate --no-validate", 2);
    assert!(printed.contains("accounts had no column nmae"), "{printed}");
    project.edit("src/lib.rs", "\"nmae\", expand", "\"name\", expand(old_type = \"int[]\")");
    let printed = project.expect("generate --no-validate", 2);
    assert!(printed.contains("PostgreSQL has no cast from integer[] to text"), "{printed}");
    assert!(printed.contains("say how `name` becomes `full_name`: `forward = \"…\"`"), "{printed}");
}

#[test]
fn a_rewrite_has_another_way() {
    let mut project = Project::new(PRICES);
    project.expect("generate init --no-validate", 0);
    project.edit("src/lib.rs", "price: i32", "price: i64");
    let printed = project.expect("generate --no-validate", 0);
    let way = "#[column(name = \"new_price\", renamed_from = \"price\", expand(old_type = \"integer\"))]";
    assert!(printed.contains(way), "{printed}");
}

/// Names that are long, or words of PL/pgSQL, rows that go to another partition, and both columns dropped in the middle.
#[test]
fn awkward_tables() {
    let models = r#"
use whimbrel::Model;

#[derive(Model)]
#[model(table = "customer_subscription_histories", primary_key(id, page), partition_by(list(page)),
    partition(p1, in = "1"), partition(p2, in = "2"))]
pub struct History {
    pub id: i64,
    pub page: i32,
    pub street: String,
    pub city: Option<String>,
    pub price: Option<f64>,
    pub by: Option<String>,
}
"#;
    let Some((database, mut project)) = Database::with("expand_awkward", models) else { return };
    let table = "customer_subscription_histories";
    database.run(&format!("INSERT INTO {table} SELECT n, 1 + n % 2, 's' || n, 'c' || n, n + 0.5, 'b' || n FROM generate_series(1, 3000) n"));
    for (old, new) in [
        (
            "street: String",
            "#[column(renamed_from = \"street\", expand)] pub customer_billing_address_line_1_of_the_main_residence_or_so_a: String",
        ),
        (
            "city: Option<String>",
            "#[column(renamed_from = \"city\", expand)] pub customer_billing_address_line_1_of_the_main_residence_or_so_b: Option<String>",
        ),
        (
            "price: Option<f64>",
            "#[column(renamed_from = \"price\", expand(old_type = \"double precision\"))] pub euros: Option<i64>",
        ),
        ("by: Option<String>", "#[column(renamed_from = \"by\", expand)] pub r#loop: Option<String>"),
    ] {
        project.edit("src/lib.rs", &format!("pub {old}"), new);
    }
    project.expect("generate expand", 0);
    project.expect("migrate", 0);
    let line = "customer_billing_address_line_1_of_the_main_residence_or_so";
    let differ = format!(
        "SELECT count(*) FROM {table} WHERE ({line}_a, {line}_b, euros, loop)
        IS DISTINCT FROM (street, city, price::bigint, by)"
    );
    assert_eq!(database.one(&differ), "0");
    database.run(&format!("UPDATE {table} SET page = 3 - page WHERE id < 10"));
    assert_eq!(database.one(&format!("SELECT sum(price) FROM {table} WHERE id < 10")), "49.5");
    equal(&mut project, &database.url);

    // Both columns go, and come back without values.
    let field = format!("#[column(renamed_from = \"city\", expand)] pub {line}_b: Option<String>,\n");
    project.edit("src/lib.rs", &field, "");
    project.expect("generate without_city --allow-data-loss", 0);
    project.expect("migrate", 0);
    project.expect("rollback --allow-data-loss", 0);
    assert_eq!(database.one(&format!("SELECT count(*) FROM {table} WHERE city IS NOT NULL")), "0");
}

#[test]
fn columns_that_cannot_take_the_place_of_others() {
    let field = "pub name: String";
    let models = MODELS.replace(
        "pub note: Option<String>,",
        "pub note: Option<String>,\n    pub age: i32,\n    pub points: i32,\n    #[column(default = 5)]\n    pub rank: i32,\n    \
         #[column(identity = \"always\")]\n    pub number: i64,",
    );
    assert!(models.contains(field));
    let Some((_, mut project)) = Database::with("expand_refused", &models) else { return };
    let text = project.read("src/lib.rs");
    for (old, new, message) in [
        (
            "    pub age: i32,\n    pub points: i32,",
            "    #[column(renamed_from = \"age\", expand)]\n    pub points: i32,",
            "has a column points already",
        ),
        (
            "    pub age: i32,",
            "    #[column(renamed_from = \"age\", expand)]\n    pub years: i64,",
            "expand(old_type = \"integer\")",
        ),
        (
            "    #[column(default = 5)]\n    pub rank: i32,",
            "    #[column(renamed_from = \"rank\", expand)]\n    pub place: i32,",
            "give the new column a `default`",
        ),
        (
            "    #[column(identity = \"always\")]\n    pub number: i64,",
            "    #[column(renamed_from = \"number\", expand)]\n    pub no: i64,",
            "is an identity column",
        ),
        (
            "    pub age: i32,",
            "    #[column(renamed_from = \"age\", expand(forward = \"age + 1\"))]\n    pub years: i32,",
            "no `back`",
        ),
    ] {
        project.write("src/lib.rs", &text.replace(old, new));
        let output = project.expect("generate refused", 2);
        assert!(output.contains(message) && output.contains("src/lib.rs:"), "{output}");
    }
}
