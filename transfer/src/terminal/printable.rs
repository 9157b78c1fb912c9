//! Text for a terminal.

/// The text with control characters written out (`\u{1b}`), except line breaks and tabs, so that what comes from data or
/// from a file's name cannot steer a terminal. `styled` text keeps colours (`ESC [ … m`), which is all that our own
/// styles write.
pub fn printable(text: &str, styled: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let colour = if styled { colour(rest) } else { 0 };
        let length = colour.max(character.len_utf8());
        match character {
            '\n' | '\t' => shown.push(character),
            _ if colour > 0 => shown.push_str(&rest[..colour]),
            _ if is_control(character) => shown.extend(character.escape_unicode()),
            _ => shown.push(character),
        }
        rest = &rest[length..];
    }
    shown
}

/// Control characters, and those that change the direction of what follows (Unicode Annex 9).
fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The length of the colour that a text begins with, 0 if it does not.
fn colour(text: &str) -> usize {
    let Some(inside) = text.strip_prefix("\u{1b}[") else { return 0 };
    let digits = inside.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
    if inside[digits..].starts_with('m') { 2 + digits + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_our_colours_reaches_a_terminal() {
        let check = |text: &str, plain: &str, styled: &str| {
            assert_eq!((printable(text, false).as_str(), printable(text, true).as_str()), (plain, styled));
        };
        check("Kørül\n\tx", "Kørül\n\tx", "Kørül\n\tx");
        check("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m", "\u{1b}[31mred\u{1b}[0m");
        check("a\u{1b}[2Jb", "a\\u{1b}[2Jb", "a\\u{1b}[2Jb");
        check("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}", "\\u{1b}]0;title\\u{7}");
        check("\u{9b}31m \r \u{202e}", "\\u{9b}31m \\u{d} \\u{202e}", "\\u{9b}31m \\u{d} \\u{202e}");
        check("\u{1b}[", "\\u{1b}[", "\\u{1b}[");
    }
}
