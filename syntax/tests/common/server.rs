//! Databases to carry migrations out in.
#![allow(dead_code)]

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use whimbrel::__private::introspect;
use whimbrel_schema::Definition;
use whimbrel_scratch::{Dump, difference};
use whimbrel_syntax::migration::{create, generate};
use whimbrel_syntax::model::*;

pub struct Pair {
    pub migrated: PgConnection,
    pub direct: PgConnection,
    pub urls: [String; 2],
}

/// Two databases on the tests' server; none when there is none that takes several connections.
pub async fn pair(name: &str) -> Option<Pair> {
    let scratch = whimbrel_scratch::for_tests()?;
    let migrated = scratch.create_database(&format!("{name}_migrated")).unwrap();
    let direct = scratch.create_database(&format!("{name}_direct")).unwrap();
    Some(Pair {
        migrated: PgConnection::connect(&migrated).await.unwrap(),
        direct: PgConnection::connect(&direct).await.unwrap(),
        urls: [migrated, direct],
    })
}

pub async fn run(conn: &mut PgConnection, sql: &str) -> Result<(), String> {
    let mut transaction = conn.begin().await.map_err(|error| error.to_string())?;
    let result = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *transaction).await;
    result.map_err(|error| format!("{error}\n{sql}"))?;
    transaction.commit().await.map_err(|error| error.to_string())
}

pub async fn reset(conn: &mut PgConnection) {
    let drop = "DO $$ DECLARE s text; BEGIN FOR s IN SELECT nspname FROM pg_namespace \
                WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' \
                LOOP EXECUTE format('DROP SCHEMA %I CASCADE', s); END LOOP; END $$; CREATE SCHEMA public";
    run(conn, drop).await.unwrap();
}

/// What is in a database, an object a line, without the places of columns, and without dependencies: of two keys of the same columns,
/// PostgreSQL chooses the one that a foreign key depends on.
async fn look(conn: &mut PgConnection) -> Vec<String> {
    let mut state = introspect::state(conn, &[]).await.unwrap();
    for entry in state.objects.values_mut() {
        entry.depends.clear();
        if let Definition::Column(column) = &mut entry.definition {
            column.position = 0;
        }
    }
    let lines =
        state.objects.iter().map(|(id, entry)| format!("{id} {}", serde_json::to_string(entry).unwrap()));
    lines.collect()
}

/// Makes a schema in an empty database.
async fn directly(conn: &mut PgConnection, schema: &Schema) {
    reset(conn).await;
    run(conn, &create(schema).unwrap()).await.unwrap();
}

/// What sees the difference between two databases.
#[derive(Clone, Copy, PartialEq)]
pub enum View {
    Catalog,
    Dump,
}

impl View {
    async fn see(self, conn: &mut PgConnection, url: &str) -> Result<Vec<String>, String> {
        match self {
            View::Catalog => Ok(look(conn).await),
            View::Dump => Ok(dump(url).ok_or("pg_dump was not found")?.sorted()),
        }
    }
}

/// What pg_dump prints of a database; none where there is no pg_dump.
pub fn dump(url: &str) -> Option<Dump> {
    whimbrel_scratch::for_tests()?.dump(url, &[]).unwrap()
}

/// Both directions of a migration give what making the schema directly gives, and again.
pub async fn round_trip(
    pair: &mut Pair,
    view: View,
    prev: &Schema,
    next: &Schema,
    hints: &Hints,
) -> Result<(), String> {
    let [migrated, direct] = pair.urls.clone();
    directly(&mut pair.direct, next).await;
    let want_next = view.see(&mut pair.direct, &direct).await?;
    directly(&mut pair.direct, prev).await;
    let want_prev = view.see(&mut pair.direct, &direct).await?;
    reset(&mut pair.migrated).await;
    run(&mut pair.migrated, &create(prev).unwrap()).await?;

    let generated = generate(prev, next, hints).map_err(|error| error.to_string())?;
    let generated = generated.ok_or("no difference was found")?;
    if generate(prev, next, hints).unwrap().unwrap() != generated {
        return Err("the same input gave other bytes".to_owned());
    }
    if let Some(phantom) = generate(next, next, hints).unwrap() {
        return Err(format!("a difference between equal schemas: {:?}", phantom.changes));
    }
    for (round, sql, want) in [
        ("up", &generated.up_sql, &want_next),
        ("down", &generated.down_sql, &want_prev),
        ("up again", &generated.up_sql, &want_next),
        ("down again", &generated.down_sql, &want_prev),
    ] {
        run(&mut pair.migrated, sql).await.map_err(|error| format!("{round}: {error}"))?;
        let found = view.see(&mut pair.migrated, &migrated).await?;
        if found != *want {
            return Err(format!("{round}:\n{sql}\n{}", difference(want, &found).join("\n")));
        }
    }
    Ok(())
}
