//! What the benchmarks share: a dump, its rows as binary COPY files, and bare tables.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use example_crm::dump::{Dump, Written};
use whimbrel::__private::copy::TupleBuffer;
use whimbrel::__private::schema::model::{QName, Schema};
use whimbrel::__private::schema::name::quote;
use whimbrel_transfer::__bench::{Route, Selection, routes};
use whimbrel_transfer::source::{self, Limit, Range, Source};

/// Whatever goes wrong in a benchmark.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The frame of a binary COPY file (PostgreSQL documentation, COPY, "Binary Format").
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: &[u8] = &[0xff, 0xff];

/// Writes a dump in which every document is as it should be, so that both sides load the very same rows.
pub fn dump(folder: &Path, documents: u64) -> Result<Written, Failure> {
    Ok(Dump::good(documents).write(folder)?)
}

/// The CRM's transforms by collection.
pub fn crm() -> Vec<Route> {
    // Only a name can select nothing.
    routes(&whimbrel::__private::registry::transforms(), &Selection::default()).unwrap_or_default()
}

/// The CRM's tables without keys, constraints and indexes.
pub fn bare_schema() -> Schema {
    let mut schema = whimbrel::__private::registry::schema();
    for table in schema.tables.values_mut() {
        table.primary_key = None;
        table.uniques.clear();
        table.checks.clear();
        table.foreign_keys.clear();
        table.indexes.clear();
    }
    schema
}

/// One table's rows in a file that `\copy … (FORMAT binary)` reads.
#[derive(Debug, Clone)]
pub struct CopyFile {
    pub table: QName,
    /// Its columns in the order of the tuples' fields.
    pub columns: &'static [&'static str],
    pub path: PathBuf,
    pub rows: u64,
    pub bytes: u64,
}

impl CopyFile {
    /// What psql is told to load it.
    pub fn psql(&self) -> String {
        let columns: Vec<_> = self.columns.iter().map(|column| quote(column)).collect();
        let path = self.path.to_string_lossy().replace('\'', "''");
        format!(
            "\\copy {} ({}) FROM '{path}' WITH (FORMAT binary)",
            quote(&self.table.name),
            columns.join(", ")
        )
    }
}

pub fn open(folder: &Path) -> Result<Arc<dyn Source>, Failure> {
    let path = folder.to_str().ok_or("a path that is no UTF-8")?;
    Ok(Arc::from(source::from_arg(path)?))
}

/// Encodes a dump into one file for each table, with the encoder that `transfer` uses.
pub fn encode(dump: &Path, folder: &Path) -> Result<Vec<CopyFile>, Failure> {
    std::fs::create_dir_all(folder)?;
    let source = open(dump)?;
    let mut files: BTreeMap<QName, (CopyFile, BufWriter<File>)> = BTreeMap::new();
    for route in crm() {
        for target in &route.targets {
            let path = folder.join(format!("{}.copy", target.table.name));
            let mut file = BufWriter::with_capacity(1 << 20, File::create(&path)?);
            file.write_all(HEADER)?;
            let columns = target.spec.columns;
            let copy = CopyFile { table: target.table.clone(), columns, path, rows: 0, bytes: 0 };
            files.insert(target.table.clone(), (copy, file));
        }
        let mut reader = source.open(route.collection, &Range::all())?;
        let (mut tuples, mut errors) = (TupleBuffer::new(), Vec::new());
        while let Some(chunk) = reader.next_chunk(Limit::default())? {
            for target in &route.targets {
                tuples.clear();
                chunk.iter().for_each(|document| target.encode(document, &mut tuples, &mut errors));
                if let Some(error) = errors.first() {
                    return Err(format!("{}, {}: {}", route.collection, error.path, error.reason).into());
                }
                if let Some((copy, file)) = files.get_mut(&target.table) {
                    file.write_all(tuples.as_bytes())?;
                    copy.rows += tuples.len() as u64;
                }
            }
        }
    }
    let finish = |(mut copy, mut file): (CopyFile, BufWriter<File>)| {
        file.write_all(TRAILER)?;
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        copy.bytes = std::fs::metadata(&copy.path)?.len();
        Ok(copy)
    };
    files.into_values().map(finish).collect()
}

/// The value in the middle; of an even number the mean of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (sorted.len(), sorted.len() / 2) {
        (0, _) => f64::NAN,
        (length, middle) if length % 2 == 1 => sorted[middle],
        (_, middle) => (sorted[middle - 1] + sorted[middle]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn the_files_hold_the_rows_that_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let written = dump(&folder.path().join("dump"), 500).unwrap();
        let files = encode(&folder.path().join("dump"), &folder.path().join("copy")).unwrap();
        let rows: BTreeMap<_, _> = files.iter().map(|file| (file.table.name.as_str(), file.rows)).collect();
        assert_eq!(rows, written.rows);
    }
}
