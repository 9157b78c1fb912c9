//! SQL files, applied in an order that works: in the order of their names, and a statement that fails for want of
//! another file's is tried again when one was run that mentions what it lacks, or when no other file gets further.

mod progress;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use sqlx::PgPool;
use whimbrel::__private::script::{Script, Statement};

use crate::failure::Failure;
use crate::output::counted;
use crate::scratch;

use progress::{Progress, Stop};
pub use progress::{created, sets};

/// The name of what is a statement of the models.
const MODELS: &str = "the models";

#[derive(Debug, Clone)]
pub struct File {
    /// Its path, for messages.
    pub name: String,
    pub text: String,
    /// Whether what it creates must not be there: `OR REPLACE` and `IF NOT EXISTS` are left out.
    pub declares: bool,
}

/// The file, or all of a folder and the folders in it that end in `.sql`, in the order of their names.
pub fn read(path: &Path) -> Result<Vec<File>, Failure> {
    let paths = find_some(path)?;
    if let Some(down) = paths.iter().find(|path| path.to_string_lossy().ends_with(".down.sql")) {
        return Err(Failure::new(format!("{} belongs to a folder of migrations", down.display()))
            .hint("`migrations` is the state after the migrations of whimbrel.toml"));
    }
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).map_err(Failure::file(&path, "read"))?;
        Ok(File { text: without_restrict(&text), name: path.display().to_string(), declares: false })
    };
    paths.into_iter().map(read).collect()
}

/// The paths of a file, or of all files in a folder and the folders in it that end in `.sql`, sorted.
pub fn find(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    find_in(path, &mut paths)?;
    paths.sort();
    Ok(paths)
}

/// The same, of which there must be one.
pub fn find_some(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let paths = find(path)?;
    match paths.is_empty() {
        true => Err(Failure::new(format!("{} has no file that ends in .sql", path.display()))),
        false => Ok(paths),
    }
}

fn find_in(path: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(Failure::file(path, "read"))? {
            let path = entry.map_err(Failure::file(path, "read"))?.path();
            if path.is_dir()
                || path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql"))
            {
                find_in(&path, paths)?;
            }
        }
    } else {
        paths.push(path.to_path_buf());
    }
    Ok(())
}

/// pg_dump puts its text between two commands of psql's; they become blank lines.
pub fn without_restrict(text: &str) -> String {
    let restricts = |line: &str| line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ");
    text.split_inclusive('\n').map(|line| if restricts(line) { "\n" } else { line }).collect()
}

/// Each statement that the models need, to be run between other files.
pub fn of_models(sql: &str) -> Vec<File> {
    let script = Script::parse(sql);
    let (settings, statements): (Vec<_>, Vec<_>) = script.statements.iter().partition(|one| sets(one));
    let settings: String = settings.iter().map(|setting| format!("{};\n", setting.text)).collect();
    let text = |statement: &Statement<'_>| {
        let step = scratch::step(sql, statement.start).unwrap_or_default();
        format!("{settings}-- {step}\n{}", statement.text)
    };
    let file = |statement| File { name: MODELS.to_owned(), text: text(statement), declares: true };
    statements.into_iter().map(file).collect()
}

/// Applies the files to a database.
pub async fn apply(pool: &PgPool, files: &[File]) -> Result<(), Failure> {
    let mut files: Vec<Progress<'_>> = files.iter().map(Progress::new).collect();
    // What is declared to hold for later objects is not to change those that are declared beside it.
    let (mut last, first): (Vec<usize>, Vec<usize>) =
        (0..files.len()).partition(|at| files[*at].gives_privileges());
    let mut queue = VecDeque::from(first);
    let mut waiting = Waiting::default();
    let (mut bodies, mut advanced) = (Bodies::Checked, false);
    loop {
        while let Some(at) = queue.pop_front() {
            let before = files[at].done;
            let outcome = files[at].go_on(pool, bodies).await;
            let file = &files[at];
            let new = &file.script.statements[before..file.done];
            advanced |= !new.is_empty();
            queue.extend(waiting.woken_by(new));
            match outcome {
                Ok(()) => {}
                Err(Stop { failure, exists: true, .. }) => return Err(twice(failure, &files, at)),
                Err(Stop { failure, lacks, .. }) => waiting.add(at, lacks, failure),
            }
        }
        if waiting.0.is_empty() && !last.is_empty() {
            queue.extend(last.drain(..));
            continue;
        }
        let (stuck, failures) = waiting.all();
        if stuck.is_empty() {
            break;
        }
        // What they wait for may have come by another name. Functions that call each other are created unchecked.
        match (advanced, bodies) {
            (true, _) => advanced = false,
            (false, Bodies::Checked) => bodies = Bodies::Unchecked,
            (false, Bodies::Unchecked) => return Err(together(causes(&files, &stuck, failures))),
        }
        queue.extend(stuck);
    }
    for file in &files {
        file.check_bodies(pool).await?;
    }
    Ok(())
}

/// Whether the bodies of functions are checked when they are created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bodies {
    Checked,
    Unchecked,
}

/// The files that got stuck, by the name of what they lack, as far as it is known.
#[derive(Default)]
struct Waiting(BTreeMap<Option<String>, Vec<(usize, Failure)>>);

impl Waiting {
    fn add(&mut self, file: usize, lacks: Option<String>, failure: Failure) {
        self.0.entry(lacks).or_default().push((file, failure));
    }

    /// Those that wait for something that these statements mention.
    fn woken_by(&mut self, statements: &[Statement<'_>]) -> Vec<usize> {
        let mut woken = Vec::new();
        if self.0.is_empty() {
            return woken;
        }
        for name in statements.iter().flat_map(|statement| &statement.tokens).filter_map(|token| token.name())
        {
            let waiting = self.0.remove(&Some(name.into_owned())).unwrap_or_default();
            woken.extend(waiting.into_iter().map(|(file, _)| file));
        }
        woken
    }

    /// All of them, in the order of the files, and what they lack and why they wait.
    fn all(&mut self) -> (Vec<usize>, Vec<(Option<String>, Failure)>) {
        let all = std::mem::take(&mut self.0).into_iter();
        let mut all: Vec<_> = all
            .flat_map(|(lacks, files)| files.into_iter().map(move |(file, why)| (file, (lacks.clone(), why))))
            .collect();
        all.sort_by_key(|(file, _)| *file);
        all.into_iter().unzip()
    }
}

/// Why files got stuck, without those that only wait for what another one of them creates.
fn causes(files: &[Progress<'_>], stuck: &[usize], failures: Vec<(Option<String>, Failure)>) -> Vec<Failure> {
    let rest = stuck.iter().flat_map(|at| &files[*at].script.statements[files[*at].done..]);
    let names: BTreeSet<String> = rest.filter_map(created).map(|(_, _, name)| name).collect();
    let is_cause = |lacks: &Option<String>| !lacks.as_ref().is_some_and(|name| names.contains(name));
    let any = failures.iter().any(|(lacks, _)| is_cause(lacks));
    failures.into_iter().filter(|(lacks, _)| !any || is_cause(lacks)).map(|(_, failure)| failure).collect()
}

fn together(mut failures: Vec<Failure>) -> Failure {
    if failures.len() == 1
        && let Some(failure) = failures.pop()
    {
        return failure;
    }
    let mut all = Failure::new(format!("{} cannot be applied", counted(failures.len(), "file")));
    for Failure { message, causes, hints, .. } in failures {
        all.causes.push(message);
        all.causes.extend(causes);
        all.hints.extend(hints);
    }
    all.hints.dedup();
    all
}

/// Names the other place where something is declared.
fn twice(failure: Failure, files: &[Progress<'_>], at: usize) -> Failure {
    let created = |statement: &Statement<'_>| created(statement).map(|(_, _, name)| name);
    let declared = |file: &Progress<'_>| file.script.statements.get(file.done).and_then(created);
    let name = declared(&files[at]);
    let made = |file: &Progress<'_>| {
        let done = &file.script.statements[..file.done];
        file.file.declares && name.is_some() && done.iter().any(|statement| created(statement) == name)
    };
    match files.iter().find(|file| made(file)) {
        Some(other) => failure.hint(format!("it is in {}, too: remove one of the two", other.file.name)),
        None => failure.hint("it is in the models, too: remove one of the two"),
    }
}
