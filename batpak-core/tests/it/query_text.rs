//! The text form of queries: what it reads, what it refuses and how it says so.

use batpak_core::query::{Pattern, Query, QueryItem, Term};
use batpak_core::{CoreError, ParseError, QUERY_ITEMS_MAX};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::query::{event, field};

pub fn pattern() -> impl Strategy<Value = Pattern> {
    let text = prop_oneof![any::<String>(), "[a-z:]{0,8}", "(glob|prefix|exact|regex):[a-z]{0,2}", "[\"\\\\*?]{0,4}"];
    let named = (text, 0..3).prop_map(|(text, shape)| match shape {
        0 => Pattern::exact(text),
        1 => Pattern::prefix(text),
        _ => Pattern::glob(text),
    });
    let regex = "\\^?[a-z.]{0,6}( |\\\\\"|\\\\\\.)?".prop_map(|text| Pattern::regex(text).unwrap());
    prop_oneof![6 => named, 1 => regex]
}

pub fn query() -> impl Strategy<Value = Query> {
    let term = (field(), pattern()).prop_map(|(field, pattern)| Term { field, pattern });
    let item = (vec(term, 0..4), any::<bool>()).prop_map(|(terms, system)| QueryItem { terms, system });
    vec(item, 0..4).prop_map(|items| Query { items })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn printed_queries_parse_back(query in query()) {
        let text = query.to_string();
        prop_assert_eq!(Query::parse(&text).unwrap(), query.clone(), "{}", &text);
        prop_assert!(!text.contains(char::is_control));
        let json = serde_json::to_string(&query).unwrap();
        prop_assert_eq!(serde_json::from_str::<Query>(&json).unwrap(), query);
    }

    #[test]
    fn any_text_gives_a_query_or_an_error(text in any::<String>()) {
        check_total(&text);
    }

    #[test]
    fn text_of_the_right_words_gives_a_query_or_an_error(
        words in vec(prop::sample::select(vec![
            "all", "none", "kind", "tag", "system", "(", ")", "()", "&", "|", "~", ",", "a", "glob:", "prefix:", "exact:", "\"",
            "\\", "\\u{", "}", "*", "é", " ", "kind(a)",
        ]), 0..24),
    ) {
        check_total(&words.concat());
    }

    #[test]
    fn both_and_either_are_and_and_or(left in query(), right in query(), event in event()) {
        let either = left.clone().or(right.clone());
        prop_assert_eq!(either.matches(&event), left.matches(&event) || right.matches(&event));
        let both = left.clone().and(&right).unwrap();
        let (left, right) = (left.matches(&event), right.matches(&event));
        if event.kind.is_system() {
            prop_assert!(both.matches(&event) || !(left && right));
        } else {
            prop_assert_eq!(both.matches(&event), left && right);
        }
    }
}

fn check_total(text: &str) {
    match Query::parse(text) {
        Ok(query) => assert_eq!(Query::parse(&query.to_string()).unwrap(), query),
        Err(CoreError::Query(error)) => assert!(text.is_char_boundary(error.at), "{error}"),
        Err(other) => panic!("{other}"),
    }
}

fn error_of(text: &str) -> ParseError {
    match Query::parse(text) {
        Err(CoreError::Query(error)) => error,
        other => panic!("`{text}` gave {other:?}"),
    }
}

fn check_error(text: &str, at: usize, message: &str, hint: &str) {
    let error = error_of(text);
    assert_eq!(error.at, at, "`{text}`: {error}");
    assert!(error.message.contains(message), "`{text}`: {error}");
    assert!(error.hint.unwrap_or_default().contains(hint), "`{text}`: no hint `{hint}`");
}

#[test]
fn errors_name_the_place_and_what_may_be_meant() {
    check_error("", 0, "is empty", "all()");
    check_error("  ", 2, "is empty", "all()");
    check_error("kinds(a)", 0, "unknown function `kinds`", "did you mean `kind`?");
    check_error("all() & entty(x)", 8, "unknown function `entty`", "did you mean `entity`?");
    check_error("corr(x)", 0, "unknown function `corr`", "did you mean `correlation`?");
    check_error("zzzzzz(all())", 0, "unknown function `zzzzzz`", "the functions are all,");
    check_error("kind", 4, "expected `(` after `kind`", "");
    check_error("kind(a", 6, "expected `)`", "");
    check_error("kind(", 5, "expected a pattern", "");
    check_error("kind()", 5, "expected a pattern, found `)`", "");
    check_error("kind(a, b)", 6, "expected `)`, found `,`", "join alternatives with `|`");
    check_error("kind(loan.*)", 10, "wildcards need `glob:`", "glob:");
    check_error("tag(resource:\"112\")", 4, "unknown kind of pattern `resource:`", "prefix:");
    check_error("tag(\"112)", 4, "string without an end", "");
    check_error("tag(\"a\\x\")", 7, "unknown escape", "known");
    check_error("~kind(a)", 0, "`~` is no query", "not `~`");
    check_error("kind(a) ~ tag(b)", 8, "`~` is no query", "not `~`");
    check_error("kind(a) kind(b)", 8, "expected an operator or the end", "join sets");
    check_error("kind(a) &", 9, "found the end", "");
    check_error("all(x)", 4, "expected `)`", "");
    check_error("(all()", 6, "expected `)`", "");
    check_error("é", 0, "unknown name `é`", "kind(é)");
}

#[test]
fn words_need_no_quotes() {
    let parsed = |text: &str| Query::parse(text).unwrap();
    assert_eq!(parsed("tag(resource:112)"), Query::from(QueryItem::new().tag("resource:112")));
    assert_eq!(parsed("entity(173688)"), Query::from(QueryItem::new().entity("173688")));
    assert_eq!(
        parsed("kind(A_Create-Application/x@1.0+2#3=4)"),
        Query::from(QueryItem::new().kind("A_Create-Application/x@1.0+2#3=4"))
    );
    assert_eq!(parsed("kind(glob:A_*)"), Query::from(QueryItem::new().kind(Pattern::glob("A_*"))));
    assert_eq!(parsed("kind(glob:\"A *\")"), Query::from(QueryItem::new().kind(Pattern::glob("A *"))));
    assert_eq!(parsed("kind( prefix:order )"), Query::from(QueryItem::new().kind(Pattern::prefix("order"))));
    assert_eq!(parsed("kind(exact:glob:x)"), Query::from(QueryItem::new().kind("glob:x")));
    assert_eq!(parsed("kind(\"glob:x\")"), Query::from(QueryItem::new().kind("glob:x")));
    assert_eq!(parsed("kind(\"a\\u{e9}\\\"\\\\\\n\")"), Query::from(QueryItem::new().kind("aé\"\\\n")));
    let union = Query::any([QueryItem::new().kind("a").tag("b"), QueryItem::new().scope("c").correlation("d")]);
    assert_eq!(parsed("kind(a)&tag(b) | (scope(c) & correlation(d))"), union);
    assert_eq!(union.to_string(), "kind(a) & tag(b) | scope(c) & correlation(d)");
}

#[test]
fn what_is_too_much_is_refused() {
    let nested = |depth| format!("{}all(){}", "(".repeat(depth), ")".repeat(depth));
    Query::parse(&nested(64)).unwrap();
    assert!(error_of(&nested(65)).message.contains("nested deeper"));
    assert!(error_of(&"(".repeat(16 << 10)).message.contains("nested deeper"));
    assert!(error_of(&"system(".repeat(2_000)).message.contains("nested deeper"));

    let union = |count: usize| vec!["kind(a)"; count].join("|");
    Query::parse(&union(QUERY_ITEMS_MAX)).unwrap();
    assert!(error_of(&union(QUERY_ITEMS_MAX + 1)).message.contains("alternatives"));
    let product = |left, right| format!("({}) & ({})", union(left), union(right));
    assert_eq!(Query::parse(&product(8, 8)).unwrap().items.len(), 64);
    assert!(error_of(&product(8, 9)).message.contains("72 alternatives"));

    let chain = |count: usize| vec!["kind(a)"; count].join("&");
    Query::parse(&chain(64)).unwrap();
    assert!(error_of(&chain(65)).message.contains("65 terms"));
    assert!(error_of(&" ".repeat((16 << 10) + 1)).message.contains("16385 bytes"));

    let many = Query::any(vec![QueryItem::new(); 65]);
    assert!(many.check().is_err() && many.clone().and(&many).is_err());
    assert!(Query::from(QueryItem::new().kind("x".repeat(17 << 10))).check().is_err());
    Query::all().check().unwrap();
}

#[test]
fn a_long_chain_over_many_alternatives_is_quick() {
    let text = format!("({}){}", vec!["kind(a)"; 64].join("|"), " & all()".repeat(1_900));
    assert_eq!(Query::parse(&text).unwrap().items.len(), 64);
}
