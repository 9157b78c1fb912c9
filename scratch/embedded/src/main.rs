//! An embedded PostgreSQL as a program: a server compiled to WebAssembly, on a free port of 127.0.0.1, with one
//! database, for one connection at a time.
//!
//! `whimbrel-scratch` starts it where no PostgreSQL is installed. It is a program of its own because its WebAssembly
//! runtime takes longer to compile than all of Whimbrel.
//!
//! The first line on stdout is the connection URL, or else why there is none. The server runs until stdin ends, so it
//! does not outlive the program that started it, and removes its data.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;

use pglite_oxide::PgliteServer;

fn main() -> ExitCode {
    let server = match PgliteServer::builder().temporary().relaxed_durability(true).start() {
        Ok(server) => server,
        Err(error) => {
            print(&format!("{error:#}"));
            return ExitCode::FAILURE;
        }
    };
    print(&server.database_url());
    // What is read, or why reading ends, does not matter.
    let _end = std::io::stdin().lock().read_to_end(&mut Vec::new());
    stop(server);
    ExitCode::SUCCESS
}

fn print(line: &str) {
    let mut stdout = std::io::stdout().lock();
    // A reader that is gone has closed stdin, too.
    let _gone = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

/// Stopping waits for the open connection to end; one that was forgotten must not keep this process.
fn stop(server: PgliteServer) {
    let (done, stopped) = mpsc::channel();
    std::thread::spawn(move || {
        drop(server);
        done.send(())
    });
    let _timeout = stopped.recv_timeout(Duration::from_secs(10));
}
