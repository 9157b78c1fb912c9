//! The tables.

mod customers;
mod enums;
mod events;
mod items;
mod lines;
mod log;
mod orders;
mod parts;

pub use customers::Customers;
pub use enums::OrderState;
pub use events::Events;
pub use items::Items;
pub use lines::Lines;
pub use log::Log;
pub use orders::Orders;
pub use parts::Parts;
