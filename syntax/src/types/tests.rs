use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

fn check(text: &str, expect: &str) {
    let found = canonical(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(found.to_string(), expect, "{text}");
}

#[test]
fn aliases_are_spelled_as_the_server_spells_them() {
    check("int", "integer");
    check("INT8", "bigint");
    check("pg_catalog.int4", "integer");
    check("varchar(20)", "character varying(20)");
    check("VARCHAR", "character varying");
    check("character  varying ( 20 )", "character varying(20)");
    check("char", "character(1)");
    check("\"char\"", "\"char\"");
    check("bpchar", "bpchar");
    check("bpchar(3)", "character(3)");
    check("decimal(14, 2)", "numeric(14,2)");
    check("numeric(14)", "numeric(14,0)");
    check("numeric", "numeric");
    check("float(24)", "real");
    check("float(25)", "double precision");
    check("float", "double precision");
    check("timestamptz", "timestamp with time zone");
    check("timestamptz(3)", "timestamp(3) with time zone");
    check("timestamp(3)", "timestamp(3) without time zone");
    check("timestamp(3) with time zone", "timestamp(3) with time zone");
    check("time with time zone", "time with time zone");
    check("timetz(0)", "time(0) with time zone");
    check("varbit(5)", "bit varying(5)");
    check("bit", "bit(1)");
    check("interval day to second(3)", "interval day to second(3)");
    check("interval(3)", "interval(3)");
    check("bool", "boolean");
}

#[test]
fn arrays_are_seen_whatever_their_dimensions() {
    check("text[]", "text[]");
    check("int[3][ ]", "integer[]");
    check("varchar(20) []", "character varying(20)[]");
    check("timestamptz array", "timestamp with time zone[]");
    check("\"taskStatus\"[]", "\"taskStatus\"[]");
}

#[test]
fn other_types_keep_their_name() {
    check("vector(1536)", "vector(1536)");
    check("VECTOR(3)", "vector(3)");
    check("citext", "citext");
    check("\"taskStatus\"", "\"taskStatus\"");
    check("public.stage", "stage");
    check("crm.\"Stage\"", "crm.\"Stage\"");
    check("geometry(Point, 4326)", "geometry(Point,4326)");
    check("\"plain\"", "plain");
    check("\"a\"\"b\"", "\"a\"\"b\"");
}

#[test]
fn what_is_no_type_is_refused() {
    let refuse = |text: &str, part: &str| {
        let error = canonical(text).expect_err(text);
        assert!(format!("{error} {}", error.hint).contains(part), "{text}: {error:?}");
    };
    refuse("", "empty");
    refuse("  ", "empty");
    refuse("serial", "identity");
    refuse("unsigned int", "CREATE TABLE");
    refuse("varchar(", "missing");
    refuse("varchar()", "nothing between");
    refuse("varchar(x)", "whole number");
    refuse("varchar(0)", "out of range");
    refuse("numeric(1,2,3)", "whole number");
    refuse("timestamp(7)", "out of range");
    refuse("timestamp with timezone", "CREATE TABLE");
    refuse("timestamp(3) zone", "with time zone");
    refuse("text(5)", "takes no arguments");
    refuse("text; DROP TABLE x", "contains `;`");
    refuse("\"open", "quotation mark");
    refuse("[]", "CREATE TABLE");
    refuse("int[]x", "at the end");
    refuse("text[a]", "length");
    refuse("a.b.c", "CREATE TABLE");
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(whimbrel_scratch::seed()), ..Default::default() })]

    /// What is canonical stays as it is, and no text makes it panic.
    #[test]
    fn canonical_is_a_fixed_point(text in "[a-z0-9_\"()\\[\\]., ]{0,24}") {
        if let Ok(first) = canonical(&text) {
            prop_assert_eq!(canonical(&first.to_string()), Ok(first));
        }
    }

    #[test]
    fn no_text_panics(text in ".{0,40}") {
        let _ = canonical(&text);
    }
}
