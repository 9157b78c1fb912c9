//! The folders of SQL files for what structs do not carry: reading them, and making a database of models and files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sqlx::PgPool;
use whimbrel::__private::script::{Script, Statement};
use whimbrel_schema::rename::Declared;
use whimbrel_schema::{Id, Kind, State};
use whimbrel_syntax::{Schema, migration, objects};

use crate::config::{Config, join};
use crate::failure::Failure;
use crate::output::{Output, counted};
use crate::scratch;
use crate::sql_files::{self, File, sets};

mod renames;

/// The texts of the files in the configured folders by their names as seen from the configuration, without CR, and what they
/// declare to have had another name.
///
/// # Errors
/// A folder is not there, or a statement is not about objects of the database.
pub fn read(config: &Config) -> Result<(BTreeMap<String, String>, Vec<Declared>), Failure> {
    let base = config.folder();
    let (mut files, mut declared) = (BTreeMap::new(), Vec::new());
    for folder in &config.objects {
        if !folder.is_dir() {
            return Err(Failure::new(format!("the folder of objects {} is not there", folder.display()))
                .hint(format!("create it, or change `objects` in {}", config.file.display())));
        }
        for path in sql_files::find(folder)? {
            let text = std::fs::read_to_string(&path).map_err(Failure::file(&path, "read"))?;
            let name = path.strip_prefix(base).unwrap_or(&path);
            let name: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
            let text = text.replace("\r\n", "\n");
            check(&path, &text)?;
            declared.extend(renames::declared(&path, &text)?);
            files.insert(name.join("/"), text);
        }
    }
    Ok((files, declared))
}

/// The names of the files that differ.
pub fn changed(prev: &Schema, next: &Schema) -> Vec<String> {
    let names: BTreeSet<&String> = prev.objects.keys().chain(next.objects.keys()).collect();
    let differ = |name: &&&String| prev.objects.get(**name) != next.objects.get(**name);
    names.iter().filter(differ).map(|name| (*name).clone()).collect()
}

/// Why these files cannot be compared.
pub fn not_compared(changed: &[String]) -> Failure {
    Failure::new(format!(
        "files of objects have changed and cannot be compared without a PostgreSQL: {}; nothing was written",
        changed.join(", ")
    ))
}

/// Refuses what would have an effect on the scratch database alone.
fn check(path: &Path, text: &str) -> Result<(), Failure> {
    let script = Script::parse(text);
    for statement in &script.statements {
        let Some((why, hint)) = refused(statement) else { continue };
        let (line, column) = script.position(statement.start);
        let path = path.display();
        let mut message = format!("{path}:{line}:{column}: {} {why}", statement.beginning());
        if !about_server(statement) {
            message.push_str(": files of objects say what a database consists of");
        }
        return Err(Failure::new(message).hint(hint));
    }
    Ok(())
}

/// Names the first statement of each kind in a file which leaves nothing that is compared, and counts the others. What calls a
/// function may make objects.
pub fn warn_passed_over(file: &File, output: &Output) {
    let script = Script::parse(&file.text);
    let passed_over = script.statements.iter().filter_map(|statement| {
        let calls = ["select", "call", "with"].iter().any(|word| statement.is(0, &[word]));
        let controls = ["begin", "start"].iter().any(|word| statement.is(0, &[word]));
        let (why, _) = refused(statement).filter(|_| !calls && !controls && !statement.ends_transaction())?;
        Some((why, statement))
    });
    let mut kinds: BTreeMap<&str, Vec<&Statement<'_>>> = BTreeMap::new();
    passed_over.for_each(|(why, statement)| kinds.entry(why).or_default().push(statement));
    for (why, statements) in kinds {
        let Some((first, others)) = statements.split_first() else { continue };
        let (line, column) = script.position(first.start);
        let others = match others.len() {
            0 => String::new(),
            more => format!(" (and {})", counted(more, "other statement")),
        };
        let (name, text) = (&file.name, first.beginning());
        output.warn(format!("not compared: {name}:{line}:{column}: {text} {why}{others}"));
    }
}

/// Whether a statement is about the server, and so leaves nothing in a database that its objects tell.
pub fn about_server(statement: &Statement<'_>) -> bool {
    const GLOBAL: [&str; 6] = ["role", "user", "group", "database", "tablespace", "system"];
    let begins = |words: &[&str]| words.iter().any(|word| statement.is(0, &[word]));
    let place = match begins(&["comment"]) {
        true => 2,
        false if begins(&["create", "alter", "drop"]) => 1,
        // GRANT and REVOKE of privileges say ON what.
        _ => return begins(&["grant", "revoke"]) && !statement.has("on"),
    };
    GLOBAL.iter().any(|word| statement.is(place, &[word])) && !statement.is(place, &["user", "mapping"])
}

fn refused(statement: &Statement<'_>) -> Option<(&'static str, &'static str)> {
    const ROWS: [&str; 8] = ["insert", "update", "delete", "merge", "truncate", "copy", "call", "with"];
    const OBJECTS: [&str; 8] =
        ["create", "alter", "drop", "comment", "grant", "revoke", "security", "import"];
    let begins = |word: &&str| statement.is(0, &[word]);
    if ROWS.iter().any(begins) {
        return Some(("is about rows", "write it into a migration: `whimbrel generate --empty NAME`"));
    }
    let temporary = ["temp", "temporary"].iter().any(|word| statement.is(1, &[word]));
    let others = ["do", "reset"].iter().any(begins) || sets(statement);
    let leaves_objects = OBJECTS.iter().any(begins) && !(begins(&"create") && temporary);
    if !leaves_objects && !others && statement.unsupported().is_none() {
        return Some((
            "leaves no object",
            "allowed are CREATE, ALTER, DROP, COMMENT, GRANT, REVOKE, SECURITY LABEL, IMPORT FOREIGN SCHEMA, SET, and DO for \
             what calls a function to make objects; write others into a migration: `whimbrel generate --empty NAME`",
        ));
    }
    if about_server(statement) {
        return Some((
            "is about the whole server, not about a database",
            "run it where the server is set up; files of objects may refer to roles",
        ));
    }
    None
}

/// Makes models and files in a database that has none of them, with these statements first.
pub async fn build(pool: &PgPool, schema: &Schema, first: &[String], base: &Path) -> Result<(), Failure> {
    let sql = migration::create(schema)?;
    for statement in first {
        scratch::run(pool, statement).await?;
    }
    if schema.objects.is_empty() {
        return scratch::run(pool, &sql).await;
    }
    let file = |(name, text): (&String, &String)| File {
        name: join(base, Path::new(name)).display().to_string(),
        text: text.clone(),
        declares: true,
    };
    let mut files: Vec<File> = schema.objects.iter().map(file).collect();
    // Models may need types and functions of the files.
    if scratch::execute(pool, &sql).await.is_err() {
        files.splice(0..0, sql_files::of_models(&sql));
    }
    sql_files::apply(pool, &files).await
}

/// Refuses files that drop what the models declare.
pub fn check_made(schema: &Schema, made: &State) -> Result<(), Failure> {
    let declared = objects::state(schema);
    // They may name constraints and indexes.
    let named = |id: &&Id| matches!(id.kind, Kind::Constraint | Kind::Index);
    let lost = declared.objects.keys().filter(|id| !made.objects.contains_key(*id) && !named(id));
    let lost: Vec<&Id> = lost.collect();
    if lost.is_empty() || schema.objects.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::new("files of objects drop what the models declare");
    for id in lost {
        let files: Vec<&str> = schema
            .objects
            .iter()
            .filter(|(_, text)| drops(text, id))
            .map(|(name, _)| name.as_str())
            .collect();
        let by = if files.is_empty() { String::new() } else { format!(": {}", files.join(", ")) };
        failure.causes.push(format!("{id}{by}"));
    }
    Err(failure.hint("remove it from the models, or the statement from the file"))
}

/// Whether a statement of a file drops something of that name.
fn drops(text: &str, id: &Id) -> bool {
    let script = Script::parse(text);
    script.statements.iter().any(|statement| {
        let mut tokens = statement.tokens.iter().skip_while(|token| !token.is("drop"));
        tokens.any(|token| token.name().is_some_and(|name| name == id.name()))
    })
}

/// The extensions that files create.
pub fn extensions(schema: &Schema) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for text in schema.objects.values() {
        for statement in &Script::parse(text).statements {
            if statement.is(0, &["create", "extension"]) {
                let place = if statement.is(2, &["if", "not", "exists"]) { 5 } else { 2 };
                names.extend(
                    statement.tokens.get(place).and_then(|token| token.name()).map(|name| name.into_owned()),
                );
            }
        }
    }
    names
}
