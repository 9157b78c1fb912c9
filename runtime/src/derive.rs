//! What derived code calls; not for people.

use std::marker::PhantomData;

use serde::de::{Deserializer, Visitor};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgHasArrayType, PgRow, PgTypeInfo, PgValueRef};
use sqlx::{Decode, Postgres, Row, Type};
use whimbrel_syntax::model::QName;

pub use whimbrel_syntax::draft::{ColumnInfo, TableDraft, Target};
pub use whimbrel_syntax::model::{Enum, Table};

use crate::column::Column;
use crate::model::{Model, PgEnum, UnknownLabel};

pub fn info<T: Column>() -> ColumnInfo {
    ColumnInfo { ty: Some(T::column_type()), nullable: T::NULLABLE, references: T::references() }
}

/// Asks a type what it may not know: a column with a declared type needs no [`Column`].
///
/// An inherent item wins over one of a trait. So `Probe::<T>::NULLABLE` is that of [`Unknown`] unless `T` is an
/// `Option`, through aliases, too.
pub struct Probe<T>(PhantomData<T>);

/// What is said of a type that is not known.
pub trait Unknown {
    const NULLABLE: bool = false;

    fn references() -> Option<(QName, String)> {
        None
    }
}

impl<T> Unknown for Probe<T> {}

impl<T> Probe<Option<T>> {
    pub const NULLABLE: bool = true;
}

impl<T: Column> Probe<T> {
    pub fn references() -> Option<(QName, String)> {
        T::references()
    }
}

/// What a foreign key references: the columns of these fields, or without any the primary key. [`has_field`] and
/// [`has_key`] hold.
pub fn target<M: Model>(fields: &[&str]) -> Target {
    let column = |field: &str| match M::FIELDS.iter().position(|name| *name == field) {
        Some(at) => M::COLUMNS[at].to_owned(),
        None => field.to_owned(),
    };
    let fields = if fields.is_empty() { M::PRIMARY_KEY } else { fields };
    Target { table: M::qname(), columns: fields.iter().map(|field| column(field)).collect() }
}

/// Whether a model has a primary key, known at compile time. One with errors of its own causes no others.
pub const fn has_key<M: Model>() -> bool {
    !M::PRIMARY_KEY.is_empty() || M::TABLE.is_empty()
}

/// Whether a model has a field or column of that name, known at compile time.
pub const fn has_field<M: Model>(name: &str) -> bool {
    contains(M::FIELDS, name) || contains(M::COLUMNS, name)
}

const fn contains(names: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < names.len() {
        if same(names[at].as_bytes(), name.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// A value that can be read from a row: a bound that names the row's lifetime, so that a model with a field that
/// cannot be read still compiles and only its `FromRow` is missing.
pub trait FromColumn<'r>: Sized {
    fn from_column(row: &'r PgRow, column: &str) -> Result<Self, sqlx::Error>;
}

impl<'r, T: Decode<'r, Postgres> + Type<Postgres>> FromColumn<'r> for T {
    fn from_column(row: &'r PgRow, column: &str) -> Result<Self, sqlx::Error> {
        row.try_get(column)
    }
}

pub fn decode_label<E: PgEnum>(value: PgValueRef<'_>) -> Result<E, BoxDynError> {
    let label = <&str as Decode<Postgres>>::decode(value)?;
    parse_label::<E>(label).map_err(Into::into)
}

pub fn parse_label<E: PgEnum>(label: &str) -> Result<E, UnknownLabel> {
    E::from_label(label).ok_or_else(|| UnknownLabel { label: label.to_owned(), labels: E::LABELS })
}

pub fn deserialize_label<'de, E: PgEnum, D: Deserializer<'de>>(deserializer: D) -> Result<E, D::Error> {
    struct Label<E>(PhantomData<E>);

    impl<E: PgEnum> Visitor<'_> for Label<E> {
        type Value = E;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "one of {}", E::LABELS.join(", "))
        }

        fn visit_str<X: serde::de::Error>(self, label: &str) -> Result<E, X> {
            E::from_label(label).ok_or_else(|| X::unknown_variant(label, E::LABELS))
        }

        fn visit_bytes<X: serde::de::Error>(self, bytes: &[u8]) -> Result<E, X> {
            let label = std::str::from_utf8(bytes).map_err(X::custom)?;
            self.visit_str(label)
        }
    }

    deserializer.deserialize_str(Label(PhantomData))
}

/// A type with a lifetime, so that a bound on it is checked where it is used, not where it is written.
pub struct Of<'w, T>(PhantomData<(&'w (), T)>);

pub trait HasArray {
    fn array_type_info() -> PgTypeInfo;

    fn array_compatible(ty: &PgTypeInfo) -> bool;
}

impl<T: PgHasArrayType> HasArray for Of<'_, T> {
    fn array_type_info() -> PgTypeInfo {
        T::array_type_info()
    }

    fn array_compatible(ty: &PgTypeInfo) -> bool {
        T::array_compatible(ty)
    }
}

pub trait HasType {
    fn type_info() -> PgTypeInfo;

    fn compatible(ty: &PgTypeInfo) -> bool;
}

impl<T: Type<Postgres>> HasType for Of<'_, T> {
    fn type_info() -> PgTypeInfo {
        T::type_info()
    }

    fn compatible(ty: &PgTypeInfo) -> bool {
        T::compatible(ty)
    }
}

/// Lets a newtype be read and written as what it wraps: part of what `#[derive(Newtype)]` expands to.
#[cfg(feature = "transform")]
#[doc(hidden)]
#[macro_export]
macro_rules! __newtype_transform {
    ($newtype:ty, $inner:ty, $field:tt) => {
        impl<K> $crate::__private::copy::FromSource<K> for $newtype
        where
            $inner: $crate::__private::copy::FromSource<K>,
        {
            const NULLABLE: bool = <$inner as $crate::__private::copy::FromSource<K>>::NULLABLE;

            fn from_source(
                value: $crate::__private::transform::value::Value<'_>,
                shape: &$crate::__private::copy::Shape,
                out: &mut $crate::__private::copy::Writer<'_>,
            ) -> ::core::result::Result<(), $crate::__private::transform::ValueError> {
                <$inner as $crate::__private::copy::FromSource<K>>::from_source(value, shape, out)
            }
        }

        impl<K> $crate::__private::copy::ToCopy<K> for $newtype
        where
            $inner: $crate::__private::copy::ToCopy<K>,
        {
            fn to_copy(
                &self,
                shape: &$crate::__private::copy::Shape,
                out: &mut $crate::__private::copy::Writer<'_>,
            ) -> ::core::result::Result<
                $crate::__private::copy::Written,
                $crate::__private::transform::ValueError,
            > {
                $crate::__private::copy::ToCopy::<K>::to_copy(&self.$field, shape, out)
            }
        }
    };
}

#[cfg(not(feature = "transform"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __newtype_transform {
    ($newtype:ty, $inner:ty, $field:tt) => {};
}

/// The columns of a model as names for sea-query: part of what `#[derive(Model)]` expands to.
#[cfg(feature = "sea-query")]
#[doc(hidden)]
#[macro_export]
macro_rules! __columns {
    ($vis:vis $name:ident of $model:ident { $($variant:ident $column:literal)* }) => {
        #[doc = ::core::concat!("The columns of [`", ::core::stringify!($model), "`], for sea-query.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(dead_code, non_camel_case_types)]
        $vis enum $name {
            $(#[doc = ::core::concat!("`", $column, "`")] $variant,)*
        }

        impl $crate::sea_query::Iden for $name {
            fn unquoted(&self) -> &str {
                match self {
                    $(Self::$variant => $column,)*
                }
            }
        }
    };
}

#[cfg(not(feature = "sea-query"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __columns {
    ($($_:tt)*) => {};
}

pub use crate::__columns as columns;
pub use crate::__newtype_transform as newtype_transform;

/// Puts a folder of migrations into the program and checks its chain while compiling.
///
/// ```
/// static MIGRATOR: whimbrel::Migrator = whimbrel::embed!("migrations");
/// ```
///
/// The folder is searched from the crate's own folder (`CARGO_MANIFEST_DIR`) upwards, so that the crates of a
/// workspace can share one at its root. A changed file compiles the program again. A new file is only seen when
/// something else changes: a `build.rs` with `println!("cargo::rerun-if-changed=migrations");` sees it at once.
#[cfg(feature = "derive")]
#[macro_export]
macro_rules! embed {
    ($($folder:tt)*) => { $crate::__private::embed! { $crate $($folder)* } };
}
