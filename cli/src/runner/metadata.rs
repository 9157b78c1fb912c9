//! What Cargo knows about a crate of models: its package, its workspace, and which Whimbrel it uses.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package, PackageId, TargetKind};
use serde_json::{Value, json};

use crate::cargo;
use crate::failure::Failure;
use crate::models;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelsCrate {
    pub package: String,
    /// The features that are enabled beside its default ones.
    pub features: Vec<String>,
    pub folder: PathBuf,
    pub workspace_root: PathBuf,
    pub target_directory: PathBuf,
    /// Where its `whimbrel` comes from, as a dependency in a `Cargo.toml`: `{ version = "=1.2.3" }`.
    pub whimbrel: Value,
}

/// Asks Cargo about the crate that `models` (a folder or a file in it) belongs to.
pub fn models_crate(models: &Path) -> Result<ModelsCrate, Failure> {
    let manifest = manifest_of(models)?;
    let result = cargo::command()
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(&manifest)
        .output()
        .map_err(|error| cargo::cannot_start(&error))?;
    if !result.status.success() {
        return Err(Failure::new(format!("Cargo cannot read {}", manifest.display()))
            .because(String::from_utf8_lossy(&result.stderr).trim()));
    }
    let metadata = MetadataCommand::parse(String::from_utf8_lossy(&result.stdout)).map_err(|error| {
        Failure::new(format!("the output of `cargo metadata` for {} cannot be read", manifest.display()))
            .caused_by(&error)
    })?;
    describe(&manifest, &metadata)
}

/// The nearest `Cargo.toml` upwards, as Cargo itself would write its path.
fn manifest_of(models: &Path) -> Result<PathBuf, Failure> {
    let absolute = models.canonicalize().map_err(|error| {
        Failure::new(format!("the models {} cannot be found", models.display())).caused_by(&error)
    })?;
    models::manifest_above(&absolute).ok_or_else(|| {
        Failure::new(format!(
            "{} is not part of a crate: there is no Cargo.toml in it or above it",
            models.display()
        ))
        .hint("transfer and verify compile your models, so they must be part of a crate")
    })
}

fn describe(manifest: &Path, metadata: &Metadata) -> Result<ModelsCrate, Failure> {
    let package =
        metadata.packages.iter().find(|package| package.manifest_path == manifest).ok_or_else(|| {
            Failure::new(format!("{} is a workspace without a package of its own", manifest.display()))
                .hint("let `models` in whimbrel.toml name the folder of the crate that holds the models")
        })?;
    let library = |kind: &TargetKind| matches!(kind, TargetKind::Lib | TargetKind::RLib);
    if !package.targets.iter().any(|target| target.kind.iter().any(library)) {
        return Err(Failure::new(format!(
            "the crate `{}` is not a library, so nothing can link its models",
            package.name
        ))
        .hint("move the models into src/lib.rs of that crate, or into a crate of their own"));
    }
    let whimbrel = reachable(metadata, &package.id, "whimbrel").ok_or_else(|| {
        Failure::new(format!("the crate `{}` does not depend on `whimbrel`", package.name))
            .hint(format!("cargo add whimbrel --package {}", package.name))
    })?;
    Ok(ModelsCrate {
        package: package.name.to_string(),
        features: Vec::new(),
        folder: folder_of(package),
        workspace_root: metadata.workspace_root.clone().into(),
        target_directory: metadata.target_directory.clone().into(),
        whimbrel: origin(whimbrel),
    })
}

fn folder_of(package: &Package) -> PathBuf {
    package.manifest_path.parent().map(PathBuf::from).unwrap_or_default()
}

/// The package of that name among everything that `from` depends on, nearest first.
fn reachable<'a>(metadata: &'a Metadata, from: &'a PackageId, name: &str) -> Option<&'a Package> {
    let nodes = &metadata.resolve.as_ref()?.nodes;
    let mut queue = std::collections::VecDeque::from([from]);
    let mut seen = std::collections::BTreeSet::from([from]);
    while let Some(id) = queue.pop_front() {
        let package = metadata.packages.iter().find(|package| package.id == *id)?;
        if *package.name == name {
            return Some(package);
        }
        let Some(node) = nodes.iter().find(|node| node.id == *id) else { continue };
        queue.extend(node.dependencies.iter().filter(|dependency| seen.insert(dependency)));
    }
    None
}

fn origin(package: &Package) -> Value {
    match package.source.as_ref().map(|source| source.repr.as_str()) {
        None => json!({ "path": folder_of(package) }),
        Some(source) => match source.strip_prefix("git+").and_then(|git| git.split_once('#')) {
            Some((address, rev)) => {
                json!({ "git": address.split_once('?').map_or(address, |(url, _)| url), "rev": rev })
            }
            None => json!({ "version": format!("={}", package.version) }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(kind: &str, source: &str) -> Metadata {
        let package = |id: &str, name: &str, version: &str, source: &str, folder: &str| {
            format!(
                r#"{{"id": "{id}", "name": "{name}", "version": "{version}", "source": {source}, "dependencies": [],
                  "features": {{}}, "manifest_path": "{folder}/Cargo.toml",
                  "targets": [{{"name": "{name}", "kind": ["{kind}"], "src_path": "{folder}/src/lib.rs"}}]}}"#
            )
        };
        let text = format!(
            r#"{{"packages": [{}, {}, {}], "workspace_members": ["m"], "workspace_root": "/w",
              "target_directory": "/t", "version": 1,
              "resolve": {{"root": null, "nodes": [
                {{"id": "m", "dependencies": ["b"]}},
                {{"id": "b", "dependencies": ["m", "w"]}}]}}}}"#,
            package("m", "models", "0.1.0", "null", "/w/models"),
            package("b", "between", "0.1.0", "null", "/w/between"),
            package("w", "whimbrel", "0.3.2", source, "/z/runtime"),
        );
        serde_json::from_str(&text).unwrap()
    }

    fn whimbrel(source: &str) -> Value {
        describe(Path::new("/w/models/Cargo.toml"), &metadata("lib", source)).unwrap().whimbrel
    }

    #[test]
    fn whimbrel_is_found_wherever_it_comes_from() {
        assert_eq!(whimbrel("null"), json!({ "path": "/z/runtime" }));
        assert_eq!(whimbrel("\"registry+https://index\""), json!({ "version": "=0.3.2" }));
        let git = json!({ "git": "https://host/x", "rev": "abc" });
        assert_eq!(whimbrel("\"git+https://host/x?branch=main#abc\""), git);
    }

    #[test]
    fn what_cannot_be_linked_is_said() {
        let check = |manifest: &str, kind: &str, expected: &str| {
            let failure = describe(Path::new(manifest), &metadata(kind, "null")).unwrap_err();
            assert!(failure.message.contains(expected), "{}", failure.message);
            assert!(!failure.hints.is_empty());
        };
        check("/w/models/Cargo.toml", "bin", "`models` is not a library");
        check("/w/Cargo.toml", "lib", "workspace without a package");
        let mut without = metadata("lib", "null");
        without.packages.retain(|package| *package.name != "whimbrel");
        without.resolve = None;
        let failure = describe(Path::new("/w/models/Cargo.toml"), &without).unwrap_err();
        assert!(failure.message.contains("does not depend on `whimbrel`"), "{}", failure.message);
    }
}
