//! Names: short validated strings, one type for each role.

use crate::error::{CoreError, shortened};
use crate::limits::NAME_BYTES_MAX;

/// Checks the rule that all names share: 1 to [`NAME_BYTES_MAX`] bytes of UTF-8, no control characters.
///
/// # Errors
/// [`CoreError::EmptyName`], [`CoreError::NameTooLong`] or [`CoreError::ControlCharacter`], with `what` as the name's role.
pub fn check_name(what: &'static str, name: &str) -> Result<(), CoreError> {
    if name.is_empty() {
        return Err(CoreError::EmptyName { what });
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(CoreError::NameTooLong { what, bytes: name.len() });
    }
    if is_name(name) {
        return Ok(());
    }
    match name.char_indices().find(|(_, character)| character.is_control()) {
        Some((at, _)) => Err(CoreError::ControlCharacter { what, name: shortened(name), at }),
        None => Ok(()),
    }
}

/// Whether text keeps the rule of [`check_name`]. Cost: one pass over the bytes if they are ASCII.
pub fn is_name(name: &str) -> bool {
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return false;
    }
    // Printable ASCII, as most names are, needs no decoding.
    name.bytes().all(|byte| (0x20..0x7f).contains(&byte)) || !name.chars().any(char::is_control)
}

/// Declares a newtype over a small string; `$check` is the rule of the checked way in, `$read` that of text read back.
macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $crate::name::name_type! { $(#[$doc])* $name, |name: &str| $crate::name::check_name($what, name), |name: &str| $crate::name::check_name($what, name) }
    };
    ($(#[$doc:meta])* $name:ident, $check:expr, $read:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(smol_str::SmolStr);

        impl $name {
            /// Checks a name. Up to 23 bytes are kept in place, longer ones cost one allocation; clones share it.
            ///
            /// # Errors
            /// A name that breaks the rule of [`check_name`](crate::name::check_name) or the type's own.
            pub fn new(name: impl AsRef<str>) -> Result<Self, $crate::error::CoreError> {
                let name = name.as_ref();
                ($check)(name)?;
                Ok(Self(smol_str::SmolStr::new(name)))
            }

            /// The name.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::error::CoreError;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                Self::new(name)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::name::deserialize_name(deserializer, $read).map(Self)
            }
        }
    };
}
pub(crate) use name_type;

/// Reads a string and checks it before it is copied.
pub(crate) fn deserialize_name<'de, D, F>(deserializer: D, check: F) -> Result<smol_str::SmolStr, D::Error>
where
    D: serde::Deserializer<'de>,
    F: Fn(&str) -> Result<(), CoreError>,
{
    struct Name<F>(F);

    impl<F: Fn(&str) -> Result<(), CoreError>> serde::de::Visitor<'_> for Name<F> {
        type Value = smol_str::SmolStr;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a name")
        }

        fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
            (self.0)(name).map_err(E::custom)?;
            Ok(smol_str::SmolStr::new(name))
        }
    }

    deserializer.deserialize_str(Name(check))
}

name_type! {
    /// The space that an entity belongs to, as in `billing`: the same entity in two scopes is two streams.
    Scope, "scope"
}
name_type! {
    /// What a stream is about within its scope, as in `order-173688`.
    Entity, "entity"
}
name_type! {
    /// The name shared by the events of one business transaction.
    Correlation, "correlation"
}
name_type! {
    /// A reader whose place in the log is kept with the commits it causes.
    Consumer, "consumer"
}
