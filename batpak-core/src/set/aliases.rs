//! Aliases: names that users give to expressions.

use std::collections::BTreeMap;

use super::cursor::{Cursor, is_word};
use super::fault::Fault;
use super::parse::{Argument, Budget, Parser, Scope, Tree};
use super::suggest::is_function;
use crate::error::{CoreError, ParseError, shortened};
use crate::limits::QUERY_BYTES_MAX;

/// Names that stand for expressions, as in jj: `name`, or `name(a, b)` with parameters.
///
/// A definition may use functions, parameters and other aliases, defined before or after it. It is put in as a whole,
/// as if in parentheses; an argument is read as what the definition wants there: a set, a pattern, a time, a number.
/// Within a pattern a parameter must be the whole word: in `kind(x)` and `kind(prefix:x)` it is one, in `kind(order.x)`
/// and `kind("x")` it is not.
///
/// ```
/// use batpak_core::{Aliases, Set};
///
/// let mut aliases = Aliases::new();
/// aliases.define("near(x, steps)", "ancestors(x, steps) | descendants(x, steps)")?;
/// aliases.define_line("refused = kind(prefix:refused.)")?;
/// let set = Set::parse_with("near(refused, 3) & scope(bank)", &aliases)?;
/// assert_eq!(
///     set.to_string(),
///     "(ancestors(kind(prefix:refused.), 3) | descendants(kind(prefix:refused.), 3)) & scope(bank)",
/// );
/// # Ok::<(), batpak_core::CoreError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Aliases {
    by_name: BTreeMap<String, Alias>,
}

#[derive(Clone, Debug)]
pub(super) struct Alias {
    /// `None` without parentheses.
    parameters: Option<Vec<String>>,
    definition: String,
}

impl Aliases {
    /// No aliases.
    #[must_use]
    pub const fn new() -> Self {
        Self { by_name: BTreeMap::new() }
    }

    /// Lets a name, or a name with parameters as in `near(x, steps)`, stand for an expression. What it stood for before is
    /// forgotten.
    ///
    /// Whether the names in the expression mean something is seen when the alias is used, since they may be defined later.
    ///
    /// # Errors
    /// [`CoreError::Query`] if the declaration is none, or its name a function of the language: at a byte of the
    /// declaration. If the expression does not follow the grammar, or has more than [`QUERY_BYTES_MAX`] bytes: at a byte of
    /// the expression.
    pub fn define(&mut self, declaration: &str, expression: &str) -> Result<(), CoreError> {
        let (name, parameters) = declared(declaration).map_err(Fault::into_error)?;
        let alias = Alias { parameters, definition: expression.trim().to_owned() };
        if expression.len() > QUERY_BYTES_MAX {
            let message = format!("alias `{name}`: {} bytes are more than {QUERY_BYTES_MAX}", expression.len());
            return Err(ParseError::new(QUERY_BYTES_MAX, message).into());
        }
        alias.look_over(&name, expression).map_err(Fault::into_error)?;
        self.by_name.insert(name, alias);
        Ok(())
    }

    /// Reads `name = expression` or `name(a, b) = expression`.
    ///
    /// # Errors
    /// As [`define`](Self::define), at a byte of the line; and without a `=`.
    pub fn define_line(&mut self, line: &str) -> Result<(), CoreError> {
        let Some((declaration, expression)) = line.split_once('=') else {
            let error = ParseError::new(line.len(), "expected `=`");
            return Err(error.hint("an alias is defined by `name = expression`").into());
        };
        self.define(declaration, expression).map_err(|error| match error {
            CoreError::Query(mut error) if declared(declaration).is_ok() => {
                error.at += declaration.len() + 1;
                CoreError::Query(error)
            }
            other => other,
        })
    }

    pub(super) fn get(&self, name: &str) -> Option<(&str, &Alias)> {
        self.by_name.get_key_value(name).map(|(name, alias)| (name.as_str(), alias))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

impl Alias {
    /// Which parameter a word is.
    pub(super) fn parameter(&self, word: &str) -> Option<usize> {
        self.parameters.as_ref()?.iter().position(|parameter| parameter == word)
    }

    /// What is wrong with a use of the alias: without parentheses, or with some arguments.
    pub(super) fn refusal(&self, name: &str, arguments: Option<usize>) -> Option<String> {
        let count = |count: usize| match count {
            0 => "no arguments".to_owned(),
            1 => "one argument".to_owned(),
            _ => format!("{count} arguments"),
        };
        let wanted = self.parameters.as_ref().map(Vec::len);
        if wanted == arguments {
            return None;
        }
        Some(match (&self.parameters, arguments) {
            (None, _) => format!("alias `{name}` takes no parentheses"),
            (Some(parameters), given) => {
                let given = given.map_or_else(String::new, |given| format!(", not {given}"));
                format!("alias `{name}({})` takes {}{given}", parameters.join(", "), count(parameters.len()))
            }
        })
    }

    /// Looks for faults in a definition, as far as they show while the names in it are unknown.
    fn look_over(&self, name: &str, definition: &str) -> Result<(), Fault> {
        let outermost = Scope::outermost(None);
        let scope = Scope {
            alias: Some((name, self)),
            arguments: None,
            used_at: 0,
            level: 0,
            parent: Some(&outermost),
            aliases: None,
        };
        let mut budget = Budget::default();
        let mut parser = Parser { cursor: Cursor::new(definition, 0, 0), scope: &scope, budget: &mut budget };
        parser.whole().map(|_| ()).map_err(|fault| fault.about(&format!("alias `{name}`")))
    }
}

/// The name and the parameters of a declaration.
fn declared(text: &str) -> Result<(String, Option<Vec<String>>), Fault> {
    let mut cursor = Cursor::new(text, 0, 0);
    let name = name(&mut cursor, "a name for the alias")?;
    if is_function(&name) {
        return Err(Fault::new(0, 0, format!("alias `{name}`: the language has a function of this name")));
    }
    let mut parameters = None;
    if cursor.eat('(') {
        let list: &mut Vec<String> = parameters.insert(Vec::new());
        while cursor.peek() != Some(')') {
            let at = cursor.offset();
            let parameter = self::name(&mut cursor, "a parameter or `)`")?;
            if list.contains(&parameter) {
                return Err(Fault::new(0, at, format!("alias `{name}`: parameter `{parameter}` stands there twice")));
            }
            list.push(parameter);
            if !cursor.eat(',') && cursor.peek() != Some(')') {
                return Err(cursor.unexpected("`,` or `)`"));
            }
        }
        cursor.eat(')');
    }
    match cursor.peek() {
        None => Ok((name, parameters)),
        Some(_) => Err(cursor.unexpected("the end of the declaration")),
    }
}

fn name(cursor: &mut Cursor<'_>, what: &str) -> Result<String, Fault> {
    if !cursor.peek().is_some_and(is_word) {
        return Err(cursor.unexpected(what));
    }
    let at = cursor.offset();
    let word = cursor.take_word();
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::new(0, at, format!("`{}` is a position and cannot be a name", shortened(word))));
    }
    Ok(word.to_owned())
}

impl<'p> Parser<'p> {
    /// What an alias stands for, used at a byte of this text.
    pub(super) fn expand(
        &mut self,
        at: usize,
        name: &'p str,
        alias: &'p Alias,
        arguments: Vec<Argument<'p>>,
    ) -> Result<Tree, Fault> {
        if let Some(round) = self.round_to(name) {
            return Err(self.cursor.fault_at(at, format!("alias `{name}` stands for itself: {round}")));
        }
        self.charge_text(alias.definition.len())?;
        let level = self.scope.level;
        let scope = Scope {
            alias: Some((name, alias)),
            arguments: Some(arguments),
            used_at: if level == 0 { at } else { self.scope.used_at },
            level: level + 1,
            parent: Some(self.scope),
            aliases: self.scope.aliases,
        };
        self.deeper(|parser| {
            let cursor = Cursor::new(&alias.definition, 0, level + 1);
            let mut inner = Parser { cursor, scope: &scope, budget: &mut *parser.budget };
            inner.whole().map_err(|fault| fault.within(name, &alias.definition, level, at))
        })
    }

    /// The way from an alias to itself, if this text is in its definition.
    fn round_to(&self, name: &str) -> Option<String> {
        let mut round = format!("`{name}`");
        let mut scope = Some(self.scope);
        while let Some(inner) = scope {
            let (within, _) = inner.alias?;
            round = format!("`{within}` → {round}");
            if within == name {
                return Some(round);
            }
            scope = inner.parent;
        }
        None
    }

    /// The arguments of an alias as text, from the parenthesis on.
    pub(super) fn arguments(&mut self) -> Result<Vec<Argument<'p>>, Fault> {
        self.cursor.eat('(');
        let mut arguments = Vec::new();
        loop {
            self.cursor.skip_space();
            let at = self.cursor.offset();
            self.skip_argument()?;
            let text = self.cursor.text_to(self.cursor.offset()).trim_end();
            if text.len() > at {
                arguments.push(Argument { text, at, scope: self.scope });
            } else if self.cursor.next() == Some(',') {
                return Err(self.cursor.unexpected("an argument"));
            }
            if self.cursor.eat(')') {
                return Ok(arguments);
            }
            if !self.cursor.eat(',') {
                return Err(self.cursor.unexpected("`)`"));
            }
        }
    }

    /// Skips to the comma or parenthesis after an argument.
    fn skip_argument(&mut self) -> Result<(), Fault> {
        let mut open = 0_usize;
        loop {
            self.cursor.take_while(|c| !matches!(c, '(' | ')' | ',' | '"' | '\''));
            match self.cursor.next() {
                None => return Ok(()),
                Some(')' | ',') if open == 0 => return Ok(()),
                Some('"' | '\'') => {
                    self.cursor.string()?;
                }
                Some(mark) => {
                    self.cursor.eat(mark);
                    match mark {
                        '(' => open += 1,
                        ')' => open -= 1,
                        _ => {}
                    }
                }
            }
        }
    }
}
