//! Closing the connections and telling what was done.

use std::collections::BTreeMap;
use std::sync::Arc;

use whimbrel::__private::transform::FieldCounts;

use sqlx::PgConnection;

use super::open::Opened;
use super::{Run, blocking, first};
use crate::checkpoint::Part;
use crate::connect::close;
use crate::error::TransferError;
use crate::fields::{Finding, findings};
use crate::outcome::{CollectionReport, Outcome, TransferReport};
use crate::restore::run::RestoreOutcome;
use crate::route::Route;
use crate::{reject, restore};

impl Run {
    pub(super) async fn report(
        self,
        connections: &mut Vec<PgConnection>,
        opened: &Opened,
        outcome: Outcome,
        (load_seconds, loaded_rows): (f64, u64),
        restored: RestoreOutcome,
    ) -> Result<TransferReport, TransferError> {
        let connection = first(connections)?;
        let rejects = reject::summary(connection, opened.id).await?;
        let (dropped, back) = restore::counts(connection, opened.id).await?;
        let jobs = connections.len();
        for connection in connections.drain(..) {
            close(connection).await;
        }
        let source = Arc::clone(&self.transfer.source);
        let notes = blocking(move || Ok(source.notes())).await?;
        Ok(TransferReport {
            transfer: opened.id,
            outcome,
            source: self.transfer.source.describe(),
            resumed: opened.resumed,
            jobs,
            seconds: self.started.elapsed().as_secs_f64(),
            load_seconds,
            loaded_rows,
            collections: collection_reports(&opened.parts),
            quarantined: restored
                .quarantined
                .into_iter()
                .map(|(table, count)| (table.to_string(), count))
                .collect(),
            rejects,
            max_rejects: self.transfer.max_rejects,
            findings: self.findings(&opened.parts),
            dropped,
            restored: back,
            not_dropped: opened.not_dropped.clone(),
            unread: self.matched.unread.into_iter().map(|info| info.name).collect(),
            absent: self.matched.absent.iter().map(|route| route.collection.to_owned()).collect(),
            notes,
            not_restored: restored.not_restored,
        })
    }

    /// What the models do not declare of the fields of the collections that were read to their end.
    fn findings(&self, parts: &[Part]) -> Vec<Finding> {
        let of_route = |route: &Route| {
            let mut counts = FieldCounts::default();
            for part in parts.iter().filter(|part| part.collection == route.collection) {
                if !part.state.done {
                    return Vec::new();
                }
                counts.add(part.state.fields.clone());
            }
            findings(route, &counts)
        };
        self.matched.routes.iter().flat_map(of_route).collect()
    }
}

fn collection_reports(parts: &[Part]) -> Vec<CollectionReport> {
    let mut reports: BTreeMap<&str, CollectionReport> = BTreeMap::new();
    for part in parts {
        let report = reports.entry(&part.collection).or_insert_with(|| CollectionReport {
            collection: part.collection.clone(),
            documents: 0,
            bytes: 0,
            rejects: 0,
            rows: BTreeMap::new(),
        });
        report.documents += part.state.documents;
        report.bytes += part.state.bytes;
        report.rejects += part.state.rejects;
        for (table, rows) in &part.state.rows {
            *report.rows.entry(table.clone()).or_default() += rows;
        }
    }
    reports.into_values().collect()
}
