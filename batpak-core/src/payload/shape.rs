//! A fingerprint of what serde shows of a value, to tell whether it came back as itself.
//!
//! Lists and maps are summed up, so that sets and hash maps, which come back in another order, count as the same.
//! It guards against mistakes, not against an adversary, and it is never stored.

use std::fmt;

use serde::ser::{self, Serialize, Serializer};

use crate::limits::PAYLOAD_DEPTH_MAX;

/// The fingerprint of a value. Cost: one walk, no allocation.
pub(super) fn of<T: Serialize + ?Sized>(value: &T, human_readable: bool) -> Result<u64, ShapeError> {
    value.serialize(Shape { human_readable, depth: 0 })
}

/// Why there is no fingerprint.
#[derive(Debug)]
pub(super) enum ShapeError {
    TooDeep,
    Refused(String),
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooDeep => write!(f, "nested deeper than {PAYLOAD_DEPTH_MAX} levels"),
            Self::Refused(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for ShapeError {}

impl ser::Error for ShapeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Refused(message.to_string())
    }
}

// What tells values of different types apart.
const BOOL: u64 = 1;
const INTEGER: u64 = 2;
const FLOAT: u64 = 3;
const CHARACTER: u64 = 4;
const TEXT: u64 = 5;
const BYTES: u64 = 6;
const NONE: u64 = 7;
const SOME: u64 = 8;
const UNIT: u64 = 9;
const VARIANT: u64 = 10;
const LIST: u64 = 11;
const TUPLE: u64 = 12;
const MAP: u64 = 13;
const STRUCT: u64 = 14;

fn mix(state: u64, value: u64) -> u64 {
    let mixed = (state ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(31)
}

fn mix_bytes(state: u64, bytes: &[u8]) -> u64 {
    let mut state = mix(state, bytes.len() as u64);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = mix(state, u64::from_le_bytes(*word));
    }
    rest.iter().fold(state, |state, &byte| mix(state, u64::from(byte)))
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves of the number")]
fn mix_integer(value: u128) -> u64 {
    mix(mix(mix(0, INTEGER), value as u64), (value >> 64) as u64)
}

#[derive(Clone, Copy)]
struct Shape {
    human_readable: bool,
    depth: u32,
}

impl Shape {
    fn deeper(self) -> Result<Self, ShapeError> {
        if self.depth >= PAYLOAD_DEPTH_MAX {
            return Err(ShapeError::TooDeep);
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }

    fn items(self, start: u64, ordered: bool) -> Result<Items, ShapeError> {
        Ok(Items { shape: self.deeper()?, start, ordered, sum: 0, count: 0, key: 0 })
    }
}

fn variant_start(index: u32, name: &str) -> u64 {
    mix_bytes(mix(mix(0, VARIANT), u64::from(index)), name.as_bytes())
}

/// The items of a list, tuple, map or struct.
struct Items {
    shape: Shape,
    start: u64,
    ordered: bool,
    sum: u64,
    count: u64,
    key: u64,
}

impl Items {
    fn add(&mut self, item: u64) {
        let item = if self.ordered { mix(item, self.count) } else { item };
        self.sum = self.sum.wrapping_add(mix(item, LIST));
        self.count += 1;
    }

    fn add_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ShapeError> {
        let value = value.serialize(self.shape)?;
        self.add(value);
        Ok(())
    }

    fn add_field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), ShapeError> {
        let value = value.serialize(self.shape)?;
        self.add(mix(mix_bytes(STRUCT, name.as_bytes()), value));
        Ok(())
    }

    fn finish(self) -> Result<u64, ShapeError> {
        Ok(mix(mix(self.start, self.count), self.sum))
    }
}

macro_rules! integers {
    ($($method:ident: $type:ty as $wide:ty),*) => {
        $(fn $method(self, value: $type) -> Result<u64, ShapeError> {
            Ok(mix_integer(<$wide>::from(value).cast_unsigned()))
        })*
    };
}

impl Serializer for Shape {
    type Ok = u64;
    type Error = ShapeError;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Items;
    type SerializeStruct = Items;
    type SerializeStructVariant = Items;

    integers! {
        serialize_i8: i8 as i128, serialize_i16: i16 as i128, serialize_i32: i32 as i128, serialize_i64: i64 as i128,
        serialize_i128: i128 as i128, serialize_u8: u8 as i128, serialize_u16: u16 as i128, serialize_u32: u32 as i128,
        serialize_u64: u64 as i128
    }

    fn serialize_u128(self, value: u128) -> Result<u64, ShapeError> {
        Ok(mix_integer(value))
    }

    fn is_human_readable(&self) -> bool {
        self.human_readable
    }

    fn serialize_bool(self, value: bool) -> Result<u64, ShapeError> {
        Ok(mix(mix(0, BOOL), u64::from(value)))
    }

    fn serialize_f32(self, value: f32) -> Result<u64, ShapeError> {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<u64, ShapeError> {
        Ok(mix(mix(0, FLOAT), value.to_bits()))
    }

    fn serialize_char(self, value: char) -> Result<u64, ShapeError> {
        Ok(mix(mix(0, CHARACTER), u64::from(u32::from(value))))
    }

    fn serialize_str(self, value: &str) -> Result<u64, ShapeError> {
        Ok(mix_bytes(mix(0, TEXT), value.as_bytes()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<u64, ShapeError> {
        Ok(mix_bytes(mix(0, BYTES), value))
    }

    fn serialize_none(self) -> Result<u64, ShapeError> {
        Ok(mix(0, NONE))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<u64, ShapeError> {
        Ok(mix(mix(0, SOME), value.serialize(self.deeper()?)?))
    }

    fn serialize_unit(self) -> Result<u64, ShapeError> {
        Ok(mix(0, UNIT))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<u64, ShapeError> {
        Ok(mix(0, UNIT))
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, name: &'static str) -> Result<u64, ShapeError> {
        Ok(variant_start(index, name))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<u64, ShapeError> {
        value.serialize(self.deeper()?)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        name: &'static str,
        value: &T,
    ) -> Result<u64, ShapeError> {
        Ok(mix(variant_start(index, name), value.serialize(self.deeper()?)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, ShapeError> {
        self.items(LIST, false)
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, ShapeError> {
        self.items(TUPLE, true)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items, ShapeError> {
        self.items(TUPLE, true)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        index: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Items, ShapeError> {
        self.items(variant_start(index, name), true)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Items, ShapeError> {
        self.items(MAP, false)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Items, ShapeError> {
        self.items(STRUCT, false)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        index: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Items, ShapeError> {
        self.items(variant_start(index, name), false)
    }
}

macro_rules! value_items {
    ($($access:ident: $method:ident),*) => {
        $(impl ser::$access for Items {
            type Ok = u64;
            type Error = ShapeError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ShapeError> {
                self.add_value(value)
            }

            fn end(self) -> Result<u64, ShapeError> {
                self.finish()
            }
        })*
    };
}

value_items! {
    SerializeSeq: serialize_element, SerializeTuple: serialize_element, SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
}

macro_rules! named_items {
    ($($access:ident),*) => {
        $(impl ser::$access for Items {
            type Ok = u64;
            type Error = ShapeError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), ShapeError> {
                self.add_field(name, value)
            }

            fn end(self) -> Result<u64, ShapeError> {
                self.finish()
            }
        })*
    };
}

named_items!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Items {
    type Ok = u64;
    type Error = ShapeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ShapeError> {
        self.key = key.serialize(self.shape)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ShapeError> {
        let value = value.serialize(self.shape)?;
        self.add(mix(self.key, value));
        Ok(())
    }

    fn end(self) -> Result<u64, ShapeError> {
        self.finish()
    }
}
