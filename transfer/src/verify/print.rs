//! Values of differences as PostgreSQL prints them: each goes to the server as a parameter in its type's binary form,
//! which is what COPY carries, and comes back as text.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::{Connection as _, Encode, PgConnection, Postgres, Type};

use crate::statements::table_sql;
use crate::verify::VerifyError;
use crate::verify::drill_down::Unequal;
use crate::verify::report::Difference;
use crate::verify::sql;
use crate::verify::table::VerifiedTable;
use crate::verify::truncated::{Field, fields};

/// The most characters of a value that are printed.
const PRINTED: usize = 120;

const JSONB: Oid = Oid(3802);

#[derive(Clone, Copy)]
struct ColumnType {
    oid: Oid,
    category: i8,
}

impl ColumnType {
    fn is_text(&self) -> bool {
        matches!(self.category as u8, b'S' | b'E')
    }
}

pub struct Printer<'c> {
    connection: &'c mut PgConnection,
    table: &'c VerifiedTable,
    /// Those of the compared columns.
    types: Vec<ColumnType>,
}

impl<'c> Printer<'c> {
    pub async fn new(
        connection: &'c mut PgConnection,
        table: &'c VerifiedTable,
    ) -> Result<Self, VerifyError> {
        let query = sqlx::query_as(sql::TYPES).bind(table_sql(&table.table)).bind(&table.columns);
        let types = query.fetch_all(&mut *connection).await?.into_iter();
        let types = types.map(|(oid, category)| ColumnType { oid, category }).collect();
        Ok(Printer { connection, table, types })
    }

    /// Describes the first `limit` differences: of a changed row each column that differs.
    pub async fn differences(
        &mut self,
        unequal: &[Unequal<'_>],
        limit: usize,
    ) -> Result<Vec<Difference>, VerifyError> {
        let mut found = Vec::new();
        for row in unequal {
            if found.len() >= limit {
                break;
            }
            match *row {
                Unequal::Missing { row, document } => {
                    let key = self.key(row).await?;
                    found.push(Difference::Missing { key, document: document.map(str::to_owned) });
                }
                Unequal::Extra { row } => found.push(Difference::Extra { key: self.key(row).await? }),
                Unequal::Changed { source, target, document } => {
                    let key = self.key(source).await?;
                    for (at, (expected, is)) in fields(source).zip(fields(target)).enumerate() {
                        if expected == is {
                            continue;
                        }
                        let (expected, is) = self.pair(at, expected, is).await?;
                        found.push(Difference::Changed {
                            key: key.clone(),
                            document: document.map(str::to_owned),
                            column: self.column(at).to_owned(),
                            expected,
                            found: is,
                        });
                    }
                }
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    fn column(&self, at: usize) -> &str {
        self.table.columns.get(at).copied().unwrap_or("?")
    }

    /// `id=…` or `opportunity_id=…, user_id=…`; without a key, every column.
    async fn key(&mut self, row: &[u8]) -> Result<String, VerifyError> {
        let mut parts = Vec::new();
        for (at, field) in fields(row).enumerate() {
            if self.table.key.is_empty() || self.table.key.contains(&at) {
                let value = self.field(at, field).await?;
                parts.push(format!("{}={value}", self.column(at)));
            }
        }
        Ok(parts.join(", "))
    }

    /// Two different values; where the text printed of them is the same, with the place where their bytes differ.
    async fn pair(
        &mut self,
        at: usize,
        left: Field<'_>,
        right: Field<'_>,
    ) -> Result<(String, String), VerifyError> {
        let mut texts = (self.field(at, left).await?, self.field(at, right).await?);
        if texts.0 == texts.1
            && let (Field::Whole(left), Field::Whole(right)) = (left, right)
        {
            let place = left.iter().zip(right).take_while(|(left, right)| left == right).count();
            let rest = |bytes: &[u8]| hex(bytes.get(place..).unwrap_or_default());
            texts.0 += &format!(", from byte {place}: {}", rest(left));
            texts.1 += &format!(", from byte {place}: {}", rest(right));
        }
        Ok(texts)
    }

    async fn field(&mut self, at: usize, field: Field<'_>) -> Result<String, VerifyError> {
        let Some(&ty) = self.types.get(at) else { return Ok("?".to_owned()) };
        Ok(match field {
            Field::Null => "NULL".to_owned(),
            Field::Whole(bytes) => {
                let text = self.value(ty, bytes).await?;
                match text.char_indices().nth(PRINTED) {
                    Some((cut, _)) => format!("{}… ({} bytes)", &text[..cut], bytes.len()),
                    None => text,
                }
            }
            Field::Long { head, length, digest } => {
                let text = self.beginning(ty, head).await?;
                let cut = text.char_indices().nth(PRINTED).map_or(text.len(), |(cut, _)| cut);
                format!("{}… ({length} bytes, XXH3-128 {digest})", &text[..cut])
            }
        })
    }

    /// A value as the server prints it, strings as literals. Bytes that the type does not accept are printed in
    /// hexadecimal: a report must be able to show what is broken.
    async fn value(&mut self, ty: ColumnType, bytes: &[u8]) -> Result<String, VerifyError> {
        let statement = if ty.is_text() { "SELECT quote_literal($1::text)" } else { "SELECT $1::text" };
        let mut savepoint = self.connection.begin().await?;
        let value = Binary { oid: ty.oid, bytes };
        // Not prepared for later: the next value of this statement may have another type.
        let query = sqlx::query_scalar(statement).bind(value).persistent(false);
        match query.fetch_one(&mut *savepoint).await {
            Ok(text) => {
                savepoint.commit().await?;
                Ok(text)
            }
            Err(sqlx::Error::Database(_)) => {
                savepoint.rollback().await?;
                Ok(hex(bytes))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The beginning of a long value, of which only `head` is left.
    async fn beginning(&mut self, ty: ColumnType, head: &[u8]) -> Result<String, VerifyError> {
        if ty.is_text() {
            return Ok(text(head).map_or_else(|| hex(head), |text| format!("'{text}")));
        }
        if let (JSONB, Some(text)) = (ty.oid, head.strip_prefix(&[1]).and_then(text)) {
            return Ok(text.to_owned());
        }
        match (ty.category as u8 == b'A').then(|| whole_elements(head)).flatten() {
            Some(array) => self.value(ty, &array).await,
            None => Ok(hex(head)),
        }
    }
}

/// The text that bytes begin with; they may end within a character.
fn text(head: &[u8]) -> Option<&str> {
    let whole = head.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    (head.len() - whole.len() < 4).then_some(whole)
}

/// The array of the elements that are whole in the first bytes of a one-dimensional array (`array_send` in
/// PostgreSQL's `arrayfuncs.c`: dimensions, flags, element type; length and lower bound of each dimension; elements).
fn whole_elements(head: &[u8]) -> Option<Vec<u8>> {
    const LENGTH: std::ops::Range<usize> = 12..16;
    const ELEMENTS: usize = 20;
    if head.get(..4)? != [0, 0, 0, 1] {
        return None;
    }
    let (mut at, mut whole) = (ELEMENTS, 0_i32);
    while let Some((length, rest)) = head.get(at..).and_then(|rest| rest.split_first_chunk()) {
        let length = usize::try_from(i32::from_be_bytes(*length)).unwrap_or(0);
        if rest.len() < length {
            break;
        }
        at += 4 + length;
        whole += 1;
    }
    let mut array = head.get(..at)?.to_vec();
    array.get_mut(LENGTH)?.copy_from_slice(&whole.to_be_bytes());
    Some(array)
}

struct Binary<'a> {
    oid: Oid,
    bytes: &'a [u8],
}

impl Type<Postgres> for Binary<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("text")
    }
}

impl<'q> Encode<'q, Postgres> for Binary<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(self.bytes);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(self.oid))
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().take(PRINTED).map(|byte| format!("{byte:02x}"));
    format!("\\x{}", digits.collect::<String>())
}
