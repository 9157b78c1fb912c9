//! Lints migrations with squawk: which of its rules hold here, and which statements are allowed to break one.

use std::ops::Range;
use std::panic::catch_unwind;
use std::path::Path;

use serde::Serialize;
use squawk_linter::{Linter, Rule, Violation};
use squawk_syntax::SourceFile;
use whimbrel::__private::script::{Script, Statement};
use whimbrel_syntax::chain;
use whimbrel_syntax::errors::nearest;
use whimbrel_syntax::lex::{self, Token};
use whimbrel_syntax::scan::Diagnostic;

use crate::comments::comments;
use crate::diagnostics::{details, position};

mod same_file;

/// Rules that are off; README says why.
const OFF: [Rule; 3] =
    [Rule::BanConcurrentIndexCreationInTransaction, Rule::PreferRobustStmts, Rule::RequireTimeoutSettings];

/// Beginnings of the names of rules that are off in down files: to undo a migration is to drop and to rename.
const OFF_IN_DOWN: [&str; 2] = ["ban-drop-", "renaming-"];

/// The oldest PostgreSQL that Whimbrel works on.
const OLDEST: &str = "14";

const ALLOW: &str = "whimbrel:allow";

/// A rule of Whimbrel's own: a statement that PostgreSQL refuses in a transaction, in a file that runs in one.
const IN_TRANSACTION: &str = "fails-in-transaction";

/// Another one: an allowance that silences nothing.
const UNUSED: &str = "unused-allow";

/// What a rule found in a file.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    pub rule: String,
    #[serde(flatten, serialize_with = "place")]
    pub diagnostic: Diagnostic,
}

fn place<S: serde::Serializer>(diagnostic: &Diagnostic, serializer: S) -> Result<S::Ok, S::Error> {
    details(diagnostic).serialize(serializer)
}

/// The findings in a migration's file (with LF), or why it cannot be linted.
pub fn lint(path: &Path, sql: &str) -> Result<Vec<Finding>, Vec<Diagnostic>> {
    let diagnostic = |span: Range<usize>, message: &str, help: String| {
        let (line, column) = position(sql, span.start);
        Diagnostic {
            path: path.to_owned(),
            source: sql.to_owned(),
            span,
            line,
            column,
            message: message.trim_end_matches('.').to_owned(),
            label: String::new(),
            help: Some(help),
        }
    };
    let script = Script::parse(sql);
    let mut errors = Vec::new();
    let mut allowed = Vec::new();
    for (span, text) in marks(sql) {
        match Allow::parse(text) {
            Ok(rule) => allowed.push(Allow { rule, statement: beside(&script, &span), span, used: false }),
            Err((message, help)) => errors.push(diagnostic(span, &message, help)),
        }
    }
    let is_down = path.to_string_lossy().ends_with(".down.sql");
    let violations = match violations(sql, is_down) {
        Ok(violations) => violations,
        Err((span, message)) => {
            let help = "if PostgreSQL accepts it, this is an error of the linter (squawk)".to_owned();
            errors.push(diagnostic(span, &message, help));
            Vec::new()
        }
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut findings = Vec::new();
    for Violation { code, message, text_range, help, .. } in violations {
        let span = Range::<usize>::from(text_range);
        let at = script.statements.iter().rposition(|statement| statement.start <= span.start);
        if at.is_some_and(|at| same_file::explains(code, &script.statements, (at, span.start))) {
            continue;
        }
        if is_allowed(&mut allowed, &code.to_string(), at) {
            continue;
        }
        let help = match without_not_valid(code, sql.get(span.clone()).unwrap_or_default()) {
            // Another rule says what to do.
            Some(true) => continue,
            Some(false) => None,
            None => help,
        };
        let when = match begins(code, &OFF_IN_DOWN) {
            true => "first let running programs do without it, then write",
            false => "if that may be here, write",
        };
        let help = help.unwrap_or_else(|| format!("{when} `-- {ALLOW} {code} REASON` before the statement"));
        // The line is enough to show.
        let end = sql[span.clone()].find('\n').map_or(span.end, |length| span.start + length);
        let diagnostic = diagnostic(span.start..end, &message, help);
        findings.push(Finding { rule: code.to_string(), diagnostic });
    }
    for (at, statement) in script.statements.iter().enumerate() {
        let fails = !chain::no_transaction(sql) && statement.fails_in_transaction();
        if !fails || is_allowed(&mut allowed, IN_TRANSACTION, Some(at)) {
            continue;
        }
        let end = statement.text.find('\n').unwrap_or(statement.text.len());
        let message = "PostgreSQL refuses this in a transaction, and this file runs in one";
        let help = "write `-- no-transaction` on its first line, best in a migration of its own".to_owned();
        let diagnostic = diagnostic(statement.start..statement.start + end, message, help);
        findings.push(Finding { rule: IN_TRANSACTION.to_owned(), diagnostic });
    }
    for allow in allowed.into_iter().filter(|allow| !allow.used) {
        let message = format!("nothing in the statement breaks {}", allow.rule);
        let diagnostic = diagnostic(allow.span, &message, "remove this comment".to_owned());
        findings.push(Finding { rule: UNUSED.to_owned(), diagnostic });
    }
    findings.sort_by_key(|finding| finding.diagnostic.span.start);
    Ok(findings)
}

/// Whether a comment lets this statement break the rule.
fn is_allowed(allowed: &mut [Allow], rule: &str, at: Option<usize>) -> bool {
    let used = allowed.iter_mut().filter(|allow| allow.statement == at && allow.rule == rule);
    used.map(|allow| allow.used = true).count() > 0
}

/// Whether another rule finds the constraint that is added here, which PostgreSQL cannot add without checking the rows: `NOT VALID` is
/// for checks and foreign keys.
fn without_not_valid(rule: Rule, added: &str) -> Option<bool> {
    let tokens: Vec<Token<'_>> =
        lex::tokens(added).filter(|token| !matches!(token, Token::Blank(_))).collect();
    let at = if tokens.get(1).is_some_and(|token| token.is("constraint")) { 3 } else { 1 };
    let kind = tokens.get(at).filter(|_| rule == Rule::ConstraintMissingNotValid)?;
    let found = ["unique", "primary"].iter().any(|word| kind.is(word));
    (found || kind.is("exclude")).then_some(found)
}

/// What squawk finds, or where it cannot go on.
fn violations(sql: &str, is_down: bool) -> Result<Vec<Violation>, (Range<usize>, String)> {
    let run = || {
        let file = SourceFile::parse(sql);
        // What follows the first error are often its consequences.
        if let Some(error) = file.errors().first() {
            return Err((error.range().into(), format!("this cannot be parsed: {}", error.message())));
        }
        let mut linter = Linter::with_rules(&[], &OFF);
        if is_down {
            linter.rules.retain(|rule| !begins(*rule, &OFF_IN_DOWN));
        }
        linter.settings.assume_in_transaction = !chain::no_transaction(sql);
        if let Ok(version) = OLDEST.parse() {
            linter.settings.pg_version = version;
        }
        Ok(linter.lint(&file, sql))
    };
    // squawk panics where it meets what it does not expect.
    catch_unwind(run).unwrap_or_else(|_| Err((0..0, "the linter stopped at this file".to_owned())))
}

fn begins(rule: Rule, beginnings: &[&str]) -> bool {
    let name = rule.to_string();
    beginnings.iter().any(|beginning| name.starts_with(beginning))
}

/// A comment that lets one statement break one rule.
struct Allow {
    rule: String,
    span: Range<usize>,
    /// The statement, as a place in the script.
    statement: Option<usize>,
    used: bool,
}

impl Allow {
    /// Reads `RULE reason`; the error is a message and what to do.
    fn parse(text: &str) -> Result<String, (String, String)> {
        let (name, reason) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let form = format!("write `-- {ALLOW} RULE REASON`");
        if name.is_empty() {
            return Err((format!("{ALLOW} names no rule"), form));
        }
        if name != IN_TRANSACTION && Rule::try_from(name).is_err() {
            let rules = Linter::with_default_rules().rules;
            let names: Vec<String> =
                rules.iter().map(ToString::to_string).chain([IN_TRANSACTION.to_owned()]).collect();
            let help = match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "the rules: https://squawkhq.com/docs/rules".to_owned(),
            };
            return Err((format!("unknown rule `{name}`"), help));
        }
        if reason.trim().is_empty() {
            return Err((format!("{ALLOW} {name} gives no reason"), form));
        }
        Ok(name.to_owned())
    }
}

/// The comments that allow something: where they are, and what follows the mark.
fn marks(sql: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    comments(sql).into_iter().filter_map(|comment| {
        let text = comment.text.strip_prefix("allow")?;
        (text.is_empty() || text.starts_with([' ', '\t'])).then_some((comment.span, text))
    })
}

/// The statement on the comment's line, otherwise the next one.
fn beside(script: &Script<'_>, comment: &Range<usize>) -> Option<usize> {
    let line = |byte| script.position(byte).0;
    let on_line = |statement: &Statement<'_>| {
        let end = statement.start + statement.text.len();
        statement.start < comment.start && line(end) >= line(comment.start)
    };
    let next = |statement: &Statement<'_>| statement.start > comment.start;
    script.statements.iter().rposition(on_line).or_else(|| script.statements.iter().position(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules that a file breaks, each with its line.
    fn check(file: &str, sql: &str, expected: &[&str]) {
        let found: Vec<String> = match lint(Path::new(file), sql) {
            Ok(findings) => {
                let shown = |one: &Finding| format!("{} {}", one.diagnostic.line, one.rule);
                findings.iter().map(shown).collect()
            }
            Err(errors) => errors.iter().map(|one| format!("{} {}", one.line, one.message)).collect(),
        };
        assert_eq!(found, expected, "{sql}");
    }

    #[test]
    fn what_the_same_file_creates_is_used_by_nobody() {
        for first in ["", "-- no-transaction\n"] {
            let sql = "CREATE TABLE a.t (x text); ALTER TABLE a.t ADD CONSTRAINT c CHECK (x <> ''); CREATE INDEX ON a.t (x);
                ALTER TABLE ONLY a.t ADD COLUMN b text NOT NULL; ALTER TABLE a.t DROP COLUMN b; DROP TABLE a.t;
                CREATE MATERIALIZED VIEW v AS SELECT 1 AS a; CREATE UNIQUE INDEX i ON v (a);";
            check("a.up.sql", &format!("{first}{sql}"), &[]);
        }
        check(
            "a.up.sql",
            "CREATE TABLE t (x text);\nALTER TABLE s.t DROP COLUMN x;\nDROP TABLE t, u;",
            &["2 ban-drop-column", "3 ban-drop-table"],
        );
        check("a.up.sql", "DROP VIEW v;\nCREATE VIEW v AS SELECT 1;\nDROP VIEW w;", &["3 ban-drop-view"]);
    }

    #[test]
    fn what_the_same_file_makes_again_is_not_gone() {
        for clean in [
            "ALTER TABLE a.t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (x > 1) NOT VALID;",
            "ALTER TABLE t ADD CONSTRAINT c CHECK (x IS NOT NULL) NOT VALID;\nALTER TABLE t DROP CONSTRAINT c;",
            "ALTER TABLE t ALTER x DROP DEFAULT;\nALTER TABLE t ALTER COLUMN x SET DEFAULT 1;",
            "DROP FUNCTION s.f(bigint);\nCREATE OR REPLACE FUNCTION s.f(a bigint) RETURNS text LANGUAGE sql AS '';",
            "DROP TYPE s;\nCREATE TYPE s AS (a text);",
            "ALTER TYPE s RENAME TO old_s;\nCREATE TYPE s AS ENUM ('a');\nDROP TYPE old_s;",
        ] {
            check("a.up.sql", clean, &[]);
        }
        let index =
            "-- no-transaction\nCREATE INDEX CONCURRENTLY new ON a.t (x);\nDROP INDEX CONCURRENTLY a.i;\n";
        check("a.up.sql", &format!("{index}ALTER INDEX a.new RENAME TO i;"), &[]);
        check("a.up.sql", "ALTER INDEX a.new RENAME TO i;", &["1 renaming-object"]);
        check(
            "a.up.sql",
            "ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT d CHECK (x > 1) NOT VALID;\nALTER TABLE u ADD CONSTRAINT c CHECK (y > 1) NOT VALID;",
            &["1 ban-drop-constraint"],
        );
        check(
            "a.up.sql",
            "ALTER TABLE t ALTER x DROP DEFAULT, ALTER y SET DEFAULT 1;\nDROP FUNCTION f(), g();\nCREATE FUNCTION g() RETURNS text LANGUAGE sql AS '';\n\
             DROP TYPE s;",
            &["1 ban-drop-default", "2 ban-drop-function", "4 ban-drop-type"],
        );
    }

    #[test]
    fn the_transaction_and_the_direction_are_known() {
        let concurrent = "SELECT 1;\nCREATE INDEX CONCURRENTLY i ON t (a);";
        check("a.up.sql", concurrent, &["2 fails-in-transaction"]);
        check("a.up.sql", "VACUUM (FULL) t;", &["1 fails-in-transaction"]);
        let slot = "-- whimbrel:allow fails-in-transaction it has no slot any more\nDROP SUBSCRIPTION s;";
        check("a.up.sql", slot, &[]);
        check("a.up.sql", &format!("-- no-transaction\n{concurrent}"), &[]);
        check("a.up.sql", "DROP TABLE t;", &["1 ban-drop-table"]);
        check(
            "a.down.sql",
            "DROP TABLE t;\nCREATE INDEX i ON u (a);",
            &["2 require-concurrent-index-creation"],
        );
    }

    #[test]
    fn one_rule_is_silenced_for_one_statement() {
        let allow = "-- whimbrel:allow ban-drop-column unused since May";
        check("a.up.sql", &format!("{allow}\n-- More.\nALTER TABLE t\nDROP COLUMN a;"), &[]);
        check("a.up.sql", &format!("ALTER TABLE t DROP COLUMN a; {allow}"), &[]);
        check("a.up.sql", &format!("ALTER TABLE t {allow}\nDROP COLUMN a;"), &[]);
        check("a.up.sql", &format!("SELECT '{allow}';"), &[]);
        check(
            "a.up.sql",
            &format!("{allow}\nSELECT 1;\nALTER TABLE t DROP COLUMN a;"),
            &["1 unused-allow", "3 ban-drop-column"],
        );
        check("a.up.sql", allow, &["1 unused-allow"]);
        check(
            "a.up.sql",
            "-- whimbrel:allow ban-drop-column",
            &["1 whimbrel:allow ban-drop-column gives no reason"],
        );
        check("a.up.sql", "-- whimbrel:allow", &["1 whimbrel:allow names no rule"]);
        check("a.up.sql", "SELECT 1;\n-- whimbrel:allow no-rule x", &["2 unknown rule `no-rule`"]);
    }

    #[test]
    fn what_has_no_form_without_a_check_is_not_advised_to_have_one() {
        let add = |what: &str| format!("ALTER TABLE t ADD CONSTRAINT c {what};");
        check("a.up.sql", &add("UNIQUE (a)"), &["1 disallowed-unique-constraint"]);
        check("a.up.sql", "ALTER TABLE t ADD PRIMARY KEY (a);", &["1 adding-serial-primary-key-field"]);
        let exclude = add("EXCLUDE USING gist (a WITH &&)");
        check("a.up.sql", &exclude, &["1 constraint-missing-not-valid"]);
        let help = |sql: &str| lint(Path::new("a.up.sql"), sql).unwrap().remove(0).diagnostic.help.unwrap();
        assert!(!help(&exclude).contains("NOT VALID"), "{}", help(&exclude));
        assert!(help(&add("CHECK (a > 0)")).contains("NOT VALID"));
    }
}
