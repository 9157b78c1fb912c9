//! The cases of `rename_all`.

use heck::{
    ToKebabCase as _, ToLowerCamelCase as _, ToPascalCase as _, ToShoutyKebabCase as _,
    ToShoutySnakeCase as _, ToSnakeCase as _,
};

/// A way to write a name that consists of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    Snake,
    Camel,
    Pascal,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
    Lower,
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

    /// Writes a Rust name (of either Rust case) this way.
    pub fn apply(self, name: &str) -> String {
        match self {
            Case::Snake => name.to_snake_case(),
            Case::Camel => name.to_lower_camel_case(),
            Case::Pascal => name.to_pascal_case(),
            Case::ScreamingSnake => name.to_shouty_snake_case(),
            Case::Kebab => name.to_kebab_case(),
            Case::ScreamingKebab => name.to_shouty_kebab_case(),
            Case::Lower => name.to_snake_case().replace('_', ""),
            Case::Upper => name.to_shouty_snake_case().replace('_', ""),
        }
    }
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
}
