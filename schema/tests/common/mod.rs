//! Databases to read, compare and change.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::Command;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use whimbrel_schema::{State, Step, plan};

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

    /// Runs steps in one transaction.
    pub async fn apply(&mut self, steps: &[Step]) -> Result<(), String> {
        let sql = text(steps);
        self.run(&format!("SET check_function_bodies = off;\n{sql}"))
            .await
            .map_err(|error| format!("{error}\n{sql}"))
    }

    /// The lines of `pg_dump --schema-only --no-owner`, sorted, for a column that comes back comes last; none where
    /// there is no pg_dump.
    pub fn dump(&self) -> Option<Vec<String>> {
        let program = whimbrel_scratch::for_tests()?.program("pg_dump")?;
        let output = Command::new(program)
            .args(["--schema-only", "--no-owner", "--dbname", &self.url])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        // Newer versions print a random key with `\restrict`.
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with(['-', '\\']));
        let mut lines: Vec<String> = lines.map(|line| line.trim_end_matches(',').to_owned()).collect();
        lines.sort();
        Some(lines)
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
    pub dump: Option<Vec<String>>,
}

impl Wanted {
    pub async fn of(database: &mut Database) -> Wanted {
        Wanted { state: database.state().await, dump: database.dump() }
    }

    /// That nothing is left to do to make a database so.
    pub async fn check_state(&self, database: &mut Database) -> Result<(), String> {
        let rest = plan(&database.state().await, &self.state).map_err(|error| error.to_string())?;
        if rest.is_empty() { Ok(()) } else { Err(format!("something is left to do:\n{}", text(&rest))) }
    }

    /// That a database is so: nothing is left to do, and its dump is equal.
    pub async fn check(&self, database: &mut Database) -> Result<(), String> {
        self.check_state(database).await?;
        match (database.dump(), &self.dump) {
            (Some(found), Some(wanted)) if found != *wanted => {
                Err(format!("the dump differs:\n{}", difference(&found, wanted)))
            }
            _ => Ok(()),
        }
    }
}

/// The lines that only one of two sorted texts has, or has more often.
pub fn difference(found: &[String], wanted: &[String]) -> String {
    let mut text = String::new();
    let (mut found, mut wanted) = (found.iter().peekable(), wanted.iter().peekable());
    loop {
        let order = match (found.peek(), wanted.peek()) {
            (Some(found), Some(wanted)) => found.cmp(wanted),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => return text,
        };
        let extra = if order.is_le() { found.next() } else { None };
        let missing = if order.is_ge() { wanted.next() } else { None };
        match (extra, missing) {
            (Some(line), None) => text.push_str(&format!("found   {line}\n")),
            (None, Some(line)) => text.push_str(&format!("missing {line}\n")),
            _ => {}
        }
    }
}

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
