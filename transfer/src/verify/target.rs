//! The PostgreSQL side: rows and rejects as the server sends them.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::PgConnection;

use crate::budget::Budget;
use crate::copy_out::CopyOut;
use crate::verify::VerifyError;

/// Rows of fewer bytes come as they please.
const LARGE: usize = 1 << 20;

/// Reads what a COPY sends, tuple by tuple. Large rows wait for their share of the memory; they are taken to be like
/// the last one.
pub async fn read(
    connection: &mut PgConnection,
    statement: &str,
    budget: &Arc<Budget>,
    mut each: impl FnMut(&[u8]),
) -> Result<(), VerifyError> {
    let mut stream = connection.copy_out_raw(statement).await?;
    let mut reader = CopyOut::new();
    let mut needed = budget.to_begin();
    loop {
        let _share = if needed > LARGE {
            let budget = Arc::clone(budget);
            Some(tokio::task::spawn_blocking(move || budget.take(needed)).await?)
        } else {
            None
        };
        let Some(piece) = stream.try_next().await? else { break };
        // The client holds what came of a row twice until all of it is there.
        needed = 2 * piece.len();
        reader.push(piece);
        while let Some(tuple) = reader.next_tuple()? {
            each(tuple);
        }
    }
    Ok(reader.finish()?)
}
