//! Validates a migration on a scratch database: it goes up, down and up again, and the catalog shows whether down
//! undoes up and whether up leads to what the models describe.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use whimbrel::__private::introspect::{self, Unmanaged};
use whimbrel::__private::migration::{Chain, Migration};
use whimbrel::Migrator;
use whimbrel::migrate::Revert;
use whimbrel_schema::merge::{broken, merge};
use whimbrel_schema::plan::Form;
use whimbrel_schema::rename::{self, Rename};
use whimbrel_schema::{State, changes};
use whimbrel_scratch::{Kind, Scratch};
use whimbrel_syntax::Schema;
use whimbrel_syntax::migration::{self, Generated};
use whimbrel_syntax::model::Hints;
use whimbrel_syntax::objects::{after_sync, described};
use whimbrel_syntax::renames::Renamed;

use crate::comparison::warn_not_compared;
use crate::connect;
use crate::failure::Failure;
use crate::look::{Look, same};
use crate::output::{Output, counted};
use crate::{objects, rows, scratch, usage, views};

mod before;

use before::Before;

/// The statements that create the extensions which migrations created, in their order.
const EXTENSIONS: &str = "SELECT e.extname::text, CASE WHEN n.nspname ~ '^pg_' THEN '' ELSE format('CREATE SCHEMA IF NOT EXISTS %I;', n.nspname) END
    || format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA %I', e.extname, n.nspname)
    FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname <> 'plpgsql' ORDER BY e.oid";

/// The name of an extension, and the statements that create it.
pub type Create = (String, String);

#[derive(Debug, Clone, Serialize)]
pub struct Validation {
    pub server: String,
    pub seconds: f64,
    /// Whether what pg_dump prints was compared, too.
    pub pg_dump: bool,
    /// The rows that were taken through the migration, and what of that could not be tried.
    #[serde(flatten)]
    pub rows: rows::Outcome,
}

/// What to validate on; none if that is to be skipped. `base` is where the names of files of objects begin.
pub fn server<'a>(
    skip: bool,
    migrations: &[Migration],
    base: &'a Path,
    output: &Output,
) -> Result<Option<Trial<'a>>, Failure> {
    if skip {
        output.warn("not validated: --no-validate");
        return Ok(None);
    }
    let no_server = |why: Failure| {
        why.named("there is no scratch PostgreSQL to validate on; nothing was written")
            .hint("`--no-validate` skips the scratch database")
    };
    connect::block_on(Trial::start(migrations, base, output)).map(Some).map_err(no_server)
}

/// Validates the newest migrations of a chain, so many, which follow the `previous` schema and begin with these renames, on the [`server`], if there is
/// one, and prints the outcome. Rows keep their values, unless a migration was written by hand.
pub fn validate(
    chain: &Chain,
    (new, previous, renames): (usize, &Schema, &[Rename]),
    trial: Option<&Trial<'_>>,
    by_hand: bool,
    output: &Output,
) -> Result<Option<Validation>, Failure> {
    let Some(trial) = trial else { return Ok(None) };
    let scratch = &trial.scratch;
    let started = Instant::now();
    let next = chain.head.as_ref().map(|head| head.schema.clone()).unwrap_or_default();
    let (rows, pg_dump) = connect::block_on(async {
        let ((before, after), has_dump, not_compared) =
            trial.run((&chain.migrations, new), (previous, &next), renames).await?;
        if by_hand {
            warn_not_compared(&not_compared, output);
            // Such a migration may change values on purpose.
            return Ok((rows::Outcome::default(), has_dump));
        }
        let first = chain.migrations.len().saturating_sub(new);
        Ok((rows::validate(trial, (&chain.migrations, first), (&before, &after)).await?, has_dump))
    })?;
    let kept = match rows.rows {
        0 => String::new(),
        number => {
            format!("; {} of {} kept their values", counted(number, "row"), counted(rows.tables, "table"))
        }
    };
    let (server, seconds) = (scratch.kind().to_string(), started.elapsed().as_secs_f64());
    let validation = Validation { server, seconds, pg_dump, rows };
    output.done(
        "Validated",
        format!(
            "on {} in {:.1} s: up, down, up; down undoes up, and up leads to the schema of the models{kept}",
            validation.server, validation.seconds
        ),
    );
    if !pg_dump {
        output.warn("what pg_dump prints was not compared: it is not installed with this server");
    }
    for note in &validation.rows.notes {
        output.warn(note);
    }
    Ok(Some(validation))
}

/// The migrations from the newest one to models and files of objects, with both sides as a server prints them: what is only
/// spelt in another way is not a difference, and what migrations written by hand made beside them stays.
pub fn realised(
    trial: &Trial<'_>,
    chain: &Chain,
    (next, hints): (&Schema, &Hints),
    form: Form,
    output: &Output,
) -> Result<Vec<(Generated, Schema)>, Failure> {
    let previous = chain.head.as_ref().map(|head| head.schema.clone()).unwrap_or_default();
    let renamed = Renamed::new(&previous, next, hints);
    let mut renames = renamed.steps();
    connect::block_on(async {
        let (found, merged) = loop {
            let before = Before::read(trial, chain, &previous, &renames).await?;
            let wanted = trial.direct(next, &before.extensions).await?;
            objects::check_made(next, &wanted.look.state)?;
            let merged = reach(before.base, &wanted.look.state, &before.found, next);
            let more = rename::ready(&before.found, &merged, &hints.objects);
            if more.is_empty() {
                warn_not_compared(&wanted.not_compared_with(before.not_managed), output);
                break (before.found, merged);
            }
            renames.extend(more);
        };
        let broken = broken(&merged, &found);
        if !broken.is_empty() {
            let mut failure =
                Failure::new("the models no longer have what objects made by hand need; nothing was written");
            failure.causes = broken.iter().map(|(id, need)| format!("{id} needs {need}")).collect();
            return Err(failure
                .hint("change or drop them in a migration of their own first: `whimbrel generate --empty`"));
        }
        usage::warn(&found, &merged, output);
        for (sync, after) in after_sync(&merged) {
            output.warn(format!("{after} runs after {sync}: what it changes in one of the two columns does not reach the other"));
            output.hint("triggers run in the order of their names: give it one that comes before");
        }
        Ok(migration::between(found, (&merged, next), (renames, &renamed.schema), form)?)
    })
}

/// What is to stand: what models and files of objects want, with everything in `found` that is not there because of them.
/// `base` is what they wanted before.
pub fn reach(mut base: State, wanted: &State, found: &State, next: &Schema) -> State {
    // What was made by hand and is described now keeps what no model can say.
    for (id, entry) in described(found, next).objects {
        if wanted.objects.contains_key(&id) {
            base.objects.entry(id).or_insert(entry);
        }
    }
    merge(&base, wanted, found)
}

/// Databases of a scratch server, and what is in them.
pub struct Trial<'a> {
    scratch: Arc<Scratch>,
    /// Where the names of files of objects begin.
    base: &'a Path,
    made: RefCell<Vec<Rc<BuiltDatabase>>>,
    /// A database in which so many migrations have run.
    kept: RefCell<Option<(usize, Arc<PgConnectOptions>)>>,
}

/// What a database holds that is made from models and files of objects.
pub struct BuiltDatabase {
    schema: Schema,
    extensions: Vec<Create>,
    pub look: Look,
    not_managed: Vec<Unmanaged>,
}

impl BuiltDatabase {
    /// What neither this nor another database, of which this is not managed, can be compared by.
    pub fn not_compared_with(&self, mut not_managed: Vec<Unmanaged>) -> Vec<Unmanaged> {
        not_managed.extend(self.not_managed.iter().cloned());
        not_managed.sort();
        not_managed.dedup();
        not_managed
    }
}

impl<'a> Trial<'a> {
    pub fn new(scratch: Scratch, base: &'a Path) -> Self {
        Trial { scratch: Arc::new(scratch), base, made: RefCell::default(), kept: RefCell::default() }
    }

    /// Starts a server for what follows these migrations.
    pub async fn start(migrations: &[Migration], base: &'a Path, output: &Output) -> Result<Self, Failure> {
        let (scratch, migrated) = scratch::start_migrated(migrations, output).await?;
        let kept = migrated.map(|options| (migrations.len(), options));
        Ok(Trial { kept: RefCell::new(kept), ..Trial::new(scratch, base) })
    }

    /// Keeps a database in which so many migrations have run, for who needs one next.
    async fn keep(&self, count: usize, pool: PgPool) {
        pool.close().await;
        // The embedded server's only database is emptied for the next one.
        if *self.scratch.kind() != Kind::Embedded {
            self.kept.replace(Some((count, pool.connect_options())));
        }
    }

    /// The one that was kept, unless it went with its roles.
    async fn kept(&self, count: usize) -> Option<PgPool> {
        let (_, options) = self.kept.take().filter(|(kept, _)| *kept == count)?;
        let pool = scratch::pool(options.as_ref().clone());
        let is_there = pool.acquire().await.is_ok();
        is_there.then_some(pool)
    }

    /// Takes an empty database there, back, and there again with the last of these migrations, so many.
    /// Gives the states before it and after it, whether there is a pg_dump, and what of the states was not compared.
    async fn run(
        &self,
        (migrations, new): (&[Migration], usize),
        (previous, next): (&Schema, &Schema),
        renames: &[Rename],
    ) -> Result<((State, State), bool, Vec<Unmanaged>), Failure> {
        let all = Migrator::new(migrations.to_vec());
        let before = &migrations[..migrations.len().saturating_sub(new)];
        let pool = match self.kept(before.len()).await {
            Some(pool) => pool,
            None => self.migrated("validation", before).await.map_err(|failure| {
                failure.named("the migrations before this one fail on an empty database")
            })?,
        };
        let fails = |what: &'static str| {
            move |failure: Failure| failure.in_validation(&format!("not valid: {what}; nothing was written"))
        };
        let start = self.look(&pool).await?;
        scratch::migrate(&pool, &all).await.map_err(fails("the up file fails"))?;
        let up = self.look(&pool).await?;
        let undo = Revert::steps(new).with_allow_data_loss(true);
        all.revert(&pool, undo).await.map_err(|error| fails("the down file fails")(error.into()))?;
        let back = self.look(&pool).await?;
        let preceding = back.state.preceding(&start.state);
        start.same(&back.without(&preceding), "the down file does not undo the up file")?;
        scratch::migrate(&pool, &all).await.map_err(fails("the up file fails the second time"))?;
        up.same(&self.look(&pool).await?, "the up file leads elsewhere the second time")?;
        let extensions = extensions(&pool, previous).await?;
        let not_managed = not_managed(&pool).await?;
        self.keep(migrations.len(), pool).await;
        let direct = self.direct(next, &extensions).await?;
        let elsewhere = "the up file leads elsewhere than the models";
        same(&described(&direct.look.state, next), &described(&up.state, next), elsewhere)?;
        if !(previous.objects.is_empty() && next.objects.is_empty()) {
            let base = before::base(self, previous, &extensions, renames).await?;
            let elsewhere = "the up file leads elsewhere than the models and the files of objects";
            same(&reach(base, &direct.look.state, &up.state, next), &up.state, elsewhere)?;
        }
        // What migrations written by hand have made is in one of them only.
        if changes(&direct.look.state, &up.state).is_empty() && direct.not_managed == not_managed {
            direct.look.same(&up, elsewhere)?;
        }
        Ok(((start.state, up.state), up.dump.is_some(), direct.not_compared_with(not_managed)))
    }

    /// A database before the last of these migrations, so many.
    pub async fn before(&self, migrations: &[Migration], new: usize) -> Result<PgPool, Failure> {
        let Some(pool) = self.kept(migrations.len()).await else {
            return self.migrated("rows", &migrations[..migrations.len().saturating_sub(new)]).await;
        };
        let undo = Revert::steps(new).with_allow_data_loss(true);
        Migrator::new(migrations.to_vec()).revert(&pool, undo).await?;
        Ok(pool)
    }

    /// What a database holds that is made from models and files of objects at once. It is made once.
    pub async fn direct(&self, schema: &Schema, extensions: &[Create]) -> Result<Rc<BuiltDatabase>, Failure> {
        let same = |made: &&Rc<BuiltDatabase>| made.schema == *schema && made.extensions == extensions;
        if let Some(made) = self.made.borrow().iter().find(same) {
            return Ok(made.clone());
        }
        let pool = self.build(schema, extensions).await?;
        let (look, not_managed) = (self.look(&pool).await?, not_managed(&pool).await?);
        pool.close().await;
        let (schema, extensions) = (schema.clone(), extensions.to_vec());
        let made = Rc::new(BuiltDatabase { schema, extensions, look, not_managed });
        self.made.borrow_mut().push(made.clone());
        Ok(made)
    }

    /// A database of them.
    async fn build(&self, schema: &Schema, extensions: &[Create]) -> Result<PgPool, Failure> {
        let pool = self.database("direct").await?;
        let declared = objects::extensions(schema);
        let first = extensions.iter().filter(|(name, _)| !declared.contains(name));
        let first: Vec<String> = first.map(|(_, create)| create.clone()).collect();
        objects::build(&pool, schema, &first, self.base).await?;
        views::check(&pool, schema).await?;
        Ok(pool)
    }

    pub async fn database(&self, name: &str) -> Result<PgPool, Failure> {
        scratch::database(&self.scratch, name).await
    }

    /// A database in which these migrations have run.
    pub async fn migrated(&self, name: &str, migrations: &[Migration]) -> Result<PgPool, Failure> {
        scratch::migrated(&self.scratch, name, migrations).await
    }

    /// The catalog, and pg_dump at the same time.
    pub async fn look(&self, pool: &PgPool) -> Result<Look, Failure> {
        let options = pool.connect_options();
        let url = self.scratch.url_of(options.get_database().unwrap_or_default());
        let scratch = self.scratch.clone();
        let dump = tokio::task::spawn_blocking(move || scratch.dump(&url, &["--exclude-schema=whimbrel"]));
        let state = self.catalog(pool).await?;
        let dump =
            dump.await.map_err(|error| Failure::new("pg_dump cannot be waited for").caused_by(&error))?;
        let dump =
            dump.map_err(|error| Failure::new("what a database holds is not known").caused_by(&error))?;
        Ok(Look { state, dump })
    }

    pub async fn catalog(&self, pool: &PgPool) -> Result<State, Failure> {
        let mut connection = pool.acquire().await.map_err(|error| failed(&error))?;
        Ok(introspect::state(&mut connection, &[]).await?)
    }
}

/// The statements for the extensions that migrations created and the files of this schema do not.
pub async fn extensions(pool: &PgPool, schema: &Schema) -> Result<Vec<Create>, Failure> {
    let all: Vec<Create> =
        sqlx::query_as(EXTENSIONS).fetch_all(pool).await.map_err(|error| failed(&error))?;
    let declared = objects::extensions(schema);
    Ok(all.into_iter().filter(|(name, _)| !declared.contains(name)).collect())
}

pub async fn not_managed(pool: &PgPool) -> Result<Vec<Unmanaged>, Failure> {
    let mut connection = pool.acquire().await.map_err(|error| failed(&error))?;
    Ok(introspect::not_managed(&mut connection, &[]).await?)
}

fn failed(error: &sqlx::Error) -> Failure {
    scratch::failed(error)
}
