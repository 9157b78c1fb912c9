//! Who runs the server: PostgreSQL refuses to run as root.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::ScratchError;
use crate::find::output_of;

/// Users that a server may run as when this process is root, in the order of preference. They must exist:
/// initdb looks its own user up.
const CANDIDATES: &[&str] = &["postgres", "_postgres", "pgsql", "nobody", "daemon"];

/// The user and group that the server's processes get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ServerUser {
    Own,
    /// Another one, since this process is root.
    Other {
        name: String,
        uid: u32,
        gid: u32,
    },
}

impl ServerUser {
    pub(crate) fn choose() -> Result<Self, ScratchError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(ServerUser::Own);
        }
        let found = CANDIDATES.iter().find_map(|name| {
            let uid = ask("-u", name).filter(|uid| *uid != 0)?;
            Some(ServerUser::Other { name: (*name).to_owned(), uid, gid: ask("-g", name)? })
        });
        found.ok_or_else(|| {
            ScratchError::Failed(format!(
                "PostgreSQL does not run as root, and none of the users {} exists here\n\
                 hint: create one of them, or run this as a user who is not root",
                CANDIDATES.join(", ")
            ))
        })
    }

    /// Lets a command run as this user, in a process group of its own: Ctrl-C in a terminal is for us to handle.
    pub(crate) fn run(&self, command: &mut Command) {
        command.process_group(0);
        if let ServerUser::Other { uid, gid, .. } = self {
            // Setting the user as root also drops the supplementary groups.
            command.uid(*uid).gid(*gid);
        }
    }

    /// Gives this user a file or folder.
    pub(crate) fn own(&self, path: &Path) -> Result<(), ScratchError> {
        if let ServerUser::Other { uid, gid, .. } = self {
            std::os::unix::fs::chown(path, Some(*uid), Some(*gid))
                .map_err(ScratchError::when(format!("give {} to {self}", path.display())))?;
        }
        Ok(())
    }
}

impl std::fmt::Display for ServerUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ServerUser::Own => f.write_str("this user"),
            ServerUser::Other { name, .. } => write!(f, "the user `{name}`"),
        }
    }
}

/// Asks `id`, which knows every directory of users that the machine knows.
fn ask(what: &str, name: &str) -> Option<u32> {
    output_of(Path::new("id"), &[what, name])?.trim().parse().ok()
}
