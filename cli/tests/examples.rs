//! Every folder of `examples/` is a project that can be run as its README.md says.

mod common;

use std::process::Command;

/// The arguments of the README's `cargo run -p cli -- …` lines.
fn commands(readme: &str) -> Vec<&str> {
    let lines = readme.lines().filter_map(|line| line.strip_prefix("cargo run -p cli -- "));
    lines.map(|line| line.split('#').next().unwrap_or_default().trim()).collect()
}

#[test]
fn the_commands_of_every_readme_are_understood_and_the_migrations_apply() {
    let scratch = whimbrel_scratch::for_tests();
    for entry in std::fs::read_dir(common::workspace().join("examples")).unwrap() {
        let example = entry.unwrap();
        let name = example.file_name().into_string().unwrap();
        let readme = std::fs::read_to_string(example.path().join("README.md")).unwrap();
        let own = readme.contains(&format!("cd examples/{name}\n"));
        let folder = if own { example.path() } else { common::workspace() };
        let url = scratch.map(|scratch| scratch.create_database(&name).unwrap());
        let run = |arguments: &str, help: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_whimbrel"));
            command
                .args(arguments.split_whitespace())
                .args(help)
                .current_dir(&folder)
                .env_remove("DATABASE_URL");
            let output = command.envs(url.iter().map(|url| ("DATABASE_URL", url))).output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{name}: {arguments} {help:?}\n{stderr}");
        };
        let commands = commands(&readme);
        assert!(commands.contains(&"generate --check"), "{name}");
        for arguments in commands {
            run(arguments, &["--help"]);
        }
        run("generate --check", &[]);
        if let (Some(scratch), Some(url)) = (scratch, &url) {
            let roles = example.path().join("roles.sql");
            if roles.is_file() {
                let Some(psql) = scratch.program("psql") else {
                    whimbrel_scratch::skip(
                        whimbrel_scratch::Need::Programs,
                        "psql is not installed with the server",
                    );
                    continue;
                };
                let created = Command::new(psql).arg("--file").arg(roles).arg(url).output().unwrap();
                assert!(created.status.success(), "{name}: {}", String::from_utf8_lossy(&created.stderr));
            }
            run("migrate", &[]);
            run("status", &[]);
        }
    }
}
