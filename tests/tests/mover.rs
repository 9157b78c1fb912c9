//! A production binary of three lines, as a process: what it says, how it exits, and how much memory it takes when
//! documents are as large as MongoDB allows.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use bson::{RawDocumentBuf, oid::ObjectId, rawdoc};
use example_crm as _;
use whimbrel_tests::example::Target;

/// What the engine promises to stay below, in KiB.
const LIMIT: u64 = 128 << 10;
/// MongoDB's limit, less what else is in the documents.
const LARGE: usize = (16 << 20) - 1_000;

struct Ended {
    code: Option<i32>,
    said: String,
    /// The most memory it had, in KiB; `None` where the system does not tell.
    peak: Option<u64>,
}

fn run(words: &[&str], from: &Path, to: &str) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mover"));
    let (name, value) = whimbrel_transfer::terminal::GLIBC_TUNABLES;
    command.env(name, value).args(words).arg("--from").arg(from).args(["--to", to, "--jobs", "4"]);
    // The documents are few, and have only what a row needs.
    for path in
        ["role", "reportsTo", "avatar", "stats", "opportunity", "due", "estimate", "labels", "comments"]
    {
        command.args(["--ignore", path]);
    }
    let said = tempfile::NamedTempFile::new().unwrap();
    command.stdin(Stdio::null()).stdout(said.reopen().unwrap()).stderr(said.reopen().unwrap());
    let mut child = command.spawn().unwrap();
    let mut peak = None;
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        peak = whimbrel_scratch::peak_memory(child.id()).or(peak);
        std::thread::sleep(Duration::from_millis(10));
    };
    Ended { code, said: std::fs::read_to_string(said.path()).unwrap(), peak }
}

fn write(folder: &Path, collection: &str, documents: impl Iterator<Item = RawDocumentBuf>) {
    let mut file = std::fs::File::create(folder.join(format!("{collection}.bson"))).unwrap();
    documents.for_each(|document| file.write_all(document.as_bytes()).unwrap());
}

fn key(number: u32) -> ObjectId {
    let mut bytes = [0x5f; 12];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    ObjectId::from_bytes(bytes)
}

/// Six users, of whom the last has no name and is rejected, and six tasks, of which the last one's assignee is that
/// user. All have megabytes of text, in a column of their own or among what no column takes.
fn dump(folder: &Path) {
    let at = bson::DateTime::from_millis(1_600_000_000_000);
    let text = "text with \"quotes\"\n ".repeat(LARGE / 20);
    let users = (0..6_u32).map(|number| {
        let mut user =
            rawdoc! { "_id": key(number), "email": format!("{number}@whimbrel.example"), "active": true };
        user.append(bson::cstr!("createdAt"), at);
        if number < 5 {
            user.append(bson::cstr!("name"), "name");
        }
        user.append(bson::cstr!("notes"), text.as_str());
        user
    });
    write(folder, "crm_Users", users);
    let tasks = (0..6_u32).map(|number| {
        let mut task = rawdoc! { "_id": key(number), "assignee": key(number), "done": false, "priority": 1 };
        task.append(bson::cstr!("createdAt"), at);
        task.append(bson::cstr!("title"), text.as_str());
        task
    });
    write(folder, "crm_Tasks", tasks);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_as_large_as_they_can_be_need_little_memory() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let target = Target::new(scratch, "mover").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    dump(folder.path());
    let check = |what: &str, ended: Ended, code: i32| {
        assert_eq!(ended.code, Some(code), "{what}: {}", ended.said);
        match ended.peak {
            Some(peak) => {
                eprintln!("{what}: at most {} MiB of memory", peak >> 10);
                assert!(peak < LIMIT, "{what}: {peak} KiB");
            }
            None => whimbrel_scratch::skip(
                whimbrel_scratch::Need::Proc,
                "this system does not tell how much memory a process had",
            ),
        }
        ended.said
    };
    let said = check("transfer", run(&["transfer"], folder.path(), &target.url), 1);
    assert!(said.contains("missing") && said.contains("bad_reference"), "{said}");
    assert_eq!((target.count("users").await.unwrap(), target.count("tasks").await.unwrap()), (5, 5));
    check("verify", run(&["verify", "--max-rejects", "2"], folder.path(), &target.url), 0);
    sqlx::query("UPDATE tasks SET title = title || '!'").execute(&target.pool).await.unwrap();
    let said = check(
        "verify with differences",
        run(&["verify", "--max-rejects", "2"], folder.path(), &target.url),
        1,
    );
    assert!(said.contains("5 changed") && said.len() < 20_000, "{said}");
}
