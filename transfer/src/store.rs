//! The tables in which transfers record their state: `whimbrel.transfers`, `parts`, `checkpoints`, `rejects` and
//! `dropped_objects`, in the target database.

use sqlx::PgConnection;

use crate::error::{Doing, TransferError};

/// Creates what is not there yet.
///
/// - `transfers`: one row per transfer, with its phase: `load`, `restore`, `done`, `abandoned` (for a new one), `aborted`.
/// - `parts`: the stretches of collections that are read one after the other, each by one worker.
/// - `checkpoints`: how far each part has come. Committed together with the rows.
/// - `rejects`: what could not become a row, with its reason and the document as it was.
/// - `dropped_objects`: constraints, indexes and triggers that are dropped while rows are loaded.
const TABLES: &str = r#"
CREATE TABLE IF NOT EXISTS whimbrel.transfers (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source       text NOT NULL,
    plan         jsonb NOT NULL,
    phase        text NOT NULL,
    tool_version text NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at  timestamptz
);
CREATE TABLE IF NOT EXISTS whimbrel.parts (
    transfer     bigint NOT NULL,
    part         integer NOT NULL,
    collection   text NOT NULL,
    range_after  text,
    range_until  text,
    PRIMARY KEY (transfer, part)
);
CREATE TABLE IF NOT EXISTS whimbrel.checkpoints (
    transfer     bigint NOT NULL,
    part         integer NOT NULL,
    position     text,
    documents    bigint NOT NULL DEFAULT 0,
    bytes        bigint NOT NULL DEFAULT 0,
    rejects      bigint NOT NULL DEFAULT 0,
    rows         jsonb NOT NULL DEFAULT '{}',
    done         boolean NOT NULL DEFAULT false,
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (transfer, part)
);
CREATE TABLE IF NOT EXISTS whimbrel.rejects (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transfer     bigint NOT NULL,
    collection   text NOT NULL,
    document_id  text,
    "table"      text,
    ordinal      integer,
    path         text,
    "column"     text,
    code         text NOT NULL,
    reason       text NOT NULL,
    document     bytea NOT NULL,
    row_digest   bytea,
    at           timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS whimbrel.dropped_objects (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transfer     bigint NOT NULL,
    kind         text NOT NULL,
    schema       text NOT NULL,
    "table"      text NOT NULL,
    name         text NOT NULL,
    restore      text[] NOT NULL,
    rule         jsonb,
    dropped_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    restored_at   timestamptz
);
COMMENT ON TABLE whimbrel.rejects IS 'What could not become a row: collection, _id (extended JSON), table, array index, path, reason, and the document as it was';
COMMENT ON TABLE whimbrel.dropped_objects IS 'Constraints and indexes that are dropped, and triggers that are disabled, while rows are loaded; restored_at tells when they were restored';
"#;

/// Makes sure that all tables exist. The caller holds the lock.
pub async fn create(connection: &mut PgConnection) -> Result<(), TransferError> {
    if !exists(connection).await? {
        whimbrel::__private::journal::ensure_schema(connection).await?;
        // A batch of simple-protocol statements is one transaction.
        sqlx::raw_sql(TABLES)
            .execute(connection)
            .await
            .doing(|| "creating the tables whimbrel.transfers and others")?;
    }
    Ok(())
}

/// Whether the tables exist.
pub async fn exists(connection: &mut PgConnection) -> Result<bool, TransferError> {
    sqlx::query_scalar("SELECT to_regclass('whimbrel.dropped_objects') IS NOT NULL")
        .fetch_one(connection)
        .await
        .doing(|| "looking for the tables of earlier transfers")
}
