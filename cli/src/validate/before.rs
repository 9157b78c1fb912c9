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
        match renames.is_empty() {
            true => trial.keep(so_far, pool).await,
            false => pool.close().await,
        }
        let base = base(trial, previous, &extensions, renames).await?;
        Ok(Before { found, base, not_managed, extensions })
    }
}

/// What models and files make, in the names after renames.
pub(super) async fn base(
    trial: &Trial<'_>,
    schema: &Schema,
    extensions: &[Create],
    renames: &[Rename],
) -> Result<State, Failure> {
    if renames.is_empty() {
        return Ok(trial.direct(schema, extensions).await?.look.state.clone());
    }
    let pool = trial.build(schema, extensions).await?;
    rename(&pool, renames).await?;
    let state = trial.catalog(&pool).await?;
    pool.close().await;
    Ok(state)
}

/// Carries renames out.
async fn rename(pool: &PgPool, renames: &[Rename]) -> Result<(), Failure> {
    for statement in renames.iter().flat_map(|rename| &rename.up).flat_map(|step| &step.statements) {
        scratch::execute(pool, statement).await.map_err(|error| failed(&error))?;
    }
    Ok(())
}
