//! Reads what the server prints of indexes and foreign keys. What is not understood as a whole is not read.

use crate::lex::{self, Token};
use crate::model::{Action, Deferrable, Expr, ForeignKey, Index, IndexKey, IndexOn, QName};

/// Tokens with the byte at which each begins, without blanks.
struct Reader<'a> {
    text: &'a str,
    tokens: Vec<(usize, Token<'a>)>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let mut at = 0;
        let mut tokens = Vec::new();
        for token in lex::tokens(text) {
            if !matches!(token, Token::Blank(_)) {
                tokens.push((at, token));
            }
            at += token.text().len();
        }
        Reader { text, tokens, at: 0 }
    }

    fn peek(&self, ahead: usize) -> Option<Token<'a>> {
        self.tokens.get(self.at + ahead).map(|(_, token)| *token)
    }

    /// Steps over these words, if they are next.
    fn eat(&mut self, words: &[&str]) -> bool {
        let fits = |(ahead, word): (usize, &&str)| {
            self.peek(ahead).is_some_and(|token| token.is(word) || token == Token::Sign(word))
        };
        let found = words.iter().enumerate().all(fits);
        self.at += if found { words.len() } else { 0 };
        found
    }

    fn name(&mut self) -> Option<String> {
        let name = self.peek(0)?.name()?.into_owned();
        self.at += 1;
        Some(name)
    }

    /// `name` or `schema.name`, joined by a dot: none if a name has one of its own.
    fn dotted(&mut self) -> Option<String> {
        let mut names = vec![self.name()?];
        while self.eat(&["."]) {
            names.push(self.name()?);
        }
        names.iter().all(|name| !name.contains('.')).then(|| names.join("."))
    }

    /// The text between the parenthesis that is next and the one that closes it.
    fn group(&mut self) -> Option<&'a str> {
        let mut depth = 0_usize;
        let start = self.tokens.get(self.at).filter(|(_, token)| *token == Token::Sign("("))?.0 + 1;
        while let Some((at, token)) = self.tokens.get(self.at) {
            self.at += 1;
            match token {
                Token::Sign("(") => depth += 1,
                Token::Sign(")") => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return self.text.get(start..*at);
            }
        }
        None
    }

    fn names(&mut self) -> Option<Vec<String>> {
        let mut inner = Reader::new(self.group()?);
        let mut names = vec![inner.name()?];
        while inner.eat(&[","]) {
            names.push(inner.name()?);
        }
        inner.is_at_end().then_some(names)
    }

    fn rest(&self) -> &'a str {
        self.tokens.get(self.at).and_then(|(at, _)| self.text.get(*at..)).unwrap_or_default()
    }

    fn is_at_end(&self) -> bool {
        self.at == self.tokens.len()
    }
}

/// What stands after `USING`: `btree (lower(email) DESC) INCLUDE (name) WHERE deleted_at IS NULL`.
pub(super) fn index(using: &str, unique: bool) -> Option<Index> {
    let mut reader = Reader::new(using);
    let method = reader.name()?;
    let mut inner = Reader::new(reader.group()?);
    let mut keys = vec![key(&mut inner)?];
    while inner.eat(&[","]) {
        keys.push(key(&mut inner)?);
    }
    let include = if reader.eat(&["include"]) { reader.names()? } else { Vec::new() };
    let predicate = reader.eat(&["where"]).then(|| Expr::new(reader.rest()));
    let whole = inner.is_at_end() && (reader.is_at_end() || predicate.is_some());
    whole.then_some(Index { unique, method, include, predicate, ..Index::new(keys) })
}

fn key(reader: &mut Reader<'_>) -> Option<IndexKey> {
    let on = match (reader.peek(0)?, reader.peek(1)) {
        (Token::Sign("("), _) => IndexOn::Expr(Expr::new(reader.group()?)),
        (Token::Word(_) | Token::Quoted(_), Some(Token::Sign("(" | "."))) => {
            let start = reader.tokens.get(reader.at)?.0;
            reader.dotted()?;
            reader.group()?;
            let end = reader.tokens.get(reader.at).map_or(reader.text.len(), |(at, _)| *at);
            IndexOn::Expr(Expr::new(reader.text.get(start..end)?.trim_end()))
        }
        _ => IndexOn::Column(reader.name()?),
    };
    let mut key = IndexKey { on, ..IndexKey::column("") };
    if reader.eat(&["collate"]) {
        key.collation = Some(reader.dotted()?);
    }
    let ends =
        |token: Token<'_>| ["desc", "nulls"].iter().any(|word| token.is(word)) || token == Token::Sign(",");
    if reader.peek(0).is_some_and(|token| !ends(token)) {
        let name = reader.dotted()?;
        let parameters = match reader.peek(0) {
            Some(Token::Sign("(")) => format!("({})", reader.group()?),
            _ => String::new(),
        };
        key.opclass = Some(name + &parameters);
    }
    key.descending = reader.eat(&["desc"]);
    key.nulls_first = match (reader.eat(&["nulls", "first"]), reader.eat(&["nulls", "last"])) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    Some(key)
}

/// `FOREIGN KEY (a) REFERENCES t(b) ON DELETE CASCADE`, of these columns to this table.
pub(super) fn foreign_key(definition: &str, references: QName) -> Option<ForeignKey> {
    let mut reader = Reader::new(definition);
    reader.eat(&["foreign", "key"]).then_some(())?;
    let columns = reader.names()?;
    reader.eat(&["references"]).then_some(())?;
    reader.dotted()?;
    let referenced_columns = reader.names()?;
    let on_update = if reader.eat(&["on", "update"]) { action(&mut reader)? } else { Action::NoAction };
    let on_delete = if reader.eat(&["on", "delete"]) { action(&mut reader)? } else { Action::NoAction };
    let deferrable = self::deferrable(&mut reader);
    let key = ForeignKey { columns, references, referenced_columns, on_delete, on_update, deferrable };
    reader.is_at_end().then_some(key)
}

fn action(reader: &mut Reader<'_>) -> Option<Action> {
    const ACTIONS: [(&[&str], Action); 4] = [
        (&["restrict"], Action::Restrict),
        (&["cascade"], Action::Cascade),
        (&["set", "null"], Action::SetNull),
        (&["set", "default"], Action::SetDefault),
    ];
    ACTIONS.iter().find(|(words, _)| reader.eat(words)).map(|(_, action)| *action)
}

fn deferrable(reader: &mut Reader<'_>) -> Deferrable {
    match (reader.eat(&["deferrable"]), reader.eat(&["initially", "deferred"])) {
        (true, true) => Deferrable::InitiallyDeferred,
        (true, false) => Deferrable::InitiallyImmediate,
        (false, _) => Deferrable::No,
    }
}

/// `RANGE (a, b)`: the strategy in lower case, and the columns.
pub(super) fn partition_key(text: &str) -> Option<(String, Vec<String>)> {
    let mut reader = Reader::new(text);
    let strategy = reader.name()?;
    let columns = reader.names()?;
    reader.is_at_end().then_some((strategy, columns))
}

/// `UNIQUE (a, b) DEFERRABLE`: its columns, and when it is checked.
pub(super) fn unique(definition: &str) -> Option<(Vec<String>, Deferrable)> {
    let mut reader = Reader::new(definition);
    reader.eat(&["unique"]).then_some(())?;
    let columns = reader.names()?;
    let deferrable = deferrable(&mut reader);
    reader.is_at_end().then_some((columns, deferrable))
}

/// `CHECK ((condition))`.
pub(super) fn check(definition: &str) -> Option<&str> {
    let mut reader = Reader::new(definition);
    reader.eat(&["check"]).then_some(())?;
    let condition = reader.group()?;
    reader.is_at_end().then_some(())?;
    // The server puts parentheses around most conditions.
    let mut inner = Reader::new(condition);
    Some(inner.group().filter(|_| inner.is_at_end()).unwrap_or(condition))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_read_as_the_server_prints_them() {
        let read = |using: &str| index(using, false);
        let index = read(
            "btree (lower(a) COLLATE \"C\" text_pattern_ops DESC NULLS LAST, \"B\", (a || b)) INCLUDE (c) WHERE d IS NULL",
        );
        let index = index.unwrap();
        assert_eq!(index.keys[0].on, IndexOn::Expr(Expr::new("lower(a)")));
        assert_eq!(
            (index.keys[0].collation.as_deref(), index.keys[0].opclass.as_deref()),
            (Some("C"), Some("text_pattern_ops"))
        );
        assert_eq!((index.keys[0].descending, index.keys[0].nulls_first), (true, Some(false)));
        assert_eq!(index.keys[1], IndexKey::column("B"));
        assert_eq!(index.keys[2].on, IndexOn::Expr(Expr::new("a || b")));
        assert_eq!((index.include, index.predicate), (vec!["c".to_owned()], Some(Expr::new("d IS NULL"))));
        let gist = read("gist (a gist_trgm_ops (siglen='32'))").unwrap();
        assert_eq!(gist.keys[0].opclass.as_deref(), Some("gist_trgm_ops(siglen='32')"));
        for other in ["btree (a) NULLS NOT DISTINCT", "btree (a) WITH (fillfactor='70')", "btree a", ""] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn foreign_keys_are_read_as_the_server_prints_them() {
        let read = |text: &str| foreign_key(text, QName::public("t"));
        let key = read(
            "FOREIGN KEY (a, \"B\") REFERENCES s.t(c, d) ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE",
        )
        .unwrap();
        assert_eq!(
            (key.columns, key.referenced_columns),
            (vec!["a".to_owned(), "B".to_owned()], vec!["c".to_owned(), "d".to_owned()])
        );
        assert_eq!(
            (key.on_update, key.on_delete, key.deferrable),
            (Action::Cascade, Action::SetNull, Deferrable::InitiallyImmediate)
        );
        for other in ["MATCH FULL", "ON DELETE SET NULL (a)", "NOT VALID"] {
            assert_eq!(read(&format!("FOREIGN KEY (a) REFERENCES t(b) {other}")), None, "{other}");
        }
    }
}
