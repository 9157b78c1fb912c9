//! What a migrator must know about a statement: whether it may run at all, whether it can share a transaction with its
//! journal event, and how its outcome shows in the catalog.

use whimbrel_syntax::lex::Token;

use super::Statement;
use crate::redact::redact;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    pub reason: String,
    pub hint: &'static str,
}

/// How the catalog tells whether a statement took effect that was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Probe {
    CreatedIndex {
        index: String,
        table: String,
        /// The statement for the same index on the table `pg_temp.whimbrel_probe_table`, named `whimbrel_probe`.
        trial: String,
    },
    DroppedIndex {
        index: String,
    },
    /// It can simply run again.
    Repeatable,
    /// The catalog cannot tell.
    Unknown,
}

impl Statement<'_> {
    /// Whether these words stand at a place.
    pub fn is(&self, place: usize, words: &[&str]) -> bool {
        words
            .iter()
            .enumerate()
            .all(|(offset, word)| self.tokens.get(place + offset).is_some_and(|token| token.is(word)))
    }

    /// The place after these words, if they are there.
    fn after(&self, place: usize, words: &[&str]) -> usize {
        if self.is(place, words) { place + words.len() } else { place }
    }

    /// Whether a word stands anywhere in it, outside of strings and quoted names.
    pub fn has(&self, word: &str) -> bool {
        self.tokens.iter().any(|token| token.is(word))
    }

    /// Its first words, for messages, without secrets.
    pub fn beginning(&self) -> String {
        let text = redact(self.text);
        let line = text.lines().next().unwrap_or_default();
        let mut short: String = line.chars().take(80).collect();
        if short.len() < text.len() {
            short.push('…');
        }
        short
    }

    /// Why no migrator can run it, if so.
    pub fn unsupported(&self) -> Option<Unsupported> {
        let refuse = |reason: &str, hint| Some(Unsupported { reason: reason.to_owned(), hint });
        if self.text.contains('\0') {
            return refuse("the statement holds a NUL character", "remove it");
        }
        if self.tokens.first() == Some(&Token::Sign("\\")) {
            return refuse(
                &format!("{} is a command of psql, not of PostgreSQL", self.beginning()),
                "write it in SQL, or remove it",
            );
        }
        if self.is(0, &["copy"]) && (self.has("stdin") || self.has("stdout")) {
            return refuse(
                "COPY from STDIN or to STDOUT needs a client that sends or takes the data",
                "use INSERT for data that belongs to the schema",
            );
        }
        if self.ends_transaction() {
            return refuse(
                &format!("{} would break the migration's own transaction", self.beginning()),
                "remove it: a migration runs in one transaction with its journal event, unless its first line is \
                 `-- no-transaction`",
            );
        }
        None
    }

    /// Whether it begins or ends a transaction. Savepoints are fine.
    pub fn ends_transaction(&self) -> bool {
        let to_savepoint = self.is(self.after(self.after(1, &["work"]), &["transaction"]), &["to"]);
        self.is(0, &["begin"])
            || self.is(0, &["start", "transaction"])
            || self.is(0, &["commit"])
            || self.is(0, &["end"])
            || self.is(0, &["abort"])
            || (self.is(0, &["rollback"]) && !to_savepoint)
            || self.is(0, &["prepare", "transaction"])
    }

    /// Whether it changes a setting of the session.
    pub(crate) fn is_setting(&self) -> bool {
        let of_transaction = ["local", "transaction", "constraints"].iter().any(|word| self.is(1, &[word]));
        self.is(0, &["reset"]) || (self.is(0, &["set"]) && !of_transaction)
    }

    /// Whether PostgreSQL refuses it in a transaction, or it may want to end transactions itself.
    pub(crate) fn non_transactional(&self) -> bool {
        const MAY_BE: [&[&str]; 7] = [
            &["cluster"],
            &["call"],
            &["do"],
            &["alter", "database"],
            &["alter", "subscription"],
            &["create", "subscription"],
            &["reindex"],
        ];
        let may_be = self.has("concurrently") || MAY_BE.iter().any(|words| self.is(0, words));
        may_be || self.is(0, &["discard"]) || self.fails_in_transaction()
    }

    /// Whether PostgreSQL refuses it in a transaction, as far as it says so itself.
    pub fn fails_in_transaction(&self) -> bool {
        const ALWAYS: [&[&str]; 8] = [
            &["vacuum"],
            &["alter", "system"],
            &["create", "database"],
            &["drop", "database"],
            &["create", "tablespace"],
            &["drop", "tablespace"],
            &["drop", "subscription"],
            &["discard", "all"],
        ];
        let after_options =
            || self.tokens.iter().position(|token| *token == Token::Sign(")")).map_or(1, |at| at + 1);
        let is_any = |at: usize, words: &[&str]| words.iter().any(|word| self.is(at, &[word]));
        let sometimes = match self.tokens.first() {
            Some(first) if first.is("reindex") => is_any(after_options(), &["schema", "database", "system"]),
            Some(first) if first.is("cluster") => self.tokens.len() == 1,
            _ if self.is(0, &["create", "subscription"]) => !self.has("create_slot") && !self.has("connect"),
            _ if self.is(0, &["alter", "subscription"]) => {
                self.is(3, &["refresh"]) || (self.is(4, &["publication"]) && !self.has("refresh"))
            }
            _ => self.is(0, &["alter", "database"]) && self.is(3, &["set", "tablespace"]),
        };
        let concurrently = self.has("concurrently") && !self.is(0, &["refresh"]);
        sometimes || concurrently || ALWAYS.iter().any(|words| self.is(0, words))
    }

    /// Whether it waits for other transactions by design, so that a lock timeout would only break it.
    pub(crate) fn waits_for_others(&self) -> bool {
        self.has("concurrently")
    }

    /// How to find out what became of it. Only of use for what is [non-transactional](Self::non_transactional).
    pub(crate) fn probe(&self) -> Probe {
        let index_at = self.after(1, &["unique"]);
        if self.is(0, &["create"]) && self.is(index_at, &["index"]) {
            return self.created_index(index_at == 2, index_at + 1).unwrap_or(Probe::Unknown);
        }
        if self.is(0, &["drop", "index"]) {
            return self.dropped_index().unwrap_or(Probe::Unknown);
        }
        const REPEATABLE: [&[&str]; 6] =
            [&["vacuum"], &["cluster"], &["reindex"], &["discard"], &["refresh"], &["alter", "system"]];
        if REPEATABLE.iter().any(|words| self.is(0, words)) { Probe::Repeatable } else { Probe::Unknown }
    }

    fn created_index(&self, unique: bool, at: usize) -> Option<Probe> {
        let at = self.after(self.after(at, &["concurrently"]), &["if", "not", "exists"]);
        // Without a name (`CREATE INDEX ON t`) the server makes one up: the catalog cannot tell.
        let index = self.tokens.get(at)?.written_name().filter(|_| self.is(at + 1, &["on"]))?;
        let (table, next) = self.qualified(self.after(at + 2, &["only"]))?;
        let last = self.tokens.get(next - 1)?.written_name()?;
        // A token is a slice of the text.
        let end = last.as_ptr() as usize + last.len() - self.text.as_ptr() as usize;
        let unique = if unique { "UNIQUE " } else { "" };
        let rest = self.text.get(end..)?;
        let trial = format!("CREATE {unique}INDEX whimbrel_probe ON pg_temp.whimbrel_probe_table {rest}");
        Some(Probe::CreatedIndex { index: index.to_owned(), table, trial })
    }

    fn dropped_index(&self) -> Option<Probe> {
        let at = self.after(self.after(2, &["concurrently"]), &["if", "exists"]);
        let (index, next) = self.qualified(at)?;
        // Several at once cannot be dropped concurrently.
        (self.tokens.get(next) != Some(&Token::Sign(","))).then_some(Probe::DroppedIndex { index })
    }

    /// The name at a place, as written, and the place after it.
    fn qualified(&self, at: usize) -> Option<(String, usize)> {
        let first = self.tokens.get(at)?.written_name()?;
        if self.tokens.get(at + 1) == Some(&Token::Sign(".")) {
            let second = self.tokens.get(at + 2)?.written_name()?;
            return Some((format!("{first}.{second}"), at + 3));
        }
        Some((first.to_owned(), at + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Script;
    use super::*;

    fn one(sql: &str) -> Statement<'_> {
        Script::parse(sql).statements.remove(0)
    }

    #[test]
    fn what_breaks_the_transaction_is_refused() {
        for sql in [
            "BEGIN",
            "start transaction",
            "/* x */ Commit",
            "END",
            "ROLLBACK",
            "rollback work",
            "ABORT",
            "PREPARE TRANSACTION 'x'",
            "COMMIT PREPARED 'x'",
            "\\connect x",
            "COPY t FROM STDIN",
            "copy t (a) to stdout",
            "SELECT '\0'",
        ] {
            assert!(one(sql).unsupported().is_some(), "{sql}");
        }
        for sql in [
            "SAVEPOINT a",
            "ROLLBACK TO a",
            "ROLLBACK WORK TO SAVEPOINT a",
            "RELEASE a",
            "PREPARE x AS SELECT 1",
            "COPY t FROM '/x'",
            "DO $$ BEGIN END $$",
            "SELECT 'COMMIT'",
            "\"begin\"",
        ] {
            assert_eq!(one(sql).unsupported(), None, "{sql}");
        }
    }

    #[test]
    fn what_must_run_alone_is_known() {
        for sql in [
            "CREATE INDEX CONCURRENTLY i ON t (a)",
            "VACUUM t",
            "ALTER TABLE p DETACH PARTITION q CONCURRENTLY",
            "REINDEX DATABASE x",
            "CALL p()",
            "CREATE DATABASE x",
        ] {
            assert!(one(sql).non_transactional(), "{sql}");
        }
        for sql in [
            "CREATE INDEX i ON t (a)",
            "ALTER TYPE a ADD VALUE 'b'",
            "SELECT 'concurrently'",
            "UPDATE t SET a = 1",
        ] {
            assert!(!one(sql).non_transactional(), "{sql}");
        }
    }

    #[test]
    fn what_fails_in_a_transaction_is_known() {
        for sql in [
            "VACUUM (FULL) t",
            "CREATE DATABASE x",
            "ALTER SYSTEM SET work_mem = 1",
            "REINDEX (VERBOSE) TABLE CONCURRENTLY t",
            "REINDEX (VERBOSE) SCHEMA s",
            "CLUSTER",
            "CREATE TABLESPACE x LOCATION '/x'",
            "DROP TABLESPACE x",
            "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p",
            "ALTER SUBSCRIPTION s REFRESH PUBLICATION",
            "DROP INDEX CONCURRENTLY i",
            "ALTER DATABASE x SET TABLESPACE y",
            "ALTER TABLE p DETACH PARTITION q CONCURRENTLY",
            "DISCARD ALL",
        ] {
            assert!(one(sql).fails_in_transaction() && one(sql).non_transactional(), "{sql}");
        }
        for sql in [
            "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
            "REINDEX TABLE t",
            "CLUSTER t USING i",
            "CALL p()",
            "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = false)",
            "ALTER SUBSCRIPTION s DISABLE",
            "ALTER DATABASE x SET work_mem = 1",
            "ANALYZE t",
        ] {
            assert!(!one(sql).fails_in_transaction(), "{sql}");
        }
    }

    #[test]
    fn a_comment_says_what_can_run_again() {
        let script = Script::parse(
            "DO 'a';\n-- whimbrel: repeatable\n-- Or so.\nDO 'b'; DO '-- whimbrel: repeatable'",
        );
        let repeatable: Vec<bool> = (0..4).map(|at| script.is_repeatable(at)).collect();
        assert_eq!(repeatable, [false, true, false, false]);
    }

    #[test]
    fn outcomes_are_looked_for_in_the_right_place() {
        let created = |index: &str, table: &str, unique: &str, rest: &str| Probe::CreatedIndex {
            index: index.into(),
            table: table.into(),
            trial: format!("CREATE {unique}INDEX whimbrel_probe ON pg_temp.whimbrel_probe_table {rest}"),
        };
        let dropped = |index: &str| Probe::DroppedIndex { index: index.into() };
        for (sql, expected) in [
            ("CREATE INDEX CONCURRENTLY i ON t (a)", created("i", "t", "", " (a)")),
            (
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"I\" ON ONLY \"S\".t USING gin (a)",
                created("\"I\"", "\"S\".t", "UNIQUE ", " USING gin (a)"),
            ),
            ("CREATE INDEX CONCURRENTLY ON t (a)", Probe::Unknown),
            ("DROP INDEX CONCURRENTLY IF EXISTS s.i", dropped("s.i")),
            ("DROP INDEX i, j", Probe::Unknown),
            ("VACUUM", Probe::Repeatable),
            ("REINDEX INDEX CONCURRENTLY i", Probe::Repeatable),
            ("CALL p()", Probe::Unknown),
        ] {
            assert_eq!(one(sql).probe(), expected, "{sql}");
        }
    }
}
