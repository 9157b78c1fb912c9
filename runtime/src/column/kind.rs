//! How a value is sent to PostgreSQL: one marker for each binary format.
//!
//! A Rust type has one kind by default ([`super::Column::Kind`]); `#[column(type = "…")]` chooses another. What
//! a kind does not say, such as a numeric's scale, is known to the column.

use std::marker::PhantomData;

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
    Bool = Some(16);
    Int2 = Some(21);
    Int4 = Some(23);
    Int8 = Some(20);
    Float4 = Some(700);
    Float8 = Some(701);
    Numeric = Some(1700);
    Text = Some(25);
    Varchar = Some(1043);
    /// `character(n)`: padded with blanks.
    Bpchar = Some(1042);
    /// `citext`, an extension's type that is sent as text.
    Citext = None;
    Bytea = Some(17);
    Uuid = Some(2950);
    Date = Some(1082);
    Time = Some(1083);
    Timestamp = Some(1114);
    Timestamptz = Some(1184);
    Json = Some(114);
    Jsonb = Some(3802);
    Enum = None;
    /// Any other type: only for values that a `with` function makes and that sqlx can encode.
    Other = None;
}

#[derive(Debug, Clone, Copy)]
pub struct Array<K>(PhantomData<K>);

impl<K: Scalar> Kind for Array<K> {
    const OID: Option<u32> = None;
}
