//! batpak: an embedded event store that can prove why.
//!
//! ```
//! # fn main() -> Result<(), batpak::Error> {
//! # let folder = tempfile::tempdir().expect("a temporary folder");
//! # let path = folder.path().join("orders");
//! use batpak::Journal;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Order { item: String, pieces: u32 }
//!
//! # let order = Order { item: "lamp".into(), pieces: 2 };
//! let journal = Journal::open(path)?; // a folder, as in "orders"
//! journal.append_json("shop", "order:1", "order.placed", &order)?;
//! for event in journal.read("entity(order:1)")? {
//!     let order: Order = event?.json()?;
//!     println!("{} of {}", order.pieces, order.item);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`Journal`] is the way in. What it is made of stands in [`core`] (the data model, without I/O), in [`store`] (the log on
//! disk) and in [`causality`] (the graph of causes); what most programs need of them is at the top.
#![forbid(unsafe_code)]

pub use batpak_core as core;
pub use batpak_graph as causality;
pub use batpak_store as store;

mod graph;
mod journal;
pub mod time;

pub use batpak_core::event::{Event, EventRef};
pub use batpak_core::limits;
pub use batpak_core::query::{Field, Pattern, Query, QueryItem, Term};
pub use batpak_core::{
    Batch, Cause, Codec, Condition, Consumer, Coordinate, CoreError, Correlation, Draft, Edge, Entity, EventId,
    Expected, Hash, Hlc, IdempotencyKey, Kind, Position, Revision, Scope, Set, StoreId, Tag, ValidTime,
};
pub use batpak_graph::{Node, NodeSet, Relation, Selection};
pub use batpak_store::{Durability, Options, Read, Receipt, Scan, Stats, StoreError as Error, Ticket, View};
pub use graph::CausalGraph;
#[cfg(feature = "pictures")]
pub use graph::Links;
pub use journal::{IntoRead, Journal, JournalReader};

/// The Rust code in the project's documents, compiled with the documentation tests.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../README.md")]
    mod readme {}
    #[doc = include_str!("../../docs/DURABILITY.md")]
    mod durability {}
}
