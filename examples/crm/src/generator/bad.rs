//! What can be wrong with a document.

use super::bson::{Decimal, Doc};
use super::random::Random;

/// One thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bad {
    /// A field that must be there is not.
    Missing,
    /// A field that must have a value is null.
    Null,
    /// A number where a text must be.
    Type,
    /// A text with a NUL, which PostgreSQL cannot store.
    Nul,
    /// A text that is no UTF-8.
    Utf8,
    /// A label that the enum does not have.
    Label,
    /// A number or a time beyond the column's range.
    TooLarge,
    /// A decimal that is not a number.
    Nan,
    /// More digits after the point than the column has.
    Precision,
    /// An amount below zero, which a check forbids.
    Negative,
    /// A reference to a document that is not there.
    Reference,
    /// A value that another document has and only one may have.
    DuplicateKey,
    /// An embedded comment whose author is a text.
    Comment,
}

impl Bad {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Bad::Missing => "a field is missing",
            Bad::Null => "a field is null",
            Bad::Type => "a number where a text must be",
            Bad::Nul => "a text with a NUL",
            Bad::Utf8 => "a text that is no UTF-8",
            Bad::Label => "an unknown label",
            Bad::TooLarge => "a value out of range",
            Bad::Nan => "a decimal that is not a number",
            Bad::Precision => "too many digits after the point",
            Bad::Negative => "an amount below zero",
            Bad::Reference => "a reference to nothing",
            Bad::DuplicateKey => "an e-mail address that is taken",
            Bad::Comment => "an embedded comment with a bad author",
        }
    }
}

/// What can be wrong with the documents of a collection; they take turns.
pub fn kinds(collection: &str) -> &'static [Bad] {
    match collection {
        "users" => &[Bad::DuplicateKey, Bad::Label, Bad::Nul],
        "crm_Accounts" => &[Bad::TooLarge, Bad::Missing, Bad::Reference, Bad::Label, Bad::Utf8],
        "crm_Contacts" => &[Bad::Reference, Bad::Null, Bad::TooLarge, Bad::Nul, Bad::Type],
        "crm_Opportunities" => {
            &[Bad::Label, Bad::Negative, Bad::Precision, Bad::Nan, Bad::Reference, Bad::Missing, Bad::Utf8]
        }
        _ => &[Bad::Comment, Bad::Label, Bad::Reference, Bad::Type, Bad::Null],
    }
}

/// A text field, bad if it is this field's turn.
pub fn text(doc: Doc, key: &str, value: &str, bad: Option<Bad>) -> Doc {
    match bad {
        Some(Bad::Missing) => doc,
        Some(Bad::Null) => doc.null(key),
        Some(Bad::Type) => doc.int(key, 42),
        Some(Bad::Nul) => doc.text(key, &format!("{value}\0")),
        Some(Bad::Utf8) => doc.text_bytes(key, &[value.as_bytes(), &[0xff, 0xfe]].concat()),
        _ => doc.text(key, value),
    }
}

/// An enum's label.
pub fn label(doc: Doc, key: &str, value: &str, bad: Option<Bad>) -> Doc {
    match bad {
        Some(Bad::Label) => doc.text(key, "undecided"),
        _ => doc.text(key, value),
    }
}

/// A reference.
pub fn reference(doc: Doc, key: &str, value: [u8; 12], bad: Option<Bad>) -> Doc {
    match bad {
        Some(Bad::Reference) => doc.id(key, [0xee; 12]),
        _ => doc.id(key, value),
    }
}

/// An amount with two digits after the point.
pub fn money(doc: Doc, key: &str, random: &mut Random, bad: Option<Bad>) -> Doc {
    let cents = i64::try_from(random.below(100_000_000)).unwrap_or(0);
    let number = |coefficient, exponent| Decimal::Number { coefficient, exponent };
    doc.decimal(
        key,
        match bad {
            Some(Bad::Nan) => Decimal::Nan,
            Some(Bad::Precision) => number(cents * 10 + 5, -3),
            Some(Bad::Negative) => number(-cents - 1, -2),
            _ => number(cents, -2),
        },
    )
}
