//! Kinds: the stable names of what happened.

use crate::error::{CoreError, shortened};
use crate::name::{check_name, name_type};

/// The prefix of the kinds that belong to the system.
pub const SYSTEM_PREFIX: &str = "batpak.";

/// Whether a kind belongs to the system: it starts with `batpak.`.
pub fn is_system_kind(kind: &str) -> bool {
    kind.starts_with(SYSTEM_PREFIX)
}

fn check_user(kind: &str) -> Result<(), CoreError> {
    check_name("kind", kind)?;
    if is_system_kind(kind) {
        return Err(CoreError::ReservedKind { kind: shortened(kind) });
    }
    Ok(())
}

fn check_stored(kind: &str) -> Result<(), CoreError> {
    check_name("kind", kind)
}

name_type! {
    /// What happened, as in `loan.approved`; its payload's shape has a version of its own, [`Draft::version`](crate::Draft::version).
    ///
    /// [`Kind::new`] and `FromStr` refuse the system's names, so that users cannot append them. Text that is read back through serde may hold them.
    Kind, check_user, check_stored
}

impl Kind {
    /// A kind of the system. The store refuses users' events of such a kind.
    ///
    /// # Errors
    /// [`CoreError::NotSystemKind`] without the prefix `batpak.`; otherwise a name that breaks the rule of names.
    pub fn system(kind: &str) -> Result<Self, CoreError> {
        check_stored(kind)?;
        if !is_system_kind(kind) {
            return Err(CoreError::NotSystemKind { kind: shortened(kind) });
        }
        Ok(Self(smol_str::SmolStr::new(kind)))
    }

    /// A kind as it was stored, of a user or of the system.
    ///
    /// # Errors
    /// A name that breaks the rule of names.
    pub fn stored(kind: &str) -> Result<Self, CoreError> {
        check_stored(kind)?;
        Ok(Self(smol_str::SmolStr::new(kind)))
    }

    /// Whether the kind belongs to the system.
    pub fn is_system(&self) -> bool {
        is_system_kind(self.as_str())
    }
}
