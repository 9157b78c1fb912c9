//! Logs in as each role: what it sees, what it may not do, and what the audit trail says of it.

use std::str::FromStr;

use example_estate::MIGRATOR;
use example_estate::event::{Change, Event};
use example_estate::property::{Sales, Unit, UnitStatus};
use example_estate::user::User;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor as _, PgConnection};

/// PostgreSQL's `insufficient_privilege`.
const DENIED: &str = "42501";

struct Estate {
    url: String,
    /// Whoever runs the migrations: the owner of everything.
    owner: PgConnection,
}

impl Estate {
    /// The platform with two companies, a development of each, and a customer. None without a server to test with.
    async fn new(name: &str) -> Option<Estate> {
        let url = whimbrel_scratch::for_tests()?.create_database(name).unwrap();
        let mut owner = PgConnection::connect(&url).await.unwrap();
        // Roles are the server's, which the tests share.
        let roles = include_str!("../roles.sql").lines().filter(|line| line.starts_with("CREATE"));
        let companies = ["CREATE ROLE nordbau LOGIN IN ROLE estate_developer;"];
        for role in roles.chain(companies) {
            let create =
                format!("DO $$ BEGIN {role} EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$");
            owner.execute(AssertSqlSafe(create)).await.unwrap();
        }
        let pool = PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
        MIGRATOR.run(&pool).await.unwrap();
        pool.close().await;
        let mut estate = Estate { url, owner };
        let mut service = estate.login("estate_service").await;
        run(
            &mut service,
            "BEGIN; SET LOCAL app.actor = 'import';
            INSERT INTO users (email, name, kind) VALUES ('eva@example.com', 'Eva', 'customer');
            INSERT INTO developments (name, company, profile) VALUES
                ('Hafen', 'nordbau', '{\"city\": \"Kiel\"}'), ('Park', 'suedbau', '{\"city\": \"Ulm\"}');
            INSERT INTO units (development_id, label, status, price)
                SELECT id, name || ' ' || n, 'available', 1000 * n FROM developments, generate_series(1, 3) AS n;
            INSERT INTO documents (unit_id, kind) SELECT id, k FROM units, unnest(enum_range(NULL::document_kind)) k;
            INSERT INTO events (occurred_at, kind, payload) VALUES ('2026-05-01', 'visit', '{\"who\": \"Eva\"}');
            COMMIT;",
        )
        .await;
        run(&mut estate.owner, "REFRESH MATERIALIZED VIEW sales").await;
        Some(estate)
    }

    /// A connection of that role.
    async fn login(&self, role: &str) -> PgConnection {
        PgConnectOptions::from_str(&self.url).unwrap().username(role).connect().await.unwrap()
    }
}

async fn run(connection: &mut PgConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// How many rows a statement changed.
async fn changed(connection: &mut PgConnection, sql: &'static str) -> u64 {
    connection.execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected()
}

async fn count(connection: &mut PgConnection, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await.unwrap()
}

/// The statements that PostgreSQL must refuse.
async fn denied(connection: &mut PgConnection, statements: &[&'static str]) {
    for sql in statements {
        let error = connection.execute(*sql).await.expect_err(sql);
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
        assert_eq!(code, DENIED, "{sql}: {error}");
    }
}

#[tokio::test]
async fn the_service_works_with_what_is_not_deleted() {
    let Some(mut estate) = Estate::new("service").await else { return };
    let mut service = estate.login("estate_service").await;
    let before: User = sqlx::query_as("SELECT * FROM users").fetch_one(&mut service).await.unwrap();
    assert_eq!((before.email.0.as_str(), before.deleted_at), ("eva@example.com", None));

    // The program does not know of updated_at, and deletes with the server's clock.
    assert_eq!(changed(&mut service, "UPDATE users SET name = 'Eva M.'").await, 1);
    let after: User = sqlx::query_as("SELECT * FROM users").fetch_one(&mut service).await.unwrap();
    assert!(after.updated_at > before.updated_at && after.created_at == before.created_at);
    assert_eq!(changed(&mut service, "UPDATE units SET deleted_at = now() WHERE label = 'Hafen 1'").await, 1);
    assert_eq!(count(&mut service, "units").await, 5);
    assert_eq!(changed(&mut service, "UPDATE units SET deleted_at = NULL WHERE label = 'Hafen 1'").await, 0);
    assert_eq!(count(&mut estate.owner, "units").await, 6);

    denied(
        &mut service,
        &[
            "DELETE FROM units",
            "TRUNCATE users",
            "SELECT FROM events",
            "SELECT FROM sales",
            "SELECT FROM audit_log",
            "INSERT INTO audit_log (role, table_name, operation) VALUES ('nobody', 'users', 'INSERT')",
            "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
        ],
    )
    .await;
}

#[tokio::test]
async fn the_admin_sees_the_deleted_and_restores_them() {
    let Some(estate) = Estate::new("admin").await else { return };
    let mut service = estate.login("estate_service").await;
    let mut admin = estate.login("estate_admin").await;
    changed(&mut service, "UPDATE users SET deleted_at = now()").await;
    assert_eq!((count(&mut service, "users").await, count(&mut admin, "users").await), (0, 1));
    assert_eq!(changed(&mut admin, "UPDATE users SET deleted_at = NULL").await, 1);
    assert_eq!(count(&mut service, "users").await, 1);
    let event: Event = sqlx::query_as("SELECT * FROM events").fetch_one(&mut admin).await.unwrap();
    assert_eq!((event.kind.as_str(), &event.payload["who"]), ("visit", &"Eva".into()));
    denied(
        &mut admin,
        &["DELETE FROM users", "INSERT INTO events (kind) VALUES ('x')", "DELETE FROM audit_trail"],
    )
    .await;
}

#[tokio::test]
async fn a_developer_sees_what_it_builds() {
    let Some(estate) = Estate::new("developer").await else { return };
    let mut service = estate.login("estate_service").await;
    changed(&mut service, "UPDATE units SET deleted_at = now() WHERE label = 'Hafen 3'").await;
    let mut nordbau = estate.login("nordbau").await;
    let units: Vec<Unit> =
        sqlx::query_as("SELECT * FROM units ORDER BY label").fetch_all(&mut nordbau).await.unwrap();
    let labels: Vec<&str> = units.iter().map(|unit| unit.label.as_str()).collect();
    assert_eq!(labels, ["Hafen 1", "Hafen 2"]);
    assert_eq!(count(&mut nordbau, "developments").await, 1);
    // Two units with three documents each, but for the contracts.
    assert_eq!(count(&mut nordbau, "documents").await, 4);
    // What is deleted, or of others, is not there to be changed.
    assert_eq!(changed(&mut nordbau, "UPDATE units SET status = 'sold'").await, 2);
    let mut admin = estate.login("estate_admin").await;
    let sold: Vec<Unit> =
        sqlx::query_as("SELECT * FROM units WHERE status = 'sold'").fetch_all(&mut admin).await.unwrap();
    assert!(sold.len() == 2 && sold.iter().all(|unit| unit.status == UnitStatus::Sold));
    denied(
        &mut nordbau,
        &[
            "UPDATE units SET label = 'mine'",
            "UPDATE units SET deleted_at = now()",
            "INSERT INTO units (development_id, label) SELECT id, 'new' FROM developments",
            "UPDATE developments SET name = 'mine'",
            "SELECT FROM users",
            "SELECT FROM sales",
        ],
    )
    .await;
    // The role itself builds nothing.
    assert_eq!(count(&mut estate.login("estate_developer").await, "units").await, 0);
}

#[tokio::test]
async fn analytics_reads_the_dashboard() {
    let Some(mut estate) = Estate::new("analytics").await else { return };
    changed(&mut estate.owner, "UPDATE units SET status = 'sold' WHERE label IN ('Park 1', 'Park 2')").await;
    run(&mut estate.owner, "REFRESH MATERIALIZED VIEW CONCURRENTLY sales").await;
    let mut analytics = estate.login("estate_analytics").await;
    let sales: Vec<Sales> =
        sqlx::query_as("SELECT * FROM sales ORDER BY name").fetch_all(&mut analytics).await.unwrap();
    let sold: Vec<_> =
        sales.iter().map(|line| (line.name.as_str(), line.units, line.sold, line.revenue)).collect();
    assert_eq!(sold, [("Hafen", 3, 0, None), ("Park", 3, 2, Some(3000.into()))]);
    assert_eq!(count(&mut analytics, "(SELECT id, occurred_at, kind FROM events) AS e").await, 1);
    denied(
        &mut analytics,
        &[
            "SELECT payload FROM events",
            "SELECT FROM events_2026",
            "SELECT FROM units",
            "SELECT FROM users",
            "SELECT FROM audit_trail",
            "REFRESH MATERIALIZED VIEW sales",
        ],
    )
    .await;
}

#[tokio::test]
async fn every_change_is_recorded_and_stays() {
    let Some(mut estate) = Estate::new("audit").await else { return };
    let mut nordbau = estate.login("nordbau").await;
    run(
        &mut nordbau,
        "BEGIN; SET LOCAL app.actor = 'bo'; UPDATE units SET price = 1500 WHERE label = 'Hafen 1'; COMMIT",
    )
    .await;
    run(&mut estate.owner, "DELETE FROM documents WHERE kind = 'permit'; TRUNCATE documents").await;

    let mut admin = estate.login("estate_admin").await;
    let trail: Vec<Change> =
        sqlx::query_as("SELECT * FROM audit_trail ORDER BY id").fetch_all(&mut admin).await.unwrap();
    let of = |table: &str, operation: &str| -> Vec<&Change> {
        trail.iter().filter(|change| change.table_name == table && change.operation == operation).collect()
    };
    let [inserted] = of("public.users", "INSERT")[..] else { panic!("{trail:?}") };
    assert_eq!((inserted.role.as_str(), inserted.actor.as_deref()), ("estate_service", Some("import")));
    let [update] = of("public.units", "UPDATE")[..] else { panic!("{trail:?}") };
    assert_eq!((update.role.as_str(), update.actor.as_deref()), ("nordbau", Some("bo")));
    let price = |row: &Option<serde_json::Value>| row.as_ref().map(|row| row["price"].as_f64());
    assert_eq!((price(&update.old_row), price(&update.new_row)), (Some(Some(1000.0)), Some(Some(1500.0))));
    assert!(update.changed_at > inserted.changed_at);
    let deleted = of("public.documents", "DELETE");
    assert!(deleted.len() == 6 && deleted.iter().all(|row| row.old_row.is_some() && row.new_row.is_none()));
    assert_eq!(of("public.documents", "TRUNCATE").len(), 1);

    // Not even the owner changes what is recorded.
    denied(
        &mut estate.owner,
        &["UPDATE audit_log SET role = 'nobody'", "DELETE FROM audit_log", "TRUNCATE audit_log"],
    )
    .await;
    // Nobody else writes entries, or uses the function that does for a table of their own.
    run(&mut estate.owner, "GRANT CREATE ON SCHEMA public TO estate_admin").await;
    run(&mut admin, "CREATE TABLE forged ()").await;
    denied(
        &mut admin,
        &[
            "INSERT INTO audit_log (role, table_name, operation) VALUES ('nobody', 'users', 'INSERT')",
            "CREATE TRIGGER forged AFTER INSERT ON forged FOR EACH ROW EXECUTE FUNCTION audit_log_record()",
        ],
    )
    .await;
    assert_eq!(count(&mut estate.owner, "audit_log").await, trail.len() as i64);
}
