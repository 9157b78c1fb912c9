//! Values of documents.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;
use whimbrel::__private::column::kind::*;
use whimbrel::__private::copy::Shape;
use whimbrel::__private::id::IdStrategy;
use whimbrel::__private::transform::Code;
use whimbrel::bson::spec::BinarySubtype;
use whimbrel::bson::{Binary, RawBson, oid::ObjectId};
use whimbrel::{Id, Json};

use crate::harness::{Server, examples, round_trip};
use crate::values::{array, arrays, binary, date, nested, number, text};

const P: Shape = Shape::PLAIN;
const MANY: usize = 2000;

fn small_integers() -> impl Strategy<Value = RawBson> {
    prop_oneof![
        any::<i16>().prop_map(|value| RawBson::Int32(value.into())),
        any::<i16>().prop_map(|value| RawBson::Int64(value.into())),
        any::<i16>().prop_map(|value| RawBson::Double(value.into())),
        number(),
    ]
}

#[test]
fn numbers() {
    let Some(mut server) = Server::new("numbers") else { return };
    let s = &mut server;
    let values = examples(&small_integers(), MANY);
    round_trip::<i16, Int2>(s, "smallint", P, &values);
    round_trip::<i32, Int4>(s, "integer", P, &values);
    round_trip::<i64, Int8>(s, "bigint", P, &values);
    round_trip::<i16, Int8>(s, "bigint", P, &values);
    round_trip::<f64, Float8>(s, "double precision", P, &values);
    round_trip::<f32, Float4>(s, "real", P, &values);
    round_trip::<i32, Numeric>(s, "numeric", P, &values);
    let booleans = [RawBson::Boolean(true), RawBson::Boolean(false), RawBson::Int32(1)];
    assert_eq!(round_trip::<bool, Bool>(s, "boolean", P, &booleans), [(Code::TypeMismatch, 1)]);
}

#[test]
fn numerics() {
    let Some(mut server) = Server::new("numerics") else { return };
    let s = &mut server;
    let values = examples(&number(), MANY);
    round_trip::<Decimal, Numeric>(s, "numeric", P, &values);
    round_trip::<f64, Numeric>(s, "numeric", P, &values);
    let small = examples(&(-9_999_999_i64..9_999_999, 0..4_u32), MANY);
    let small: Vec<_> = small
        .into_iter()
        .map(|(digits, scale)| RawBson::Double(digits as f64 / f64::from(10_u32.pow(scale))))
        .chain(values)
        .collect();
    for (precision, scale) in [(14, 2), (10, 0), (38, 10), (3, 3), (2, 5), (5, -2), (1000, 500)] {
        if s.version() < 150_000 && !u16::try_from(scale).is_ok_and(|scale| scale <= precision) {
            continue; // such a scale exists since PostgreSQL 15
        }
        let sql = format!("numeric({precision},{scale})");
        let shape = Shape { numeric: Some((precision, scale)), ..P };
        let values: Vec<_> = match scale {
            0..3 | 10 | 500 => small.clone(),
            // Few numbers fit: make some that do.
            3 => (0..1000).map(|n| RawBson::Double(f64::from(n) / 1000.0)).collect(),
            5 => (0..100).map(|n| RawBson::Double(f64::from(n) / 100_000.0)).collect(),
            _ => (-99_999..99_999).map(|n| RawBson::Int32(n * 100)).step_by(7).collect(),
        };
        round_trip::<Decimal, Numeric>(s, &sql, shape, &values);
    }
}

#[test]
fn texts() {
    let Some(mut server) = Server::new("texts") else { return };
    let s = &mut server;
    let strings: Vec<_> = examples(&text(), MANY).into_iter().map(RawBson::String).collect();
    let refused = round_trip::<String, Text>(s, "text", P, &strings);
    assert!(refused.iter().all(|(code, _)| *code == Code::NulInText), "{refused:?}");
    round_trip::<String, Varchar>(s, "varchar", P, &strings);
    round_trip::<String, Varchar>(s, "varchar(10)", Shape { length: Some(10), ..P }, &strings);
    round_trip::<String, Bpchar>(s, "char(12)", Shape { length: Some(12), ..P }, &strings);
    round_trip::<String, Bpchar>(s, "bpchar", P, &strings);
    round_trip::<Vec<u8>, Bytea>(s, "bytea", P, &examples(&binary(), MANY));
    s.execute("CREATE DOMAIN citext AS text".into());
    round_trip::<String, Citext>(s, "citext", P, &strings);
}

#[test]
fn times() {
    let Some(mut server) = Server::new("times") else { return };
    let s = &mut server;
    // The first and the last moment that PostgreSQL holds, and their neighbours.
    let ends = [-210_866_803_200_000_i64, -210_866_803_200_001, 9_224_318_015_999_999, 9_224_318_016_000_000];
    let ends = ends.map(|ms| RawBson::DateTime(whimbrel::bson::DateTime::from_millis(ms)));
    let refused = round_trip::<DateTime<Utc>, Timestamptz>(s, "timestamptz", P, &ends);
    assert_eq!(refused, [(Code::OutOfRange, 2)]);
    let values = examples(&date(), MANY);
    round_trip::<DateTime<Utc>, Timestamptz>(s, "timestamptz", P, &values);
    round_trip::<NaiveDateTime, Timestamp>(s, "timestamp", P, &values);
    for fraction in [0, 1, 3, 6] {
        round_trip::<NaiveDateTime, Timestamp>(
            s,
            &format!("timestamp({fraction})"),
            Shape { fraction, ..P },
            &values,
        );
        round_trip::<DateTime<Utc>, Timestamptz>(
            s,
            &format!("timestamptz({fraction})"),
            Shape { fraction, ..P },
            &values,
        );
    }
    let days = [-210_866_803_200_000_i64, -210_866_889_600_000, 185_331_707_078_400_000 - 86_400_000];
    let days = days.map(|ms| RawBson::DateTime(whimbrel::bson::DateTime::from_millis(ms)));
    assert_eq!(round_trip::<NaiveDate, Date>(s, "date", P, &days), [(Code::OutOfRange, 1)]);
    round_trip::<NaiveDate, Date>(s, "date", P, &values);
    let clock = (0..24_u32, 0..60_u32, 0..60_u32, 0..1_000_000_u32, 0..9_usize).prop_map(
        |(hour, minute, second, micro, form)| {
            let digits = format!("{micro:06}");
            RawBson::String(match form {
                0 => format!("{hour:02}:{minute:02}"),
                1 => format!("{hour:02}:{minute:02}:{second:02}"),
                8 => format!("{hour:02}:{minute:02}:{second:02}.{digits}000"),
                form => format!("{hour:02}:{minute:02}:{second:02}.{}", &digits[..form - 1]),
            })
        },
    );
    let clock = examples(&clock, MANY);
    assert_eq!(round_trip::<NaiveTime, Time>(s, "time", P, &clock), []);
    round_trip::<NaiveTime, Time>(s, "time(3)", Shape { fraction: 3, ..P }, &clock);
}

#[test]
fn texts_that_are_no_time_of_day() {
    let Some(mut server) = Server::new("clocks") else { return };
    let refused = |texts: &[&str], server: &mut Server| {
        let texts = texts.iter().flat_map(|text| [*text, "07:30"]);
        let values: Vec<_> = texts.map(|text| RawBson::String(text.to_owned())).collect();
        round_trip::<NaiveTime, Time>(server, "time", P, &values)
    };
    let s = &mut server;
    let others = [
        "",
        "7:30",
        "07:30:",
        "07.5",
        "07:30.5",
        "07:30:15.",
        "07:30:15.5x",
        "+7:30",
        "07:30Z",
        "0７:30",
        "07:30:15:00",
    ];
    assert_eq!(refused(&others, s), [(Code::TypeMismatch, others.len())]);
    assert_eq!(refused(&["24:00", "07:60", "07:30:60", "99:99:99"], s), [(Code::OutOfRange, 4)]);
    assert_eq!(refused(&["07:30:15.1234567"], s), [(Code::Precision, 1)]);
    let seconds = [
        RawBson::Int32(7),
        RawBson::DateTime(whimbrel::bson::DateTime::from_millis(0)),
        RawBson::String("00:00:07".to_owned()),
    ];
    assert_eq!(round_trip::<NaiveTime, Time>(s, "time", P, &seconds), [(Code::TypeMismatch, 2)]);
}

#[test]
fn keys() {
    let Some(mut server) = Server::new("keys") else { return };
    let s = &mut server;
    let ids = prop_oneof![
        any::<[u8; 12]>().prop_map(|bytes| RawBson::ObjectId(ObjectId::from_bytes(bytes))),
        any::<[u8; 16]>().prop_map(|bytes| {
            RawBson::Binary(Binary { subtype: BinarySubtype::Uuid, bytes: bytes.to_vec() })
        }),
    ];
    let values = examples(&ids, MANY);
    assert_eq!(round_trip::<Uuid, ::whimbrel::__private::column::kind::Uuid>(s, "uuid", P, &values), []);
    assert_eq!(round_trip::<Id<()>, ::whimbrel::__private::column::kind::Uuid>(s, "uuid", P, &values), []);
    let texts: Vec<_> = examples(&text(), 200).into_iter().map(RawBson::String).collect();
    let shape = Shape { id: IdStrategy::Text, namespace: Some(|| Uuid::NAMESPACE_OID), ..P };
    assert_eq!(round_trip::<Uuid, ::whimbrel::__private::column::kind::Uuid>(s, "uuid", shape, &texts), []);
}

#[test]
fn json() {
    let Some(mut server) = Server::new("json") else { return };
    let s = &mut server;
    let values = examples(&nested(), MANY);
    let allowed = [Code::NulInText];
    let refused = round_trip::<Json, Jsonb>(s, "jsonb", P, &values);
    assert!(refused.iter().all(|(code, _)| allowed.contains(code)), "{refused:?}");
    let refused =
        round_trip::<serde_json::Value, ::whimbrel::__private::column::kind::Json>(s, "json", P, &values);
    assert!(refused.iter().all(|(code, _)| allowed.contains(code)), "{refused:?}");
}

#[test]
fn arrays_of_everything() {
    let Some(mut server) = Server::new("arrays") else { return };
    let s = &mut server;
    let nullable = |values: BoxedStrategy<RawBson>| prop_oneof![1 => Just(RawBson::Null), 4 => values];
    let integers = nullable(any::<i32>().prop_map(RawBson::Int32).boxed());
    round_trip::<Vec<Option<i32>>, Array<Int4>>(
        s,
        "integer[]",
        P,
        &examples(&arrays(integers.clone()), MANY),
    );
    let refused = round_trip::<Vec<i32>, Array<Int4>>(s, "integer[]", P, &examples(&arrays(integers), MANY));
    assert!(matches!(refused[..], [(Code::Null, _)]), "{refused:?}");
    let texts = "[a-zä]{0,5}".prop_map(RawBson::String);
    round_trip::<Vec<String>, Array<Text>>(s, "text[]", P, &examples(&arrays(texts.clone()), 500));
    round_trip::<Vec<String>, Array<Bpchar>>(
        s,
        "char(5)[]",
        Shape { length: Some(5), ..P },
        &examples(&arrays(texts), 500),
    );
    let amounts = (-99_999..99_999_i32).prop_map(|n| RawBson::Double(f64::from(n) / 100.0));
    let shape = Shape { numeric: Some((6, 2)), ..P };
    round_trip::<Vec<Decimal>, Array<Numeric>>(s, "numeric(6,2)[]", shape, &examples(&arrays(amounts), 500));
    let booleans = any::<bool>().prop_map(RawBson::Boolean);
    round_trip::<Vec<bool>, Array<Bool>>(s, "boolean[]", P, &examples(&arrays(booleans), 100));
    round_trip::<Vec<Vec<u8>>, Array<Bytea>>(s, "bytea[]", P, &examples(&arrays(binary()), 100));
    round_trip::<Vec<Json>, Array<Jsonb>>(s, "jsonb[]", P, &[array(vec![RawBson::Int32(1)]), array(vec![])]);
}
