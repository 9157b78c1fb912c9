//! Just enough of PostgreSQL's lexical rules to compare expressions whatever their spacing, to see whether one
//! mentions a name, and to rename a column in it. Nothing here knows what an expression means.

use crate::name;

/// A token of an SQL expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A name or key word: as PostgreSQL folds it, without quotes. With the text it was written as.
    Word {
        folded: String,
        text: &'a str,
    },
    /// A string literal with everything that belongs to it.
    Literal(&'a str),
    /// An operator or a number: characters that belong together.
    Run(&'a str),
    /// Anything else: a bracket, a comma.
    Other(char),
    Space(&'a str),
}

/// The tokens of an expression.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, length) = next_token(rest, first, tokens.last());
        tokens.push(token);
        rest = &rest[length..];
    }
    tokens
}

fn next_token<'a>(rest: &'a str, first: char, before: Option<&Token<'_>>) -> (Token<'a>, usize) {
    if first.is_whitespace() {
        let length = rest.find(|char: char| !char.is_whitespace()).unwrap_or(rest.len());
        return (Token::Space(&rest[..length]), length);
    }
    if rest.starts_with("--") {
        let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
        return (Token::Space(&rest[..length]), length);
    }
    if first == '"' {
        let length = name::token_length(rest, '"', false);
        let inner = rest[1..length].strip_suffix('"').unwrap_or(&rest[1..length]);
        return (Token::Word { folded: inner.replace("\"\"", "\""), text: &rest[..length] }, length);
    }
    if let Some(length) = literal_length(rest, before) {
        return (Token::Literal(&rest[..length]), length);
    }
    if is_word_start(first) {
        let length = rest.find(|char| !is_word_part(char)).unwrap_or(rest.len());
        return (Token::Word { folded: rest[..length].to_lowercase(), text: &rest[..length] }, length);
    }
    for belongs in [is_operator, is_number] {
        if belongs(first) {
            let length = rest.find(|char| !belongs(char)).unwrap_or(rest.len());
            // A comment ends an operator.
            let length = rest[..length].find("--").filter(|at| *at > 0).unwrap_or(length);
            return (Token::Run(&rest[..length]), length);
        }
    }
    (Token::Other(first), first.len_utf8())
}

fn is_operator(char: char) -> bool {
    "+-*/<>=~!@#%^&|`?:".contains(char)
}

fn is_number(char: char) -> bool {
    char.is_ascii_digit() || char == '.'
}

/// The length of the string literal at the beginning of `rest`, with its prefix, if there is one.
fn literal_length(rest: &str, before: Option<&Token<'_>>) -> Option<usize> {
    if rest.starts_with('\'') {
        return Some(name::token_length(rest, '\'', false));
    }
    if rest.starts_with("E'") || rest.starts_with("e'") {
        return Some(1 + name::token_length(&rest[1..], '\'', true));
    }
    if rest.starts_with("B'") || rest.starts_with("b'") || rest.starts_with("X'") || rest.starts_with("x'") {
        return Some(1 + name::token_length(&rest[1..], '\'', false));
    }
    // A dollar quote; `$1` is none, and a dollar inside a name was consumed with the name.
    if rest.starts_with('$') && !matches!(before, Some(Token::Word { .. })) {
        let end = rest[1..].find('$')? + 2;
        let tag = &rest[..end];
        let inner = &tag[1..end - 1];
        if inner.starts_with(|char: char| char.is_ascii_digit()) || !inner.chars().all(is_word_part) {
            return None;
        }
        return Some(rest[end..].find(tag).map_or(rest.len(), |at| end + at + tag.len()));
    }
    None
}

fn is_word_start(char: char) -> bool {
    char.is_alphabetic() || char == '_'
}

fn is_word_part(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// Whether two expressions are the same but for spacing, comments, and the case and quotes of names.
pub(crate) fn same(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let visible = |text| {
        tokens(text).into_iter().filter(|token| !matches!(token, Token::Space(_))).map(|token| match token {
            Token::Word { folded, .. } => Token::Word { folded, text: "" },
            token => token,
        })
    };
    visible(one).eq(visible(other))
}

/// Whether a name stands anywhere in an expression.
pub(crate) fn mentions(text: &str, name: &str) -> bool {
    tokens(text).iter().any(|token| matches!(token, Token::Word { folded, .. } if folded == name))
}

/// Whether a string literal of exactly this value stands anywhere in an expression.
pub(crate) fn has_literal(text: &str, value: &str) -> bool {
    let wanted = name::literal(value);
    tokens(text).iter().any(|token| matches!(token, Token::Literal(literal) if *literal == wanted))
}

/// The expression with names replaced, as PostgreSQL does when a column or a type is renamed. A word before an
/// opening bracket is a function and stays.
pub(crate) fn rename_words(text: &str, rename: &dyn Fn(&str) -> Option<String>) -> String {
    let tokens = tokens(text);
    let mut out = String::with_capacity(text.len());
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Word { folded, text } => {
                let called = tokens[at + 1..].iter().find(|token| !matches!(token, Token::Space(_)))
                    == Some(&Token::Other('('));
                match rename(folded) {
                    Some(new) if !called => out.push_str(&name::quote(&new)),
                    _ => out.push_str(text),
                }
            }
            Token::Literal(text) | Token::Space(text) | Token::Run(text) => out.push_str(text),
            Token::Other(char) => out.push(*char),
        }
    }
    out
}

/// The expression with string literals replaced, as when an enum's label is renamed.
pub(crate) fn rename_literals(text: &str, rename: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    for token in tokens(text) {
        match token {
            Token::Literal(literal) => {
                let value = literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
                match value.map(|value| value.replace("''", "'")).and_then(|value| rename(&value)) {
                    Some(new) => out.push_str(&name::literal(&new)),
                    None => out.push_str(literal),
                }
            }
            Token::Word { text, .. } | Token::Space(text) | Token::Run(text) => out.push_str(text),
            Token::Other(char) => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spacing_and_case_are_no_difference() {
        assert!(same("amount>=0", "Amount >= 0 -- never negative"));
        assert!(same("\"amount\" > 0", "amount > 0"));
        assert!(!same("\"Amount\" > 0", "amount > 0"));
        assert!(!same("a < = 0", "a <= 0"));
        assert!(!same("a = 'X'", "a = 'x'"));
        assert!(!same("a = 1 2", "a = 12"));
        assert!(!same("a = $$x$$", "a = $$ x$$"));
        assert!(same("a = $$x$$", "a =$$x$$"));
    }

    #[test]
    fn finds_names_but_not_in_strings() {
        assert!(mentions("lower(Name) = 'x'", "name"));
        assert!(!mentions("x = 'name'", "name"));
        assert!(!mentions("name_2 > 0", "name"));
        assert!(mentions("\"Na\"\"me\" > 0", "Na\"me"));
        assert!(!mentions("x = $a$ name $a$", "name"));
        assert!(has_literal("x = 'it''s'", "it's"));
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
            tokens(text);
            same(text, "a");
            rename_words(text, &|_| None);
        }
    }
}
