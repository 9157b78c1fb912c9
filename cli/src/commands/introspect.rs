//! `introspect`: a state as models, and SQL files for what structs do not carry.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;
use whimbrel_schema::{Change, Definition, Id, State, changes};
use whimbrel_syntax::rust::{self, Files};
use whimbrel_syntax::scan::{Cfg, scan};
use whimbrel_syntax::{Schema, objects};

use super::generate::list_files;
use crate::args::{Global, Introspect};
use crate::comparison::warn_not_compared;
use crate::config::{FILE_NAME, join};
use crate::connect;
use crate::failure::{Failure, Outcome};
use crate::output::{Output, counted};
use crate::state::{Reading, Source, States};

const OBJECTS: &str = "objects";

pub fn run(command: &Introspect, global: &Global, output: &Output) -> Result<Outcome, Failure> {
    let states = States::new(global, &command.schemas, output);
    let (reading, empty) = connect::block_on(async {
        let reading = states.read(&command.from).await?;
        states.refuse_unknown_schemas()?;
        if !command.schemas.is_empty() {
            let whole = States::new(global, &[], output).read(&command.from).await?;
            refuse_outside(&reading.state, &whole.state)?;
        }
        let empty = match command.no_validate {
            true => State::default(),
            false => states.replay(&[]).await.map_err(|why| without(why, &command.from))?.state,
        };
        Ok((reading, empty))
    })?;
    let files = rust::files(&reading.state, &empty)
        .map_err(|cycle| Failure::new("no order of statements makes this state").caused_by(&cycle))?;
    let place = Place::new(command.out.as_deref());
    let texts = place.texts(&files);
    refuse_existing(&texts, command.force)?;
    let schema = read_again(&place, &files, &texts)?;
    let differences = match command.no_validate {
        true => {
            output.warn(format!("not compared with {}: --no-validate", command.from));
            None
        }
        false => Some(connect::block_on(differences(&states, &reading, &schema))?),
    };
    for (path, text) in &texts {
        write(path, text).map_err(Failure::file(path, "written"))?;
    }
    let written: Vec<PathBuf> = texts.into_keys().collect();
    report(&files, &written, output);
    warn_not_compared(&reading.not_compared, output);
    let outcome = judge(differences.as_deref(), &reading.state, output);
    place.say_what_to_do(&files, output);
    output.json(&json!({
        "written": written, "decisions": files.decisions, "differences": differences,
        "not_compared": reading.not_compared,
    }));
    Ok(outcome)
}

/// Where the files go.
struct Place {
    root: PathBuf,
    /// The folder of the models, as seen from the root.
    models: &'static str,
    /// There is no configuration there.
    is_new: bool,
}

impl Place {
    fn new(out: Option<&Path>) -> Self {
        let root = out.unwrap_or(Path::new(".")).to_path_buf();
        let is_new = !root.join(FILE_NAME).exists();
        Place { models: if out.is_some() { "models" } else { "src/models" }, root, is_new }
    }

    fn path(&self, name: &str) -> PathBuf {
        join(&self.root, Path::new(name))
    }

    /// The lines that the configuration needs.
    fn configuration(&self, files: &Files) -> String {
        let objects =
            if files.objects.is_empty() { String::new() } else { format!("objects = \"{OBJECTS}\"\n") };
        format!("models = \"{}/mod.rs\"\nmigrations = \"migrations\"\n{objects}", self.models)
    }

    fn texts(&self, files: &Files) -> BTreeMap<PathBuf, String> {
        let models = files.models.iter().map(|(name, text)| (format!("{}/{name}", self.models), text));
        let objects = files.objects.iter().map(|(name, text)| (format!("{OBJECTS}/{name}"), text));
        let mut texts: BTreeMap<PathBuf, String> =
            models.chain(objects).map(|(name, text)| (self.path(&name), text.clone())).collect();
        if self.is_new {
            texts.insert(self.path(FILE_NAME), self.configuration(files));
        }
        texts
    }

    fn say_what_to_do(&self, files: &Files, output: &Output) {
        if !self.is_new {
            let lines = self.configuration(files);
            output.hint(format!("{} needs, beside what it has:\n{lines}", self.path(FILE_NAME).display()));
        }
        let crates = files.crates.iter().map(String::as_str).filter(|name| *name != "sqlx");
        let features: Vec<&str> = files.features.iter().copied().collect();
        let sqlx = match features.as_slice() {
            [] => "sqlx".to_owned(),
            features => format!("sqlx (features {})", features.join(", ")),
        };
        let crates: Vec<&str> = crates.chain([sqlx.as_str()]).collect();
        output.hint(format!(
            "declare the module ({}/mod.rs) in a crate with the dependencies {}",
            self.models,
            crates.join(", ")
        ));
        output.hint(
            "then `whimbrel generate` writes the first migration, and `whimbrel baseline --to VERSION` marks it as \
             applied in the database that has all of it",
        );
    }
}

/// Without a server nothing can be compared.
fn without(why: Failure, from: &Source) -> Failure {
    let what = format!("models and files cannot be compared with {from}; nothing was written");
    why.named(&what).hint("`--no-validate` writes them without")
}

/// Refuses objects of the schemas that are read which need objects of other schemas.
fn refuse_outside(part: &State, whole: &State) -> Result<(), Failure> {
    let needs = |id: &Id| whole.objects.get(id).map(|entry| &entry.depends);
    let needs =
        part.objects.keys().flat_map(|id| needs(id).into_iter().flatten().map(move |need| (id, need)));
    let outside: Vec<(&Id, &Id)> = needs.filter(|(_, need)| !part.objects.contains_key(need)).collect();
    if outside.is_empty() {
        return Ok(());
    }
    let schema = |need: &&Id| match whole.objects.get(*need).map(|entry| &entry.definition) {
        Some(Definition::Extension(extension)) => extension.schema.clone(),
        _ => need.outermost().to_owned(),
    };
    let schemas: BTreeSet<String> = outside.iter().map(|(_, need)| schema(need)).collect();
    let mut failure = Failure::new("objects of other schemas are needed; nothing was written");
    failure.causes = outside.iter().map(|(id, need)| format!("{id} needs {need}")).collect();
    let flags: Vec<String> = schemas.iter().map(|schema| format!("`--schema {schema}`")).collect();
    Err(failure.hint(format!("name their schemas, too: {}", flags.join(" "))))
}

fn refuse_existing(texts: &BTreeMap<PathBuf, String>, force: bool) -> Result<(), Failure> {
    let other =
        |(path, text): &(&PathBuf, &String)| std::fs::read(path).is_ok_and(|bytes| bytes != text.as_bytes());
    let existing: Vec<String> =
        texts.iter().filter(other).map(|(path, _)| path.display().to_string()).collect();
    if force || existing.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::new("there are files already; nothing was written");
    failure.causes = existing;
    Err(failure.hint("`--force` writes over them; `--out FOLDER` writes elsewhere"))
}

/// The models as they are read from their sources, which must be what they were written from.
fn read_again(place: &Place, files: &Files, texts: &BTreeMap<PathBuf, String>) -> Result<Schema, Failure> {
    let root = place.path(&format!("{}/mod.rs", place.models));
    let mut read = |path: &Path| {
        texts.get(path).cloned().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "not a model"))
    };
    let linked = scan(&[(root.as_path(), Cfg::new([]))], &mut read).map_err(|errors| {
        let mut failure = Failure::new("these tables cannot be written as models");
        failure.causes = errors.iter().map(ToString::to_string).collect();
        failure
    })?;
    let mut schema = linked.schema;
    let lost = changes(&objects::state(&files.schema), &objects::state(&schema));
    if !lost.is_empty() {
        let mut failure = Failure::new("the models do not say what they were written from");
        failure.causes = lost.iter().map(ToString::to_string).collect();
        return Err(failure);
    }
    let named = |(name, text): (&String, &String)| (format!("{OBJECTS}/{name}"), text.clone());
    schema.objects = files.objects.iter().map(named).collect();
    Ok(schema)
}

/// What differs between a state and what models and files make.
async fn differences(
    states: &States<'_>,
    reading: &Reading,
    schema: &Schema,
) -> Result<Vec<Change>, Failure> {
    let made = states.made(schema).await.map_err(|failure| {
        let mut failure =
            failure.named("models and files do not make this state again; nothing was written");
        let needs = reading.outside.iter().filter(|one| one.needs);
        let needs = needs.map(|one| format!("{} needs {}, which is not managed", one.object, one.other));
        let before = failure.causes.len();
        failure.causes.extend(needs);
        match failure.causes.len() > before {
            true => failure.hint(
                "`--no-validate` writes all the same, and what is not managed must be there before the files are applied; \
                 or drop the objects that need it from what is read",
            ),
            false => failure,
        }
    })?;
    Ok(changes(&reading.state, &made.state))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    std::fs::write(path, text)
}

fn report(files: &Files, written: &[PathBuf], output: &Output) {
    let (tables, enums) = (files.schema.tables.len(), files.schema.enums.len());
    output.done(
        "Wrote",
        format!(
            "{} for {} and {}, and {} of objects",
            counted(files.models.len(), "source"),
            counted(tables, "table"),
            counted(enums, "enum type"),
            counted(files.objects.len(), "file")
        ),
    );
    list_files(written, output);
    if !files.decisions.is_empty() {
        output.heading("Not in structs");
    }
    for decision in &files.decisions {
        output.print(format!("  {decision}"));
    }
}

fn judge(differences: Option<&[Change]>, state: &State, output: &Output) -> Outcome {
    match differences {
        Some([]) => {
            let objects = counted(state.objects.len(), "object");
            output.done("Compared:", format!("models and files make the same {objects} again"));
            Outcome::FINE
        }
        Some(differences) => {
            output.warn(format!("models and files make {}", counted(differences.len(), "difference")));
            for difference in differences {
                output.print(format!("  {difference}"));
            }
            Outcome::DIFFERENCE
        }
        None => Outcome::FINE,
    }
}
