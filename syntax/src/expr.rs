//! Expressions: searched for names, and with names replaced. Nothing here knows what
//! an expression means.

use std::collections::BTreeSet;

use crate::lex::{Token, tokens};
use crate::name;

/// The names in an expression or a query.
pub(crate) fn names(text: &str) -> BTreeSet<String> {
    tokens(text).filter_map(|token| Some(token.name()?.into_owned())).collect()
}

/// The tables and views that a query reads: the names in its lists after FROM and JOIN.
pub(crate) fn relations(text: &str) -> BTreeSet<String> {
    const END: [&str; 7] = ["SELECT", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "WINDOW"];
    let mut relations = BTreeSet::new();
    let mut lists = Vec::new();
    let (mut list, mut wanted, mut last) = (false, false, None);
    for token in tokens(text).filter(|token| !matches!(token, Token::Blank(_))) {
        let schema = last.take();
        if token.is("FROM") || token.is("JOIN") {
            (list, wanted) = (true, true);
        } else if token == Token::Sign("(") {
            lists.push(std::mem::take(&mut list));
        } else if token == Token::Sign(")") {
            (list, wanted) = (lists.pop().unwrap_or_default(), false);
        } else if token == Token::Sign(",") {
            wanted = list;
        } else if token == Token::Sign(".") {
            wanted = schema.is_some_and(|schema| relations.remove(&schema));
        } else if END.iter().any(|word| token.is(word)) {
            (list, wanted) = (false, false);
        } else if let Some(name) = token.name()
            && wanted
            && !token.is("ONLY")
            && !token.is("LATERAL")
        {
            relations.insert(name.clone().into_owned());
            (wanted, last) = (false, Some(name.into_owned()));
        }
    }
    relations
}

/// Whether a name stands anywhere in an expression.
pub(crate) fn mentions(text: &str, name: &str) -> bool {
    tokens(text).any(|token| token.name().is_some_and(|found| found == name))
}

/// The expression with names replaced, as PostgreSQL does when a column or a type is renamed. A word before an
/// opening bracket is a function and stays.
pub(crate) fn rename_words(text: &str, rename: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut tokens = tokens(text);
    while let Some(token) = tokens.next() {
        let mut after = tokens.clone().filter(|token| !matches!(token, Token::Blank(_)));
        match token.name().and_then(|name| rename(&name)) {
            Some(new) if after.next() != Some(Token::Sign("(")) => out.push_str(&name::quote(&new)),
            _ => out.push_str(token.text()),
        }
    }
    out
}

/// The expression with string literals replaced, as when an enum's label is renamed.
pub(crate) fn rename_literals(text: &str, rename: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    for token in tokens(text) {
        let value = match token {
            Token::Text(text) => text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')),
            _ => None,
        };
        match value.and_then(|value| rename(&value.replace("''", "'"))) {
            Some(new) => out.push_str(&name::literal(&new)),
            None => out.push_str(token.text()),
        }
    }
    out
}

/// Functions that give each row its own value. The catalog knows all, where there is one.
const VOLATILE: [&str; 19] = [
    "array_sample",
    "array_shuffle",
    "clock_timestamp",
    "currval",
    "gen_random_bytes",
    "gen_random_uuid",
    "gen_salt",
    "lastval",
    "nextval",
    "random",
    "random_normal",
    "set_config",
    "setval",
    "timeofday",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
];

/// Whether a default may give each row its own value.
pub(crate) fn is_volatile(default: &str) -> bool {
    VOLATILE.iter().any(|function| default.contains(&format!("{function}(")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_but_not_in_strings() {
        assert!(mentions("lower(Name) = 'x'", "name"));
        assert!(!mentions("x = 'name'", "name"));
        assert!(!mentions("name_2 > 0", "name"));
        assert!(mentions("\"Na\"\"me\" > 0", "Na\"me"));
        assert!(!mentions("x = $a$ name $a$", "name"));
    }

    #[test]
    fn finds_what_a_query_reads() {
        let found = |text: &str| relations(text).into_iter().collect::<Vec<_>>().join(" ");
        let text = "SELECT a, owner, f(b, c) FROM units u, crm.\"Accounts\" LEFT JOIN ONLY d ON u.x = d.y WHERE e, g";
        assert_eq!(found(text), "Accounts d units");
        assert_eq!(found("SELECT (SELECT max(x) FROM a), count(*) FROM (SELECT y FROM b) AS c"), "a b");
        assert_eq!(found("owner = current_user"), "");
    }

    #[test]
    fn renames_columns_but_not_functions_or_strings() {
        let rename = |word: &str| (word == "left").then(|| "Right".to_owned());
        assert_eq!(
            rename_words("left > 0 AND left('left', 1) = \"left\"", &rename),
            "\"Right\" > 0 AND left('left', 1) = \"Right\""
        );
        let label = |value: &str| (value == "old").then(|| "it's".to_owned());
        assert_eq!(rename_literals("'old'::stage", &label), "'it''s'::stage");
    }

    #[test]
    fn takes_any_text() {
        for text in ["'", "\"", "$", "$a", "E'\\", "é'", "--", "$1", "a$b$c", "x'"] {
            assert_eq!(tokens(text).map(|token| token.text()).collect::<String>(), text);
            rename_words(text, &|_| None);
        }
    }
}
