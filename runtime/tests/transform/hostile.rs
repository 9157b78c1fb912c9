//! Broken and malicious documents: an error for each, never a panic, never an endless or deep recursion.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use whimbrel::__private::transform::value::Elements;
use whimbrel::bson::{DateTime, RawDocument, RawDocumentBuf, oid::ObjectId, rawdoc};

use crate::models::{Legacy, Note, Opportunity, Watcher};
use crate::rows::encode;

/// Every model, and what must hold whatever the bytes are.
fn all(document: &RawDocument) {
    let (out, errors) = encode::<Opportunity>(document, &[]);
    assert_eq!(out.len() + errors.len(), 1, "a row or an error");
    assert!(!out.is_empty() || out.as_bytes().is_empty(), "no half tuple is left");
    let (out, errors) = encode::<Legacy>(document, &[]);
    assert_eq!(out.len() + errors.len(), 1);
    for (out, errors) in [encode::<Watcher>(document, &[]), encode::<Note>(document, &[])] {
        assert!(out.iter().all(|tuple| tuple.len() > 2));
        assert!(errors.iter().all(|error| !error.code.is_empty()));
    }
}

fn valid() -> RawDocumentBuf {
    let oid = ObjectId::from_bytes([7; 12]);
    rawdoc! {
        "_id": oid,
        "name": "name",
        "account": oid,
        "createdAt": DateTime::from_millis(1),
        "contact": { "email": "a@b", "phone": ["1", 2] },
        "tags": ["a", "b"],
        "watchers": [oid, oid],
        "notes": { "list": [{ "_id": oid, "text": "t", "by": { "name": "n" } }] },
        "first": [1_i64],
        "rest": { "a": [{ "b": 1.5 }], "code": 1 },
    }
}

/// So many documents or arrays in one another.
fn deep(levels: usize, tag: u8) -> Vec<u8> {
    let total = 5 + levels * 8;
    let mut bytes = Vec::with_capacity(total);
    for level in 0..levels {
        bytes.extend(i32::try_from(total - level * 8).unwrap().to_le_bytes());
        bytes.extend([tag, b'a', 0]);
    }
    bytes.extend(5_i32.to_le_bytes());
    bytes.extend(vec![0; levels + 1]);
    bytes
}

#[test]
fn documents_in_documents() {
    for tag in [3, 4] {
        let bytes = deep(1_000_000, tag);
        let document = RawDocument::from_bytes(&bytes).unwrap();
        all(document);
        let mut complete = valid();
        complete.append(whimbrel::bson::cstr!("deep"), document.to_owned());
        let (_, errors) = encode::<Opportunity>(&complete, &[]);
        assert_eq!(errors[0].code, "too_deep");
        assert!(errors[0].path.starts_with("deep.a.a."));
        let mut complete = valid();
        complete.append(
            whimbrel::bson::cstr!("deep"),
            RawDocument::from_bytes(&deep(100, tag)).unwrap().to_owned(),
        );
        assert_eq!(encode::<Opportunity>(&complete, &[]).1, [], "MongoDB's own limit is fine");
    }
}

#[test]
fn numbers_of_many_digits() {
    let mut complete = valid();
    let mut numbers = whimbrel::bson::RawArrayBuf::new();
    (0..250_000).for_each(|_| numbers.push(5e-324));
    complete.append(whimbrel::bson::cstr!("numbers"), numbers);
    let (out, errors) = encode::<Opportunity>(&complete, &[]);
    assert!(out.is_empty());
    assert_eq!((errors[0].code, errors[0].column), ("too_long", "extra"));
}

/// The valid document with the text at its key replaced by bytes that are no UTF-8.
fn with_bytes(find: &[u8], replace: &[u8]) -> RawDocumentBuf {
    let mut bytes = valid().into_bytes();
    let at = bytes.windows(find.len()).position(|window| window == find).unwrap();
    bytes[at..at + find.len()].copy_from_slice(replace);
    RawDocumentBuf::from_bytes(bytes).unwrap()
}

fn error(document: &RawDocument) -> (String, &'static str, &'static str) {
    let (_, errors) = encode::<Opportunity>(document, &[]);
    (errors[0].path.clone(), errors[0].column, errors[0].code)
}

#[test]
fn texts_that_are_none() {
    let expect = |path: &str, column, code| (path.to_owned(), column, code);
    assert_eq!(error(&with_bytes(b"a@b", b"a\xff\xff")), expect("contact.email", "email", "invalid_utf8"));
    assert_eq!(error(&with_bytes(b"a@b", b"a\0b")), expect("contact.email", "email", "nul_in_text"));
    let key = error(&with_bytes(b"phone", b"ph\xffne"));
    assert_eq!(key, expect("contact.ph\u{fffd}ne", "extra", "invalid_utf8"));
}

#[test]
fn lengths_that_are_none() {
    let bytes = valid().into_bytes();
    // The length of `name`, of `contact` and of `watchers`, each replaced by others.
    for find in [&b"name\0"[..], b"contact\0", b"watchers\0"] {
        let at = bytes.windows(find.len()).position(|window| window == find).unwrap() + find.len();
        for length in [i32::MIN, -1, 0, 1, 4, 100_000, i32::MAX] {
            let mut broken = bytes.clone();
            broken[at..at + 4].copy_from_slice(&length.to_le_bytes());
            let document = RawDocument::from_bytes(&broken).unwrap();
            let (out, errors) = encode::<Opportunity>(document, &[]);
            assert!(out.is_empty(), "{length}");
            assert!(["malformed", "missing"].contains(&errors[0].code), "{errors:?}");
            all(document);
        }
    }
}

#[test]
fn a_type_that_is_none() {
    let (path, column, code) = error(&with_bytes(b"\x02name\0", b"\x20name\0"));
    assert_eq!((path.as_str(), column, code), ("name", "", "malformed"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, rng_seed: RngSeed::Fixed(whimbrel_scratch::seed()), ..Default::default() })]

    #[test]
    fn random_bytes(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = i32::try_from(body.len() + 5).unwrap().to_le_bytes().to_vec();
        bytes.extend(body);
        bytes.push(0);
        all(RawDocument::from_bytes(&bytes).unwrap());
    }

    #[test]
    fn elements_of_random_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(mut elements) = Elements::new(&bytes) {
            let mut count = 0;
            while let Ok(Some(element)) = elements.next_element() {
                count += 1;
                let _ = (element.value.to_bson(), element.value.binary(), element.value.code_with_scope());
                let _ = (element.value.regex(), element.value.db_pointer(), element.value.text());
            }
            prop_assert!(count <= bytes.len());
        }
    }

    #[test]
    fn flipped_bytes(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = valid().into_bytes();
        let end = bytes.len() - 1;
        for (at, byte) in changes {
            bytes[4 + at.index(end - 4)] = byte;
        }
        all(RawDocument::from_bytes(&bytes).unwrap());
    }
}
