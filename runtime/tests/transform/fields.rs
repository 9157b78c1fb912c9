//! Which fields of documents no column reads, and which are read.

use std::collections::BTreeMap;

use whimbrel::__private::copy::TupleBuffer;
use whimbrel::__private::transform::{Context, Count, FieldCounts, Transform, TransformSpec, Unread};
use whimbrel::bson::{RawDocumentBuf, rawdoc};

use crate::models::{Legacy, Line, Note, Opportunity, Watcher};

fn counted<T: Transform>(documents: &[RawDocumentBuf], unread: Unread, ignored: &[&str]) -> FieldCounts {
    let ignored: Vec<String> = ignored.iter().map(|path| (*path).to_owned()).collect();
    let (mut out, mut errors) = (TupleBuffer::new(), Vec::new());
    let count = Some(Count { unread, ignored: &ignored });
    for document in documents {
        (T::spec().encode)(document, &Context { count, ..Context::default() }, &mut out, &mut errors);
    }
    let counts = out.take_fields();
    assert_eq!(out.take_fields(), FieldCounts::default(), "taken once");
    counts
}

fn unread<T: Transform>(documents: &[RawDocumentBuf], ignored: &[&str]) -> Vec<(String, u64)> {
    counted::<T>(documents, Unread::All, ignored).unread.into_iter().collect()
}

fn paths(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(path, count)| ((*path).to_owned(), *count)).collect()
}

fn lines() -> Vec<RawDocumentBuf> {
    vec![
        rawdoc! { "_id": 1, "total": 2, "lines": [
            { "product": "a", "price": { "amount": 1.5, "currency": "EUR" }, "tax": 19 },
            { "product": "b", "price": { "amount": 2.5, "currency": "CHF" } },
        ] },
        rawdoc! { "_id": 2, "lines": [], "meta": { "tmp": 1, "by": "x" } },
        rawdoc! { "total": 3, "_id": 3, "total": 4, "meta": "no document" },
    ]
}

#[test]
fn fields_that_no_column_reads_are_counted_by_documents() {
    let expected = [("lines[].price.currency", 1), ("lines[].tax", 1), ("meta", 2), ("total", 2)];
    assert_eq!(unread::<Line>(&lines(), &[]), paths(&expected), "twice in one document counts once");
    assert_eq!(
        counted::<Line>(&lines(), Unread::Nested, &[]).unread.into_iter().collect::<Vec<_>>(),
        paths(&expected[..2]),
        "another model counts the documents' own"
    );
    assert_eq!(counted::<Line>(&lines(), Unread::No, &[]).unread, BTreeMap::new());
}

#[test]
fn a_declared_path_leaves_its_neighbours_to_be_counted() {
    let documents = lines();
    let counts = unread::<Line>(&documents, &["meta.tmp", "total"]);
    assert!(counts.contains(&("meta.by".to_owned(), 1)), "{counts:?}");
    assert!(counts.contains(&("meta".to_owned(), 1)), "{counts:?}: there it is not a document");
    // What is declared itself is for the caller to leave out.
    assert!(counts.contains(&("meta.tmp".to_owned(), 1)), "{counts:?}");

    let documents = [rawdoc! { "_id": 1, "log": [{ "at": 1, "by": 2 }, { "at": 2 }, 3] }];
    assert_eq!(unread::<Line>(&documents, &["log[].at"]), paths(&[("log[].at", 1), ("log[].by", 1)]));
}

#[test]
fn whole_elements_and_the_rest_take_everything_below() {
    let documents =
        [rawdoc! { "_id": 1, "watchers": [{ "a": 1 }], "notes": { "list": [{ "b": 1 }], "c": 1 } }];
    assert_eq!(unread::<Watcher>(&documents, &[]), paths(&[("notes", 1)]));
    assert_eq!(unread::<Note>(&documents, &[]), paths(&[("_id", 1), ("notes.c", 1), ("watchers", 1)]));
}

#[test]
fn paths_that_some_document_has() {
    let read = |documents: &[RawDocumentBuf]| counted::<Line>(documents, Unread::All, &[]).read;
    let documents = lines();
    let all = ["_id", "lines", "lines[]", "lines[].price.amount", "lines[].product"];
    assert_eq!(read(&documents).into_iter().collect::<Vec<_>>(), all);
    assert_eq!(read(&documents[1..]).into_iter().collect::<Vec<_>>(), ["_id", "lines"], "an empty array");
    let null = [rawdoc! { "_id": 1, "account": null }];
    let legacy = counted::<Legacy>(&null, Unread::All, &[]);
    assert_eq!(legacy.read.into_iter().collect::<Vec<_>>(), ["_id", "account"], "null is there");
}

#[test]
fn any_number_of_names_is_counted_in_little_memory() {
    let mut documents = Vec::new();
    for number in 0..5000 {
        let mut document = RawDocumentBuf::new();
        document.append(whimbrel::bson::cstr!("_id"), number);
        let name = format!("user-{number}");
        document.append(whimbrel::bson::raw::CString::try_from(name).unwrap(), true);
        documents.push(document);
    }
    let counts = counted::<Line>(&documents, Unread::All, &[]);
    assert_eq!(counts.unread.len(), 1000);
    assert!(counts.more);
    let mut sum = counts.clone();
    sum.add(counts);
    assert_eq!(sum.unread.len(), 1000);
    assert!(sum.unread.values().all(|count| *count == 2));

    let long = "x".repeat(1 << 16);
    let mut document = rawdoc! { "_id": 1 };
    document.append(whimbrel::bson::raw::CString::try_from(long).unwrap(), true);
    let counts = counted::<Line>(&[document], Unread::All, &[]);
    assert!(counts.unread.is_empty() && counts.more);
}

#[test]
fn a_model_with_a_rest_reads_everything() {
    let of = |spec: &TransformSpec| (spec.covers_rest, spec.each);
    assert_eq!(of(Opportunity::spec()), (true, None));
    assert_eq!(of(Note::spec()), (true, Some("notes.list")), "only the elements' rest");
    assert_eq!(of(Watcher::spec()), (false, Some("watchers")));
    assert!(Note::spec().takes.contains(&"notes.list"));
}
