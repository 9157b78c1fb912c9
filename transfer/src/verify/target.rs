//! The PostgreSQL side: rows and rejects as the server sends them.

use futures_util::TryStreamExt as _;
use sqlx::PgConnection;

use crate::copy_out::CopyOut;
use crate::verify::VerifyError;

/// Reads what a COPY sends, tuple by tuple.
pub async fn read(
    connection: &mut PgConnection,
    statement: &str,
    mut each: impl FnMut(&[u8]),
) -> Result<(), VerifyError> {
    let mut stream = connection.copy_out_raw(statement).await?;
    let mut reader = CopyOut::new();
    while let Some(piece) = stream.try_next().await? {
        reader.push(piece);
        while let Some(tuple) = reader.next_tuple()? {
            each(tuple);
        }
    }
    Ok(reader.finish()?)
}
