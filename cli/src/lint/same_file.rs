//! What another statement of the same file explains: no session uses what it creates yet, and what is dropped there and made
//! again is not gone.

use squawk_linter::Rule;
use whimbrel::__private::script::Statement;
use whimbrel_syntax::lex::Token;

use super::begins;

/// Beginnings of the names of rules that are about what others use.
const ABOUT_EXISTING: [&str; 8] = [
    "adding-",
    "ban-alter-",
    "ban-drop-",
    "changing-",
    "constraint-",
    "disallowed-",
    "renaming-",
    "require-concurrent-",
];

/// Whether a rule is about what others use, and other statements explain what it finds at a byte of one.
pub(super) fn explains(rule: Rule, statements: &[Statement<'_>], (at, byte): (usize, usize)) -> bool {
    let Some((statement, after)) = statements.get(at..).and_then(<[_]>::split_first) else { return false };
    let before = &statements[..at];
    match rule {
        _ if !begins(rule, &ABOUT_EXISTING) => false,
        _ if is_about_new(statement, before, after) => true,
        Rule::BanDropConstraint => adds_constraint(statement, statements, byte),
        Rule::BanDropDefault => sets_default(statement, after, byte),
        Rule::RenamingObject => {
            object(statement).is_some_and(|it| creates(before, &it) || creates(after, &it))
        }
        _ if statement.is(0, &["drop"]) => object(statement).is_some_and(|it| {
            let renamed = before.iter().filter(|one| renames_to(one, &it)).filter_map(object);
            [it.clone()].into_iter().chain(renamed).any(|it| creates(after, &it) || creates(before, &it))
        }),
        _ => false,
    }
}

/// Whether the statement is about a relation which one before it creates, or one after it creates again.
fn is_about_new(statement: &Statement<'_>, before: &[Statement<'_>], after: &[Statement<'_>]) -> bool {
    let Some(name) = relation(statement) else { return false };
    let creates = |statement: &Statement<'_>| {
        statement.is(0, &["create"]) && !is_index(statement) && relation(statement).as_ref() == Some(&name)
    };
    let again = statement.is(0, &["drop"]) && after.iter().any(creates);
    again || before.iter().any(creates)
}

fn is_index(statement: &Statement<'_>) -> bool {
    statement.is(1, &["index"]) || statement.is(1, &["unique", "index"])
}

/// The only table, view or materialized view that a statement creates, alters, drops or indexes, with its schema.
fn relation(statement: &Statement<'_>) -> Option<Vec<String>> {
    const BEFORE: &str = "create alter drop or replace local global temp temporary unlogged foreign materialized recursive \
        table view if not exists only on";
    let tokens = &statement.tokens;
    let from = match is_index(statement) {
        true => tokens.iter().position(|token| token.is("on"))?,
        false if tokens.iter().take(5).any(|token| is_any(token, "table view")) => 0,
        false => return None,
    };
    only_name(tokens.get(from..)?.iter().skip_while(|token| is_any(token, BEFORE)))
}

/// What a statement creates, alters or drops: its kind and its name, that of an index without the schema.
type Object = (&'static str, Vec<String>);

/// The only object that a statement creates, alters or drops.
fn object(statement: &Statement<'_>) -> Option<Object> {
    const KINDS: [&str; 8] =
        ["table", "view", "index", "type", "domain", "function", "procedure", "aggregate"];
    let tokens = &statement.tokens;
    let (at, kind) = tokens
        .iter()
        .take(6)
        .enumerate()
        .find_map(|(at, token)| KINDS.into_iter().find(|kind| token.is(kind)).map(|kind| (at, kind)))?;
    let rest = tokens[at + 1..].iter().skip_while(|token| is_any(token, "if not exists only concurrently"));
    let mut name = only_name(rest)?;
    if kind == "index" {
        name.drain(..name.len() - 1);
    }
    Some((kind, name))
}

fn creates(statements: &[Statement<'_>], it: &Object) -> bool {
    statements.iter().any(|statement| statement.is(0, &["create"]) && object(statement).as_ref() == Some(it))
}

/// Whether a statement gives something of this kind this name.
fn renames_to(statement: &Statement<'_>, (kind, name): &Object) -> bool {
    let tokens = &statement.tokens;
    let to = tokens.windows(3).find(|three| three[0].is("rename") && three[1].is("to"));
    let to = to.and_then(|three| three[2].name());
    to.as_deref() == name.last().map(String::as_str)
        && object(statement)
            .is_some_and(|(its, before)| its == *kind && before[..before.len() - 1] == name[..name.len() - 1])
}

/// Whether the constraint whose DROP stands at a byte is also added.
fn adds_constraint(statement: &Statement<'_>, statements: &[Statement<'_>], byte: usize) -> bool {
    let rest = from(statement, byte).iter().skip_while(|token| is_any(token, "drop constraint if exists"));
    let Some(dropped) = rest.clone().next().and_then(Token::name) else { return false };
    let adds = |three: &[Token<'_>]| {
        three[0].is("add") && three[1].is("constraint") && three[2].name().as_deref() == Some(&*dropped)
    };
    let mut same = statements.iter().filter(|other| object(other) == object(statement));
    same.any(|other| other.tokens.windows(3).any(adds))
}

/// Whether the column whose `DROP DEFAULT` stands at a byte has another default afterwards.
fn sets_default(statement: &Statement<'_>, after: &[Statement<'_>], byte: usize) -> bool {
    let rest = from(statement, byte);
    let column =
        statement.tokens.len().checked_sub(rest.len() + 1).and_then(|at| statement.tokens[at].name());
    let Some(column) = column else { return false };
    let sets = |three: &[Token<'_>]| {
        three[0].name().as_deref() == Some(&*column) && three[1].is("set") && three[2].is("default")
    };
    let same = after.iter().filter(|other| object(other) == object(statement));
    rest.windows(3).any(sets) || same.flat_map(|other| other.tokens.windows(3)).any(sets)
}

/// The tokens of a statement from a byte of the file on.
fn from<'s, 'a>(statement: &'s Statement<'a>, byte: usize) -> &'s [Token<'a>] {
    let begin = statement.text.as_ptr().addr();
    let starts = |token: &Token<'_>| statement.start + (token.text().as_ptr().addr() - begin) >= byte;
    let at = statement.tokens.iter().position(starts).unwrap_or(statement.tokens.len());
    &statement.tokens[at..]
}

/// A name at the beginning, qualified or not, unless another one follows it.
fn only_name<'t, 'a: 't>(mut rest: impl Iterator<Item = &'t Token<'a>>) -> Option<Vec<String>> {
    let mut name = vec![rest.next()?.name()?.into_owned()];
    let (mut depth, mut more) = (0_usize, rest.next());
    while more == Some(&Token::Sign(".")) {
        name.push(rest.next()?.name()?.into_owned());
        more = rest.next();
    }
    // The arguments of a function stand between.
    while let Some(token) = more.filter(|token| depth > 0 || **token == Token::Sign("(")) {
        depth = depth + usize::from(*token == Token::Sign("(")) - usize::from(*token == Token::Sign(")"));
        more = rest.next();
    }
    (more != Some(&Token::Sign(","))).then_some(name)
}

fn is_any(token: &Token<'_>, words: &str) -> bool {
    words.split_whitespace().any(|word| token.is(word))
}
