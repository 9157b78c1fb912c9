//! Expressions as the server prints them.

use whimbrel_syntax::lex::{self, Token};
use whimbrel_syntax::model::Expr;

/// An expression without the parentheses around all of it: `(amount >= 0)` becomes `amount >= 0`.
///
/// `pg_get_expr` puts them around operators, but not around function calls, so without them the two look alike.
pub(super) fn bare(text: &str) -> Expr {
    let mut text = text.trim();
    while let Some(inner) = outer(text) {
        text = inner.trim();
    }
    Expr::new(text)
}

/// What stands between the first and the last character, if they are parentheses that belong together.
fn outer(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let mut depth = 0_usize;
    for token in lex::tokens(inner) {
        match token {
            Token::Sign("(") => depth += 1,
            Token::Sign(")") => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    (depth == 0).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(bare(text).0, expected);
    }

    #[test]
    fn only_parentheses_around_everything_go() {
        check("(amount >= (0)::numeric)", "amount >= (0)::numeric");
        check("((a > 0))", "a > 0");
        check("((a > 0) AND (b > 0))", "(a > 0) AND (b > 0)");
        check("(a > 0) AND (b > 0)", "(a > 0) AND (b > 0)");
        check("lower(email)", "lower(email)");
        check("(a)", "a");
        check("", "");
        check("(", "(");
    }

    #[test]
    fn parentheses_in_strings_and_names_do_not_count() {
        check("(x = ')'::text)", "x = ')'::text");
        check("(x = 'it''s ('::text)", "x = 'it''s ('::text");
        check("(\")\" > 0)", "\")\" > 0");
        check("('a)' = x) OR (y = '(b')", "('a)' = x) OR (y = '(b')");
    }
}
