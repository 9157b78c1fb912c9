//! Source snippets: the line, the place in it, and what to do, as the Rust compiler shows them.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use whimbrel_syntax::scan::Diagnostic;
use whimbrel_transfer::terminal::printable;

use crate::lint::Finding;

/// Renders several errors with their colours, an empty line between them; the streams drop colours where they are not
/// wanted.
pub fn render(diagnostics: &[Diagnostic]) -> String {
    let rendered: Vec<String> = diagnostics.iter().map(render_one).collect();
    rendered.join("\n\n")
}

/// Renders what the linter found, as warnings with the names of the rules.
pub fn render_findings(findings: &[Finding]) -> String {
    let render = |finding: &Finding| render_as(Level::WARNING, Some(&finding.rule), &finding.diagnostic);
    findings.iter().map(render).collect::<Vec<_>>().join("\n\n")
}

/// A place, what is there and what to do, for machines.
pub fn details(diagnostic: &Diagnostic) -> serde_json::Value {
    let Diagnostic { path, line, column, message, label, help, .. } = diagnostic;
    let mut details =
        serde_json::json!({ "path": path, "line": line, "column": column, "message": message, "help": help });
    if !label.is_empty() {
        details["label"] = label.as_str().into();
    }
    details
}

fn render_one(diagnostic: &Diagnostic) -> String {
    render_as(Level::ERROR, None, diagnostic)
}

fn render_as(level: Level<'_>, id: Option<&str>, diagnostic: &Diagnostic) -> String {
    let Diagnostic { path, source, span, message, label, help, .. } = diagnostic;
    let mut annotation = AnnotationKind::Primary.span(within(source, span.clone()));
    if !label.is_empty() {
        annotation = annotation.label(label);
    }
    let path = printable(&path.display().to_string(), false);
    let snippet = Snippet::source(source).path(path).annotation(annotation);
    let mut title = level.primary_title(message);
    if let Some(id) = id {
        title = title.id(id);
    }
    let mut group = title.element(snippet);
    if let Some(help) = help {
        group = group.element(Level::HELP.with_name(Some("hint")).message(help));
    }
    Renderer::styled().render(&[group])
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
        let text = render_one(&Diagnostic {
            path: "a.rs".into(),
            source: String::new(),
            span: 7..9,
            line: 1,
            column: 1,
            message: "nothing here".to_owned(),
            label: String::new(),
            help: Some("write something".to_owned()),
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
