//! Nothing is lost: every field of a document is in a column, in the rest, or taken by another model.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};
use whimbrel::Transform;
use whimbrel::bson::{Bson, RawDocumentBuf};

use crate::models::{Line, Partial};
use crate::rows::{encode, fields};

const OWN: [&str; 3] = ["a.x", "a.y.z", "b"];
const ELSEWHERE: [&str; 2] = ["c.x", "d"];

fn values() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<i32>().prop_map(Value::from),
        "[a-z]{0,3}".prop_map(Value::from)
    ];
    scalar.prop_recursive(3, 30, 4, |inner| {
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            4 => objects(inner),
        ]
    })
}

fn objects(values: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    proptest::collection::btree_map("[a-dx-z]", values, 0..6)
        .prop_map(|fields| Value::Object(fields.into_iter().rev().collect()))
}

/// What is left of an object when paths are taken; written without regard to speed.
fn left(object: &Map<String, Value>, prefix: &str, taken: &[&str]) -> Map<String, Value> {
    let mut rest = Map::new();
    for (key, value) in object {
        let path = format!("{prefix}{key}");
        if taken.contains(&path.as_str()) {
            continue;
        }
        let below = format!("{path}.");
        match value.as_object().filter(|_| taken.iter().any(|taken| taken.starts_with(&below))) {
            Some(object) => {
                let part = left(object, &below, taken);
                if !part.is_empty() {
                    rest.insert(key.clone(), Value::Object(part));
                }
            }
            None => {
                rest.insert(key.clone(), value.clone());
            }
        }
    }
    rest
}

/// Whether something that is neither null nor a document stands where one is expected.
fn blocked(document: &Value) -> bool {
    let in_the_way =
        |value: Option<&Value>| value.is_some_and(|value| !value.is_null() && !value.is_object());
    in_the_way(document.get("a")) || in_the_way(document.pointer("/a/y"))
}

fn parsed(field: &Option<Vec<u8>>) -> Option<Value> {
    field.as_ref().map(|bytes| serde_json::from_slice(&bytes[1..]).unwrap())
}

fn bson(document: &Value) -> RawDocumentBuf {
    let bson = Bson::try_from(document.clone()).unwrap();
    RawDocumentBuf::try_from(bson.as_document().unwrap()).unwrap()
}

fn rest_of(document: &Value, taken: &[&str]) -> Option<Value> {
    let (out, errors) = encode::<Partial>(&bson(document), taken);
    assert!(errors.is_empty(), "{errors:?}");
    parsed(&fields(out.iter().next().unwrap())[3])
}

#[test]
fn what_no_model_takes_of_an_array() {
    let taken = Line::spec().takes;
    let document = json!({
        "_id": 1,
        "lines": [
            { "product": "a", "price": { "amount": 1.5, "currency": "EUR" } },
            { "product": "b", "price": { "amount": 2.5 } },
            null,
        ],
    });
    let left = json!({ "lines": [{ "price": { "currency": "EUR" } }, {}, null] });
    assert_eq!(rest_of(&document, taken), Some(left), "what is left stands where it stood");

    let document = json!({ "_id": 1, "lines": [{ "product": "a" }, { "price": { "amount": 2.5 } }] });
    assert_eq!(rest_of(&document, taken), Some(json!({})), "nothing is left");

    let document = json!({ "_id": 1, "lines": "none" });
    assert_eq!(rest_of(&document, taken), Some(json!({ "lines": "none" })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, rng_seed: RngSeed::Fixed(whimbrel_scratch::seed()), ..Default::default() })]

    #[test]
    fn every_field_is_somewhere(document in objects(values())) {
        let (out, errors) = encode::<Partial>(&bson(&document), &ELSEWHERE);
        if blocked(&document) {
            prop_assert_eq!(errors.len(), 1);
            prop_assert_eq!(errors[0].code, "type_mismatch");
            return Ok(());
        }
        prop_assert!(errors.is_empty(), "{:?}", errors);
        let row = fields(out.iter().next().unwrap());
        for (field, pointer) in row.iter().zip(["/a/x", "/a/y/z", "/b"]) {
            // NULL stands for null and for nothing.
            prop_assert_eq!(parsed(field), document.pointer(pointer).filter(|value| !value.is_null()).cloned());
        }
        let taken = [&OWN[..], &ELSEWHERE].concat();
        let rest = Value::Object(left(document.as_object().unwrap(), "", &taken));
        prop_assert_eq!(parsed(&row[3]), Some(rest));
    }
}
