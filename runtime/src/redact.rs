//! Secrets out of everything that is shown or stored: URLs are typed where they enter ([`ConnectUrl`]), and any other text
//! goes through [`redact`].

mod url;

pub use url::{ConnectUrl, InvalidUrl};

use std::cell::LazyCell;
use std::ops::Range;

use whimbrel_syntax::lex::{self, Token};

pub const MASK: &str = "***";

/// Words before a literal that is a secret, or holds one. More than needed is hidden rather than less.
const SECRET_WORDS: [&str; 7] =
    ["password", "passwd", "pwd", "passphrase", "secret", "access_key", "connection"];

/// Words before `=` whose value is a secret.
const SECRET_KEYS: [&str; 4] = ["password", "passwd", "pwd", "sslpassword"];

/// The text without the passwords of the URLs and `password=…` settings in it.
///
/// It knows `scheme://user:password@host/…`, whatever the scheme, also in the middle of a sentence, and
/// `password=…`, `passwd=…`, `pwd=…` and `sslpassword=…` in query strings and connection strings, quoted or not, and
/// the literals of SQL that hold a secret (`PASSWORD '…'`, `CONNECTION '…'`), however they are spelled.
///
/// ```
/// let shown = whimbrel::__private::redact::redact("cannot reach postgres://me:s3cr3t@db.example/crm?sslpassword=x");
/// assert_eq!(shown, "cannot reach postgres://me:***@db.example/crm?sslpassword=***");
/// ```
pub fn redact(text: &str) -> String {
    redact_literals(&redact_settings(&redact_urls(text)))
}

/// The literals of SQL after the words that announce a secret (`PASSWORD 'secret'` in CREATE ROLE, `password 'secret'`
/// among the options of a user mapping, `CONNECTION 'conninfo'` of a subscription), however they are written:
/// `PASSWORD/**/E'x'`, `U&'x'`, `$$x$$`, also inside of another literal.
fn redact_literals(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let literals = LazyCell::new(|| string_literals(text));
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = SECRET_WORDS
        .iter()
        .filter_map(|word| lower[at..].find(word).map(|start| at + start + word.len()))
        .min()
    {
        // A quoted name, as `OPTIONS ("password" 'x')` may have it, ends with a quote.
        let mut literal = found + usize::from(text[found..].starts_with('"'));
        literal += lex::blanks(&text[literal..]);
        let length = secret_literal(&text[literal..]);
        let ended = || {
            let around = literals.get(literals.partition_point(|range| range.end <= found));
            around.filter(|range| range.start < found && range.end == found + 1)
        };
        if length == 0 || ended().is_some_and(|range| is_label(&lower[range.clone()], &text[range.end..])) {
            shown.push_str(&text[at..found]);
            at = found;
            continue;
        }
        shown.push_str(&text[at..literal]);
        // Lines keep their numbers.
        at = literal + length;
        shown.extend(text[literal..at].chars().filter(|c| *c == '\n'));
        shown.push_str("'***'");
    }
    shown.push_str(&text[at..]);
    shown
}

/// Where the string literals are, prefixes and quotes included; of dollar-quoted text, those in it instead of itself.
fn string_literals(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = lex::first(&text[at..]) {
        let end = at + token.text().len();
        at = match (token, token.text().strip_prefix('$').and_then(|rest| rest.find('$'))) {
            // Goes on after the opening mark; the closing one is passed over in the same way.
            (Token::Text(_), Some(tag)) => at + tag + 2,
            (Token::Text(_), None) => {
                found.push(at..end);
                end
            }
            _ => end,
        };
    }
    found
}

/// Whether a literal that ends with the word is not SQL that goes on after it, but text of its own: a label of an enum, a
/// value of a check constraint, a comment. Where the quote may begin a literal, since the text is a part of some statement,
/// it is none.
fn is_label(literal: &str, after: &str) -> bool {
    let statement = |word: &str| ["alter", "create", "encrypted"].contains(&word);
    let inner = literal.trim_start_matches(|c| c != '\'').trim_matches('\'');
    let ends = |c: char| c.is_whitespace() || ";,)]:|=<>".contains(c);
    (after.is_empty() || after.starts_with(ends))
        && !inner.starts_with(char::is_whitespace)
        && !inner.split(|c: char| !c.is_alphanumeric()).any(statement)
}

/// How many bytes at the beginning of the text are a literal, or make one; 0 if it is something else.
fn secret_literal(text: &str) -> usize {
    // `format('… PASSWORD %L', secret)`, `'… PASSWORD ' || secret`: the secret is somewhere in what follows.
    let joined = text.strip_prefix('\'').map(str::trim_start);
    if text.starts_with('%') || joined.is_some_and(|rest| rest.starts_with(['|', ',', ')'])) {
        return text.len();
    }
    let length = literal(text);
    if length == 0 {
        return 0;
    }
    // Literals in successive lines are one.
    let next = length + lex::blanks(&text[length..]);
    let continued = text[length..next].contains('\n') && text[next..].starts_with('\'');
    if continued { next + literal(&text[next..]) } else { length }
}

fn literal(text: &str) -> usize {
    if text.starts_with('$') {
        return lex::dollar_quoted(text).unwrap_or(0);
    }
    let prefix = match text.as_bytes() {
        [b'\'', ..] => 0,
        [b'e' | b'E' | b'n' | b'N' | b'b' | b'B' | b'x' | b'X', b'\'', ..] => 1,
        [b'u' | b'U', b'&', b'\'', ..] => 2,
        _ => return 0,
    };
    let text = &text[prefix..];
    let quotes = text.len() - text.trim_start_matches('\'').len();
    let ends =
        |rest: &str| rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || ";,)".contains(c));
    prefix
        + match quotes {
            2 if ends(&text[2..]) => 2,
            _ if quotes % 2 == 1 => lex::quoted(text, true),
            _ => nested_literal(text, quotes),
        }
}

/// The length of a literal inside of another one, whose quotes are doubled; all of the text if it does not end.
fn nested_literal(text: &str, quotes: usize) -> usize {
    let mut at = quotes;
    while let Some(start) = text[at..].find('\'') {
        at += start;
        let run = text[at..].len() - text[at..].trim_start_matches('\'').len();
        // Twice as many stand for a quote of the literal itself.
        if run % (2 * quotes) >= quotes {
            return at + run - run % (2 * quotes) + quotes;
        }
        at += run;
    }
    text.len()
}

fn redact_urls(text: &str) -> String {
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
    let scheme = |text: &str| text.trim_end_matches(in_scheme).len();
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let start = scheme(&rest[..at]);
        let after = &rest[at + 3..];
        let word =
            after.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`')).unwrap_or(after.len());
        // Without anything in between, the next URL begins in the same word.
        let next = after[..word].find("://").map_or(word, |next| scheme(&after[..next]));
        let end = at + 3 + next;
        shown.push_str(&rest[..start]);
        shown.push_str(&ConnectUrl::from(&rest[start..end]).to_string());
        rest = &rest[end..];
    }
    shown.push_str(rest);
    shown
}

fn redact_settings(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(equals) = rest.find('=') {
        let (before, after) = rest.split_at(equals + 1);
        shown.push_str(before);
        rest = after;
        let key = before[..equals].trim_end().to_ascii_lowercase();
        let is_secret = SECRET_KEYS.iter().any(|secret| {
            key.strip_suffix(secret).is_some_and(|head| !head.ends_with(|c: char| c.is_alphanumeric()))
        });
        if !is_secret {
            continue;
        }
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        shown.push_str(&rest[..blanks]);
        rest = &rest[blanks..];
        let end = match rest.chars().next() {
            Some('\'') => literal(rest),
            Some('"') => rest[1..].find('"').map_or(rest.len(), |close| close + 2),
            _ => setting_length(rest),
        };
        shown.push_str(MASK);
        rest = &rest[end..];
    }
    shown.push_str(rest);
    shown
}

/// The length of a value without quotes. A backslash escapes what follows it; a comma or a closing parenthesis ends it
/// only where the sentence goes on.
fn setting_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let before_blank = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        match c {
            '\\' => {
                chars.next();
            }
            '&' | ';' | '#' | '"' | '\'' => return at,
            ',' | ')' if before_blank => return at,
            c if c.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(redact(text), expected);
    }

    #[test]
    fn urls_lose_their_password() {
        check("postgres://me:secret@host:5432/db", "postgres://me:***@host:5432/db");
        check("a mongodb://u:p@h1:1,h2:2/?x=1 b", "a mongodb://u:***@h1:1,h2:2/?x=1 b");
        check("postgres://me@host/db", "postgres://me@host/db");
        check("postgres://host:5432/db?x=a@b", "postgres://host:5432/db?x=a@b");
        check("postgres://u:a@b@host/db", "postgres://u:***@host/db");
        check("postgres://u:p/w?d@host/db", "postgres://u:***@host/db");
        check(
            "\"postgres://u:p@h/d\" and 'postgres://u:q@h/e'",
            "\"postgres://u:***@h/d\" and 'postgres://u:***@h/e'",
        );
        check("postgres://u:@h/d", "postgres://u:***@h/d");
        check("postgres://ü:ß@h/d ✓", "postgres://ü:***@h/d ✓");
        check("(a://x,b://u:p@h) c://u:p@h?", "(a://x,b://u:***@h) c://u:***@h?");
    }

    #[test]
    fn settings_lose_their_value() {
        check("host=h password=secret user=u", "host=h password=*** user=u");
        check("password = 'a b' x", "password = *** x");
        check("PASSWORD=x;Database=y", "PASSWORD=***;Database=y");
        check("postgres:///db?password=x&user=y", "postgres:///db?password=***&user=y");
        check("nopassword=x", "nopassword=x");
        check("password=", "password=***");
        check("a = b, c = d", "a = b, c = d");
    }

    #[test]
    fn literals_of_sql_lose_their_text() {
        check("CREATE ROLE a PASSWORD 'it''s' LOGIN", "CREATE ROLE a PASSWORD '***' LOGIN");
        check("alter role a password E'x\\'y' ;", "alter role a password '***' ;");
        check(
            "USER MAPPING OPTIONS (user 'u', password 'p')",
            "USER MAPPING OPTIONS (user 'u', password '***')",
        );
        check("PASSWORD 'never closed", "PASSWORD '***'");
        check("ENCRYPTED PASSWORD NULL; SELECT 'x'", "ENCRYPTED PASSWORD NULL; SELECT 'x'");
        for (literal, after) in [
            ("'s3cret'", ""),
            (" 's3cret' VALID UNTIL '2030-01-01'", " VALID UNTIL '2030-01-01'"),
            (" E's3\\'cret'", ""),
            (" e's3''cret' ", " "),
            (" U&'s3\\0063ret' UESCAPE '!'", " UESCAPE '!'"),
            ("\t$$s3cret$$;", ";"),
            (" $x$s3'cret$$$x$ LOGIN", " LOGIN"),
            (" /* a 'b' /* c */ */ -- 'd'\n's3cret'", ""),
            ("'s3' -- x\n 'cret'", ""),
            (" ''s3cret''; END'", "; END'"),
            (" ''s3''''cret''', 1", "', 1"),
            (" N's3cret'", ""),
        ] {
            for head in [
                "CREATE ROLE a ENCRYPTED PASSWORD",
                "OPTIONS (password",
                "OPTIONS (\"password\"",
                "x CONNECTION",
            ] {
                let shown = redact(&format!("{head}{literal}"));
                assert!(!["s3", "cret"].iter().any(|part| shown.contains(part)), "{head}{literal}: {shown}");
                assert!(
                    shown.ends_with(&format!("'***'{after}")) || literal.contains('\n'),
                    "{head}{literal}: {shown}"
                );
                assert_eq!(shown.lines().count(), format!("{head}{literal}").lines().count());
            }
        }
        for text in [
            "format('ALTER ROLE a PASSWORD %L', 's3cret')",
            "'ALTER ROLE a PASSWORD ' || quote_literal('s3cret')",
            "dblink('host=h password=''s3cret''', 'SELECT 1')",
            "'host=h password=s3\\ cret,s3cret'",
            "'ALTER ROLE a PASSWORD' || quote_literal('s3cret')",
            "'ALTER ROLE ' || name || ' PASSWORD' || quote_literal('s3cret')",
            "concat('CREATE ROLE a ENCRYPTED PASSWORD', quote_literal('s3cret'))",
            "it's the PASSWORD's3cret'",
            "$$it's$$; ALTER ROLE a PASSWORD's3cret'",
            "CREATE ROLE a PASSWORD 's3cret' -- 'password'",
        ] {
            assert!(!redact(text).contains("cret"), "{text}: {}", redact(text));
        }
    }

    #[test]
    fn a_word_in_a_literal_is_not_the_key_word() {
        for text in [
            "CREATE TYPE auth AS ENUM ('oauth', 'password')",
            "CREATE TYPE auth AS ENUM ('password', 'client_secret', 'token');",
            "ALTER TYPE auth ADD VALUE 'password' BEFORE 'token';",
            "CHECK (kind IN ('password', 'token'))",
            "CHECK (kind = ANY (ARRAY['token'::text, 'password'::text]) OR kind <> E'it\\'s secret')",
            "CHECK (kind IN ('a','secret') AND b > 'connection')",
            "COMMENT ON COLUMN a.b IS 'hashed password';\nCOMMENT ON TABLE a IS 'it''s a secret';",
            "kind text DEFAULT 'password' NOT NULL, b text DEFAULT 'x'",
            "SELECT 'a password' || b || 'a secret'||c;",
            "DO $$ BEGIN INSERT INTO a VALUES ('password', 'x'); END $$; SELECT 'x'",
            "-- it's\nSELECT \"a'b\", 'password', 'x'",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn nothing_else_changes() {
        for text in ["", "://", "x://", "=", "password", "a:b@c", "http://[::1]:80/"] {
            check(text, text);
        }
    }
}
