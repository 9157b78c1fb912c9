//! The connection that migrations run on, and its settings.

use std::time::Duration;

use sqlx::PgConnection;

use super::Options;
use crate::error::{Doing as _, Error};
use crate::session::{self, SessionSettings};

/// Settings that migrations (above all those made from dumps) change for the session and that must not leak into the
/// next one. Any role may set them.
const READ_SETTINGS: &str = "\
SELECT name, current_setting(name) FROM unnest('{role, row_security, check_function_bodies, client_min_messages,
    standard_conforming_strings, default_tablespace, default_table_access_method, default_transaction_read_only,
    xmloption, TimeZone, DateStyle}'::text[]) name";

#[derive(Debug)]
pub(super) struct Session<'a> {
    pub(super) conn: &'a mut PgConnection,
    pub(super) options: Options,
    /// Names and values.
    kept: Vec<(String, String)>,
}

impl<'a> Session<'a> {
    pub(super) async fn new(conn: &'a mut PgConnection, options: Options) -> Result<Self, Error> {
        let kept = sqlx::query_as(READ_SETTINGS).fetch_all(&mut *conn).await;
        let kept = kept.doing("reading the session's settings")?;
        Ok(Session { conn, options, kept })
    }

    /// Puts the settings back as they were, the timeouts to what the migrator was told, and the search path to
    /// `public`, where the models' tables are.
    pub(super) async fn prepare(&mut self, lock_timeout: Duration) -> Result<(), Error> {
        let settings = SessionSettings { lock_timeout, statement_timeout: self.options.statement_timeout };
        session::write(self.conn, settings, &self.kept).await.doing("preparing the session")
    }
}
