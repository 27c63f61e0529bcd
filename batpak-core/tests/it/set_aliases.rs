//! Aliases: what they stand for, and what is refused.

use batpak_core::{Aliases, CoreError, ParseError, SET_DEPTH_MAX, Set, SetNode};

use crate::set::set;
use crate::set_errors::check_error;

fn aliases(lines: &[&str]) -> Aliases {
    let mut aliases = Aliases::new();
    for line in lines {
        aliases.define_line(line).unwrap_or_else(|error| panic!("`{line}`: {error}"));
    }
    aliases
}

fn sample() -> Aliases {
    aliases(&[
        "refused = kind(glob:*.refused) | kind(refused)",
        "mine = scope(bank) & refused",
        "by(who) = tag(who) | entity(prefix:who)",
        "near(x, steps) = ancestors(x, steps) | descendants(x, steps)",
        "twice-removed(x) = x-- | x++",
        "fresh(t) = since(t)",
        "of(name, where) = source(name, where)",
        "begun(i) = id(i)",
        "none-at-all() = none()",
        "before-then(p, x) = at(p, x)",
        "literal = kind(\"refused\")",
    ])
}

#[track_caller]
fn same(text: &str, expected: &str) {
    let found = Set::parse_with(text, &sample()).unwrap_or_else(|error| panic!("`{text}`: {error}"));
    assert_eq!(found, set(expected), "{text}");
}

#[test]
fn an_alias_is_what_it_stands_for() {
    same("refused", "kind(glob:*.refused) | kind(refused)");
    same("~refused", "~(kind(glob:*.refused) | kind(refused))");
    same("refused-", "(kind(glob:*.refused) | kind(refused))-");
    same("::refused & 1", "::(kind(glob:*.refused) | kind(refused)) & 1");
    same("mine::1", "(scope(bank) & (kind(glob:*.refused) | kind(refused)))::1");
    same("none-at-all()", "none()");
    same("literal", "kind(refused)");
    // A name in a pattern is a name.
    same("kind(refused)", "kind(\"refused\")");
}

#[test]
fn an_argument_is_read_as_what_is_wanted() {
    same("near(1|2, 3)", "ancestors(1|2, 3) | descendants(1|2, 3)");
    same(
        "near(near(1, 2), 3)",
        "ancestors(ancestors(1, 2) | descendants(1, 2), 3) | descendants(ancestors(1, 2) | descendants(1, 2), 3)",
    );
    let mine = "scope(bank) & (kind(glob:*.refused) | kind(refused))";
    same("near( mine , 3 , )", &format!("ancestors({mine}, 3) | descendants({mine}, 3)"));
    same("by(alice)", "tag(alice) | entity(prefix:alice)");
    same("by(\"a, b)\")", "tag(\"a, b)\") | entity(prefix:\"a, b)\")");
    same("twice-removed(1 | 2)", "(1|2)-- | (1|2)++");
    same("fresh(2024-01-01)", "since(2024-01-01)");
    same("of(\"row 1\", bank)", "source(\"row 1\", bank)");
    same("begun(0192-AB)", "id(0192ab)");
    same("before-then(17, refused)", "at(17, kind(glob:*.refused) | kind(refused))");
}

#[test]
fn what_an_alias_stands_for_is_placed_at_its_use() {
    let found = Set::parse_with("1 | near(@ | 2, 3)", &sample()).unwrap();
    let SetNode::Union(members) = found.node else { panic!() };
    assert_eq!(members.iter().map(|member| member.at).collect::<Vec<_>>(), [0, 4, 4]);
    let SetNode::Ancestors { of, .. } = &members[1].node else { panic!() };
    // An argument stands in the text itself.
    assert_eq!(of.at, 9);
}

#[track_caller]
fn check(lines: &[&str], text: &str, at: usize, message: &str, hint: &str) {
    match Set::parse_with(text, &aliases(lines)) {
        Err(CoreError::Query(error)) => check_error(text, error, at, message, hint),
        other => panic!("`{text}` gave {other:?}"),
    }
}

#[test]
fn a_fault_in_a_definition_is_shown_at_its_use() {
    let lines = &["a = 1 | b", "b = kinds(x)", "f(x) = x & lates(x)", "g(x) = latest(1, x)", "h(x) = heads(x)"];
    check(lines, "1 | b", 4, "in alias `b`: unknown function `kinds`", "did you mean `kind`?; `b` is `kinds(x)`");
    check(lines, "1 | a", 4, "in alias `a`: in alias `b`: unknown function", "`b` is `kinds(x)`");
    check(lines, "~f(1)", 1, "in alias `f`: unknown function `lates`", "`f` is `x & lates(x)`");
    // What is wrong in an argument is wrong in the text.
    check(lines, "1 | h(2 & zzz)", 10, "unknown name `zzz`", "");
    check(lines, "1 | h(h(2 & zzz))", 12, "unknown name `zzz`", "");
    check(lines, "g(many)", 0, "in alias `g`: `many` is not a number", "`g` is");
    check(lines, "h(1 2)", 4, "expected an operator or the end", "");
}

#[test]
fn uses_that_do_not_fit_are_refused() {
    let lines = &["a = 1", "f(x) = x", "g(x, y) = x | y", "n() = 1"];
    check(lines, "a(1)", 1, "alias `a` takes no parentheses", "");
    check(lines, "f", 1, "alias `f(x)` takes one argument", "");
    check(lines, "f()", 1, "alias `f(x)` takes one argument, not 0", "");
    check(lines, "g(1, 2, 3)", 1, "alias `g(x, y)` takes 2 arguments, not 3", "");
    check(lines, "n(1)", 1, "alias `n()` takes no arguments, not 1", "");
    check(lines, "g(1, , 2)", 5, "expected an argument", "");
    check(lines, "f((1)", 5, "expected `)`", "");
    check(lines, "aa", 0, "unknown name `aa`", "");
    check(&["refused = 1"], "refusd", 0, "unknown name `refusd`", "did you mean `refused`?");
    check(&["refused(x) = x"], "refusd(1)", 0, "unknown function `refusd`", "did you mean `refused`?");
}

#[test]
fn an_alias_cannot_stand_for_itself() {
    check(&["a = 1 | a"], "2 | a", 4, "alias `a` stands for itself: `a` → `a`", "`a` is `1 | a`");
    check(&["a = b", "b = ~c", "c = a"], "a", 0, "alias `a` stands for itself: `a` → `b` → `c` → `a`", "`c` is `a`");
    check(&["f(x) = f(x-)"], "f(1)", 0, "alias `f` stands for itself", "");
    // An argument is not in the definition.
    let f = aliases(&["f(x) = x- | 1"]);
    assert_eq!(Set::parse_with("f(f(2))", &f).unwrap(), set("(2- | 1)- | 1"));
}

#[test]
fn what_grows_without_end_is_refused() {
    let mut bomb = Aliases::new();
    bomb.define("a0", "1 | 1").unwrap();
    bomb.define("f0(x)", "x & (x | x)").unwrap();
    for level in 1..60 {
        bomb.define(&format!("a{level}"), &format!("a{0} | a{0}", level - 1)).unwrap();
        bomb.define(&format!("f{level}(x)"), &format!("f{0}(x) | f{0}(x)", level - 1)).unwrap();
    }
    Set::parse_with("a9", &bomb).unwrap();
    let refusal = |text: &str, aliases: &Aliases| Set::parse_with(text, aliases).unwrap_err().to_string();
    assert!(refusal("a59", &bomb).contains("4096 parts"));
    assert!(refusal("f20(1)", &bomb).contains("4096 parts"));
    assert!(refusal("f59(1)", &bomb).contains("nested deeper"));
    let nested = format!("{}1{}", "f0(".repeat(25), ")".repeat(25));
    assert!(refusal(&nested, &bomb).contains("4096 parts"));

    let mut chain = Aliases::new();
    chain.define("a0", "1").unwrap();
    for level in 1..200 {
        chain.define(&format!("a{level}"), &format!("a{}", level - 1)).unwrap();
    }
    Set::parse_with(&format!("a{}", SET_DEPTH_MAX - 1), &chain).unwrap();
    assert!(refusal("a199", &chain).contains("nested deeper"));

    let long = aliases(&[&format!("a = 1 |{} 1", " ".repeat(16_000)), "b = a | a | a | a", "c = b | b | b | b | b"]);
    assert!(refusal("c", &long).contains("4096 parts"));
}

#[test]
fn definitions_that_are_none_are_refused() {
    let define = |declaration: &str, expression: &str| -> ParseError {
        match Aliases::new().define(declaration, expression) {
            Err(CoreError::Query(error)) => error,
            other => panic!("`{declaration}` gave {other:?}"),
        }
    };
    let check = |declaration: &str, expression: &str, at: usize, message: &str| {
        check_error(declaration, define(declaration, expression), at, message, "");
    };
    check("kind", "1", 0, "alias `kind`: the language has a function of this name");
    check("heads(x)", "1", 0, "alias `heads`: the language has a function");
    check("173", "1", 0, "`173` is a position");
    check("", "1", 0, "expected a name");
    check("a b", "1", 2, "expected the end of the declaration");
    check("a(x", "1", 3, "expected `,` or `)`, found the end");
    check("a(x, x)", "1", 5, "alias `a`: parameter `x` stands there twice");
    check("a(x, \"y\")", "1", 5, "expected a parameter");
    check("a", "", 0, "alias `a`: the expression is empty");
    check("a", "1 | | 2", 4, "alias `a`: expected a set, found `|`");
    check("a(x)", "kind(x", 6, "alias `a`: expected `)`");
    check("a", "other(1, (2)", 12, "alias `a`: expected `)`");
    check("a", &"1".repeat(17 << 10), 16 << 10, "alias `a`: 17408 bytes are more than");

    let line = |text: &str| Aliases::new().define_line(text).unwrap_err();
    let CoreError::Query(error) = line("a = 1 ^ 2") else { panic!() };
    check_error("a = 1 ^ 2", error, 6, "found `^`", "`x-`");
    let CoreError::Query(error) = line("a 1") else { panic!() };
    check_error("a 1", error, 3, "expected `=`", "name = expression");
}

#[test]
fn the_last_definition_counts() {
    let aliases = aliases(&["a = 1", "a(x) = x", "a = 2"]);
    assert_eq!(Set::parse_with("a", &aliases).unwrap(), set("2"));
}
