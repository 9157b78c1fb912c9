//! The Rust type of a field for a column of a PostgreSQL type.

use std::collections::BTreeMap;

use super::{SCALARS, TypeError, parts};

/// A type as it is written in a struct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustType {
    /// `DateTime<Utc>`
    pub name: String,
    /// What must be imported for it: `chrono::DateTime`.
    pub imports: Vec<String>,
    /// The PostgreSQL type is not the one that this type has alone.
    pub declared: bool,
}

/// Types that are declared beside the Rust type that holds their values.
const DECLARED: &[(&str, &str)] = &[
    ("character varying", "String"),
    ("character", "String"),
    ("bpchar", "String"),
    ("name", "String"),
    ("citext", "String"),
    ("json", "Value"),
    ("\"char\"", "i8"),
    ("oid", "Oid"),
    ("interval", "PgInterval"),
    ("money", "PgMoney"),
    ("int4range", "PgRange<i32>"),
    ("int8range", "PgRange<i64>"),
    ("numrange", "PgRange<Decimal>"),
    ("daterange", "PgRange<NaiveDate>"),
    ("tsrange", "PgRange<NaiveDateTime>"),
    ("tstzrange", "PgRange<DateTime<Utc>>"),
    ("ltree", "PgLTree"),
    ("hstore", "PgHstore"),
    ("time with time zone", "PgTimeTz"),
    ("inet", "IpNetwork"),
    ("cidr", "IpNetwork"),
    ("macaddr", "MacAddress"),
    ("bit", "BitVec"),
    ("bit varying", "BitVec"),
    ("point", "PgPoint"),
    ("line", "PgLine"),
    ("lseg", "PgLSeg"),
    ("box", "PgBox"),
    ("path", "PgPath"),
    ("polygon", "PgPolygon"),
    ("circle", "PgCircle"),
];

/// The features of sqlx that types need.
pub const FEATURES: &[(&str, &str)] = &[
    ("sqlx::types::ipnetwork::IpNetwork", "ipnetwork"),
    ("sqlx::types::mac_address::MacAddress", "mac_address"),
    ("sqlx::types::BitVec", "bit-vec"),
];

/// Where types are that the prelude does not have.
const IMPORTS: &[(&str, &str)] = &[
    ("DateTime", "chrono"),
    ("Utc", "chrono"),
    ("NaiveDate", "chrono"),
    ("NaiveTime", "chrono"),
    ("NaiveDateTime", "chrono"),
    ("Decimal", "rust_decimal"),
    ("Uuid", "uuid"),
    ("Value", "serde_json"),
    ("Oid", "sqlx::postgres::types"),
    ("PgInterval", "sqlx::postgres::types"),
    ("PgMoney", "sqlx::postgres::types"),
    ("PgRange", "sqlx::postgres::types"),
    ("PgLTree", "sqlx::postgres::types"),
    ("PgHstore", "sqlx::postgres::types"),
    ("PgTimeTz", "sqlx::postgres::types"),
    ("IpNetwork", "sqlx::types::ipnetwork"),
    ("MacAddress", "sqlx::types::mac_address"),
    ("BitVec", "sqlx::types"),
    ("PgPoint", "sqlx::postgres::types"),
    ("PgLine", "sqlx::postgres::types"),
    ("PgLSeg", "sqlx::postgres::types"),
    ("PgBox", "sqlx::postgres::types"),
    ("PgPath", "sqlx::postgres::types"),
    ("PgPolygon", "sqlx::postgres::types"),
    ("PgCircle", "sqlx::postgres::types"),
];

/// The names that a struct can mention beside those of models and enums.
pub fn mentioned() -> impl Iterator<Item = &'static str> {
    IMPORTS.iter().map(|(name, _)| *name).chain(["Id", "Model", "PgEnum", "Option", "Vec", "String", "Self"])
}

/// The Rust type of a PostgreSQL type as `format_type` prints it, with the domains by their names; `None` if none of the
/// closed list, and none of sqlx' own, stands for it.
pub fn rust(sql: &str, domains: &BTreeMap<String, String>) -> Option<RustType> {
    if let Some(element) = sql.strip_suffix("[]") {
        let element = rust(element, domains)?;
        return Some(RustType { name: format!("Vec<{}>", element.name), ..element });
    }
    if let Some(base) = domains.get(sql) {
        return Some(RustType { declared: true, ..rust(base, domains)? });
    }
    let (base, arguments) = parts(sql);
    let scalar = match base.as_ref() {
        "bytea" => Some("Vec<u8>"),
        "timestamp with time zone" => Some("DateTime<Utc>"),
        base => SCALARS.iter().find(|(_, sql)| *sql == base).map(|(rust, _)| *rust),
    };
    // A type of an extension may stand in any schema.
    let last = base.rsplit('.').next().unwrap_or_default();
    let name = scalar.or_else(|| DECLARED.iter().find(|(sql, _)| *sql == last).map(|(_, rust)| *rust))?;
    let words = name.split(['<', '>']);
    let found = words.filter_map(|word| IMPORTS.iter().find(|(name, _)| *name == word));
    let imports = found.map(|(name, path)| format!("{path}::{name}")).collect();
    let declared = scalar.is_none() || !arguments.is_empty() || *base != *sql;
    Some(RustType { name: name.to_owned(), imports, declared })
}

/// Whether values of a declared type are read and written as the Rust type that stands for `own`; types that no Rust type
/// stands for, such as a domain or an extension's, may be.
///
/// # Errors
/// They are those of another Rust type.
pub(crate) fn read_as(declared: &str, own: &str) -> Result<(), TypeError> {
    let name = |sql| rust(sql, &BTreeMap::new()).map(|found| found.name);
    match (name(declared), name(own)) {
        (Some(needed), Some(found)) if needed != found => Err(TypeError::new(
            format!("a column of type {declared} is not read as `{found}`"),
            format!("make the field a `{needed}`, or the column one of type {own}"),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_type_is_read_as_its_rust_type() {
        let check = |declared: &str, own: &str, expected: Option<&str>| {
            let error = read_as(declared, own).err().map(|error| format!("{error}: {}", error.hint));
            assert_eq!(error.as_deref(), expected, "{declared}");
        };
        for (declared, own) in [
            ("character varying(20)", "text"),
            ("citext", "text"),
            ("character varying(20)[]", "text[]"),
            ("json", "jsonb"),
            ("numeric(14,2)", "numeric"),
            ("timestamp(3) with time zone", "timestamp with time zone"),
            ("email", "text"),
            ("vector(3)", "real[]"),
            ("boolean", "stage"),
        ] {
            check(declared, own, None);
        }
        check(
            "boolean",
            "bigint",
            Some(
                "a column of type boolean is not read as `i64`: make the field a `bool`, or the column one of type bigint",
            ),
        );
        check(
            "text",
            "text[]",
            Some(
                "a column of type text is not read as `Vec<String>`: make the field a `String`, or the column one of type text[]",
            ),
        );
        for (declared, own) in [
            ("integer[]", "integer"),
            ("integer", "bigint"),
            ("inet", "text"),
            ("text", "uuid"),
            ("text", "jsonb"),
            ("timestamp without time zone", "timestamp with time zone"),
        ] {
            assert!(read_as(declared, own).is_err(), "{declared}");
        }
    }

    #[test]
    fn types_have_rust_types() {
        let domains = BTreeMap::from([("email".to_owned(), "character varying(80)".to_owned())]);
        let check = |sql: &str, expected: Option<(&str, bool)>| {
            let found = rust(sql, &domains);
            assert_eq!(found.as_ref().map(|found| (found.name.as_str(), found.declared)), expected, "{sql}");
        };
        check("integer", Some(("i32", false)));
        check("numeric(14,2)", Some(("Decimal", true)));
        check("timestamp(3) without time zone", Some(("NaiveDateTime", true)));
        check("timestamp with time zone[]", Some(("Vec<DateTime<Utc>>", false)));
        check("email", Some(("String", true)));
        check("ext.citext", Some(("String", true)));
        check("bytea[]", Some(("Vec<Vec<u8>>", false)));
        check("time(3) with time zone", Some(("PgTimeTz", true)));
        check("cidr[]", Some(("Vec<IpNetwork>", true)));
        check("tsvector", None);
    }
}
