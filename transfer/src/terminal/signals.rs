//! Ctrl-C and SIGTERM: once to end in good order, twice to end at once.

use std::io::Write;

use tokio::task::JoinHandle;

use super::FAILED;
use tokio_util::sync::CancellationToken;

/// Passes the first signal on as a request; the second one ends the process, and `again` says how to go on. Ends when
/// aborted.
pub fn watch(stop: CancellationToken, again: &'static str) -> JoinHandle<()> {
    tokio::spawn(async move {
        let Some(mut signals) = Signals::new() else { return };
        signals.next().await;
        stop.cancel();
        print(
            "finishing the current batch; a second signal ends at once (nothing committed is lost either way)",
        );
        signals.next().await;
        print(&format!("ended at once; {again}"));
        std::process::exit(i32::from(FAILED));
    })
}

fn print(text: &str) {
    // The request counts even if stderr is closed.
    writeln!(anstream::stderr(), "{text}").ok();
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Catches them from now on. `None` if that is not possible: then they end the process.
    fn new() -> Option<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Some(Signals {
            terminate: signal(SignalKind::terminate()).ok()?,
            interrupt: signal(SignalKind::interrupt()).ok()?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Option<Self> {
        Some(Signals)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
