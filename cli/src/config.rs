//! `whimbrel.toml`: where models and migrations are, and which database they belong to.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use whimbrel::__private::redact::{ConnectUrl, redact};
use whimbrel_syntax::scan::Diagnostic;

use crate::args::Global;
use crate::diagnostics;
use crate::failure::Failure;

pub const FILE_NAME: &str = "whimbrel.toml";

/// A configuration that was found and read. All paths are joined with the folder of the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(skip)]
    pub file: PathBuf,
    /// Crates of models (folders with a `Cargo.toml`), or their root files.
    #[serde(default = "here", deserialize_with = "one_or_many")]
    pub models: Vec<PathBuf>,
    /// Cargo features of these crates to enable beside their default ones.
    #[serde(default)]
    pub features: Vec<String>,
    #[serde(default = "beside")]
    pub migrations: PathBuf,
    /// Folders of SQL files for what the models do not describe.
    #[serde(default, deserialize_with = "one_or_many")]
    pub objects: Vec<PathBuf>,
    /// Where the database is; the flag and DATABASE_URL come first.
    pub database_url: Option<ConnectUrl>,
    #[serde(default)]
    pub database: Settings,
    #[serde(default)]
    pub transfer: TransferSettings,
}

fn here() -> Vec<PathBuf> {
    vec![PathBuf::from(".")]
}

fn beside() -> PathBuf {
    PathBuf::from("migrations")
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a path or a list of paths")]
    enum Paths {
        One(PathBuf),
        Many(Vec<PathBuf>),
    }
    match Paths::deserialize(deserializer)? {
        Paths::One(path) => Ok(vec![path]),
        Paths::Many(paths) if paths.is_empty() => Err(D::Error::custom("the list names no path")),
        Paths::Many(paths) => Ok(paths),
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferSettings {
    /// Paths of fields that no column reads and that may be left out, in any collection.
    #[serde(default)]
    pub ignore: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How long to wait for a connection, in seconds.
    connect_timeout: Option<u32>,
}

impl Settings {
    /// How long to wait for a connection: 10 seconds unless configured.
    pub fn connect_timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.connect_timeout.unwrap_or(10)))
    }
}

impl Config {
    /// Reads the file that `--config` names, otherwise the nearest one upwards from the current folder.
    pub fn find(global: &Global) -> Result<Self, Failure> {
        let folder = std::env::current_dir()
            .map_err(|error| Failure::new("the current folder cannot be found").caused_by(&error))?;
        let file = match &global.config {
            Some(file) => file.clone(),
            None => upwards(&folder).ok_or_else(|| {
                Failure::new(format!("there is no {FILE_NAME} in {} or above it", folder.display()))
                    .hint(format!(
                        "write one: models = \"path/to/your/crate\" and migrations = \"migrations\" in {FILE_NAME}"
                    ))
                    .hint("or name one: --config FILE")
            })?,
        };
        let text = std::fs::read_to_string(&file).map_err(|error| {
            Failure::new(format!("the configuration {} cannot be read", file.display()))
                .caused_by(&error)
                .hint("--config names a file like whimbrel.toml")
        })?;
        Config::parse(&file, &text)
    }

    /// Like [`find`](Self::find), for what also works without one.
    pub fn find_any(global: &Global) -> Result<Option<Self>, Failure> {
        let nowhere = || std::env::current_dir().is_ok_and(|folder| upwards(&folder).is_none());
        if global.config.is_none() && nowhere() { Ok(None) } else { Config::find(global).map(Some) }
    }

    /// The folder of the file, where the names of files of objects begin.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    fn parse(file: &Path, text: &str) -> Result<Self, Failure> {
        let mut config: Config = toml::from_str(text)
            .map_err(|error| misread(file, text, error.span().unwrap_or(0..0), error.message()))?;
        let folder = file.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
        config.models.iter_mut().for_each(|path| *path = join(folder, path));
        config.objects.iter_mut().for_each(|path| *path = join(folder, path));
        config.migrations = join(folder, &config.migrations);
        config.file = file.to_path_buf();
        Ok(config)
    }
}

/// `folder/path`, without a `./` that only makes messages longer.
pub fn join(folder: &Path, path: &Path) -> PathBuf {
    if path == Path::new(".") {
        return folder.to_path_buf();
    }
    if folder == Path::new(".") { path.to_path_buf() } else { folder.join(path) }
}

/// The nearest configuration upwards from an absolute folder, written as seen from it: `../../whimbrel.toml`.
fn upwards(folder: &Path) -> Option<PathBuf> {
    let mut seen = PathBuf::new();
    for ancestor in folder.ancestors() {
        if ancestor.join(FILE_NAME).is_file() {
            return Some(seen.join(FILE_NAME));
        }
        seen.push("..");
    }
    None
}

fn misread(file: &Path, text: &str, span: Range<usize>, message: &str) -> Failure {
    let source = without_passwords(text);
    let (line, column) = diagnostics::position(&source, span.start);
    let help = "the keys are `models`, `features`, `migrations`, `objects`, `database_url`, in `[database]` `connect_timeout`, in \
                `[transfer]` `ignore`";
    let diagnostic = Diagnostic {
        path: file.to_path_buf(),
        source,
        span,
        line,
        column,
        message: redact(message),
        label: String::new(),
        help: Some(help.to_owned()),
    };
    let snippets = diagnostics::render(std::slice::from_ref(&diagnostic));
    Failure { snippets: Some(snippets), ..Failure::new(diagnostic.to_string()) }
}

/// The text with every value that holds a password painted over, byte by byte, so that places stay where they are.
fn without_passwords(text: &str) -> String {
    let paint = |line: &str| -> String {
        let value = line.find('=').map_or(0, |equals| equals + 1);
        let names_a_database = line[..value].trim_end_matches('=').trim_end().ends_with("url");
        if !names_a_database && redact(line) == line {
            return line.to_owned();
        }
        let kept = |byte: u8| b"\n \"'".contains(&byte);
        let painted =
            line.bytes().enumerate().map(|(at, byte)| if at < value || kept(byte) { byte } else { b'*' });
        String::from_utf8_lossy(&painted.collect::<Vec<u8>>()).into_owned()
    };
    text.split_inclusive('\n').map(paint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, Failure> {
        Config::parse(Path::new("a/whimbrel.toml"), text)
    }

    #[test]
    fn paths_belong_to_the_files_folder() {
        let config = parse("models = [\"x\", \"/y\"]").unwrap();
        assert_eq!(config.models, [PathBuf::from("a/x"), PathBuf::from("/y")]);
        assert_eq!(config.migrations, PathBuf::from("a/migrations"));
        let config = Config::parse(Path::new("whimbrel.toml"), "").unwrap();
        assert_eq!(config.models, [PathBuf::from(".")]);
        assert_eq!(config.migrations, PathBuf::from("migrations"));
    }

    #[test]
    fn it_is_found_upwards() {
        let temp = tempfile::tempdir().unwrap();
        let deep = temp.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(upwards(&deep), None);
        std::fs::write(temp.path().join(FILE_NAME), "").unwrap();
        assert_eq!(upwards(&deep), Some("../../whimbrel.toml".into()));
        assert_eq!(upwards(temp.path()), Some("whimbrel.toml".into()));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let check = |text: &str, expected: &str| {
            let failure = parse(text).unwrap_err();
            assert!(failure.message.contains(expected), "{}", failure.message);
        };
        check("models = 'x'\nmigration = 'y'", "a/whimbrel.toml:2:1: unknown field `migration`");
        check("models = 7", "1:10: expected a path or a list of paths");
        check("models = []", "1:10: the list names no path");
        check("[database]\nhost = 'x'", "2:1: unknown field `host`");
        check("models = ", "1:10");
    }

    #[test]
    fn a_password_is_not_shown_with_its_line() {
        for text in [
            "database_url = \"postgres://me:hunter2@host/db",
            "database_url = \"postgres://me:hunter2@hunter2@host/db",
            "database_url = \"postgres://host/db?password=hunter2&x=y",
            "database_url = 'postgres://me:hunter2@host/db?sslpassword=hunter2' 7",
            "database_url = me:hunter2@host/db",
            "database_url = 'postgres:/me:hunter2@host/db",
        ] {
            let failure = parse(text).unwrap_err();
            let shown = format!("{}{}", failure.message, failure.snippets.unwrap_or_default());
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(shown.contains("database_url"), "{shown}");
        }
        let config = parse("database_url = 'postgres://me:hunter2@host/db'").unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
