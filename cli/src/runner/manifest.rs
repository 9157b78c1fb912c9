//! The runner's files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::metadata::{ModelsCrate, Origin};
use crate::failure::Failure;

/// The runner's files by their path in its folder. The MongoDB driver, which takes longer to compile than all the
/// rest, is part of it only if it is to be `live`.
pub fn files(name: &str, crates: &[ModelsCrate], live: bool) -> Result<Vec<(PathBuf, String)>, Failure> {
    let [first, others @ ..] = crates else {
        return Err(Failure::new("no crate of models is configured"));
    };
    if let Some(other) = others.iter().find(|other| other.whimbrel != first.whimbrel) {
        return Err(Failure::new(format!(
            "the crates `{}` and `{}` use different versions of whimbrel, so no program can link both",
            first.package, other.package
        ))
        .hint("bring both to the same version in their Cargo.toml"));
    }
    let mut root = read_manifest(&first.workspace_root)?;
    let mut manifest = Table::new();
    manifest.insert("package".into(), package(name));
    manifest.insert("dependencies".into(), Value::Table(dependencies(crates, live)?));
    manifest.insert("workspace".into(), Value::Table(Table::new()));
    for key in ["patch", "profile"] {
        if let Some(mut value) = root.remove(key) {
            absolute_paths(&mut value, &first.workspace_root);
            manifest.insert(key.into(), value);
        }
    }
    let note = "# Written by `whimbrel transfer`; changes are overwritten.\n\n";
    Ok(vec![
        ("Cargo.toml".into(), format!("{note}{}", sorted(manifest))),
        ("src/main.rs".into(), main_rs(crates.len())),
    ])
}

/// The table with all its keys in alphabetical order: whether a table of `toml` keeps the order of insertion depends
/// on what else is compiled.
fn sorted(table: Table) -> Table {
    let ordered: BTreeMap<String, Value> = table.into_iter().collect();
    let deep = |value| match value {
        Value::Table(table) => Value::Table(sorted(table)),
        other => other,
    };
    ordered.into_iter().map(|(key, value)| (key, deep(value))).collect()
}

fn package(name: &str) -> Value {
    let mut package = Table::new();
    for (key, value) in [("name", name), ("version", "0.0.0"), ("edition", "2024")] {
        package.insert(key.into(), Value::String(value.into()));
    }
    package.insert("publish".into(), Value::Boolean(false));
    Value::Table(package)
}

fn dependencies(crates: &[ModelsCrate], live: bool) -> Result<Table, Failure> {
    let mut dependencies = Table::new();
    if let Some(first) = crates.first() {
        let mut engine = transfer(&first.whimbrel)?;
        let features = ["tls", "terminal"].into_iter().chain(live.then_some("live"));
        let features = features.map(|feature| Value::String(feature.into())).collect();
        engine.insert("default-features".into(), Value::Boolean(false));
        engine.insert("features".into(), Value::Array(features));
        dependencies.insert("whimbrel-transfer".into(), Value::Table(engine));
    }
    for (number, models) in crates.iter().enumerate() {
        let mut dependency = Table::new();
        dependency.insert("package".into(), Value::String(models.package.clone()));
        dependency.insert("path".into(), Value::String(text(&models.folder)?));
        if !models.features.is_empty() {
            let features = models.features.iter().cloned().map(Value::String).collect();
            dependency.insert("features".into(), Value::Array(features));
        }
        dependencies.insert(format!("models_{number}"), Value::Table(dependency));
    }
    Ok(dependencies)
}

/// `whimbrel-transfer` from where `whimbrel` comes from.
fn transfer(whimbrel: &Origin) -> Result<Table, Failure> {
    let mut dependency = Table::new();
    match whimbrel {
        Origin::Registry(version) => {
            dependency.insert("version".into(), Value::String(format!("={version}")));
        }
        Origin::Git { url, rev } => {
            dependency.insert("git".into(), Value::String(url.clone()));
            dependency.insert("rev".into(), Value::String(rev.clone()));
        }
        Origin::Path(folder) => {
            let beside = folder.with_file_name("transfer");
            if !beside.join("Cargo.toml").is_file() {
                return Err(Failure::new(format!(
                    "whimbrel-transfer is not beside whimbrel in {}",
                    beside.display()
                ))
                .hint("depend on whimbrel as a registry or git version, or on a whole checkout of it"));
            }
            dependency.insert("path".into(), Value::String(text(&beside)?));
        }
    }
    Ok(dependency)
}

fn text(path: &Path) -> Result<String, Failure> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::new(format!("{} cannot be written into a Cargo.toml: it is not valid UTF-8", path.display()))
    })
}

const MAIN: &str = r#"
fn main() -> std::process::ExitCode {
    whimbrel_transfer::runner(include_str!("schema.json"))
}
"#;

fn main_rs(crates: usize) -> String {
    let mut text = "//! Links the models, so that their transforms register themselves.\n\n".to_owned();
    for number in 0..crates {
        text.push_str(&format!("use models_{number} as _;\n"));
    }
    text + MAIN
}

fn read_manifest(root: &Path) -> Result<Table, Failure> {
    let path = root.join("Cargo.toml");
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Failure::new(format!("{} cannot be read", path.display())).caused_by(&error))?;
    text.parse().map_err(|error: toml::de::Error| {
        Failure::new(format!("{} cannot be understood", path.display())).caused_by(&error)
    })
}

/// `path = "…"` anywhere below, seen from the runner's folder.
fn absolute_paths(value: &mut Value, root: &Path) {
    let Value::Table(table) = value else { return };
    for (key, value) in table.iter_mut() {
        match value {
            Value::String(path) if key == "path" => {
                if let Some(absolute) = root.join(&*path).to_str() {
                    *path = absolute.to_owned();
                }
            }
            other => absolute_paths(other, root),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models(package: &str, root: &Path, whimbrel: Origin) -> ModelsCrate {
        ModelsCrate {
            package: package.into(),
            features: vec!["billing".into()],
            folder: root.join(package),
            workspace_root: root.into(),
            target_directory: root.join("target"),
            whimbrel,
        }
    }

    #[test]
    fn the_runner_links_all_models_with_the_workspaces_patches_and_profiles() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(
            root.path().join("Cargo.toml"),
            "[workspace]\nmembers = []\n[profile.release]\nlto = 'thin'\n[patch.crates-io]\nx = { path = 'x' }\n",
        )
        .unwrap();
        let git = Origin::Git { url: "https://host/x".into(), rev: "abc".into() };
        let crates = [models("one", root.path(), git.clone()), models("two", root.path(), git)];
        let files = files("whimbrel-runner-0", &crates, true).unwrap();
        let shown: String =
            files.iter().map(|(path, text)| format!("-- {}\n{text}", path.display())).collect();
        let shown = shown.replace(root.path().to_str().unwrap(), "ROOT");
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn versions_that_cannot_be_linked_together_are_named() {
        let root = tempfile::tempdir().unwrap();
        let crates = [
            models("one", root.path(), Origin::Registry("0.1.0".into())),
            models("two", root.path(), Origin::Registry("0.2.0".into())),
        ];
        let failure = files("whimbrel-runner-0", &crates, false).unwrap_err();
        assert!(failure.message.contains("`one` and `two`"), "{}", failure.message);
        let alone = [models("one", root.path(), Origin::Path(root.path().join("runtime")))];
        std::fs::write(root.path().join("Cargo.toml"), "").unwrap();
        let failure = files("whimbrel-runner-0", &alone, false).unwrap_err();
        assert!(failure.message.contains("not beside whimbrel"), "{}", failure.message);
    }
}
