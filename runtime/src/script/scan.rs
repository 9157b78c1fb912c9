//! The scanner: PostgreSQL's lexical structure (documentation, chapter 4.1), as far as it decides where a statement
//! ends. It follows `psqlscan.l`.

use super::Statement;

/// A piece of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A key word or an unquoted name.
    Word(&'a str),
    /// A name in double quotes, quotes included.
    Quoted(&'a str),
    /// A string of any kind, quotes included.
    Text(&'a str),
    /// Any other character.
    Sign(char),
}

impl<'a> Token<'a> {
    /// Whether it is this key word.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(text) if text.eq_ignore_ascii_case(word))
    }

    /// Its text, if it is a name.
    pub(super) fn name(&self) -> Option<&'a str> {
        match self {
            Token::Word(text) | Token::Quoted(text) => Some(text),
            _ => None,
        }
    }
}

/// All statements that hold at least one token.
pub(super) fn statements(sql: &str) -> Vec<Statement<'_>> {
    let mut scanner = Scanner { sql, at: 0 };
    let mut found = Vec::new();
    while let Some(statement) = scanner.statement() {
        found.push(statement);
    }
    found
}

struct Scanner<'a> {
    sql: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.sql.get(self.at..).unwrap_or_default()
    }

    fn statement(&mut self) -> Option<Statement<'a>> {
        let (mut start, mut last) = (None, self.at);
        let mut tokens: Vec<Token<'a>> = Vec::new();
        let (mut parentheses, mut blocks) = (0_usize, 0_usize);
        loop {
            self.at += blanks(self.rest());
            let begin = self.at;
            let Some(token) = self.token() else { break };
            match token {
                Token::Sign(';') if parentheses == 0 && blocks == 0 => {
                    let Some(start) = start else { continue };
                    return Some(self.made(start, last, tokens));
                }
                Token::Sign('(') => parentheses += 1,
                Token::Sign(')') => parentheses = parentheses.saturating_sub(1),
                Token::Word(_) if parentheses == 0 && is_routine(&tokens) => {
                    if token.is("begin") || (token.is("case") && blocks > 0) {
                        blocks += 1;
                    } else if token.is("end") {
                        blocks = blocks.saturating_sub(1);
                    }
                }
                _ => {}
            }
            start.get_or_insert(begin);
            last = self.at;
            tokens.push(token);
        }
        start.map(|start| self.made(start, last, tokens))
    }

    fn made(&self, start: usize, last: usize, tokens: Vec<Token<'a>>) -> Statement<'a> {
        let text = self.sql.get(start..last).unwrap_or_default();
        Statement { text, start, end: self.at, tokens }
    }

    fn token(&mut self) -> Option<Token<'a>> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        let (length, token): (usize, fn(&'a str) -> Token<'a>) = match first {
            '\'' => (quoted(rest, b'\'', false), Token::Text),
            '"' => (quoted(rest, b'"', false), Token::Quoted),
            '$' => match dollar_quoted(rest) {
                Some(length) => (length, Token::Text),
                None => (1, |_| Token::Sign('$')),
            },
            'e' | 'E' if rest[1..].starts_with('\'') => (1 + quoted(&rest[1..], b'\'', true), Token::Text),
            'u' | 'U' if rest[1..].starts_with("&'") => (2 + quoted(&rest[2..], b'\'', false), Token::Text),
            'u' | 'U' if rest[1..].starts_with("&\"") => (2 + quoted(&rest[2..], b'"', false), Token::Quoted),
            _ if is_name_start(first) => (rest.find(|c| !is_name_part(c)).unwrap_or(rest.len()), Token::Word),
            sign => {
                self.at += sign.len_utf8();
                return Some(Token::Sign(sign));
            }
        };
        self.at += length;
        Some(token(rest.get(..length).unwrap_or(rest)))
    }
}

/// Whether the tokens so far begin a function or procedure, whose body may be `BEGIN ATOMIC … END`.
fn is_routine(tokens: &[Token<'_>]) -> bool {
    let is = |place: usize, word| tokens.get(place).is_some_and(|token| token.is(word));
    let kind = if is(1, "or") && is(2, "replace") { 3 } else { 1 };
    is(0, "create") && (is(kind, "function") || is(kind, "procedure"))
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_name_part(c: char) -> bool {
    is_name_start(c) || c.is_ascii_digit() || c == '$'
}

/// The length of the white space and comments at the beginning of the text. Block comments nest; one that is not closed
/// takes the rest.
pub(crate) fn blanks(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if rest.starts_with("--") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if rest.starts_with("/*") {
            rest = &rest[block_comment(rest)..];
        } else {
            return text.len() - rest.len();
        }
    }
}

/// The length of a block comment at the beginning of the text.
fn block_comment(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(pair) = bytes.get(at..at + 2) {
        match pair {
            b"/*" => (at, depth) = (at + 2, depth + 1),
            b"*/" => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The length of a quoted piece at the beginning of the text; one that is not closed takes the rest.
pub(crate) fn quoted(text: &str, quote: u8, backslashes: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if backslashes => at += 2,
            byte if *byte == quote => {
                if bytes.get(at + 1) != Some(&quote) {
                    return at + 1;
                }
                at += 2;
            }
            _ => at += 1,
        }
    }
    text.len()
}

/// The length of a dollar-quoted string at the beginning of the text, if it is one (and no `$1`).
pub(crate) fn dollar_quoted(text: &str) -> Option<usize> {
    let tag_end = text[1..].find('$')? + 1;
    let tag = &text[1..tag_end];
    let is_tag = tag.is_empty()
        || (tag.chars().next().is_some_and(is_name_start)
            && tag.chars().all(|c| is_name_part(c) && c != '$'));
    if !is_tag {
        return None;
    }
    let mark = &text[..=tag_end];
    let body = &text[mark.len()..];
    Some(body.find(mark).map_or(text.len(), |end| mark.len() + end + mark.len()))
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
    fn comments_are_no_statements_and_hide_semicolons() {
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
