//! The models: from the configured paths through their source files to a schema.

use std::path::{Path, PathBuf};

use toml::Table;
use whimbrel_schema::scan::{Diagnostic, Linked, scan};

use crate::config::Config;
use crate::diagnostics::{self, Spot};
use crate::failure::Failure;

/// Reads all configured models.
///
/// # Errors
///
/// A file cannot be found or read, or the models have errors: all of them are shown as source snippets.
pub fn read(config: &Config) -> Result<Linked, Failure> {
    let mut roots = Vec::new();
    for path in &config.models {
        roots.push(root_file(path, config)?);
    }
    let roots: Vec<&Path> = roots.iter().map(PathBuf::as_path).collect();
    scan(&roots, &mut |path| std::fs::read_to_string(path)).map_err(|problems| broken(&problems))
}

/// The file in which a crate's modules begin: what its `Cargo.toml` says, otherwise `src/lib.rs` or `src/main.rs`.
fn root_file(path: &Path, config: &Config) -> Result<PathBuf, Failure> {
    let missing = |what: String| {
        Failure::new(what).hint(format!(
            "`models` in {} names the folder of a crate, or its root file",
            config.file.display()
        ))
    };
    if path.is_file() {
        return Ok(path.to_path_buf());
    }
    if !path.is_dir() {
        return Err(missing(format!("the models {} are not there", path.display())));
    }
    if let Some(file) = library_path(&path.join("Cargo.toml"))? {
        return Ok(below(path, &file));
    }
    let candidates = ["src/lib.rs", "src/main.rs", "lib.rs", "mod.rs"];
    candidates
        .iter()
        .map(|file| below(path, Path::new(file)))
        .find(|file| file.is_file())
        .ok_or_else(|| missing(format!("{} has no {}", path.display(), candidates.join(", no "))))
}

/// `path/file`, without a `./` that only makes messages longer.
fn below(path: &Path, file: &Path) -> PathBuf {
    if path == Path::new(".") { file.to_path_buf() } else { path.join(file) }
}

/// `[lib] path` of a manifest, if it says one.
fn library_path(manifest: &Path) -> Result<Option<PathBuf>, Failure> {
    if !manifest.is_file() {
        return Ok(None);
    }
    let unreadable = |error: &(dyn std::error::Error + 'static)| {
        Failure::new(format!("{} cannot be read", manifest.display())).caused_by(error)
    };
    let text = std::fs::read_to_string(manifest).map_err(|error| unreadable(&error))?;
    let table: Table = text.parse().map_err(|error: toml::de::Error| unreadable(&error))?;
    let path = table.get("lib").and_then(|lib| lib.get("path")).and_then(|path| path.as_str());
    Ok(path.map(PathBuf::from))
}

fn broken(problems: &[Diagnostic]) -> Failure {
    let paths: Vec<String> = problems.iter().map(|problem| problem.path.display().to_string()).collect();
    let spots = problems.iter().zip(&paths).map(|(problem, path)| Spot {
        path,
        source: &problem.source,
        span: problem.span.clone(),
        message: &problem.message,
        label: &problem.label,
        help: problem.help.as_deref(),
    });
    let rendered = diagnostics::render_all(spots);
    let details: Vec<serde_json::Value> = problems
        .iter()
        .map(|problem| {
            serde_json::json!({
                "path": problem.path,
                "line": problem.line,
                "column": problem.column,
                "message": problem.message,
                "label": problem.label,
                "help": problem.help,
            })
        })
        .collect();
    let count = match problems.len() {
        1 => "1 error".to_owned(),
        count => format!("{count} errors"),
    };
    Failure::new(format!("the models have {count}; nothing was written"))
        .snippets(rendered)
        .details(serde_json::Value::Array(details))
}
