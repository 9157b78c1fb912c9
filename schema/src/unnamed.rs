//! Columns without a name. Of `SELECT 'a'`, whose column is called `?column?`, PostgreSQL prints `SELECT 'a'::text`, and reads
//! that as a column called `text`. Here such a text becomes one that is read as what it was.

use std::borrow::Cow;

use crate::lex::{Token, tokens};

/// What ends the list of columns after SELECT or RETURNING.
const ENDS: [&str; 14] = [
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "WINDOW",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "FETCH",
    "FOR",
    "INTO",
];

/// SQL, as the server printed it, where constants that are a column of a query have the name that they lack.
pub(crate) fn named(sql: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    for at in constants(sql) {
        out.push_str(&sql[copied..at]);
        out.push_str(" AS \"?column?\"");
        copied = at;
    }
    if copied == 0 {
        return Cow::Borrowed(sql);
    }
    out.push_str(&sql[copied..]);
    Cow::Owned(out)
}

/// A column of a query: its tokens, without those in parentheses, and where it ends.
type Item<'a> = (Vec<Token<'a>>, usize);

/// Where constants without a name end that are a column of a query.
fn constants(sql: &str) -> Vec<usize> {
    let mut found = Vec::new();
    // For each parenthesis that is open, the column that is read.
    let mut levels: Vec<Option<Item<'_>>> = vec![None];
    let (mut end, mut before) = (0, Token::Sign(";"));
    let mut finish =
        |item: Option<Item<'_>>| found.extend(item.filter(|(item, _)| is_constant(item)).map(|(_, end)| end));
    for token in tokens(sql) {
        end += token.text().len();
        if matches!(token, Token::Blank(_)) {
            continue;
        }
        if token == Token::Sign(")") && levels.len() > 1 {
            finish(levels.pop().flatten());
        }
        let Some(item) = levels.last_mut() else { break };
        let goes_on = before.is("DISTINCT") && token.is("FROM") || before.is("WITHIN") && token.is("GROUP");
        if token.is("SELECT") || token.is("RETURNING") {
            *item = Some((Vec::new(), end));
        } else if token == Token::Sign(",") && item.is_some() {
            finish(item.replace((Vec::new(), end)));
        } else if token == Token::Sign(";") || !goes_on && ENDS.iter().any(|word| token.is(word)) {
            finish(item.take());
        } else if let Some((tokens, last)) = item {
            tokens.push(token);
            *last = end;
        }
        if token == Token::Sign("(") {
            levels.push(None);
        }
        before = token;
    }
    levels.into_iter().for_each(finish);
    found.sort_unstable();
    found
}

/// `'a'::text`, `NULL::integer`: a constant and its type.
fn is_constant(item: &[Token<'_>]) -> bool {
    let item = match item {
        [first, on, Token::Sign("("), Token::Sign(")"), rest @ ..] if first.is("DISTINCT") && on.is("ON") => {
            rest
        }
        [first, rest @ ..] if first.is("DISTINCT") => rest,
        item => item,
    };
    let [value, Token::Sign("::"), ty @ ..] = item else { return false };
    let in_type = |token: &Token<'_>| match token {
        Token::Sign(sign) => [".", "(", ")", "[", "]"].contains(sign),
        Token::Word(_) | Token::Quoted(_) => !token.is("AS") && !token.is("COLLATE"),
        Token::Text(_) | Token::Blank(_) => false,
    };
    (matches!(value, Token::Text(_)) || value.is("NULL")) && ty.iter().all(in_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_get_the_name_that_they_lack() {
        let check =
            |sql: &str, expected: &str| assert_eq!(named(sql), expected.replace('@', "AS \"?column?\""));
        check("BEGIN ATOMIC\n SELECT 'a'::text;\nEND", "BEGIN ATOMIC\n SELECT 'a'::text @;\nEND");
        check("SELECT a,\n NULL::numeric(10,2)\n FROM t", "SELECT a,\n NULL::numeric(10,2) @\n FROM t");
        check(
            "(EXISTS ( SELECT 'x'::\"char\" FROM t WHERE a = 'b'::text))",
            "(EXISTS ( SELECT 'x'::\"char\" @ FROM t WHERE a = 'b'::text))",
        );
        check(
            "SELECT DISTINCT ON (a) 'a'::text[], b IS DISTINCT FROM c, ( SELECT '-1'::integer), 'c'::s.\"T\"",
            "SELECT DISTINCT ON (a) 'a'::text[] @, b IS DISTINCT FROM c, ( SELECT '-1'::integer @), 'c'::s.\"T\" @",
        );
        check(
            "INSERT INTO t (a) VALUES ('a'::text)\n RETURNING 'b'::time without time zone",
            "INSERT INTO t (a) VALUES ('a'::text)\n RETURNING 'b'::time without time zone @",
        );
        for same in [
            "SELECT 'a'::text AS a, f('b'::text, 1), ('c'::text || d) FROM t WHERE e = ANY (ARRAY['f'::text, 'g'::text])",
            "SELECT CASE WHEN a THEN 'b'::text ELSE 'c'::text END AS \"case\", 1 GROUP BY 'd'::text",
            "AS $function$ SELECT 'a'::text $function$",
            "DEFAULT 'a'::text",
            ") SELECT",
        ] {
            check(same, same);
        }
    }
}
