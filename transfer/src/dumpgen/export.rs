//! Exports as mongoexport writes them.

use std::io::{self, Write};
use std::path::Path;

use bson::raw::RawDocumentBuf;
use bson::{Bson, Document};

use super::Output;

/// Which Extended JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportForm {
    /// Every type is told: `{"$numberInt": "1"}`.
    Canonical,
    /// Numbers and times as JSON has them, where it does.
    Relaxed,
}

/// How the documents stand in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportLayout {
    /// A document a line.
    Lines,
    /// One array (`--jsonArray`).
    Array,
    /// One array, indented (`--jsonArray --pretty`).
    PrettyArray,
}

/// Writes documents as an export; compressed when the name ends in `.gz`.
///
/// # Errors
/// When the file cannot be written, or a document is not BSON.
pub fn write_export<'a>(
    path: &Path,
    form: ExportForm,
    layout: ExportLayout,
    documents: impl IntoIterator<Item = &'a RawDocumentBuf>,
) -> io::Result<()> {
    let gzip = path.extension().is_some_and(|ending| ending == "gz");
    let mut output = Output::create(path, gzip)?;
    let array = layout != ExportLayout::Lines;
    if array {
        output.write_all(b"[")?;
    }
    for (index, document) in documents.into_iter().enumerate() {
        if array && index > 0 {
            output.write_all(b",\n")?;
        }
        let document = Document::try_from(document).map_err(io::Error::other)?;
        let value = match form {
            ExportForm::Canonical => Bson::Document(document).into_canonical_extjson(),
            ExportForm::Relaxed => Bson::Document(document).into_relaxed_extjson(),
        };
        if layout == ExportLayout::PrettyArray {
            serde_json::to_writer_pretty(&mut output, &value)?;
        } else {
            serde_json::to_writer(&mut output, &value)?;
        }
        if !array {
            output.write_all(b"\n")?;
        }
    }
    if array {
        output.write_all(b"]\n")?;
    }
    output.finish()
}
