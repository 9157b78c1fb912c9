//! Template databases of migrations so far: replayed once, kept between commands, never stale and never half made.

mod common;

use common::{MODELS, Project};
use std::path::Path;
use std::process::{Command, Stdio};

/// Writes a moment into the database, so that it shows when it was run. Slow enough to be kept.
const SLOW: &str = "SELECT pg_sleep(1.5);\nCREATE TABLE moments (id int);\n\
     DO $$ BEGIN EXECUTE format('COMMENT ON TABLE moments IS %L', clock_timestamp()); END $$;\n";

fn project(cache: &Path) -> Project {
    let mut project = Project::new(MODELS);
    project.set("WHIMBREL_SCRATCH_CACHE", &cache.display().to_string());
    project.expect("generate init --no-validate", 0);
    by_hand(&mut project, "slow", SLOW);
    project
}

fn by_hand(project: &mut Project, name: &str, up: &str) {
    project.expect(&format!("generate --empty {name}"), 0);
    project.write(&project.newest(), up);
    project.expect("rehash --no-validate", 0);
}

fn remove_newest(project: &Project) {
    let up = project.newest();
    let version = up.trim_start_matches("migrations/").split('_').next().unwrap();
    let files = [up.clone(), up.replace(".up.", ".down."), format!("migrations/meta/{version}.json")];
    files.iter().for_each(|file| std::fs::remove_file(project.path().join(file)).unwrap());
}

/// When the migration ran that is in the database.
fn moment(project: &mut Project) -> String {
    let ended = project.whimbrel("snapshot migrations");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let line = ended.stdout.lines().find(|line| line.contains("\"moments\"") && line.contains("\"comment\""));
    let line = line.unwrap();
    line.to_owned()
}

/// The names in the cache.
fn kept(cache: &Path) -> Vec<String> {
    let names = std::fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| name != ".lock").collect()
}

#[test]
fn migrations_are_replayed_once() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let cache = tempfile::tempdir().unwrap();
    let mut project = project(cache.path());
    let first = moment(&mut project);
    assert_eq!(moment(&mut project), first);
    // Longer chains go on from there.
    by_hand(
        &mut project,
        "role",
        "CREATE ROLE keeper;\nGRANT SELECT ON accounts TO keeper;\nSELECT pg_sleep(1.5);\n",
    );
    assert_eq!(moment(&mut project), first);
    by_hand(&mut project, "more", "GRANT INSERT ON accounts TO keeper;\n");
    assert_eq!(moment(&mut project), first);
    project.edit("src/lib.rs", "pub name: String,", "pub name: String,\n    pub email: Option<String>,");
    project.expect("generate email", 0);
    remove_newest(&project);
    // A role that goes is not held by the template database.
    by_hand(&mut project, "drop", "REVOKE ALL ON accounts FROM keeper;\nDROP ROLE keeper;\n");
    assert_ne!(moment(&mut project), first);
    remove_newest(&project);
    assert_eq!(moment(&mut project), first);
    remove_newest(&project);
    // Another text is another chain.
    let newest = project.newest();
    project.write(&newest, &format!("-- changed\n{}", project.read(&newest)));
    project.expect("rehash --no-validate", 0);
    assert_eq!(moment(&mut project), first);
    remove_newest(&project);
    project.write(&project.newest(), &format!("-- changed\n{SLOW}"));
    project.expect("rehash --no-validate", 0);
    let second = moment(&mut project);
    assert_ne!(second, first);
    // What is damaged is not used.
    let newest = kept(cache.path()).into_iter().map(|name| cache.path().join(name));
    let newest = newest.max_by_key(|path| std::fs::metadata(path).unwrap().modified().unwrap()).unwrap();
    std::fs::write(newest.join("global/pg_filenode.map"), "").unwrap();
    assert_ne!(moment(&mut project), second);
}

#[test]
fn processes_share_what_is_kept() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let cache = tempfile::tempdir().unwrap();
    let mut project = project(cache.path());
    let start = || {
        Command::new(env!("CARGO_BIN_EXE_whimbrel"))
            .args(["snapshot", "migrations"])
            .current_dir(project.path())
            .env("WHIMBREL_SCRATCH_CACHE", cache.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut killed = start();
    let running = [start(), start(), start()];
    std::thread::sleep(std::time::Duration::from_millis(1500));
    killed.kill().unwrap();
    killed.wait().unwrap();
    let snapshots = running.map(|child| {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    });
    let last = moment(&mut project);
    assert!(snapshots.iter().any(|snapshot| snapshot.contains(last.trim())), "{last}");
    let kept = kept(cache.path()).into_iter().filter(|name| !name.starts_with('.')).count();
    assert_eq!(kept, 2);
}
