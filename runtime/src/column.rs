//! Which Rust types can be a column's type.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;
use whimbrel_syntax::model::{ColumnType, QName};

use crate::id::Id;
use crate::json::Json;
use crate::model::Model;

pub mod kind;

use kind::{Kind, Scalar};

/// A Rust type that can be a column: the closed list of `whimbrel-syntax`, `PgEnum`s and `Newtype`s.
///
/// `Vec<u8>` is `bytea`; every other `Vec<T>` is an array. `Option<T>` is a `T` that may be NULL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a column",
    label = "Whimbrel does not know which PostgreSQL type this is",
    note = "derive PgEnum for an enum or Newtype for a one-field struct, or write `#[column(type = \"…\")]`"
)]
pub trait Column {
    /// How its values are sent to PostgreSQL.
    type Kind: Kind;

    /// Whether the column may be NULL: `Option<_>`.
    const NULLABLE: bool = false;

    fn column_type() -> ColumnType;

    /// The table and column an `Id<T>` refers to.
    fn references() -> Option<(QName, String)> {
        None
    }

    /// The table whose keys its values are, also where that is not a foreign key: an array of `Id<T>`.
    fn keys_of() -> Option<QName> {
        Self::references().map(|(table, _)| table)
    }
}

/// Gives a type with one parameter `T`, and arrays of it, the PostgreSQL type of another.
macro_rules! stored_as {
    ($outer:ty, $inner:ty) => {
        impl<T> sqlx::Type<sqlx::Postgres> for $outer {
            fn type_info() -> sqlx::postgres::PgTypeInfo {
                <$inner as sqlx::Type<sqlx::Postgres>>::type_info()
            }

            fn compatible(ty: &sqlx::postgres::PgTypeInfo) -> bool {
                <$inner as sqlx::Type<sqlx::Postgres>>::compatible(ty)
            }
        }

        impl<T> sqlx::postgres::PgHasArrayType for $outer {
            fn array_type_info() -> sqlx::postgres::PgTypeInfo {
                <$inner as sqlx::postgres::PgHasArrayType>::array_type_info()
            }

            fn array_compatible(ty: &sqlx::postgres::PgTypeInfo) -> bool {
                <$inner as sqlx::postgres::PgHasArrayType>::array_compatible(ty)
            }
        }
    };
}

pub(crate) use stored_as;

macro_rules! columns {
    ($($rust:ty => $kind:ident $sql:literal,)*) => {$(
        impl Column for $rust {
            type Kind = kind::$kind;

            fn column_type() -> ColumnType {
                ColumnType::sql($sql)
            }
        }
    )*};
}

columns! {
    bool => Bool "boolean",
    i16 => Int2 "smallint",
    i32 => Int4 "integer",
    i64 => Int8 "bigint",
    f32 => Float4 "real",
    f64 => Float8 "double precision",
    String => Text "text",
    Vec<u8> => Bytea "bytea",
    Uuid => Uuid "uuid",
    NaiveDate => Date "date",
    NaiveTime => Time "time without time zone",
    NaiveDateTime => Timestamp "timestamp without time zone",
    DateTime<Utc> => Timestamptz "timestamp with time zone",
    Decimal => Numeric "numeric",
    serde_json::Value => Jsonb "jsonb",
}

impl<T> Column for Json<T> {
    type Kind = kind::Jsonb;

    fn column_type() -> ColumnType {
        ColumnType::sql("jsonb")
    }
}

impl<T: Model> Column for Id<T> {
    type Kind = kind::Uuid;

    fn column_type() -> ColumnType {
        ColumnType::sql("uuid")
    }

    /// The other model's primary key, which is a single column; `None` when it is not.
    fn references() -> Option<(QName, String)> {
        match T::PRIMARY_KEY {
            [column] => Some((T::qname(), (*column).to_owned())),
            _ => None,
        }
    }

    fn keys_of() -> Option<QName> {
        Some(T::qname())
    }
}

impl<T: Column> Column for Option<T> {
    type Kind = T::Kind;

    const NULLABLE: bool = true;

    fn column_type() -> ColumnType {
        T::column_type()
    }

    fn references() -> Option<(QName, String)> {
        T::references()
    }

    fn keys_of() -> Option<QName> {
        T::keys_of()
    }
}

impl<T: Column> Column for Vec<T>
where
    T::Kind: Scalar,
{
    type Kind = kind::Array<T::Kind>;

    fn column_type() -> ColumnType {
        T::column_type().array_of()
    }

    fn keys_of() -> Option<QName> {
        T::keys_of()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_bytea_and_other_vectors_arrays() {
        assert_eq!(Vec::<u8>::column_type(), ColumnType::sql("bytea"));
        assert_eq!(Vec::<Vec<u8>>::column_type(), ColumnType::sql("bytea").array_of());
        assert_eq!(Vec::<i32>::column_type(), ColumnType::sql("integer").array_of());
        assert_eq!(Option::<Vec<Option<String>>>::column_type(), ColumnType::sql("text").array_of());
        assert_eq!(<Json>::column_type(), ColumnType::sql("jsonb"));
    }

    #[test]
    fn only_an_option_may_be_null() {
        const {
            assert!(<Option<i32> as Column>::NULLABLE);
            assert!(!<i32 as Column>::NULLABLE);
            assert!(!<Vec<Option<i32>> as Column>::NULLABLE);
        }
    }
}
