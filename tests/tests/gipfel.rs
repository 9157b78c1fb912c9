//! The climbing guide: a real dump of MongoDB arrives in PostgreSQL, complete and the same.

use example_gipfel as _;
use whimbrel_scratch::shared;
use whimbrel_tests::example::Target;
use whimbrel_transfer::Mode;

/// The tables and their rows.
const EXPECTED: &[(&str, u64)] = &[
    ("regions", 13),
    ("summits", 1_147),
    ("routes", 13_043),
    ("climbers", 13),
    ("ascents", 200),
    ("ascent_climbers", 565),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_dump_arrives_without_rejects() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let Some(dump) = shared("data/gipfel/dump/test") else { return };
    let target = Target::new(scratch, "gipfel").await.unwrap();

    let report = target.arrives(&dump, EXPECTED.iter().copied()).await.unwrap();
    assert_eq!(report.rejected(), 0, "{:?}", report.rejects);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_of_the_dump_is_in_the_tables() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let Some(dump) = shared("data/gipfel/dump/test") else { return };
    let target = Target::new(scratch, "gipfel_values").await.unwrap();
    target.transfer(&dump, Mode::Fresh, 1).await.unwrap();

    // ObjectId 687684c19a3a9f3eac11e817, as UUIDv7: the time of 0x687684c1 seconds is in its first 48 bits.
    let first: (String, String, bool, Option<String>) = sqlx::query_as(
        "SELECT a.id::text, to_char(a.climbed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'), a.is_aborted, l.last_name
         FROM ascents a JOIN climbers l ON l.id = a.lead_climber_id
         ORDER BY a.id LIMIT 1",
    )
    .fetch_one(&target.pool)
    .await
    .unwrap();
    let milliseconds = format!("{:012x}", 0x6876_84c1_u64 * 1000);
    assert_eq!(first.0.replace('-', "")[..12], milliseconds);
    assert_eq!((first.1.as_str(), first.2), ("2013-07-01 00:00:00.001", true));
    assert_eq!(first.3.as_deref(), Some("Müller01"));

    // Texts that are numbers have become numbers, empty ones NULL.
    let scores: (i64, i64, i64) = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE teufelsturm_score IS NULL), count(*) FILTER (WHERE teufelsturm_score = 1),
                count(*) FILTER (WHERE teufelsturm_score = -3)
         FROM routes",
    )
    .fetch_one(&target.pool)
    .await
    .unwrap();
    assert_eq!(scores, (5, 5_195, 60));
}

/// The few documents that come with the example.
#[tokio::test(flavor = "multi_thread")]
async fn the_exports_of_the_example_arrive() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let exports = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/gipfel/data");
    let target = Target::new(scratch, "gipfel_exports").await.unwrap();
    let report = target.arrives(&exports, [("ascent_climbers", 3)]).await.unwrap();
    assert_eq!(report.rejected(), 0, "{:?}", report.rejects);
}
