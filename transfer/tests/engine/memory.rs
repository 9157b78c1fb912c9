//! The memory of a transfer does not grow with what it carries.

use std::path::Path;
use std::process::{Command, Stdio};

use whimbrel_transfer::Models;
use whimbrel_transfer::Outcome;

use crate::support::{self, count, database, dump, oid, open, team};

/// What the engine promises to stay below, in kilobytes: 128 MiB.
const LIMIT: u64 = 128 << 10;

/// The process that is measured: this test program, told to run nothing but this.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the other tests in a process of its own"]
async fn child() {
    let (Ok(folder), Ok(url)) = (std::env::var("WHIMBREL_MEMORY_FROM"), std::env::var("WHIMBREL_MEMORY_TO"))
    else {
        return;
    };
    let transfer = whimbrel_transfer::Transfer::new(open(Path::new(&folder)), url.parse().unwrap())
        .models(Models::default())
        .jobs(std::env::var("WHIMBREL_MEMORY_JOBS").unwrap().parse().unwrap());
    assert_eq!(transfer.run().await.unwrap().outcome, Outcome::Complete);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM:")).unwrap());
}

/// The most memory, in kilobytes, that a process held while it loaded this dump.
fn peak(folder: &Path, url: &str, jobs: usize) -> u64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "memory::child", "--nocapture"])
        .env("WHIMBREL_MEMORY_FROM", folder)
        .env("WHIMBREL_MEMORY_TO", url)
        .env("WHIMBREL_MEMORY_JOBS", jobs.to_string())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let line = text.lines().find_map(|line| line.trim().strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

async fn check(name: &str, jobs: usize, people: impl Iterator<Item = bson::RawDocumentBuf>) {
    if !Path::new("/proc/self/status").exists() {
        return whimbrel_scratch::skip(
            whimbrel_scratch::Need::Proc,
            "this system does not tell how much memory a process had",
        );
    }
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let folder = tempfile::tempdir().unwrap();
    dump(folder.path(), &[("teams", vec![team(1)])]);
    let mut expected = 0;
    let mut file = std::io::BufWriter::new(std::fs::File::create(folder.path().join("people.bson")).unwrap());
    for document in people {
        std::io::Write::write_all(&mut file, document.as_bytes()).unwrap();
        expected += 1;
    }
    std::io::Write::flush(&mut file).unwrap();
    drop(file);
    let size = std::fs::metadata(folder.path().join("people.bson")).unwrap().len() >> 20;
    let peak = peak(folder.path(), &url, jobs);
    eprintln!("{name}: {size} MiB of documents, at most {} MiB of memory", peak >> 10);
    assert_eq!(count(&url, "people").await, expected);
    assert!(peak < LIMIT, "{peak} kB");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_documents() {
    let text = "lorem ipsum ".repeat(80);
    let document = move |number| {
        bson::rawdoc! { "_id": oid(number), "age": 1, "phones": ["1", "2"], "text": text.as_str(), "list": [1, 2.5, { "a": true }] }
    };
    check("many documents", 4, (0..150_000).map(document)).await;
}
