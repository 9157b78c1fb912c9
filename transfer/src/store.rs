//! The tables in which transfers record their state: `whimbrel.transfers`, `parts`, `checkpoints`, `rejects` and
//! `dropped_objects`, in the target database.

use sqlx::PgConnection;
use whimbrel::__private::format::{Format, Step};

use crate::error::TransferError;

/// - `transfers`: one row per transfer, with its phase: `load`, `restore`, `done`, `abandoned` (for a new one), `aborted`.
/// - `parts`: the stretches of collections that are read one after the other, each by one worker.
/// - `checkpoints`: how far each part has come, and the fields that no column reads. Committed together with the rows.
/// - `rejects`: what could not become a row, with its reason, its model and the document as it was.
/// - `dropped_objects`: constraints, indexes and triggers that are dropped while rows are loaded.
const FORMAT: Format = Format { component: "transfer", steps: &[Step { sql: CREATE, min_reader: 1 }] };

const CREATE: &str = r#"
CREATE TABLE whimbrel.transfers (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source       text NOT NULL,
    plan         jsonb NOT NULL,
    phase        text NOT NULL,
    tool_version text NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at  timestamptz
);
CREATE TABLE whimbrel.parts (
    transfer     bigint NOT NULL,
    part         integer NOT NULL,
    collection   text NOT NULL,
    range_after  text,
    range_until  text,
    PRIMARY KEY (transfer, part)
);
CREATE TABLE whimbrel.checkpoints (
    transfer     bigint NOT NULL,
    part         integer NOT NULL,
    position     text,
    documents    bigint NOT NULL DEFAULT 0,
    bytes        bigint NOT NULL DEFAULT 0,
    rejects      bigint NOT NULL DEFAULT 0,
    rows         jsonb NOT NULL DEFAULT '{}',
    done         boolean NOT NULL DEFAULT false,
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    fields       jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (transfer, part)
);
CREATE TABLE whimbrel.rejects (
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
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    model        text
);
CREATE TABLE whimbrel.dropped_objects (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transfer     bigint NOT NULL,
    kind         text NOT NULL,
    schema       text NOT NULL,
    "table"      text NOT NULL,
    name         text NOT NULL,
    restore      text[] NOT NULL,
    rule         jsonb,
    dropped_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    restored_at  timestamptz
);
COMMENT ON TABLE whimbrel.dropped_objects IS 'Constraints and indexes that are dropped, and triggers that are disabled, while rows are loaded; restored_at tells when they were restored';
COMMENT ON TABLE whimbrel.rejects IS 'What could not become a row: collection, _id (extended JSON), table, array index, path, reason, and the document as it was'"#;

/// Creates the tables, or upgrades them. The caller holds the lock.
pub async fn create(connection: &mut PgConnection) -> Result<(), TransferError> {
    Ok(FORMAT.upgrade(connection).await?)
}

/// Whether the tables exist. Reads only.
///
/// # Errors
/// A newer program made them, and says that this one cannot work with them.
pub async fn known(connection: &mut PgConnection) -> Result<bool, TransferError> {
    Ok(FORMAT.check(connection).await?)
}

/// Whether the tables exist; older ones are upgraded. The caller holds the lock.
pub async fn exists(connection: &mut PgConnection) -> Result<bool, TransferError> {
    if !known(connection).await? {
        return Ok(false);
    }
    create(connection).await.map(|()| true)
}
