//! The statements about rows that violate a constraint.

use whimbrel_syntax::model::QName;
use whimbrel_syntax::name::{literal, quote};

use crate::restore::Rule;
use crate::statements::{columns_sql, table_sql};

/// `COPY (DELETE … RETURNING …) TO STDOUT` for the rows that break a rule. Of rows with equal keys the first stays.
pub(super) fn remove_sql(table: &QName, rule: &Rule, columns: &[&'static str], limit: usize) -> String {
    let (violating, values) = violating(table, rule);
    format!(
        "COPY (DELETE FROM {} WHERE ctid = ANY (ARRAY({violating} LIMIT {limit})) RETURNING {}, \
         left({values}, 500)) TO STDOUT (FORMAT binary)",
        table_sql(table),
        columns_sql(columns)
    )
}

/// How many rows break a rule, and for the first of them why.
pub(crate) fn count_sql(table: &QName, rule: &Rule) -> String {
    let (violating, values) = violating(table, rule);
    format!(
        "SELECT count(*) OVER (), left({values}, 500) FROM {} WHERE ctid = ANY (ARRAY({violating})) \
         ORDER BY ctid LIMIT 3",
        table_sql(table)
    )
}

/// The `ctid`s of the rows that break a rule, and an expression of such a row that says why.
fn violating(table: &QName, rule: &Rule) -> (String, String) {
    let this = table_sql(table);
    match rule {
        Rule::Unique { keys, predicate, nulls_equal } => {
            let mut conditions: Vec<String> =
                predicate.iter().map(|predicate| format!("({predicate})")).collect();
            if !nulls_equal {
                conditions.extend(keys.iter().map(|key| format!("({key}) IS NOT NULL")));
            }
            let filter = if conditions.is_empty() {
                String::new()
            } else {
                format!(" WHERE {}", conditions.join(" AND "))
            };
            let keys = keys.join(", ");
            (
                format!(
                    "SELECT whimbrel_row FROM (SELECT ctid AS whimbrel_row, row_number() OVER (PARTITION BY {keys} \
                     ORDER BY ctid) AS whimbrel_nth FROM {this}{filter}) AS d WHERE whimbrel_nth > 1"
                ),
                format!("'another row has the key (' || concat_ws(', ', {keys}) || ')'"),
            )
        }
        Rule::Check { expr } => (
            format!("SELECT ctid FROM {this} WHERE NOT ({expr})"),
            format!("{} || ' does not hold'", literal(expr)),
        ),
        Rule::Reference { columns, table: other, referenced, full } => {
            let is_null = |test: &str, joint: &str| {
                let tests: Vec<String> =
                    columns.iter().map(|column| format!("c.{} IS {test}", quote(column))).collect();
                tests.join(joint)
            };
            let matches: Vec<String> = columns
                .iter()
                .zip(referenced)
                .map(|(column, referenced)| format!("p.{} = c.{}", quote(referenced), quote(column)))
                .collect();
            let mut condition = format!(
                "({} AND NOT EXISTS (SELECT FROM {} AS p WHERE {}))",
                is_null("NOT NULL", " AND "),
                table_sql(other),
                matches.join(" AND ")
            );
            if *full {
                let (some_null, some_not) = (is_null("NULL", " OR "), is_null("NOT NULL", " OR "));
                condition = format!("({condition} OR (({some_null}) AND ({some_not})))");
            }
            let names =
                columns.iter().map(|column| quote(column).into_owned()).collect::<Vec<_>>().join(", ");
            let message = |text: String| literal(&text);
            (
                format!("SELECT c.ctid FROM {this} AS c WHERE {condition}"),
                format!(
                    "{} || concat_ws(', ', {names}) || {}",
                    message(format!("({}) = (", columns.join(", "))),
                    message(format!(") is not in {other} ({})", referenced.join(", ")))
                ),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_in_statements_are_quoted() {
        let rule = Rule::Reference {
            columns: vec!["it's".into()],
            table: QName::new("Other", "b\"c"),
            referenced: vec!["id".into()],
            full: false,
        };
        let sql = remove_sql(&QName::public("a"), &rule, &["id", "it's"], 7);
        assert_eq!(
            sql,
            "COPY (DELETE FROM public.a WHERE ctid = ANY (ARRAY(SELECT c.ctid FROM public.a AS c WHERE \
             (c.\"it's\" IS NOT NULL AND NOT EXISTS (SELECT FROM \"Other\".\"b\"\"c\" AS p WHERE p.id = c.\"it's\")) \
             LIMIT 7)) RETURNING id, \"it's\", left('(it''s) = (' || concat_ws(', ', \"it's\") || \
             ') is not in Other.b\"c (id)', 500)) TO STDOUT (FORMAT binary)"
        );
    }
}
