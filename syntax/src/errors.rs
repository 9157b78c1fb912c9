//! Accumulates errors, so that all of them are shown at once.
//!
//! Both callers of the parser end here: the macros turn a [`Error`] into `compile_error!`, the command line
//! into a snippet of the source.

use std::cell::RefCell;
use std::fmt::Write as _;

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// A stretch of source text: from the start of one token to the end of another.
#[derive(Debug, Clone, Copy)]
pub struct SourceSpan {
    pub start: Span,
    pub end: Span,
}

impl SourceSpan {
    /// What `tokens` cover.
    pub fn of(tokens: impl ToTokens) -> Self {
        let mut tokens = tokens.into_token_stream().into_iter();
        let Some(first) = tokens.next() else { return SourceSpan::from(Span::call_site()) };
        let start = opening(&first);
        let end = tokens.last().map_or_else(|| first.span(), |last| last.span());
        SourceSpan { start, end }
    }
}

/// A group's span covers all of it; its opening delimiter is where it starts.
fn opening(tree: &TokenTree) -> Span {
    match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            group.stream().into_iter().next().map_or_else(|| group.span(), |first| opening(&first))
        }
        other => other.span(),
    }
}

impl<T: ToTokens> From<&T> for SourceSpan {
    fn from(tokens: &T) -> Self {
        SourceSpan::of(tokens)
    }
}

impl From<Span> for SourceSpan {
    fn from(span: Span) -> Self {
        SourceSpan { start: span, end: span }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Spanned<T> {
    pub value: T,
    pub span: SourceSpan,
}

impl<T> Spanned<T> {
    pub fn new(value: T, span: impl Into<SourceSpan>) -> Self {
        Spanned { value, span: span.into() }
    }
}

#[derive(Debug, Clone)]
pub struct Error {
    pub span: SourceSpan,
    pub message: String,
    /// A few words for the marked place.
    pub label: String,
    pub help: Option<String>,
}

impl Error {
    pub fn new(span: impl Into<SourceSpan>, message: impl Into<String>) -> Self {
        Error { span: span.into(), message: message.into(), label: String::new(), help: None }
    }

    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The message and, on a line of its own, the help: what `compile_error!` shows.
    pub fn text(&self) -> String {
        let mut text = self.message.clone();
        if let Some(help) = &self.help {
            let _ = write!(text, "\n\nhint: {help}");
        }
        text
    }

    /// `::core::compile_error! { "…" }`, its first token at the start of the span and its last at the end:
    /// rustc underlines what lies between.
    pub fn to_compile_error(&self) -> TokenStream {
        let (start, end) = (self.span.start, self.span.end);
        let punct = |character, spacing| {
            let mut punct = Punct::new(character, spacing);
            punct.set_span(start);
            TokenTree::from(punct)
        };
        let mut literal = proc_macro2::Literal::string(&self.text());
        literal.set_span(end);
        let mut group = Group::new(Delimiter::Brace, TokenTree::from(literal).into());
        group.set_span(end);
        TokenStream::from_iter([
            punct(':', Spacing::Joint),
            punct(':', Spacing::Alone),
            Ident::new("core", start).into(),
            punct(':', Spacing::Joint),
            punct(':', Spacing::Alone),
            Ident::new("compile_error", start).into(),
            punct('!', Spacing::Alone),
            group.into(),
        ])
    }
}

impl From<syn::Error> for Error {
    fn from(error: syn::Error) -> Self {
        Error::new(error.span(), error.to_string())
    }
}

/// The errors found so far.
///
/// It must be ended with [`Errors::finish`]: one that is dropped unread panics, since its errors would be lost. No
/// input can cause that.
#[derive(Debug, Default)]
pub struct Errors {
    found: RefCell<Option<Vec<Error>>>,
}

impl Errors {
    pub fn new() -> Self {
        Errors { found: RefCell::new(Some(Vec::new())) }
    }

    pub fn push(&self, error: impl Into<Error>) {
        if let Some(found) = self.found.borrow_mut().as_mut() {
            found.push(error.into());
        }
    }

    /// An error, to which a label and help can be added.
    pub fn add(&self, span: impl Into<SourceSpan>, message: impl Into<String>) -> Added<'_> {
        self.push(Error::new(span, message));
        Added(self)
    }

    pub fn is_empty(&self) -> bool {
        self.found.borrow().as_ref().is_none_or(Vec::is_empty)
    }

    /// Those of a phase that ends here: it goes on without them, and must still be finished.
    #[must_use]
    pub fn drain(&self) -> Vec<Error> {
        self.found.borrow_mut().as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// All of them, in the order in which they were found.
    #[must_use]
    pub fn finish(self) -> Vec<Error> {
        self.found.borrow_mut().take().unwrap_or_default()
    }
}

/// The error that was added last.
pub struct Added<'e>(&'e Errors);

impl Added<'_> {
    pub fn label(self, label: impl Into<String>) -> Self {
        self.change(|error| error.label(label));
        self
    }

    pub fn help(self, help: impl Into<String>) {
        self.change(|error| error.help(help));
    }

    fn change(&self, change: impl FnOnce(Error) -> Error) {
        let mut found = self.0.found.borrow_mut();
        if let Some(found) = found.as_mut()
            && let Some(last) = found.pop()
        {
            found.push(change(last));
        }
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        let unread = !std::thread::panicking() && self.found.borrow().is_some();
        assert!(!unread, "errors were collected and never read");
    }
}

/// `unknown name `tabel`, did you mean `table`?` and what would be allowed.
pub fn unknown(found: &str, span: impl Into<SourceSpan>, what: &str, allowed: &[&str]) -> Error {
    let error = Error::new(span, format!("unknown {what} `{found}`"));
    match nearest(found, allowed.iter().copied()) {
        Some(near) => error
            .label(format!("did you mean `{near}`?"))
            .help(format!("did you mean `{near}`? Allowed here: {}", list(allowed))),
        None => error.label("unknown").help(format!("allowed here: {}", list(allowed))),
    }
}

/// `` `a`, `b` or `c` `` without the "or": `` `a`, `b`, `c` ``.
pub fn list<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}

/// The candidate that is nearest to `word`, if one is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let word = fold(word);
    let limit = match word.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&word, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_typing_errors_and_nothing_else() {
        let check = |word, expect: Option<&str>| {
            assert_eq!(nearest(word, crate::attr::MODEL_NAMES.iter().copied()), expect, "{word}");
        };
        check("tabel", Some("table"));
        check("tables", Some("table"));
        check("primarykey", Some("primary_key"));
        check("primaryKey", Some("primary_key"));
        check("renamed-from", Some("renamed_from"));
        check("xyz", None);
        check("", None);
        check("collation", None);
    }

    #[test]
    #[should_panic(expected = "never read")]
    fn dropping_unread_errors_panics() {
        drop(Errors::new());
    }

    #[test]
    fn all_errors_come_back_in_order() {
        let errors = Errors::new();
        assert!(errors.is_empty());
        errors.push(Error::new(Span::call_site(), "one").help("two"));
        errors.push(syn::Error::new(Span::call_site(), "three"));
        assert!(!errors.is_empty());
        let texts: Vec<_> = errors.finish().iter().map(Error::text).collect();
        assert_eq!(texts, ["one\n\nhint: two", "three"]);
    }
}
