//! Why a value cannot go where it should.

/// The kinds of reasons, by names that never change, since rejects are counted by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The field is not there and the column must not be NULL (or the field is `required`).
    Missing,
    /// The field is null and the column must not be NULL.
    Null,
    /// The value is of a BSON type that the column does not take.
    TypeMismatch,
    /// A number or date is beyond what the column can hold.
    OutOfRange,
    /// A text is not UTF-8.
    InvalidUtf8,
    /// A text contains U+0000, which PostgreSQL cannot store.
    NulInText,
    /// NaN or an infinity where only numbers can be.
    NotANumber,
    /// A text is not one of the enum's labels.
    UnknownLabel,
    /// Digits or fractions of a second would be lost.
    Precision,
    /// A text is longer than the column, or a value than PostgreSQL takes.
    TooLong,
    /// A document has the same field twice.
    DuplicateField,
    /// Documents are nested more deeply than [`MAX_DEPTH`](crate::copy::json::MAX_DEPTH).
    TooDeep,
    /// The BSON itself is broken.
    Malformed,
    /// A `with` function said no.
    Custom,
    /// The target was not asked for what the encoder must know; see [`super::element_oids`].
    Unprepared,
}

impl Code {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Code::Missing => "missing",
            Code::Null => "null",
            Code::TypeMismatch => "type_mismatch",
            Code::OutOfRange => "out_of_range",
            Code::InvalidUtf8 => "invalid_utf8",
            Code::NulInText => "nul_in_text",
            Code::NotANumber => "not_a_number",
            Code::UnknownLabel => "unknown_label",
            Code::Precision => "precision",
            Code::TooLong => "too_long",
            Code::DuplicateField => "duplicate_field",
            Code::TooDeep => "too_deep",
            Code::Malformed => "malformed",
            Code::Custom => "custom",
            Code::Unprepared => "unprepared",
        }
    }
}

/// A reason, and where below the column's own field it applies.
///
/// It is boxed: the happy path carries a pointer that is null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    code: Code,
    reason: String,
    /// Innermost first.
    path: Vec<String>,
}

impl ValueError {
    /// A reason at the value itself.
    #[cold]
    pub fn new(code: Code, reason: impl Into<String>) -> Self {
        ValueError(Box::new(Inner { code, reason: reason.into(), path: Vec::new() }))
    }

    /// The same reason, seen from the value that contains this one under a key.
    #[cold]
    #[must_use]
    pub fn within(mut self, key: &[u8]) -> Self {
        self.0.path.push(String::from_utf8_lossy(key).into_owned());
        self
    }

    /// The kind of reason.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The reason in words.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The path of the value, from a starting path that may be empty.
    pub fn path_from(&self, start: &str) -> String {
        let mut path = start.to_owned();
        for key in self.0.path.iter().rev() {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(key);
        }
        path
    }
}

impl std::fmt::Display for ValueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.code.as_str(), self.0.reason)
    }
}

impl std::error::Error for ValueError {}
