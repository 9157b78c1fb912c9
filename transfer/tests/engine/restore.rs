//! What was dropped is again what it was, also to pg_dump.

use std::sync::Arc;

use whimbrel_transfer::progress::Silent;
use whimbrel_transfer::{Abort, Outcome};

use crate::support::{self, StopAt, connect, database, definitions, execute, good, transfer};

const MORE: &str = r#"
CREATE SCHEMA other;
CREATE TABLE other."Cards" (person uuid, age integer);
ALTER TABLE other."Cards" ADD FOREIGN KEY (person) REFERENCES people MATCH FULL ON UPDATE CASCADE NOT VALID;
ALTER TABLE people ADD CONSTRAINT "of Kinds" CHECK (email IN ('a', 'b') OR length(email) > 1) NO INHERIT;
ALTER TABLE people ADD CONSTRAINT people_extra_check CHECK (extra <> '{"a": 1}') NOT VALID;
ALTER TABLE people ADD CONSTRAINT people_number_key UNIQUE (number) INCLUDE (age) WITH (fillfactor = 60)
    USING INDEX TABLESPACE fast DEFERRABLE;
COMMENT ON CONSTRAINT people_number_key ON people IS 'it''s a key';
CREATE INDEX "people Boss" ON people USING btree (boss DESC NULLS LAST, (age + 1)) INCLUDE (number) TABLESPACE fast WHERE boss IS NOT NULL;
ALTER INDEX "people Boss" ALTER COLUMN 2 SET STATISTICS 7;
CREATE INDEX people_extra_idx ON people USING gin (extra jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX phones_number_idx ON phones (number COLLATE "C" text_pattern_ops);
ALTER TABLE phones CLUSTER ON phones_number_idx;
CREATE UNIQUE INDEX phones_identity_idx ON phones (person_id, number);
ALTER TABLE phones REPLICA IDENTITY USING INDEX phones_identity_idx;
CREATE TRIGGER phones_refuse BEFORE DELETE ON phones FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE phones ENABLE ALWAYS TRIGGER phones_refuse;
CREATE TRIGGER phones_never BEFORE DELETE ON phones FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE phones DISABLE TRIGGER phones_never;
DO $$ BEGIN IF current_setting('server_version_num')::integer >= 150000 THEN
    EXECUTE 'CREATE UNIQUE INDEX teams_name_idx ON teams (name) NULLS NOT DISTINCT';
    EXECUTE 'ALTER TABLE teams ADD UNIQUE NULLS NOT DISTINCT (name, id)';
END IF; END $$;
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_restored_is_what_it_was() {
    let Some(scratch) = support::scratch() else { return };
    let dump = async |url: &str| {
        (definitions(url).await, scratch.dump(url, &["--exclude-schema=whimbrel"]).unwrap())
    };
    let url = database(scratch).await;
    let mut connection = connect(&url).await;
    for sql in ["SET allow_in_place_tablespaces = on", "CREATE TABLESPACE fast LOCATION ''"] {
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    }
    execute(&url, MORE).await;
    let before = dump(&url).await;
    let stop = StopAt::step("dropping constraints");
    let begun =
        transfer(Arc::new(good(50)), &url).stop(stop.stop.clone()).progress(stop).run().await.unwrap();
    assert_eq!((begun.outcome, begun.not_dropped.len()), (Outcome::Interrupted, 0));
    assert_ne!(dump(&url).await, before);
    let report = Abort::new(url.parse().unwrap()).run(&Silent).await.unwrap().unwrap();
    assert!(report.closed && report.left.is_empty(), "{report:?}");
    assert_eq!(dump(&url).await, before);
    let report = transfer(Arc::new(good(50)), &url).run().await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete, "{report:?}");
    assert_eq!(dump(&url).await, before);
    assert_eq!(report.dropped, report.restored);
    assert!(report.dropped >= 19, "{report:?}");
}
