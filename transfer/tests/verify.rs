//! Verification finds every change to the target, names it, and finds nothing where there is nothing.

#![allow(dead_code, reason = "the models are read by what their derives make of them")]

use std::sync::Arc;

use bson::oid::ObjectId;
use bson::{doc, rawdoc};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};
use whimbrel::{Hint as _, Id, Json, Model, PgEnum, Transform};
use whimbrel_transfer::source::{Limit, MemorySource, Range, Source as _};
use whimbrel_transfer::verify::{Difference, Verify, VerifyReport};
use whimbrel_transfer::{Mode, Outcome, Transfer};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(rename_all = "snake_case")]
enum Kind {
    Land,
    Sea,
}

#[derive(Model, Transform)]
#[model(table = "nests")]
#[source(collection = "nests")]
struct Nest {
    #[source(field = "_id")]
    id: Id<Nest>,
    kind: Kind,
    height: Option<f64>,
    #[source(rest)]
    extra: Json,
}

#[derive(Model, Transform)]
#[model(table = "birds")]
#[source(collection = "birds")]
struct Bird {
    #[source(field = "_id")]
    id: Id<Bird>,
    #[column(unique)]
    name: String,
    #[source(field = "nest")]
    nest_id: Id<Nest>,
    #[column(check = "ringed >= 0")]
    ringed: i32,
}

#[derive(Model, Transform)]
#[model(table = "bird_sightings", primary_key(bird_id, position))]
#[source(collection = "birds", each = "sightings")]
struct Sighting {
    #[source(parent = "_id")]
    bird_id: Id<Bird>,
    #[source(ordinal)]
    position: i32,
    #[source(element)]
    place: String,
}

#[derive(Model, Transform)]
#[model(table = "rings")]
#[source(collection = "rings")]
struct Ring {
    #[source(field = "_id")]
    id: Id<Ring>,
    numbers: Vec<i32>,
    code: Vec<u8>,
    weight: Decimal,
    at: DateTime<Utc>,
}

const TABLES: &str = "
CREATE TYPE kind AS ENUM ('land', 'sea');
CREATE TABLE nests (id uuid NOT NULL, kind kind NOT NULL, height double precision, extra jsonb NOT NULL,
    CONSTRAINT nests_pkey PRIMARY KEY (id));
CREATE TABLE birds (id uuid NOT NULL, name text NOT NULL, nest_id uuid NOT NULL, ringed integer NOT NULL,
    CONSTRAINT birds_pkey PRIMARY KEY (id), CONSTRAINT birds_name_key UNIQUE (name),
    CONSTRAINT birds_ringed_check CHECK (ringed >= 0),
    CONSTRAINT birds_nest_id_fkey FOREIGN KEY (nest_id) REFERENCES nests (id));
CREATE TABLE bird_sightings (bird_id uuid NOT NULL, position integer NOT NULL, place text NOT NULL,
    CONSTRAINT bird_sightings_pkey PRIMARY KEY (bird_id, position),
    CONSTRAINT bird_sightings_bird_id_fkey FOREIGN KEY (bird_id) REFERENCES birds (id));
CREATE TABLE rings (id uuid NOT NULL, numbers integer[] NOT NULL, code bytea NOT NULL, weight numeric NOT NULL,
    at timestamptz NOT NULL, CONSTRAINT rings_pkey PRIMARY KEY (id));
";

fn oid(kind: u8, number: u32) -> ObjectId {
    let mut bytes = [kind; 12];
    bytes[..4].copy_from_slice(&0x6000_0000u32.to_be_bytes());
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    ObjectId::from_bytes(bytes)
}

/// 300 nests, 2,000 birds, about 2 sightings each; one document without a name, one whose nest does not exist, one
/// that repeats a name, one that the check refuses.
fn source() -> MemorySource {
    let mut source = MemorySource::new();
    source.add(
        "nests",
        (0..300u32).map(|n| {
            rawdoc! { "_id": oid(1, n), "kind": if n % 2 == 0 { "land" } else { "sea" }, "height": f64::from(n) / 3.0,
            "tags": ["a", n as i32], "note": { "by": "ü", "at": bson::DateTime::from_millis(i64::from(n)) } }
        }),
    );
    let birds = (0..2_000u32).map(|n| {
        let places: Vec<String> = (0..n % 5).map(|at| format!("place {at}")).collect();
        let mut bird = doc! { "_id": oid(2, n), "name": format!("bird {n}"), "nest": oid(1, n % 300), "ringed": 1,
        "sightings": places };
        match n {
            100 => drop(bird.remove("name")),
            201 => drop(bird.insert("nest", oid(9, 9))),
            302 => drop(bird.insert("name", "bird 301")),
            403 => drop(bird.insert("ringed", -1)),
            _ => {}
        }
        bson::raw::RawDocumentBuf::try_from(&bird).unwrap()
    });
    source.add("birds", birds);
    source.add(
        "rings",
        [(1, vec![1_i32, 2, 3]), (2, (0..1_000).collect())].map(|(n, numbers)| {
            rawdoc! { "_id": oid(3, n), "numbers": numbers.into_iter().collect::<bson::RawArrayBuf>(), "weight": "1.50".parse::<bson::Decimal128>().unwrap(),
            "code": bson::Binary { subtype: bson::spec::BinarySubtype::Generic, bytes: vec![0xde, 0xad] },
            "at": bson::DateTime::from_millis(1_500) }
        }),
    );
    source.add("weather", [rawdoc! { "_id": 1 }]);
    source
}

struct Loaded {
    pool: PgPool,
    source: Arc<MemorySource>,
}

impl Loaded {
    async fn new(name: &str) -> Option<Self> {
        let scratch = whimbrel_scratch::for_tests()?;
        let url = scratch.create_database(name).unwrap();
        let pool = PgPoolOptions::new().max_connections(2).connect(&url).await.unwrap();
        sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
        let source = Arc::new(source());
        let report = Transfer::new(source.clone(), url.parse().unwrap())
            .transforms(whimbrel::__private::registry::transforms())
            .run()
            .await
            .unwrap();
        // The nameless one; the dangling one with its sighting; the second of its name with its two; the one that
        // the check refuses with its three.
        assert_eq!(report.rejected(), 1 + 2 + 3 + 4);
        Some(Loaded { pool, source })
    }

    async fn sql(&self, statement: &str) {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&self.pool).await.unwrap();
    }

    async fn verify(&self) -> VerifyReport {
        let target = (*self.pool.connect_options()).clone();
        Verify::new(self.source.clone(), target).jobs(2).max_rejects(None).run().await.unwrap()
    }

    /// What verification says of one table after a change, and only of that table.
    async fn differences(&self, table: &str) -> Vec<Difference> {
        let report = self.verify().await;
        assert!(!report.ok);
        let others = report.tables.iter().filter(|other| other.table != table);
        assert!(others.clone().all(|other| other.ok()), "{report:#?}");
        report.tables.into_iter().find(|found| found.table == table).unwrap().differences
    }
}

/// The UUID of an ObjectId, as text.
fn uuid(id: ObjectId) -> String {
    Id::<Bird>::from_object_id(id).to_string()
}

/// The `_id` as a report has it.
fn document(id: ObjectId) -> String {
    format!("{{\"$oid\":\"{id}\"}}")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_transferred_is_verified() {
    let Some(loaded) = Loaded::new("verify_good").await else { return };
    let report = loaded.verify().await;
    assert!(report.ok, "{}", whimbrel_transfer::terminal::render_verify(&report));
    let counts: Vec<_> =
        report.tables.iter().map(|table| (&*table.table, table.source_rows, table.refused_rows)).collect();
    assert_eq!(
        counts,
        [("bird_sightings", 4_000, 6), ("birds", 1_999, 3), ("nests", 300, 0), ("rings", 2, 0)]
    );
    assert_eq!((report.rejects.expected, report.rejects.recorded, report.rejects.refused), (1, 1, 9));
    assert_eq!(report.foreign_keys.len(), 2);
    assert_eq!(report.unread[0].collection, "weather");
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_no_column_reads_are_findings() {
    let Some(mut loaded) = Loaded::new("verify_fields").await else { return };
    let mut source = source();
    source.add("birds", [rawdoc! { "_id": oid(7, 1), "wings": 2 }]);
    loaded.source = Arc::new(source);
    let report = loaded.verify().await;
    let found: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert_eq!(found, ["birds: no column reads wings (1 document)"]);
    assert!(!report.ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_value_is_named_with_its_row_and_column() {
    let Some(loaded) = Loaded::new("verify_changed").await else { return };
    let key = format!("id={}", uuid(oid(2, 777)));
    loaded.sql("UPDATE birds SET name = 'somebody else' WHERE name = 'bird 777'").await;
    let changed = Difference::Changed {
        key: key.clone(),
        column: "name".into(),
        document: Some(document(oid(2, 777))),
        expected: "'bird 777'".into(),
        found: "'somebody else'".into(),
    };
    assert_eq!(loaded.differences("birds").await, [changed]);
    loaded.sql("UPDATE birds SET name = 'bird 777' WHERE name = 'somebody else'").await;
    assert!(loaded.verify().await.ok);
    loaded
        .sql("UPDATE nests SET extra = jsonb_set(extra, '{tags,1}', '8') WHERE extra->'tags'->>1 = '7'")
        .await;
    let found = loaded.differences("nests").await;
    assert!(matches!(&found[..], [Difference::Changed { column, .. }] if column == "extra"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_printed_as_postgresql_prints_them() {
    let Some(loaded) = Loaded::new("verify_printed").await else { return };
    loaded
        .sql("UPDATE rings SET numbers = '{1,NULL,3}', code = '\\xbeef', weight = 2, at = 'infinity' WHERE numbers[1] = 1")
        .await;
    loaded.sql("UPDATE rings SET numbers[7] = -1 WHERE numbers[1] = 0").await;
    let values = loaded.differences("rings").await.into_iter().map(|difference| match difference {
        Difference::Changed { column, expected, found, .. } => format!("{column}: {expected}, not {found}"),
        other => panic!("{other:?}"),
    });
    let values: Vec<String> = values.collect();
    let (long, short): (Vec<_>, Vec<_>) = values.into_iter().partition(|value| value.contains('…'));
    assert_eq!(
        short,
        [
            "numbers: {1,2,3}, not {1,NULL,3}",
            "code: \\xdead, not \\xbeef",
            "weight: 1.50, not 2",
            "at: 1970-01-01 00:00:01.5+00, not infinity"
        ]
    );
    assert!(long[0].starts_with("numbers: {0,1,2,3,4,5,6,7,8,"), "{long:?}");
    assert!(long[0].contains("bytes, XXH3-128") && long[0].contains("not {0,1,2,3,4,5,-1,7,8,"), "{long:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_the_same_name_in_the_search_path_is_not_read() {
    let Some(loaded) = Loaded::new("verify_search_path").await else { return };
    loaded
        .sql("CREATE SCHEMA app; CREATE TABLE app.birds (LIKE birds); CREATE TABLE app.nests (LIKE nests)")
        .await;
    let options = loaded.pool.connect_options();
    let database = options.get_database().unwrap();
    loaded.sql(&format!("ALTER DATABASE {database} SET search_path = app, public")).await;
    let report = loaded.verify().await;
    assert!(report.ok, "{}", whimbrel_transfer::terminal::render_verify(&report));
    let target = (*loaded.pool.connect_options()).clone();
    let again = Transfer::new(loaded.source.clone(), target).mode(Mode::Clean);
    assert_eq!(again.run().await.unwrap().outcome, Outcome::Complete);
    let report = loaded.verify().await;
    assert!(report.ok, "{}", whimbrel_transfer::terminal::render_verify(&report));
    let decoys: i64 =
        sqlx::query_scalar("SELECT count(*) FROM app.birds").fetch_one(&loaded.pool).await.unwrap();
    assert_eq!(decoys, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_say_when_they_are_not_complete() {
    let Some(loaded) = Loaded::new("verify_counts").await else { return };
    // More rows than are held at once, in every key range.
    loaded
        .sql(
            "INSERT INTO nests SELECT gen_random_uuid(), 'sea', n, '{}' FROM generate_series(1, 110000) AS n",
        )
        .await;
    let report = loaded.verify().await;
    let nests = report.tables.iter().find(|table| table.table == "nests").unwrap();
    assert!(nests.compared_ranges < nests.differing_ranges, "{nests:?}");
    assert!((1..110_000).contains(&nests.found.extra), "{:?}", nests.found);
    let text = whimbrel_transfer::terminal::render_verify(&report);
    let counts = format!(
        "nests: at least 0 missing, {} extra, 0 changed; {} of {} differing key ranges were compared row by row",
        nests.found.extra, nests.compared_ranges, nests.differing_ranges
    );
    assert!(anstream::adapter::strip_str(&text).to_string().contains(&counts), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_row_and_an_extra_row_are_named() {
    let Some(loaded) = Loaded::new("verify_rows").await else { return };
    let bird = uuid(oid(2, 4));
    loaded.sql(&format!("DELETE FROM bird_sightings WHERE bird_id = '{bird}' AND position = 2")).await;
    let missing = Difference::Missing {
        key: format!("bird_id={bird}, position=2"),
        document: Some(document(oid(2, 4))),
    };
    assert_eq!(loaded.differences("bird_sightings").await, [missing]);
    loaded
        .sql(&format!("INSERT INTO bird_sightings VALUES ('{bird}', 2, 'place 2'), ('{bird}', 9, 'x')"))
        .await;
    let extra = Difference::Extra { key: format!("bird_id={bird}, position=9") };
    assert_eq!(loaded.differences("bird_sightings").await, [extra]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_moved_to_another_row_is_found() {
    let Some(loaded) = Loaded::new("verify_moved").await else { return };
    // Counts, the set of all names and the set of all keys stay the same.
    loaded.sql("UPDATE birds SET name = 'x' WHERE name = 'bird 10'").await;
    loaded.sql("UPDATE birds SET name = 'bird 10' WHERE name = 'bird 11'").await;
    loaded.sql("UPDATE birds SET name = 'bird 11' WHERE name = 'x'").await;
    assert_eq!(loaded.differences("birds").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_constraint_and_a_dangling_reference_are_found() {
    let Some(loaded) = Loaded::new("verify_references").await else { return };
    loaded.sql("ALTER TABLE birds DROP CONSTRAINT birds_nest_id_fkey").await;
    let report = loaded.verify().await;
    let key = |report: &VerifyReport| {
        let key = report.foreign_keys.iter().find(|key| key.table == "birds").unwrap();
        (key.enforced, key.dangling, report.ok)
    };
    assert_eq!(key(&report), (false, 0, false));
    loaded.sql("DELETE FROM nests WHERE kind = 'land' AND height = 0").await;
    assert_eq!(key(&loaded.verify().await), (false, 7, false));
    loaded.sql("ALTER TABLE birds DROP CONSTRAINT birds_name_key").await;
    let report = loaded.verify().await;
    assert!(report.structure.iter().any(|finding| finding.finding.contains("birds_name_key")), "{report:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_must_be_there_and_be_explained() {
    let Some(loaded) = Loaded::new("verify_rejects").await else { return };
    loaded.sql("CREATE TABLE kept AS SELECT * FROM whimbrel.rejects WHERE code = 'missing'").await;
    loaded.sql("DELETE FROM whimbrel.rejects WHERE code = 'missing'").await;
    let report = loaded.verify().await;
    assert!(!report.ok);
    assert_eq!((report.rejects.expected, report.rejects.recorded), (1, 0));
    assert!(report.rejects.missing[0].contains("field name"), "{:?}", report.rejects.missing);
    let columns = "transfer, collection, document_id, \"table\", ordinal, path, code, reason, document";
    let restore = format!("INSERT INTO whimbrel.rejects ({columns}) SELECT {columns} FROM kept");
    loaded.sql(&restore).await;
    assert!(loaded.verify().await.ok);
    loaded.sql(&restore).await;
    let report = loaded.verify().await;
    assert_eq!((report.rejects.recorded, report.rejects.unexplained, report.ok), (1, 1, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_row_that_nobody_kept_is_missing() {
    let Some(loaded) = Loaded::new("verify_refused").await else { return };
    loaded.sql("DELETE FROM whimbrel.rejects WHERE code = 'check_violation'").await;
    let found = loaded.differences("birds").await;
    let document = Some(document(oid(2, 403)));
    assert_eq!(found, [Difference::Missing { key: format!("id={}", uuid(oid(2, 403))), document }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_not_there_is_a_finding() {
    let Some(loaded) = Loaded::new("verify_absent").await else { return };
    loaded.sql("DROP TABLE bird_sightings").await;
    let report = loaded.verify().await;
    assert!(!report.ok);
    let sightings = report.tables.iter().find(|table| table.table == "bird_sightings").unwrap();
    assert_eq!((sightings.source_rows, sightings.target_rows), (4_000, 0));
    assert!(report.structure.iter().any(|finding| finding.table == "bird_sightings"));
}

#[tokio::test(flavor = "multi_thread")]
async fn verification_leaves_no_trace() {
    let Some(loaded) = Loaded::new("verify_trace").await else { return };
    // A role that may read and nothing else: whatever wrote would be refused.
    loaded
        .sql("DROP ROLE IF EXISTS reader; CREATE ROLE reader; GRANT USAGE ON SCHEMA public, whimbrel TO reader; \
              GRANT SELECT ON ALL TABLES IN SCHEMA public, whimbrel TO reader")
        .await;
    let count = "SELECT count(*) FROM pg_class";
    let before: i64 = sqlx::query_scalar(count).fetch_one(&loaded.pool).await.unwrap();
    let as_reader = (*loaded.pool.connect_options()).clone().options([("role", "reader")]);
    let report = Verify::new(loaded.source.clone(), as_reader).max_rejects(None).run().await.unwrap();
    assert!(report.ok);
    let after: i64 = sqlx::query_scalar(count).fetch_one(&loaded.pool).await.unwrap();
    assert_eq!(before, after);
    loaded.sql("DROP OWNED BY reader; DROP ROLE reader").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_is_compared_and_nothing_else() {
    let Some(loaded) = Loaded::new("verify_only").await else { return };
    loaded.sql("INSERT INTO nests (id, kind, extra) VALUES (gen_random_uuid(), 'sea', '{}')").await;
    let target = (*loaded.pool.connect_options()).clone();
    let only = async |names: &[&str]| {
        let verify = Verify::new(loaded.source.clone(), target.clone()).max_rejects(None);
        verify.only(names.iter().copied()).run().await
    };
    // By collection, by model, by table; the other tables' rejects are not unexplained.
    for (names, tables) in [
        (&["birds"][..], &["bird_sightings", "birds"][..]),
        (&["Sighting"], &["bird_sightings"]),
        (&["bird_sightings", "Bird"], &["bird_sightings", "birds"]),
    ] {
        let report = only(names).await.unwrap();
        let compared: Vec<&str> = report.tables.iter().map(|table| table.table.as_str()).collect();
        assert_eq!(compared, tables);
        assert!(report.ok, "{names:?}: {}", whimbrel_transfer::terminal::render_verify(&report));
        assert_eq!(report.unread.len(), 1, "a collection of a model that is not selected is covered");
    }
    let report = only(&["Nest"]).await.unwrap();
    assert!(!report.ok);
    assert_eq!(report.only, ["Nest"]);
    let error = only(&["Nests"]).await.unwrap_err();
    assert_eq!(error.to_string(), "no model, table or collection that is linked is called Nests");
    assert_eq!(
        error.hint().unwrap(),
        "there are: Bird (birds from birds), Nest (nests from nests), Ring (rings from rings), Sighting (bird_sightings from birds)"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_databases_is_compared_with_its_own_tables() {
    let Some(loaded) = Loaded::new("verify_part").await else { return };
    let folder = tempfile::tempdir().unwrap();
    for name in ["one", "two"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let chunk =
        loaded.source.open("nests", &Range::all()).unwrap().next_chunk(Limit::default()).unwrap().unwrap();
    let nests: Vec<u8> = chunk.iter().flat_map(|document| document.as_bytes().to_vec()).collect();
    std::fs::write(folder.path().join("one/nests.bson"), nests).unwrap();
    std::fs::write(folder.path().join("two/others.bson"), []).unwrap();
    let source = whimbrel_transfer::source::from_arg(&format!("{}?db=one", folder.path().display())).unwrap();
    let target = (*loaded.pool.connect_options()).clone();
    let report = Verify::new(Arc::from(source), target).max_rejects(None).run().await.unwrap();
    assert_eq!(report.tables.len(), 1);
    assert!(report.ok, "{}", whimbrel_transfer::terminal::render_verify(&report));
    // Where nothing can be compared, nothing is equal.
    let target = (*loaded.pool.connect_options()).clone();
    for part in ["?db=two", "?db=one&collection=nests"] {
        let source =
            whimbrel_transfer::source::from_arg(&format!("{}{part}", folder.path().display())).unwrap();
        let error = Verify::new(Arc::from(source), target.clone()).only(["birds"]).run().await.unwrap_err();
        assert!(
            error.to_string().ends_with("has none of the collections that the transforms read"),
            "{error}"
        );
    }
    // One export is a part as soon as its collection is named.
    std::fs::write(folder.path().join("all.json"), "").unwrap();
    let argument = format!("{}/all.json?collection=birds", folder.path().display());
    assert!(whimbrel_transfer::source::from_arg(&argument).unwrap().is_part());
}
