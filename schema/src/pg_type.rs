//! A type as `format_type` prints it, in its parts.

/// `character varying(20)[]`: the name, the modifiers, and whether it is an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PgType {
    pub name: String,
    /// `20`, or what an extension's type has, `Point`.
    pub modifiers: Vec<String>,
    pub array: bool,
}

impl PgType {
    /// Takes a type's text apart. Modifiers stand within the name: `timestamp(3) without time zone`.
    pub fn parse(text: &str) -> Self {
        let (element, array) = text.strip_suffix("[]").map_or((text, false), |element| (element, true));
        let parts = element.split_once('(').and_then(|(before, rest)| Some((before, rest.split_once(')')?)));
        let Some((before, (inside, after))) = parts else {
            return PgType { name: element.to_owned(), modifiers: Vec::new(), array };
        };
        let modifiers = inside.split(',').map(|modifier| modifier.trim().to_owned()).collect();
        PgType { name: format!("{before}{after}"), modifiers, array }
    }

    /// A modifier that is a number: a length, a precision, a scale.
    pub(crate) fn modifier(&self, at: usize) -> Option<i32> {
        self.modifiers.get(at)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_stand_anywhere() {
        let check = |text: &str, name: &str, modifiers: &[&str], array| {
            let modifiers = modifiers.iter().map(|modifier| (*modifier).to_owned()).collect();
            assert_eq!(PgType::parse(text), PgType { name: name.into(), modifiers, array });
        };
        check("text", "text", &[], false);
        check("numeric(10,2)[]", "numeric", &["10", "2"], true);
        check("timestamp(3) without time zone", "timestamp without time zone", &["3"], false);
        check("geometry(Point,4326)", "geometry", &["Point", "4326"], false);
    }
}
