//! The models: from the configured paths through their source files to a schema.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::{Table, Value};
use whimbrel_syntax::scan::{Cfg, Diagnostic, Linked, ModelInfo, scan};

use crate::config::{Config, join};
use crate::diagnostics;
use crate::failure::Failure;
use crate::objects;
use crate::output::counted;

/// The models, with the SQL files for what they do not describe.
pub fn read_with_objects(config: &Config) -> Result<Linked, Failure> {
    let mut linked = read(config)?;
    (linked.schema.objects, linked.hints.objects) = objects::read(config)?;
    Ok(linked)
}

/// Says where the models are in whose statements, or of whose parts, something is wrong.
pub fn locate(failure: Failure, models: &[ModelInfo]) -> Failure {
    let place = |cause: &'_ String| -> Option<String> {
        let place = cause.strip_prefix("in: ").or_else(|| cause.split_once(": ").map(|(place, _)| place));
        place.map(str::to_owned)
    };
    let steps: Vec<String> = failure.causes.iter().filter_map(place).collect();
    let is_meant = |model: &&ModelInfo| {
        let table = model.table.to_string();
        let is_its = |word: &str| {
            word.strip_prefix(&table).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        steps.iter().any(|step| step.trim_end_matches('.').split(' ').any(is_its))
    };
    let found = models.iter().filter(is_meant);
    let places: Vec<String> = found
        .map(|model| format!("of: struct {}, {}:{}", model.ident, model.file.display(), model.line))
        .collect();
    places.into_iter().fold(failure, Failure::because)
}

pub fn read(config: &Config) -> Result<Linked, Failure> {
    let mut roots = Vec::new();
    let mut known = BTreeSet::new();
    for path in &config.models {
        let manifest = manifest(path)?;
        let features = features(&manifest, &config.features);
        known.extend(features.iter().cloned());
        roots.push((root_file(path, &manifest, config)?, Cfg::new(features)));
    }
    if let Some(feature) = config.features.iter().find(|feature| !known.contains(*feature)) {
        return Err(Failure::new(format!("no crate of models has the feature `{feature}`"))
            .hint(format!("`features` in {} names features of these crates", config.file.display())));
    }
    let roots: Vec<_> = roots.iter().map(|(file, cfg)| (file.as_path(), cfg.clone())).collect();
    scan(&roots, &mut |path| std::fs::read_to_string(path)).map_err(|problems| broken(&problems))
}

/// The features of a crate that are enabled: its default ones, those that are configured, and what these enable.
pub fn features(manifest: &Table, configured: &[String]) -> BTreeSet<String> {
    let declared = manifest.get("features").and_then(Value::as_table);
    let optional = |name: &str| manifest.get("dependencies")?.get(name)?.get("optional")?.as_bool();
    let mut enabled = BTreeSet::new();
    let mut pending: Vec<&str> = configured.iter().map(String::as_str).chain(["default"]).collect();
    while let Some(name) = pending.pop() {
        let enables = declared.and_then(|features| features.get(name)).and_then(Value::as_array);
        let exists = enables.is_some() || optional(name) == Some(true);
        if exists && enabled.insert(name.to_owned()) {
            pending.extend(enables.into_iter().flatten().filter_map(Value::as_str));
        }
    }
    enabled
}

/// The file in which a crate's modules begin: what its `Cargo.toml` names, otherwise `src/lib.rs` or `src/main.rs`.
fn root_file(path: &Path, manifest: &Table, config: &Config) -> Result<PathBuf, Failure> {
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
    if let Some(file) = manifest.get("lib").and_then(|lib| lib.get("path")).and_then(Value::as_str) {
        return Ok(join(path, Path::new(file)));
    }
    let candidates = ["src/lib.rs", "src/main.rs", "lib.rs", "mod.rs"];
    candidates
        .iter()
        .map(|file| join(path, Path::new(file)))
        .find(|file| file.is_file())
        .ok_or_else(|| missing(format!("{} has no {}", path.display(), candidates.join(", no "))))
}

/// The manifest of the crate that a folder or root file belongs to; empty if there is none.
pub fn manifest(path: &Path) -> Result<Table, Failure> {
    let file = match path.is_dir() {
        true => Some(path.join("Cargo.toml")).filter(|file| file.is_file()),
        false => manifest_above(path),
    };
    file.map_or_else(|| Ok(Table::new()), |file| read_toml(&file))
}

/// The nearest `Cargo.toml` in a folder and above it.
pub fn manifest_above(path: &Path) -> Option<PathBuf> {
    path.ancestors().map(|folder| folder.join("Cargo.toml")).find(|file| file.is_file())
}

pub fn read_toml<T: DeserializeOwned>(file: &Path) -> Result<T, Failure> {
    let text = std::fs::read_to_string(file).map_err(Failure::file(file, "read"))?;
    toml::from_str(&text).map_err(Failure::file(file, "read"))
}

fn broken(problems: &[Diagnostic]) -> Failure {
    let details: Vec<serde_json::Value> = problems.iter().map(diagnostics::details).collect();
    Failure {
        snippets: Some(diagnostics::render(problems) + "\n"),
        details: Some(Box::new(details.into())),
        ..Failure::new(format!("the models have {}; nothing was written", counted(problems.len(), "error")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_those_of_cargo() {
        let manifest: Table = "
            [features]
            default = ['a']
            a = ['b', 'dep:x', 'y/z']
            b = []
            c = ['d']
            d = []
            [dependencies]
            w = { version = '1', optional = true }
            y = '1'
        "
        .parse()
        .unwrap();
        let check = |configured: &[&str], expected: &[&str]| {
            let configured: Vec<String> = configured.iter().map(ToString::to_string).collect();
            let found = features(&manifest, &configured);
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected);
        };
        check(&[], &["a", "b", "default"]);
        check(&["c", "w", "y", "nowhere"], &["a", "b", "c", "d", "default", "w"]);
        assert_eq!(features(&Table::new(), &[]), BTreeSet::new());
    }
}
