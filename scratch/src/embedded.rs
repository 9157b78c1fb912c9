//! The embedded PostgreSQL: a server compiled to WebAssembly, in this process, on a free port of 127.0.0.1.

use std::sync::mpsc;
use std::time::Duration;

use pglite_oxide::PgliteServer;

use crate::ScratchError;

/// A running embedded server; stopped and removed when dropped.
#[derive(Debug)]
pub(crate) struct Embedded {
    /// Empty only while dropping.
    server: Option<PgliteServer>,
}

impl Embedded {
    /// Unpacks the server into a temporary folder and starts it.
    pub(crate) fn start() -> Result<Self, ScratchError> {
        let start = || PgliteServer::builder().temporary().relaxed_durability(true).start();
        // It blocks on a runtime of its own, which must not happen on a thread that already drives one.
        let server = std::thread::scope(|scope| scope.spawn(start).join())
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            .map_err(|error| ScratchError::Embedded(format!("{error:#}")))?;
        Ok(Embedded { server: Some(server) })
    }

    /// Its connection URL.
    pub(crate) fn url(&self) -> String {
        self.server.as_ref().map(PgliteServer::database_url).unwrap_or_default()
    }
}

impl Drop for Embedded {
    /// Stopping waits for the open connection to end; a connection that somebody forgot must not hang the
    /// process, so the wait has an end, too.
    fn drop(&mut self) {
        let Some(server) = self.server.take() else { return };
        let (done, stopped) = mpsc::channel();
        std::thread::spawn(move || {
            drop(server);
            let _ = done.send(());
        });
        if stopped.recv_timeout(Duration::from_secs(10)).is_err() {
            tracing::warn!("the embedded server still has an open connection; it ends with this process");
        }
    }
}
