//! Why a value cannot go where it should.

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident $name:literal;)*) => {
        /// The kinds of reasons, by names that never change, since rejects are counted by them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Code::$variant => $name,)*
                }
            }
        }
    };
}

codes! {
    /// The field is not there and the column must not be NULL (or the field is `required`).
    Missing "missing";
    /// The field is null and the column must not be NULL.
    Null "null";
    /// The value is of a BSON type that the column does not take.
    TypeMismatch "type_mismatch";
    /// A number or date is beyond what the column can hold.
    OutOfRange "out_of_range";
    InvalidUtf8 "invalid_utf8";
    /// A text contains U+0000, which PostgreSQL cannot store.
    NulInText "nul_in_text";
    /// NaN or an infinity where only numbers can be.
    NotANumber "not_a_number";
    UnknownLabel "unknown_label";
    /// Digits or fractions of a second would be lost.
    Precision "precision";
    /// A text is longer than the column, or a value than PostgreSQL takes.
    TooLong "too_long";
    DuplicateField "duplicate_field";
    /// Documents are nested more deeply than [`MAX_DEPTH`](crate::copy::json::MAX_DEPTH).
    TooDeep "too_deep";
    /// The BSON itself is broken.
    Malformed "malformed";
    /// A `with` function said no.
    Custom "custom";
    /// The target was not asked for what the encoder must know; see [`super::element_oids`].
    Unprepared "unprepared";
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

    pub fn code(&self) -> Code {
        self.0.code
    }

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
