//! PostgreSQL's lexical structure (documentation, chapter 4.1), as far as reading SQL without understanding it needs
//! it. It follows `psqlscan.l`.

use std::borrow::Cow;

/// A piece of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// A key word or an unquoted name.
    Word(&'a str),
    /// A name in double quotes, quotes included.
    Quoted(&'a str),
    /// A string of any kind, prefix and quotes included.
    Text(&'a str),
    /// An operator, a number, or any other character.
    Sign(&'a str),
    /// White space and comments.
    Blank(&'a str),
}

impl<'a> Token<'a> {
    /// Whether it is this key word.
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(text) if text.eq_ignore_ascii_case(word))
    }

    /// What it is in the text.
    pub fn text(&self) -> &'a str {
        match self {
            Token::Word(text)
            | Token::Quoted(text)
            | Token::Text(text)
            | Token::Sign(text)
            | Token::Blank(text) => text,
        }
    }

    /// The name that it is, as PostgreSQL folds it and without quotes.
    pub fn name(&self) -> Option<Cow<'a, str>> {
        match self {
            Token::Word(text) => Some(text.to_lowercase().into()),
            Token::Quoted(text) => {
                let inner = text.strip_prefix('"').unwrap_or(text);
                Some(inner.strip_suffix('"').unwrap_or(inner).replace("\"\"", "\"").into())
            }
            _ => None,
        }
    }

    /// Its text, if it is a name.
    pub fn written_name(&self) -> Option<&'a str> {
        matches!(self, Token::Word(_) | Token::Quoted(_)).then(|| self.text())
    }
}

/// All of a text, piece by piece.
pub fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> + Clone {
    let mut rest = text;
    std::iter::from_fn(move || {
        let token = first(rest)?;
        rest = &rest[token.text().len()..];
        Some(token)
    })
}

/// The piece at the beginning of a text.
pub fn first(text: &str) -> Option<Token<'_>> {
    let first = text.chars().next()?;
    let blank = blanks(text);
    let (length, token): (usize, fn(_) -> _) = match (first, &text[first.len_utf8()..]) {
        _ if blank > 0 => (blank, Token::Blank),
        ('\'', _) => (quoted(text, false), Token::Text),
        ('"', _) => (quoted(text, false), Token::Quoted),
        ('$', _) => match dollar_quoted(text) {
            Some(length) => (length, Token::Text),
            None => (1, Token::Sign),
        },
        ('e' | 'E', rest) if rest.starts_with('\'') => (1 + quoted(rest, true), Token::Text),
        ('b' | 'B' | 'n' | 'N' | 'x' | 'X', rest) if rest.starts_with('\'') => {
            (1 + quoted(rest, false), Token::Text)
        }
        ('u' | 'U', rest) if rest.starts_with("&'") => (2 + quoted(&rest[1..], false), Token::Text),
        ('u' | 'U', rest) if rest.starts_with("&\"") => (2 + quoted(&rest[1..], false), Token::Quoted),
        _ if is_name_start(first) => (text.find(|c| !is_name_part(c)).unwrap_or(text.len()), Token::Word),
        _ => (sign(text, first), Token::Sign),
    };
    Some(token(&text[..length]))
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_name_part(c: char) -> bool {
    is_name_start(c) || c.is_ascii_digit() || c == '$'
}

/// The length of an operator or number, whose characters belong together, or of any other character.
fn sign(text: &str, first: char) -> usize {
    let is_operator = |c: char| "+-*/<>=~!@#%^&|`?:".contains(c);
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let end = |belongs: &dyn Fn(char) -> bool| text.find(|c| !belongs(c)).unwrap_or(text.len());
    if is_operator(first) {
        let run = &text[..end(&is_operator)];
        // A comment ends an operator.
        ["--", "/*"].iter().filter_map(|comment| run.find(comment)).min().unwrap_or(run.len())
    } else if is_number(first) {
        end(&is_number)
    } else {
        first.len_utf8()
    }
}

/// The length of the white space and comments at the beginning of the text. Block comments nest; one that is not closed
/// takes the rest.
pub fn blanks(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if rest.starts_with("--") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if rest.starts_with("/*") {
            rest = &rest[block_comment(rest)..];
        } else {
            return text.len() - rest.len();
        }
    }
}

/// The length of a block comment at the beginning of the text.
fn block_comment(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(pair) = bytes.get(at..at + 2) {
        match pair {
            b"/*" => (at, depth) = (at + 2, depth + 1),
            b"*/" => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The length of a quoted piece at the beginning of the text; one that is not closed takes the rest.
pub fn quoted(text: &str, backslashes: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if backslashes => at += 2,
            byte if *byte == bytes[0] => {
                if bytes.get(at + 1) != Some(byte) {
                    return at + 1;
                }
                at += 2;
            }
            _ => at += 1,
        }
    }
    text.len()
}

/// The length of a dollar-quoted string at the beginning of the text, if it is one (and not `$1`).
pub fn dollar_quoted(text: &str) -> Option<usize> {
    let tag_end = text[1..].find('$')? + 1;
    let tag = &text[1..tag_end];
    let is_tag = tag.is_empty()
        || (tag.chars().next().is_some_and(is_name_start)
            && tag.chars().all(|c| is_name_part(c) && c != '$'));
    if !is_tag {
        return None;
    }
    let mark = &text[..=tag_end];
    let body = &text[mark.len()..];
    Some(body.find(mark).map_or(text.len(), |end| mark.len() + end + mark.len()))
}
