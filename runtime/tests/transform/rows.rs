//! Documents in, tuples and errors out.

use whimbrel::__private::copy::TupleBuffer;
use whimbrel::__private::id;
use whimbrel::__private::transform::{Context, RowError, Transform};
use whimbrel::Id;
use whimbrel::bson::raw::CString;
use whimbrel::bson::{DateTime, Decimal128, RawBson, RawDocument, RawDocumentBuf, oid::ObjectId, rawdoc};

use crate::models::{Account, Legacy, Line, Note, Opportunity, Watcher};

pub fn encode<T: Transform>(document: &RawDocument, taken: &[&str]) -> (TupleBuffer, Vec<RowError>) {
    let (mut out, mut errors) = (TupleBuffer::new(), Vec::new());
    let context = Context { taken_elsewhere: taken, ..Context::default() };
    (T::spec().encode)(document, &context, &mut out, &mut errors);
    (out, errors)
}

/// The fields of a tuple; `None` is NULL.
pub fn fields(tuple: &[u8]) -> Vec<Option<Vec<u8>>> {
    let (count, mut left) = tuple.split_first_chunk().unwrap();
    let mut fields = Vec::new();
    for _ in 0..i16::from_be_bytes(*count) {
        let (length, rest) = left.split_first_chunk().unwrap();
        let length = usize::try_from(i32::from_be_bytes(*length)).ok();
        let (field, rest) = rest.split_at(length.unwrap_or(0));
        fields.push(length.map(|_| field.to_vec()));
        left = rest;
    }
    assert!(left.is_empty());
    fields
}

fn only<T: Transform>(document: &RawDocumentBuf, taken: &[&str]) -> Vec<Option<Vec<u8>>> {
    let (out, errors) = encode::<T>(document, taken);
    assert_eq!(errors, []);
    assert_eq!(out.len(), 1);
    fields(out.iter().next().unwrap())
}

fn error<T: Transform>(document: &RawDocumentBuf) -> String {
    let (out, errors) = encode::<T>(document, &[]);
    assert!(out.is_empty());
    let [RowError { path, column, code, reason, .. }] = &errors[..] else { panic!("{errors:?}") };
    format!("{path} -> {column}: {code}: {reason}")
}

fn text(field: &Option<Vec<u8>>) -> &str {
    std::str::from_utf8(field.as_ref().unwrap()).unwrap()
}

const OID: &str = "507f1f77bcf86cd799439011";
const UUID: &str = "013a7092-e8d8-7bcf-a1b3-5e650e40447c";

fn oid() -> ObjectId {
    ObjectId::parse_str(OID).unwrap()
}

fn uuid_bytes() -> Option<Vec<u8>> {
    Some(UUID.parse::<Id<Account>>().unwrap().uuid().as_bytes().to_vec())
}

fn opportunity() -> RawDocumentBuf {
    rawdoc! {
        "_id": oid(),
        "__v": 3,
        "createdAt": DateTime::from_millis(946_684_800_001),
        "name": "Alpenüberquerung",
        "account": oid(),
        "amount": "12.5".parse::<Decimal128>().unwrap(),
        "contact": { "email": "kim@example.org", "phone": "1" },
        "isActive": "yes",
        "stage": "closed_won",
        "watchers": [oid(), 5, oid()],
        "ratio": 1.0,
    }
}

#[test]
fn a_document_becomes_a_tuple() {
    let row = only::<Opportunity>(&opportunity(), &["_id", "name", "watchers", "notes.list"]);
    assert_eq!(row[0], uuid_bytes());
    assert_eq!(text(&row[1]), "Alpenüberquerung");
    assert_eq!(row[2], uuid_bytes());
    assert_eq!(text(&row[3]), "closed_won");
    // Two digits, weight 0, positive, scale 2: 12 and 5000.
    assert_eq!(row[4], Some(vec![0, 2, 0, 0, 0, 0, 0, 2, 0, 12, 0x13, 0x88]));
    assert_eq!(row[5], Some(1000_i64.to_be_bytes().to_vec()));
    assert_eq!(text(&row[6]), "kim@example.org");
    // An empty array of text.
    assert_eq!(row[7], Some(vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25]));
    assert_eq!(row[8], Some(vec![1]));
    assert_eq!(text(&row[9]), "\u{1}{\"__v\": 3, \"ratio\": 1.0, \"contact\": {\"phone\": \"1\"}}");
    assert_eq!(row.len(), 10);
}

#[test]
fn the_specification_says_what_is_read() {
    let spec = Opportunity::spec();
    assert_eq!(spec.collection, "opportunities");
    assert_eq!(spec.key, [0]);
    assert_eq!(spec.columns[..3], ["id", "name", "account_id"]);
    assert!(!spec.columns.contains(&"number"), "an identity column is PostgreSQL's own");
    assert_eq!(
        spec.takes,
        ["_id", "name", "account", "stage", "amount", "createdAt", "contact.email", "tags", "isActive"]
    );
    assert_eq!(Watcher::spec().takes, ["_id", "watchers"]);
    assert_eq!(Watcher::spec().key, [0, 2]);
    assert_eq!(Note::spec().takes[..2], ["name", "notes.list"], "the elements' rest is in the model itself");
    assert_eq!(Line::spec().takes, ["_id", "lines[].product", "lines[].price.amount"]);
    let registered = whimbrel::__private::registry::transforms();
    assert_eq!(registered.len(), 6);
}

#[test]
fn a_default_stands_in_for_null() {
    let mut document = opportunity();
    document.append(whimbrel::bson::cstr!("tags"), whimbrel::bson::RawBson::Null);
    let row = only::<Opportunity>(&document, &[]);
    assert_eq!(row[7].as_ref().unwrap().len(), 12, "the column is NOT NULL: the default stands in");
}

#[test]
fn what_cannot_become_a_row_is_named_with_its_place() {
    let with = |mut document: RawDocumentBuf, key: &str, value: RawBson| {
        document.append(CString::try_from(key.to_owned()).unwrap(), value);
        document
    };
    let short = rawdoc! { "_id": oid(), "name": "", "account": oid(), "createdAt": DateTime::from_millis(0) };
    for (document, expected) in [
        (rawdoc! { "_id": oid() }, "name -> name: missing: the field is missing, but the column is NOT NULL"),
        (
            rawdoc! { "_id": oid(), "name": null },
            "name -> name: null: the field is null, but the column is NOT NULL",
        ),
        (
            with(short.clone(), "contact", "kim@example.org".into()),
            "contact.email -> email: type_mismatch: a string stands where a document with this field is expected",
        ),
        (
            with(opportunity(), "name", "another".into()),
            "name -> name: duplicate_field: the document has this field twice; neither is taken",
        ),
        (
            with(opportunity(), "ratio", 2.into()),
            "ratio -> extra: duplicate_field: the document has this field twice; `jsonb` would keep only one of them",
        ),
        (
            with(short, "isActive", 1.into()),
            "isActive -> is_active: custom: Some(Int32(1)) is neither yes nor no",
        ),
    ] {
        assert_eq!(error::<Opportunity>(&document), expected);
    }
}

#[test]
fn a_row_for_each_element() {
    let (out, errors) = encode::<Watcher>(&opportunity(), &[]);
    let rows: Vec<_> = out.iter().map(fields).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0], [uuid_bytes(), uuid_bytes(), Some(vec![0, 0, 0, 0])]);
    assert_eq!(rows[1], [uuid_bytes(), uuid_bytes(), Some(vec![0, 0, 0, 2])]);
    let [error] = &errors[..] else { panic!("{errors:?}") };
    assert_eq!((error.ordinal, error.path.as_str(), error.column), (Some(1), "watchers.1", "user_id"));
    assert_eq!(error.code, "type_mismatch");
}

#[test]
fn no_array_gives_no_rows_and_another_value_an_error() {
    for document in [rawdoc! { "_id": oid() }, rawdoc! { "_id": oid(), "watchers": null }] {
        let (out, errors) = encode::<Watcher>(&document, &[]);
        assert!(out.is_empty() && errors.is_empty());
    }
    let (out, errors) = encode::<Watcher>(&rawdoc! { "_id": oid(), "watchers": 5 }, &[]);
    assert!(out.is_empty());
    assert_eq!(
        (errors[0].code, errors[0].path.as_str(), errors[0].ordinal),
        ("type_mismatch", "watchers", None)
    );
}

#[test]
fn elements_that_are_documents() {
    let document = rawdoc! {
        "name": "n",
        "notes": { "list": [
            { "_id": oid(), "text": "abc", "by": { "name": "kim", "age": 5 }, "more": [1] },
            { "_id": oid(), "text": "äöüäö", "by": { "name": null } },
            { "_id": oid(), "text": "äöüäöü", "by": { "name": null } },
            { "_id": oid(), "text": "abc", "by": {} },
            "text",
        ] },
    };
    let (out, errors) = encode::<Note>(&document, &["notes.list"]);
    let rows: Vec<_> = out.iter().map(fields).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(text(&rows[0][4]), "\u{1}{\"by\": {\"age\": 5}, \"more\": [1]}");
    assert_eq!(rows[1][3..], [None, None], "nothing is left: NULL");
    let errors: Vec<_> = errors.iter().map(|e| (e.ordinal.unwrap(), e.path.as_str(), e.code)).collect();
    assert_eq!(
        errors,
        [
            (2, "notes.list.2.text", "too_long"),
            (3, "notes.list.3.by.name", "missing"),
            (4, "notes.list.4._id", "type_mismatch")
        ]
    );
}

#[test]
fn keys_of_other_kinds() {
    let document = rawdoc! {
        "_id": 7, "account": "kim", "parent": OID, "others": ["a", "b"], "first": [5_i64, 6_i64], "address": "x"
    };
    let row = only::<Legacy>(&document, &[]);
    let legacy = id::namespace(&whimbrel_syntax::QName::public("legacy"));
    let accounts = id::namespace(&whimbrel_syntax::QName::public("accounts"));
    assert_eq!(row[0].as_deref(), Some(&id::from_integer(&legacy, 7).as_bytes()[..]));
    assert_eq!(row[1].as_deref(), Some(&id::from_text(&accounts, "kim").as_bytes()[..]));
    assert_eq!(row[2], uuid_bytes());
    assert!(row[3].as_ref().unwrap().ends_with(id::from_text(&accounts, "b").as_bytes()));
    assert_eq!(row[4], Some(5_i64.to_be_bytes().to_vec()), "a `with` function sees arrays, too");
    assert_eq!(text(&row[5]), "x");
    let refused = error::<Legacy>(&rawdoc! { "_id": "7" });
    assert!(
        refused.starts_with("_id -> id: type_mismatch: a string is not a key for the strategy `integer`"),
        "{refused}"
    );
}
