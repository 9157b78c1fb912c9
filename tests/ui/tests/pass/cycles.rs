//! Tables may refer to each other and to themselves.
use whimbrel::{Id, Model};

#[derive(Model)]
pub struct Chicken {
    pub id: Id<Chicken>,
    #[column(deferrable = "initially_deferred")]
    pub hatched_from: Option<Id<Egg>>,
    pub mother: Option<Id<Chicken>>,
}

#[derive(Model)]
pub struct Egg {
    pub id: Id<Egg>,
    pub laid_by: Id<Chicken>,
}

#[test]
fn it_works() {
    assert_eq!(Chicken::definition().foreign_keys.len(), 2);
    assert_eq!(Egg::definition().foreign_keys["egg_laid_by_fkey"].references, Chicken::qname());
}
