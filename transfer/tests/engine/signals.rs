//! Ctrl-C, exit codes and streams of the command line.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use whimbrel_scratch::Scratch;

use crate::support::{self, count, definitions, dump, oid, team, texts};

/// The command line in a process of its own: this test program, told to run nothing but this.
#[test]
#[ignore = "run by the other tests in a process of its own"]
fn child() {
    let Ok(arguments) = std::env::var("WHIMBREL_SIGNALS_ARGUMENTS") else { return };
    let code = whimbrel_transfer::terminal::run(arguments.split('\n'));
    // `ExitCode` cannot be read; its debug text can.
    let text = format!("{code:?}");
    let number: String = text.chars().filter(char::is_ascii_digit).collect();
    std::process::exit(number.parse().unwrap());
}

fn start(from: &Path, to: &str, more: &[&str]) -> Child {
    let mut arguments = vec!["whimbrel", "transfer", "--from", from.to_str().unwrap(), "--jobs", "1"];
    arguments.extend(["--ignore", "boss", "--ignore", "email", "--ignore", "phones"]);
    arguments.extend(more);
    command_line(&arguments, to)
}

fn command_line(arguments: &[&str], to: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "signals::child", "--nocapture", "--quiet"])
        .env("WHIMBREL_SIGNALS_ARGUMENTS", arguments.join("\n"))
        .env("DATABASE_URL", to)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a finished process said: exit code, stdout behind the test harness's own line, stderr.
fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout).replace("\nrunning 1 test\n", ""), text(&output.stderr))
}

/// A database in which each person takes a few milliseconds, and a dump of large people: many slow batches.
async fn slow(scratch: &Scratch, folder: &Path) -> String {
    let url = support::database(scratch).await;
    support::execute(
        &url,
        "CREATE FUNCTION nap() RETURNS integer LANGUAGE plpgsql VOLATILE AS $$ BEGIN PERFORM pg_sleep(0.004); RETURN 1; END $$; \
         ALTER TABLE people ADD nap integer DEFAULT nap()",
    )
    .await;
    let filler = "x".repeat(64 << 10);
    let people = (0..600).map(|number| {
        bson::rawdoc! { "_id": oid(1000 + number), "team": oid(1), "age": 1, "filler": filler.as_str() }
    });
    dump(folder, &[("teams", vec![team(1)]), ("people", people.collect())]);
    url
}

async fn wait_for_a_batch(url: &str) {
    let until = Instant::now() + Duration::from_secs(60);
    while count(url, "pg_class WHERE oid = to_regclass('whimbrel.dropped_objects')").await == 0
        || count(url, "whimbrel.checkpoints WHERE rows ? 'people'").await == 0
    {
        assert!(Instant::now() < until, "no batch in a minute");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_signal_finishes_the_batch_and_says_how_to_go_on() {
    let Some(scratch) = support::scratch() else { return };
    for name in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let url = slow(scratch, folder.path()).await;
        let running = start(folder.path(), &url, &[]);
        wait_for_a_batch(&url).await;
        signal(&running, name);
        let (code, stdout, stderr) = said(&running.wait_with_output().unwrap());
        assert_eq!(code, Some(2), "{stderr}");
        assert_eq!(stdout, "");
        assert!(stderr.contains("finishing the current batch"), "{stderr}");
        assert!(stderr.contains("was interrupted") && stderr.contains("--resume continues"), "{stderr}");
        let (some, before) = (count(&url, "people").await, count(&url, "teams").await);
        assert!((1..600).contains(&some), "{some} people");

        let (code, stdout, stderr) =
            said(&start(folder.path(), &url, &["--resume", "--json"]).wait_with_output().unwrap());
        assert_eq!(code, Some(0), "{stderr}");
        let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!((&report["outcome"], &report["resumed"]), (&"complete".into(), &true.into()));
        assert_eq!(report["loaded_rows"].as_i64().unwrap() + some + before, 601);
        assert_eq!(count(&url, "people").await, 600);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_signal_ends_at_once() {
    let Some(scratch) = support::scratch() else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = slow(scratch, folder.path()).await;
    let running = start(folder.path(), &url, &[]);
    wait_for_a_batch(&url).await;
    // From now on a batch waits for this session.
    let mut blocker = support::connect(&url).await;
    let sql = "SELECT pg_advisory_lock(7); CREATE OR REPLACE FUNCTION nap() RETURNS integer LANGUAGE plpgsql VOLATILE \
               AS $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN 1; END $$";
    sqlx::raw_sql(sql).execute(&mut blocker).await.unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while count(&url, "pg_locks WHERE locktype = 'advisory' AND objid = 7 AND NOT granted").await == 0 {
        assert!(Instant::now() < until, "no batch waits");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Two of a kind could be seen as one.
    signal(&running, "-INT");
    signal(&running, "-TERM");
    let (code, _, stderr) = said(&running.wait_with_output().unwrap());
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("ended at once"), "{stderr}");
    // Its connection is noticed to be lost, and what it had not committed is gone.
    let quick = "CREATE OR REPLACE FUNCTION nap() RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 1'";
    support::execute(&url, quick).await;
    let (code, _, stderr) = said(&start(folder.path(), &url, &["--resume"]).wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(count(&url, "people").await, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_says_why_with_exit_code_two() {
    let Some(scratch) = support::scratch() else { return };
    let url = support::database(scratch).await;
    let folder = tempfile::tempdir().unwrap();
    let run =
        |from: &Path, url: &str, more: &[&str]| said(&start(from, url, more).wait_with_output().unwrap());
    let check = |(code, stdout, stderr): (Option<i32>, String, String), parts: &[&str]| {
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
        for part in parts {
            assert!(stderr.contains(part), "{part:?} in {stderr}");
        }
        assert!(!stderr.contains("s3cret"), "{stderr}");
    };
    check(run(&folder.path().join("absent"), &url, &[]), &["error:", "absent", "hint:"]);
    dump(folder.path(), &[("teams", vec![team(1)])]);
    check(
        run(folder.path(), "mysql://me:s3cret@host/db", &[]),
        &["error:", "is not the URL of a PostgreSQL", "hint:"],
    );
    check(
        run(folder.path(), "postgres://me:s3cret@127.0.0.1:1/db", &[]),
        &["cannot connect to the database"],
    );
    check(run(folder.path(), &url, &["--resume", "--clean"]), &["cannot be used with"]);
    check(run(folder.path(), &url, &["--jobs", "0"]), &["--jobs"]);
    support::execute(&url, "INSERT INTO teams VALUES (gen_random_uuid(), 'x')").await;
    check(run(folder.path(), &url, &[]), &["teams: 1 row", "--clean"]);
    assert_eq!(texts(&url, "SELECT name FROM teams").await, ["x"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_rejects_than_acceptable_end_with_one_and_an_open_transfer_is_aborted() {
    let Some(scratch) = support::scratch() else { return };
    let url = support::database(scratch).await;
    let whole = definitions(&url).await;
    let folder = tempfile::tempdir().unwrap();
    let bad = bson::rawdoc! {
        "_id": oid(1), "team": oid(1), "boss": oid(1), "email": "a@b", "age": "old", "phones": []
    };
    dump(folder.path(), &[("teams", vec![team(1)]), ("people", vec![bad])]);
    let from = folder.path().to_str().unwrap();
    let run = |words: &str, code: i32| {
        let words: Vec<&str> =
            words.split(' ').map(|word| if word == "DUMP" { from } else { word }).collect();
        let (ended, stdout, stderr) = said(&command_line(&words, &url).wait_with_output().unwrap());
        assert_eq!(ended, Some(code), "{words:?}: {stderr}");
        (stdout, stderr.lines().last().unwrap_or_default().to_owned())
    };
    const LIST: &str = "list them with `whimbrel rejects list`";
    let error = format!("error: 1 reject in whimbrel.rejects, 0 acceptable (--max-rejects): {LIST}");
    let note = format!("note: 1 reject in whimbrel.rejects, which is acceptable: {LIST}");
    assert_eq!(run("whimbrel transfer --from DUMP --max-rejects 1", 0).1, note);
    assert_eq!(run("whimbrel transfer --from DUMP --clean", 1).1, error);
    assert_eq!(run("whimbrel verify --from DUMP", 1).1, error);
    assert_eq!(run("whimbrel verify --from DUMP --max-rejects all", 0).1, note);
    assert!(run("whimbrel verify --from DUMP --json", 1).0.contains("\"ok\": false"));
    assert_eq!(run("whimbrel transfer --from DUMP --clean --fail-fast", 1).1, error);
    assert_ne!(definitions(&url).await, whole);
    assert!(run("whimbrel transfer --abort", 0).1.starts_with("transfer 3 is aborted: "));
    assert_eq!(definitions(&url).await, whole);
    assert_eq!(
        run("whimbrel transfer --abort --json", 0),
        ("null\n".into(), "no transfer is open: nothing to abort".into())
    );
    for wrong in
        ["whimbrel transfer", "whimbrel transfer --abort --resume", "whimbrel transfer --max-rejects x"]
    {
        run(wrong, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_are_listed_shown_exported_and_retried() {
    let Some(scratch) = support::scratch() else { return };
    let url = support::database(scratch).await;
    let folder = tempfile::tempdir().unwrap();
    let bad = |number| bson::rawdoc! { "_id": oid(number), "age": "old", "phones": [7] };
    dump(folder.path(), &[("teams", vec![]), ("people", vec![bad(1), bad(2)])]);
    let run = |words: &str, code: i32| {
        let words = words.replace("DUMP", folder.path().to_str().unwrap());
        let words: Vec<&str> = words.split(' ').collect();
        let (ended, stdout, stderr) = said(&command_line(&words, &url).wait_with_output().unwrap());
        assert_eq!(ended, Some(code), "{words:?}: {stderr}");
        (stdout, stderr.lines().last().unwrap_or_default().to_owned())
    };
    assert_eq!(run("whimbrel rejects list", 0), (String::new(), "no rejects".into()));
    run("whimbrel transfer --from DUMP --max-rejects all --ignore boss --ignore email --ignore team", 0);
    let (table, last) = run("whimbrel rejects list --table people", 0);
    assert_eq!((table.matches("type_mismatch").count(), last.as_str()), (2, "2 rejects"), "{table}");
    assert_eq!(run("whimbrel rejects list --limit 3", 0).1, "the first 3; --limit shows more");
    let listed: serde_json::Value = serde_json::from_str(&run("whimbrel rejects list --json", 0).0).unwrap();
    assert_eq!((&listed[0]["table"], listed.as_array().unwrap().len()), (&"people".into(), 4));
    let document = format!(
        "{{\"_id\":{{\"$oid\":\"{}\"}},\"age\":\"old\",\"phones\":[{{\"$numberInt\":\"7\"}}]}}",
        oid(1)
    );
    let shown = run(&format!("whimbrel rejects show {}", listed[0]["id"]), 0).0;
    assert!(shown.contains("people -> people  type_mismatch  age: "), "{shown}");
    assert!(shown.ends_with(&format!("\n{document}\n")), "{shown}");
    for words in ["show 1 99", "retry 99", "export 99 --output DUMP/none.json"] {
        assert_eq!(run(&format!("whimbrel rejects {words}"), 2).1, "hint: `whimbrel rejects list` shows all");
    }
    assert!(!folder.path().join("none.json").exists());

    // Each document once, as it was; a line of JSON for each entry.
    let exported = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    run("whimbrel rejects export --output DUMP/rejected.bson", 0);
    assert_eq!(exported("rejected.bson"), exported("people.bson"));
    // A file that cannot be written whole leaves what was there.
    support::execute(
        &url,
        "UPDATE whimbrel.rejects SET collection = 'other' WHERE id = (SELECT max(id) FROM whimbrel.rejects)",
    )
    .await;
    let (_, last) = run("whimbrel rejects export --output DUMP/rejected.bson", 2);
    assert!(
        last.ends_with("a .bson file has documents of one collection: name it with --collection"),
        "{last}"
    );
    assert_eq!(exported("rejected.bson"), exported("people.bson"));
    assert!(!folder.path().join("rejected.bson.partial").exists());
    support::execute(&url, "UPDATE whimbrel.rejects SET collection = 'people'").await;
    run("whimbrel rejects export --output DUMP/rejected.json --table phones", 0);
    let lines = String::from_utf8(exported("rejected.json")).unwrap();
    assert_eq!(lines.matches(&format!("\"document\":{document}}}\n")).count(), 1, "{lines}");

    let left = "0 rejects resolved; 4 rejects left in whimbrel.rejects";
    assert_eq!(run("whimbrel rejects retry", 1), (String::new(), left.into()));
    let report: serde_json::Value =
        serde_json::from_str(&run("whimbrel rejects retry --json --collection teams", 0).0).unwrap();
    assert_eq!((&report["resolved"], &report["rejected"]), (&0.into(), &0.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn control_characters_of_names_and_values_do_not_reach_the_terminal() {
    let Some(scratch) = support::scratch() else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = support::database(scratch).await;
    let mut odd = bson::rawdoc! { "_id": oid(1), "name": 5, "old\u{1b}[2J": "x", "\u{1b}[8mhidden": 1 };
    odd.append(bson::cstr!("name"), "a\u{1b}]0;b\u{7}");
    let people = bson::rawdoc! { "_id": oid(2), "age": "\u{1b}[1;1H", "team": "\u{1b}[2K" };
    dump(
        folder.path(),
        &[("teams", vec![odd, team(1)]), ("people", vec![people]), ("\u{1b}[2Jfile", vec![team(3)])],
    );
    let child = start(folder.path(), &url, &["--color", "always"]);
    let (code, _, stderr) = said(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(1), "{stderr}");
    // Colours end with m; nothing else may follow an escape character.
    let sequences: Vec<&str> = stderr.split('\u{1b}').skip(1).collect();
    assert!(!sequences.is_empty());
    for sequence in sequences {
        let end = sequence.find(|c: char| c != '[' && c != ';' && !c.is_ascii_digit());
        assert_eq!(end.map(|end| &sequence[end..=end]), Some("m"), "{stderr:?}");
    }
    assert!(!stderr.contains('\u{7}') && !stderr.contains("\u{1b}[8m"), "{stderr:?}");
    for words in [
        &["verify", "--color", "always", "--from", folder.path().to_str().unwrap()][..],
        &["rejects", "list"],
        &["rejects", "show", "1"],
    ] {
        let words = [&["whimbrel"], words].concat();
        let (_, stdout, stderr) = said(&command_line(&words, &url).wait_with_output().unwrap());
        assert!(!stderr.contains("\u{1b}[8m") && !stderr.contains("\u{1b}[2J"), "{stderr:?}");
        assert!(!stdout.contains('\u{1b}'), "{stdout:?}");
    }
    assert!(stderr.contains("\\u{1b}[2Jfile") && stderr.contains("old\\u{1b}[2J"), "{stderr}");
}
