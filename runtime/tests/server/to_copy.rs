//! Rust values, as `with` functions and defaults make them.

use chrono::{DateTime, NaiveDate, NaiveTime};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use whimbrel::__private::column::kind::*;
use whimbrel::__private::copy::Shape;
use whimbrel::{Id, Json as JsonOf};

use crate::harness::{Server, examples, write_trip};
use crate::values::{double, key, text};

const P: Shape = Shape::PLAIN;

#[test]
fn scalars() {
    let Some(mut server) = Server::new("scalars") else { return };
    let s = &mut server;
    write_trip::<bool, Bool>(s, "boolean", P, &[true, false]);
    write_trip::<i16, Int2>(s, "smallint", P, &[i16::MIN, 0, i16::MAX]);
    write_trip::<i16, Int4>(s, "integer", P, &[i16::MIN, 0, i16::MAX]);
    write_trip::<i32, Int4>(s, "integer", P, &[i32::MIN, 0, i32::MAX]);
    write_trip::<i32, Int8>(s, "bigint", P, &[i32::MIN, 0, i32::MAX]);
    write_trip::<i64, Int8>(s, "bigint", P, &[i64::MIN, 0, i64::MAX]);
    write_trip::<i64, Numeric>(s, "numeric", P, &[i64::MIN, 0, 10_000, i64::MAX]);
    let doubles = examples(&double(), 1000);
    write_trip::<f64, Float8>(s, "double precision", P, &doubles);
    write_trip::<f64, Numeric>(s, "numeric", P, &doubles);
    write_trip::<f32, Float4>(s, "real", P, &[f32::MIN, -0.0, f32::NAN, f32::INFINITY]);
    let texts = examples(&text(), 1000);
    write_trip::<String, Text>(s, "text", P, &texts);
    write_trip::<String, Bpchar>(s, "char(60)", Shape { length: Some(60), ..P }, &texts);
    write_trip::<Vec<u8>, Bytea>(s, "bytea", P, &[vec![], vec![0, 255]]);
    write_trip::<Id<()>, Uuid>(s, "uuid", P, &[Id::now_v7(), Id::new(uuid::Uuid::nil())]);
    write_trip::<Option<i32>, Int4>(s, "integer", P, &[None, Some(1)]);
    write_trip::<Vec<Option<i64>>, Array<Int8>>(
        s,
        "bigint[]",
        P,
        &[vec![], vec![None, Some(1)], vec![Some(2)]],
    );
}

#[test]
fn decimals() {
    let Some(mut server) = Server::new("decimals") else { return };
    let s = &mut server;
    let decimals = (any::<i64>(), any::<i64>(), 0..=28_u32).prop_map(|(a, b, scale)| {
        let mantissa = i128::from(a) * i128::from(b) % (1 << 96);
        Decimal::from_i128_with_scale(mantissa, scale)
    });
    write_trip::<Decimal, Numeric>(s, "numeric", P, &examples(&decimals, 1000));
    let amounts = (any::<i32>(), 0..=2_u32).prop_map(|(a, scale)| Decimal::new(a.into(), scale));
    write_trip::<Decimal, Numeric>(
        s,
        "numeric(12,2)",
        Shape { numeric: Some((12, 2)), ..P },
        &examples(&amounts, 1000),
    );
}

#[test]
fn dates_and_times() {
    let Some(mut server) = Server::new("dates_and_times") else { return };
    let s = &mut server;
    let moments = (-8_000_000_000_000_i64..8_000_000_000_000)
        .prop_map(|us| DateTime::from_timestamp_micros(us * 1000 + us % 1000).unwrap());
    let moments = examples(&moments, 1000);
    write_trip::<_, Timestamptz>(s, "timestamptz", P, &moments);
    let naive: Vec<_> = moments.iter().map(|moment| moment.naive_utc()).collect();
    write_trip::<_, Timestamp>(s, "timestamp", P, &naive);
    let dates: Vec<NaiveDate> = naive.iter().map(|moment| moment.date()).collect();
    write_trip::<_, Date>(s, "date", P, &dates);
    let times: Vec<NaiveTime> = naive.iter().map(|moment| moment.time()).collect();
    write_trip::<_, Time>(s, "time", P, &times);
}

fn values() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        double().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 60, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((key(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

#[test]
fn json_values() {
    let Some(mut server) = Server::new("json_values") else { return };
    let s = &mut server;
    let values = examples(&values(), 1000);
    write_trip::<Value, Jsonb>(s, "jsonb", P, &values);
    write_trip::<Value, Json>(s, "json", P, &values);
    write_trip::<JsonOf<Vec<i32>>, Jsonb>(s, "jsonb", P, &[JsonOf(vec![]), JsonOf(vec![1, 2])]);
    write_trip::<JsonOf, Jsonb>(s, "jsonb", P, &[JsonOf(json!({"bb": 1, "a": {"c": 1.0}}))]);
}
