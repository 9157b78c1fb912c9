//! Random and mutated input: no crash, and nothing before the damage is lost.

use bson::raw::RawDocument;
use proptest::prelude::*;
use whimbrel_transfer::source::{DumpSource, ExportSource, check_structure, to_bson};

use crate::support::{concatenated, documents, file, read_all};

/// Walks everything in a document, as transforms do.
fn walk(document: &RawDocument) -> usize {
    document
        .iter()
        .map(|element| match element.expect("what passed the check can be walked") {
            (_, bson::raw::RawBsonRef::Document(inner)) => walk(inner),
            (_, bson::raw::RawBsonRef::Array(inner)) => inner.into_iter().filter(|item| item.is_ok()).count(),
            _ => 1,
        })
        .sum()
}

/// Whether all strings are UTF-8: the check leaves that to whoever takes them.
fn texts_are_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = check_structure(&bytes);
        let (_folder, path) = file("x.bson", &bytes);
        let got = read_all(&DumpSource::open(&path, None).unwrap(), "x");
        prop_assert!(bytes.is_empty() || got.error.is_some() || !got.chunks.is_empty());
        let (_folder, path) = file("x.json", &bytes);
        let _ = read_all(&ExportSource::open_file(&path, None).unwrap(), "x");
    }

    #[test]
    fn one_changed_byte_spares_what_stands_before(at in 0usize..2000, value in any::<u8>()) {
        let wanted = documents(25);
        let mut bytes = concatenated(&wanted);
        let at = at % bytes.len();
        bytes[at] = value;
        let (_folder, path) = file("x.bson", &bytes);
        let got = read_all(&DumpSource::open(&path, None).unwrap(), "x");
        let mut end = 0;
        let before = wanted.iter().take_while(|d| { end += d.as_bytes().len(); end <= at }).count();
        prop_assert_eq!(&got.documents[..before], &wanted[..before]);
        for document in got.documents.iter().filter(|d| texts_are_utf8(d.as_bytes())) {
            walk(document);
        }
        // Every byte is accounted for: in documents, in malformed ones, or behind the place of the error.
        let read: usize = got.documents.iter().map(|d| d.as_bytes().len()).sum::<usize>()
            + got.malformed.iter().map(|m| m.bytes.len()).sum::<usize>();
        prop_assert!(read == bytes.len() || got.error.is_some());
    }

    #[test]
    fn random_text_is_read_or_refused(text in "[\\[\\]{}\",:$a-e0-9\\\\ \n.-]{0,80}") {
        let mut out = vec![7u8];
        match to_bson(&text, &mut out) {
            Ok(()) => prop_assert!(check_structure(&out[1..]).is_ok()),
            Err(error) => prop_assert!(error.offset <= text.len() && out == [7]),
        }
        let (_folder, path) = file("x.json", text.as_bytes());
        let _ = read_all(&ExportSource::open_file(&path, None).unwrap(), "x");
    }
}
