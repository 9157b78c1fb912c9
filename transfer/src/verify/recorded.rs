//! What `whimbrel.rejects` says, as digests.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::{PgConnection, Row as _};

use crate::digest::Digest;
use crate::store;
use crate::verify::VerifyError;
use crate::verify::ranges::{Ranges, range_of};
use crate::verify::scan::{Refused, Scan, SourceReject};
use crate::verify::sql;

#[derive(Debug, Default)]
pub struct Recorded {
    /// Rows that a constraint refused after they had been converted.
    pub refused: Arc<Refused>,
    /// Rows and documents that could not be converted, ranged by their digests.
    pub rejects: Ranges,
}

impl Recorded {
    pub fn refused_of(&self, slot: usize) -> BTreeMap<Digest, u64> {
        let rows = self.refused.iter().filter(|((at, _), _)| *at == slot);
        rows.map(|((_, digest), times)| (*digest, *times)).collect()
    }
}

/// Reads the rejects; a database without `whimbrel.rejects` has none.
pub async fn read(snapshot: &mut PgConnection, scan: &Scan) -> Result<Recorded, VerifyError> {
    if !store::known(snapshot).await? {
        return Ok(Recorded::default());
    }
    let mut refused = Refused::new();
    let query = sqlx::query(sql::REFUSED).bind(collections(scan)).bind(tables(scan));
    for row in query.fetch_all(&mut *snapshot).await? {
        let (table, digest): (String, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
        let slot = scan.tables.list.iter().position(|verified| verified.name == table);
        if let (Some(slot), Some(digest)) = (slot, Digest::from_bytes(&digest)) {
            *refused.entry((slot, digest)).or_default() += 1;
        }
    }
    let mut rejects = Ranges::default();
    each(snapshot, scan, |digest| rejects.add(range_of(&digest.to_bytes()), digest)).await?;
    Ok(Recorded { refused: Arc::new(refused), rejects })
}

pub async fn digests(
    snapshot: &mut PgConnection,
    scan: &Scan,
    wanted: &[bool],
) -> Result<BTreeMap<Digest, u64>, VerifyError> {
    let mut found = BTreeMap::new();
    if store::known(snapshot).await? {
        each(snapshot, scan, |digest| {
            if wanted[range_of(&digest.to_bytes())] {
                *found.entry(digest).or_default() += 1;
            }
        })
        .await?;
    }
    Ok(found)
}

fn collections(scan: &Scan) -> Vec<&'static str> {
    scan.routes.iter().map(|route| route.collection).collect()
}

fn tables(scan: &Scan) -> Vec<&str> {
    scan.tables.list.iter().map(|table| table.name.as_str()).collect()
}

async fn each(
    snapshot: &mut PgConnection,
    scan: &Scan,
    mut found: impl FnMut(Digest),
) -> Result<(), VerifyError> {
    let mut rows = sqlx::query(sql::REJECTS).bind(collections(scan)).bind(tables(scan)).fetch(snapshot);
    while let Some(row) = rows.try_next().await? {
        let ordinal: Option<i32> = row.try_get(2)?;
        let reject = SourceReject {
            collection: row.try_get(0)?,
            table: row.try_get(1)?,
            ordinal: ordinal.map(i32::unsigned_abs),
            path: row.try_get::<Option<&str>, _>(3)?.unwrap_or_default(),
            code: row.try_get(4)?,
            document: row.try_get(5)?,
        };
        found(reject.digest());
    }
    Ok(())
}
