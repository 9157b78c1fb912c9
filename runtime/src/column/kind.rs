//! How a value is sent to PostgreSQL: one marker for each binary format.
//!
//! A Rust type has one kind by default ([`super::Column::Kind`]); `#[column(type = "…")]` chooses another. What
//! a kind does not say, such as a numeric's scale, is known to the column.

use std::marker::PhantomData;

/// A binary format.
pub trait Kind: 'static {
    /// The type's OID where all databases agree on it; `None` for enum types and extensions' types.
    ///
    /// Arrays are sent with the OID of their elements.
    const OID: Option<u32>;
}

/// A kind that can be an array's element.
pub trait Scalar: Kind {}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $oid:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}

        impl Kind for $name {
            const OID: Option<u32> = $oid;
        }

        impl Scalar for $name {}
    )*};
}

kinds! {
    /// `boolean`.
    Bool = Some(16);
    /// `smallint`.
    Int2 = Some(21);
    /// `integer`.
    Int4 = Some(23);
    /// `bigint`.
    Int8 = Some(20);
    /// `real`.
    Float4 = Some(700);
    /// `double precision`.
    Float8 = Some(701);
    /// `numeric`, `numeric(p)`, `numeric(p, s)`.
    Numeric = Some(1700);
    /// `text`.
    Text = Some(25);
    /// `character varying`, `character varying(n)`.
    Varchar = Some(1043);
    /// `character(n)`: padded with blanks.
    Bpchar = Some(1042);
    /// `citext`, an extension's type that is sent as text.
    Citext = None;
    /// `bytea`.
    Bytea = Some(17);
    /// `uuid`.
    Uuid = Some(2950);
    /// `date`.
    Date = Some(1082);
    /// `time(p) without time zone`.
    Time = Some(1083);
    /// `timestamp(p) without time zone`.
    Timestamp = Some(1114);
    /// `timestamp(p) with time zone`.
    Timestamptz = Some(1184);
    /// `json`: the text as it is written.
    Json = Some(114);
    /// `jsonb`: the canonical text after a version byte.
    Jsonb = Some(3802);
    /// An enum type: the label.
    Enum = None;
    /// Any other type: only for values that a `with` function makes and that sqlx can encode.
    Other = None;
}

/// An array of `K`.
#[derive(Debug, Clone, Copy)]
pub struct Array<K>(PhantomData<K>);

impl<K: Scalar> Kind for Array<K> {
    const OID: Option<u32> = None;
}
