//! From a PostgreSQL type as written to the format it is sent in.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use whimbrel_syntax::model::ElementType;
use whimbrel_syntax::types;

/// The format of a type and what its modifiers add.
#[derive(Debug)]
pub struct Kind {
    /// The marker in `whimbrel::column::kind`.
    pub marker: &'static str,
    pub array: bool,
    /// The type's own numbers: `(14, 2)`.
    pub numbers: Vec<i32>,
}

impl Kind {
    /// Reads a type as it was written; `None` when there is no encoder for it.
    pub fn parse(written: &str) -> Option<Kind> {
        let ty = types::canonical(written).ok()?;
        let ElementType::Sql(element) = &ty.element else { return None };
        let (name, numbers) = types::parts(element);
        Some(Kind { marker: marker(&name)?, array: ty.array, numbers })
    }

    /// The type `whimbrel::column::kind::…`.
    pub fn path(&self) -> TokenStream {
        let marker = quote::format_ident!("{}", self.marker);
        match self.array {
            true => quote!(_whimbrel::column::kind::Array<_whimbrel::column::kind::#marker>),
            false => quote!(_whimbrel::column::kind::#marker),
        }
    }

    /// A `whimbrel::copy::Shape` with the modifiers.
    pub fn shape(&self) -> TokenStream {
        let plain = quote!(_whimbrel::copy::Shape::PLAIN);
        let with = |modifier| quote!(_whimbrel::copy::Shape { #modifier, ..#plain });
        match (self.marker, self.numbers.as_slice()) {
            ("Varchar" | "Bpchar", [length]) => {
                let length = Literal::i32_unsuffixed(*length);
                with(quote!(length: ::core::option::Option::Some(#length)))
            }
            ("Numeric", [precision, scale @ ..]) => {
                let precision = Literal::i32_unsuffixed(*precision);
                let scale = Literal::i32_unsuffixed(scale.first().copied().unwrap_or(0));
                with(quote!(numeric: ::core::option::Option::Some((#precision, #scale))))
            }
            ("Time" | "Timestamp" | "Timestamptz", [digits]) => {
                let digits = Literal::i32_unsuffixed(*digits);
                with(quote!(fraction: #digits))
            }
            _ => plain,
        }
    }
}

/// By the spelling that `format_type` prints.
fn marker(name: &str) -> Option<&'static str> {
    Some(match name {
        "boolean" => "Bool",
        "smallint" => "Int2",
        "integer" => "Int4",
        "bigint" => "Int8",
        "real" => "Float4",
        "double precision" => "Float8",
        "numeric" => "Numeric",
        "text" => "Text",
        "character varying" => "Varchar",
        "character" | "bpchar" => "Bpchar",
        "citext" => "Citext",
        "bytea" => "Bytea",
        "uuid" => "Uuid",
        "date" => "Date",
        "time without time zone" => "Time",
        "timestamp without time zone" => "Timestamp",
        "timestamp with time zone" => "Timestamptz",
        "json" => "Json",
        "jsonb" => "Jsonb",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, expect: &str) {
        let kind = Kind::parse(written).map(|kind| {
            let array = if kind.array { "[]" } else { "" };
            format!("{}{array} {:?}", kind.marker, kind.numbers)
        });
        assert_eq!(kind.as_deref(), (!expect.is_empty()).then_some(expect), "{written}");
    }

    #[test]
    fn types_as_people_write_them() {
        check("numeric(14,2)", "Numeric [14, 2]");
        check("NUMERIC ( 14 , 2 )", "Numeric [14, 2]");
        check("numeric(5, -2)[]", "Numeric[] [5, -2]");
        check("timestamp(3) without time zone", "Timestamp [3]");
        check("timestamptz(0)", "Timestamptz [0]");
        check("character varying(20)", "Varchar [20]");
        check("char", "Bpchar [1]");
        check("bpchar", "Bpchar []");
        check("text[]", "Text[] []");
        check("double  precision", "Float8 []");
        check("float(24)", "Float4 []");
        check("inet", "");
        check("numeric(a)", "");
        check("numeric(14", "");
    }
}
