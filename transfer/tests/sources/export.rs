//! mongoexport files.

use std::io::Write;

use crate::dumpgen::{ExportForm, ExportLayout, write_export};
use bson::rawdoc;
use whimbrel_transfer::source::{self, ExportSource, Source};

use crate::support::{
    Read, check_ranges, check_resuming, documents, file, large_documents, read_all, shared,
};

fn read_text(text: &[u8]) -> Read {
    let (_folder, path) = file("shop.things.json", text);
    read_all(&ExportSource::open_file(&path, None).unwrap(), "things")
}

#[test]
fn every_form_and_layout_gives_the_same() {
    let wanted = documents(40);
    for form in [ExportForm::Canonical, ExportForm::Relaxed] {
        for layout in [ExportLayout::Lines, ExportLayout::Array, ExportLayout::PrettyArray] {
            for name in ["shop.things.json", "things.json.gz", "shop.things.jsonl"] {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join(name);
                write_export(&path, form, layout, &wanted).unwrap();
                let source = source::from_arg(path.to_str().unwrap()).unwrap();
                assert_eq!(read_all(&*source, "things").clean(), wanted, "{form:?} {layout:?} {name}");
            }
        }
    }
}

#[test]
fn reading_goes_on_where_it_stopped() {
    let wanted = documents(30);
    for layout in [ExportLayout::Lines, ExportLayout::Array, ExportLayout::PrettyArray] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("things.json");
        write_export(&path, ExportForm::Canonical, layout, &wanted).unwrap();
        check_resuming(&ExportSource::open_file(&path, None).unwrap(), "things", &wanted);
    }
}

#[test]
fn parts_cover_every_document_once() {
    let wanted = large_documents(10_000);
    let folder = tempfile::tempdir().unwrap();
    for layout in [ExportLayout::Lines, ExportLayout::Array] {
        let path = folder.path().join("things.json");
        write_export(&path, ExportForm::Canonical, layout, &wanted).unwrap();
        let source = ExportSource::open_file(&path, None).unwrap();
        let ranges = source.split("things", 3).unwrap();
        assert!(ranges.len() > 1);
        check_ranges(&source, "things", &ranges, &wanted);
    }
}

#[test]
fn marks_before_and_between_do_not_matter() {
    let two = [rawdoc! { "a": 1 }, rawdoc! { "a": 2 }];
    for text in [
        "{\"a\":1}\n{\"a\":2}",
        "\u{feff}{\"a\":1}\r\n\r\n{\"a\":2}\r\n",
        "\u{feff} [ {\"a\":1} , {\"a\":2} ] \n",
        "[{\"a\":1},\n{\"a\":2},]",
        "{\"a\":1}{\"a\":2}",
        "{\n\t\"a\": 1\n}\n{\n\t\"a\": 2\n}\n",
    ] {
        assert_eq!(read_text(text.as_bytes()).clean(), two, "{text:?}");
    }
    for empty in ["", "\n", "[]", " [ ] ", "\u{feff}"] {
        assert!(read_text(empty.as_bytes()).clean().is_empty(), "{empty:?}");
    }
}

#[test]
fn a_broken_document_costs_only_itself() {
    for (text, broken, words) in [
        ("{\"a\":1}\n{\"a\":}\n{\"a\":2}\n", "{\"a\":}", ":2:6:"),
        ("[{\"a\":1},\n{\"a\" 3},\n{\"a\":2}]", "{\"a\" 3}", ":2:6:"),
        ("{\"a\":1}\nnonsense\n{\"a\":2}", "nonsense", ":2:1:"),
        ("{\"a\":1}\n{\"a\": {\"b\":3}\n{\"a\":2}\n", "{\"a\": {\"b\":3}\n", "cut off"),
        ("{\"a\":1}\n{\"a\": \"text\n{\"a\":2}\n", "{\"a\": \"text", "cut off"),
        ("{\"a\":1}\n{\"a\":3,\n{\"a\":2}\n", "{\"a\":3,\n", "cut off"),
        ("{\"a\":1}\n{\"_id\":{\"$oid\":\"xyz\"}}\n{\"a\":2}\n", "{\"_id\":{\"$oid\":\"xyz\"}}", "$oid"),
        ("{\"a\":1}\n{\"_id\":ObjectId(\"1\")}\n{\"a\":2}\n", "{\"_id\":ObjectId(\"1\")}", "shell"),
    ] {
        let got = read_text(text.as_bytes());
        assert!(got.error.is_none(), "{text}: {:?}", got.error);
        assert_eq!(got.documents, [rawdoc! { "a": 1 }, rawdoc! { "a": 2 }], "{text}");
        assert_eq!(got.malformed.len(), 1, "{text}: {:?}", got.malformed);
        assert_eq!(String::from_utf8_lossy(&got.malformed[0].bytes), broken);
        assert!(got.malformed[0].reason.contains(words), "{text}: {}", got.malformed[0].reason);
    }
    let got = read_text(b"{\"a\":1}\n{\"a\":\"\xff\"}\n{\"a\":2}");
    assert_eq!((got.documents.len(), got.malformed.len()), (2, 1));
    assert!(got.malformed[0].reason.contains("not UTF-8"));
}

#[test]
fn a_cut_file_is_an_error_behind_its_documents() {
    for (text, words) in [
        ("{\"a\":1}\n{\"a\":2", "middle of the document"),
        ("[{\"a\":1},\n{\"a\":2", "middle of the document"),
        ("[{\"a\":1},\n", "a ] is missing"),
        ("[{\"a\":1}] {\"a\":2}", "after the end of the array"),
    ] {
        let got = read_text(text.as_bytes());
        assert_eq!(got.documents, [rawdoc! { "a": 1 }], "{text}");
        let message = got.message();
        assert!(message.contains(words) && message.contains("shop.things.json:"), "{message}");
    }
    let got = read_text(b"\xff\xfe{\x00}\x00");
    assert!(got.message().contains("UTF-16"));
}

#[test]
fn a_folder_of_exports_is_a_source() {
    let folder = tempfile::tempdir().unwrap();
    let add = |name: &str| {
        std::fs::File::create(folder.path().join(name)).unwrap().write_all(b"{\"a\":1}\n").unwrap();
    };
    ["shop.users.json", "shop.fs.files.json", "orders.json", "readme.txt"].into_iter().for_each(add);
    let path = folder.path().to_str().unwrap();
    let source = source::from_arg(path).unwrap();
    let names: Vec<_> = source.collections().unwrap().into_iter().map(|info| info.name).collect();
    assert_eq!(names, ["fs.files", "orders", "users"]);
    assert_eq!(read_all(&*source, "fs.files").clean().len(), 1);
    add("blog.posts.json");
    let error = source::from_arg(path).err().unwrap();
    assert!(error.to_string().contains("several databases: blog, shop"), "{error}");
    assert!(source::from_arg(&format!("{path}?db=blog")).is_ok());
    add("users.json");
    let error = source::from_arg(&format!("{path}?db=shop")).err().unwrap();
    assert!(error.to_string().contains("both hold"), "{error}");
}

#[test]
fn real_exports_are_read() {
    let Some(path) = shared("data/nextcrm/mongoexport") else { return };
    let source = source::from_arg(path.to_str().unwrap()).unwrap();
    let counts: Vec<_> = source
        .collections()
        .unwrap()
        .into_iter()
        .map(|info| (read_all(&*source, &info.name).clean().len(), info.name))
        .collect();
    assert_eq!(counts.len(), 5, "{counts:?}");
    assert!(counts.contains(&(3, "crm_Industry_Type".into())), "{counts:?}");
    assert!(counts.contains(&(2, "crm_campaigns".into())), "{counts:?}");
    assert!(counts.contains(&(4, "crm_Opportunities_Type".into())), "{counts:?}");
}
