//! `Id`, `Json` and their arrays through sqlx.

use whimbrel::{Id, Json};

use crate::harness::Server;

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Point {
    x: i32,
}

struct Account;

type Row = (Id<Account>, Option<Id<Account>>, Vec<Id<Account>>, Json<Point>, Json);

#[test]
fn there_and_back() {
    let Some(mut server) = Server::new("sqlx_types") else { return };
    let (id, other) = (Id::<Account>::now_v7(), Id::<Account>::new(uuid::Uuid::nil()));
    let row: Row = server.block_on(async |connection| {
        sqlx::query_as(
            "SELECT $1, $2, $3, $4, $5
              WHERE pg_typeof($1) = 'uuid'::regtype AND pg_typeof($3) = 'uuid[]'::regtype
                AND pg_typeof($4) = 'jsonb'::regtype",
        )
        .bind(id)
        .bind(None::<Id<Account>>)
        .bind(vec![id, other])
        .bind(Json(Point { x: 5 }))
        .bind(Json::<serde_json::Value>(serde_json::json!({"b": [1, null]})))
        .fetch_one(connection)
        .await
        .unwrap()
    });
    assert_eq!((row.0, row.1, row.2), (id, None, vec![id, other]));
    assert_eq!(row.3, Json(Point { x: 5 }));
    assert_eq!(row.4.0, serde_json::json!({"b": [1, null]}));
}
