//! Sets aside what only a test build compiles, so that the rules for shipped code judge shipped code.

use super::token::Token;

/// A file's tokens outside tests, and the modules it declares for tests alone.
#[derive(Debug, Default)]
pub struct Shipped<'a> {
    pub tokens: Vec<Token<'a>>,
    pub test_modules: Vec<&'a str>,
}

/// Drops every item under `#[test]` or a `cfg` that only holds in tests.
pub fn shipped<'a>(tokens: &[Token<'a>]) -> Shipped<'a> {
    let mut kept = Shipped::default();
    let mut rest = tokens;
    while let Some((token, after)) = rest.split_first() {
        let Some((attribute, after_attribute)) = attribute(rest) else {
            kept.tokens.push(*token);
            rest = after;
            continue;
        };
        if !only_in_tests(attribute) {
            kept.tokens.push(*token);
            rest = after;
        } else if after.first().is_some_and(|next| next.is_mark('!')) {
            // `#![cfg(test)]`: nothing of this file is shipped.
            return Shipped::default();
        } else {
            let item = after_attributes(after_attribute);
            if let Some(name) = declared_module(item) {
                kept.test_modules.push(name);
            }
            rest = after_item(item);
        }
    }
    kept
}

/// Splits `#[inside] rest` or `#![inside] rest`.
fn attribute<'a, 't>(tokens: &'t [Token<'a>]) -> Option<(&'t [Token<'a>], &'t [Token<'a>])> {
    let inside = match tokens {
        [hash, open, rest @ ..] if hash.is_mark('#') && open.is_mark('[') => rest,
        [hash, bang, open, rest @ ..] if hash.is_mark('#') && bang.is_mark('!') && open.is_mark('[') => rest,
        _ => return None,
    };
    let mut depth = 1_usize;
    let end = inside.iter().position(|token| {
        depth += usize::from(token.is_mark('['));
        depth -= usize::from(token.is_mark(']'));
        depth == 0
    })?;
    let (inside, close) = inside.split_at_checked(end)?;
    Some((inside, close.get(1..)?))
}

fn only_in_tests(attribute: &[Token<'_>]) -> bool {
    match attribute {
        [word] => word.is_word("test"),
        [cfg, open, predicate @ ..] if cfg.is_word("cfg") && open.is_mark('(') => implies_test(predicate),
        _ => false,
    }
}

/// Whether a `cfg` predicate can only hold when `test` does.
fn implies_test(predicate: &[Token<'_>]) -> bool {
    match predicate {
        [all, open, inside @ ..] if all.is_word("all") && open.is_mark('(') => {
            arguments(inside).into_iter().any(implies_test)
        }
        [any, open, inside @ ..] if any.is_word("any") && open.is_mark('(') => {
            arguments(inside).into_iter().all(implies_test)
        }
        [word, rest @ ..] => word.is_word("test") && rest.first().is_none_or(|t| t.is_mark(')')),
        [] => false,
    }
}

/// The arguments up to the parenthesis that closes the list.
fn arguments<'a, 't>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (place, token) in tokens.iter().enumerate() {
        let closes = token.is_mark(')') && depth == 0;
        if closes || (token.is_mark(',') && depth == 0) {
            found.extend(tokens.get(start..place).filter(|argument| !argument.is_empty()));
            start = place + 1;
        }
        if closes {
            break;
        }
        depth += usize::from(token.is_mark('('));
        depth -= usize::from(token.is_mark(')'));
    }
    found
}

fn after_attributes<'a, 't>(mut tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    while let Some((_, rest)) = attribute(tokens) {
        tokens = rest;
    }
    tokens
}

/// The name in `mod name;`, whatever its visibility.
fn declared_module<'a>(item: &[Token<'a>]) -> Option<&'a str> {
    let place = item.iter().take_while(|token| !token.is_mark(';') && !token.is_mark('{'));
    let words: Vec<_> = place.filter_map(Token::word).collect();
    let ends_here = item.iter().find(|token| token.is_mark(';') || token.is_mark('{'))?.is_mark(';');
    match words.as_slice() {
        [.., "mod", name] if ends_here => Some(name),
        _ => None,
    }
}

/// What follows an item: it ends with its outermost braces, a semicolon, or, for a field or an arm, a comma.
fn after_item<'a, 't>(item: &'t [Token<'a>]) -> &'t [Token<'a>] {
    const ITEMS: [&str; 14] = [
        "pub",
        "fn",
        "mod",
        "use",
        "struct",
        "enum",
        "impl",
        "const",
        "static",
        "type",
        "trait",
        "unsafe",
        "async",
        "macro_rules",
    ];
    let is_item = item.first().and_then(Token::word).is_some_and(|word| ITEMS.contains(&word));
    let mut depth = 0_usize;
    for (place, token) in item.iter().enumerate() {
        let opens = ['(', '[', '{'].iter().any(|mark| token.is_mark(*mark));
        let closes = [')', ']', '}'].iter().any(|mark| token.is_mark(*mark));
        if closes && depth == 0 {
            return item.get(place..).unwrap_or_default();
        }
        depth += usize::from(opens);
        depth -= usize::from(closes);
        let ends = token.is_mark(';') || token.is_mark('}') || (token.is_mark(',') && !is_item);
        if depth == 0 && ends {
            return item.get(place + 1..).unwrap_or_default();
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    fn kept(source: &str) -> Vec<String> {
        shipped(&tokens(source)).tokens.iter().filter_map(|t| t.word().map(str::to_owned)).collect()
    }

    #[test]
    fn test_modules_functions_and_fields_are_set_aside() {
        let source = "
            fn a<T, U>() {}
            #[cfg(test)] #[path = \"x\"] pub(crate) fn gone<T, U>(t: T, u: U) -> [u8; 2] { { gone } }
            struct S { #[cfg(test)] gone: [u8; 2], b: u8 }
            #[cfg(all(test, not(loom)))] mod gone { fn gone() {} }
            #[test] fn gone() {}
            #[cfg(test)] use gone::{gone, gone};
            fn c() {}";
        let words = kept(source);
        assert!(!words.contains(&"gone".to_owned()), "{words:?}");
        for name in ["a", "b", "c", "S"] {
            assert!(words.contains(&name.to_owned()), "{name} in {words:?}");
        }
    }

    #[test]
    fn what_also_ships_without_test_is_kept() {
        for cfg in ["any(test, feature = \"simulated\")", "not(test)", "all(not(test), unix)", "unix", "loom"] {
            let source = format!("#[cfg({cfg})] mod kept {{}}");
            assert!(kept(&source).contains(&"kept".to_owned()), "{cfg}");
        }
        assert!(!kept("#[cfg(any(test, all(test, unix)))] mod gone {}").contains(&"gone".to_owned()));
    }

    #[test]
    fn modules_in_files_of_their_own_are_named() {
        let found = tokens("#[cfg(test)] mod tests; #[cfg(test)] pub(crate) mod naive; mod real;");
        assert_eq!(shipped(&found).test_modules, ["tests", "naive"]);
        assert!(shipped(&tokens("#![cfg(test)] fn gone() {}")).tokens.is_empty());
    }
}
