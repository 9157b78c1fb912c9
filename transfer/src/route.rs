//! Which transforms read which collection.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use bson::raw::RawDocument;
use sqlx::PgConnection;
use whimbrel::__private::copy::TupleBuffer;
use whimbrel::__private::transform::{Context, RowError, TransformSpec, element_oids};
use whimbrel_schema::model::QName;

/// A collection and everything its documents become.
#[derive(Debug, Clone)]
pub struct Route {
    /// The collection in the source.
    pub collection: &'static str,
    /// Its transforms, in the order of their tables.
    pub targets: Vec<Target>,
}

/// One transform of a collection, ready to encode.
#[derive(Debug, Clone)]
pub struct Target {
    /// The transform.
    pub spec: &'static TransformSpec,
    /// The table it fills.
    pub table: QName,
    /// Top-level fields that the collection's other transforms take: `rest` leaves them out.
    pub taken_elsewhere: Vec<&'static str>,
    /// What [`element_oids`] says of the target; empty until [`prepare`] asked.
    pub element_oids: OnceLock<Vec<u32>>,
}

impl Target {
    /// Appends the document's rows for this table, and an error for each row that could not be made.
    pub fn encode(&self, document: &RawDocument, tuples: &mut TupleBuffer, errors: &mut Vec<RowError>) {
        let element_oids = self.element_oids.get().map_or(&[][..], Vec::as_slice);
        let context = Context { taken_elsewhere: &self.taken_elsewhere, element_oids };
        (self.spec.encode)(document, &context, tuples, errors);
    }
}

/// Asks the target for what encoding needs to know of it: the OIDs of enum types, which arrays of them carry.
/// A table that lacks a column is left alone; it is for others to say so.
///
/// # Errors
/// A query fails.
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

/// Groups transforms by collection; collections and, in each, tables come in the order of their names.
pub fn routes(specs: &[&'static TransformSpec]) -> Vec<Route> {
    let mut by_collection: BTreeMap<&'static str, Vec<&'static TransformSpec>> = BTreeMap::new();
    for &spec in specs {
        by_collection.entry(spec.collection).or_default().push(spec);
    }
    by_collection.into_iter().map(|(collection, specs)| route(collection, &specs)).collect()
}

fn route(collection: &'static str, specs: &[&'static TransformSpec]) -> Route {
    let mut targets: Vec<Target> = specs
        .iter()
        .enumerate()
        .map(|(at, spec)| {
            let others = specs.iter().enumerate().filter(|(other, _)| *other != at);
            let mut taken: Vec<&'static str> =
                others.flat_map(|(_, other)| other.takes.iter().copied()).collect();
            taken.sort_unstable();
            taken.dedup();
            Target { spec, table: (spec.table)(), taken_elsewhere: taken, element_oids: OnceLock::new() }
        })
        .collect();
    targets.sort_by(|a, b| (&a.table, a.spec.model).cmp(&(&b.table, b.spec.model)));
    Route { collection, targets }
}
