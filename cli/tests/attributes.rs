//! Attributes of structs, added, changed and removed: each migration goes up, down and up again.

mod common;

use common::Project;

const BEFORE: &str = r"
use chrono::{DateTime, Utc};
use whimbrel::{Id, Model};

#[derive(Model)]
#[model(table = 'accounts')]
pub struct Account {
    pub id: Id<Account>,
    pub owner: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}
";

/// The models, with these settings beside the table's name.
fn models(settings: &str) -> String {
    BEFORE.replace("'accounts'", &format!("\"accounts\"{settings}"))
}

/// Generates a migration for each list of settings, and finds texts in it; texts after `!` are not in it. After the last
/// there is nothing left to do.
fn steps(steps: &[(&str, &[&str])]) {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(&models(""));
    project.expect("generate init", 0);
    for (settings, texts) in steps {
        let before = project.list("migrations");
        project.write("src/lib.rs", &models(settings));
        project.expect("generate --allow-data-loss", 0);
        let new = project.list("migrations").into_iter().filter(|file| !before.contains(file));
        let new = new.filter(|file| file.ends_with(".up.sql"));
        let up: String = new.map(|file| project.read(&format!("migrations/{file}"))).collect();
        for text in *texts {
            match text.strip_prefix('!') {
                Some(text) => assert!(!up.contains(text), "{settings}: {text} is in {up}"),
                None => assert!(up.contains(text), "{settings}: {text} is not in {up}"),
            }
        }
    }
    let printed = project.expect("generate --check", 0);
    assert!(printed.contains("Up to date"), "{printed}");
}

#[test]
fn row_level_security() {
    steps(&[
        (
            r#", rls, policy(owners, for = "select", to = "app, desk", using = "owner = CURRENT_USER"),
                policy(ours, restrictive, check = "owner <> ''")"#,
            &[
                "ALTER TABLE accounts ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY owners ON accounts FOR SELECT TO app, desk USING (owner = CURRENT_USER)",
                "CREATE POLICY ours ON accounts AS RESTRICTIVE WITH CHECK (owner <> ''::text)",
            ],
        ),
        (
            r#", rls(force), policy(owners, for = "select", to = "public", using = "owner = CURRENT_USER")"#,
            &[
                "FORCE ROW LEVEL SECURITY",
                "ALTER POLICY owners ON accounts TO PUBLIC",
                "DROP POLICY ours ON accounts",
            ],
        ),
        ("", &["DISABLE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY", "DROP POLICY owners"]),
    ]);
}

#[test]
fn privileges() {
    steps(&[
        (
            r#", grant(select, insert, to = "app"), grant(update(owner), to = "app, desk")"#,
            &["GRANT INSERT ON TABLE accounts TO app", "GRANT UPDATE (owner) ON TABLE accounts TO desk"],
        ),
        (
            r#", grant(select, to = "app", with_grant_option)"#,
            &[
                "GRANT SELECT ON TABLE accounts TO app WITH GRANT OPTION",
                "REVOKE INSERT ON TABLE accounts FROM app",
                "REVOKE UPDATE (owner) ON TABLE accounts FROM desk",
            ],
        ),
        ("", &["REVOKE SELECT ON TABLE accounts FROM app"]),
    ]);
}

#[test]
fn unlogged() {
    steps(&[(", unlogged", &["SET UNLOGGED"]), ("", &["SET LOGGED"])]);
}

#[test]
fn timestamps() {
    steps(&[
        (
            ", timestamps",
            &[
                "CREATE OR REPLACE FUNCTION public.set_updated_at()",
                "CREATE TRIGGER set_updated_at BEFORE UPDATE ON accounts FOR EACH ROW",
                "ALTER COLUMN created_at SET DEFAULT now()",
                "ALTER COLUMN updated_at SET DEFAULT now()",
            ],
        ),
        (
            "",
            &[
                "DROP TRIGGER set_updated_at ON accounts",
                "DROP FUNCTION public.set_updated_at()",
                "DROP DEFAULT",
            ],
        ),
    ]);
}

#[test]
fn soft_delete() {
    let policy = "CREATE POLICY hide_deleted ON accounts AS RESTRICTIVE USING (deleted_at IS NULL OR deleted_at >= now())";
    steps(&[
        (
            ", soft_delete",
            &[
                "CREATE INDEX CONCURRENTLY accounts_live_idx ON accounts (id) WHERE deleted_at IS NULL",
                "!POLICY",
            ],
        ),
        (", soft_delete, rls", &[policy, "!INDEX"]),
        (", soft_delete(hidden_from = \"app\"), rls", &["ALTER POLICY hide_deleted ON accounts TO app"]),
        (", rls", &["DROP POLICY hide_deleted", "DROP INDEX CONCURRENTLY accounts_live_idx"]),
    ]);
}

#[test]
fn audit() {
    steps(&[
        (
            ", audit",
            &[
                "CREATE TABLE audit_log",
                "CREATE OR REPLACE FUNCTION public.audit_log_record()",
                "SECURITY DEFINER",
                "REVOKE EXECUTE ON FUNCTION public.audit_log_record() FROM PUBLIC",
                "CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_log",
                "CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON accounts FOR EACH ROW",
                "CREATE TRIGGER audit_truncate AFTER TRUNCATE ON accounts FOR EACH STATEMENT",
            ],
        ),
        (", audit = \"history.changes\"", &["CREATE TABLE history.changes", "DROP TABLE audit_log"]),
        ("", &["DROP TABLE history.changes", "DROP TRIGGER audit ON accounts"]),
    ]);
}

/// A table and a column of it get other names: what came with them stays, and goes when it is no longer wanted.
#[test]
fn what_comes_with_a_table_follows_its_names() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let settings = r#", audit, timestamps, rls, policy(owners, using = "owner = CURRENT_USER"), grant(select, to = "app")"#;
    let mut project = Project::new(&models(settings));
    project.expect("generate init", 0);
    let renamed = models(&settings.replace("owner =", "holder ="))
        .replace("\"accounts\"", "\"customers\", renamed_from = \"accounts\"")
        .replace("pub owner", "#[column(renamed_from = \"owner\")]\n    pub holder");
    project.write("src/lib.rs", &renamed);
    for check in ["generate --check --no-validate", "generate"] {
        let printed = project.expect(check, i32::from(check.contains("--check")));
        assert!(!printed.contains("policy") && !printed.contains("trigger"), "{printed}");
    }
    project.write("src/lib.rs", &renamed.replace(", audit", ""));
    project.expect("generate --allow-data-loss", 0);
    let up = project.read(&project.newest());
    assert!(up.contains("DROP TRIGGER audit ON customers") && !up.contains("POLICY"), "{up}");
}

#[test]
fn the_last_table_moves_out_of_a_schema() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(
        &models(", timestamps, audit").replace("\"accounts\"", "\"accounts\", schema = \"crm\""),
    );
    project.expect("generate init", 0);
    project.write(
        "src/lib.rs",
        &models(", timestamps, audit")
            .replace("\"accounts\"", "\"accounts\", renamed_from = \"crm.accounts\""),
    );
    project.expect("generate move", 0);
    let up = project.read(&project.newest());
    for text in ["crm.accounts SET SCHEMA public", "crm.audit_log SET SCHEMA public", "DROP SCHEMA crm"] {
        assert!(up.contains(text), "{text}: {up}");
    }
    assert!(!up.contains("TABLE audit_log"), "{up}");
}

/// What was made by hand on a table with attributes stays when these change and go.
#[test]
fn what_was_made_by_hand_beside_attributes_stays() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let mut project = Project::new(&models(
        r#", rls, policy(owners, using = "owner = CURRENT_USER"), grant(select, to = "app")"#,
    ));
    project.expect("generate init", 0);
    project.expect("generate --empty by_hand", 0);
    let up = project.newest();
    project.write(
        &up,
        "CREATE ROLE desk; CREATE POLICY by_hand ON accounts TO desk USING (true);\nGRANT UPDATE ON accounts TO desk;\n",
    );
    let down = "REVOKE UPDATE ON accounts FROM desk;\nDROP POLICY by_hand ON accounts;\nDROP ROLE desk;\n";
    project.write(&up.replace(".up.", ".down."), down);
    project.expect("rehash", 0);
    project.expect("generate --check", 0);
    project.write("src/lib.rs", &models(r#", rls, grant(select, insert, to = "app")"#));
    project.expect("generate", 0);
    let up = project.read(&project.newest());
    assert!(up.contains("GRANT INSERT") && up.contains("DROP POLICY owners"), "{up}");
    assert!(!up.contains("desk") && !up.contains("by_hand"), "{up}");
}

/// The models, with another one after them.
fn with(model: &str) -> String {
    format!("{}\n{model}", models(""))
}

#[test]
fn partitions() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let event = |settings: &str| {
        with(&format!(
            "#[derive(Model)]\n#[model(table = \"events\", primary_key(id, created_at), partition_by(range(created_at)){settings})]\n\
             pub struct Event {{\n    pub id: i64,\n    pub created_at: DateTime<Utc>,\n    #[column(index)]\n    pub account_id: Id<Account>,\n}}\n"
        ))
    };
    let year =
        r#", partition(events_2026, from = "'2026-01-01 00:00:00+00'", to = "'2027-01-01 00:00:00+00'")"#;
    let mut project = Project::new(&event(year));
    project.expect("generate init", 0);
    let up = project.read(&project.newest());
    for text in ["PARTITION BY RANGE (created_at)", "CREATE TABLE events_2026 PARTITION OF events"] {
        assert!(up.contains(text), "{text} is not in {up}");
    }
    project.write("src/lib.rs", &event(&format!("{year}, partition(events_rest, default)")));
    project.expect("generate", 0);
    let up = project.read(&project.newest());
    assert!(up.contains("CREATE TABLE events_rest PARTITION OF events DEFAULT"), "{up}");

    // A partition that a job made stays while the table changes.
    project.expect("generate --empty by_hand", 0);
    let up = project.newest();
    project.write(
        &up,
        "CREATE TABLE events_2030 PARTITION OF events FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');\n",
    );
    project.write(&up.replace(".up.", ".down."), "DROP TABLE events_2030;\n");
    project.expect("rehash", 0);
    let more = event(year).replace("pub id: i64,", "pub id: i64,\n    pub kind: Option<String>,");
    project.write("src/lib.rs", &more);
    project.expect("generate --allow-data-loss", 0);
    let up = project.read(&project.newest());
    assert!(up.contains("ADD COLUMN kind text") && up.contains("DROP TABLE events_rest"), "{up}");
    assert!(!up.contains("events_2030"), "{up}");
    project.write("src/lib.rs", &event(year).replace("pub id: i64,", "pub id: i32,"));
    project.expect("generate --allow-data-loss", 0);
    let up = project.read(&project.newest());
    assert!(up.contains("DROP COLUMN kind") && up.contains("ALTER COLUMN id TYPE integer"), "{up}");
    assert!(!up.contains("events_2030"), "{up}");
}

#[test]
fn views() {
    let Some(_scratch) = whimbrel_scratch::for_tests() else { return };
    let view = |settings: &str, ty: &str| {
        with(&format!(
            "#[derive(Model)]\n#[model({settings})]\npub struct Owner {{\n    pub owner: String,\n    pub accounts: {ty},\n}}\n"
        ))
    };
    let query = "SELECT owner, count(*) AS accounts FROM accounts GROUP BY owner";
    let plain = format!("view = \"{query}\", grant(select, to = \"app\")");
    let mut project = Project::new(&view(&plain, "i32"));
    let printed = project.expect("generate init", 2);
    assert!(
        printed
            .contains("owner, column 2: the query has `accounts bigint`, the fields have `accounts integer`"),
        "{printed}"
    );
    project.write("src/lib.rs", &view(&plain.replace("owner, ", "ownr, "), "i64"));
    let printed = project.expect("generate init", 2);
    assert!(
        printed.contains("column \"ownr\" does not exist") && printed.contains("in: Create view owner."),
        "{printed}"
    );
    let steps: [(String, &[&str]); 5] = [
        (view(&plain, "i64"), &["CREATE VIEW owner AS", "GRANT SELECT ON TABLE owner TO app"]),
        (
            view(&format!("view(\"{query} HAVING count(*) > 1\", security_barrier)"), "i64"),
            &["CREATE OR REPLACE VIEW owner", "REVOKE SELECT"],
        ),
        (
            view(
                &format!(
                    "view = \"{query}\", materialized(unique(owner)), index(columns(accounts)), comment = \"c\""
                ),
                "i64",
            ),
            &[
                "DROP VIEW owner",
                "CREATE MATERIALIZED VIEW owner",
                "CREATE UNIQUE INDEX owner_owner_idx ON owner (owner)",
                "CREATE INDEX owner_accounts_idx ON owner (accounts)",
                "COMMENT ON MATERIALIZED VIEW owner",
            ],
        ),
        // What a view reads changes under it.
        (
            view(&format!("view = \"{query}\", materialized"), "i64")
                .replace(
                    "pub owner: String,\n    pub created",
                    "#[column(type = \"varchar(80)\")]\n    pub owner: String,\n    pub created",
                )
                .replace(
                    "pub owner: String,\n    pub accounts",
                    "#[column(type = \"varchar(80)\")]\n    pub owner: String,\n    pub accounts",
                ),
            &["DROP MATERIALIZED VIEW owner", "CREATE MATERIALIZED VIEW owner"],
        ),
        (with(""), &["DROP MATERIALIZED VIEW owner"]),
    ];
    for (models, texts) in steps {
        project.write("src/lib.rs", &models);
        project.expect("generate --allow-data-loss", 0);
        let up = project.read(&project.newest());
        texts.iter().for_each(|text| assert!(up.contains(text), "{text} is not in {up}"));
    }
    project.expect("generate --check", 0);
}

/// Migrations that were made without a server lead where the models do, and a database that has them has not drifted.
#[test]
fn without_a_server() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let url = scratch.create_database("attributes").unwrap();
    let view = |settings: &str, query: &str| {
        format!(
            "{}\n#[derive(Model)]\n#[model(view = \"{query}\", grant(select, to = \"public\"))]\n\
             pub struct Owner {{\n    pub owner: String,\n}}\n",
            models(settings)
        )
    };
    let mut project = Project::new(&view(", timestamps, audit", "SELECT DISTINCT owner FROM accounts"));
    project.set("DATABASE_URL", &url);
    let settings = r#", rls, soft_delete, audit = "changes", unlogged, policy(owners, using = "owner = CURRENT_USER"),
        grant(select(id), insert, to = "public")"#;
    for models in [
        None,
        Some(view(settings, "SELECT DISTINCT owner FROM accounts WHERE deleted_at IS NULL")),
        Some(models(", rls(force), policy(owners, using = \"true\")")),
        Some(view(settings, "SELECT owner FROM accounts")),
    ] {
        if let Some(models) = &models {
            project.write("src/lib.rs", models);
        }
        project.expect("generate --no-validate --allow-data-loss", 0);
        project.expect("diff --from models --to migrations", 0);
        project.expect("migrate", 0);
        project.expect("drift", 0);
    }
    for _ in 0..4 {
        project.expect("rollback --allow-data-loss", 0);
        project.expect("migrate", 0);
        project.expect("rollback --allow-data-loss", 0);
    }
}
