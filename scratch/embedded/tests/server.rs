//! The embedded server does what the rest of Whimbrel needs from a PostgreSQL, through a pool of one.

use sqlx::postgres::{PgPoolCopyExt, PgPoolOptions};
use sqlx::{Connection, Row};
use whimbrel_scratch::{Kind, Scratch, ScratchError};

/// One COPY tuple of an int4 and a text, and the header and trailer around them (PostgreSQL, COPY, "Binary Format").
fn copy_stream(rows: &[(i32, &str)]) -> Vec<u8> {
    let mut bytes = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
    for (number, word) in rows {
        bytes.extend(2_i16.to_be_bytes());
        bytes.extend(4_i32.to_be_bytes());
        bytes.extend(number.to_be_bytes());
        bytes.extend(i32::try_from(word.len()).unwrap().to_be_bytes());
        bytes.extend(word.as_bytes());
    }
    bytes.extend((-1_i16).to_be_bytes());
    bytes
}

#[tokio::test]
async fn a_pool_of_one_runs_statements_copies_and_blocks() {
    let scratch = Scratch::embedded(env!("CARGO_BIN_EXE_whimbrel-embedded-postgres").as_ref()).unwrap();
    assert_eq!(*scratch.kind(), Kind::Embedded);
    assert_eq!(scratch.max_connections(), 1);
    assert!(matches!(scratch.create_database("second"), Err(ScratchError::OneDatabase(_))));

    let pool = PgPoolOptions::new().max_connections(1).connect(scratch.url()).await.unwrap();
    sqlx::raw_sql(
        "CREATE TYPE mood AS ENUM ('calm', 'stormy');
         CREATE TABLE seas (id int PRIMARY KEY, name text NOT NULL, mood mood NOT NULL DEFAULT 'calm');
         CREATE INDEX seas_name_idx ON seas (name);
         DO $$ BEGIN EXECUTE 'COMMENT ON TABLE seas IS ''by a block'''; END $$;",
    )
    .execute(&pool)
    .await
    .unwrap();

    let sent = copy_stream(&[(1, "Nordsee"), (2, "Ostsee"), (3, "Weißes Meer")]);
    let mut copy = pool.copy_in_raw("COPY seas (id, name) FROM STDIN (FORMAT binary)").await.unwrap();
    copy.send(sent.as_slice()).await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 3);

    let mut received = Vec::new();
    let mut stream = pool
        .copy_out_raw("COPY (SELECT id, name FROM seas ORDER BY id) TO STDOUT (FORMAT binary)")
        .await
        .unwrap();
    while let Some(chunk) = std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await {
        received.extend_from_slice(&chunk.unwrap());
    }
    drop(stream);
    assert_eq!(received, sent);

    // A failed statement leaves the one connection usable, a transaction rolls back.
    assert!(sqlx::query("INSERT INTO seas VALUES (1, 'twice')").execute(&pool).await.is_err());
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("DELETE FROM seas WHERE id = $1").bind(1_i32).execute(&mut *transaction).await.unwrap();
    transaction.rollback().await.unwrap();
    let row = sqlx::query("SELECT count(*), obj_description('seas'::regclass) FROM seas")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!((row.get::<i64, _>(0), row.get::<String, _>(1)), (3, "by a block".to_owned()));
    assert!(sqlx::query_scalar::<_, bool>("SELECT pg_try_advisory_lock(1)").fetch_one(&pool).await.unwrap());
    pool.close().await;

    // One connection after the other sees the same database.
    let mut connection = sqlx::PgConnection::connect(scratch.url()).await.unwrap();
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM seas").fetch_one(&mut connection).await.unwrap();
    assert_eq!(count, 3);
    connection.close().await.unwrap();
}
