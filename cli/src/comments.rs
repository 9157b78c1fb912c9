//! Comments for Whimbrel in SQL: `-- whimbrel:allow RULE REASON`, `-- whimbrel: renamed from NAME`.

use std::ops::Range;

use whimbrel_syntax::lex::{Token, tokens};

pub struct Comment<'a> {
    pub span: Range<usize>,
    /// Where the first token after it begins.
    pub next: usize,
    /// What follows `whimbrel:`.
    pub text: &'a str,
}

pub fn comments(sql: &str) -> Vec<Comment<'_>> {
    let (mut found, mut at) = (Vec::new(), 0);
    for token in tokens(sql) {
        let next = at + token.text().len();
        if let Token::Blank(blank) = token {
            for line in blank.split_inclusive('\n') {
                let (start, comment) = (at + line.len() - line.trim_start().len(), line.trim());
                let text = comment.strip_prefix("--").map(str::trim_start);
                if let Some(text) = text.and_then(|text| text.strip_prefix("whimbrel:")) {
                    found.push(Comment { span: start..start + comment.len(), next, text });
                }
                at += line.len();
            }
        }
        at = next;
    }
    found
}
