//! Random and mutated input: no crash, and nothing before the damage is lost.

use crate::dumpgen::{ArchiveWriter, ExportForm, ExportLayout, write_export};
use bson::raw::RawDocument;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use whimbrel_transfer::source::{DumpSource, ExportSource, check_structure, from_arg, to_bson};

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
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, rng_seed: RngSeed::Fixed(whimbrel_scratch::seed()), ..Default::default() })]

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
    fn one_changed_byte_of_an_archive_is_never_silent(at in any::<usize>(), value in any::<u8>()) {
        let wanted = documents(25);
        let (_folder, path) = file("x.archive", b"");
        let mut writer = ArchiveWriter::create(&path, false, &[("shop", "users"), ("shop", "orders")]).unwrap();
        for block in wanted.chunks(10) {
            writer.block("shop", "users", block).unwrap();
            writer.block("shop", "orders", &documents(1)).unwrap();
        }
        writer.finish().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let at = at % bytes.len();
        bytes[at] = value;
        std::fs::write(&path, bytes).unwrap();
        if let Ok(source) = from_arg(path.to_str().unwrap()) {
            let got = read_all(&*source, "users");
            // What was read before an error may hold the changed byte: only the checksum at the end tells.
            if got.error.is_none() && got.malformed.is_empty() {
                prop_assert_eq!(got.documents, wanted);
            }
        }
    }

    #[test]
    fn one_changed_byte_of_an_export_spares_what_stands_before(
        at in any::<usize>(), value in any::<u8>(), array in any::<bool>(),
    ) {
        let wanted = documents(25);
        let (_folder, path) = file("x.json", b"");
        let layout = if array { ExportLayout::Array } else { ExportLayout::Lines };
        write_export(&path, ExportForm::Canonical, layout, &wanted).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let at = at % bytes.len();
        bytes[at] = value;
        std::fs::write(&path, &bytes).unwrap();
        let got = read_all(&ExportSource::open_file(&path, None).unwrap(), "x");
        let before = bytes[..at].iter().filter(|byte| **byte == b'\n').count();
        let same = got.documents.iter().zip(&wanted).take_while(|(got, wanted)| got == wanted).count();
        prop_assert!(same >= before, "{same} of {before}");
        // A neighbour may be swallowed when a line's end is gone, but then something is said.
        let spoilt = wanted.len() - wanted.iter().filter(|document| got.documents.contains(document)).count();
        prop_assert!(spoilt <= 2 || got.error.is_some() || !got.malformed.is_empty(), "{spoilt} are gone");
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
