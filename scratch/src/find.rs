//! Finds the PostgreSQL servers that are installed on this machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::PROGRAM;

/// The oldest major version that Whimbrel works with.
pub const OLDEST: u32 = 14;

/// An installed PostgreSQL server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The folder with `postgres`, `initdb` and their kin.
    pub bin: PathBuf,
    /// The major and minor version: 15.18 is `(15, 18)`, a development version `(19, 0)`.
    pub version: (u32, u32),
}

impl std::fmt::Display for Installation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PostgreSQL {}.{} in {}", self.version.0, self.version.1, self.bin.display())
    }
}

/// Folders of versioned installations; a star stands for one name. Debian and Ubuntu, PGDG's RPMs, SUSE and
/// Gentoo, Alpine, Homebrew (Apple silicon, Intel, Linux), Postgres.app, MacPorts, a build from source.
const FOLDERS: &[&str] = &[
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/lib/postgresql*/bin",
    "usr/lib64/postgresql*/bin",
    "usr/libexec/postgresql*",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
    "home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
    "opt/local/lib/postgresql*/bin",
    "usr/local/pgsql/bin",
];

/// Where PostgreSQL was looked for, for an error that can be acted on.
#[derive(Debug, Default, Clone)]
pub(crate) struct Searched {
    /// The places, in the order of the search.
    pub places: Vec<String>,
    /// Installations that were found and cannot be used, and why.
    unusable: Vec<String>,
}

impl std::fmt::Display for Searched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.places.is_empty() {
            writeln!(f, "no PostgreSQL {OLDEST} or newer was found on this machine")?;
            writeln!(f, "looked for `postgres` and `initdb` in:")?;
        }
        for place in &self.places {
            writeln!(f, "  {place}")?;
        }
        for found in &self.unusable {
            writeln!(f, "{found}")?;
        }
        writeln!(f, "the embedded PostgreSQL, the program {PROGRAM}, is not installed either")?;
        write!(
            f,
            "hint: install PostgreSQL {OLDEST} or newer (Debian: apt-get install postgresql; macOS: brew install \
             postgresql), or the embedded one: cargo install {PROGRAM}"
        )
    }
}

/// Where to look: the process's own surroundings, or a test's.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// The one folder to look in, if it was chosen.
    pub only: Option<PathBuf>,
    pub path: Option<OsString>,
    pub root: PathBuf,
}

impl Surroundings {
    pub(crate) fn here() -> Self {
        let only =
            std::env::var_os(crate::CHOICE).map(PathBuf::from).filter(|path| path.components().count() > 1);
        Surroundings { only, path: std::env::var_os("PATH"), root: PathBuf::from("/") }
    }
}

/// All usable installations, the newest first, and a record of the search.
pub(crate) fn installations(around: &Surroundings) -> (Vec<Installation>, Searched) {
    let mut searched = Searched::default();
    let mut found: Vec<Installation> = Vec::new();
    for bin in folders(around, &mut searched) {
        // A folder of links (`/usr/local/bin/postgres`) is not where initdb finds its share files' neighbours.
        let real = std::fs::canonicalize(bin.join("postgres"));
        let bin = real.ok().and_then(|file| file.parent().map(Path::to_path_buf)).unwrap_or(bin);
        if found.iter().any(|other| other.bin == bin) {
            continue;
        }
        if !bin.join("initdb").is_file() {
            let bin = bin.display();
            searched.unusable.push(format!("not usable: {bin}: `postgres` without `initdb`"));
            continue;
        }
        match version_of(&bin.join("postgres")) {
            Ok(version) if version.0 >= OLDEST => found.push(Installation { bin, version }),
            Ok(version) => searched.unusable.push(format!("too old: {}", Installation { bin, version })),
            Err(reason) => searched.unusable.push(format!("not usable: {}: {reason}", bin.display())),
        }
    }
    // The sort is stable: of two equal versions the one found first wins.
    found.sort_by_key(|installation| std::cmp::Reverse(installation.version));
    (found, searched)
}

/// The folders that hold a file `postgres`.
fn folders(around: &Surroundings, searched: &mut Searched) -> Vec<PathBuf> {
    if let Some(folder) = &around.only {
        searched.places.push(format!("{} (WHIMBREL_SCRATCH)", folder.display()));
        return vec![folder.clone()];
    }
    let mut all = Vec::new();
    searched.places.push("the folders of PATH".to_owned());
    let path: Vec<PathBuf> =
        around.path.as_ref().map(|path| std::env::split_paths(path).collect()).unwrap_or_default();
    all.extend(path.iter().filter(|folder| !folder.as_os_str().is_empty()).cloned());

    searched.places.push("the folder that `pg_config --bindir` names".to_owned());
    if let Some(program) = path.iter().map(|folder| folder.join("pg_config")).find(|file| file.is_file())
        && let Some(text) = output_of(&program, &["--bindir"])
    {
        all.push(PathBuf::from(text.trim()));
    }

    for pattern in FOLDERS {
        searched.places.push(format!("/{pattern}"));
        all.extend(expand(&around.root, pattern));
    }
    all.retain(|folder| folder.join("postgres").is_file());
    all
}

/// The existing folders that match a pattern, in the order of their names.
fn expand(root: &Path, pattern: &str) -> impl Iterator<Item = PathBuf> {
    let root = glob::Pattern::escape(&root.to_string_lossy());
    let found = glob::glob(&format!("{}/{pattern}", root.trim_end_matches('/')));
    found.into_iter().flatten().flatten().filter(|path| path.is_dir())
}

/// What a program prints when it is asked so; `None` if it cannot be run or fails.
pub(crate) fn output_of(program: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    let output = command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The version that `postgres --version` prints.
fn version_of(postgres: &Path) -> Result<(u32, u32), String> {
    let text = output_of(postgres, &["--version"]).ok_or("`postgres --version` does not run")?;
    parse_version(&text).ok_or_else(|| format!("`postgres --version` says `{}`", text.trim()))
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `… 18beta1`, `… 19devel`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let rest = text.trim().strip_prefix("postgres (")?;
    let number = rest.split_once(") ")?.1.split_whitespace().next()?;
    let major: String = number.chars().take_while(char::is_ascii_digit).collect();
    let minor = number[major.len()..].strip_prefix('.').unwrap_or("0");
    let minor: String = minor.chars().take_while(char::is_ascii_digit).collect();
    Some((major.parse().ok()?, minor.parse().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn versions_are_read() {
        let check = |text: &str, expect| assert_eq!(parse_version(text), expect, "{text}");
        check("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some((15, 18)));
        check("postgres (PostgreSQL) 18beta1", Some((18, 0)));
        check("postgres (PostgreSQL) 19devel", Some((19, 0)));
        check("postgres (PostgreSQL) 9.6.24", Some((9, 6)));
        check("postgres (EnterpriseDB) 16.4.1", Some((16, 4)));
        check("something else 15.1", None);
        check("", None);
    }

    const BOTH: &[&str] = &["postgres", "initdb"];

    struct Root {
        _folder: tempfile::TempDir,
        path: PathBuf,
    }

    impl Root {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            Root { path: std::fs::canonicalize(folder.path()).unwrap(), _folder: folder }
        }

        /// A folder with programs that only know their version.
        fn install(&self, bin: &str, version: Option<&str>, programs: &[&str]) {
            let bin = self.path.join(bin);
            std::fs::create_dir_all(&bin).unwrap();
            for program in programs {
                let file = bin.join(program);
                let text = version
                    .map_or("exit 1".to_owned(), |text| format!("echo 'postgres (PostgreSQL) {text}'"));
                std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
                std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
            }
        }

        fn search(&self, only: Option<&str>, path: Option<&str>) -> (Vec<Installation>, Searched) {
            let join = |name| self.path.join(name);
            let path = path.map(|path| join(path).into());
            installations(&Surroundings { only: only.map(join), path, root: self.path.clone() })
        }

        fn installation(&self, bin: &str, version: (u32, u32)) -> Installation {
            Installation { bin: self.path.join(bin), version }
        }
    }

    #[test]
    fn the_newest_is_first_and_old_or_broken_ones_are_named() {
        let root = Root::new();
        root.install("usr/lib/postgresql/13/bin", Some("13.9"), BOTH);
        root.install("usr/lib/postgresql/15/bin", Some("15.2"), BOTH);
        root.install("usr/lib/postgresql/17/bin", Some("17.0"), &["postgres"]);
        root.install("opt/homebrew/opt/postgresql@16/bin", Some("16.1"), BOTH);
        root.install("usr/pgsql-14/bin", None, BOTH);
        root.install("path/bin", Some("14.1"), BOTH);
        let (found, searched) = root.search(None, Some("path/bin"));
        let versions: Vec<_> = found.iter().map(|installation| installation.version).collect();
        assert_eq!(versions, [(16, 1), (15, 2), (14, 1)]);
        let old = root.installation("usr/lib/postgresql/13/bin", (13, 9));
        assert_eq!(searched.unusable.len(), 3, "{searched:?}");
        assert!(searched.unusable.contains(&format!("too old: {old}")), "{searched:?}");
    }

    #[test]
    fn a_chosen_folder_is_the_only_one() {
        let root = Root::new();
        root.install("usr/lib/postgresql/16/bin", Some("16.2"), BOTH);
        root.install("mine", Some("14.1"), BOTH);
        assert_eq!(root.search(Some("mine"), None).0, [root.installation("mine", (14, 1))]);
        let (found, searched) = root.search(Some("absent"), None);
        assert!(found.is_empty());
        assert!(searched.places[0].ends_with("absent (WHIMBREL_SCRATCH)"), "{searched:?}");
    }

    #[test]
    fn links_lead_to_the_real_folder_once() {
        let root = Root::new();
        root.install("usr/lib/postgresql/15/bin", Some("15.2"), BOTH);
        let real = root.installation("usr/lib/postgresql/15/bin", (15, 2));
        std::fs::create_dir_all(root.path.join("links")).unwrap();
        std::os::unix::fs::symlink(real.bin.join("postgres"), root.path.join("links/postgres")).unwrap();
        assert_eq!(root.search(None, Some("links")).0, [real]);
    }

    #[test]
    fn pg_config_is_asked() {
        let root = Root::new();
        root.install("elsewhere/bin", Some("15.2"), BOTH);
        root.install("path", Some("unused"), &["pg_config"]);
        let found = root.installation("elsewhere/bin", (15, 2));
        let script = format!("#!/bin/sh\necho {}\n", found.bin.display());
        std::fs::write(root.path.join("path/pg_config"), script).unwrap();
        assert_eq!(root.search(None, Some("path")).0, [found]);
    }

    #[test]
    fn nothing_found_says_where_it_looked_and_both_ways_out() {
        let (found, searched) = Root::new().search(None, None);
        assert!(found.is_empty());
        let text = searched.to_string();
        for part in [
            "PATH",
            "pg_config --bindir",
            "/usr/lib/postgresql/*/bin",
            "install PostgreSQL",
            "cargo install whimbrel-embedded-postgres",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
