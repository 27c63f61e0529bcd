//! What may have been meant by text that is no set.

use super::aliases::Aliases;
use super::cursor::{is_word, word_len};
use super::functions::{FUNCTIONS, signature};

pub(super) const REVISION: &str = "one event of a stream is `entity@3` or `scope/entity@3`; a name with other characters needs quotes, as in `\"order:1\"@3`";

const JOIN: &str = "join sets with `&`, `|` or `~`";

/// Words of other languages, and of the manual, with the function that is meant.
const SYNONYMS: [(&str, &str); 12] = [
    ("after", "since"),
    ("before", "until"),
    ("causes", "parents"),
    ("effects", "children"),
    ("first", "earliest"),
    ("future", "descendants"),
    ("last", "latest"),
    ("merges", "joins"),
    ("newest", "latest"),
    ("oldest", "earliest"),
    ("past", "ancestors"),
    ("stream", "entity"),
];

pub(super) fn is_function(name: &str) -> bool {
    signature(name).is_some()
}

/// The beginning of a text that a message names: a word or one sign.
pub(super) fn token(rest: &str) -> &str {
    let end = match word_len(rest) {
        0 => rest.chars().next().map_or(0, char::len_utf8),
        len => len,
    };
    let token = rest.get(..end).unwrap_or(rest);
    token.char_indices().nth(64).map_or(token, |(cut, _)| token.get(..cut).unwrap_or(token))
}

/// What to write instead of something unexpected.
pub(super) fn instead_of(before: &str, rest: &str) -> Option<String> {
    let tight = before.ends_with(|c: char| !c.is_whitespace());
    let before = before.trim_end();
    let after_operand =
        before.ends_with(|c: char| is_word(c) || matches!(c, ')' | '"' | '\'' | '@' | '-' | '+' | ':' | '.'));
    let first = rest.chars().next()?;
    let hint = match first {
        '&' | '|' if before.ends_with(first) => format!("did you mean `{first}`, once?"),
        '!' if !rest.starts_with("!=") => "did you mean `~`? `~x` is what is not in `x`".to_owned(),
        '=' | '<' | '>' | '!' => {
            "there is nothing to compare: `kind(x)` and the like match names, `since(t)` and `until(t)` times"
                .to_owned()
        }
        '^' => "did you mean `-`? `x-` is the direct causes of `x`".to_owned(),
        ':' if rest.starts_with("::") => "`::` takes no spaces: `x::y`, `::y`, `x::`".to_owned(),
        '.' if rest.starts_with("..") => "`..` takes no spaces: `x..y`, `..y`, `x..`".to_owned(),
        ':' | '.' => colon_or_dot(before, rest),
        '-' if after_operand => {
            "did you mean `~`? `x ~ y` is the difference, `x-`, without a space, the direct causes".to_owned()
        }
        '+' if after_operand => {
            "did you mean `|`? `x | y` is the union, `x+`, without a space, the direct effects".to_owned()
        }
        '-' | '+' => format!("`{first}` comes after its set, as in `x{first}`"),
        ',' => "join alternatives with `|`, as in `kind(a) | kind(b)`".to_owned(),
        '*' | '?' => "wildcards stand in a pattern, as in `kind(glob:\"A_*\")`".to_owned(),
        '/' if after_operand => REVISION.to_owned(),
        '(' if after_operand => JOIN.to_owned(),
        _ if is_word(first) || matches!(first, '"' | '\'' | '@') => match operator_word(token(rest)) {
            Some(hint) => hint.to_owned(),
            None if !tight && before.ends_with("::") => "`::` takes no spaces: `x::y`".to_owned(),
            None if !tight && before.ends_with("..") => "`..` takes no spaces: `x..y`".to_owned(),
            None if after_operand => JOIN.to_owned(),
            None => return None,
        },
        _ => return None,
    };
    Some(hint)
}

fn operator_word(word: &str) -> Option<&'static str> {
    if word.eq_ignore_ascii_case("and") {
        Some("did you mean `&`?")
    } else if word.eq_ignore_ascii_case("or") {
        Some("did you mean `|`?")
    } else if word.eq_ignore_ascii_case("not") {
        Some("did you mean `~`?")
    } else {
        None
    }
}

/// The call that `kind:a` may mean.
pub(super) fn call_of_field(name: &str, rest: &str) -> Option<String> {
    let value = token(rest.strip_prefix(':')?);
    let takes_text = matches!(name, "kind" | "scope" | "entity" | "tag" | "correlation" | "id" | "since" | "until");
    (takes_text && !value.is_empty()).then(|| format!("did you mean `{name}({value})`?"))
}

/// What a single `:` or `.` after a name may stand for.
pub(super) fn colon_or_dot(before: &str, rest: &str) -> String {
    if rest.starts_with('.') {
        return "did you mean `..`?".to_owned();
    }
    let name = before.rsplit(|c| !is_word(c)).next().unwrap_or_default();
    let after = rest.get(1..).unwrap_or_default();
    let value = token(after);
    let behind = after.get(value.len()..).unwrap_or_default();
    match name {
        "exact" | "prefix" | "glob" | "regex" => format!("a pattern stands in a function, as in `kind({name}:..)`"),
        _ if behind.starts_with('@') => {
            format!("a name with a colon needs quotes, as in `\"{name}:{value}\"{}`", behind.get(..2).unwrap_or("@3"))
        }
        _ => "did you mean `::`? A name with a colon stands in quotes or in a function, as in `tag(a:b)`".to_owned(),
    }
}

/// What a word that stands alone may mean.
pub(super) fn for_symbol(word: &str, rest: &str, aliases: Option<&Aliases>) -> String {
    if let Some(hint) = operator_word(word) {
        return hint.to_owned();
    }
    if rest.starts_with(':') && !rest.starts_with("::") {
        return colon_or_dot(word, rest);
    }
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 4 && word.get(4..).is_some_and(|rest| rest.starts_with('-')) {
        return format!("a time stands in `since({word})` or `until({word})`");
    }
    let is_id = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    if word.len() >= 6 && digits > 0 && word.bytes().all(is_id) {
        return format!("did you mean `id({word})`?");
    }
    match nearest(word, aliases) {
        Some(near) if is_function(near) => format!("did you mean `{near}(..)`?"),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("only positions and aliases stand alone; did you mean `kind({word})` or `entity({word})`?"),
    }
}

/// What a function that does not exist may mean.
pub(super) fn for_function(name: &str, aliases: Option<&Aliases>) -> String {
    if let Some(hint) = operator_word(name) {
        return hint.to_owned();
    }
    match nearest(name, aliases) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let names: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
            format!("the functions are {}", names.join(", "))
        }
    }
}

/// The function or alias that is at most two edits away, that the name begins, or that says the same.
fn nearest<'a>(name: &str, aliases: Option<&'a Aliases>) -> Option<&'a str> {
    let names = || FUNCTIONS.iter().map(|function| function.name).chain(aliases.into_iter().flat_map(Aliases::names));
    let same = SYNONYMS.iter().find(|(word, _)| *word == name).map(|(_, function)| *function);
    let begun = || names().find(|known| name.len() > 2 && known.starts_with(name));
    let close = |known: &str| {
        let edits = edit_distance(name, known);
        (edits <= 2 && edits + 1 < known.len()).then_some((edits, known.len()))
    };
    let edited = || names().filter_map(|known| Some((close(known)?, known))).min().map(|(_, known)| known);
    same.or_else(begun).or_else(edited)
}

/// Insertions, deletions and replacements from one to the other (Levenshtein); far apart is `usize::MAX`.
fn edit_distance(from: &str, to: &str) -> usize {
    if from.len() > 2 * to.len() || to.len() > 64 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, left) in from.bytes().enumerate() {
        let mut corner = index;
        let mut before = index + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(to.bytes()) {
            let replaced = corner + usize::from(left != right);
            corner = *cell;
            before = replaced.min(corner + 1).min(before + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}
