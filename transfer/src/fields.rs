//! Fields of the source that no column reads, and paths of columns that no document has.

use serde::Serialize;
use whimbrel::__private::transform::FieldCounts;

use crate::route::Route;

/// Something about a collection's fields that the models do not declare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// No column reads a field that documents have.
    Unread {
        /// The collection.
        collection: String,
        /// The field's path.
        path: String,
        /// Documents that have it.
        documents: u64,
    },
    /// There are more such fields than are counted by name.
    MoreUnread {
        /// The collection.
        collection: String,
    },
    /// A column reads a field that no document has.
    Absent {
        /// The collection.
        collection: String,
        /// The path that the column reads.
        path: String,
        /// A field that no column reads and that may be meant.
        suggestion: Option<String>,
    },
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Finding::Unread { collection, path, documents } => {
                let plural = if *documents == 1 { "" } else { "s" };
                write!(f, "{collection}: no column reads {path} ({documents} document{plural})")
            }
            Finding::MoreUnread { collection } => {
                write!(f, "{collection}: no column reads further fields, too many to be counted by name")
            }
            Finding::Absent { collection, path, suggestion } => {
                write!(f, "{collection}: no document has {path}")?;
                suggestion.iter().try_for_each(|other| write!(f, "; did you mean {other}?"))
            }
        }
    }
}

/// The findings in lines, the first of them if there are many, and what to do about them.
pub(crate) fn lines(findings: &[Finding]) -> Vec<String> {
    const SHOWN: usize = 40;
    let mut lines: Vec<String> = findings.iter().take(SHOWN).map(Finding::to_string).collect();
    if findings.len() > SHOWN {
        lines.push(format!("and {} more, all in the JSON report", findings.len() - SHOWN));
    }
    if !findings.is_empty() {
        lines.push(
            "declare what may be left out, or may be absent: `#[source(ignore(\"path\"))]` or `ignore_rest` on the \
             model, `ignore` under [transfer] in whimbrel.toml for all collections"
                .to_owned(),
        );
    }
    lines
}

/// What the models do not declare of a collection's fields.
pub(crate) fn findings(route: &Route, counts: &FieldCounts) -> Vec<Finding> {
    let collection = || route.collection.to_owned();
    let unread = counts.unread.iter().filter(|(path, _)| !route.covers(path));
    let mut findings: Vec<Finding> = unread
        .clone()
        .map(|(path, &documents)| Finding::Unread { collection: collection(), path: path.clone(), documents })
        .collect();
    if counts.more && !route.covers_rest {
        findings.push(Finding::MoreUnread { collection: collection() });
    }
    if counts == &FieldCounts::default() {
        return findings;
    }
    for path in route.paths() {
        // Without elements nothing is known of their fields.
        let known = path.rfind("[].").is_none_or(|end| counts.read.contains(&path[..end + 2]));
        if known && !counts.read.contains(path) && !route.ignores(path) {
            let suggestion = nearest(path, unread.clone().map(|(path, _)| path));
            findings.push(Finding::Absent { collection: collection(), path: path.to_owned(), suggestion });
        }
    }
    findings
}

/// The path that is most like another one, if it is like it at all.
fn nearest<'p>(path: &str, candidates: impl Iterator<Item = &'p String>) -> Option<String> {
    let fold = |path: &str| path.to_lowercase().replace(['_', '-'], "");
    let wanted = fold(path);
    candidates
        .map(|candidate| (strsim::normalized_damerau_levenshtein(&wanted, &fold(candidate)), candidate))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.clone())
}

#[cfg(test)]
mod tests {
    use bson::{RawDocumentBuf, rawdoc};
    use whimbrel::__private::copy::TupleBuffer;
    use whimbrel::{Model, Transform};

    use super::*;
    use crate::route::{Selection, routes};

    #[derive(Model, Transform)]
    #[model(table = "pieces", primary_key(gadget_id, position))]
    #[source(collection = "gadgets", each = "pieces", ignore_rest)]
    #[allow(dead_code)]
    struct Piece {
        #[source(parent = "_id")]
        gadget_id: i32,
        #[source(ordinal)]
        position: i32,
        label: Option<String>,
        colour: Option<String>,
    }

    fn found(document: RawDocumentBuf) -> Vec<String> {
        let route = &routes(&[Piece::spec()], &Selection::default()).unwrap()[0];
        let (mut tuples, mut errors) = (TupleBuffer::new(), Vec::new());
        route.targets[0].encode_and_count(&document, &mut tuples, &mut errors);
        assert!(errors.is_empty(), "{errors:?}");
        let counts = route.take_fields(std::iter::once(&mut tuples));
        findings(route, &counts).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn what_is_left_of_elements_may_be_left_out_but_a_path_that_a_column_reads_must_occur() {
        let piece = rawdoc! { "label": "a", "colour": "red", "weight": { "kg": 2 } };
        assert_eq!(found(rawdoc! { "_id": 1, "pieces": [piece] }), [] as [String; 0]);
        assert_eq!(
            found(rawdoc! { "_id": 1, "pieces": [{ "label": "a", "color": "red" }] }),
            ["gadgets: no document has pieces[].colour"]
        );
        assert_eq!(
            found(rawdoc! { "_id": 1, "peices": [{ "label": "a" }] }),
            [
                "gadgets: no column reads peices (1 document)",
                "gadgets: no document has pieces; did you mean peices?"
            ]
        );
    }
}
