//! The tree of modules and what stands in them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, DeriveInput, Item, ItemMod, UseTree};

use super::attributes::{collect_derives, only_for_tests, path_attribute};
use super::{Diagnostic, SourceFile};
use crate::ast;
use crate::errors::{Errors, Problem};
use crate::{attr, check};

/// An item and where it stands.
#[derive(Debug)]
pub(crate) struct Found<T> {
    pub(crate) item: T,
    pub(crate) module: usize,
    pub(crate) file: usize,
    /// Whether a model derives `Transform`, too.
    pub(crate) has_transform: bool,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Def {
    Module(usize),
    Model(usize),
    Enum(usize),
    Newtype(usize),
    Alias(usize),
    /// A struct, enum, union or trait that derives nothing of ours.
    Other,
}

/// A module.
#[derive(Debug)]
pub(crate) struct Module {
    /// `crate::account`.
    pub(crate) path: String,
    pub(crate) parent: Option<usize>,
    pub(crate) root: usize,
    pub(crate) names: BTreeMap<String, Def>,
    /// `use a::b as c`: `c` -> `a::b`.
    pub(crate) imports: BTreeMap<String, Vec<String>>,
    /// `use a::*`.
    pub(crate) globs: Vec<Vec<String>>,
}

/// Everything that was read.
#[derive(Debug, Default)]
pub(crate) struct Crates {
    pub(crate) files: Vec<SourceFile>,
    pub(crate) modules: Vec<Module>,
    pub(crate) models: Vec<Found<ast::Model>>,
    pub(crate) enums: Vec<Found<ast::PgEnum>>,
    pub(crate) newtypes: Vec<Found<ast::Newtype>>,
    pub(crate) aliases: Vec<Found<syn::ItemType>>,
    /// Whose item was found but could not be read: its mistakes were reported already.
    derived: Vec<(usize, usize, DeriveInput)>,
}

/// Where the files of a module's children are.
#[derive(Clone)]
struct Folder {
    /// Of the file that is read: what `#[path]` is relative to.
    file: PathBuf,
    /// Of child modules.
    children: PathBuf,
    inline: bool,
}

/// How deep modules may be nested. Deeper ones would be a circle of `#[path]`s, and each level needs stack.
const MAX_DEPTH: usize = 64;

type Read<'r> = &'r mut dyn FnMut(&Path) -> std::io::Result<String>;

impl Crates {
    /// Reads all modules, then all items in them: which derive is meant can depend on an import.
    pub(super) fn read(roots: &[&Path], read: Read<'_>) -> Self {
        let mut crates = Crates::default();
        for path in roots {
            let module = crates.modules.len();
            crates.modules.push(Module::new("crate".to_owned(), None, module));
            match read(path) {
                Ok(text) => {
                    let parent = path.parent().unwrap_or(Path::new("")).to_owned();
                    let folder = Folder { file: parent.clone(), children: parent, inline: false };
                    crates.file(path, text, module, &folder, 0, read);
                }
                Err(error) => {
                    let file = crates.add_file(path, String::new());
                    crates.files[file].errors.push(
                        Problem::new(Span::call_site(), format!("cannot read this file: {error}"))
                            .help("it is the root of the crate of models"),
                    );
                }
            }
        }
        crates.read_items();
        crates
    }

    /// The mistakes of this phase, by file.
    pub(super) fn problems(&self) -> Vec<Diagnostic> {
        self.files.iter().flat_map(SourceFile::problems).collect()
    }

    /// Ends the collecting of mistakes.
    pub(super) fn close(self) {
        for file in self.files {
            let _ = file.errors.finish();
        }
    }

    fn add_file(&mut self, path: &Path, text: String) -> usize {
        self.files.push(SourceFile { path: path.to_owned(), text, errors: Errors::new() });
        self.files.len() - 1
    }

    fn file(
        &mut self,
        path: &Path,
        text: String,
        module: usize,
        folder: &Folder,
        depth: usize,
        read: Read<'_>,
    ) {
        let text = without_prefix(text);
        let parsed = syn::parse_file(&text);
        let file = self.add_file(path, text);
        match parsed {
            Ok(parsed) => self.items(parsed.items, file, module, folder, depth, read),
            Err(error) => self.files[file].errors.push(
                Problem::new(error.span(), format!("this is no Rust: {error}"))
                    .help("does the crate compile?"),
            ),
        }
    }

    fn items(
        &mut self,
        items: Vec<Item>,
        file: usize,
        module: usize,
        folder: &Folder,
        depth: usize,
        read: Read<'_>,
    ) {
        for item in items {
            match item {
                Item::Mod(item) if !only_for_tests(&item.attrs) => {
                    self.module(item, file, module, folder, depth, read);
                }
                Item::Use(item) if !only_for_tests(&item.attrs) => {
                    let mut prefix = Vec::new();
                    if item.leading_colon.is_some() {
                        prefix.push(String::new());
                    }
                    self.modules[module].import(&prefix, &item.tree);
                }
                Item::Struct(item) if !only_for_tests(&item.attrs) => self.derive(item.into(), file, module),
                Item::Enum(item) if !only_for_tests(&item.attrs) => self.derive(item.into(), file, module),
                Item::Union(item) if !only_for_tests(&item.attrs) => self.derive(item.into(), file, module),
                Item::Type(item) if !only_for_tests(&item.attrs) => {
                    let name = item.ident.unraw().to_string();
                    self.modules[module].names.insert(name, Def::Alias(self.aliases.len()));
                    self.aliases.push(Found { item, module, file, has_transform: false });
                }
                Item::Trait(item) => {
                    self.modules[module].names.insert(item.ident.unraw().to_string(), Def::Other);
                }
                _ => {}
            }
        }
    }

    /// Notes an item; whether it derives something of ours is seen when all imports are known.
    fn derive(&mut self, input: DeriveInput, file: usize, module: usize) {
        self.modules[module].names.entry(input.ident.unraw().to_string()).or_insert(Def::Other);
        if input
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("derive") || attribute.path().is_ident("cfg_attr"))
        {
            self.derived.push((module, file, input));
        }
    }

    fn module(
        &mut self,
        item: ItemMod,
        file: usize,
        parent: usize,
        folder: &Folder,
        depth: usize,
        read: Read<'_>,
    ) {
        let name = item.ident.unraw().to_string();
        if depth >= MAX_DEPTH {
            self.files[file].errors.push(
                Problem::new(item.ident.span(), format!("modules are nested {MAX_DEPTH} deep"))
                    .help("does a `#[path]` lead in a circle?"),
            );
            return;
        }
        let (root, path) = (self.modules[parent].root, format!("{}::{name}", self.modules[parent].path));
        let module = self.modules.len();
        self.modules.push(Module::new(path, Some(parent), root));
        self.modules[parent].names.insert(name.clone(), Def::Module(module));
        let declared = path_attribute(&item.attrs);
        if let Some((_, items)) = item.content {
            let mut children = declared.map_or(folder.children.join(&name), |path| folder.file.join(path));
            if folder.inline && path_attribute(&item.attrs).is_some() {
                children = folder.children.join(path_attribute(&item.attrs).unwrap_or_default());
            }
            let folder = Folder { file: folder.file.clone(), children, inline: true };
            return self.items(items, file, module, &folder, depth + 1, read);
        }
        let candidates = match declared {
            Some(path) => {
                let base = if folder.inline { &folder.children } else { &folder.file };
                vec![(base.join(path), None)]
            }
            None => vec![
                (folder.children.join(format!("{name}.rs")), Some(folder.children.join(&name))),
                (folder.children.join(&name).join("mod.rs"), None),
            ],
        };
        for (path, children) in &candidates {
            match read(path) {
                Ok(text) => {
                    let parent = path.parent().unwrap_or(Path::new("")).to_owned();
                    let children = children.clone().unwrap_or_else(|| parent.clone());
                    let folder = Folder { file: parent, children, inline: false };
                    return self.file(path, text, module, &folder, depth + 1, read);
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    let message = format!("cannot read `{}`: {error}", path.display());
                    self.files[file].errors.push(Problem::new(item.ident.span(), message));
                    return;
                }
            }
        }
        // A module for another platform need not be there.
        if !item.attrs.iter().any(|attribute| attribute.path().is_ident("cfg")) {
            let tried: Vec<_> = candidates.iter().map(|(path, _)| path.display().to_string()).collect();
            self.files[file].errors.push(
                Problem::new(item.ident.span(), format!("no file for the module `{name}`"))
                    .help(format!("there is no {}", tried.join(" and no "))),
            );
        }
    }

    /// Parses and checks what derives something of ours.
    fn read_items(&mut self) {
        for (module, file, input) in std::mem::take(&mut self.derived) {
            let derives = self.derives(module, &input.attrs);
            let name = input.ident.unraw().to_string();
            let errors = &self.files[file].errors;
            let is = |derive: &str| derives.contains(derive);
            let has_transform = is("Transform");
            let def = if is("Model") || has_transform {
                let ignored = Errors::new();
                let source_errors = if has_transform { errors } else { &ignored };
                let item = attr::model(errors, source_errors, &input);
                if let Some(model) = &item {
                    check::model(errors, model);
                    if has_transform {
                        check::source(errors, model);
                    }
                    if !is("Model") {
                        errors.push(no_model(model));
                    }
                }
                let _ = ignored.finish();
                item.map(|item| {
                    self.models.push(Found { item, module, file, has_transform });
                    Def::Model(self.models.len() - 1)
                })
            } else if is("PgEnum") {
                let item = attr::pg_enum(errors, &input);
                if let Some(item) = &item {
                    check::pg_enum(errors, item);
                }
                item.map(|item| {
                    self.enums.push(Found { item, module, file, has_transform });
                    Def::Enum(self.enums.len() - 1)
                })
            } else if is("Newtype") {
                attr::newtype(errors, &input).map(|item| {
                    self.newtypes.push(Found { item, module, file, has_transform });
                    Def::Newtype(self.newtypes.len() - 1)
                })
            } else {
                None
            };
            if let Some(def) = def {
                self.modules[module].names.insert(name, def);
            }
        }
    }

    /// Which of our derives an item has, also through renamed imports and `cfg_attr`.
    fn derives(&self, module: usize, attributes: &[Attribute]) -> BTreeSet<String> {
        let mut paths = Vec::new();
        for attribute in attributes {
            collect_derives(&attribute.meta, &mut paths);
        }
        let last = |path: &syn::Path| {
            let path: Vec<_> = path.segments.iter().map(|part| part.ident.unraw().to_string()).collect();
            match self.resolve(module, &path) {
                super::Resolved::External(path) => path.last().cloned(),
                super::Resolved::Local(_) => path.last().cloned(),
            }
        };
        paths.iter().filter_map(last).collect()
    }
}

/// A transform fills a table, so there must be one.
fn no_model(model: &ast::Model) -> Problem {
    Problem::new(model.ident.span(), format!("`{}` derives `Transform` without `Model`", model.ident))
        .help("write `#[derive(Model, Transform)]`")
}

impl Module {
    fn new(path: String, parent: Option<usize>, root: usize) -> Self {
        Module { path, parent, root, names: BTreeMap::new(), imports: BTreeMap::new(), globs: Vec::new() }
    }

    fn import(&mut self, prefix: &[String], tree: &UseTree) {
        let with = |ident: &proc_macro2::Ident| {
            let mut path = prefix.to_vec();
            path.push(ident.unraw().to_string());
            path
        };
        match tree {
            UseTree::Path(path) => self.import(&with(&path.ident), &path.tree),
            UseTree::Name(name) if name.ident == "self" => {
                if let Some(last) = prefix.last() {
                    self.imports.insert(last.clone(), prefix.to_vec());
                }
            }
            UseTree::Name(name) => {
                self.imports.insert(name.ident.unraw().to_string(), with(&name.ident));
            }
            UseTree::Rename(rename) => {
                let path = if rename.ident == "self" { prefix.to_vec() } else { with(&rename.ident) };
                self.imports.insert(rename.rename.unraw().to_string(), path);
            }
            UseTree::Glob(_) => self.globs.push(prefix.to_vec()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(prefix, tree)),
        }
    }
}

/// Takes off what syn takes off, too, so that its places fit the text: a byte order mark. A `#!` line becomes
/// blank.
fn without_prefix(text: String) -> String {
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    if !text.starts_with("#!") || text[2..].trim_start().starts_with('[') {
        return text;
    }
    let end = text.find('\n').unwrap_or(text.len());
    format!("{}{}", " ".repeat(end), &text[end..])
}
