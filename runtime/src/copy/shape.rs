//! What the encoder must know of a column beyond its kind.

use uuid::Uuid;

use crate::id::IdStrategy;

/// A column's type modifiers and key strategy.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// `character varying(n)`, `character(n)`: the greatest number of characters.
    pub length: Option<u32>,
    /// `numeric(p, s)`: digits in all and after the point.
    pub numeric: Option<(u16, i16)>,
    /// `timestamp(p)`, `time(p)`: digits of a second's fraction.
    pub fraction: u8,
    /// How keys of the old system become UUIDs.
    pub id: IdStrategy,
    /// The namespace of the table whose keys these are; for integer and text keys.
    pub namespace: Option<fn() -> Uuid>,
}

impl Shape {
    /// A type without modifiers.
    pub const PLAIN: Shape =
        Shape { length: None, numeric: None, fraction: 6, id: IdStrategy::ObjectId, namespace: None };

    /// With a greatest number of characters.
    #[must_use]
    pub const fn length(mut self, characters: u32) -> Self {
        self.length = Some(characters);
        self
    }

    /// With digits in all and after the point.
    #[must_use]
    pub const fn numeric(mut self, precision: u16, scale: i16) -> Self {
        self.numeric = Some((precision, scale));
        self
    }

    /// With digits of a second's fraction.
    #[must_use]
    pub const fn fraction(mut self, digits: u8) -> Self {
        self.fraction = digits;
        self
    }

    /// With a key strategy.
    #[must_use]
    pub const fn strategy(mut self, strategy: IdStrategy) -> Self {
        self.id = strategy;
        self
    }

    /// With the namespace of the keys.
    #[must_use]
    pub const fn namespace(mut self, namespace: fn() -> Uuid) -> Self {
        self.namespace = Some(namespace);
        self
    }
}
