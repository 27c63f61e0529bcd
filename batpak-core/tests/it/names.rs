//! Names, ids and the values made of them: what is let in, and in which form it comes back.

use batpak_core::{
    Coordinate, CoreError, Correlation, Entity, EventId, Hash, IdempotencyKey, Kind, NAME_BYTES_MAX, Position, Scope,
    StoreId, Tag, is_system_kind,
};
use proptest::prelude::*;

/// The rule of names as it is written down, without a fast path.
fn keeps_the_rule(name: &str) -> bool {
    (1..=255).contains(&name.len()) && !name.chars().any(char::is_control)
}

#[test]
fn a_name_has_1_to_255_bytes_and_no_control_characters() {
    assert_eq!(Scope::new(""), Err(CoreError::EmptyName { what: "scope" }));
    assert!(Scope::new("a".repeat(NAME_BYTES_MAX)).is_ok());
    let long = "é".repeat(128);
    assert_eq!(Entity::new(&long), Err(CoreError::NameTooLong { what: "entity", bytes: 256 }));
    for control in ['\0', '\n', '\u{7f}', '\u{85}', '\u{9f}'] {
        let name = format!("é{control}x");
        let error = Correlation::new(&name).unwrap_err();
        assert_eq!(error, CoreError::ControlCharacter { what: "correlation", name, at: 2 });
        assert!(!error.to_string().contains(control), "the message must be safe to print: {error}");
    }
    for fine in [" ", "\u{a0}", "a/b", "ключ", "🦇", "*", "a:b"] {
        assert_eq!(Tag::new(fine).unwrap().as_str(), fine);
    }
}

#[test]
fn users_cannot_name_the_kinds_of_the_system() {
    let refused = CoreError::ReservedKind { kind: "batpak.decision".to_owned() };
    assert_eq!(Kind::new("batpak.decision"), Err(refused.clone()));
    assert_eq!("batpak.decision".parse::<Kind>(), Err(refused));
    assert!(Kind::system("batpak.decision").unwrap().is_system());
    assert_eq!(Kind::system("loan.approved"), Err(CoreError::NotSystemKind { kind: "loan.approved".to_owned() }));
    // Only the whole prefix is reserved.
    for free in ["batpak", "batpakx.y", "Batpak.y", "x.batpak.y"] {
        assert!(!is_system_kind(free));
        assert!(!Kind::new(free).unwrap().is_system());
    }
    // What was stored is read back.
    let kind: Kind = serde_json::from_str("\"batpak.decision\"").unwrap();
    assert_eq!(kind, Kind::stored("batpak.decision").unwrap());
    assert!(Kind::stored("a\tb").is_err());
}

#[test]
fn serde_lets_in_nothing_that_the_constructors_refuse() {
    assert_eq!(serde_json::from_str::<Scope>("\"a\"").unwrap(), Scope::new("a").unwrap());
    assert!(serde_json::from_str::<Scope>("\"\"").is_err());
    assert!(serde_json::from_str::<Tag>("\"a\\u0000\"").is_err());
    assert!(serde_json::from_str::<IdempotencyKey>("7").is_err());
    let coordinate = Coordinate::new("billing", "invoice/1").unwrap();
    assert_eq!(coordinate.to_string(), "billing/invoice/1");
    let text = serde_json::to_string(&coordinate).unwrap();
    assert_eq!(text, r#"{"scope":"billing","entity":"invoice/1"}"#);
    assert_eq!(serde_json::from_str::<Coordinate>(&text).unwrap(), coordinate);
    assert_eq!(serde_json::to_string(&Position::new(7)).unwrap(), "7");
}

#[test]
fn a_tag_of_a_pair_gives_the_pair_back() {
    let tag = Tag::pair("room", "a:1").unwrap();
    assert_eq!((tag.as_str(), tag.key(), tag.value()), ("room:a:1", Some("room"), Some("a:1")));
    let free = Tag::new("urgent").unwrap();
    assert_eq!((free.key(), free.value()), (None, None));
    assert_eq!(Tag::pair("a:b", "c"), Err(CoreError::TagKey { key: "a:b".to_owned() }));
    assert_eq!(Tag::pair("", "c"), Err(CoreError::EmptyName { what: "tag key" }));
    assert!(Tag::pair("k", "v".repeat(254)).is_err());
}

#[test]
fn the_nil_id_is_refused_wherever_it_is_read() {
    let nil = EventId::from_bytes([0; 16]);
    assert!(nil.is_nil());
    assert!(nil.to_string().parse::<EventId>().is_err());
    assert!(serde_json::from_str::<EventId>(&format!("\"{nil}\"")).is_err());
    assert!(postcard::from_bytes::<EventId>(&[0; 16]).is_err());
    assert!(postcard::from_bytes::<StoreId>(&[0; 16]).is_err());
}

#[test]
fn an_id_is_text_for_people_and_16_bytes_for_machines() {
    // The example of RFC 9562, appendix A.6.
    let id = EventId::v7(0x017F_22E2_79B0, [0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F]);
    let text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    assert_eq!(id.to_string(), text);
    assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{text}\""));
    assert_eq!(postcard::to_allocvec(&id).unwrap(), id.as_bytes());
    assert_eq!(postcard::from_bytes::<EventId>(id.as_bytes()).unwrap(), id);
    assert_eq!(text.replace('-', "").to_uppercase().parse::<EventId>().unwrap(), id);
    for bad in ["", "017f22e2", &format!("{{{text}}}"), &format!("urn:uuid:{text}"), &text.replace('0', "g")] {
        assert!(bad.parse::<EventId>().is_err(), "{bad}");
    }
    assert_eq!(StoreId::from_random([0xff; 16]).to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

#[test]
fn an_id_from_a_source_is_the_same_everywhere() {
    let scope = Scope::new("billing").unwrap();
    // Golden: SHA-256 over the domain and both parts with their lengths, made by another program.
    assert_eq!(EventId::from_source(&scope, "invoice 42").to_string(), "7133af8b-bc7c-869b-b5a5-74bda15f9199");
    let of = |scope: &str, source: &str| EventId::from_source(&Scope::new(scope).unwrap(), source);
    assert_ne!(of("a", "bc"), of("ab", "c"));
    assert_ne!(of("a", ""), of("a", "a"));
}

#[test]
fn a_hash_is_64_hexadecimal_digits() {
    let hash = Hash::from_bytes([0xab; 32]);
    assert_eq!(hash.to_string(), "ab".repeat(32));
    assert_eq!("AB".repeat(32).parse::<Hash>().unwrap(), hash);
    for bad in ["", "ab", &"g".repeat(64), &"é".repeat(32), &"ab".repeat(33)] {
        assert!(bad.parse::<Hash>().is_err(), "{bad}");
    }
    assert_eq!(postcard::to_allocvec(&hash).unwrap(), [0xab; 32]);
    assert_eq!(serde_json::from_str::<Hash>(&serde_json::to_string(&hash).unwrap()).unwrap(), hash);
}

proptest! {
    #[test]
    fn names_are_let_in_exactly_if_they_keep_the_rule(name in prop_oneof!["\\PC{0,100}", ".{0,100}", any::<String>()]) {
        prop_assert_eq!(Entity::new(&name).is_ok(), keeps_the_rule(&name));
        prop_assert_eq!(batpak_core::name::is_name(&name), keeps_the_rule(&name));
    }

    #[test]
    fn later_ids_sort_later(early in 0u64..1 << 48, late in 0u64..1 << 48, random: [u8; 10], other: [u8; 10]) {
        prop_assume!(early < late);
        let (early, late) = (EventId::v7(early, random), EventId::v7(late, other));
        prop_assert!(early < late);
        prop_assert!(early.to_string() < late.to_string());
        prop_assert_eq!(early.to_string().parse::<EventId>().unwrap(), early);
    }
}
