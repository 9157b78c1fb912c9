//! NextCRM: the models make the catalog that the project has, and its documents arrive.

use std::collections::BTreeSet;

use example_nextcrm::{MIRRORED, dump};
use serde_json::Value;
use whimbrel_scratch::shared;
use whimbrel_tests::example::Target;

/// The catalog in the form of `catalog.json`: definitions as the server prints them.
const CATALOG: &str = "
    SELECT json_build_object(
        'enums', (
            SELECT json_agg(json_build_object('name', name, 'labels', labels) ORDER BY name)
            FROM (SELECT t.typname COLLATE \"C\" AS name, json_agg(e.enumlabel ORDER BY e.enumsortorder) AS labels
                  FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
                  WHERE t.typnamespace = 'public'::regnamespace GROUP BY t.typname) enums),
        'tables', (
            SELECT json_agg(json_build_object(
                'name', c.relname,
                'columns', (
                    SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                                                      'not_null', a.attnotnull,
                                                      'default', pg_get_expr(d.adbin, d.adrelid)) ORDER BY a.attnum)
                    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
                'constraints', (
                    SELECT json_agg(json_build_object('name', k.conname, 'type', k.contype,
                                                      'definition', pg_get_constraintdef(k.oid))
                                    ORDER BY k.conname COLLATE \"C\")
                    FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype <> 'n'),
                'indexes', (
                    SELECT json_agg(json_build_object('name', x.relname, 'definition', pg_get_indexdef(i.indexrelid))
                                    ORDER BY x.relname COLLATE \"C\")
                    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
                    WHERE i.indrelid = c.oid
                      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype <> 'f')))
                ORDER BY c.relname COLLATE \"C\")
            FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'))";

/// Lists in one order, whatever order they were printed in; columns stay as they are.
fn sorted(mut catalog: Value) -> Value {
    fn by_name(list: &mut Value) {
        if let Value::Array(items) = list {
            items.sort_by_key(|item| item["name"].as_str().unwrap_or_default().to_owned());
        }
    }
    by_name(&mut catalog["enums"]);
    by_name(&mut catalog["tables"]);
    for table in catalog["tables"].as_array_mut().unwrap() {
        by_name(&mut table["constraints"]);
        by_name(&mut table["indexes"]);
    }
    catalog
}

#[tokio::test(flavor = "multi_thread")]
async fn the_models_make_the_catalog() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let Some(file) = shared("data/nextcrm/catalog.json") else { return };
    let expected: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let target = Target::new(scratch, "nextcrm_catalog").await.unwrap();
    let found: Value = sqlx::query_scalar(CATALOG).fetch_one(&target.pool).await.unwrap();

    let (expected, found) = (sorted(expected), sorted(found));
    assert_eq!(found["enums"], expected["enums"]);
    let names = |catalog: &Value| -> Vec<Value> {
        catalog["tables"].as_array().unwrap().iter().map(|table| table["name"].clone()).collect()
    };
    assert_eq!(names(&found), names(&expected));
    assert_eq!(names(&found).len(), 39);
    // Table by table, so that a failure stays readable.
    for (found, expected) in
        found["tables"].as_array().unwrap().iter().zip(expected["tables"].as_array().unwrap())
    {
        for part in ["columns", "constraints", "indexes"] {
            assert_eq!(found[part], expected[part], "{part} of {}", expected["name"]);
        }
    }
}

#[test]
fn every_field_of_the_old_system_has_a_place() {
    let Some(file) = shared("data/nextcrm/mongo_fields.csv") else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let fields: BTreeSet<(&str, &str)> = text
        .lines()
        .skip(1)
        .map(|line| {
            line.split_once(',').and_then(|(name, rest)| Some((name, rest.split_once(',')?.0))).unwrap()
        })
        .collect();
    assert_eq!(fields.len(), 409);
    let specs = whimbrel::__private::registry::transforms();
    let taken: BTreeSet<(&str, &str)> =
        specs.iter().flat_map(|spec| spec.takes.iter().map(|field| (spec.collection, *field))).collect();
    let mirrored: BTreeSet<(&str, &str)> =
        MIRRORED.iter().map(|(collection, field, _)| (*collection, *field)).collect();

    let collections = |of: &BTreeSet<(&'static str, &'static str)>| -> BTreeSet<String> {
        of.iter().map(|(collection, _)| (*collection).to_owned()).collect()
    };
    assert_eq!(collections(&taken).len(), 29);
    let placed: BTreeSet<(&str, &str)> = taken.union(&mirrored).copied().collect();
    assert_eq!(placed, fields);
    assert!(taken.is_disjoint(&mirrored));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exports_arrive() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let Some(folder) = shared("data/nextcrm/mongoexport") else { return };
    let target = Target::new(scratch, "nextcrm_exports").await.unwrap();
    let rows = [
        ("crm_Industry_Type", 3),
        ("crm_Opportunities_Sales_Stages", 9),
        ("crm_Opportunities_Type", 4),
        ("crm_campaigns", 2),
        ("system_Modules_Enabled", 9),
    ];
    let report = target.arrives(&folder, rows).await.unwrap();
    assert_eq!((report.rejected(), report.collections.len()), (0, 5), "{:?}", report.rejects);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_all_collections_arrives() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let folder = tempfile::tempdir().unwrap();
    let written = dump::write(folder.path(), 200).unwrap();
    assert_eq!(written.documents.len(), 29);
    assert_eq!(written.rows.len(), 39);
    let target = Target::new(scratch, "nextcrm_dump").await.unwrap();
    let rows = written.rows.iter().map(|(table, rows)| (table.as_str(), *rows));
    let report = target.arrives(folder.path(), rows).await.unwrap();
    assert_eq!(report.rejected(), 0, "{:?}", report.rejects);
}
