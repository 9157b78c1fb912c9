//! Who climbed what.

use chrono::{DateTime, Utc};
use whimbrel::{Id, Model, Transform};

use crate::guide::Route;

/// Somebody who climbs.
#[derive(Debug, Model, Transform)]
#[model(
    table = "climbers",
    index(columns("lower(last_name)", "lower(first_name)"), name = "climbers_name_idx")
)]
#[source(collection = "climbers", rename_all = "camelCase")]
pub struct Climber {
    /// Was an ObjectId.
    #[source(field = "_id")]
    pub id: Id<Climber>,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// How often Mongoose has changed the document's arrays.
    #[source(field = "__v")]
    pub version: i32,
}

/// A climb of a route.
#[derive(Debug, Model, Transform)]
#[model(table = "ascents", index(columns(route_id)))]
#[source(collection = "ascents", rename_all = "camelCase")]
pub struct Ascent {
    /// Was an ObjectId.
    #[source(field = "_id")]
    pub id: Id<Ascent>,
    /// When; the milliseconds number the ascents of a day.
    #[source(field = "date")]
    pub climbed_at: DateTime<Utc>,
    /// What.
    #[source(field = "route")]
    pub route_id: Id<Route>,
    /// Who went first.
    #[column(on_delete = "set_null", index)]
    #[source(field = "leadClimber")]
    pub lead_climber_id: Option<Id<Climber>>,
    /// Whether it did not lead to the top.
    pub is_aborted: bool,
    /// Whether the rope came from above.
    pub is_top_rope: bool,
    /// Whether there was no partner.
    pub is_solo: bool,
    /// Whether nobody helped.
    pub is_without_support: bool,
    /// What else is to say.
    pub notes: Option<String>,
    /// How often Mongoose has changed the document's arrays.
    #[source(field = "__v")]
    pub version: i32,
}

/// A climber of an ascent: one row per element of the document's `climbers`.
#[derive(Debug, Model, Transform)]
#[model(table = "ascent_climbers", unique(ascent_id, climber_id), index(columns(climber_id)))]
#[source(collection = "ascents", each = "climbers", rename_all = "camelCase")]
pub struct AscentClimber {
    /// The entry's own key: no other document knows it.
    #[source(field = "_id")]
    pub id: Id<AscentClimber>,
    /// Which ascent.
    #[column(on_delete = "cascade")]
    #[source(parent = "_id")]
    pub ascent_id: Id<Ascent>,
    /// The place in the array.
    #[source(ordinal)]
    pub position: i32,
    /// Who.
    #[source(field = "climber")]
    pub climber_id: Id<Climber>,
    /// Whether this one did not reach the top.
    pub is_aborted: bool,
}
