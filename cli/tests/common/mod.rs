//! A small crate of models in a temporary folder, and a transcript of what `whimbrel` says about it.

#![allow(dead_code, reason = "every test file uses its own part of this")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// 2026-01-02T03:04:05Z: the time of the first command. Each next one runs a day later.
const BEGIN: u64 = 1_767_323_045;

/// The models most tests begin with.
pub const MODELS: &str = r#"
use whimbrel::{Id, Model, PgEnum};

#[derive(PgEnum)]
#[pg(rename_all = "snake_case")]
pub enum Stage { Open, ClosedWon }

#[derive(Model)]
#[model(table = "accounts")]
pub struct Account {
    pub id: Id<Account>,
    pub name: String,
    pub stage: Stage,
}
"#;

/// A folder with a configuration and models.
pub struct Project {
    folder: tempfile::TempDir,
    transcript: String,
    environment: Vec<(String, String)>,
    hidden: Vec<(String, String)>,
    commands: u64,
}

/// How one command ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// A folder with nothing in it.
    pub fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut project =
            Project { folder, transcript: String::new(), environment: vec![], hidden: vec![], commands: 0 };
        let path = project.path().canonicalize().unwrap().display().to_string();
        project.hide(&path, "[FOLDER]");
        let path = project.path().display().to_string();
        project.hide(&path, "[FOLDER]");
        project
    }

    /// A folder with a configuration and a crate of these models.
    pub fn new(models: &str) -> Self {
        let project = Project::bare();
        project.write("whimbrel.toml", "models = \".\"\nmigrations = \"migrations\"\n");
        project.write("src/lib.rs", models);
        project
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, content: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The files in a folder, sorted.
    pub fn list(&self, name: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path().join(name)) else { return vec![] };
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Replaces a piece of a file.
    pub fn edit(&self, name: &str, old: &str, new: &str) {
        let text = self.read(name);
        assert!(text.contains(old), "{name} has no {old}:\n{text}");
        self.write(name, &text.replacen(old, new, 1));
    }

    /// Sets a variable for all commands to come.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes `shown` in place of `text` in the transcript.
    pub fn hide(&mut self, text: &str, shown: &str) -> &mut Self {
        self.hidden.push((text.to_owned(), shown.to_owned()));
        self
    }

    /// Runs `whimbrel` with these words.
    pub fn whimbrel(&mut self, words: &str) -> Ended {
        self.commands += 1;
        let now = BEGIN + (self.commands - 1) * 86_400;
        let mut command = Command::new(env!("CARGO_BIN_EXE_whimbrel"));
        command
            .args(words.split_whitespace())
            .current_dir(self.path())
            .env_remove("DATABASE_URL")
            .env_remove("WHIMBREL_LOG")
            .env("NO_COLOR", "1")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        if words.contains("generate") {
            // Only there: build scripts watch it, so that Cargo would build ring and what depends on it again.
            command.env("SOURCE_DATE_EPOCH", now.to_string());
        }
        let output = command.output().unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs `whimbrel`, which must end with this code; gives everything that it prints, messages first.
    pub fn expect(&mut self, words: &str, code: i32) -> String {
        let Ended { code: found, stdout, stderr } = self.whimbrel(words);
        assert_eq!(found, Some(code), "{words}: {stderr}\n{stdout}");
        stderr + &stdout
    }

    /// The up file of the newest migration, by its path in the project.
    pub fn newest(&self) -> String {
        let newest = self.list("migrations").into_iter().rfind(|file| file.ends_with(".up.sql"));
        format!("migrations/{}", newest.unwrap())
    }

    /// Runs `whimbrel` and writes down what it says: errors' stream with `!` before each line.
    pub fn run(&mut self, words: &str) -> &mut Self {
        let ended = self.whimbrel(words);
        let mut text = format!("$ whimbrel {}\n", words.replace("hunter2", "[PASSWORD]"));
        for line in ended.stderr.lines() {
            text.push_str(format!("! {line}").trim_end());
            text.push('\n');
        }
        for line in ended.stdout.lines() {
            text.push_str(format!("  {line}").trim_end());
            text.push('\n');
        }
        text.push_str(&format!("[{}]\n\n", ended.code.map_or("killed".to_owned(), |code| code.to_string())));
        for (hidden, shown) in &self.hidden {
            text = text.replace(hidden, shown);
        }
        self.transcript.push_str(&without_times(&text));
        self
    }

    /// Writes the text of a file down.
    pub fn data(&mut self, name: &str) {
        let text = self.read(name);
        self.transcript.push_str(&format!("{name}:\n{text}\n"));
    }

    /// What was printed since the last transcript.
    pub fn transcript(&mut self) -> String {
        std::mem::take(&mut self.transcript)
    }
}

/// Durations and the server's version change from run to run.
fn without_times(text: &str) -> String {
    let mut shown = String::new();
    for line in text.split_inclusive('\n') {
        let mut words: Vec<String> = Vec::new();
        let mut rest = line.split(' ').peekable();
        while let Some(word) = rest.next() {
            let number = !word.is_empty() && word.chars().all(|c| c.is_ascii_digit() || c == '.');
            let unit = rest.peek().is_some_and(|unit| {
                let unit = unit.trim_end_matches(['\n', ':', ';', ',', '.', ')']);
                unit == "s" || unit == "ms"
            });
            words.push(if number && unit { "[N]".to_owned() } else { word.to_owned() });
        }
        shown.push_str(&words.join(" "));
    }
    shown
}

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}
