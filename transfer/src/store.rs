//! The tables in which transfers record their state: `whimbrel.transfers`, `parts`, `checkpoints`, `rejects` and
//! `dropped_objects`, in the target database.

use sqlx::PgConnection;
use whimbrel::__private::format::{Format, Step};

use crate::error::TransferError;

/// The tables' versions. Version 2 knows an aborted transfer, keeps the model of a reject, and says what is dropped.
/// Version 3 counts the fields that no column reads.
///
/// - `transfers`: one row per transfer, with its phase: `load`, `restore`, `done`, `abandoned` (for a new one), `aborted`.
/// - `parts`: the stretches of collections that are read one after the other, each by one worker.
/// - `checkpoints`: how far each part has come. Committed together with the rows.
/// - `rejects`: what could not become a row, with its reason and the document as it was.
/// - `dropped_objects`: constraints, indexes and triggers that are dropped while rows are loaded.
const FORMAT: Format = Format {
    component: "transfer",
    first_table: "whimbrel.transfers",
    steps: &[
        Step { sql: CREATE, min_reader: 1 },
        Step { sql: UPGRADE_TO_2, min_reader: 2 },
        Step { sql: UPGRADE_TO_3, min_reader: 3 },
    ],
};

const UPGRADE_TO_2: &str = "\
ALTER TABLE whimbrel.transfers DROP CONSTRAINT IF EXISTS transfers_phase_check;
UPDATE whimbrel.transfers SET phase = 'restore' WHERE phase = 'rebuild';
ALTER TABLE whimbrel.rejects ADD COLUMN model text;
ALTER TABLE whimbrel.deferred RENAME TO dropped_objects;
ALTER TABLE whimbrel.dropped_objects RENAME deferred_at TO dropped_at;
ALTER TABLE whimbrel.dropped_objects RENAME rebuilt_at TO restored_at;
COMMENT ON TABLE whimbrel.dropped_objects IS 'Constraints and indexes that are dropped, and triggers that are disabled, while rows are loaded; restored_at tells when they were restored'";

const UPGRADE_TO_3: &str = "ALTER TABLE whimbrel.checkpoints ADD COLUMN fields jsonb NOT NULL DEFAULT '{}'";

const CREATE: &str = r#"
CREATE TABLE whimbrel.transfers (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source       text NOT NULL,
    plan         jsonb NOT NULL,
    phase        text NOT NULL CHECK (phase IN ('load', 'rebuild', 'done', 'abandoned')),
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
    at           timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE whimbrel.deferred (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transfer     bigint NOT NULL,
    kind         text NOT NULL,
    schema       text NOT NULL,
    "table"      text NOT NULL,
    name         text NOT NULL,
    restore      text[] NOT NULL,
    rule         jsonb,
    deferred_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    rebuilt_at   timestamptz
);
COMMENT ON TABLE whimbrel.rejects IS 'What could not become a row: collection, _id (extended JSON), table, array index, path, reason, and the document as it was'"#;

/// Creates the tables, or upgrades them. The caller holds the lock.
pub async fn create(connection: &mut PgConnection) -> Result<(), TransferError> {
    Ok(FORMAT.upgrade(connection).await?)
}

/// Whether the tables exist; older ones are upgraded. The caller holds the lock.
pub async fn exists(connection: &mut PgConnection) -> Result<bool, TransferError> {
    if !FORMAT.check(connection).await? {
        return Ok(false);
    }
    create(connection).await.map(|()| true)
}

#[cfg(test)]
mod tests {
    use sqlx::Connection;

    use super::*;

    #[tokio::test]
    async fn tables_of_the_first_version_are_upgraded() {
        let Some(scratch) = whimbrel_scratch::for_tests() else { return };
        let url = scratch.create_database("store").unwrap();
        let mut connection = PgConnection::connect(&url).await.unwrap();
        assert!(!exists(&mut connection).await.unwrap());
        let old = "INSERT INTO whimbrel.transfers (source, plan, phase, tool_version) VALUES ('x', '{}', 'rebuild', '0');
            INSERT INTO whimbrel.deferred (transfer, kind, schema, \"table\", name, restore) VALUES (1, 'index', 'public', 't', 'i', '{}');
            INSERT INTO whimbrel.parts (transfer, part, collection) VALUES (1, 1, 'c');
            INSERT INTO whimbrel.checkpoints (transfer, part) VALUES (1, 1)";
        for sql in ["CREATE SCHEMA whimbrel", CREATE, old] {
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
        assert!(exists(&mut connection).await.unwrap());
        let latest = crate::checkpoint::latest(&mut connection).await.unwrap().unwrap();
        assert_eq!(latest.phase, crate::checkpoint::Phase::Restore);
        let parts = crate::checkpoint::parts(&mut connection, latest.id).await.unwrap();
        assert_eq!(parts[0].state, crate::checkpoint::PartState::default());
        assert_eq!(crate::restore::counts(&mut connection, latest.id).await.unwrap(), (1, 0));
    }
}
