//! Cleans up after a process that was killed.
//!
//! A `drop` does not run on SIGKILL, nor for a static when the process ends. So a small shell holds the reading
//! end of a pipe whose writing end only this process has: when the pipe closes, for whatever reason, the shell
//! stops the server and removes its folder.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::ScratchError;

/// Reads process numbers, one a line (the last one counts, 0 is none), until the pipe closes. SIGQUIT is
/// PostgreSQL's immediate shutdown. The folder is removed twice, should a process still have been writing.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
process=0
while read -r line; do process=$line; done
if [ "$process" != 0 ]; then
    kill -QUIT "$process" 2>/dev/null
    tries=0
    while kill -0 "$process" 2>/dev/null && [ "$tries" -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -KILL "-$process" 2>/dev/null
fi
rm -rf -- "$1" 2>/dev/null || { sleep 1; rm -rf -- "$1"; }
"#;

/// The shell that waits for this process's end.
#[derive(Debug)]
pub(crate) struct Watchdog {
    shell: Child,
}

impl Watchdog {
    /// Starts it; from now on `folder` is removed when this process ends.
    pub(crate) fn start(folder: &Path) -> Result<Self, ScratchError> {
        let shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "whimbrel-scratch"])
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(ScratchError::when("start /bin/sh, which cleans up after a kill"))?;
        Ok(Watchdog { shell })
    }

    /// Says which process is to be stopped; 0 for none.
    pub(crate) fn guard(&mut self, process: u32) -> Result<(), ScratchError> {
        let pipe = self.shell.stdin.as_mut();
        pipe.map_or(Ok(()), |pipe| writeln!(pipe, "{process}"))
            .map_err(ScratchError::when("tell the clean-up shell which process to stop"))
    }
}

impl Drop for Watchdog {
    /// Lets the shell do its work, which is nothing if the server has been stopped and its folder is gone.
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        if let Err(error) = self.shell.wait() {
            tracing::warn!(%error, "the clean-up shell cannot be waited for");
        }
    }
}
