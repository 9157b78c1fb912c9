//! SQL in settings: each text is what it should be, and not more.

use super::names;
use crate::errors::{Errors, Spanned};
use crate::lex::{Token, tokens};

/// What a text from a setting becomes in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// One expression, in parentheses.
    Expression,
    /// One expression, after which other clauses of a column follow.
    Default,
    /// Expressions between commas, in parentheses.
    List,
    Query,
}

/// Why a text would be more than what it should be, if so. PostgreSQL says whether it is right within.
fn reaches_out(text: &str, place: Place) -> Option<String> {
    // Reserved words that are in no expression, unless as the name after a dot.
    const CLAUSES: [&str; 8] =
        ["CHECK", "COLLATE", "CONSTRAINT", "DEFERRABLE", "INITIALLY", "PRIMARY", "REFERENCES", "UNIQUE"];
    let clauses = CLAUSES.iter().filter(|clause| **clause != "COLLATE" || place == Place::Default);
    let query = text.trim_end().trim_end_matches(';');
    let closed = format!("{})", if place == Place::Query { query } else { text });
    let mut open = vec![")"];
    let [mut before, mut last] = [Token::Blank(""); 2];
    for token in tokens(&closed).filter(|token| !matches!(token, Token::Blank(_))) {
        if open.is_empty() {
            return Some("it closes a bracket that it does not open".to_owned());
        }
        match token {
            Token::Sign("(") => open.push(")"),
            Token::Sign("[") => open.push("]"),
            Token::Sign(sign @ (")" | "]")) => {
                if open.pop() != Some(sign) {
                    return Some(format!("no bracket is open at `{sign}`"));
                }
            }
            Token::Sign(";") => return Some("it has a `;`".to_owned()),
            Token::Sign(",") if open.len() == 1 && matches!(place, Place::Expression | Place::Default) => {
                return Some("it has a comma".to_owned());
            }
            _ if open.len() > 1 || place == Place::Query || last == Token::Sign(".") => {}
            _ if token.is("NULL") && last.is("NOT") && !before.is("IS") => {
                return Some("it has `NOT NULL`".to_owned());
            }
            _ => {
                if let Some(clause) = clauses.clone().find(|clause| token.is(clause)) {
                    return Some(format!("it has `{clause}`"));
                }
            }
        }
        (before, last) = (last, token);
    }
    (!open.is_empty()).then(|| "a bracket, a string, a quoted name or a comment has no end".to_owned())
}

/// SQL that becomes a part of a statement, and must not be more than that.
pub(super) fn sql(errors: &Errors, text: &Spanned<String>, what: &str, place: Place) {
    names::text(errors, text, what);
    if let Some(why) = reaches_out(&text.value, place) {
        let (one, help) = match place {
            Place::Expression => {
                ("one expression", "write one expression; whatever else there is has its own setting")
            }
            Place::Default => (
                "one expression",
                "write one expression, in parentheses if it needs them; whatever else there is has its own setting",
            ),
            Place::List => ("a list of expressions", "write the values, with commas between them"),
            Place::Query => ("one query", "write one query"),
        };
        errors.add(text.span, format!("`{what}` is not {one}: {why}")).help(help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_more_than_one_expression() {
        let whole = |text: &str, place| assert_eq!(reaches_out(text, place), None, "{text}");
        let more = |text: &str, place| assert!(reaches_out(text, place).is_some(), "{text}");
        for text in [
            "b > 0",
            "a IN (1, 2) AND ')' <> \"(\"",
            "x[1] IS NOT NULL",
            "$a$ ; $a$",
            "(r).check > 0",
            "f(a, /* ) */ b)",
            "NOT b",
            "E'\\''",
            "'--'",
        ] {
            [Place::Expression, Place::Default, Place::List].into_iter().for_each(|place| whole(text, place));
        }
        whole("name COLLATE \"C\" > 'a'", Place::Expression);
        whole("MINVALUE, 1", Place::List);
        whole("SELECT a, b FROM t;\n", Place::Query);
        for text in [
            "b > 0) , c int CHECK (true",
            "b > 0)",
            "(b > 0",
            "(a]",
            "'",
            "\"",
            "E'\\'",
            "$a$",
            "b -- why",
            "b /*",
            "1; DROP TABLE t",
        ] {
            [Place::Expression, Place::Default, Place::List, Place::Query]
                .into_iter()
                .for_each(|place| more(text, place));
        }
        for text in ["0, ADD COLUMN c int", "0 CHECK (true)", "0 NOT NULL", "0 not null", "0 references t"] {
            [Place::Expression, Place::Default].into_iter().for_each(|place| more(text, place));
        }
        for text in ["'", "$", "E'\\", "é'", "--", "$1", "a$b$c", ")"] {
            reaches_out(text, Place::Default);
        }
        more("'x' COLLATE \"C\"", Place::Default);
    }
}
