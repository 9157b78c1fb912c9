//! Aggregate functions.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Object};
use crate::name::{QName, quote};
use crate::step::Step;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Aggregate {
    pub name: QName,
    /// The types of its arguments, with `ORDER BY` where it is an ordered-set aggregate.
    pub arguments: String,
    /// The types of its arguments, by which `GRANT` knows it.
    pub types: String,
    /// `SFUNC = …` and the like, in a fixed order.
    pub options: Vec<String>,
}

/// The name of a function, always with its schema: without it, it would change when another one gets the same name.
macro_rules! routine {
    ($oid:literal) => {
        concat!(
            "(SELECT format('%I.%I', rn.nspname, routine.proname) FROM pg_catalog.pg_proc routine
                JOIN pg_catalog.pg_namespace rn ON rn.oid = routine.pronamespace WHERE routine.oid = ",
            $oid,
            ")"
        )
    };
}

pub(super) use routine;

impl Object for Aggregate {
    const CATALOG: Query = Query::with_acl(concat!(
        "SELECT 'pg_proc'::regclass AS class, p.oid, 0 AS part, p.pronamespace AS namespace,
    json_build_object('name', json_build_array(n.nspname, p.proname), 'arguments', CASE WHEN p.pronargs = 0 AND a.aggkind = 'n'
            THEN '*' ELSE pg_get_function_identity_arguments(p.oid) END,
        'types', oidvectortypes(p.proargtypes),
        'options', (SELECT json_agg(o.text ORDER BY o.place) FROM (VALUES
            (1, 'SFUNC = ' || ", routine!("a.aggtransfn"), "), (2, 'STYPE = ' || format_type(a.aggtranstype, NULL)),
            (3, 'SSPACE = ' || nullif(a.aggtransspace, 0)), (4, 'FINALFUNC = ' || ", routine!("a.aggfinalfn"), "),
            (5, CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END),
            (6, 'FINALFUNC_MODIFY = ' || CASE WHEN a.aggfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END
                THEN CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END),
            (7, 'COMBINEFUNC = ' || ", routine!("a.aggcombinefn"), "), (8, 'SERIALFUNC = ' || ", routine!("a.aggserialfn"), "),
            (9, 'DESERIALFUNC = ' || ", routine!("a.aggdeserialfn"), "), (10, 'INITCOND = ' || quote_literal(a.agginitval)),
            (11, 'MSFUNC = ' || ", routine!("a.aggmtransfn"), "), (12, 'MINVFUNC = ' || ", routine!("a.aggminvtransfn"), "),
            (13, 'MSTYPE = ' || CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END),
            (14, 'MSSPACE = ' || nullif(a.aggmtransspace, 0)), (15, 'MFINALFUNC = ' || ", routine!("a.aggmfinalfn"), "),
            (16, CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END),
            (17, 'MFINALFUNC_MODIFY = ' || CASE WHEN a.aggmtransfn <> 0 AND a.aggmfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END
                THEN CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END),
            (18, 'MINITCOND = ' || quote_literal(a.aggminitval)),
            (19, 'SORTOP = ' || (SELECT format('OPERATOR(%I.%s)', sn.nspname, s.oprname) FROM pg_catalog.pg_operator s
                JOIN pg_catalog.pg_namespace sn ON sn.oid = s.oprnamespace WHERE s.oid = a.aggsortop)),
            (20, 'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END),
            (21, CASE a.aggkind WHEN 'h' THEN 'HYPOTHETICAL' END)) o (place, text) WHERE o.text IS NOT NULL)) AS definition,
    p.proacl AS acl, p.proowner AS owner, 'f'::\"char\" AS acl_type
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_aggregate a ON a.aggfnoid = p.oid WHERE p.prokind = 'a' AND p.oid >= 16384"
    ));

    fn id(&self) -> Id {
        Id::new(
            Kind::Aggregate,
            &QName::new(&self.name.schema, format!("{}({})", self.name.name, self.arguments)),
        )
    }

    fn address(&self) -> String {
        format!("AGGREGATE {}({})", self.name.full(), self.arguments)
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let create = format!("CREATE {} (\n    {}\n)", self.address(), self.options.join(",\n    "));
        vec![Step::new(format!("Create {}.", self.id()), create)]
    }

    fn rename(&self, to: &str) -> Step {
        let name = to.strip_suffix(&format!("({})", self.arguments)).unwrap_or(to);
        let sql = format!("ALTER {} RENAME TO {}", self.address(), quote(name));
        Step::new(format!("Rename {} to {name}.", self.id()), sql)
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        let name = to.name().strip_suffix(&format!("({})", self.arguments))?;
        Some(Aggregate { name: QName::new(&self.name.schema, name), ..self.clone() })
    }

    fn alter(&self, _: &Self) -> Alter {
        Alter::Replace
    }

    fn grant(&self, privilege: &str) -> Option<String> {
        Some(format!("{privilege} ON FUNCTION {}({})", self.name.full(), self.types))
    }

    fn acl_class(&self) -> Option<AclClass> {
        Some(AclClass::Functions)
    }
}
