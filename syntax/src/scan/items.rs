//! The tree of modules and their items.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use proc_macro2::Span;
use syn::{Attribute, DeriveInput, Item, ItemMacro, ItemMod, LitStr, Token, UseTree};

use super::cfg::{self, Cfg, Compiled, Conditional, path_attribute};
use super::derives::{derive_in, push};
use super::{Diagnostic, SourceFile};
use crate::ast::{self, unraw};
use crate::errors::{Error, Errors, SourceSpan};

#[derive(Debug)]
pub(crate) struct Found<T> {
    pub(crate) item: T,
    pub(crate) module: usize,
    pub(crate) file: usize,
    /// Whether a model derives `Transform`, too.
    pub(crate) has_transform: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Def {
    Module(usize),
    Model(usize),
    Enum(usize),
    Newtype(usize),
    Alias(usize),
    /// A struct, enum, union or trait that derives nothing of ours.
    Other,
    /// An alias whose `cfg` is unknown.
    Conditional,
}

#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) path: String,
    pub(crate) parent: Option<usize>,
    pub(crate) root: usize,
    pub(crate) names: BTreeMap<String, Def>,
    /// `use a::b as c`: `c` -> `a::b`.
    pub(crate) imports: BTreeMap<String, Vec<String>>,
    /// `use a::*`.
    pub(crate) globs: Vec<Vec<String>>,
}

#[derive(Debug, Default)]
pub(crate) struct Crates {
    pub(crate) files: Vec<SourceFile>,
    pub(crate) modules: Vec<Module>,
    pub(crate) models: Vec<Found<ast::Model>>,
    pub(crate) enums: Vec<Found<ast::PgEnum>>,
    pub(crate) newtypes: Vec<Found<ast::Newtype>>,
    pub(crate) aliases: Vec<Found<syn::ItemType>>,
    /// Items that may derive something of ours.
    pub(super) candidates: Vec<Candidate>,
}

#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) place: Place,
    pub(super) input: DeriveInput,
    pub(super) conditional: Conditional,
}

#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) module: usize,
    depth: usize,
    pub(super) cfg: Rc<Cfg>,
    /// The file and place of an unknown `cfg` that decides whether they are compiled.
    pub(super) unknown: Option<(usize, SourceSpan)>,
    folder: Folder,
}

/// Where the files of a module's children are.
#[derive(Debug, Clone)]
struct Folder {
    /// Of the file that is read: what `#[path]` is relative to.
    file: PathBuf,
    children: PathBuf,
    inline: bool,
}

/// How deep modules may be nested. Deeper ones would be a circle of `#[path]`s, and each level needs stack.
const MAX_DEPTH: usize = 64;

type Read<'r> = &'r mut dyn FnMut(&Path) -> std::io::Result<String>;

impl Crates {
    /// Reads all modules, then all items in them: which derive is meant can depend on an import.
    pub(super) fn read(roots: &[(&Path, Cfg)], read: Read<'_>) -> Self {
        let mut crates = Crates::default();
        for (path, cfg) in roots {
            let module = crates.modules.len();
            crates.modules.push(Module::new("crate".to_owned(), None, module));
            match read(path) {
                Ok(text) => {
                    let folder = Folder::of_root(path);
                    let (file, cfg) = (crates.files.len(), Rc::new(cfg.clone()));
                    let place = Place { file, module, depth: 0, cfg, unknown: None, folder };
                    crates.file(path, text, place, read);
                }
                Err(error) => {
                    let file = crates.add_file(path, String::new());
                    crates.files[file]
                        .errors
                        .add(Span::call_site(), format!("cannot read this file: {error}"))
                        .help("it is the root of the crate of models");
                }
            }
        }
        crates.read_items();
        crates
    }

    pub(super) fn errors(&self) -> Vec<Diagnostic> {
        self.files.iter().flat_map(SourceFile::errors).collect()
    }

    pub(super) fn close(self) {
        for file in self.files {
            let _ = file.errors.finish();
        }
    }

    fn add_file(&mut self, path: &Path, text: String) -> usize {
        self.files.push(SourceFile { path: path.to_owned(), text, errors: Errors::new() });
        self.files.len() - 1
    }

    /// Reads the items of a file; `place.file` is set here.
    fn file(&mut self, path: &Path, text: String, mut place: Place, read: Read<'_>) {
        let text = without_prefix(text);
        let parsed = syn::parse_file(&text);
        place.file = self.add_file(path, text);
        match parsed {
            Ok(mut parsed) => match place.cfg.expand(&mut parsed.attrs).0 {
                Compiled::No => {}
                compiled => self.items(parsed.items, &place.under(compiled), read),
            },
            Err(error) => self.files[place.file]
                .errors
                .add(error.span(), format!("this is not valid Rust: {error}"))
                .help("does the crate compile?"),
        }
    }

    fn items(&mut self, items: Vec<Item>, place: &Place, read: Read<'_>) {
        for mut item in items {
            let Some(attributes) = attributes(&mut item) else { continue };
            let (compiled, conditional) = place.cfg.expand(attributes);
            if matches!(compiled, Compiled::No) {
                continue;
            }
            let place = place.under(compiled);
            match item {
                Item::Mod(item) => self.module(item, &conditional, place, read),
                Item::Macro(item) => self.item_macro(&item, place, read),
                Item::Use(item) => {
                    let prefix: Vec<_> = item.leading_colon.map(|_| String::new()).into_iter().collect();
                    self.modules[place.module].import(&prefix, &item.tree);
                }
                Item::Struct(item) => self.candidate(item.into(), conditional, place),
                Item::Enum(item) => self.candidate(item.into(), conditional, place),
                Item::Union(item) => self.candidate(item.into(), conditional, place),
                Item::Type(item) => {
                    let name = unraw(&item.ident);
                    let alias = Def::Alias(push(&mut self.aliases, item, &place, false));
                    let def = if place.unknown.is_some() { Def::Conditional } else { alias };
                    self.modules[place.module].names.insert(name, def);
                }
                Item::Trait(item) => {
                    self.modules[place.module].names.insert(unraw(&item.ident), Def::Other);
                }
                _ => {}
            }
        }
    }

    /// Notes an item; whether it derives something of ours is seen when all imports are known.
    fn candidate(&mut self, input: DeriveInput, conditional: Conditional, place: Place) {
        self.modules[place.module].names.entry(unraw(&input.ident)).or_insert(Def::Other);
        if !conditional.is_empty() || input.attrs.iter().any(|attribute| attribute.path().is_ident("derive"))
        {
            self.candidates.push(Candidate { place, input, conditional });
        }
    }

    /// Follows `include!("…")`. What other macros make is not seen, so they must not make models.
    fn item_macro(&mut self, item: &ItemMacro, place: Place, read: Read<'_>) {
        let name = item.mac.path.segments.last().map(|part| part.ident.to_string()).unwrap_or_default();
        if name != "include" {
            if let Some(span) = derive_in(item.mac.tokens.clone()) {
                self.files[place.file]
                    .errors
                    .add(span, "a model in a macro is not found: macros are not expanded here")
                    .help("write the item out, or put it into a file for `include!(\"…\")`");
            }
            return;
        }
        let errors = &self.files[place.file].errors;
        let parser = |input: syn::parse::ParseStream| {
            let path = input.parse::<LitStr>()?;
            input.parse::<Option<Token![,]>>().map(|_| path)
        };
        let Ok(path) = item.mac.parse_body_with(parser) else {
            errors
                .add(&item.mac, "which file is included here cannot be evaluated")
                .help("write its path as a string literal, or move this into a crate without models");
            return;
        };
        if place.depth >= MAX_DEPTH {
            return errors.push(too_deep(path.span()));
        }
        let file = place.folder.file.join(path.value());
        match read(&file) {
            Ok(text) => {
                let place = Place { depth: place.depth + 1, folder: Folder::of_root(&file), ..place };
                self.file(&file, text, place, read);
            }
            Err(error) => {
                errors.add(path.span(), format!("cannot read `{}`: {error}", file.display()));
            }
        }
    }

    fn module(&mut self, item: ItemMod, conditional: &Conditional, place: Place, read: Read<'_>) {
        let name = unraw(&item.ident);
        let Place { file, module: parent, depth, ref folder, .. } = place;
        if depth >= MAX_DEPTH {
            return self.files[file].errors.push(too_deep(item.ident.span()));
        }
        for (_, span) in conditional.iter().filter(|(meta, _)| meta.path().is_ident("path")) {
            self.files[file].errors.push(cfg::unknown(*span));
        }
        let (root, path) = (self.modules[parent].root, format!("{}::{name}", self.modules[parent].path));
        let module = self.modules.len();
        self.modules.push(Module::new(path, Some(parent), root));
        self.modules[parent].names.insert(name.clone(), Def::Module(module));
        let base = if folder.inline { &folder.children } else { &folder.file };
        let declared = path_attribute(&item.attrs).map(|path| base.join(path));
        let within = |folder| Place { module, depth: depth + 1, folder, ..place.clone() };
        if let Some((_, items)) = item.content {
            let children = declared.unwrap_or_else(|| folder.children.join(&name));
            let folder = Folder { file: folder.file.clone(), children, inline: true };
            return self.items(items, &within(folder), read);
        }
        let candidates = match declared {
            Some(path) => vec![(path, None)],
            None => vec![
                (folder.children.join(format!("{name}.rs")), Some(folder.children.join(&name))),
                (folder.children.join(&name).join("mod.rs"), None),
            ],
        };
        for (path, children) in &candidates {
            match read(path) {
                Ok(text) => {
                    let mut folder = Folder::of_root(path);
                    folder.children = children.clone().unwrap_or(folder.children);
                    return self.file(path, text, within(folder), read);
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    let message = format!("cannot read `{}`: {error}", path.display());
                    self.files[file].errors.add(item.ident.span(), message);
                    return;
                }
            }
        }
        // A module that is perhaps not compiled need not be there.
        if place.unknown.is_none() {
            let tried: Vec<_> = candidates.iter().map(|(path, _)| path.display().to_string()).collect();
            self.files[file]
                .errors
                .add(item.ident.span(), format!("there is no file for the module `{name}`"))
                .help(format!("there is neither {}", tried.join(" nor ")));
        }
    }
}

fn attributes(item: &mut Item) -> Option<&mut Vec<Attribute>> {
    Some(match item {
        Item::Mod(item) => &mut item.attrs,
        Item::Macro(item) => &mut item.attrs,
        Item::Use(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        Item::Union(item) => &mut item.attrs,
        Item::Type(item) => &mut item.attrs,
        Item::Trait(item) => &mut item.attrs,
        _ => return None,
    })
}

fn too_deep(span: Span) -> Error {
    Error::new(span, format!("files and modules are nested more than {MAX_DEPTH} deep"))
        .help("does a `#[path]` or an `include!` form a cycle?")
}

impl Place {
    /// The same place under a `cfg`.
    fn under(&self, compiled: Compiled) -> Self {
        let unknown = match compiled {
            Compiled::Unknown(span) => Some((self.file, span)),
            Compiled::Yes | Compiled::No => self.unknown,
        };
        Place { unknown, ..self.clone() }
    }
}

impl Folder {
    /// Of a file whose child modules are beside it.
    fn of_root(file: &Path) -> Self {
        let parent = file.parent().unwrap_or(Path::new("")).to_owned();
        Folder { file: parent.clone(), children: parent, inline: false }
    }
}

impl Module {
    fn new(path: String, parent: Option<usize>, root: usize) -> Self {
        Module { path, parent, root, names: BTreeMap::new(), imports: BTreeMap::new(), globs: Vec::new() }
    }

    fn import(&mut self, prefix: &[String], tree: &UseTree) {
        let with = |ident: &proc_macro2::Ident| {
            let mut path = prefix.to_vec();
            path.push(unraw(ident));
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
                self.imports.insert(unraw(&name.ident), with(&name.ident));
            }
            UseTree::Rename(rename) => {
                let path = if rename.ident == "self" { prefix.to_vec() } else { with(&rename.ident) };
                self.imports.insert(unraw(&rename.rename), path);
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
