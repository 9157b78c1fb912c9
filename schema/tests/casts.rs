//! What a change of a column's type is said to do, held against what it does: each pair of types, with values that are long,
//! precise, padded or written unusually.

mod common;

use common::Database;
use sqlx::Row;
use whimbrel_schema::step::HazardKind;
use whimbrel_schema::{State, Step, plan};

/// Takes a value there and back. What PostgreSQL refuses on the way there is `refused`, on the way back `not back`.
const TRIAL: &str = "CREATE FUNCTION trial(value text, ty text, there text[], back text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE stage text := 'refused'; before text; after text; statement text;
BEGIN
    DROP TABLE IF EXISTS t;
    EXECUTE format('CREATE TABLE t (c %s)', ty);
    EXECUTE format('INSERT INTO t VALUES (%L)', value);
    EXECUTE 'SELECT c::text FROM t' INTO before;
    BEGIN
        FOREACH statement IN ARRAY there LOOP EXECUTE statement; END LOOP;
        stage := 'not back';
        FOREACH statement IN ARRAY back LOOP EXECUTE statement; END LOOP;
        EXECUTE 'SELECT c::text FROM t' INTO after;
    EXCEPTION WHEN OTHERS THEN RETURN stage;
    END;
    RETURN CASE WHEN after = before THEN 'same' WHEN replace(after, ' ', '') = replace(before, ' ', '') THEN 'blanks' ELSE format('%s became %s', before, after) END;
END $$";

/// Types, and values of each.
const TYPES: &[(&str, &[&str])] = &[
    ("smallint", &["1", "-32768", "300"]),
    ("integer", &["1", "0", "1000", "16777217", "-2147483648"]),
    ("bigint", &["1", "9007199254740993", "-9223372036854775808"]),
    ("numeric", &["1", "1.50", "1.239", "0.1", "1e30", "NaN"]),
    ("numeric(10,2)", &["1", "1.55", "12345678.90"]),
    ("numeric(12,4)", &["1", "1.2345"]),
    ("real", &["1", "0.1", "1e30"]),
    ("double precision", &["1", "0.1", "1e300"]),
    ("money", &["1", "2.34"]),
    ("boolean", &["t", "f"]),
    (
        "text",
        &[
            "a",
            "0123",
            "1",
            "1.50",
            " true",
            "ab          ",
            "2024-01-01 12:00:01.1234567+02",
            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
            "{\"a\":  1, \"a\": 2}",
            "10.0.0.1/32",
            "b a",
            "[1,5]",
            "\\x4142",
            "happy",
            "1 day 30:00",
            "$1,000.5",
            "(1, 2)",
            "(\"1\",a)",
            "<a >x</a>",
            "{a,b }",
            "101",
            "08-00-2b-01-02-03",
            "a long text that is more than sixty-three bytes long, which is what a name can hold",
        ],
    ),
    ("character varying", &["a", "ab          "]),
    ("character varying(5)", &["a", "0123", "ab   ", "happy"]),
    ("character varying(20)", &["a", "happy", "ab                  "]),
    ("character(10)", &["a", "happy"]),
    ("name", &["a", "happy", "ab          "]),
    ("\"char\"", &["a", "1"]),
    ("bytea", &["\\x4142", "\\x00"]),
    ("date", &["2024-02-29", "infinity"]),
    ("timestamp without time zone", &["2024-01-01 12:00:01.123456", "2024-01-01"]),
    ("timestamp(3) without time zone", &["2024-01-01 12:00:01.123"]),
    ("timestamp with time zone", &["2024-01-01 12:00:01.123456+02", "2024-01-01"]),
    ("time without time zone", &["12:00:01.123456", "23:59"]),
    ("time with time zone", &["12:00:01.123456+02"]),
    ("interval", &["1 day 02:00:01.5", "1 year", "26 hours"]),
    ("interval day", &["1 day"]),
    ("interval year to month", &["1 year 2 mons"]),
    ("uuid", &["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]),
    ("json", &["{\"a\":  1, \"a\": 2}", "1.50", "true", "\"a\"", "null"]),
    ("jsonb", &["{\"a\": 1}", "1.50", "1", "true", "\"a\"", "null"]),
    ("inet", &["10.0.0.1", "10.0.0.1/8", "::1"]),
    ("cidr", &["10.0.0.0/8", "10.0.0.1/32"]),
    ("macaddr", &["08:00:2b:01:02:03"]),
    ("macaddr8", &["08:00:2b:ff:fe:02:03:04", "08:00:2b:01:02:03:04:05"]),
    ("bit(8)", &["10101010", "00000001"]),
    ("bit(40)", &["1111111111111111111111111111111111111111"]),
    ("bit varying", &["101", ""]),
    ("bit varying(4)", &["101", "0001"]),
    ("xml", &["<a>1</a>"]),
    ("tsvector", &["'a' 'b':1A"]),
    ("tsquery", &["a & b"]),
    ("int4range", &["[1,5]", "empty"]),
    ("int8range", &["[1,5]"]),
    ("numrange", &["[1.5,2]", "[1,5)"]),
    ("daterange", &["[2024-01-01,2024-01-05)"]),
    ("tsrange", &["[2024-01-01 12:00,2024-01-05)"]),
    ("tstzrange", &["[2024-01-01 12:00+02,2024-01-05)"]),
    ("int4multirange", &["{[1,5)}"]),
    ("point", &["(1,2)"]),
    ("box", &["(3,4),(1,2)"]),
    ("path", &["[(1,2),(3,4)]", "((1,2),(3,4))"]),
    ("polygon", &["((1,2),(3,4))"]),
    ("lseg", &["[(1,2),(3,4)]"]),
    ("circle", &["<(1,2),3>"]),
    ("line", &["{1,2,3}"]),
    ("oid", &["1", "4294967295"]),
    ("jsonpath", &["$.a"]),
    ("mood", &["happy", "1"]),
    ("word", &["happy", "1"]),
    ("pair", &["(1,2)", "(a,\"b c\")", "(a,)"]),
    ("text[]", &["{a,b}", "{\"a  \"}", "{0123}", "{}", "{1,2}", "{a}"]),
    ("character varying(2)[]", &["{a,b}"]),
    ("integer[]", &["{1,2}", "{1}", "{}"]),
    ("uuid[]", &["{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"]),
];

fn statements(steps: &[Step]) -> Vec<String> {
    steps.iter().flat_map(|step| step.statements.clone()).collect()
}

#[tokio::test]
async fn values_are_kept_or_refused_or_declared_lost() {
    let Some(mut database) = Database::new("casts").await else { return };
    database.run(TRIAL).await.unwrap();
    database
        .run(
            "CREATE TYPE mood AS ENUM ('happy', '1'); CREATE TYPE pair AS (a text, b text); CREATE DOMAIN word AS text CHECK (value <> '');
            SET lc_monetary = 'C'; SET timezone = 'UTC'",
        )
        .await
        .unwrap();
    let mut states: Vec<State> = Vec::new();
    for (ty, _) in TYPES {
        database.run(&format!("DROP TABLE IF EXISTS t; CREATE TABLE t (c {ty})")).await.unwrap();
        states.push(database.state().await);
    }
    let (mut wrong, mut tried, mut needless) = (Vec::new(), 0, 0);
    for ((from, values), prev) in TYPES.iter().zip(&states) {
        for ((to, _), next) in TYPES.iter().zip(&states) {
            let (there, back) = (plan(prev, next).unwrap(), plan(next, prev).unwrap());
            let has =
                |kind: HazardKind| there.iter().flat_map(|step| &step.hazards).any(|it| it.kind == kind);
            let rows = sqlx::query("SELECT value, trial(value, $2, $3, $4) FROM unnest($1::text[]) value")
                .bind(values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
                .bind(*from)
                .bind(statements(&there))
                .bind(statements(&back))
                .fetch_all(&mut database.conn)
                .await
                .unwrap();
            let outcomes: Vec<String> = rows.iter().map(|row| row.get(1)).collect();
            tried += outcomes.len();
            let changed = outcomes.iter().find(|outcome| outcome.contains(" became "));
            let refused = outcomes.iter().any(|outcome| outcome == "refused");
            match changed {
                Some(changed) if !has(HazardKind::DataLoss) => {
                    wrong.push(format!("{from} to {to}: {changed}"))
                }
                None if has(HazardKind::DataLoss) => needless += 1,
                _ => {}
            }
            if refused && !has(HazardKind::MayFail) {
                wrong.push(format!("{from} to {to}: a value is refused, which is not said"));
            }
            let says_so = there.iter().flat_map(|step| &step.hazards).any(|it| it.message.contains("blanks"));
            if outcomes.iter().any(|outcome| outcome == "blanks") && !says_so && !has(HazardKind::DataLoss) {
                wrong.push(format!("{from} to {to}: blanks are cut, which is not said"));
            }
        }
    }
    println!("{tried} values; {needless} pairs whose declared loss no value shows");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}
