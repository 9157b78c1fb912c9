//! What is said in SQL of a column, and the steps that change it.

use super::{Column, Identity, Storage};
use crate::cast::{Values, conversion, cuts_blanks, replaced_type};
use crate::name::{QName, literal, quote};
use crate::object::sequence::Sequence;
use crate::object::table::{self, Table};
use crate::step::{HazardKind, Lock, Step};

/// The defaults that call a volatile function, as the catalog stores them. Most are those of many columns.
macro_rules! volatile_defaults {
    () => {
        "(SELECT e.tree FROM (SELECT adbin::text FROM pg_catalog.pg_attrdef UNION SELECT typdefaultbin::text FROM pg_catalog.pg_type) e (tree)
            WHERE e.tree LIKE '%funcid %' AND EXISTS (SELECT FROM regexp_matches(e.tree, 'funcid (\\d+)', 'g') f
                JOIN pg_catalog.pg_proc p ON p.oid = f[1]::oid WHERE p.provolatile = 'v'))"
    };
}

pub(super) use volatile_defaults;

impl Identity {
    fn rename_sequence(&self, to: &QName) -> Step {
        let from = &self.sequence;
        let rename = format!("ALTER SEQUENCE {} RENAME TO {}", from.sql(), quote(&to.name));
        Step::new(format!("Rename sequence {from} to {to}."), rename)
            .locks([from.clone()], Lock::AccessExclusive)
    }
}

impl Column {
    /// `ALTER TABLE … ALTER COLUMN …`; `comment` is completed by the column's name.
    pub(in crate::object) fn step(&self, comment: &str, action: &str) -> Step {
        let comment = format!("{comment} {self}.");
        Table::action_step(&self.table, comment, &format!("ALTER COLUMN {} {action}", quote(&self.name)))
    }

    pub(super) fn collate(&self) -> String {
        match &self.collation {
            Some(name) if name.schema == "pg_catalog" => format!(" COLLATE {}", quote(&name.name)),
            Some(name) => format!(" COLLATE {}", name.full()),
            None => String::new(),
        }
    }

    pub(super) fn identity_sql(&self, identity: &Identity) -> String {
        let always = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
        let mut options = String::new();
        let chosen = crate::name::sequence(&self.table.name, &self.name);
        if identity.sequence != QName::new(&self.table.schema, chosen) {
            options.push_str(&format!(" SEQUENCE NAME {}", identity.sequence.sql()));
        }
        options.push_str(&identity.options.sql());
        let options = match options.trim_start() {
            "" => String::new(),
            options => format!(" ({options})"),
        };
        format!("GENERATED {always} AS IDENTITY{options}")
    }

    pub(super) fn sql(&self) -> String {
        let compression =
            self.compression.as_ref().map_or_else(String::new, |method| format!(" COMPRESSION {method}"));
        let mut text = format!("{} {}{compression}{}", quote(&self.name), self.ty, self.collate());
        if self.not_null {
            text.push_str(" NOT NULL");
        }
        if let Some(default) = &self.default {
            text.push_str(&format!(" DEFAULT {default}"));
        }
        if let Some(generated) = &self.generated {
            let stored = if generated.r#virtual { "VIRTUAL" } else { "STORED" };
            text.push_str(&format!(" GENERATED ALWAYS AS ({}) {stored}", generated.expression));
        }
        if let Some(identity) = &self.identity {
            text.push_str(&format!(" {}", self.identity_sql(identity)));
        }
        text
    }

    /// What no column definition says, as it differs from `prev`.
    pub(super) fn settings(&self, prev: &Column) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.storage != prev.storage {
            // `SET STORAGE DEFAULT` is for PostgreSQL 16 and later.
            let storage = match self.storage.or(prev.type_storage) {
                Some(Storage::Plain) => "PLAIN",
                Some(Storage::External) => "EXTERNAL",
                Some(Storage::Extended) | None => "EXTENDED",
                Some(Storage::Main) => "MAIN",
            };
            steps.push(self.step("Change the storage of", &format!("SET STORAGE {storage}")));
        }
        if self.statistics != prev.statistics {
            let target = self.statistics.unwrap_or(-1);
            let step = self.step("Change the statistics target of", &format!("SET STATISTICS {target}"));
            steps.push(step.lock(Lock::ShareUpdateExclusive));
        }
        let options = table::options(&prev.options, &self.options, |action| {
            self.step("Change options of", action).lock(Lock::ShareUpdateExclusive)
        });
        steps.extend(options);
        steps
    }

    /// The name of a type of its own, unless another one took that.
    fn own_type(&self, ty: &str) -> String {
        let is_replaced = self.replaced.iter().any(|replaced| replaced == ty.trim_end_matches("[]"));
        if is_replaced { replaced_type(ty) } else { ty.to_owned() }
    }

    pub(super) fn change_type(&self, next: &Column) -> Step {
        let (from, base) = (self.own_type(&self.ty), self.base.as_ref().map(|base| self.own_type(base)));
        let mut conversion =
            conversion(&quote(&self.name), (&from, base.as_deref()), (&next.ty, next.base.as_deref()));
        let is_another = from != self.ty;
        // There is a cast between types of one name.
        let is_cast = is_another && self.base == next.base;
        let is_row = self.composite && next.composite;
        if is_row && is_cast {
            conversion.using = None;
        }
        let using = conversion.using.map_or_else(String::new, |using| format!(" USING {using}"));
        let mut step = self.step("Change type of", &format!("TYPE {}{}{using}", next.ty, next.collate()));
        let (from, to) = (&self.ty, &next.ty);
        let (fits, loses) = match conversion.values {
            Values::MayFail if is_row && !is_cast => {
                (Some("fit"), Some("takes attributes by their places, not their names"))
            }
            // A row of text is read, and written, in a way of its own.
            Values::MayFail if next.composite && !self.composite => {
                (Some("be a row, `(…,…)`, of"), Some("keeps no text as it was written"))
            }
            values => values.effects(),
        };
        if let Some(fits) = fits {
            let cut = if cuts_blanks(from, to) { "; blanks at the end that exceed it are cut" } else { "" };
            let message = format!("some values of {self} may not {fits} {to}: update such rows first{cut}");
            step = step.hazard(HazardKind::MayFail, message);
        }
        if let Some(loses) = loses {
            let message = match is_another {
                true => format!("converts {self} to another {to}, which {loses}"),
                false => format!("converts {self} from {from} to {to}, which {loses}"),
            };
            step = step.hazard(HazardKind::DataLoss, message);
        }
        if conversion.rewrite {
            let message = format!("{} is rewritten; reads and writes are blocked meanwhile", self.table);
            return step.hazard(HazardKind::Rewrite, message);
        }
        Step { rebuilds: Some(self.collation != next.collation), ..step }
    }

    pub(super) fn rewritten(&self, step: Step) -> Step {
        let message = format!("{} is rewritten to compute {} for every row", self.table, self.name);
        step.hazard(HazardKind::Rewrite, message)
    }

    /// PostgreSQL does not add a column with an identity to tables that do not get that: their rows are numbered by a sequence.
    pub(super) fn add_own_identity(&self, identity: &Identity) -> Vec<String> {
        let (table, sequence) = (self.table.sql(), identity.sequence.sql());
        let numbered = Column {
            default: Some(format!("nextval({})", literal(&sequence))),
            identity: None,
            ..self.clone()
        };
        let alter = format!("ALTER TABLE {table} ALTER COLUMN {}", quote(&self.name));
        vec![
            format!("CREATE SEQUENCE {sequence}{}", identity.options.sql()),
            format!("ALTER TABLE {table} ADD COLUMN {}", numbered.sql()),
            format!("{alter} DROP DEFAULT"),
            format!("DROP SEQUENCE {sequence}"),
            format!("{alter} ADD {}", self.identity_sql(identity)),
            identity.options.go_on_after(&identity.sequence, &self.table, &self.name),
        ]
    }

    /// Whether its default is the next value of a sequence.
    fn is_counted(&self) -> bool {
        let is_next = |text: &String| text.starts_with("nextval('") && text.ends_with("'::regclass)");
        self.default.as_ref().is_some_and(is_next)
    }

    pub(super) fn drop_identity(&self) -> Step {
        self.step("Drop identity of", "DROP IDENTITY").alone()
    }

    /// The sequence of its next default goes on where that of its identity stands, which is renamed until then. The steps
    /// are those before that sequence is created and those after it.
    pub(crate) fn pass_identity(
        &self,
        next: &Column,
        sequence: &Sequence,
        (first, last): (&mut Vec<Step>, &mut Vec<Step>),
    ) -> bool {
        let (drop, counted) = (self.drop_identity(), next.identity.is_none() && next.is_counted());
        let at = first.iter().position(|step| counted && *step == drop);
        let Some((identity, at)) = self.identity.as_ref().zip(at) else { return false };
        let old = Sequence::old_name(&identity.sequence);
        first[at] = identity.rename_sequence(&old);
        let set = sequence.options.go_on_from(&sequence.name, &old);
        let set = Step::new(format!("Set the value of {} to that of {old}.", sequence.name), set);
        last.splice(0..0, [set, drop]);
        true
    }

    /// Its identity goes on where the sequence stands that the default had its values from.
    pub(crate) fn go_on_from(&self, prev: &Column, sequence: &QName, steps: &mut [Step]) -> bool {
        let Some(identity) = self.identity.as_ref().filter(|_| prev.is_counted()) else { return false };
        let after_rows = identity.options.go_on_after(&identity.sequence, &self.table, &self.name);
        let mut steps = steps.iter_mut().filter(|step| step.statements.contains(&after_rows));
        steps.next().is_some_and(|step| {
            step.statements.pop();
            step.statements.push(identity.options.go_on_from(&identity.sequence, sequence));
            step.hazards.clear();
            true
        })
    }

    pub(super) fn identity_steps(&self, next: &Column) -> Vec<Step> {
        match (&self.identity, &next.identity) {
            (Some(prev), Some(next)) => {
                let mut action = String::new();
                if prev.always != next.always {
                    action.push_str(if next.always {
                        " SET GENERATED ALWAYS"
                    } else {
                        " SET GENERATED BY DEFAULT"
                    });
                }
                let changes = next.options.changes(&prev.options);
                for option in &changes {
                    action.push_str(&format!(" SET {option}"));
                }
                let sequence = (!changes.is_empty()).then(|| prev.sequence.clone());
                let change = (!action.is_empty()).then(|| {
                    self.step("Change identity of", action.trim_start())
                        .locks(sequence, Lock::ShareRowExclusive)
                });
                let rename =
                    (prev.sequence.name != next.sequence.name).then(|| prev.rename_sequence(&next.sequence));
                change.into_iter().chain(rename).collect()
            }
            (None, Some(identity)) => {
                let mut step = self.step("Add identity to", &format!("ADD {}", next.identity_sql(identity)));
                step.statements.push(identity.options.go_on_after(
                    &identity.sequence,
                    &next.table,
                    &next.name,
                ));
                let message =
                    format!("blocks reads and writes of {} while the greatest value is found", self.table);
                vec![step.hazard(HazardKind::LongLock, message)]
            }
            _ => Vec::new(),
        }
    }
}
