//! Which transforms read which collection.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use bson::raw::RawDocument;
use sqlx::PgConnection;
use whimbrel::__private::copy::TupleBuffer;
use whimbrel::__private::transform::{
    Context, Count, FieldCounts, RowError, TransformSpec, Unread, element_oids,
};
use whimbrel::Hint;
use whimbrel_syntax::model::QName;

#[derive(Debug, Clone)]
pub struct Route {
    pub collection: &'static str,
    /// Its transforms, in the order of their tables.
    pub targets: Vec<Target>,
    /// Paths that columns of any model read, selected or not.
    takes: Vec<&'static str>,
    arrays: Vec<&'static str>,
    /// The arrays of whose elements nothing is left.
    rests: Vec<&'static str>,
    /// Whether nothing of a document is left.
    pub covers_rest: bool,
    ignored: Arc<[String]>,
}

#[derive(Debug, Clone)]
pub struct Target {
    pub spec: &'static TransformSpec,
    pub table: QName,
    /// Top-level fields that the collection's other transforms take: `rest` leaves them out.
    pub taken_elsewhere: Vec<&'static str>,
    /// What [`element_oids`] says of the target; empty until [`prepare`] asked.
    pub element_oids: OnceLock<Vec<u32>>,
    /// Which fields that no column reads it counts.
    unread: Unread,
    ignored: Arc<[String]>,
}

impl Target {
    /// Appends the document's rows for this table, and an error for each row that could not be made.
    pub fn encode(&self, document: &RawDocument, tuples: &mut TupleBuffer, errors: &mut Vec<RowError>) {
        (self.spec.encode)(document, &self.context(), tuples, errors);
    }

    /// The same, and counts the document's fields: [`Route::take_fields`].
    pub fn encode_and_count(
        &self,
        document: &RawDocument,
        tuples: &mut TupleBuffer,
        errors: &mut Vec<RowError>,
    ) {
        let count = Some(Count { unread: self.unread, ignored: &self.ignored });
        (self.spec.encode)(document, &Context { count, ..self.context() }, tuples, errors);
    }

    fn context(&self) -> Context<'_> {
        let element_oids = self.element_oids.get().map_or(&[][..], Vec::as_slice);
        Context { taken_elsewhere: &self.taken_elsewhere, element_oids, count: None }
    }
}

impl Route {
    /// The fields of the documents that were encoded into these buffers, one for each target.
    pub fn take_fields<'b>(&self, buffers: impl Iterator<Item = &'b mut TupleBuffer>) -> FieldCounts {
        let mut fields = FieldCounts::default();
        for mut counts in buffers.map(TupleBuffer::take_fields) {
            counts.unread.retain(|path, _| !self.reads(path));
            fields.unite(counts);
        }
        fields
    }

    /// Whether some model reads the path, or part of it, or it may be left out.
    pub fn covers(&self, path: &str) -> bool {
        let left_out = self.rests.iter().any(|array| within(path, array));
        self.covers_rest || left_out || self.ignores(path) || self.reads(path)
    }

    pub fn ignores(&self, path: &str) -> bool {
        self.ignored.iter().any(|ignored| within(path, ignored))
    }

    pub fn paths(&self) -> BTreeSet<&'static str> {
        let targets = self.targets.iter();
        targets.flat_map(|target| target.spec.takes.iter().copied().chain(target.spec.each)).collect()
    }

    /// Whether some model reads the path, or part of it: what it does not read of it, it counts.
    fn reads(&self, path: &str) -> bool {
        self.arrays.iter().any(|array| within(array, path))
            || self.takes.iter().any(|read| within(path, read) || within(read, path))
    }
}

fn within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer)
        .is_some_and(|below| below.is_empty() || below.starts_with('.') || below.starts_with("[]"))
}

/// Asks the target for what encoding needs to know of it: the OIDs of enum types, which arrays of them carry.
/// A table that lacks a column is left alone; it is for others to say so.
pub async fn prepare(routes: &[Route], connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    for target in routes.iter().flat_map(|route| &route.targets) {
        match element_oids(connection, target.spec).await {
            Ok(oids) => {
                // Whoever asked first got the same answer.
                let _ = target.element_oids.set(oids);
            }
            Err(sqlx::Error::ColumnNotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What of the linked models takes part, and what of the source may be left out.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Models, tables or collections; empty for all.
    pub only: Vec<String>,
    /// Paths of any collection that no column reads.
    pub ignored: Vec<String>,
}

/// A name that selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no model, table or collection that is linked is called {name}")]
pub struct NothingSelected {
    pub name: String,
    pub available: Vec<String>,
}

impl Hint for NothingSelected {
    fn hint(&self) -> Option<String> {
        Some(format!("there are: {}", self.available.join(", ")))
    }
}

/// Groups transforms by collection; collections and, in each, tables come in the order of their names.
pub fn routes(
    specs: &[&'static TransformSpec],
    selection: &Selection,
) -> Result<Vec<Route>, NothingSelected> {
    let called = |spec: &TransformSpec, name: &str| {
        let table = (spec.table)();
        [spec.model, spec.collection, &table.name].contains(&name) || table.to_string() == name
    };
    if let Some(name) = selection.only.iter().find(|name| !specs.iter().any(|spec| called(spec, name))) {
        let entry =
            |spec: &&TransformSpec| format!("{} ({} from {})", spec.model, (spec.table)(), spec.collection);
        let mut available: Vec<String> = specs.iter().map(entry).collect();
        available.sort_unstable();
        return Err(NothingSelected { name: name.clone(), available });
    }
    let selected = |spec: &TransformSpec| {
        selection.only.is_empty() || selection.only.iter().any(|name| called(spec, name))
    };
    let mut by_collection: BTreeMap<&'static str, Vec<&'static TransformSpec>> = BTreeMap::new();
    for &spec in specs {
        by_collection.entry(spec.collection).or_default().push(spec);
    }
    let routes = by_collection.into_iter().map(|(collection, specs)| {
        let chosen: Vec<bool> = specs.iter().map(|spec| selected(spec)).collect();
        route(collection, &specs, &chosen, &selection.ignored)
    });
    Ok(routes.filter(|route| !route.targets.is_empty()).collect())
}

/// The route of one collection: the chosen models become targets, all of them read fields.
fn route(
    collection: &'static str,
    specs: &[&'static TransformSpec],
    chosen: &[bool],
    ignored: &[String],
) -> Route {
    let declared = specs.iter().flat_map(|spec| spec.ignores).map(|path| (*path).to_owned());
    let ignored: Arc<[String]> = declared.chain(ignored.iter().cloned()).collect();
    let chosen: Vec<usize> = (0..specs.len()).filter(|&at| chosen[at]).collect();
    // One of them counts the documents' own fields: the one that reads most of them.
    let own = |spec: &TransformSpec| spec.takes.iter().filter(|path| !path.contains(['.', '['])).count();
    let counting = chosen.iter().copied().max_by_key(|&at| own(specs[at]));
    let whole = specs.iter().filter(|spec| spec.covers_rest);
    let covered = whole.clone().any(|spec| spec.each.is_none());
    let rests = whole.filter_map(|spec| spec.each).collect();
    let mut targets: Vec<Target> = chosen
        .iter()
        .map(|&at| {
            let others = specs.iter().enumerate().filter(|(other, _)| *other != at);
            let mut taken: Vec<&'static str> =
                others.flat_map(|(_, other)| other.takes.iter().copied()).collect();
            taken.sort_unstable();
            taken.dedup();
            let unread = match covered {
                true => Unread::No,
                false if counting == Some(at) => Unread::All,
                false => Unread::Nested,
            };
            Target {
                spec: specs[at],
                table: (specs[at].table)(),
                taken_elsewhere: taken,
                element_oids: OnceLock::new(),
                unread,
                ignored: Arc::clone(&ignored),
            }
        })
        .collect();
    targets.sort_by(|a, b| (&a.table, a.spec.model).cmp(&(&b.table, b.spec.model)));
    let takes = specs.iter().flat_map(|spec| spec.takes.iter().copied()).collect();
    let arrays = specs.iter().filter_map(|spec| spec.each).collect();
    Route { collection, targets, takes, arrays, rests, covers_rest: covered, ignored }
}
