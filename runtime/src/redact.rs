//! Passwords out of everything that is shown or stored.

/// What stands in a password's place.
pub const MASK: &str = "***";

/// Words before `=` whose value is a secret.
const SECRET_KEYS: [&str; 4] = ["password", "passwd", "pwd", "sslpassword"];

/// The text without the passwords of the URLs and `password=…` settings in it.
///
/// It knows `scheme://user:password@host/…`, whatever the scheme, also in the middle of a sentence, and
/// `password=…`, `passwd=…`, `pwd=…` and `sslpassword=…` in query strings and connection strings, quoted or not, and
/// SQL's `PASSWORD '…'`.
///
/// ```
/// let shown = whimbrel::redact::redact("cannot reach postgres://me:s3cr3t@db.example/crm?sslpassword=x");
/// assert_eq!(shown, "cannot reach postgres://me:***@db.example/crm?sslpassword=***");
/// ```
pub fn redact(text: &str) -> String {
    redact_literals(&redact_settings(&redact_urls(text)))
}

/// SQL's `PASSWORD 'secret'`, as in CREATE ROLE and CREATE USER MAPPING.
fn redact_literals(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.to_ascii_lowercase().find("password") {
        let (before, after) = rest.split_at(at + "password".len());
        shown.push_str(before);
        rest = after;
        let literal = after.trim_start();
        let quoted = literal.trim_start_matches(['e', 'E']);
        if !quoted.starts_with('\'') || literal.len() == after.len() {
            continue;
        }
        shown.push_str(&after[..after.len() - literal.len()]);
        shown.push_str("'***'");
        rest = &quoted[literal_length(quoted)..];
    }
    shown.push_str(rest);
    shown
}

/// The length of a string literal, whose quotes are doubled or escaped; all of the text if it does not end.
fn literal_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

fn redact_urls(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        shown.push_str(before);
        // The authority ends at `/`, `?`, `#`, white space or a quote. A password in a hand-written URL may hold
        // `/` or `?` all the same, so an `@` further on in the same word counts, too: rather hide too much.
        let word_end =
            after.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`')).unwrap_or(after.len());
        let word = &after[..word_end];
        let authority_end = word.find(['/', '?', '#']).unwrap_or(word.len());
        let at_sign = word[..authority_end].rfind('@').or_else(|| {
            let colon = word[..authority_end].find(':')?;
            let port_only = word[colon + 1..authority_end].chars().all(|c| c.is_ascii_digit());
            if port_only { None } else { word.rfind('@') }
        });
        match at_sign.and_then(|at_sign| word[..at_sign].find(':').map(|colon| (colon, at_sign))) {
            Some((colon, at_sign)) => {
                shown.push_str(&word[..=colon]);
                shown.push_str(MASK);
                rest = &after[at_sign..];
            }
            None => rest = after,
        }
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
            Some(quote @ ('\'' | '"')) => rest[1..].find(quote).map_or(rest.len(), |close| close + 2),
            _ => rest
                .find(|c: char| c.is_whitespace() || matches!(c, '&' | ';' | '#' | '"' | '\'' | ')' | ','))
                .unwrap_or(rest.len()),
        };
        shown.push_str(MASK);
        rest = &rest[end..];
    }
    shown.push_str(rest);
    shown
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
        check("column \"password\" 'x', password'x'", "column \"password\" 'x', password'x'");
    }

    #[test]
    fn nothing_else_changes() {
        for text in ["", "://", "x://", "=", "password", "a:b@c", "http://[::1]:80/"] {
            check(text, text);
        }
    }
}
