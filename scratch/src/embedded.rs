//! The embedded PostgreSQL, a program of its own (`scratch/embedded`): its first line on stdout is the connection URL,
//! and it runs until its stdin ends.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::ScratchError;

/// The program, and the package that holds it.
pub const PROGRAM: &str = "whimbrel-embedded-postgres";

/// A running embedded server; stopped and removed when dropped, and when this process ends.
#[derive(Debug)]
pub(crate) struct Embedded {
    server: Child,
    pub url: String,
}

impl Embedded {
    /// Starts the program and waits until it takes connections.
    pub(crate) fn start(program: &Path) -> Result<Self, ScratchError> {
        let mut command = Command::new(program);
        // Ctrl-C in a terminal is for this process to handle.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut server = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(ScratchError::when(format!("run {}", program.display())))?;
        let mut answer = String::new();
        if let Some(stdout) = server.stdout.take() {
            let mut stdout = BufReader::new(stdout);
            stdout
                .read_line(&mut answer)
                .and_then(|_| if is_url(&answer) { Ok(0) } else { stdout.read_to_string(&mut answer) })
                .map_err(ScratchError::when(format!("read from {}", program.display())))?;
        }
        let embedded = Embedded { server, url: answer.trim().to_owned() };
        match is_url(&embedded.url) {
            true => Ok(embedded),
            false => {
                Err(ScratchError::Failed(format!("the embedded PostgreSQL did not start: {}", embedded.url)))
            }
        }
    }

    pub(crate) fn process(&self) -> u32 {
        self.server.id()
    }
}

impl Drop for Embedded {
    /// The end of its stdin stops the server; a connection that was forgotten delays that by ten seconds at most.
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        if let Err(error) = self.server.wait() {
            tracing::warn!(%error, "the embedded server cannot be waited for");
        }
    }
}

fn is_url(text: &str) -> bool {
    text.starts_with("postgres")
}

/// The program beside this one, or in a folder of PATH.
pub(crate) fn find() -> Option<PathBuf> {
    let name = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe().ok().and_then(|this| this.parent().map(Path::to_path_buf));
    let path = std::env::var_os("PATH").unwrap_or_default();
    beside
        .into_iter()
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(&name))
        .find(|file| file.is_file())
}
