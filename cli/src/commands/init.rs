//! `init`: what an existing crate needs to begin with: dependencies, an example model, `whimbrel.toml`.

use std::path::{Path, PathBuf};

use serde_json::json;
use toml::Table;

use crate::config::FILE_NAME;
use crate::failure::{Failure, Outcome};
use crate::folder::replace;
use crate::models::read_toml;
use crate::output::Output;

const CONFIGURATION: &str =
    "models = \".\"                # the crate of the models\nmigrations = \"migrations\"\n";

const MODELS: &str = r#"//! The tables. After a change `whimbrel generate` writes the migration.
//!
//! Once the first migration is written, the application applies what is pending when it starts:
//!
//! ```ignore
//! static MIGRATOR: whimbrel::Migrator = whimbrel::embed!("migrations");
//!
//! let pool = sqlx::PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
//! MIGRATOR.run(&pool).await?;
//! ```

use whimbrel::{Id, Model};

/// An example: the table `notes`.
#[derive(Debug, Clone, Model)]
#[model(table = "notes")]
pub struct Note {
    /// `uuid`; the primary key because it is named `id`.
    #[column(default = "gen_random_uuid()")]
    pub id: Id<Note>,
    /// `text NOT NULL`
    pub title: String,
    /// `text`, may be NULL.
    pub body: Option<String>,
}
"#;

const HEADER: &str = "[dependencies]";

/// The library crate beside this one, in a checkout: a dependency on it needs no registry.
const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime");

/// Sets a crate up. What is there already stays as it is.
pub fn run(folder: &Path, output: &Output) -> Result<Outcome, Failure> {
    let files = files(folder)?;
    for (path, text) in &files {
        replace(path, text, &folder.join("Cargo.toml")).map_err(Failure::file(path, "written"))?;
    }
    if files.is_empty() {
        output.done("Nothing to do:", format!("{} is set up; nothing was written", folder.display()));
    } else {
        output.done(
            "Wrote",
            files.iter().map(|(path, _)| path.display().to_string()).collect::<Vec<_>>().join(", "),
        );
        output.hint("change the models, then `whimbrel generate` writes the first migration");
    }
    let written: Vec<_> = files.into_iter().map(|(path, _)| path).collect();
    output.json(&json!({ "written": written }));
    Ok(Outcome::FINE)
}

/// The files to write, with their whole text. The configuration is the last: where it is, the rest has been written.
fn files(folder: &Path) -> Result<Vec<(PathBuf, String)>, Failure> {
    let manifest = folder.join("Cargo.toml");
    let text = read(&manifest)?.ok_or_else(|| {
        Failure::new(format!("there is no Cargo.toml in {}", folder.display()))
            .hint("make a crate first (`cargo init --lib`), or name its folder: `whimbrel init FOLDER`")
    })?;
    let table: Table = read_toml(&manifest)?;
    if !table.contains_key("package") {
        return Err(Failure::new(format!("{} is not the manifest of a package", manifest.display()))
            .hint("name the folder of one of the workspace's crates: `whimbrel init FOLDER`"));
    }
    let mut files = Vec::new();
    files.extend(with_dependencies(&manifest, &text, &table)?.map(|text| (manifest, text)));
    let configuration = folder.join(FILE_NAME);
    if !configuration.exists() {
        let root = table.get("lib").and_then(|lib| lib.get("path")).and_then(|path| path.as_str());
        let root = folder.join(root.unwrap_or("src/lib.rs"));
        let models = root.with_file_name("models.rs");
        if !models.exists() && !models.with_extension("").exists() {
            let library = read(&root)?.unwrap_or_default();
            files.push((models, MODELS.to_owned()));
            files.push((
                root,
                format!("{library}{}pub mod models;\n", if library.is_empty() { "" } else { "\n" }),
            ));
        }
        files.push((configuration, CONFIGURATION.to_owned()));
    }
    Ok(files)
}

/// The manifest with the dependencies that it lacks; `None` if it lacks none.
fn with_dependencies(manifest: &Path, text: &str, table: &Table) -> Result<Option<String>, Failure> {
    let present = |name: &str| {
        let dependencies = table.get("dependencies").and_then(|table| table.as_table());
        dependencies.into_iter().flatten().any(|(key, value)| {
            key == name || value.get("package").and_then(|package| package.as_str()) == Some(name)
        })
    };
    let whimbrel = match Path::new(CHECKOUT).canonicalize() {
        Ok(checkout) => format!("whimbrel = {{ path = '{}' }}", checkout.display()),
        Err(_) => format!("whimbrel = \"{}\"", env!("CARGO_PKG_VERSION")),
    };
    let sqlx =
        r#"sqlx = { version = "0.9", default-features = false, features = ["postgres", "runtime-tokio"] }"#;
    let lines: String = [("whimbrel", whimbrel.as_str()), ("sqlx", sqlx)]
        .into_iter()
        .filter(|(name, _)| !present(name))
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let mut edited = String::new();
    for line in text.lines() {
        edited += line;
        edited.push('\n');
        if line.trim() == HEADER {
            edited += &lines;
        }
    }
    if !text.lines().any(|line| line.trim() == HEADER) {
        edited += &format!("\n{HEADER}\n{lines}");
    }
    // A manifest may write its dependencies in ways that lines cannot be added to: `dependencies.a = "1"`.
    edited.parse::<Table>().map(|_| Some(edited)).map_err(|error| {
        Failure::new(format!("{} cannot be extended", manifest.display()))
            .caused_by(&error)
            .hint(format!("add to its dependencies, then run `whimbrel init` again:\n{lines}"))
    })
}

/// A file's text; `None` if there is none.
fn read(path: &Path) -> Result<Option<String>, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(path, "read")(error)),
    }
}
