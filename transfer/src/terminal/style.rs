//! The colours, all of them. A stream that is not a terminal takes them out.

use anstyle::{AnsiColor, Style};

/// `error:`
pub const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
/// `warning:`
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// `hint:`
pub const HINT: Style = AnsiColor::Cyan.on_default().bold();
/// What was done, and what is as it should be.
pub const DONE: Style = AnsiColor::Green.on_default().bold();
/// Headings and names that stand out.
pub const STRONG: Style = Style::new().bold();
