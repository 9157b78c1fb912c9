//! What tests need and a machine may lack, and the one place that decides whether such a test is skipped or fails.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::{CHOICE, Scratch, ScratchError};

/// Lists, separated by commas, what must be there: a test that would be skipped for want of it fails.
const REQUIRE: &str = "WHIMBREL_TEST_REQUIRE";

const SEED: &str = "WHIMBREL_TEST_SEED";

/// What a test may need, by the words of `WHIMBREL_TEST_REQUIRE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// An installed PostgreSQL server.
    Postgres,
    /// `psql` and `pg_dump` beside the server.
    Programs,
    /// The embedded PostgreSQL.
    Embedded,
    /// The folder `shared` beside the checkout, with real data; it is not public.
    Shared,
    /// A MongoDB server, its URL in `WHIMBREL_TEST_MONGODB_URL`.
    Mongodb,
    /// `/proc`, which tells how much memory a process had.
    Proc,
}

impl Need {
    const ALL: [(&str, Need); 6] = [
        ("postgres", Need::Postgres),
        ("programs", Need::Programs),
        ("embedded", Need::Embedded),
        ("shared", Need::Shared),
        ("mongodb", Need::Mongodb),
        ("proc", Need::Proc),
    ];

    /// The words of a list, or the first one that is not known.
    fn parse(list: &str) -> Result<Vec<Need>, String> {
        let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
        words
            .map(|word| {
                let known = Need::ALL.iter().find(|(name, _)| *name == word);
                known.map(|(_, need)| *need).ok_or_else(|| {
                    let names: Vec<_> = Need::ALL.iter().map(|(name, _)| *name).collect();
                    format!("{REQUIRE}: `{word}` is not one of {}", names.join(", "))
                })
            })
            .collect()
    }
}

/// The installed server that all tests of this process share, or `None` after [`skip`].
///
/// The first call starts it. It is gone shortly after the process has ended, however that happens.
pub fn for_tests() -> Option<&'static Scratch> {
    static SHARED: OnceLock<Result<Scratch, ScratchError>> = OnceLock::new();
    let started = SHARED.get_or_init(|| match std::env::var(CHOICE).ok().as_deref() {
        Some("embedded") => Err(ScratchError::Failed(
            "the embedded PostgreSQL takes one connection at a time, and several are needed".to_owned(),
        )),
        _ => Scratch::installed(),
    });
    provided(Need::Postgres, started.as_ref().map_err(ToString::to_string))
}

/// A file or folder of the real data beside the repository, or `None` after [`skip`].
pub fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    let found = if path.exists() { Ok(path) } else { Err(format!("{} does not exist", path.display())) };
    provided(Need::Shared, found)
}

/// The URL of a MongoDB server, without a database, or `None` after [`skip`].
pub fn mongodb() -> Option<String> {
    const VARIABLE: &str = "WHIMBREL_TEST_MONGODB_URL";
    provided(Need::Mongodb, std::env::var(VARIABLE).map_err(|error| format!("{VARIABLE}: {error}")))
}

fn provided<T>(need: Need, found: Result<T, String>) -> Option<T> {
    if found.is_ok() {
        // A misspelt word is found where nothing is missing, too.
        required();
    }
    found.map_err(|why| skip(need, &why)).ok()
}

/// Prints on stderr that the present test is skipped, and why; where `WHIMBREL_TEST_REQUIRE` names the need, the test fails.
///
/// The test harness hides what a passing test prints with `eprintln!`; this goes to the process's own stderr.
#[expect(clippy::panic, reason = "that is how a test fails")]
pub fn skip(need: Need, why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    if required().contains(&need) {
        panic!("{REQUIRE} forbids to skip {test}: {why}");
    }
    print(&format!("\nskipped {test}: {why}\n"));
}

#[expect(clippy::panic, reason = "that is how a test fails")]
fn required() -> Vec<Need> {
    let list = std::env::var_os(REQUIRE).unwrap_or_default();
    Need::parse(&list.to_string_lossy()).unwrap_or_else(|error| panic!("{error}"))
}

/// The seed of this process's random tests: what `WHIMBREL_TEST_SEED` says, otherwise the time. It is printed.
#[expect(clippy::panic, reason = "that is how a test fails")]
pub fn seed() -> u64 {
    static CHOSEN: OnceLock<u64> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let seed = match std::env::var(SEED) {
            Ok(text) => text.parse().unwrap_or_else(|_| panic!("{SEED}: `{text}` is not a number")),
            Err(_) => std::time::UNIX_EPOCH.elapsed().map_or(0, |time| u64::from(time.subsec_nanos())),
        };
        print(&format!("\nrandom tests: {SEED}={seed}\n"));
        seed
    })
}

/// The most memory a process has had so far, in KiB: `VmHWM` of proc(5), which only Linux has.
pub fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Writes in one piece, since other tests write, too. When stderr is closed there is nothing to report it to.
fn print(text: &str) {
    std::io::stderr().write_all(text.as_bytes()).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_list() {
        assert_eq!(Need::parse(""), Ok(vec![]));
        assert_eq!(Need::parse("postgres, mongodb,"), Ok(vec![Need::Postgres, Need::Mongodb]));
        let error = Need::parse("postgres,mongo").unwrap_err();
        assert!(error.contains("`mongo` is not one of postgres, programs"), "{error}");
    }
}
