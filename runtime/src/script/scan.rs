//! Where a statement ends.

use whimbrel_syntax::lex::{self, Token};

use super::Statement;

/// All statements that hold at least one token.
pub(super) fn statements(sql: &str) -> Vec<Statement<'_>> {
    let mut found = Vec::new();
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let (mut at, mut start, mut last) = (0, 0, 0);
    let (mut parentheses, mut blocks) = (0_usize, 0_usize);
    for token in lex::tokens(sql) {
        let begin = at;
        at += token.text().len();
        match token {
            Token::Blank(_) => continue,
            Token::Sign(";") if parentheses == 0 && blocks == 0 => {
                if !tokens.is_empty() {
                    let tokens = std::mem::take(&mut tokens);
                    found.push(Statement { text: &sql[start..last], start, end: at, tokens });
                }
                continue;
            }
            Token::Sign("(") => parentheses += 1,
            Token::Sign(")") => parentheses = parentheses.saturating_sub(1),
            Token::Word(_) if parentheses == 0 && is_routine(&tokens) => {
                if token.is("begin") || (token.is("case") && blocks > 0) {
                    blocks += 1;
                } else if token.is("end") {
                    blocks = blocks.saturating_sub(1);
                }
            }
            _ => {}
        }
        if tokens.is_empty() {
            start = begin;
        }
        last = at;
        tokens.push(token);
    }
    if !tokens.is_empty() {
        found.push(Statement { text: &sql[start..last], start, end: at, tokens });
    }
    found
}

/// Whether the tokens so far begin a function or procedure, whose body may be `BEGIN ATOMIC … END`.
fn is_routine(tokens: &[Token<'_>]) -> bool {
    let is = |place: usize, word| tokens.get(place).is_some_and(|token| token.is(word));
    let kind = if is(1, "or") && is(2, "replace") { 3 } else { 1 };
    is(0, "create") && (is(kind, "function") || is(kind, "procedure"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, expected: &[&str]) {
        let found: Vec<_> = statements(sql).into_iter().map(|statement| statement.text).collect();
        assert_eq!(found, expected, "{sql}");
    }

    #[test]
    fn semicolons_end_statements() {
        check("SELECT 1; SELECT 2", &["SELECT 1", "SELECT 2"]);
        check("SELECT 1;;\n;", &["SELECT 1"]);
        check("", &[]);
        check("\u{feff}SELECT 1;", &["SELECT 1"]);
        check("SELECT 'ü;' AS \"ß;\" ; SELECT ü", &["SELECT 'ü;' AS \"ß;\"", "SELECT ü"]);
    }

    #[test]
    fn comments_are_not_statements_and_hide_semicolons() {
        check("-- a; b\nSELECT 1; -- c;\n/* d; /* e; */ ; */", &["SELECT 1"]);
        check("SELECT 1 -- a;\n + 2; SELECT 3", &["SELECT 1 -- a;\n + 2", "SELECT 3"]);
        check("SELECT /* ; */ 1 /* x */;", &["SELECT /* ; */ 1"]);
        check("SELECT 1 /* never closed ; ", &["SELECT 1"]);
        check("SELECT '--' ; SELECT '/*' ; SELECT 1", &["SELECT '--'", "SELECT '/*'", "SELECT 1"]);
    }

    #[test]
    fn strings_hide_semicolons() {
        check("SELECT 'a;''b;'; SELECT 2", &["SELECT 'a;''b;'", "SELECT 2"]);
        check(r"SELECT 'a\'; SELECT 2", &[r"SELECT 'a\'", "SELECT 2"]);
        check(r"SELECT E'a\';b'; SELECT 2", &[r"SELECT E'a\';b'", "SELECT 2"]);
        check(
            r"SELECT date'2020-01-01;', name'\'; SELECT 2",
            &[r"SELECT date'2020-01-01;', name'\'", "SELECT 2"],
        );
        check("SELECT U&'a;', U&\"b;\" ; SELECT 2", &["SELECT U&'a;', U&\"b;\"", "SELECT 2"]);
        check("SELECT 'never closed ; ", &["SELECT 'never closed ; "]);
        check(r"SELECT E'ends with \", &[r"SELECT E'ends with \"]);
    }

    #[test]
    fn dollar_quotes_hide_semicolons() {
        check("SELECT $$a;b$$; SELECT 2", &["SELECT $$a;b$$", "SELECT 2"]);
        check("SELECT $x$ $$;$$ $y$;$y$ $x$; SELECT 2", &["SELECT $x$ $$;$$ $y$;$y$ $x$", "SELECT 2"]);
        check("SELECT $1; SELECT a$b$; SELECT $2$", &["SELECT $1", "SELECT a$b$", "SELECT $2$"]);
        check("DO $ü$ BEGIN; END $ü$; SELECT 2", &["DO $ü$ BEGIN; END $ü$", "SELECT 2"]);
        check("SELECT $$ never ; closed", &["SELECT $$ never ; closed"]);
    }

    #[test]
    fn parentheses_and_atomic_bodies_hide_semicolons() {
        check(
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3",
            &["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3"],
        );
        let function = "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC \
                        SELECT CASE WHEN true THEN 1 END; SELECT 2; END";
        check(&format!("{function}; SELECT 3"), &[function, "SELECT 3"]);
        check("BEGIN; SELECT 1; END; SELECT 2", &["BEGIN", "SELECT 1", "END", "SELECT 2"]);
        check(
            "CREATE FUNCTION f() RETURNS int AS 'BEGIN; END'; SELECT 1",
            &["CREATE FUNCTION f() RETURNS int AS 'BEGIN; END'", "SELECT 1"],
        );
    }

    use proptest::test_runner::{Config, RngSeed};

    proptest::proptest! {
        #![proptest_config(Config { rng_seed: RngSeed::Fixed(whimbrel_scratch::seed()), ..Default::default() })]

        /// Whatever the text, statements are slices of it, one after the other, and what is between them is blank.
        #[test]
        fn nothing_is_lost(pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                ";", "'", "\"", "$", "$$", "$a$", "--", "/*", "*/", "\n", " ", "e'", "E'\\", "u&'", "\\", "(", ")", "begin",
                "create function", "case", "end", "a", "1", "ü", "\u{feff}",
            ]), 0..40)
        ) {
            let sql = pieces.concat();
            let found = statements(&sql);
            let mut at = 0;
            for statement in &found {
                assert!(statement.start >= at && statement.end <= sql.len());
                assert!(sql[statement.start..].starts_with(statement.text));
                assert!(statement.start + statement.text.len() <= statement.end);
                assert!(statements(&sql[at..statement.start]).is_empty(), "{sql:?}");
                at = statement.end;
            }
            assert!(statements(&sql[at..]).is_empty(), "{sql:?}");
        }
    }

    #[test]
    fn places_are_known() {
        let sql = "-- one\n\nSELECT 1;\n  /* ü */ SELECT 2;";
        let script = super::super::Script::parse(sql);
        let places: Vec<_> =
            script.statements.iter().map(|statement| script.position(statement.start)).collect();
        assert_eq!(places, [(3, 1), (4, 11)]);
        assert_eq!(script.prefix(0), "");
        assert_eq!(script.prefix(1), "-- one\n\nSELECT 1;");
        assert_eq!(script.prefix(2), sql);
    }
}
