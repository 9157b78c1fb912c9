//! Text search configurations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{Alter, Id, Object};
use crate::name::{QName, quote};
use crate::step::Step;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextSearchConfiguration {
    pub name: QName,
    /// Its parser, quoted.
    pub parser: String,
    /// For each type of token the dictionaries that are asked, in order.
    pub mappings: BTreeMap<String, String>,
}

impl TextSearchConfiguration {
    fn step(&self, what: &str, action: &str) -> Step {
        Step::new(format!("{what} {}.", self.id()), format!("ALTER {} {action}", self.address()))
    }

    fn add_mappings(&self, prev: &BTreeMap<String, String>) -> Vec<Step> {
        let new =
            self.mappings.iter().filter(|(token, dictionaries)| prev.get(*token) != Some(*dictionaries));
        let step = |(token, dictionaries): (&String, &String)| {
            let word = if prev.contains_key(token) { "ALTER" } else { "ADD" };
            let action = format!("{word} MAPPING FOR {} WITH {dictionaries}", quote(token));
            self.step(&format!("Set the mapping for {token} of"), &action)
        };
        new.map(step).collect()
    }
}

impl Object for TextSearchConfiguration {
    const CATALOG: Query = Query::new(
        "SELECT 'pg_ts_config'::regclass AS class, c.oid, 0 AS part, c.cfgnamespace AS namespace,
    json_build_object('name', json_build_array(n.nspname, c.cfgname), 'parser', format('%I.%I', pn.nspname, p.prsname),
        'mappings', (SELECT coalesce(json_object_agg(m.alias, m.list ORDER BY m.alias), '{}') FROM (
            SELECT t.alias, string_agg(format('%I.%I', dn.nspname, d.dictname), ', ' ORDER BY m.mapseqno) AS list
            FROM pg_catalog.pg_ts_config_map m JOIN ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype
            JOIN pg_catalog.pg_ts_dict d ON d.oid = m.mapdict JOIN pg_catalog.pg_namespace dn ON dn.oid = d.dictnamespace
            WHERE m.mapcfg = c.oid GROUP BY t.alias) m)) AS definition
FROM pg_catalog.pg_ts_config c JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser JOIN pg_catalog.pg_namespace pn ON pn.oid = p.prsnamespace
WHERE c.oid >= 16384",
    );

    fn id(&self) -> Id {
        Id::new(Kind::TextSearchConfiguration, &self.name)
    }

    fn address(&self) -> String {
        format!("TEXT SEARCH CONFIGURATION {}", self.name.full())
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let create = format!("CREATE {} (PARSER = {})", self.address(), self.parser);
        let mut steps = vec![Step::new(format!("Create {}.", self.id()), create)];
        steps.extend(self.add_mappings(&BTreeMap::new()));
        steps
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        Some(TextSearchConfiguration { name: to.qname(), ..self.clone() })
    }

    fn alter(&self, next: &Self) -> Alter {
        if self.parser != next.parser {
            return Alter::Replace;
        }
        let gone = self.mappings.keys().filter(|token| !next.mappings.contains_key(*token));
        let drop = |token: &String| {
            self.step(
                &format!("Drop the mapping for {token} of"),
                &format!("DROP MAPPING FOR {}", quote(token)),
            )
        };
        Alter::steps(gone.map(drop).chain(next.add_mappings(&self.mappings)).collect())
    }
}
