//! How Rust names become the names of other worlds.

/// A way to write a name that consists of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `two_words`
    Snake,
    /// `twoWords`
    Camel,
    /// `TwoWords`
    Pascal,
    /// `TWO_WORDS`
    ScreamingSnake,
    /// `two-words`
    Kebab,
    /// `TWO-WORDS`
    ScreamingKebab,
    /// `twowords`
    Lower,
    /// `TWOWORDS`
    Upper,
}

impl Case {
    /// All of them, by the name they have in `rename_all` (those that serde uses).
    pub const ALL: &'static [(&'static str, Case)] = &[
        ("snake_case", Case::Snake),
        ("camelCase", Case::Camel),
        ("PascalCase", Case::Pascal),
        ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
        ("kebab-case", Case::Kebab),
        ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
        ("lowercase", Case::Lower),
        ("UPPERCASE", Case::Upper),
    ];

    /// The case of that name.
    pub fn from_name(name: &str) -> Option<Case> {
        Case::ALL.iter().find(|(known, _)| *known == name).map(|(_, case)| *case)
    }

    /// Writes a Rust name (of either Rust case) this way.
    pub fn apply(self, name: &str) -> String {
        let words = words(name);
        let join = |separator: &str, form: fn(&str) -> String| {
            words.iter().map(|word| form(word)).collect::<Vec<_>>().join(separator)
        };
        match self {
            Case::Snake => join("_", lower),
            Case::Pascal => join("", capital),
            Case::ScreamingSnake => join("_", upper),
            Case::Kebab => join("-", lower),
            Case::ScreamingKebab => join("-", upper),
            Case::Lower => join("", lower),
            Case::Upper => join("", upper),
            Case::Camel => match words.split_first() {
                Some((first, rest)) => rest.iter().fold(lower(first), |name, word| name + &capital(word)),
                None => String::new(),
            },
        }
    }
}

fn lower(word: &str) -> String {
    word.to_lowercase()
}

fn upper(word: &str) -> String {
    word.to_uppercase()
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters.flat_map(char::to_lowercase)).collect(),
        None => String::new(),
    }
}

/// The words of a name: `HTTPServer2` is `HTTP`, `Server2`; `line_2` is `line`, `2`.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in name.split(['_', '-', ' ']).filter(|part| !part.is_empty()) {
        let characters: Vec<char> = part.chars().collect();
        let mut word = String::new();
        for (at, character) in characters.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| characters[before]);
            let after = characters.get(at + 1);
            let starts = character.is_uppercase()
                && before.is_some_and(|before| {
                    !before.is_uppercase() || after.is_some_and(|after| after.is_lowercase())
                });
            if starts && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            word.push(*character);
        }
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_in_every_case() {
        let check = |name, expect: [&str; 8]| {
            let found: Vec<_> = Case::ALL.iter().map(|(_, case)| case.apply(name)).collect();
            assert_eq!(found, expect, "{name}");
        };
        check(
            "ClosedWon",
            [
                "closed_won",
                "closedWon",
                "ClosedWon",
                "CLOSED_WON",
                "closed-won",
                "CLOSED-WON",
                "closedwon",
                "CLOSEDWON",
            ],
        );
        check(
            "created_at",
            [
                "created_at",
                "createdAt",
                "CreatedAt",
                "CREATED_AT",
                "created-at",
                "CREATED-AT",
                "createdat",
                "CREATEDAT",
            ],
        );
        check("id", ["id", "id", "Id", "ID", "id", "ID", "id", "ID"]);
    }

    #[test]
    fn snake_case_keeps_acronyms_and_digits_together() {
        let check = |name, expect| assert_eq!(Case::Snake.apply(name), expect);
        check("HTTPServer", "http_server");
        check("UserID", "user_id");
        check("Server2", "server2");
        check("Utf8Text", "utf8_text");
        check("line_2", "line_2");
        check("_private", "private");
        check("ÄrmelKanal", "ärmel_kanal");
        check("X", "x");
        check("ABC", "abc");
    }

    #[test]
    fn unknown_cases_are_none() {
        assert_eq!(Case::from_name("snakeCase"), None);
        assert_eq!(Case::from_name("kebab-case"), Some(Case::Kebab));
    }
}
