//! The runner's files.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::metadata::ModelsCrate;
use crate::failure::Failure;
use crate::models::read_toml;

/// The runner's files by their path in its folder. The MongoDB driver, which takes longer to compile than all the
/// rest, is part of it only if it is to be `live`.
pub fn files(name: &str, crates: &[ModelsCrate], live: bool) -> Result<Vec<(PathBuf, String)>, Failure> {
    let [first, others @ ..] = crates else { return Ok(Vec::new()) };
    if let Some(other) = others.iter().find(|other| other.whimbrel != first.whimbrel) {
        return Err(Failure::new(format!(
            "the crates `{}` and `{}` use different versions of whimbrel, so no program can link both",
            first.package, other.package
        ))
        .hint("bring both to the same version in their Cargo.toml"));
    }
    let mut manifest = json!({
        "package": { "name": name, "version": "0.0.0", "edition": "2024", "publish": false },
        "dependencies": dependencies(crates, live)?,
        "workspace": {},
    });
    let root: Value = read_toml(&first.workspace_root.join("Cargo.toml"))?;
    for key in ["patch", "profile"] {
        if let Some(value) = root.get(key) {
            manifest[key] = value.clone();
            absolute_paths(&mut manifest[key], &first.workspace_root);
        }
    }
    let manifest = toml::to_string(&manifest)
        .map_err(|error| Failure::new("the runner's Cargo.toml cannot be written").caused_by(&error))?;
    let manifest = format!("# Written by `whimbrel transfer`; changes are overwritten.\n\n{manifest}");
    let models: String = (0..crates.len()).map(|number| format!("use models_{number} as _;\n")).collect();
    Ok(vec![("Cargo.toml".into(), manifest), ("src/main.rs".into(), MAIN.replace("MODELS\n", &models))])
}

fn dependencies(crates: &[ModelsCrate], live: bool) -> Result<Map<String, Value>, Failure> {
    let mut dependencies = Map::new();
    for (number, models) in crates.iter().enumerate() {
        let dependency =
            json!({ "package": models.package, "path": text(&models.folder)?, "features": models.features });
        dependencies.insert(format!("models_{number}"), dependency);
        let features = ["tls", "terminal"].into_iter().chain(live.then_some("live")).collect::<Vec<_>>();
        let mut engine = transfer(&models.whimbrel)?;
        engine["default-features"] = false.into();
        engine["features"] = features.into();
        dependencies.insert("whimbrel-transfer".into(), engine);
    }
    Ok(dependencies)
}

/// `whimbrel-transfer` from where `whimbrel` comes from.
fn transfer(whimbrel: &Value) -> Result<Value, Failure> {
    let Some(folder) = whimbrel["path"].as_str() else { return Ok(whimbrel.clone()) };
    let beside = Path::new(folder).with_file_name("transfer");
    if !beside.join("Cargo.toml").is_file() {
        return Err(Failure::new(format!(
            "whimbrel-transfer is not beside whimbrel in {}",
            beside.display()
        ))
        .hint("depend on whimbrel as a registry or git version, or on a whole checkout of it"));
    }
    Ok(json!({ "path": text(&beside)? }))
}

fn text(path: &Path) -> Result<&str, Failure> {
    path.to_str().ok_or_else(|| {
        Failure::new(format!("{} cannot be written into a Cargo.toml: it is not valid UTF-8", path.display()))
    })
}

const MAIN: &str = r#"//! Links the models, so that their transforms register themselves.

MODELS

fn main() -> std::process::ExitCode {
    whimbrel_transfer::runner(include_str!("schema.json"))
}
"#;

/// `path = "…"` anywhere below, seen from the runner's folder.
fn absolute_paths(value: &mut Value, root: &Path) {
    for (key, value) in value.as_object_mut().into_iter().flatten() {
        match value {
            Value::String(path) if key == "path" => *path = root.join(&*path).to_string_lossy().into_owned(),
            other => absolute_paths(other, root),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models(package: &str, root: &Path, whimbrel: Value) -> ModelsCrate {
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
        let git = json!({ "git": "https://host/x", "rev": "abc" });
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
            models("one", root.path(), json!({ "version": "=0.1.0" })),
            models("two", root.path(), json!({ "version": "=0.2.0" })),
        ];
        let failure = files("whimbrel-runner-0", &crates, false).unwrap_err();
        assert!(failure.message.contains("`one` and `two`"), "{}", failure.message);
        let alone = [models("one", root.path(), json!({ "path": root.path().join("runtime") }))];
        std::fs::write(root.path().join("Cargo.toml"), "").unwrap();
        let failure = files("whimbrel-runner-0", &alone, false).unwrap_err();
        assert!(failure.message.contains("not beside whimbrel"), "{}", failure.message);
    }
}
