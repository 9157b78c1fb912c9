//! `DATABASE_URL=postgres://… example-service`: migrates, then answers every connection with the guest book.
//!
//! `PORT` is the port to listen on (0, any free one, unless set). The line `ready on 127.0.0.1:PORT` goes to stdout.

use std::error::Error;
use std::process::ExitCode;

use example_service::MIGRATOR;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

const GREET: &str = "INSERT INTO greetings (guest) VALUES ($1)";

const BOOK: &str = "SELECT guest || ' at ' || at FROM greetings ORDER BY at, id";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            // Whimbrel's errors know what to do about them.
            if let Some(hint) = error.downcast_ref::<whimbrel::Error>().and_then(whimbrel::Hint::hint) {
                tracing::info!("hint: {hint}");
            }
            ExitCode::from(2)
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL").map_err(|_| "DATABASE_URL is not set")?;
    let pool = PgPoolOptions::new().max_connections(4).connect(&url).await?;
    MIGRATOR.run(&pool).await?;

    let port = std::env::var("PORT").ok().map(|port| port.parse()).transpose()?.unwrap_or(0_u16);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    ready(&listener)?;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (guest, address) = accepted?;
                if let Err(error) = answer(&pool, guest, &address.to_string()).await {
                    tracing::warn!(%error, "a guest was not served");
                }
            }
            stopped = tokio::signal::ctrl_c() => return Ok(stopped?),
        }
    }
}

fn ready(listener: &TcpListener) -> Result<(), std::io::Error> {
    println!("ready on {}", listener.local_addr()?);
    Ok(())
}

/// Writes the guest into the book and the book to the guest.
async fn answer(pool: &PgPool, mut stream: TcpStream, guest: &str) -> Result<(), Box<dyn Error>> {
    sqlx::query(GREET).bind(guest).execute(pool).await?;
    let lines: Vec<String> = sqlx::query_scalar(BOOK).fetch_all(pool).await?;
    for line in lines {
        stream.write_all(line.as_bytes()).await?;
        stream.write_all(b"\n").await?;
    }
    Ok(())
}
