//! The configuration: found upwards, its errors shown with their place, its passwords never.

mod common;

use common::{MODELS, Project};

#[test]
fn without_a_configuration_a_hint_says_what_to_write() {
    let mut project = Project::bare();
    insta::assert_snapshot!(project.run("generate").run("--json status").transcript());
}

#[test]
fn mistakes_are_shown_with_their_place() {
    let mut project = Project::new(MODELS);
    project.write("whimbrel.toml", "models = \".\"\nmigation = \"migrations\"\n");
    project.run("generate");
    project.write("whimbrel.toml", "models = [1]\n");
    project.run("generate");
    project.write("whimbrel.toml", "models = \".\"\ndatabase_url = \"postgres://me:hunter2@host/db\n");
    project.run("status");
    project.run("--config nowhere.toml status");
    let transcript = project.transcript();
    assert!(!transcript.contains("hunter2"), "{transcript}");
    insta::assert_snapshot!(transcript);
}

#[test]
fn the_help_of_every_command_has_a_sentence_and_an_example() {
    let mut project = Project::bare();
    project.run("--help");
    for command in [
        "generate", "lint", "rehash", "discard", "migrate", "rollback", "status", "diff", "drift",
        "snapshot", "baseline", "repair", "transfer", "verify", "rejects", "demo",
    ] {
        let help = project.whimbrel(&format!("{command} --help")).stdout;
        assert!(help.contains("Example"), "{help}");
        project.run(&format!("{command} -h"));
    }
    insta::assert_snapshot!(project.transcript());
}

#[test]
fn bad_usage_ends_with_2() {
    let mut project = Project::bare();
    for words in
        ["", "nonsense", "generate --check --dry-run", "rollback --steps 0", "transfer", "demo --documents 3"]
    {
        assert!(!project.expect(words, 2).is_empty(), "{words}");
    }
}
