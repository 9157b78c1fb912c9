//! One migration in place of the oldest ones.

mod common;

use common::{MODELS, Project};

#[test]
fn databases_anywhere_within_what_was_squashed_go_on() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(MODELS);
    let mut databases = Vec::new();
    let mut database = |project: &mut Project| {
        let url = scratch.create_database(&format!("squash_{}", databases.len())).unwrap();
        databases.push(format!("--database-url {url}"));
        if project.path().join("migrations").exists() {
            project.expect(&format!("migrate {}", databases[databases.len() - 1]), 0);
        }
    };
    database(&mut project);
    project.expect("generate init", 0);
    database(&mut project);
    project.edit("src/lib.rs", "pub name: String,", "pub name: String,\n    pub email: Option<String>,");
    project.expect("generate", 0);
    database(&mut project);
    project.expect("generate --empty by_hand", 0);
    let newest = project.newest();
    project.write(&newest, "CREATE VIEW names AS SELECT name FROM accounts;\n");
    project.write(&newest.replace(".up.", ".down."), "DROP VIEW names;\n");
    project.expect("rehash", 0);
    project.edit("src/lib.rs", "ClosedWon }", "ClosedWon, ClosedLost }");
    project.expect("generate", 0);
    database(&mut project);

    let versions: Vec<String> =
        project.list("migrations/meta").iter().map(|file| file.replace(".json", "")).collect();
    assert_eq!(versions.len(), 4);
    project.expect("diff --from migrations --to models", 1);
    let before = project.expect("snapshot migrations", 0);
    let text = project.expect(&format!("squash --to {}", versions[2]), 0);
    assert!(text.contains(&format!("3 migrations into {}_squashed", versions[2])), "{text}");
    assert_eq!(project.expect("snapshot migrations", 0), before);
    project.expect("generate --check", 0);
    assert_eq!(project.list("migrations/replaced/meta").len(), 3);
    assert_eq!(project.list("migrations/meta").len(), 2);
    database(&mut project);
    let everywhere = |project: &mut Project| {
        for database in &databases {
            project.expect(&format!("migrate {database}"), 0);
            project.expect(&format!("status --drift {database}"), 0);
        }
    };
    everywhere(&mut project);
    // Once more: among them is a database that ran the first replacement.
    project.expect(&format!("squash --to {} all", versions[3]), 0);
    assert_eq!(project.list("migrations/meta").len(), 1);
    assert_eq!(project.list("migrations/replaced/meta").len(), 4);
    everywhere(&mut project);
    for database in &databases {
        project.expect(&format!("rollback --to 0 --allow-data-loss {database}"), 0);
    }
    everywhere(&mut project);
    // What was replaced is part of the chain.
    project.edit(&format!("migrations/replaced/{}_init.up.sql", versions[0]), "CREATE", "create");
    let text = project.expect("generate --check", 2);
    assert!(text.contains("replaced/: ") && text.contains("was changed after it was written"), "{text}");
}

#[test]
fn rows_are_not_lost() {
    if whimbrel_scratch::for_tests().is_none() {
        return;
    }
    let mut project = Project::new(MODELS);
    project.expect("generate init", 0);
    project.expect("generate --empty rows", 0);
    let newest = project.newest();
    project.write(
        &newest,
        "CREATE TABLE colours (id int GENERATED ALWAYS AS IDENTITY, name text);\nINSERT INTO colours (name) VALUES ('red');\n\
         CREATE ROLE painter;\n",
    );
    project.write(&newest.replace(".up.", ".down."), "DROP ROLE painter;\nDROP TABLE colours;\n");
    project.expect("rehash", 0);
    let version = project.list("migrations/meta").pop().unwrap().replace(".json", "");
    let text = project.expect(&format!("squash --to {version}"), 2);
    assert!(text.contains("table colours: rows were written into it"), "{text}");
    assert!(text.contains("CREATE ROLE painter is about the whole server"), "{text}");
    assert!(text.contains("sequence colours_id_seq: it was used"), "{text}");
    assert!(project.expect("squash --to 7", 2).contains("there is no migration 7"));
    assert_eq!(project.list("migrations/replaced"), [""; 0]);
}
