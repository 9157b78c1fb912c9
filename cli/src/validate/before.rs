//! The state that a migration starts from, once its renames are carried out.

use sqlx::PgPool;
use whimbrel::__private::introspect::Unmanaged;
use whimbrel::__private::migration::Chain;
use whimbrel_schema::State;
use whimbrel_schema::rename::Rename;
use whimbrel_syntax::Schema;

use super::{Create, Trial, extensions, failed, not_managed};
use crate::failure::Failure;
use crate::scratch;

/// What there is before a migration, in the names after its renames.
pub(super) struct Before {
    /// What the migrations so far make.
    pub(super) found: State,
    /// What the models and files of the newest of them make at once.
    pub(super) base: State,
    pub(super) not_managed: Vec<Unmanaged>,
    pub(super) extensions: Vec<Create>,
}

impl Before {
    pub(super) async fn read(
        trial: &Trial<'_>,
        chain: &Chain,
        previous: &Schema,
        renames: &[Rename],
    ) -> Result<Self, Failure> {
        let so_far = chain.migrations.len();
        let pool = match trial.kept(so_far).await {
            Some(pool) => pool,
            None => trial
                .migrated("before", &chain.migrations)
                .await
                .map_err(|failure| failure.named("the migrations so far fail on an empty database"))?,
        };
        rename(&pool, renames).await?;
        let (found, not_managed) = (trial.catalog(&pool).await?, not_managed(&pool).await?);
        let extensions = extensions(&pool, previous).await?;
        if renames.is_empty() {
            trial.keep(so_far, pool).await;
            let base = trial.direct(previous, &extensions).await?.look.state.clone();
            return Ok(Before { found, base, not_managed, extensions });
        }
        pool.close().await;
        let pool = trial.build(previous, &extensions).await?;
        rename(&pool, renames).await?;
        let base = trial.catalog(&pool).await?;
        pool.close().await;
        Ok(Before { found, base, not_managed, extensions })
    }
}

/// Carries renames out.
async fn rename(pool: &PgPool, renames: &[Rename]) -> Result<(), Failure> {
    for statement in renames.iter().flat_map(|rename| &rename.up).flat_map(|step| &step.statements) {
        scratch::execute(pool, statement).await.map_err(|error| failed(&error))?;
    }
    Ok(())
}
