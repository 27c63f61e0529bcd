//! What the parser of sets says about text that is none.

use batpak_core::{CoreError, ParseError, Query, Set};

fn error_of(text: &str) -> ParseError {
    match Set::parse(text) {
        Err(CoreError::Query(error)) => error,
        other => panic!("`{text}` gave {other:?}"),
    }
}

pub fn check_error(text: &str, error: ParseError, at: usize, message: &str, hint: &str) {
    assert!(error.message.contains(message), "`{text}`: {error}");
    assert!(error.hint.clone().unwrap_or_default().contains(hint), "`{text}`: {error}\nhas no hint `{hint}`");
    assert_eq!(error.at, at, "`{text}`: {error}");
}

#[track_caller]
fn check(text: &str, at: usize, message: &str, hint: &str) {
    check_error(text, error_of(text), at, message, hint);
}

#[test]
fn signs_of_other_languages() {
    check("1 and 2", 2, "found `and`", "did you mean `&`?");
    check("1 OR 2", 2, "found `OR`", "did you mean `|`?");
    check("not 1", 0, "unknown name `not`", "did you mean `~`?");
    check("1 & not(2)", 4, "unknown function `not`", "did you mean `~`?");
    check("1 && 2", 3, "found `&`", "did you mean `&`, once?");
    check("1 || 2", 3, "found `|`", "did you mean `|`, once?");
    check("!1", 0, "found `!`", "did you mean `~`?");
    check("@^", 1, "found `^`", "did you mean `-`?");
    check("1 - 2", 2, "found `-`", "`x ~ y` is the difference");
    check("1 + 2", 2, "found `+`", "did you mean `|`?");
    check("-1", 0, "found `-`", "comes after its set, as in `x-`");
    check("kind(a) == 1", 8, "found `=`", "nothing to compare");
    check("1 != 2", 2, "found `!`", "nothing to compare");
    check("1 < 2", 2, "found `<`", "nothing to compare");
    check("kind = a", 4, "expected `(` after `kind`", "`kind(pattern)`: events");
    check("1, 2", 1, "found `,`", "join alternatives with `|`");
    check("loan.*", 0, "unknown name `loan`", "");
    check("* & 1", 0, "found `*`", "kind(glob:");
    check("1 2", 2, "found `2`", "join sets with");
    check("1 (2)", 2, "found `(`", "join sets with");
    check("1(2)", 0, "unknown function `1`", "");
    check("(1) (2)", 4, "found `(`", "join sets with");
}

#[test]
fn colons_and_dots() {
    check("1:2", 1, "`:` is no operator", "did you mean `::`?");
    check("@:", 1, "`:` is no operator", "did you mean `::`?");
    check(":1", 0, "found `:`", "did you mean `::`?");
    check("1:::2", 3, "`:` is no operator", "");
    check("@.", 1, "`.` is no operator", "did you mean `..`?");
    check("1...2", 3, "`.` is no operator", "did you mean `..`?");
    check("1 :: 2", 2, "found `:`", "`::` takes no spaces");
    check("1:: 2", 4, "found `2`", "`::` takes no spaces");
    check("1.. @", 4, "found `@`", "`..` takes no spaces");
    check("1::2::3", 4, "do not chain", "parentheses");
    check("::1::", 3, "do not chain", "parentheses");
    check("1..2..3", 4, "do not chain", "parentheses");
    check("kind:a", 4, "expected `(` after `kind`", "did you mean `kind(a)`?");
    check("heads:1", 5, "expected `(` after `heads`", "`heads(x)`: events");
    check("order:1", 0, "unknown name `order`", "stands in quotes or in a function");
    check("order:1@3", 0, "unknown name `order`", "needs quotes, as in `\"order:1\"@3`");
    check("glob:a*", 0, "unknown name `glob`", "stands in a function, as in `kind(glob:..)`");
}

#[test]
fn names() {
    check("loan.approved", 0, "unknown name `loan.approved`", "`kind(loan.approved)`");
    check("heds", 0, "unknown name `heds`", "did you mean `heads(..)`?");
    check("2024-01-02", 0, "unknown name", "since(2024-01-02)");
    check("0192f3a4", 0, "unknown name", "did you mean `id(0192f3a4)`?");
    check("\"a\"", 0, "a string is not a set", "kind(");
    check("merges()", 0, "unknown function `merges`", "did you mean `joins`?");
    check("fork-point(1)", 0, "unknown function `fork-point`", "did you mean `fork_point`?");
    check("ancestor(1)", 0, "unknown function `ancestor`", "did you mean `ancestors`?");
    check("last(1)", 0, "unknown function `last`", "did you mean `latest`?");
    check("head", 0, "unknown name `head`", "did you mean `heads(..)`?");
    check("99999999999999999999", 0, "no position is that large", "");
}

#[test]
fn revisions() {
    check("@3", 1, "nothing may follow `@`", "entity@revision");
    check("a@", 2, "expected a revision", "entity@3");
    check("a@b", 2, "expected a revision", "entity@3");
    check("a@3b", 2, "expected a revision", "entity@3");
    check("a@99999999999999999999", 2, "no revision is that large", "");
    check("a/b", 3, "expected `@` and a revision", "scope/entity@3");
    check("a/@1", 2, "expected an entity", "");
    check("\"\"@1", 0, "entity is empty", "");
    check("a/\"\"@1", 2, "entity is empty", "");
    check(&format!("\"{}\"@1", "a".repeat(256)), 0, "longer than 255", "");
}

#[test]
fn arguments() {
    check("latest()", 7, "expected a set, found `)`", "latest(x[, count])");
    check("latest(1, 2, 3)", 11, "takes 1 or 2 arguments", "latest(x[, count])");
    check("heads(1, 2)", 7, "`heads(x)` takes one argument", "without a descendant");
    check("joins(1)", 6, "`joins()` takes no arguments", "two or more causes");
    check("since()", 6, "expected a time", "since(time)");
    check("at(1)", 4, "expected `,` and a set", "at(place, x)");
    check("latest(1, x)", 10, "`x` is not a number", "");
    check("parents(1, 4294967296)", 11, "too large", "");
    check("id(xyz)", 3, "`xyz` is not the beginning of an id", "32 hexadecimal digits");
    check("id(\"\")", 3, "not the beginning", "");
    check(&format!("id({})", "a".repeat(33)), 3, "not the beginning", "");
    check("since(\" \")", 6, "the time is empty", "");
    check("source(a, \"\")", 10, "scope is empty", "");
    check("kind(a b)", 7, "expected `)`, found `b`", "kind(\"a b\")");
    check("kind(regex:\"(\")", 11, "bad regular expression", "");
    check("kind(exact:a*)", 12, "wildcards need `glob:`", "");
    check("tag(re\"a\")", 4, "unknown kind of pattern `re`", "regex:");
    check("heads(1", 7, "expected `)`, found the end", "");
    check("heads(1))", 8, "`)` without a `(`", "");
    check("(1", 2, "expected `)`, found the end", "");
    check("1 &", 3, "expected a set, found the end", "");
    check("'a", 0, "string without an end", "");
    check("kind(\"a\\d\")", 8, "unknown escape", "itself");
    check("1 & ()", 5, "expected a set, found `)`", "");
}

#[test]
fn queries_say_what_they_are_not() {
    let check = |text: &str, at: usize, message: &str, hint: &str| match Query::parse(text) {
        Err(CoreError::Query(error)) => check_error(text, error, at, message, hint),
        other => panic!("`{text}` gave {other:?}"),
    };
    const INDEX: &str = "asks for the causal graph; a query is answered by the index alone";
    check("::kind(a)", 0, "`::` is no query", INDEX);
    check("kind(b) | kind(a)::", 10, "`::` is no query", INDEX);
    check("kind(a) & 1..2", 10, "`..` is no query", INDEX);
    check("kind(a)..", 0, "`..` is no query", INDEX);
    check("kind(a)-", 0, "`-` is no query", INDEX);
    check("kind(a) & heads(all())", 10, "`heads` is no query", INDEX);
    check("hb(kind(a))", 0, "`hb` is no query", INDEX);
    check("kind(a) & 17", 10, "position `17` is no query", "by names");
    check("kind(a) & (b@3)", 10, "a revision is no query", "by names");
    check("since(2024-01-01)", 0, "`since` is no query", "asks for times");
    check("system(latest(all()))", 7, "`latest` is no query", "counts events");
}

#[test]
fn a_fault_is_shown_in_its_line() {
    let text = "kind(a)\n  & \"é\"@2 ^";
    let shown = error_of(text).pointing_into(text).to_string();
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[1], "    & \"é\"@2 ^");
    assert_eq!(lines[2], "            ^");
    assert!(lines[3].contains("did you mean `-`?"), "{shown}");
}
