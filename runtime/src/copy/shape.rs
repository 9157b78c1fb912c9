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
    pub const PLAIN: Shape =
        Shape { length: None, numeric: None, fraction: 6, id: IdStrategy::ObjectId, namespace: None };
}
