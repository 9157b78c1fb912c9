//! `IN` lists of strings. What PostgreSQL prints of `IN ('a', 'b')` it reads as something that it prints in yet another way.
//! Here such a list becomes a text that is read as what it was.

use std::borrow::Cow;

use crate::lex::{Token, tokens};

/// The types whose operators serve another type, too: `character varying`, `cidr`. Their arrays are cast as a whole.
const SERVING: [&str; 2] = ["text", "inet"];

/// SQL, as the server printed it, without the cast in `= ANY ((ARRAY['a'::character varying])::text[])`, which the operator
/// implies. Read with it, the cast would become one of each element.
pub(crate) fn readable(sql: &str) -> Cow<'_, str> {
    let all: Vec<Token<'_>> = tokens(sql).collect();
    let mut out = String::new();
    let (mut at, mut copied, mut offset) = (0, 0, 0);
    while let Some(token) = all.get(at) {
        at += 1;
        offset += token.text().len();
        if (token.is("ANY") || token.is("ALL"))
            && let Some((elements, length)) = list(&all[at..])
        {
            out.push_str(&sql[copied..offset]);
            out.push_str(" (ARRAY[");
            out.extend(elements.iter().map(Token::text));
            out.push_str("])");
            offset += all[at..at + length].iter().map(|token| token.text().len()).sum::<usize>();
            copied = offset;
            at += length;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(sql);
    }
    out.push_str(&sql[copied..]);
    Cow::Owned(out)
}

/// The elements of ` (ARRAY[…]::type[])` or ` ((ARRAY[…])::type[])`, and of how many tokens it consists.
fn list<'a>(all: &'a [Token<'a>]) -> Option<(&'a [Token<'a>], usize)> {
    let mut at = 0;
    let mut next = |text: &str| {
        let found = all.get(at).is_some_and(|token| token.text() == text);
        at += usize::from(found);
        found
    };
    next(" ");
    let open = next("(");
    let inner = next("(");
    if !(open && next("ARRAY") && next("[")) {
        return None;
    }
    let mut depth = 1_usize;
    let end = all[at..].iter().position(|token| {
        match token {
            Token::Sign("[") => depth += 1,
            Token::Sign("]") => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    let close = at + end + 1;
    let mut rest = all[close..].iter().map(Token::text);
    let cast = rest.by_ref().take(usize::from(inner)).all(|text| text == ")")
        && rest.next() == Some("::")
        && rest.next().is_some_and(|ty| SERVING.contains(&ty))
        && rest.take(3).eq(["[", "]", ")"]);
    cast.then(|| (&all[at..at + end], close + usize::from(inner) + 5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_implies_the_cast() {
        let check = |sql: &str, expected: &str| assert_eq!(readable(sql), expected);
        check(
            "(a)::text = ANY ((ARRAY['x'::character varying, 'y, '']'::character varying])::text[]) AND b",
            "(a)::text = ANY (ARRAY['x'::character varying, 'y, '']'::character varying]) AND b",
        );
        check(
            "a::text <> ALL (ARRAY['x'::character varying]::text[])",
            "a::text <> ALL (ARRAY['x'::character varying])",
        );
        for same in [
            "a = ANY (ARRAY['x'::text, 'y'::text])",
            "(a)::text = ANY (ARRAY[('x'::character varying)::text, (b)::text])",
            "a = ANY (ARRAY[1]::bigint[]) OR c = 'ANY (ARRAY[''x''::character varying]::text[])'::text",
            "a = ANY ((ARRAY['x'::text",
            "ANY ::text",
            "ANY",
        ] {
            check(same, same);
        }
    }
}
