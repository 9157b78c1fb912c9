//! Typed JSON columns.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgValueRef};
use sqlx::{Decode, Encode, Postgres};

use crate::column::stored_as;

/// A `jsonb` column that holds a `T`, or any JSON when no type is given.
///
/// It is sqlx's `Json` with a default, so that `extra: Json` can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json<T = serde_json::Value>(pub T);

impl<T> Json<T> {
    /// The value inside.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Json(value)
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> AsRef<T> for Json<T> {
    fn as_ref(&self) -> &T {
        &self.0
    }
}

type Inner<T> = sqlx::types::Json<T>;

stored_as!(Json<T>, Inner<T>);

impl<'q, T: Serialize> Encode<'q, Postgres> for Json<T> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <Inner<&T> as Encode<'q, Postgres>>::encode_by_ref(&sqlx::types::Json(&self.0), buffer)
    }
}

impl<'r, T: Deserialize<'r> + 'r> Decode<'r, Postgres> for Json<T> {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        <Inner<T> as Decode<'r, Postgres>>::decode(value).map(|json| Json(json.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_sees_the_value_only() {
        let json = Json(vec![1, 2]);
        assert_eq!(serde_json::to_string(&json).unwrap(), "[1,2]");
        assert_eq!(serde_json::from_str::<Json<Vec<i32>>>("[1,2]").unwrap(), json);
        let any: Json = serde_json::from_str("{\"a\":null}").unwrap();
        assert!(any["a"].is_null());
    }
}
