//! Databases to read, compare and change.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use whimbrel_schema::plan::{online, stages};
use whimbrel_schema::{Entry, Id, State, Step, plan};
use whimbrel_scratch::Dump;

/// A database of the tests' server.
pub struct Database {
    pub conn: PgConnection,
    url: String,
}

impl Database {
    /// An empty database; none when there is no server that takes several connections.
    pub async fn new(name: &str) -> Option<Database> {
        let url = whimbrel_scratch::for_tests()?.create_database(name).unwrap();
        Some(Database { conn: PgConnection::connect(&url).await.unwrap(), url })
    }

    /// Runs statements in one transaction, with names found in `public`.
    pub async fn run(&mut self, sql: &str) -> Result<(), String> {
        let sql = format!("SET search_path = public;\n{sql}");
        let result = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.conn).await;
        result.map(drop).map_err(|error| error.to_string())
    }

    pub async fn state(&mut self) -> State {
        whimbrel::__private::introspect::state(&mut self.conn, &[]).await.unwrap()
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Another connection to it.
    pub async fn another(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    /// Runs each statement of steps by itself.
    pub async fn apply_each(&mut self, steps: &[Step]) -> Result<(), String> {
        self.run("SET check_function_bodies = off").await?;
        for statement in steps.iter().flat_map(|step| &step.statements) {
            let result = sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut self.conn).await;
            result.map_err(|error| format!("{error}: {statement}\n{}", text(steps)))?;
        }
        Ok(())
    }

    /// Goes from one state to another in two stages, and back.
    pub async fn online_and_back(&mut self, prev: &State, next: &State) -> Result<(), String> {
        let middle = stages(prev, next).middle;
        let short = |from: &State, to: &State| plan(from, to).map_err(|error| error.to_string());
        let each = |from: &State, to: &State| online(from, to).map_err(|error| error.to_string());
        self.apply(&short(prev, &middle)?).await?;
        self.expect(&middle).await.map_err(|error| format!("first stage: {error}"))?;
        self.apply_each(&each(&middle, next)?).await?;
        self.expect(next).await.map_err(|error| format!("second stage: {error}"))?;
        self.apply_each(&each(next, &middle)?).await?;
        self.expect(&middle).await.map_err(|error| format!("second stage undone: {error}"))?;
        self.apply(&short(&middle, prev)?).await?;
        self.expect(prev).await.map_err(|error| format!("first stage undone: {error}"))
    }

    /// That nothing is left to do to make it so.
    async fn expect(&mut self, state: &State) -> Result<(), String> {
        let found = self.state().await;
        // pg_dump is asked without owners, since other roles own what is on another server.
        let owners = |state: &State| -> Vec<String> {
            let owned = |(id, entry): (&Id, &Entry)| Some(format!("{id}: {}", entry.owner.as_ref()?));
            state.objects.iter().filter_map(owned).collect()
        };
        if owners(&found) != owners(state) {
            return Err(format!("found owners {:?}, not {:?}", owners(&found), owners(state)));
        }
        let rest = plan(&found, state).map_err(|error| error.to_string())?;
        if rest.is_empty() { Ok(()) } else { Err(format!("something is left to do:\n{}", text(&rest))) }
    }

    /// Runs steps in one transaction.
    pub async fn apply(&mut self, steps: &[Step]) -> Result<(), String> {
        let sql = text(steps);
        self.run(&format!("SET check_function_bodies = off;\n{sql}"))
            .await
            .map_err(|error| format!("{error}\n{sql}"))
    }

    /// What pg_dump prints; none where there is no pg_dump.
    pub fn dump(&self) -> Option<Dump> {
        whimbrel_scratch::for_tests()?.dump(&self.url, &[]).unwrap()
    }
}

/// Makes sure that these roles exist.
pub async fn roles(conn: &mut PgConnection, names: &[&str]) {
    for name in names {
        let create = format!(
            "DO $$ BEGIN CREATE ROLE {name}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        );
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *conn).await.unwrap();
    }
}

pub fn text(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        text.push_str(&format!("-- {}\n", step.comment));
        for statement in &step.statements {
            text.push_str(&format!("{statement};\n"));
        }
    }
    text
}

/// What a database must look like.
pub struct Wanted {
    pub state: State,
    pub dump: Option<Dump>,
}

impl Wanted {
    pub async fn of(database: &mut Database) -> Wanted {
        Wanted { state: database.state().await, dump: database.dump() }
    }

    /// That nothing is left to do to make a database so.
    pub async fn check_state(&self, database: &mut Database) -> Result<(), String> {
        database.expect(&self.state).await
    }

    /// That a database is so: nothing is left to do, and its dump is equal.
    pub async fn check(&self, database: &mut Database) -> Result<(), String> {
        self.check_state(database).await?;
        let (Some(found), Some(wanted)) = (database.dump(), &self.dump) else { return Ok(()) };
        let lines = wanted.difference(&found);
        if lines.is_empty() { Ok(()) } else { Err(format!("the dump differs:\n{}", lines.join("\n"))) }
    }
}

/// A change of tables with rows, and how the statements of its second stage begin.
pub struct Online {
    pub name: &'static str,
    pub old: &'static str,
    pub new: &'static str,
    /// Fills the tables of the old state.
    pub rows: &'static str,
    pub statements: &'static [&'static str],
}

pub const ONLINE: &[Online] = &[
    Online {
        name: "a field with an index and a foreign key",
        old: "CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE b (id integer PRIMARY KEY)",
        new: "CREATE TABLE a (id integer PRIMARY KEY);
            CREATE TABLE b (id integer PRIMARY KEY, a integer REFERENCES a ON DELETE CASCADE); CREATE INDEX ON b (a)",
        rows: "INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)",
        statements: &[
            "ALTER TABLE b ADD CONSTRAINT b_a_fkey FOREIGN KEY (a) REFERENCES a(id) ON DELETE CASCADE NOT VALID",
            "ALTER TABLE b VALIDATE CONSTRAINT b_a_fkey",
            "CREATE INDEX CONCURRENTLY b_a_idx ON b (a)",
        ],
    },
    Online {
        name: "every form",
        old: "CREATE TABLE a (id integer NOT NULL, b integer, c text, CONSTRAINT gone CHECK (b > 0)); CREATE INDEX gone_idx ON a (c);
            CREATE TABLE o (id integer PRIMARY KEY)",
        new: "CREATE TABLE o (id integer PRIMARY KEY); CREATE TABLE a (id integer NOT NULL, b integer NOT NULL, c text, PRIMARY KEY (b) INCLUDE (c),
                CONSTRAINT a_c_key UNIQUE (id, c) WITH (fillfactor = 80) DEFERRABLE INITIALLY DEFERRED, CHECK (c <> ''),
                CONSTRAINT a_b_fkey FOREIGN KEY (b) REFERENCES o DEFERRABLE);
            CREATE UNIQUE INDEX a_c_idx ON a (lower(c)) WHERE c IS NOT NULL",
        rows: "INSERT INTO o SELECT generate_series(1, 9); INSERT INTO a SELECT id, id, id::text FROM o",
        statements: &[
            "DROP INDEX CONCURRENTLY gone_idx",
            "ALTER TABLE a DROP CONSTRAINT gone",
            "ALTER TABLE a ADD CONSTRAINT b_is_not_null CHECK (b IS NOT NULL) NOT VALID",
            "ALTER TABLE a VALIDATE CONSTRAINT b_is_not_null",
            "ALTER TABLE a ALTER COLUMN b SET NOT NULL",
            "ALTER TABLE a DROP CONSTRAINT b_is_not_null",
            "ALTER TABLE a ADD CONSTRAINT a_b_fkey FOREIGN KEY (b) REFERENCES o(id) DEFERRABLE NOT VALID",
            "ALTER TABLE a VALIDATE CONSTRAINT a_b_fkey",
            "ALTER TABLE a ADD CONSTRAINT a_c_check CHECK ((c <> ''::text)) NOT VALID",
            "ALTER TABLE a VALIDATE CONSTRAINT a_c_check",
            "CREATE UNIQUE INDEX CONCURRENTLY a_c_key ON a (id, c)",
            "ALTER TABLE a ADD CONSTRAINT a_c_key UNIQUE USING INDEX a_c_key DEFERRABLE INITIALLY DEFERRED",
            "ALTER INDEX a_c_key SET (fillfactor=80)",
            "CREATE UNIQUE INDEX CONCURRENTLY a_pkey ON a (b) INCLUDE (c)",
            "ALTER TABLE a ADD CONSTRAINT a_pkey PRIMARY KEY USING INDEX a_pkey",
            "CREATE UNIQUE INDEX CONCURRENTLY a_c_idx ON a (lower(c)) WHERE c IS NOT NULL",
        ],
    },
    Online {
        name: "others take their places",
        old: "CREATE TABLE o (id integer PRIMARY KEY);
            CREATE TABLE a (b integer REFERENCES o, c text, d text, CONSTRAINT k UNIQUE (c), CONSTRAINT h CHECK (b > 0));
            CREATE INDEX i ON a (c); CREATE UNIQUE INDEX r ON o (id); ALTER TABLE o REPLICA IDENTITY USING INDEX r;
            COMMENT ON INDEX i IS 'i'; COMMENT ON INDEX r IS 'r'; COMMENT ON CONSTRAINT k ON a IS 'k'; COMMENT ON CONSTRAINT h ON a IS 'h'",
        new: "CREATE TABLE o (id integer PRIMARY KEY);
            CREATE TABLE a (b integer REFERENCES o ON DELETE CASCADE, c text, d text, CONSTRAINT k UNIQUE (c, d), CONSTRAINT h CHECK (b > 1));
            CREATE INDEX i ON a USING hash (c); CREATE UNIQUE INDEX r ON o (id DESC); ALTER TABLE o REPLICA IDENTITY USING INDEX r;
            COMMENT ON INDEX i IS 'i'; COMMENT ON INDEX r IS 'other'; COMMENT ON CONSTRAINT k ON a IS 'k'; COMMENT ON CONSTRAINT h ON a IS 'h'",
        rows: "INSERT INTO o SELECT generate_series(2, 9); INSERT INTO a SELECT id, id::text FROM o",
        statements: &[
            "ALTER TABLE a DROP CONSTRAINT a_b_fkey, ADD CONSTRAINT a_b_fkey FOREIGN KEY (b) REFERENCES o(id) ON DELETE CASCADE NOT VALID",
            "ALTER TABLE a VALIDATE CONSTRAINT a_b_fkey",
            "ALTER TABLE a DROP CONSTRAINT h, ADD CONSTRAINT h CHECK ((b > 1)) NOT VALID",
            "ALTER TABLE a VALIDATE CONSTRAINT h",
            "COMMENT ON CONSTRAINT h ON a IS 'h'",
            "CREATE UNIQUE INDEX CONCURRENTLY k_new ON a (c, d)",
            "ALTER TABLE a DROP CONSTRAINT k, ADD CONSTRAINT k UNIQUE USING INDEX k_new",
            "COMMENT ON CONSTRAINT k ON a IS 'k'",
            "CREATE INDEX CONCURRENTLY i_new ON a USING hash (c)",
            "DROP INDEX CONCURRENTLY i",
            "ALTER INDEX i_new RENAME TO i",
            "COMMENT ON INDEX i IS 'i'",
            "CREATE UNIQUE INDEX CONCURRENTLY r_new ON o (id DESC)",
            "ALTER TABLE o REPLICA IDENTITY USING INDEX r_new",
            "DROP INDEX CONCURRENTLY r",
            "ALTER INDEX r_new RENAME TO r",
            "COMMENT ON INDEX r IS 'other'",
        ],
    },
    Online {
        name: "what is new, and what depends on it",
        old: "CREATE TABLE a (id integer NOT NULL, n integer)",
        new: "CREATE TABLE a (id integer PRIMARY KEY, n integer); CREATE TABLE b (id integer PRIMARY KEY, a integer REFERENCES a);
            CREATE INDEX ON b (a); CREATE VIEW v AS SELECT id, n FROM a GROUP BY id; CREATE VIEW w AS SELECT n FROM a;
            CREATE FUNCTION z(v) RETURNS integer LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql AS 'SELECT v FROM v WHERE z(v) = 1'",
        rows: "INSERT INTO a VALUES (1, 1)",
        statements: &[
            "CREATE UNIQUE INDEX CONCURRENTLY a_pkey ON a (id)",
            "ALTER TABLE a ADD CONSTRAINT a_pkey PRIMARY KEY USING INDEX a_pkey",
            "ALTER TABLE b ADD CONSTRAINT b_a_fkey FOREIGN KEY (a) REFERENCES a(id) NOT VALID",
            "ALTER TABLE b VALIDATE CONSTRAINT b_a_fkey",
            "CREATE VIEW v AS",
            "CREATE OR REPLACE FUNCTION public.f()",
            "CREATE OR REPLACE FUNCTION public.z(v)",
        ],
    },
    Online {
        name: "partitions and child tables",
        old: "CREATE TABLE p (id integer, n integer) PARTITION BY RANGE (id); CREATE TABLE c PARTITION OF p DEFAULT;
            CREATE TABLE h (id integer, n integer); CREATE TABLE i () INHERITS (h)",
        new: "CREATE TABLE p (id integer, n integer NOT NULL CHECK (n > 0), UNIQUE (id), PRIMARY KEY (id, n)) PARTITION BY RANGE (id);
            CREATE TABLE c PARTITION OF p DEFAULT; CREATE INDEX ON c (n);
            CREATE TABLE h (id integer, n integer NOT NULL); CREATE TABLE i () INHERITS (h)",
        rows: "INSERT INTO p VALUES (1, 1); INSERT INTO i VALUES (1, 1)",
        statements: &[],
    },
    Online {
        name: "long names",
        old: "CREATE TABLE t (cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc1 integer,
                cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc2 integer);
            CREATE INDEX iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii1 ON t
                (cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc1);
            CREATE INDEX iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii_new ON t
                (cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc2)",
        new: "CREATE TABLE t (cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc1 integer NOT NULL,
                cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc2 integer NOT NULL);
            CREATE INDEX iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii1 ON t
                (cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc2);
            CREATE INDEX iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii_new ON t
                (cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc2)",
        rows: "INSERT INTO t VALUES (1, 1)",
        statements: &[],
    },
];

/// The roles that `everything.sql` refers to.
const ROLES: &[&str] = &["test_reader", "test_writer", "test_owner"];

/// A database with every kind of object and every property that is managed.
pub async fn everything(name: &str) -> Option<Database> {
    let mut database = Database::new(name).await?;
    roles(&mut database.conn, ROLES).await;
    let version = database.conn.server_version_num().unwrap() / 10_000;
    let parts = [
        (14, include_str!("../sql/everything.sql")),
        (15, include_str!("../sql/everything_15.sql")),
        (18, include_str!("../sql/everything_18.sql")),
    ];
    for (since, sql) in parts {
        if version >= since {
            database.run(sql).await.unwrap();
        }
    }
    Some(database)
}

/// The roles that the pairs refer to. They are of the server, and the pairs run side by side.
pub const CORPUS_ROLES: &[&str] = &[
    "admin_role",
    "admin_user",
    "api_role",
    "api_user",
    "app_role",
    "app_user",
    "appname_apiuser",
    "column_reader",
    "demouser",
    "manager_role",
    "old_role",
    "owner_role",
    "reader",
    "readonly_role",
    "readonly_user",
    "test_admin",
    "testuser",
];

/// The pairs that need more than every server has: the oldest version that takes them, and what it is. This list may only
/// become shorter.
const NEEDS: &[(&str, u32, &str)] = &[
    ("create_index/add_index", 15, "NULLS NOT DISTINCT"),
    ("create_table/add_fk", 18, "PERIOD"),
    ("create_table/add_pk", 18, "WITHOUT OVERLAPS"),
    ("create_table/add_unique_constraint_nulls_not_distinct", 15, "NULLS NOT DISTINCT"),
    ("create_table/issue_295_pgvector_typmod", u32::MAX, "the extension vector, where it is not installed"),
    ("create_table/issue_501_virtual_generated_column", 18, "VIRTUAL"),
    ("create_view/add_view", 15, "security_invoker"),
    ("create_view/issue_350_view_options", 15, "security_invoker"),
];

/// What a pair of the corpus needs that a server of this version does not have.
pub fn needs(name: &str, version: u32) -> Option<&'static str> {
    let needs = NEEDS.iter().find(|(pair, oldest, _)| *pair == name && version < *oldest);
    needs.map(|(_, _, what)| *what)
}

/// The pairs of the corpus of pgschema, a folder each.
pub fn corpus(root: &Path) -> Vec<PathBuf> {
    let kinds = folders(root);
    let cases = kinds.iter().flat_map(|kind| folders(kind));
    cases.filter(|case| case.join("old.sql").is_file()).collect()
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}
