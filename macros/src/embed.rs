//! `embed!("folder")`.

use std::path::{Path, PathBuf};

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote;
use syn::LitStr;
use syn::parse::Parser;
use whimbrel_schema::chain::{self, ChainError, ChainFile, Migration};
use whimbrel_schema::errors::Problem;

/// The migrator as a constant, or the mistakes and an empty one.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    match folder(input).and_then(|(folder, span)| embed(&folder, span)) {
        Ok(migrator) => migrator,
        Err(problems) => {
            let mistakes = problems.iter().map(Problem::to_compile_error);
            quote!({ #(#mistakes)* ::whimbrel::Migrator::embedded(&[]) })
        }
    }
}

/// The folder that is meant: from the crate's folder upwards.
fn folder(input: TokenStream) -> Result<(PathBuf, Span), Vec<Problem>> {
    const HELP: &str = "write `embed!(\"migrations\")`: a folder of this crate, or of a folder above it";
    let parser = |input: syn::parse::ParseStream| input.parse::<LitStr>();
    let text = parser.parse2(input).map_err(|error| vec![Problem::from(error).help(HELP)])?;
    let span = text.span();
    let crate_folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).ok_or_else(|| {
        vec![Problem::new(span, "CARGO_MANIFEST_DIR is not set: `embed!` needs to be compiled by cargo")]
    })?;
    let wanted = text.value();
    let found = crate_folder.ancestors().map(|folder| folder.join(&wanted)).find(|folder| folder.is_dir());
    found.map(|folder| (folder, span)).ok_or_else(|| {
        let message = format!("no folder `{wanted}` in `{}` or above it", crate_folder.display());
        vec![Problem::new(span, message).help("`whimbrel generate` makes the first migration and its folder")]
    })
}

fn embed(folder: &Path, span: Span) -> Result<TokenStream, Vec<Problem>> {
    let mut files = Vec::new();
    let unreadable = |path: &Path, error: std::io::Error| {
        vec![Problem::new(span, format!("cannot read `{}`: {error}", path.display()))]
    };
    for (sub, prefix) in [(folder.to_owned(), ""), (folder.join("meta"), "meta/")] {
        if !sub.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&sub).map_err(|error| unreadable(&sub, error))? {
            let path = entry.map_err(|error| unreadable(&sub, error))?.path();
            let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
                continue;
            };
            if path.is_file() && (name.ends_with(".sql") || name.ends_with(".json")) {
                let content = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
                files.push(ChainFile::new(format!("{prefix}{name}"), content));
            }
        }
    }
    // The order of a folder is that of the file system.
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let migrations = chain::check(&files).map_err(|errors| broken(&errors, span))?;
    let watched: Vec<_> = files.iter().filter_map(|file| path_text(&folder.join(&*file.name))).collect();
    let migrations = migrations.iter().map(|migration| constant(migration, folder));
    Ok(quote!({
        // A change to one of these files compiles this again.
        const _: &[&str] = &[#(::core::include_str!(#watched)),*];
        // A temporary would not live long enough: migrations are owned or borrowed, so they have a destructor.
        const MIGRATIONS: &[::whimbrel::migration::Migration] = &[#(#migrations),*];
        ::whimbrel::Migrator::embedded(MIGRATIONS)
    }))
}

fn broken(errors: &[ChainError], span: Span) -> Vec<Problem> {
    errors.iter().map(|error| Problem::new(span, error.to_string()).help(error.hint())).collect()
}

fn path_text(path: &Path) -> Option<String> {
    path.to_str().map(str::to_owned)
}

fn constant(migration: &Migration, folder: &Path) -> TokenStream {
    let Migration {
        version,
        name,
        up_sql,
        down_sql,
        up_checksum,
        down_checksum,
        schema_hash,
        link,
        up_no_transaction,
        down_no_transaction,
        up_data_loss,
        down_data_loss,
    } = migration;
    let cow = quote!(::std::borrow::Cow::Borrowed);
    let sql = |direction: &str, text: &str| {
        let path = folder.join(format!("{version}_{name}.{direction}.sql"));
        match path_text(&path) {
            Some(path) => quote!(#cow(::core::include_str!(#path))),
            None => quote!(#cow(#text)),
        }
    };
    let (up, down) = (sql("up", up_sql), sql("down", down_sql));
    let checksum = |bytes: &[u8; 48]| {
        let bytes = Literal::byte_string(bytes);
        quote!(::whimbrel::migration::Checksum(*#bytes))
    };
    let (up_checksum, down_checksum) = (checksum(up_checksum.as_bytes()), checksum(down_checksum.as_bytes()));
    let losses = |lines: &[std::borrow::Cow<'_, str>]| {
        let lines = lines.iter().map(|line| quote!(#cow(#line)));
        quote!(#cow({
            const LINES: &[::std::borrow::Cow<'static, ::core::primitive::str>] = &[#(#lines),*];
            LINES
        }))
    };
    let (up_data_loss, down_data_loss) = (losses(up_data_loss), losses(down_data_loss));
    quote!(::whimbrel::migration::Migration {
        version: #version,
        name: #cow(#name),
        up_sql: #up,
        down_sql: #down,
        up_checksum: #up_checksum,
        down_checksum: #down_checksum,
        schema_hash: #cow(#schema_hash),
        link: #cow(#link),
        up_no_transaction: #up_no_transaction,
        down_no_transaction: #down_no_transaction,
        up_data_loss: #up_data_loss,
        down_data_loss: #down_data_loss,
    })
}
