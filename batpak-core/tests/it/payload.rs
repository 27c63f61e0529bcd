//! Typed payloads: whatever is accepted can be read back as itself; the rest is refused with a reason.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Debug;

use batpak_core::{
    Codec, Coordinate, CoreError, Draft, Kind, PAYLOAD_BYTES_MAX, decode_json, decode_postcard, encode_json,
    encode_postcard,
};
use proptest::prelude::*;
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What must become of a value: it comes back, or it is refused for a reason that holds this text.
#[derive(Clone, Copy)]
enum Fate {
    Back,
    Refused(&'static str),
}
use Fate::{Back, Refused};

#[track_caller]
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T, json: Fate, postcard: Fate) {
    check_codec(&value, Codec::JSON, json, encode_json(&value), decode_json);
    check_codec(&value, Codec::POSTCARD, postcard, encode_postcard(&value), decode_postcard);
}

#[track_caller]
fn check_codec<T: PartialEq + Debug>(
    value: &T,
    codec: Codec,
    fate: Fate,
    encoded: Result<Vec<u8>, CoreError>,
    decode: impl Fn(&[u8]) -> Result<T, CoreError>,
) {
    match (fate, encoded) {
        (Back, Ok(bytes)) => assert_eq!(&decode(&bytes).unwrap(), value, "{codec}"),
        (Refused(wanted), Err(CoreError::NotEncodable { reason, .. } | CoreError::NotReadable { reason, .. })) => {
            assert!(reason.contains(wanted), "{codec}: `{reason}` does not say `{wanted}`");
        }
        (Back, Err(error)) => panic!("{value:?} should be accepted: {error}"),
        (Refused(_), other) => panic!("{value:?} should be refused by {codec}: {other:?}"),
    }
}

const DIFFERENT: Fate = Refused("comes back as a different value");

/// Bytes that are written as bytes and read as nothing else.
#[derive(Debug, PartialEq)]
struct Blob(Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Blob;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Blob, E> {
                Ok(Blob(bytes.to_vec()))
            }
        }
        deserializer.deserialize_byte_buf(Bytes)
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat<T> {
    name: String,
    #[serde(flatten)]
    rest: BTreeMap<String, T>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum External {
    Unit,
    One(u8),
    Two(u8, String),
    Named { a: Option<u8>, b: Vec<External> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Internal<T> {
    Named { a: T },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u8),
    Text(String),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Skipping {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    a: Option<u8>,
    b: Option<u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Chain(Option<Box<Chain>>);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Link {
    next: Option<Box<Link>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum List {
    End,
    Next(Box<List>),
}

fn link(levels: usize) -> Link {
    (1..levels).fold(Link { next: None }, |link, _| Link { next: Some(Box::new(link)) })
}

#[test]
fn large_integers_come_back_or_are_refused() {
    check(u128::MAX, Back, Back);
    check(i128::MIN, Back, Back);
    check(vec![Some(u128::MAX)], Back, Back);
    let flat = |value: u128| Flat { name: "n".into(), rest: [("a".into(), value)].into() };
    check(flat(7), Refused("u128 is not supported"), Refused(""));
    check(Internal::Named { a: u128::MAX }, Refused("u128 is not supported"), Refused(""));
}

#[test]
fn byte_strings_come_back_or_are_refused() {
    check(Blob(vec![0, 255]), Refused("invalid type: sequence, expected bytes"), Back);
    check(vec![0u8, 255], Back, Back);
    check(Some(Blob(Vec::new())), Refused("expected bytes"), Back);
}

#[test]
fn maps_come_back_whatever_their_keys_or_are_refused() {
    check(BTreeMap::from([(1u32, "a".to_owned()), (2, "b".to_owned())]), Back, Back);
    check(BTreeMap::from([(-1i64, true)]), Back, Back);
    check(BTreeMap::from([(u128::MAX, ())]), Back, Back);
    check(BTreeMap::from([(true, 1)]), Back, Back);
    check(BTreeMap::from([((1, 2), 3)]), Refused("key must be a string"), Back);
    check(BTreeMap::from([(Some(1), 1)]), Back, Back);
    check(BTreeMap::from([(None::<u8>, 1)]), Refused("key must be a string"), Back);
    check(Internal::Named { a: BTreeMap::from([(1u32, 2u32)]) }, Refused("invalid type: string"), Refused(""));
    check(Flat { name: "n".into(), rest: [("name".into(), 1)].into() }, Refused("duplicate field"), Refused(""));
    let many: HashMap<u32, String> = (0..1000).map(|number| (number, number.to_string())).collect();
    check(many.keys().copied().collect::<HashSet<u32>>(), Back, Back);
    check(many, Back, Back);
}

#[test]
fn numbers_that_are_none_come_back_or_are_refused() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Float<T>(T);
    impl PartialEq for Float<f64> {
        fn eq(&self, other: &Self) -> bool {
            self.0.to_bits() == other.0.to_bits()
        }
    }
    impl PartialEq for Float<Option<f64>> {
        fn eq(&self, other: &Self) -> bool {
            self.0.map(f64::to_bits) == other.0.map(f64::to_bits)
        }
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        check(Float(value), Refused("invalid type: null"), Back);
        // JSON writes null, which reads back without complaint, as nothing.
        check(Float(Some(value)), DIFFERENT, Back);
    }
    check(Float(-0.0), Back, Back);
    check(Float(f64::MIN_POSITIVE / 3.0), Back, Back);
    check(f32::MAX, Back, Back);
}

#[test]
fn options_and_units_come_back_or_are_refused() {
    check(Some(None::<u8>), DIFFERENT, Back);
    check(Some(Some(1u8)), Back, Back);
    check(Some(()), DIFFERENT, Back);
    check((), Back, Back);
    check(vec![None, Some("a".to_owned())], Back, Back);
}

#[test]
fn enums_come_back_or_are_refused() {
    check(External::Unit, Back, Back);
    check(External::One(1), Back, Back);
    check(External::Two(1, "a".into()), Back, Back);
    check(External::Named { a: Some(1), b: vec![External::Named { a: None, b: Vec::new() }] }, Back, Back);
    check(Internal::Named { a: 1 }, Back, Refused(""));
    check(Untagged::Number(1), Back, Refused(""));
    check(Untagged::Text("1".into()), Back, Refused(""));
    check(Skipping { a: Some(1), b: Some(2) }, Back, Back);
    check(Skipping { a: None, b: Some(2) }, Back, Refused(""));
    check(serde_json::json!({"a": [1, -2, 0.5, null, "x", true]}), Back, Refused(""));
    check(Ok::<u8, String>(1), Back, Back);
}

#[test]
fn nesting_comes_back_or_is_refused() {
    check(link(100), Back, Back);
    check(link(127), Back, Back);
    check(link(128), Refused("recursion limit"), Back);
    check(link(129), Refused("nested deeper than 256 levels"), Refused("nested deeper than 256 levels"));
    check(link(5000), Refused("nested deeper than 256 levels"), Refused("nested deeper than 256 levels"));
    let list = |levels| (0..levels).fold(List::End, |list, _| List::Next(Box::new(list)));
    check(list(100), Back, Back);
    check(list(5000), Refused("nested"), Refused("nested"));
    let chain = |levels| (0..levels).fold(Chain(None), |chain, _| Chain(Some(Box::new(chain))));
    // A chain of newtypes is nothing but `null` in JSON.
    check(chain(100), DIFFERENT, Back);
    check(chain(5000), Refused("nested"), Refused("nested"));
}

#[test]
fn a_payload_that_is_too_large_is_refused() {
    let large = "a".repeat(PAYLOAD_BYTES_MAX);
    let bytes = PAYLOAD_BYTES_MAX + 2;
    assert_eq!(encode_json(&large), Err(CoreError::PayloadTooLarge { bytes }));
    assert!(matches!(encode_postcard(&large), Err(CoreError::PayloadTooLarge { .. })));
}

#[test]
fn a_draft_of_a_value_that_would_not_come_back_is_refused() {
    let coordinate = Coordinate::new("s", "e").unwrap();
    let kind = Kind::new("k").unwrap();
    let refused = Draft::json(coordinate.clone(), kind.clone(), &f64::NAN).unwrap_err();
    assert!(matches!(refused, CoreError::NotReadable { codec: Codec::JSON, .. }));
    assert!(refused.to_string().starts_with("payload could not be read back from json: "), "{refused}");
    let draft = Draft::postcard(coordinate, kind, &f64::NAN).unwrap();
    assert_eq!(draft.codec, Codec::POSTCARD);
    assert!(decode_postcard::<f64>(&draft.payload).unwrap().is_nan());
}

#[test]
fn hostile_bytes_neither_end_the_stack_nor_spin_nor_take_the_memory() {
    let refused = |result: Result<(), CoreError>, wanted: &str| {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    };
    let deep = vec![1; 1 << 20];
    refused(decode_postcard::<List>(&deep).map(drop), "nested too deep");
    refused(decode_postcard::<Link>(&deep).map(drop), "nested too deep");
    refused(decode_postcard::<Chain>(&deep).map(drop), "nested too deep");
    refused(decode_json::<Vec<serde_json::Value>>(&vec![b'['; 1 << 20]).map(drop), "recursion limit");
    // A length of 2^63 before nothing: of items without bytes, with bytes, of text, and of lists in lists.
    let endless = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01];
    refused(decode_postcard::<Vec<()>>(&endless).map(drop), "too many items");
    refused(decode_postcard::<HashSet<()>>(&endless).map(drop), "too many items");
    refused(decode_postcard::<Vec<u64>>(&endless).map(drop), "end of");
    refused(decode_postcard::<HashMap<u64, u64>>(&endless).map(drop), "end of");
    refused(decode_postcard::<String>(&endless).map(drop), "end of");
    refused(decode_postcard::<Vec<Vec<()>>>(&endless.repeat(2)).map(drop), "too many items");
    refused(decode_postcard::<u8>(&[1, 2]).map(drop), "1 bytes are left over");
    refused(decode_json::<u8>(b"1 2").map(drop), "trailing");
}

proptest! {
    #[test]
    fn every_number_comes_back_from_json(bits: u64) {
        let value = f64::from_bits(bits);
        prop_assume!(value.is_finite());
        let back: f64 = decode_json(&encode_json(&value).unwrap()).unwrap();
        prop_assert_eq!(back.to_bits(), bits);
    }

    #[test]
    fn plain_values_always_come_back(
        value: (u64, i128, String, Option<bool>, char),
        list: Vec<(u8, String)>,
        map in prop::collection::hash_map(".*", any::<Option<i64>>(), 0..20),
    ) {
        let value = (value, list, map);
        prop_assert_eq!(&decode_json::<((u64, i128, String, Option<bool>, char), Vec<(u8, String)>, HashMap<String, Option<i64>>)>(&encode_json(&value).unwrap()).unwrap(), &value);
        prop_assert_eq!(&decode_postcard::<((u64, i128, String, Option<bool>, char), Vec<(u8, String)>, HashMap<String, Option<i64>>)>(&encode_postcard(&value).unwrap()).unwrap(), &value);
    }

    #[test]
    fn hostile_bytes_are_a_value_or_an_error(bytes: Vec<u8>) {
        // Whatever reads, writes and reads again as the same.
        if let Ok(value) = decode_postcard::<(External, BTreeMap<u8, Option<String>>)>(&bytes) {
            let again = encode_postcard(&value).unwrap();
            prop_assert_eq!(decode_postcard::<(External, BTreeMap<u8, Option<String>>)>(&again).unwrap(), value);
        }
        let _ = decode_json::<serde_json::Value>(&bytes);
    }
}
