//! Typed keys, and how keys of other systems become UUIDs without a mapping table.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgValueRef};
use sqlx::{Decode, Encode, Postgres};
use uuid::Uuid;
pub use whimbrel_syntax::id::IdStrategy;
use whimbrel_syntax::model::QName;

use crate::column::stored_as;
use crate::object_id::{ObjectId, ObjectIdError};

/// The key of a `T`: a UUID that cannot be mistaken for another model's.
///
/// A column of type `Id<Account>` is a foreign key to `Account`, unless it is that model's own key or says
/// `#[column(no_reference)]`. An `Id` is `Copy` whatever `T` is, and stands for its UUID with sqlx and serde.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent, bound = "")]
pub struct Id<T> {
    uuid: Uuid,
    of: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    /// An id of a known UUID.
    pub const fn new(uuid: Uuid) -> Self {
        Id { uuid, of: PhantomData }
    }

    /// A fresh id: a UUIDv7 of this moment, which sorts after all ids of earlier moments.
    pub fn now_v7() -> Self {
        Self::new(Uuid::now_v7())
    }

    /// The UUID.
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }

    /// The id that stands for a MongoDB ObjectId; see [`ObjectId`].
    pub fn from_object_id(id: impl Into<ObjectId>) -> Self {
        Self::new(id.into().to_uuid())
    }

    /// The MongoDB ObjectId this id stands for.
    ///
    /// # Errors
    /// The id was not made from an ObjectId.
    pub fn to_object_id(self) -> Result<ObjectId, ObjectIdError> {
        ObjectId::from_uuid(self.uuid)
    }
}

/// The root of all namespaces that integers and texts are mapped under: the UUIDv5 of `whimbrel` under the DNS
/// namespace. It must never change, or keys of a second transfer would differ from those of the first.
const NAMESPACE: Uuid = Uuid::from_u128(0x6b0d_f315_24b7_5e36_a73f_7f9d_2ebd_96c7);

/// The namespace under which integer and text keys of a table become UUIDs of version 5.
///
/// It is derived from the table's name alone, so that a reference and the key it refers to agree without any
/// table between them.
pub fn namespace(table: &QName) -> Uuid {
    let name = format!("{}.{}", table.schema, table.name);
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

/// The UUID of an integer key.
pub fn from_integer(namespace: &Uuid, key: i64) -> Uuid {
    Uuid::new_v5(namespace, format!("integer:{key}").as_bytes())
}

/// The UUID of a text key. A text of digits and the integer of the same digits are different keys.
pub fn from_text(namespace: &Uuid, key: &str) -> Uuid {
    Uuid::new_v5(namespace, format!("text:{key}").as_bytes())
}

/// A UUID from a binary of subtype 3, whose byte order the old drivers chose differently.
///
/// Returns `None` when the strategy declares no byte order.
pub fn from_legacy_binary(strategy: IdStrategy, bytes: [u8; 16]) -> Option<Uuid> {
    match strategy {
        IdStrategy::UuidPython => Some(Uuid::from_bytes(bytes)),
        IdStrategy::UuidCsharp => Some(Uuid::from_bytes_le(bytes)),
        IdStrategy::UuidJava => {
            let (high, low) = Uuid::from_bytes(bytes).as_u64_pair();
            Some(Uuid::from_u64_pair(high.swap_bytes(), low.swap_bytes()))
        }
        _ => None,
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}

impl<T> Eq for Id<T> {}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.uuid.cmp(&other.uuid)
    }
}

impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({})", self.uuid)
    }
}

impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uuid.fmt(f)
    }
}

impl<T> FromStr for Id<T> {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self::new)
    }
}

impl<T> From<Uuid> for Id<T> {
    fn from(uuid: Uuid) -> Self {
        Self::new(uuid)
    }
}

impl<T> From<Id<T>> for Uuid {
    fn from(id: Id<T>) -> Uuid {
        id.uuid
    }
}

impl<T> From<ObjectId> for Id<T> {
    fn from(id: ObjectId) -> Self {
        Self::from_object_id(id)
    }
}

#[cfg(feature = "sea-query")]
impl<T> From<Id<T>> for sea_query::Value {
    fn from(id: Id<T>) -> Self {
        id.uuid.into()
    }
}

impl<T> AsRef<Uuid> for Id<T> {
    fn as_ref(&self) -> &Uuid {
        &self.uuid
    }
}

stored_as!(Id<T>, Uuid);

impl<T> Encode<'_, Postgres> for Id<T> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode_by_ref(&self.uuid, buffer)
    }
}

impl<T> Decode<'_, Postgres> for Id<T> {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        <Uuid as Decode<Postgres>>::decode(value).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::*;

    /// Neither `Copy` nor anything else: an `Id` of it still is.
    struct Account;

    fn id(text: &str) -> Id<Account> {
        text.parse().unwrap()
    }

    const TEXT: &str = "013a7092-e8d8-7bcf-a1b3-5e650e40447c";

    #[test]
    fn behaves_as_its_uuid() {
        let one = id(TEXT);
        let copy = one;
        assert_eq!(one, copy);
        assert_eq!(one.to_string(), TEXT);
        assert_eq!(format!("{one:?}"), format!("Id({TEXT})"));
        assert_eq!(Uuid::from(one), one.uuid());
        assert!(Id::<Account>::new(Uuid::nil()) < one);
        assert_eq!(HashSet::from([one, copy]).len(), 1);
        assert_eq!(BTreeSet::from([one, copy]).len(), 1);
        assert!("not a uuid".parse::<Id<Account>>().is_err());
    }

    #[test]
    fn serde_writes_the_uuid_as_text() {
        let json = serde_json::to_string(&id(TEXT)).unwrap();
        assert_eq!(json, format!("\"{TEXT}\""));
        assert_eq!(serde_json::from_str::<Id<Account>>(&json).unwrap(), id(TEXT));
    }

    #[test]
    fn object_ids_there_and_back() {
        let object_id: ObjectId = "507f1f77bcf86cd799439011".parse().unwrap();
        let id = Id::<Account>::from_object_id(object_id);
        assert_eq!(id.to_string(), TEXT);
        assert_eq!(id.to_object_id(), Ok(object_id));
        // The chance that a native id passes for an ObjectId is one in a million (whole second and checksum),
        // so one of several must be told apart.
        assert!((0..3).any(|_| Id::<Account>::now_v7().to_object_id().is_err()));
    }

    #[test]
    fn integers_and_texts_depend_on_the_table_only() {
        let accounts = namespace(&QName::public("accounts"));
        assert_eq!(accounts, namespace(&QName::new("public", "accounts")));
        assert_ne!(accounts, namespace(&QName::new("crm", "accounts")));
        assert_eq!(from_integer(&accounts, 7), from_integer(&accounts, 7));
        assert_ne!(from_integer(&accounts, 7), from_integer(&namespace(&QName::public("users")), 7));
        assert_ne!(from_integer(&accounts, 7), from_text(&accounts, "7"));
        assert_eq!(from_text(&accounts, "a").get_version_num(), 5);
    }

    #[test]
    fn integers_and_texts_become_what_they_always_became() {
        // Keys of a second transfer must equal those of the first: these values must never change.
        let accounts = namespace(&QName::public("accounts"));
        let all = format!("{accounts} {} {}", from_integer(&accounts, -7), from_text(&accounts, "kim"));
        assert_eq!(all, FROZEN);
    }

    /// Computed with another UUID library.
    const FROZEN: &str = "942a40bc-e96e-59cc-afa3-0b93fef62522 \
        90c03826-7bde-509d-ba1c-d6e635984633 \
        eaddc2a0-3461-58f9-beb3-d0e4151c584f";

    #[test]
    fn legacy_byte_orders() {
        // The example of the MongoDB UUID specification: 00112233-4455-6677-8899-aabbccddeeff.
        let uuid: Uuid = "00112233-4455-6677-8899-aabbccddeeff".parse().unwrap();
        let java =
            [0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0, 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88];
        let csharp =
            [0x33, 0x22, 0x11, 0, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff];
        assert_eq!(from_legacy_binary(IdStrategy::UuidJava, java), Some(uuid));
        assert_eq!(from_legacy_binary(IdStrategy::UuidCsharp, csharp), Some(uuid));
        assert_eq!(from_legacy_binary(IdStrategy::UuidPython, *uuid.as_bytes()), Some(uuid));
        assert_eq!(from_legacy_binary(IdStrategy::Uuid, java), None);
    }
}
