//! A scratch server of an installed PostgreSQL: starts, serves, and leaves nothing behind.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection, Row};
use whimbrel_scratch::{Kind, OLDEST, Scratch};

/// The environment variable that makes `hold` do something.
const HOLD: &str = "WHIMBREL_SCRATCH_TEST_HOLD";

/// Waits until something holds, at most ten seconds.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(10), "after 10 s still not: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process runs (a zombie does not).
fn runs(process: u32) -> bool {
    let output = Command::new("ps").args(["-o", "stat=", "-p", &process.to_string()]).output().unwrap();
    let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

#[tokio::test]
async fn databases_are_served_and_nothing_is_left_behind() {
    let Some(_) = whimbrel_scratch::for_tests() else { return };
    let scratch = Scratch::installed().unwrap();
    let folder = scratch.folder().unwrap().to_path_buf();
    let process = scratch.process();
    assert!(runs(process));
    assert!(scratch.program("pg_ctl").is_some());
    assert!(matches!(scratch.kind(), Kind::Installed(found) if found.version.0 >= OLDEST));

    let one = scratch.create_database("häßliche \"Namen\" / 100%").unwrap();
    let two = scratch.create_database("häßliche \"Namen\" / 100%").unwrap();
    assert_ne!(one, two);
    let mut first = PgConnection::connect(&one).await.unwrap();
    let mut second = PgConnection::connect(&two).await.unwrap();
    sqlx::raw_sql("CREATE TABLE only_here (word text)").execute(&mut first).await.unwrap();
    let row = sqlx::query(
        "SELECT to_regclass('only_here') IS NULL AS absent, current_setting('server_encoding') AS encoding,
                current_setting('listen_addresses') AS listens, current_database() AS name",
    )
    .fetch_one(&mut second)
    .await
    .unwrap();
    assert!(row.get::<bool, _>("absent"));
    assert_eq!(row.get::<String, _>("encoding"), "UTF8");
    assert_eq!(row.get::<String, _>("listens"), "");
    assert!(row.get::<String, _>("name").starts_with("häßliche \"Namen\""));

    // With connections still open.
    drop(scratch);
    assert!(!folder.exists(), "{} is left", folder.display());
    assert!(!runs(process));
}

#[test]
fn psql_understands_the_url() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let Some(psql) = scratch.program("psql") else {
        return whimbrel_scratch::skip(whimbrel_scratch::Need::Programs, "no psql beside the server");
    };
    let url = scratch.create_database("psql").unwrap();
    let output = Command::new(psql).args(["-XAtc", "SELECT 1 + 1", &url]).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "2",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Not a test of its own: what the tests below kill. Prints the folder and the server's process number, waits.
#[test]
fn hold() {
    let Ok(how) = std::env::var(HOLD) else { return };
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    println!("\nheld {} {}", scratch.process(), scratch.folder().unwrap().display());
    if how == "wait" {
        std::thread::sleep(Duration::from_secs(60));
    }
}

/// Runs `hold` in a process of its own; returns it, the server's process number and its folder.
fn start_held(how: &str) -> (std::process::Child, u32, PathBuf) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hold", "--nocapture"])
        .env(HOLD, how)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = lines.find_map(|line| line.strip_prefix("held ").map(str::to_owned)).unwrap();
    let (process, folder) = line.split_once(' ').unwrap();
    // The rest of the output must not block the child.
    std::thread::spawn(move || lines.count());
    (child, process.parse().unwrap(), Path::new(folder).to_path_buf())
}

#[test]
fn a_killed_owner_leaves_nothing_behind() {
    let Some(_) = whimbrel_scratch::for_tests() else { return };
    let (mut child, process, folder) = start_held("wait");
    assert!(folder.exists() && runs(process));
    child.kill().unwrap();
    child.wait().unwrap();
    eventually("the server has stopped", || !runs(process));
    eventually("its folder is gone", || !folder.exists());
}

#[test]
fn a_shared_server_ends_with_its_process() {
    let Some(_) = whimbrel_scratch::for_tests() else { return };
    let (mut child, process, folder) = start_held("end");
    assert!(child.wait().unwrap().success());
    eventually("the server has stopped", || !runs(process));
    eventually("its folder is gone", || !folder.exists());
}
