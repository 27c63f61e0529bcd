//! Coordinates: the names of streams.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::CoreError;
use crate::name::{Entity, Scope};

/// Where an event belongs: an entity within a scope. One coordinate is one stream.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Coordinate {
    /// The space of the entity.
    pub scope: Scope,
    /// What the stream is about.
    pub entity: Entity,
}

impl Coordinate {
    /// Checks both names.
    ///
    /// # Errors
    /// A name that breaks the rule of [`check_name`](crate::name::check_name).
    pub fn new(scope: &str, entity: &str) -> Result<Self, CoreError> {
        Ok(Self { scope: Scope::new(scope)?, entity: Entity::new(entity)? })
    }
}

/// Writes `scope/entity`. It is for people: names may hold slashes, so it is never parsed.
impl fmt::Display for Coordinate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.scope, self.entity)
    }
}
