//! Expressions: searched for names, and with names replaced. Nothing here knows what
//! an expression means.

use crate::lex::{Token, tokens};
use crate::name;

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
