//! Text search dictionaries.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{Alter, Id, Object};
use crate::name::QName;
use crate::step::Step;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextSearchDictionary {
    pub name: QName,
    /// `TEMPLATE = …` and the template's options.
    pub options: String,
}

impl Object for TextSearchDictionary {
    const CATALOG: Query = Query::new(
        "SELECT 'pg_ts_dict'::regclass AS class, d.oid, 0 AS part, d.dictnamespace AS namespace,
    json_build_object('name', json_build_array(n.nspname, d.dictname),
        'options', format('TEMPLATE = %I.%I', tn.nspname, t.tmplname) || coalesce(', ' || d.dictinitoption, '')) AS definition
FROM pg_catalog.pg_ts_dict d JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE d.oid >= 16384",
    );

    fn id(&self) -> Id {
        Id::new(Kind::TextSearchDictionary, &self.name)
    }

    fn address(&self) -> String {
        format!("TEXT SEARCH DICTIONARY {}", self.name.full())
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let create = format!("CREATE {} ({})", self.address(), self.options);
        vec![Step::new(format!("Create {}.", self.id()), create)]
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        Some(TextSearchDictionary { name: to.qname(), ..self.clone() })
    }

    fn alter(&self, _: &Self) -> Alter {
        Alter::Replace
    }
}
