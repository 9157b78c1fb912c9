//! What Cargo knows about a crate of models: its package, its workspace, and which Whimbrel it uses.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::failure::Failure;

/// A crate of models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelsCrate {
    /// The package's name.
    pub package: String,
    /// The features that are enabled beside its default ones.
    pub features: Vec<String>,
    /// Its folder.
    pub folder: PathBuf,
    /// The workspace's folder.
    pub workspace_root: PathBuf,
    /// Where Cargo puts what it builds.
    pub target_directory: PathBuf,
    /// Where its `whimbrel` comes from.
    pub whimbrel: Origin,
}

/// Where a package comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A folder.
    Path(PathBuf),
    /// A registry; the exact version.
    Registry(String),
    /// A git repository and the commit.
    Git {
        /// Its address.
        url: String,
        /// The commit.
        rev: String,
    },
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
    resolve: Option<Resolve>,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    source: Option<String>,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}

/// Cargo as the user started it, without what an outer Cargo says about its own package.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let about_a_package = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || name.starts_with("CARGO_MANIFEST_")
                || name == "CARGO_CRATE_NAME"
        });
        if about_a_package {
            command.env_remove(name);
        }
    }
    command
}

/// Cargo cannot be started.
pub fn no_cargo(error: &std::io::Error) -> Failure {
    Failure::new(
        "Cargo cannot be started; transfer and verify compile a small program that links your models",
    )
    .caused_by(error)
    .hint("install Rust (https://rustup.rs)")
    .hint(
        "where there is no Cargo, ship a program of three lines: use your_models as _; \
             fn main() -> std::process::ExitCode { whimbrel_transfer::main() }",
    )
}

/// Asks Cargo about the crate that `models` (a folder or a file in it) belongs to.
///
/// # Errors
///
/// There is no such crate, Cargo fails, it is no library, or it does not depend on `whimbrel`.
pub fn models_crate(models: &Path) -> Result<ModelsCrate, Failure> {
    let manifest = manifest_of(models)?;
    let result = cargo()
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(&manifest)
        .output()
        .map_err(|error| no_cargo(&error))?;
    if !result.status.success() {
        let mut failure = Failure::new(format!("Cargo cannot read {}", manifest.display()));
        failure.causes.push(String::from_utf8_lossy(&result.stderr).trim().to_owned());
        return Err(failure);
    }
    let metadata: Metadata = serde_json::from_slice(&result.stdout).map_err(|error| {
        Failure::new(format!("what `cargo metadata` says about {} is not understood", manifest.display()))
            .caused_by(&error)
    })?;
    describe(&manifest, &metadata)
}

/// The nearest `Cargo.toml` upwards, as Cargo itself would write its path.
fn manifest_of(models: &Path) -> Result<PathBuf, Failure> {
    let absolute = models.canonicalize().map_err(|error| {
        Failure::new(format!("the models {} cannot be found", models.display()))
            .caused_by(&error)
            .hint("`models` in whimbrel.toml names the folder of a crate, relative to whimbrel.toml")
    })?;
    absolute.ancestors().map(|folder| folder.join("Cargo.toml")).find(|file| file.is_file()).ok_or_else(
        || {
            Failure::new(format!(
                "{} belongs to no crate: there is no Cargo.toml in it or above it",
                models.display()
            ))
            .hint("transfer and verify compile your models, so they must be part of a crate")
        },
    )
}

fn describe(manifest: &Path, metadata: &Metadata) -> Result<ModelsCrate, Failure> {
    let package =
        metadata.packages.iter().find(|package| package.manifest_path == manifest).ok_or_else(|| {
            Failure::new(format!("{} is a workspace without a package of its own", manifest.display()))
                .hint("let `models` in whimbrel.toml name the folder of the crate that holds the models")
        })?;
    let is_library =
        package.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "lib" || kind == "rlib"));
    if !is_library {
        return Err(Failure::new(format!(
            "the crate `{}` is no library, so nothing can link its models",
            package.name
        ))
        .hint("move the models into src/lib.rs of that crate, or into a crate of their own"));
    }
    let whimbrel = reachable(metadata, &package.id, "whimbrel").ok_or_else(|| {
        Failure::new(format!("the crate `{}` does not depend on `whimbrel`", package.name))
            .hint(format!("cargo add whimbrel --package {}", package.name))
    })?;
    Ok(ModelsCrate {
        package: package.name.clone(),
        features: Vec::new(),
        folder: folder_of(&package.manifest_path),
        workspace_root: metadata.workspace_root.clone(),
        target_directory: metadata.target_directory.clone(),
        whimbrel: origin(whimbrel),
    })
}

fn folder_of(manifest: &Path) -> PathBuf {
    manifest.parent().unwrap_or(Path::new("/")).to_path_buf()
}

/// The package of that name among everything that `from` depends on, nearest first.
fn reachable<'a>(metadata: &'a Metadata, from: &str, name: &str) -> Option<&'a Package> {
    let nodes = &metadata.resolve.as_ref()?.nodes;
    let mut queue = std::collections::VecDeque::from([from]);
    let mut seen = std::collections::BTreeSet::from([from]);
    while let Some(id) = queue.pop_front() {
        let package = metadata.packages.iter().find(|package| package.id == id)?;
        if package.name == name {
            return Some(package);
        }
        let Some(node) = nodes.iter().find(|node| node.id == id) else { continue };
        for dependency in &node.dependencies {
            if seen.insert(dependency) {
                queue.push_back(dependency);
            }
        }
    }
    None
}

fn origin(package: &Package) -> Origin {
    match package.source.as_deref() {
        None => Origin::Path(folder_of(&package.manifest_path)),
        Some(source) => match source.strip_prefix("git+").and_then(|git| git.split_once('#')) {
            Some((address, rev)) => Origin::Git {
                url: address.split_once('?').map_or(address, |(url, _)| url).to_owned(),
                rev: rev.to_owned(),
            },
            None => Origin::Registry(package.version.clone()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(kind: &str, source: &str) -> Metadata {
        let text = format!(
            r#"{{"packages": [
                {{"id": "m", "name": "models", "version": "0.1.0", "source": null,
                  "manifest_path": "/w/models/Cargo.toml", "targets": [{{"kind": ["{kind}"]}}]}},
                {{"id": "b", "name": "between", "version": "0.1.0", "source": null,
                  "manifest_path": "/w/between/Cargo.toml", "targets": []}},
                {{"id": "w", "name": "whimbrel", "version": "0.3.2", "source": {source},
                  "manifest_path": "/z/runtime/Cargo.toml", "targets": []}}],
              "workspace_root": "/w", "target_directory": "/t",
              "resolve": {{"nodes": [
                {{"id": "m", "dependencies": ["b"]}},
                {{"id": "b", "dependencies": ["m", "w"]}}]}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn whimbrel(source: &str) -> Origin {
        describe(Path::new("/w/models/Cargo.toml"), &metadata("lib", source)).unwrap().whimbrel
    }

    #[test]
    fn whimbrel_is_found_wherever_it_comes_from() {
        assert_eq!(whimbrel("null"), Origin::Path("/z/runtime".into()));
        assert_eq!(whimbrel("\"registry+https://index\""), Origin::Registry("0.3.2".into()));
        let git = Origin::Git { url: "https://host/x".into(), rev: "abc".into() };
        assert_eq!(whimbrel("\"git+https://host/x?branch=main#abc\""), git);
    }

    #[test]
    fn what_cannot_be_linked_is_said() {
        let check = |manifest: &str, kind: &str, expected: &str| {
            let failure = describe(Path::new(manifest), &metadata(kind, "null")).unwrap_err();
            assert!(failure.message.contains(expected), "{}", failure.message);
            assert!(!failure.hints.is_empty());
        };
        check("/w/models/Cargo.toml", "bin", "`models` is no library");
        check("/w/Cargo.toml", "lib", "workspace without a package");
        let mut without = metadata("lib", "null");
        without.packages.retain(|package| package.name != "whimbrel");
        without.resolve = Some(Resolve { nodes: vec![] });
        let failure = describe(Path::new("/w/models/Cargo.toml"), &without).unwrap_err();
        assert!(failure.message.contains("does not depend on `whimbrel`"), "{}", failure.message);
        assert!(models_crate(Path::new("/no/such/folder")).unwrap_err().message.contains("cannot be found"));
    }
}
