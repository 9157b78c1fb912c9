//! SIGKILL at random moments, twenty times: nothing is lost, nothing is doubled.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use whimbrel_transfer::source::Limit;
use whimbrel_transfer::{Mode, Outcome};

use crate::support::{self, contents, database, definitions, dump, oid, open, person, team, transfer};

const KILLS: u32 = 20;

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
    command.stdout(Stdio::null()).spawn().unwrap()
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

/// A small generator of numbers (SplitMix64): a seed that is printed makes a failure repeatable.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_twenty_times_nothing_is_lost_and_nothing_doubled() {
    let Some(scratch) = support::scratch() else { return };
    let folder = tempfile::tempdir().unwrap();
    storm_dump(folder.path());
    let url = database(scratch).await;
    let started = Instant::now();
    assert!(start(folder.path(), &url, true).wait().unwrap().success());
    let whole = started.elapsed();
    let expected = (contents(&url).await, definitions(&url).await);
    assert!(expected.0.len() > 60_000, "{}", expected.0.len());

    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    eprintln!("one whole run takes {whole:?}; the seed is {seed}");
    let mut storm =
        Storm { folder: folder.path(), url: &url, whole, dice: Dice(seed), phases: BTreeMap::new() };
    let mut kills = 0;
    while kills < KILLS {
        // A transfer from its beginning is killed, resumed, killed again, and resumed until it gets through. The
        // moments are spread over the whole run: one in each of as many stretches as there are rounds.
        let stretch = f64::from(kills) / f64::from(KILLS);
        for clean in [true, false] {
            let moment = stretch + storm.dice.next() * 2.0 / f64::from(KILLS);
            kills += u32::from(storm.kill(clean, moment).await);
        }
        assert!(start(folder.path(), &url, false).wait().unwrap().success(), "seed {seed}");
        let found = (contents(&url).await, definitions(&url).await);
        assert!(found == expected, "after {kills} kills the databases differ; seed {seed}");
        assert_eq!(support::count(&url, "whimbrel.dropped_objects WHERE restored_at IS NULL").await, 0);
        support::verified(folder.path(), &url).await;
    }
    eprintln!("{kills} kills, by the phase they hit: {:?}", storm.phases);
}

struct Storm<'a> {
    folder: &'a Path,
    url: &'a str,
    whole: Duration,
    dice: Dice,
    phases: BTreeMap<String, u32>,
}

impl Storm<'_> {
    /// Starts the program and kills it at a moment between 0 and 1 of the whole run; `false` if it was faster.
    async fn kill(&mut self, clean: bool, moment: f64) -> bool {
        let mut child = start(self.folder, self.url, clean);
        let started = Instant::now();
        let until = self.whole.mul_f64(moment);
        while started.elapsed() < until {
            tokio::time::sleep(Duration::from_millis(2)).await;
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success());
                if clean {
                    // The first run was slow; a whole one takes no longer than this.
                    self.whole = self.whole.min(started.elapsed());
                }
                return false;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let phase = phase(self.url).await;
        *self
            .phases
            .entry(if phase == "done" { "before or after".to_owned() } else { phase })
            .or_default() += 1;
        true
    }
}

/// The phase that the newest transfer is in.
async fn phase(url: &str) -> String {
    let rows = support::texts(url, "SELECT phase FROM whimbrel.transfers ORDER BY id DESC LIMIT 1").await;
    rows.into_iter().next().unwrap_or_default()
}
