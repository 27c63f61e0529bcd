//! Precedence against a reference that splits tokens, and text that means harm.

use batpak_core::{Aliases, CoreError, QUERY_BYTES_MAX, SET_DEPTH_MAX, SET_NODES_MAX, Set, SetNode};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::set::set;

const ATOMS: [&str; 3] = ["@", "all()", "joins()"];

/// The same set with every operator in parentheses, or `None` if the tokens are no set: by splitting at the weakest
/// operator first.
fn reference(tokens: &[&str]) -> Option<String> {
    let mut depth = 0_i32;
    for token in tokens {
        depth += match *token {
            "(" => 1,
            ")" => -1,
            _ => 0,
        };
        if depth < 0 {
            return None;
        }
    }
    if depth == 0 { union(tokens) } else { None }
}

/// The places of tokens outside of parentheses.
fn outside<'t>(tokens: &'t [&'t str]) -> impl Iterator<Item = usize> + 't {
    let mut depth = 0;
    tokens.iter().enumerate().filter_map(move |(place, token)| {
        depth += i32::from(*token == "(");
        let is_outside = depth == 0;
        depth -= i32::from(*token == ")");
        is_outside.then_some(place)
    })
}

fn union(tokens: &[&str]) -> Option<String> {
    match outside(tokens).filter(|place| tokens[*place] == "|").last() {
        Some(place) => Some(format!("({} | {})", union(&tokens[..place])?, intersection(&tokens[place + 1..])?)),
        None => intersection(tokens),
    }
}

fn intersection(tokens: &[&str]) -> Option<String> {
    let ends = |token: &str| ATOMS.contains(&token) || [")", "-", "+", "::", ".."].contains(&token);
    let binary = |place: &usize| match tokens[*place] {
        "&" => true,
        "~" => *place > 0 && ends(tokens[*place - 1]),
        _ => false,
    };
    let Some(place) = outside(tokens).filter(binary).last() else { return complement(tokens) };
    let (left, right) = (intersection(&tokens[..place])?, complement(&tokens[place + 1..])?);
    Some(if tokens[place] == "&" { format!("({left} & {right})") } else { format!("({left} & (~{right}))") })
}

fn complement(tokens: &[&str]) -> Option<String> {
    match tokens.split_first() {
        Some((&"~", rest)) => Some(format!("(~{})", complement(rest)?)),
        _ => range(tokens),
    }
}

fn range(tokens: &[&str]) -> Option<String> {
    let places: Vec<usize> = outside(tokens).filter(|place| ["::", ".."].contains(&tokens[*place])).collect();
    let place = match places[..] {
        [] => return neighbours(tokens),
        [place] => place,
        _ => return None,
    };
    let (left, right) = (&tokens[..place], &tokens[place + 1..]);
    Some(match (tokens[place], left.is_empty(), right.is_empty()) {
        (_, true, true) => "all()".to_owned(),
        (_, true, false) => format!("ancestors({})", neighbours(right)?),
        ("::", false, true) => format!("descendants({})", neighbours(left)?),
        (_, false, true) => format!("(~ancestors({}))", neighbours(left)?),
        (operator, false, false) => format!("(({}){operator}({}))", neighbours(left)?, neighbours(right)?),
    })
}

fn neighbours(tokens: &[&str]) -> Option<String> {
    match tokens {
        [inner @ .., "-"] => Some(format!("parents({})", neighbours(inner)?)),
        [inner @ .., "+"] => Some(format!("children({})", neighbours(inner)?)),
        [atom] if ATOMS.contains(atom) => Some((*atom).to_owned()),
        ["(", inner @ .., ")"] if !inner.is_empty() && outside(tokens).next().is_none() => union(inner),
        _ => None,
    }
}

fn token() -> impl Strategy<Value = &'static str> {
    let operators = vec!["(", ")", "-", "+", "::", "..", "~", "~", "&", "|"];
    prop_oneof![2 => prop::sample::select(ATOMS.to_vec()), 3 => prop::sample::select(operators)]
}

/// Tokens that are a set more often than not: an operator after an operand.
fn tokens() -> impl Strategy<Value = Vec<&'static str>> {
    let pieces: Vec<&[&str]> = vec![
        &["@"],
        &["all()"],
        &["joins()"],
        &["@", "&"],
        &["all()", "|"],
        &["@", "~"],
        &["@", "::"],
        &["@", ".."],
        &["~"],
        &["::"],
        &["@", "-"],
        &["@", "+", "|"],
        &["(", "@", "|", "all()", ")"],
        &["(", "@", "::", ")", "&"],
        &["-"],
        &["&"],
        &["(", "~"],
        &["(", "@"],
        &[")"],
    ];
    prop_oneof![vec(token(), 0..10), vec(prop::sample::select(pieces), 0..8).prop_map(|pieces| pieces.concat()),]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn operators_bind_as_in_the_reference(tokens in tokens(), spaces in any::<bool>()) {
        let mut text = String::new();
        for token in &tokens {
            let loose = spaces && ["&", "|"].contains(token);
            text.push_str(&if loose { format!(" {token} ") } else { (*token).to_owned() });
        }
        match reference(&tokens) {
            Some(explicit) => prop_assert_eq!(set(&text), set(&explicit), "{} as {}", text, explicit),
            None => prop_assert!(Set::parse(&text).is_err(), "{}", text),
        }
    }

    #[test]
    fn any_text_gives_a_set_or_an_error(text in any::<String>()) {
        check_total(&text);
    }

    #[test]
    fn text_of_the_right_words_gives_a_set_or_an_error(
        words in vec(prop::sample::select(vec![
            "all()", "kind(", "latest(", "at(", "near(", "twice", "id(", "source(", "ancestors(", "(", ")", "&", "|", "~", ",", "::",
            "..", ":", ".", "-", "+", "@", "1", "a", "a/", "é", " ", "\"", "'", "\\", "regex:", "glob:*", "[", "^", "!", "=", "and ",
            "@3", "99999999999999999999", "\u{0}", "\n",
        ]), 0..24),
    ) {
        check_total(&words.concat());
    }
}

fn check_total(text: &str) {
    let mut aliases = Aliases::new();
    aliases.define("near(x, n)", "ancestors(x, n) | descendants(x, n)").unwrap();
    aliases.define("twice", "1 | 1").unwrap();
    match Set::parse_with(text, &aliases) {
        Ok(found) => {
            assert_eq!(set(&found.to_string()), found, "{text}");
            assert!(height(&found) <= SET_DEPTH_MAX);
        }
        Err(CoreError::Query(error)) => {
            assert!(text.is_char_boundary(error.at), "{error}");
            assert!(error.pointing_into(text).to_string().contains('^'));
        }
        Err(other) => panic!("{other}"),
    }
    let _ = aliases.define(text, "all()");
    let _ = aliases.define("x", text);
    let _ = aliases.define_line(text);
}

fn height(set: &Set) -> usize {
    1 + match &set.node {
        SetNode::Union(members) | SetNode::Intersection(members) => {
            members.iter().map(height).max().unwrap_or_default()
        }
        SetNode::System(of)
        | SetNode::At { of, .. }
        | SetNode::Not(of)
        | SetNode::Parents { of, .. }
        | SetNode::Children { of, .. }
        | SetNode::Ancestors { of, .. }
        | SetNode::Descendants { of, .. }
        | SetNode::Latest { of, .. }
        | SetNode::Earliest { of, .. }
        | SetNode::Apply(_, of)
        | SetNode::Under(_, of) => height(of),
        SetNode::Between(from, to) | SetNode::Range(from, to) => height(from).max(height(to)),
        _ => 0,
    }
}

fn refusal(text: &str) -> String {
    Set::parse(text).expect_err(text.get(..40).unwrap_or(text)).to_string()
}

#[test]
fn deep_nesting_is_refused() {
    let nested = |open: &str, close: &str, depth: usize| format!("{}@{}", open.repeat(depth), close.repeat(depth));
    set(&nested("(", ")", SET_DEPTH_MAX));
    assert!(refusal(&nested("(", ")", SET_DEPTH_MAX + 1)).contains("nested deeper"));
    for (open, close) in [
        ("heads(", ")"),
        ("~", ""),
        ("~ ", ""),
        ("", "-+"),
        ("(::", "-)"),
        ("1&(2|", ")"),
        ("(@::(", "))"),
        ("latest(~(", "))"),
        ("at(1, ", ")"),
    ] {
        let deepest = (1..=SET_DEPTH_MAX).rev().find(|depth| Set::parse(&nested(open, close, *depth)).is_ok()).unwrap();
        assert!(height(&set(&nested(open, close, deepest))) >= SET_DEPTH_MAX / 2, "{open}");
        assert!(refusal(&nested(open, close, SET_DEPTH_MAX)).contains("nested deeper"), "{open}");
        assert!(refusal(&nested(open, close, 1_000)).contains("nested deeper"), "{open}");
        assert!(refusal(&open.repeat(1_000)).len() < 300, "{open}");
    }
}

#[test]
fn long_chains_do_not_nest() {
    let union = vec!["1"; SET_NODES_MAX - 1].join("|");
    let found = set(&union);
    assert!(matches!(&found.node, SetNode::Union(members) if members.len() == SET_NODES_MAX - 1));
    assert_eq!(height(&found), 2);
    assert_eq!(set(&found.to_string()), found);
    assert!(refusal(&vec!["1"; SET_NODES_MAX].join("|")).contains("4096 parts"));

    assert_eq!(height(&set(&vec!["1"; 2_000].join("~"))), 3);
    assert_eq!(set(&format!("1{}", "-".repeat(9_000))).to_string(), "parents(1, 9000)");
    assert!(refusal(&" ".repeat(QUERY_BYTES_MAX + 1)).contains("16385 bytes"));
    assert!(refusal(&"1".repeat(QUERY_BYTES_MAX)).contains("no position"));
    assert!(refusal(&"a".repeat(QUERY_BYTES_MAX)).len() < 500);
}

#[test]
fn many_regular_expressions_are_refused() {
    let many = |count: usize| vec!["kind(regex:a)"; count].join("|");
    set(&many(200));
    assert!(refusal(&many(300)).contains("4096 parts"));
}
