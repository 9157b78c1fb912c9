//! SIGKILL at random moments, twenty times: nothing is lost, nothing is doubled.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use whimbrel_transfer::progress::{Counts, Expected, Progress};
use whimbrel_transfer::source::Limit;
use whimbrel_transfer::{Mode, Outcome};

use crate::support::{self, contents, database, definitions, dump, oid, open, person, team, transfer};

/// Each kills a transfer from the beginning, and then the one that resumes it.
const ROUNDS: usize = 10;

/// Says on stdout what has just happened, so that the parent can kill this process shortly afterwards.
struct Announce;

impl Announce {
    fn event(kind: &str) {
        // The parent reads no further than to the event it waits for.
        writeln!(std::io::stdout(), "event {kind}").ok();
    }
}

impl Progress for Announce {
    fn begin(&self, _: &[Expected]) {}

    fn advance(&self, _: usize, _: Counts) {
        Announce::event("batch");
    }

    fn loaded(&self) {
        Announce::event("loaded");
    }

    fn step(&self, _: &str) {
        Announce::event("step");
    }

    fn note(&self, _: &str) {}

    fn end(&self) {}
}

/// The process that is killed: this test program, told to run nothing but this.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the storm in a process of its own"]
async fn child() {
    let (Ok(folder), Ok(url)) = (std::env::var("WHIMBREL_STORM_FROM"), std::env::var("WHIMBREL_STORM_TO"))
    else {
        return;
    };
    let mode = if std::env::var("WHIMBREL_STORM_CLEAN").is_ok() { Mode::Clean } else { Mode::Resume };
    let report = transfer(open(Path::new(&folder)), &url)
        .mode(mode)
        .jobs(2)
        .batch(Limit { documents: 20, bytes: 1 << 20 })
        .wait(Duration::from_secs(60))
        .progress(Arc::new(Announce))
        .run()
        .await
        .unwrap();
    assert!(matches!(report.outcome, Outcome::Complete | Outcome::AlreadyComplete), "{report:?}");
}

fn start(folder: &Path, url: &str, clean: bool) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "storm::child"]);
    command.env("WHIMBREL_STORM_FROM", folder).env("WHIMBREL_STORM_TO", url);
    if clean {
        command.env("WHIMBREL_STORM_CLEAN", "1");
    }
    command.stdout(Stdio::piped()).spawn().unwrap()
}

/// The process's events, as they come.
fn events(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.filter_map(|line| Some(line.split_once("event ")?.1.to_owned()))
}

/// Lets a transfer run to its end, and returns its events.
fn finish(folder: &Path, url: &str, clean: bool) -> Vec<String> {
    let mut child = start(folder, url, clean);
    let events = events(&mut child).collect();
    assert!(child.wait().unwrap().success());
    events
}

/// A dump that gives every phase something to do: 24,000 documents, some of them bad in every way.
fn storm_dump(folder: &Path) {
    let mut people: Vec<bson::RawDocumentBuf> = (0..24_000).map(person).collect();
    for number in (0..24_000).step_by(500) {
        people.push(person(number));
        people.push(bson::rawdoc! { "_id": oid(100_000 + number), "age": -1, "phones": ["1"] });
        people
            .push(bson::rawdoc! { "_id": oid(200_000 + number), "age": 1, "team": oid(99), "phones": ["1"] });
        people.push(bson::rawdoc! { "_id": oid(300_000 + number), "age": "old" });
    }
    dump(folder, &[("teams", (1..=3).chain([2]).map(team).collect()), ("people", people)]);
}

/// A small generator of numbers (SplitMix64).
struct Dice(u64);

impl Dice {
    /// A number below `end`; 0 if there is none.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end.max(1) as u64).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_twenty_times_nothing_is_lost_and_nothing_doubled() {
    let Some(scratch) = support::scratch() else { return };
    let folder = tempfile::tempdir().unwrap();
    storm_dump(folder.path());
    let url = database(scratch).await;
    let events = finish(folder.path(), &url, true);
    let loaded = events.iter().position(|event| event == "loaded").unwrap();
    let expected = (contents(&url).await, definitions(&url).await);
    assert!(expected.0.len() > 60_000, "{}", expected.0.len());

    let mut dice = Dice(whimbrel_scratch::seed());
    let mut phases: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..ROUNDS {
        // Every other time during the load, otherwise after it.
        let first = match round % 2 {
            0 => dice.below(loaded),
            _ => loaded + dice.below(events.len() - loaded),
        };
        for (clean, event) in [(true, first), (false, dice.below(events.len() - first))] {
            let mut child = start(folder.path(), &url, clean);
            // Read, but not closed: the process writes on.
            let mut announced = self::events(&mut child);
            announced.by_ref().take(event).for_each(drop);
            std::thread::sleep(Duration::from_micros(dice.below(5_000) as u64));
            // One that has ended already cannot be killed any more.
            child.kill().unwrap();
            child.wait().unwrap();
            *phases.entry(phase(&url).await).or_default() += 1;
        }
        finish(folder.path(), &url, false);
        let found = (contents(&url).await, definitions(&url).await);
        assert!(found == expected, "the databases differ in round {round}");
        assert_eq!(support::count(&url, "whimbrel.dropped_objects WHERE restored_at IS NULL").await, 0);
        support::verified(folder.path(), &url).await;
    }
    eprintln!("kills by the phase they hit: {phases:?}");
    assert!(phases.len() > 1, "all kills hit one phase: {phases:?}");
}

/// The phase that the newest transfer is in.
async fn phase(url: &str) -> String {
    let rows = support::texts(url, "SELECT phase FROM whimbrel.transfers ORDER BY id DESC LIMIT 1").await;
    rows.into_iter().next().unwrap_or_default()
}
