//! Pairs of schemas, each about one kind of change.

use whimbrel_syntax::model::*;

use crate::common::{Build, Renames, qname, schema, strings, table};

pub struct Case {
    pub name: &'static str,
    pub prev: Schema,
    pub next: Schema,
    pub renames: Renames,
}

fn case(name: &'static str, prev: Schema, next: Schema) -> Case {
    Case { name, prev, next, renames: Renames::default() }
}

fn renaming(name: &'static str, renames: Renames, prev: Schema, next: Schema) -> Case {
    Case { name, prev, next, renames }
}

fn tables(tables: &[Build]) -> Schema {
    schema(&[], tables)
}

/// A table `t` with a key, to which a case adds what it is about.
fn t() -> Build {
    table("t").col("id", "uuid").pk(&["id"])
}

/// Two tables, the second referring to the first.
fn two() -> (Build, Build) {
    let accounts = table("accounts").col("id", "uuid").col("name", "text not null").pk(&["id"]);
    let contacts = table("contacts")
        .col("id", "uuid")
        .col("account_id", "uuid")
        .pk(&["id"])
        .fk(&["account_id"], "accounts", &["id"])
        .index(&["account_id"]);
    (accounts, contacts)
}

/// All cases. Each is also run backwards where no rename was declared.
pub fn cases() -> Vec<Case> {
    [whole_tables(), columns(), types(), keys(), indexes(), enums(), renames(), strange()]
        .into_iter()
        .flatten()
        .collect()
}

fn whole_tables() -> Vec<Case> {
    let (accounts, contacts) = two();
    let circle = |name: &str, other: &str| {
        table(name).col("id", "uuid").col("other", "uuid").pk(&["id"]).fk(&["other"], other, &["id"])
    };
    let base = Schema::default();
    vec![
        case(
            "create a table",
            tables(std::slice::from_ref(&accounts)),
            tables(&[accounts.clone(), contacts.clone()]),
        ),
        case("a table without columns", base.clone(), tables(&[table("nothing")])),
        case(
            "tables in a circle",
            base.clone(),
            tables(&[circle("a", "b"), circle("b", "c"), circle("c", "a")]),
        ),
        case("a table that refers to itself", base.clone(), tables(&[circle("a", "a")])),
        case("another schema", tables(&[t()]), tables(&[t(), table("crm.t").col("id", "uuid").pk(&["id"])])),
        case(
            "an enum and a table in other schemas",
            base.clone(),
            schema(
                &[("kinds.kind", &["a", "b"])],
                &[table("crm.t").col("k", "enum kinds.kind not null default 'a'::kinds.kind").index(&["k"])],
            ),
        ),
        case("table comment", tables(&[t()]), tables(&[t().comment("it's a 'table'\nwith \\ two lines")])),
        case("another table comment", tables(&[t().comment("a")]), tables(&[t().comment("b")])),
        case(
            "replace one table by another",
            tables(&[accounts.clone(), contacts]),
            tables(&[
                accounts,
                table("people").col("id", "uuid").pk(&["id"]).fk(&["id"], "accounts", &["id"]),
            ]),
        ),
    ]
}

fn columns() -> Vec<Case> {
    let one = |definition: &str| tables(&[t().col("c", definition)]);
    let always = || tables(&[table("t").col("id", "bigint").identity(Identity::Always).pk(&["id"])]);
    let by_default = || tables(&[table("t").col("id", "bigint").identity(Identity::ByDefault).pk(&["id"])]);
    let generated =
        |expr: &str| tables(&[t().col("a", "integer").col("b", "integer").generated(expr).index(&["b"])]);
    vec![
        case("add a column", tables(&[t()]), one("text")),
        case(
            "add several columns",
            tables(&[t()]),
            tables(&[t()
                .col("a", "text")
                .col("b", "integer not null")
                .col("c", "text[] not null default '{}'::text[]")]),
        ),
        case("nullability", one("text"), one("text not null")),
        case("default", one("integer"), one("integer default 7")),
        case(
            "another default",
            one("timestamp with time zone default now()"),
            one("timestamp with time zone default '2020-01-01 00:00:00+00'"),
        ),
        case("default and nullability", one("integer"), one("integer not null default 0")),
        case("identity", tables(&[table("t").col("id", "bigint").pk(&["id"])]), always()),
        case("the other identity", always(), by_default()),
        case(
            "identity instead of a default",
            tables(&[table("t").col("id", "bigint not null default 1")]),
            tables(&[table("t").col("id", "bigint").identity(Identity::Always)]),
        ),
        case(
            "identity and NULL",
            tables(&[table("t").col("n", "integer")]),
            tables(&[table("t").col("n", "integer").identity(Identity::ByDefault)]),
        ),
        case(
            "the type of an identity",
            tables(&[table("t").col("n", "integer").identity(Identity::Always).pk(&["n"])]),
            tables(&[table("t").col("n", "bigint").identity(Identity::Always).pk(&["n"])]),
        ),
        case(
            "identity becomes text",
            tables(&[table("t").col("n", "integer").identity(Identity::Always)]),
            tables(&[table("t").col("n", "text")]),
        ),
        case("a generated column", tables(&[t().col("a", "integer")]), generated("a * 2")),
        case("another expression", generated("a * 2"), generated("a * 3")),
        case(
            "generated becomes ordinary",
            generated("a * 2"),
            tables(&[t().col("a", "integer").col("b", "integer").index(&["b"])]),
        ),
        case("a generated column and its source", tables(&[t()]), generated("a + 1")),
        case(
            "the source of a generated column changes type",
            generated("a * 2"),
            tables(&[t().col("a", "bigint").col("b", "integer").generated("a * 2").index(&["b"])]),
        ),
        case(
            "a generated key",
            tables(&[table("t")
                .col("a", "integer")
                .col("b", "integer")
                .generated("a * 2")
                .pk(&["b"])
                .unique(&["a", "b"])]),
            tables(&[table("t")
                .col("a", "integer")
                .col("b", "integer")
                .generated("a * 4")
                .pk(&["b"])
                .unique(&["a", "b"])]),
        ),
        case(
            "collation",
            one("text"),
            tables(&[t().col("c", "text").with(|column| column.collation = Some("C".into()))]),
        ),
        case(
            "column comment",
            one("text"),
            tables(&[t().col("c", "text").with(|column| column.comment = Some("c'c".into()))]),
        ),
        case(
            "a new column with a comment",
            tables(&[t()]),
            tables(&[t().col("c", "text").with(|column| column.comment = Some("new".into()))]),
        ),
    ]
}

fn types() -> Vec<Case> {
    let one = |definition: &str| tables(&[t().col("c", definition)]);
    let pairs: [(&'static str, &str, &str); 20] = [
        ("integer to bigint", "integer not null default 1", "bigint not null default 1"),
        ("integer to text", "integer default 1", "text default 'x'"),
        ("text to uuid", "text", "uuid"),
        ("integer to uuid", "integer", "uuid"),
        ("varchar grows", "character varying(20)", "character varying(40)"),
        ("varchar to text", "character varying(20) default 'a'", "text default 'a'"),
        ("numeric", "numeric(10,2)", "numeric(14,4)"),
        ("numeric to double", "numeric(10,2) default 0.5", "double precision default 0.5"),
        ("text to jsonb", "text", "jsonb not null default '{}'::jsonb"),
        ("json to jsonb", "json", "jsonb"),
        ("boolean to integer", "boolean default false", "integer default 0"),
        ("boolean to text", "boolean not null default true", "text not null default 'yes'"),
        (
            "timestamps",
            "timestamp(3) without time zone default CURRENT_TIMESTAMP",
            "timestamp with time zone default now()",
        ),
        ("timestamp to date", "timestamp with time zone", "date"),
        ("text to bytea", "text", "bytea"),
        ("text to array", "text", "text[]"),
        ("integers to texts", "integer[] default '{1}'::integer[]", "text[]"),
        ("uuid to integers", "uuid", "integer[]"),
        ("inet", "cidr", "inet"),
        ("interval and time", "interval", "time without time zone"),
    ];
    let mut cases: Vec<Case> =
        pairs.into_iter().map(|(name, from, to)| case(name, one(from), one(to))).collect();
    let keyed = |ty: &str, other: &str| {
        let definition = format!("{ty} not null");
        tables(&[
            table("a").col("k", &definition).pk(&["k"]),
            table("b").col("k", ty).col("n", other).fk(&["k"], "a", &["k"]).unique(&["k", "n"]).index(&["n"]),
        ])
    };
    cases.push(case(
        "the type of a key and all that refers to it",
        keyed("integer", "text"),
        keyed("uuid", "uuid"),
    ));
    let read = |ty: &str, check: &str| {
        tables(&[t()
            .col("c", ty)
            .check("t_c_check", check)
            .index_with(&["=(c::text)"], |_| {})
            .index_with(&["id"], |index| index.predicate = Some(Expr::new("c IS NOT NULL")))
            .index_with(&["c"], |index| index.include = strings(&["id"]))])
    };
    cases.push(case("a column that is read everywhere", read("integer", "c > 0"), read("bigint", "c > 0")));
    cases.push(case(
        "several columns of a table",
        tables(&[t().col("a", "integer").col("b", "integer")]),
        tables(&[t().col("a", "text").col("b", "text")]),
    ));
    let opclass = |ty: &str, class: Option<&str>| {
        tables(&[t()
            .col("c", ty)
            .index_with(&["c"], |index| index.keys[0].opclass = class.map(str::to_owned))])
    };
    cases.push(case(
        "an operator class that no longer fits",
        opclass("text", Some("text_pattern_ops")),
        opclass("integer", None),
    ));
    cases.push(case(
        "an operator class that still fits",
        opclass("text", Some("varchar_pattern_ops")),
        opclass("character varying(9)", Some("varchar_pattern_ops")),
    ));
    cases
}

fn keys() -> Vec<Case> {
    let (accounts, contacts) = two();
    let base = || table("t").col("a", "uuid not null").col("b", "uuid not null").col("n", "integer");
    let parent = |primary: &[&str]| {
        table("p").col("a", "uuid not null").col("b", "uuid not null").unique(&["b"]).pk(primary)
    };
    let child = || table("c").col("b", "uuid").fk(&["b"], "p", &["b"]);
    let action = |change: fn(&mut ForeignKey)| {
        let contacts = table("contacts").col("id", "uuid").col("account_id", "uuid").pk(&["id"]);
        tables(&[accounts.clone(), contacts.fk_with(&["account_id"], "accounts", &["id"], change)])
    };
    let deferred = |when: Deferrable| {
        let mut build = base().unique(&["a"]);
        build.0.uniques.values_mut().for_each(|unique| unique.deferrable = when);
        tables(&[build])
    };
    vec![
        case("primary key", tables(&[base()]), tables(&[base().pk(&["a"])])),
        case(
            "primary key over nullable columns",
            tables(&[table("t").col("a", "uuid")]),
            tables(&[table("t").col("a", "uuid").pk(&["a"])]),
        ),
        case("another primary key", tables(&[base().pk(&["a"])]), tables(&[base().pk(&["a", "b"])])),
        case("unique", tables(&[base()]), tables(&[base().unique(&["a", "b"])])),
        case("unique becomes deferrable", deferred(Deferrable::No), deferred(Deferrable::InitiallyImmediate)),
        case("unique becomes deferred", deferred(Deferrable::No), deferred(Deferrable::InitiallyDeferred)),
        case("check", tables(&[base()]), tables(&[base().check("t_n_check", "n > 0 AND n < 100")])),
        case(
            "another check",
            tables(&[base().check("t_n_check", "n > 0")]),
            tables(&[base().check("t_n_check", "n >= 0")]),
        ),
        case(
            "a check over strings",
            tables(&[base()]),
            tables(&[base().col("s", "text").check("t_s_check", "s IN ('a;b', 'it''s', '--x')")]),
        ),
        case(
            "foreign key",
            tables(&[
                accounts.clone(),
                table("contacts").col("id", "uuid").col("account_id", "uuid").pk(&["id"]),
            ]),
            tables(&[accounts.clone(), contacts]),
        ),
        case("on delete", action(|_| {}), action(|key| key.on_delete = Action::Cascade)),
        case(
            "on delete and update",
            action(|key| key.on_delete = Action::SetNull),
            action(|key| {
                key.on_delete = Action::Restrict;
                key.on_update = Action::SetDefault
            }),
        ),
        case("deferrable", action(|_| {}), action(|key| key.deferrable = Deferrable::InitiallyDeferred)),
        case(
            "deferrable, immediate",
            action(|key| key.deferrable = Deferrable::InitiallyImmediate),
            action(|key| key.deferrable = Deferrable::InitiallyDeferred),
        ),
        case(
            "the primary key moves, a foreign key to a unique constraint stays",
            tables(&[parent(&["a"]), child()]),
            tables(&[parent(&["b"]), child()]),
        ),
        case(
            "a unique constraint becomes a unique index under a foreign key",
            tables(&[table("p").col("b", "uuid").unique(&["b"]), child()]),
            tables(&[table("p").col("b", "uuid").index_with(&["b"], |index| index.unique = true), child()]),
        ),
        case(
            "a composite foreign key",
            tables(&[parent(&["a", "b"]), table("d").col("x", "uuid").col("y", "uuid")]),
            tables(&[
                parent(&["a", "b"]),
                table("d").col("x", "uuid").col("y", "uuid").fk(&["x", "y"], "p", &["a", "b"]),
            ]),
        ),
        case(
            "two tables begin to refer to each other",
            tables(&[parent(&["a"]), table("q").col("a", "uuid").pk(&["a"])]),
            tables(&[
                parent(&["a"]).fk(&["b"], "q", &["a"]),
                table("q").col("a", "uuid").pk(&["a"]).fk(&["a"], "p", &["a"]),
            ]),
        ),
        case(
            "a column leaves with its constraints",
            tables(&[base()
                .pk(&["a"])
                .unique(&["b"])
                .check("t_b_check", "b IS NOT NULL")
                .index(&["n", "b"])
                .fk(&["b"], "t", &["a"])]),
            tables(&[table("t").col("a", "uuid").col("n", "integer").pk(&["a"])]),
        ),
    ]
}

fn indexes() -> Vec<Case> {
    let base = || table("t").col("a", "text").col("b", "integer").col("j", "jsonb").col("l", "text[]");
    let with = |columns: &[&str], change: fn(&mut Index)| tables(&[base().index_with(columns, change)]);
    let none = || tables(&[base()]);
    let order = |descending, nulls_first| {
        let mut build = base().index(&["a", "b"]);
        for index in build.0.indexes.values_mut() {
            index.keys[1].descending = descending;
            index.keys[1].nulls_first = nulls_first;
        }
        tables(&[build])
    };
    vec![
        case("index", none(), with(&["a"], |_| {})),
        case("unique index", with(&["a"], |_| {}), with(&["a"], |index| index.unique = true)),
        case("gin", none(), with(&["j"], |index| index.method = "gin".into())),
        case(
            "gin with an operator class",
            with(&["j"], |index| index.method = "gin".into()),
            with(&["j"], |index| {
                index.method = "gin".into();
                index.keys[0].opclass = Some("jsonb_path_ops".into())
            }),
        ),
        case("hash", none(), with(&["l"], |index| index.method = "hash".into())),
        case("include", with(&["a"], |_| {}), with(&["a"], |index| index.include = strings(&["b", "l"]))),
        case(
            "partial",
            with(&["a"], |_| {}),
            with(&["a"], |index| index.predicate = Some(Expr::new("b > 0 AND a <> 'x'"))),
        ),
        case("expression", none(), with(&["=lower(a)", "b"], |_| {})),
        case("two expressions", none(), with(&["=lower(a)", "=b + 1"], |_| {})),
        case("descending", order(false, None), order(true, None)),
        case("descending, nulls last", order(true, None), order(true, Some(false))),
        case("nulls first", order(false, None), order(false, Some(true))),
        case("collation of a key", none(), with(&["a"], |index| index.keys[0].collation = Some("C".into()))),
        case(
            "full text",
            none(),
            with(&["=to_tsvector('english'::regconfig, coalesce(a, ''))"], |index| {
                index.method = "gin".into()
            }),
        ),
        case("two indexes exchange their columns", tables(&[base().index(&["a"]).index(&["b"])]), {
            let mut build = base().index(&["a"]).index(&["b"]);
            let flipped: Vec<Index> = build.0.indexes.values().rev().cloned().collect();
            build.0.indexes.values_mut().zip(flipped).for_each(|(index, other)| *index = other);
            tables(&[build])
        }),
    ]
}

fn enums() -> Vec<Case> {
    let uses = |labels: &[&str], default: &str| {
        schema(
            &[("stage", labels)],
            &[t().col("s", &format!("enum stage not null default '{default}'::stage"))],
        )
    };
    let bare = |labels: &[&str]| {
        schema(&[("stage", labels)], &[t().col("s", "enum stage").col("all", "enum stage[]")])
    };
    let read = |labels: &[&str], label: &str| {
        schema(
            &[("stage", labels)],
            &[t()
                .col("s", &format!("enum stage not null default '{label}'::stage"))
                .col("list", &format!("enum stage[] default '{{{label}}}'::stage[]"))
                .col("late", "boolean")
                .generated(&format!("s = '{label}'::stage"))
                .check("t_s_check", &format!("s <> '{label}'::stage OR list IS NOT NULL"))
                .index(&["s", "late"])
                .index_with(&["id"], |index| {
                    index.predicate = Some(Expr::new(format!("s = '{label}'::stage")))
                })
                .unique(&["s", "id"])],
        )
    };
    let commented = |comment: Option<&str>, labels: &[&str]| {
        let mut schema = bare(labels);
        schema.enums.values_mut().for_each(|item| item.comment = comment.map(str::to_owned));
        schema
    };
    let references = |labels: &[&str]| {
        schema(
            &[("stage", labels)],
            &[
                table("a").col("s", "enum stage").pk(&["s"]),
                table("b").col("s", "enum stage").fk(&["s"], "a", &["s"]),
            ],
        )
    };
    vec![
        case("create an enum", tables(&[t()]), bare(&["a", "b"])),
        case("add a label at the end", bare(&["a"]), bare(&["a", "b"])),
        case("add a label at the beginning", bare(&["b"]), bare(&["a", "b"])),
        case("add labels everywhere", bare(&["b", "d"]), bare(&["a", "b", "c", "c2", "d", "e"])),
        case("remove a label", bare(&["a", "b", "c"]), bare(&["a", "c"])),
        case("another order", bare(&["a", "b", "c"]), bare(&["c", "a", "b"])),
        case("remove, add and move", bare(&["a", "b", "c"]), bare(&["d", "c", "a"])),
        case("a new label is the new default", uses(&["a"], "a"), uses(&["a", "b"], "b")),
        case("a label that is read everywhere", read(&["a", "b"], "a"), read(&["a", "b", "c"], "c")),
        case("remove a label while others are read", read(&["a", "b", "c"], "a"), read(&["a", "c"], "a")),
        case("an enum without labels", bare(&[]), bare(&["a"])),
        case("odd labels", bare(&["it's", "a\"b"]), bare(&["it's", "back\\slash", "a\"b", "ü"])),
        case("enum comment", commented(None, &["a"]), commented(Some("stages"), &["a"])),
        case("enum comment and removal", commented(Some("x"), &["a", "b"]), commented(Some("y"), &["b"])),
        case("an enum in a key and a foreign key", references(&["a", "b"]), references(&["b", "a"])),
        case(
            "text to enum",
            schema(&[("stage", &["a"])], &[t().col("s", "text not null default 'a'")]),
            schema(&[("stage", &["a"])], &[t().col("s", "enum stage not null default 'a'::stage")]),
        ),
        // The label is not a value of PostgreSQL's type.
        case(
            "an enum with the name of a type of PostgreSQL",
            tables(&[t().col("s", "text")]),
            schema(
                &[("path", &["a"])],
                &[t().col("s", "enum path not null default 'a'::public.path").col("all", "enum path[]")],
            ),
        ),
        case(
            "texts to a new enum",
            tables(&[t().col("s", "text[]")]),
            schema(&[("stage", &["a"])], &[t().col("s", "enum stage[]")]),
        ),
        case(
            "one enum to another",
            schema(&[("a", &["x"]), ("b", &["x"])], &[t().col("s", "enum a default 'x'::a")]),
            schema(&[("a", &["x"]), ("b", &["x"])], &[t().col("s", "enum b default 'x'::b")]),
        ),
        case(
            "a column leaves an enum that changes",
            schema(&[("stage", &["x", "y"])], &[t().col("s", "enum stage").col("r", "enum stage")]),
            schema(&[("stage", &["y"])], &[t().col("s", "text").col("r", "enum stage")]),
        ),
    ]
}

fn renames() -> Vec<Case> {
    let (accounts, contacts) = two();
    let full = |table_name: &str, column: &str, ty: &str, label: &str| {
        let check = format!("{table_name}_{column}_check");
        schema(
            &[(ty, &[label, "z"]), ("other", &["q"])],
            &[
                table(table_name)
                    .col("id", "bigint")
                    .identity(Identity::ByDefault)
                    .col(column, &format!("enum {ty} not null default '{label}'::{ty}"))
                    .col("n", "integer")
                    .col("twice", "integer")
                    .generated("n * 2")
                    .pk(&["id"])
                    .unique(&[column, "n"])
                    .check(&check, &format!("{column} IS NOT NULL OR n > 0"))
                    .index_with(&[column], |index| {
                        index.predicate = Some(Expr::new(format!("{column} IS NOT NULL")))
                    })
                    .index(&["n"]),
                table("child").col("id", "bigint").fk(&["id"], table_name, &["id"]),
            ],
        )
    };
    let chain = |names: [&str; 2]| {
        let make = |name: &str, extra: &str| {
            table(name).col("id", "uuid").col(extra, "text").pk(&["id"]).index(&[extra])
        };
        tables(&[make(names[0], "first"), make(names[1], "second")])
    };
    vec![
        renaming(
            "a table",
            Renames::default().table("t", "u"),
            full("t", "c", "kind", "a"),
            full("u", "c", "kind", "a"),
        ),
        renaming(
            "a column",
            Renames::default().column("t", "c", "d"),
            full("t", "c", "kind", "a"),
            full("t", "d", "kind", "a"),
        ),
        renaming(
            "an enum",
            Renames::default().enumeration("kind", "sort"),
            full("t", "c", "kind", "a"),
            full("t", "c", "sort", "a"),
        ),
        renaming(
            "a label",
            Renames::default().label("kind", "a", "b"),
            full("t", "c", "kind", "a"),
            full("t", "c", "kind", "b"),
        ),
        renaming(
            "everything at once",
            Renames::default()
                .table("t", "Order")
                .column("Order", "c", "select")
                .enumeration("kind", "Kind")
                .label("Kind", "a", "it's"),
            full("t", "c", "kind", "a"),
            schema_quoted(),
        ),
        renaming(
            "a table, with other changes to it",
            Renames::default().table("accounts", "clients").column("clients", "name", "title"),
            tables(&[accounts.clone(), contacts.clone()]),
            tables(&[
                table("clients")
                    .col("id", "uuid")
                    .col("title", "character varying(80)")
                    .pk(&["id"])
                    .unique(&["title"]),
                table("contacts")
                    .col("id", "uuid")
                    .col("account_id", "uuid not null")
                    .pk(&["id"])
                    .fk(&["account_id"], "clients", &["id"])
                    .index(&["account_id"]),
            ]),
        ),
        renaming(
            "names in a chain",
            Renames::default().table("b", "c").table("a", "b"),
            chain(["a", "b"]),
            chain(["b", "c"]),
        ),
        renaming(
            "columns in a chain",
            Renames::default().column("t", "b", "c").column("t", "a", "b"),
            tables(&[t().col("a", "text").col("b", "integer").index(&["a"]).index(&["b"])]),
            tables(&[t().col("b", "text").col("c", "integer").index(&["b"]).index(&["c"])]),
        ),
        renaming(
            "labels in a chain",
            Renames::default().label("k", "b", "c").label("k", "a", "b"),
            schema(&[("k", &["a", "b"])], &[t().col("k", "enum k")]),
            schema(&[("k", &["b", "c"])], &[t().col("k", "enum k")]),
        ),
        renaming(
            "a label, and another one goes",
            Renames::default().label("k", "b", "c"),
            schema(&[("k", &["a", "b"])], &[t().col("k", "enum k default 'b'::k")]),
            schema(&[("k", &["c"])], &[t().col("k", "enum k default 'c'::k")]),
        ),
        renaming(
            "a label, and another one is added",
            Renames::default().label("k", "b", "c"),
            schema(&[("k", &["a", "b"])], &[t().col("k", "enum k default 'b'::k")]),
            schema(&[("k", &["a", "x", "c"])], &[t().col("k", "enum k default 'c'::k")]),
        ),
        renaming(
            "into another schema",
            Renames::default().table("t", "crm.t").enumeration("k", "crm.k"),
            schema(&[("k", &["a"])], &[t().col("k", "enum k").index(&["k"])]),
            schema(
                &[("crm.k", &["a"])],
                &[table("crm.t").col("id", "uuid").pk(&["id"]).col("k", "enum crm.k").index(&["k"])],
            ),
        ),
        renaming(
            "into another schema under another name",
            Renames::default().table("t", "crm.u"),
            tables(&[
                table("t").col("n", "bigint").identity(Identity::Always).pk(&["n"]),
                table("crm.t").col("x", "text"),
            ]),
            tables(&[
                table("crm.u").col("n", "bigint").identity(Identity::Always).pk(&["n"]),
                table("crm.t").col("x", "text"),
            ]),
        ),
        renaming(
            "a dropped column's name is taken over",
            Renames::default(),
            tables(&[t().col("a", "text").col("b", "text")]),
            tables(&[t().col("a", "text")]),
        ),
        renaming(
            "a name that a dropped table leaves",
            Renames::default().table("b", "c"),
            tables(&[t(), table("b").col("x", "text")]),
            tables(&[table("c").col("x", "text")]),
        ),
        renaming(
            "a column that becomes generated",
            Renames::default().column("t", "a", "b"),
            tables(&[t().col("n", "integer").col("a", "boolean").index(&["a"])]),
            tables(&[t().col("n", "integer").col("b", "boolean").generated("n > 0").index(&["b"])]),
        ),
        case(
            "a constraint's name",
            tables(&[t().check("one", "id IS NOT NULL")]),
            tables(&[t().check("two", "id IS NOT NULL")]),
        ),
        case(
            "an index's name",
            tables(&[t().index(&["id"])]),
            tables(&[{
                let mut build = t().index(&["id"]);
                build.0.indexes =
                    build.0.indexes.into_values().map(|index| ("another".to_owned(), index)).collect();
                build
            }]),
        ),
        case(
            "a primary key's name",
            tables(&[t()]),
            tables(&[{
                let mut build = t();
                build.0.primary_key.iter_mut().for_each(|key| key.name = "Key of t".into());
                build
            }]),
        ),
        case(
            "index names cross over between tables",
            tables(&[named("a", "i"), named("b", "j")]),
            tables(&[named("a", "j"), named("b", "i")]),
        ),
        renaming(
            "a renamed column changes type under a check and a foreign key",
            Renames::default().column("b", "k", "key").column("a", "k", "key"),
            {
                tables(&[
                    table("a").col("k", "integer").pk(&["k"]).check("a_k_check", "k > 0"),
                    table("b").col("k", "integer").fk(&["k"], "a", &["k"]),
                ])
            },
            {
                tables(&[
                    table("a").col("key", "bigint").pk(&["key"]).check("a_key_check", "key > 0"),
                    table("b").col("key", "bigint").fk(&["key"], "a", &["key"]),
                ])
            },
        ),
    ]
}

fn named(name: &str, index: &str) -> Build {
    let mut build = table(name).col("c", "text").index(&["c"]);
    build.0.indexes = build.0.indexes.into_values().map(|item| (index.to_owned(), item)).collect();
    build
}

/// The schema of "everything at once" with names that must be quoted.
fn schema_quoted() -> Schema {
    schema(
        &[("Kind", &["it's", "z"]), ("other", &["q"])],
        &[
            table("Order")
                .col("id", "bigint")
                .identity(Identity::ByDefault)
                .col("select", "enum Kind not null default 'it''s'::\"Kind\"")
                .col("n", "integer")
                .col("twice", "integer")
                .generated("n * 2")
                .pk(&["id"])
                .unique(&["select", "n"])
                .check("Order_select_check", "\"select\" IS NOT NULL OR n > 0")
                .index_with(&["select"], |index| index.predicate = Some(Expr::new("\"select\" IS NOT NULL")))
                .index(&["n"]),
            table("child").col("id", "bigint").fk(&["id"], "Order", &["id"]),
        ],
    )
}

fn strange() -> Vec<Case> {
    let long = "x".repeat(63);
    let odd = |name: &str| {
        table(name).col("a b", "text").col("c\"d", "integer").col("user", "text").col("ü", "text")
    };
    let mut quoted = tables(&[odd("Weird \"name\"")
        .pk(&["user"])
        .unique(&["a b", "ü"])
        .index(&["c\"d"])
        .check("ch'eck", "\"c\"\"d\" > 0")
        .comment("--")]);
    quoted.tables.get_mut(&qname("Weird \"name\"")).unwrap().columns[0].comment = Some("$$".into());
    vec![
        case("names that need quotes", Schema::default(), quoted),
        case(
            "the longest names",
            Schema::default(),
            tables(&[table(&long).col(&long, "text").pk(&[&long]).index(&[&long]).unique(&[&long])]),
        ),
        case(
            "a line break in a name",
            Schema::default(),
            tables(&[table("a\nb; DROP TABLE x").col("c\nd", "text")]),
        ),
    ]
}
