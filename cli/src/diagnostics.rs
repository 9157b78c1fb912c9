//! Source snippets: the line, the place in it, and what to do, as the Rust compiler shows them.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use whimbrel_transfer::terminal::printable;

/// One error in one source text.
#[derive(Debug, Clone)]
pub struct Spot<'a> {
    /// The file as the reader knows it.
    pub path: &'a str,
    pub source: &'a str,
    pub span: Range<usize>,
    pub message: &'a str,
    /// Printed beside the place.
    pub label: &'a str,
    pub help: Option<&'a str>,
}

/// Renders one spot with its colours; the streams drop them where they are not wanted.
pub fn render(spot: &Spot<'_>) -> String {
    let span = within(spot.source, spot.span.clone());
    let mut annotation = AnnotationKind::Primary.span(span);
    if !spot.label.is_empty() {
        annotation = annotation.label(spot.label);
    }
    let path = printable(spot.path, false);
    let snippet = Snippet::source(spot.source).path(path).annotation(annotation);
    let mut group = Level::ERROR.primary_title(spot.message).element(snippet);
    if let Some(help) = spot.help {
        group = group.element(Level::HELP.with_name(Some("hint")).message(help));
    }
    Renderer::styled().render(&[group])
}

/// Renders several, an empty line between them.
pub fn render_all<'a>(spots: impl IntoIterator<Item = Spot<'a>>) -> String {
    let rendered: Vec<String> = spots.into_iter().map(|spot| render(&spot)).collect();
    let mut text = rendered.join("\n\n");
    text.push('\n');
    text
}

/// A span that lies in the text and on its characters' borders, so that rendering cannot panic.
fn within(source: &str, span: Range<usize>) -> Range<usize> {
    let mut start = span.start.min(source.len());
    while !source.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, source.len());
    while !source.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// Line and column (in characters) of a byte, both from 1.
pub fn position(source: &str, byte: usize) -> (usize, usize) {
    let byte = within(source, byte..byte).start;
    let before = &source[..byte];
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_outside_the_text_or_inside_a_character_are_brought_back() {
        assert_eq!(within("aé", 2..2), 1..3);
        assert_eq!(within("aé", 1..2), 1..3);
        assert_eq!(within("aé", 40..50), 3..3);
        let text = render(&Spot {
            path: "a.rs",
            source: "",
            span: 7..9,
            message: "nothing here",
            label: "",
            help: Some("write something"),
        });
        assert!(text.contains("nothing here"), "{text}");
        assert!(text.contains("write something"), "{text}");
    }

    #[test]
    fn positions_count_from_one() {
        assert_eq!(position("ab\ncd", 0), (1, 1));
        assert_eq!(position("ab\ncd", 4), (2, 2));
        assert_eq!(position("é\né!", 5), (2, 2));
    }
}
