//! Random schemas, and what becomes of one on the way to another and back.
//!
//! `WHIMBREL_TEST_SEED` says which pairs, `WHIMBREL_TEST_PAIRS` how many, or which of them: `17..18` is a single one.

mod common;
#[path = "random/dice.rs"]
mod dice;
#[path = "random/rows.rs"]
mod rows;
#[path = "random/world.rs"]
mod world;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use dice::{Dice, Genes};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use whimbrel::__private::introspect;
use whimbrel_schema::{Definition, State, Step, plan, render};

/// Unless `WHIMBREL_TEST_PAIRS` says something else.
const PAIRS: usize = 300;

/// Pairs that are tried at the same time.
const WORKERS: usize = 2;

/// After so many failures the test ends.
const MOST_FAILURES: usize = 3;

/// What went wrong: where, and how.
#[derive(Debug)]
struct Failure {
    at: String,
    text: String,
}

fn failure(at: &str, text: impl ToString) -> Failure {
    Failure { at: at.to_owned(), text: text.to_string() }
}

/// An error of the server, recognised by its code.
fn refused(at: &str, error: &sqlx::Error) -> Failure {
    let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
    failure(&format!("{at} {code}"), error)
}

/// How many pairs, or which: a number or a range of numbers.
fn pairs() -> Range<usize> {
    let Ok(text) = std::env::var("WHIMBREL_TEST_PAIRS") else { return 0..PAIRS };
    let (from, to) = text.split_once("..").unwrap_or(("0", &text));
    from.parse().unwrap()..to.parse().unwrap()
}

async fn run(conn: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(conn).await.map(drop)
}

async fn read(conn: &mut PgConnection) -> State {
    introspect::state(conn, &[]).await.unwrap()
}

/// Runs the statements that the server takes in an empty database, and returns these.
async fn load(conn: &mut PgConnection, statements: Vec<String>) -> Vec<String> {
    let empty = "DO $$ DECLARE s text; BEGIN FOR s IN SELECT nspname FROM pg_namespace
            WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
            LOOP EXECUTE format('DROP SCHEMA %I CASCADE', s); END LOOP; END $$;
        DELETE FROM pg_default_acl; CREATE SCHEMA public; SET search_path = public";
    run(conn, empty).await.unwrap();
    let taken = attempt(conn, &statements).await;
    let taken = statements.into_iter().zip(taken).filter(|(_, taken)| *taken);
    taken.map(|(statement, _)| statement).collect()
}

/// Runs each statement, and says which of them the server took.
async fn attempt(conn: &mut PgConnection, statements: &[String]) -> Vec<bool> {
    sqlx::query_scalar("SELECT pg_temp.attempt($1)").bind(statements).fetch_one(conn).await.unwrap()
}

const ATTEMPT: &str =
    "CREATE FUNCTION pg_temp.attempt(statements text[]) RETURNS boolean[] LANGUAGE plpgsql AS $$
    DECLARE taken boolean[]; statement text;
    BEGIN
        FOREACH statement IN ARRAY statements LOOP
            BEGIN
                EXECUTE statement;
                taken := taken || true;
            EXCEPTION WHEN OTHERS THEN
                taken := taken || false;
            END;
        END LOOP;
        RETURN coalesce(taken, '{}');
    END $$";

fn text(steps: &[Step]) -> String {
    format!("BEGIN;\nSET LOCAL search_path = public;\n{}COMMIT;\n", render::file(steps, &[]))
}

/// Each object as text. Where a column stands is not compared, and whether a view holds data.
fn described(state: &State) -> String {
    let mut text = String::new();
    for (id, entry) in &state.objects {
        let mut entry = entry.clone();
        entry.depends.clear();
        match &mut entry.definition {
            Definition::Column(column) => column.position = 0,
            Definition::Table(table) => table.passed.clear(),
            Definition::MaterializedView(view) => view.empty = false,
            Definition::Constraint(constraint) => constraint.twin = false,
            _ => {}
        }
        text.push_str(&format!("{id}: {}\n", serde_json::to_string(&entry).unwrap()));
    }
    text
}

fn difference(found: &str, want: &str) -> String {
    let only = |one: &str, other: &str, word: &str| -> String {
        let lines = one.lines().filter(|line| !other.lines().any(|same| same == *line));
        lines.map(|line| format!("{word} {line}\n")).collect()
    };
    only(found, want, "found ") + &only(want, found, "missing")
}

#[derive(Default)]
struct Tally {
    /// Statements made up, and those that the server took.
    statements: (usize, usize),
    /// Values that were compared before and after.
    values: usize,
    /// Plans that did not fit the rows.
    unfit: usize,
}

struct Worker {
    migrated: PgConnection,
    direct: PgConnection,
    tally: Tally,
}

impl Worker {
    async fn new(number: usize) -> Self {
        let scratch = whimbrel_scratch::for_tests().unwrap();
        let connect = async |name: &str| {
            let url = scratch.create_database(&format!("random_{name}_{number}")).unwrap();
            let mut conn = PgConnection::connect(&url).await.unwrap();
            // The catalog is read thousands of times.
            run(&mut conn, "SET plan_cache_mode = force_generic_plan").await.unwrap();
            run(&mut conn, ATTEMPT).await.unwrap();
            conn
        };
        let (mut migrated, direct) = (connect("migrated").await, connect("direct").await);
        common::roles(&mut migrated, &world::ROLES).await;
        Worker { migrated, direct, tally: Tally::default() }
    }

    /// Both directions of the plans between two schemas lead where they should, and back, and again.
    async fn round_trip(&mut self, pair: &(Genes, Genes), log: &mut String) -> Result<(), Failure> {
        let places = world::places();
        let both = [&pair.0, &pair.1].map(|genes| world::statements(genes, &places));
        let made = both[0].len() + both[1].len();
        let [prev_sql, next_sql] = both;
        let next_sql = load(&mut self.direct, next_sql).await;
        let prev_sql = load(&mut self.migrated, prev_sql).await;
        self.tally.statements.0 += made;
        self.tally.statements.1 += prev_sql.len() + next_sql.len();
        *log = format!("---- from\n{};\n---- to\n{};\n", prev_sql.join(";\n"), next_sql.join(";\n"));
        let (prev, next) = (read(&mut self.migrated).await, read(&mut self.direct).await);
        for state in [&prev, &next] {
            let none = plan(state, state).map_err(|cycle| failure("cycle", cycle))?;
            if !none.is_empty() {
                return Err(failure("a difference from itself", text(&none)));
            }
        }
        let up = plan(&prev, &next).map_err(|cycle| failure("cycle", cycle))?;
        let down = plan(&next, &prev).map_err(|cycle| failure("cycle", cycle))?;
        log.push_str(&format!("---- up\n{}---- down\n{}", text(&up), text(&down)));
        if up.is_empty() != (described(&prev) == described(&next)) {
            let found = difference(&described(&prev), &described(&next));
            return Err(failure("a difference that is passed over", found));
        }
        let mut filled = rows::fill(&mut self.migrated, &prev, &mut Dice(prev_sql.len() as u64)).await;
        for (round, from, steps, want) in
            [("up", &prev, &up, &next), ("down", &next, &down, &prev), ("up again", &prev, &up, &next)]
        {
            let before = rows::values(&mut self.migrated, from, filled).await;
            let mut outcome = run(&mut self.migrated, &text(steps)).await;
            if let Err(error) = &outcome
                && filled
                && rows::may_not_fit(error, steps)
            {
                run(&mut self.migrated, "ROLLBACK").await.unwrap();
                rows::empty(&mut self.migrated, from).await;
                filled = false;
                self.tally.unfit += 1;
                outcome = run(&mut self.migrated, &text(steps)).await;
            }
            if let Err(error) = outcome {
                run(&mut self.migrated, "ROLLBACK").await.unwrap();
                // PostgreSQL 14 forgets to remove what a generated column needed when its expression is dropped.
                let old = self.migrated.server_version_num().is_some_and(|number| number < 150_000);
                if old && error.to_string().contains("found unexpected dependency for column") {
                    eprintln!("a pair that PostgreSQL 14 cannot migrate was given up: {error}");
                    return Ok(());
                }
                return Err(refused(round, &error));
            }
            let found = read(&mut self.migrated).await;
            let rest = plan(&found, want).map_err(|cycle| failure("cycle after", cycle))?;
            let left = difference(&described(&found), &described(want));
            if !rest.is_empty() || !left.is_empty() {
                return Err(failure(&format!("after {round}"), format!("{left}{}", text(&rest))));
            }
            if filled {
                let after = rows::values(&mut self.migrated, want, filled).await;
                self.tally.values +=
                    rows::survive(&before, &after, steps).map_err(|lost| failure("values", lost))?;
            }
        }
        Ok(())
    }
}

/// The pairs of a seed that are to be tried, shared by the workers.
struct Trial {
    seed: u64,
    pairs: Range<usize>,
    next: AtomicUsize,
    failures: AtomicUsize,
}

impl Trial {
    #[tokio::main(flavor = "current_thread")]
    async fn work(&self, worker: usize) -> Tally {
        let mut worker = Worker::new(worker).await;
        let places = world::places();
        let mut dice = Dice(self.seed);
        let genes: Vec<u64> = (0..self.pairs.end).map(|_| dice.roll()).collect();
        while self.failures.load(Ordering::Relaxed) < MOST_FAILURES {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(gene) = genes.get(number) else { break };
            let pair = dice::pair(*gene, &places);
            let mut log = String::new();
            let Err(first) = worker.round_trip(&pair, &mut log).await else { continue };
            self.failures.fetch_add(1, Ordering::Relaxed);
            let fails = async |pair: &(Genes, Genes)| {
                let outcome = worker.round_trip(pair, &mut String::new()).await;
                outcome.is_err_and(|failure| failure.at == first.at)
            };
            let smallest = dice::shrink(pair, &places, fails).await;
            let failure = worker.round_trip(&smallest, &mut log).await.err().unwrap_or(first);
            let again =
                format!("WHIMBREL_TEST_SEED={} WHIMBREL_TEST_PAIRS={number}..{}", self.seed, number + 1);
            eprintln!("==== {again}: {}\n{}\n{log}", failure.at, failure.text);
        }
        worker.tally
    }
}

#[test]
fn random_schemas_become_each_other() {
    if whimbrel_scratch::for_tests().is_none() {
        return;
    }
    let pairs = pairs();
    // These are known to pass. Among 20,000 pairs of another seed about one in 1,000 found an error before it was corrected.
    let seed = if pairs == (0..PAIRS) { 77 } else { whimbrel_scratch::seed() };
    let (next, failures) = (pairs.start.into(), 0.into());
    let trial = &Trial { seed, pairs: pairs.clone(), next, failures };
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let start = |worker| scope.spawn(move || trial.work(worker));
        let workers: Vec<_> = (0..WORKERS.min(pairs.len())).map(start).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let sum = |of: fn(&Tally) -> usize| tallies.iter().map(of).sum::<usize>();
    let (made, taken) = (sum(|it| it.statements.0), sum(|it| it.statements.1));
    let (values, unfit) = (sum(|it| it.values), sum(|it| it.unfit));
    eprintln!("pairs {pairs:?} of seed {seed}, {taken} of {made} statements, {values} values, {unfit} unfit");
    let failures = trial.failures.load(Ordering::Relaxed);
    assert_eq!(failures, 0, "pairs failed; the test ends after {MOST_FAILURES}");
    if pairs.len() >= 10 {
        assert!(taken * 3 > made, "the server takes {taken} of {made} statements");
        assert!(values > pairs.len() && unfit < pairs.len(), "{values} values, {unfit} unfit");
    }
}
