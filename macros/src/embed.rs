//! `embed!("folder")`.

use std::path::{Path, PathBuf};

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote;
use syn::LitStr;
use syn::parse::Parser;
use whimbrel_syntax::chain::{self, ChainError, ChainFile, Migration};
use whimbrel_syntax::errors::Error;

/// The migrator as a constant, or the errors and an empty one.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let crate_folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    // `whimbrel::embed!` puts `$crate` before what the user wrote.
    let mut input = input.into_iter();
    let krate = input.next().into_iter().collect();
    expand_in(crate_folder.as_deref(), &krate, input.collect())
}

fn expand_in(crate_folder: Option<&Path>, krate: &TokenStream, input: TokenStream) -> TokenStream {
    match folder(crate_folder, input).and_then(|(folder, span)| embed(&folder, krate, span)) {
        Ok(migrator) => migrator,
        Err(errors) => {
            let errors = errors.iter().map(Error::to_compile_error);
            quote!({ #(#errors)* #krate::Migrator::embedded(&[]) })
        }
    }
}

/// The folder that is meant: from the crate's folder upwards.
fn folder(crate_folder: Option<&Path>, input: TokenStream) -> Result<(PathBuf, Span), Vec<Error>> {
    const HELP: &str = "write `embed!(\"migrations\")`: a folder of this crate, or of a folder above it";
    let parser = |input: syn::parse::ParseStream| input.parse::<LitStr>();
    let text = parser.parse2(input).map_err(|error| {
        vec![Error::new(error.span(), "`embed!` needs the name of a folder as a string literal").help(HELP)]
    })?;
    let span = text.span();
    let crate_folder = crate_folder.ok_or_else(|| {
        vec![Error::new(span, "CARGO_MANIFEST_DIR is not set: `embed!` needs to be compiled by cargo")]
    })?;
    let wanted = text.value();
    let found = crate_folder.ancestors().map(|folder| folder.join(&wanted)).find(|folder| folder.is_dir());
    found.filter(|_| !wanted.is_empty()).map(|folder| (folder, span)).ok_or_else(|| {
        let message = format!("no folder `{wanted}` in this crate's folder or above it");
        vec![
            Error::new(span, message).help("`whimbrel generate` creates the folder with the first migration"),
        ]
    })
}

fn embed(folder: &Path, krate: &TokenStream, span: Span) -> Result<TokenStream, Vec<Error>> {
    let mut files = Vec::new();
    let unreadable = |path: &Path, error: std::io::Error| {
        vec![Error::new(span, format!("cannot read `{}`: {error}", path.display()))]
    };
    for prefix in chain::FOLDERS {
        let sub = folder.join(prefix);
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
    let watched = files.iter().filter_map(|file| Some(folder.join(&*file.name).to_str()?.to_owned()));
    let migrations = migrations.iter().map(|migration| constant(migration, krate));
    Ok(quote!({
        // A change to one of these files compiles this again.
        const _: &[&str] = &[#(::core::include_str!(#watched)),*];
        // A temporary would not live long enough: migrations are owned or borrowed, so they have a destructor.
        const MIGRATIONS: &[#krate::migrate::Migration] = &[#(#migrations),*];
        #krate::Migrator::embedded(MIGRATIONS)
    }))
}

fn broken(errors: &[ChainError], span: Span) -> Vec<Error> {
    errors.iter().map(|error| Error::new(span, error.to_string()).help(error.hint())).collect()
}

fn constant(migration: &Migration, krate: &TokenStream) -> TokenStream {
    let Migration {
        version,
        after,
        name,
        up_sql,
        down_sql,
        up_checksum,
        down_checksum,
        schema_hash,
        link,
        replaces,
    } = migration;
    let replaces = replaces.iter().map(|replaced| constant(replaced, krate));
    let after = after.iter();
    let cow = quote!(::std::borrow::Cow::Borrowed);
    let checksum = |bytes: &[u8; 48]| {
        let bytes = Literal::byte_string(bytes);
        quote!(#krate::migrate::Checksum(*#bytes))
    };
    let (up_checksum, down_checksum) = (checksum(up_checksum.as_bytes()), checksum(down_checksum.as_bytes()));
    quote!(#krate::migrate::Migration {
        version: #version,
        after: #cow(&[#(#after),*]),
        name: #cow(#name),
        up_sql: #cow(#up_sql),
        down_sql: #cow(#down_sql),
        up_checksum: #up_checksum,
        down_checksum: #down_checksum,
        schema_hash: #cow(#schema_hash),
        link: #cow(#link),
        replaces: #cow(&[#(#replaces),*]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `embed!("migrations")` expands to in a crate below the folder of these files.
    fn expand(files: &[(&str, &str)]) -> String {
        let root = tempfile::tempdir().unwrap();
        let crate_folder = root.path().join("crates/app");
        std::fs::create_dir_all(&crate_folder).unwrap();
        for (name, content) in files {
            let path = root.path().join("migrations").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        expand_in(Some(&crate_folder), &quote!(::whimbrel), quote!("migrations")).to_string().replace(' ', "")
    }

    #[test]
    fn a_folder_above_is_found() {
        let code = expand(&[("README.md", "")]);
        assert!(code.contains("Migrator::embedded(MIGRATIONS)") && !code.contains("compile_error"), "{code}");
    }

    #[test]
    fn a_broken_chain_does_not_compile() {
        let code = expand(&[("20260102030405_lonely.up.sql", "SELECT 1;")]);
        assert!(code.contains("compile_error"), "{code}");
        assert!(code.contains("20260102030405_lonely.up.sql") && code.contains("hint:"), "{code}");
        assert!(code.contains("Migrator::embedded(&[])"), "{code}");
    }

    /// A checkout with CRLF is the same chain, and the program runs the same text.
    #[test]
    fn line_endings_make_no_difference() {
        let schema = whimbrel_syntax::Schema::default();
        let sql = ["SELECT 1;\nSELECT 2;\n", "SELECT 3;\n"];
        let files = whimbrel_syntax::migration::files(1, "x", None, &schema, sql);
        let written = |end: &str| -> String {
            let files = files.clone().map(|file| (file.name, file.content.replace('\n', end)));
            let files: Vec<_> = files.iter().map(|(name, content)| (&**name, &**content)).collect();
            let code = expand(&files);
            code[code.find("constMIGRATIONS").unwrap()..].to_owned()
        };
        assert_eq!(written("\n"), written("\r\n"));
    }

    #[test]
    fn a_missing_folder_does_not_compile() {
        assert!(expand(&[]).contains("nofolder`migrations`"));
    }
}
