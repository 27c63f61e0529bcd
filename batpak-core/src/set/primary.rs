//! Reading what stands between operators: parentheses, literals and names.

use super::cursor::is_word;
use super::fault::Fault;
use super::functions::signature;
use super::node::SetNode;
use super::parse::{Parser, Tree};
use super::suggest;
use crate::error::{CoreError, shortened};
use crate::name::{Entity, Scope};
use crate::position::{Position, Revision};

impl<'p> Parser<'p> {
    pub(super) fn primary(&mut self) -> Result<Tree, Fault> {
        let at = self.cursor.offset();
        match self.cursor.next() {
            Some('(') => {
                self.cursor.eat('(');
                let tree = self.nested()?;
                self.close()?;
                Ok(self.moved_to(at, tree))
            }
            Some('@') => {
                self.cursor.eat('@');
                if self.starts_name() {
                    let error = self.cursor.fault("nothing may follow `@`, the newest event");
                    return Err(error.hint("one event of a stream is `entity@revision`, as in `order-1@3`"));
                }
                self.leaf(at, SetNode::Head)
            }
            Some('"' | '\'') => self.quoted(at),
            Some(first) if is_word(first) => self.word(at),
            _ => Err(self.cursor.unexpected("a set")),
        }
    }

    fn starts_name(&self) -> bool {
        self.cursor.next().is_some_and(|c| is_word(c) || matches!(c, '"' | '\''))
    }

    pub(super) fn close(&mut self) -> Result<(), Fault> {
        if self.cursor.eat(')') {
            return Ok(());
        }
        Err(self.cursor.unexpected("`)`"))
    }

    /// A string, which can only begin `"entity"@revision` or `"scope"/entity@revision`.
    fn quoted(&mut self, at: usize) -> Result<Tree, Fault> {
        let text = self.cursor.string()?.unwrap_or_default();
        match self.cursor.next() {
            Some('@' | '/') => self.revision(at, &text),
            _ => {
                let error = self.cursor.fault_at(at, "a string is not a set");
                Err(error.hint("`kind(\"..\")`, `entity(\"..\")` and the like take one, and so does `\"entity\"@3`"))
            }
        }
    }

    fn word(&mut self, at: usize) -> Result<Tree, Fault> {
        let word = self.cursor.take_word();
        match self.cursor.next() {
            Some('@' | '/') => return self.revision(at, word),
            Some('(') => return self.call(at, word),
            _ => {}
        }
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            let Ok(position) = word.parse() else {
                return Err(self.cursor.fault_at(at, "no position is that large"));
            };
            return self.leaf(at, SetNode::Position(Position::new(position)));
        }
        if let Some(tree) = self.parameter(word, |argument| argument.whole())? {
            return tree.map_or_else(|| self.leaf(at, SetNode::None), Ok);
        }
        let mut ahead = self.cursor.clone();
        if ahead.peek() == Some('(') {
            self.cursor = ahead;
            return self.call(at, word);
        }
        self.symbol(at, word)
    }

    /// The rest of `entity@revision` or `scope/entity@revision`, whose first name is read.
    fn revision(&mut self, at: usize, first: &str) -> Result<Tree, Fault> {
        let (scope, entity) = if self.cursor.eat_text("/") {
            let entity_at = self.cursor.offset();
            let entity = match self.cursor.string()? {
                Some(text) => text,
                None => self.cursor.take_word().to_owned(),
            };
            if entity.is_empty() && !self.cursor.text_to(self.cursor.offset()).ends_with(['"', '\'']) {
                return Err(self.cursor.unexpected("an entity"));
            }
            (Some(self.named(at, Scope::new(first))?), self.named(entity_at, Entity::new(entity))?)
        } else {
            (None, self.named(at, Entity::new(first))?)
        };
        if !self.cursor.eat_text("@") {
            return Err(self.cursor.unexpected("`@` and a revision").hint(suggest::REVISION));
        }
        let digits_at = self.cursor.offset();
        let digits = self.cursor.take_while(|c| c.is_ascii_digit());
        if digits.is_empty() || self.cursor.next().is_some_and(is_word) {
            return Err(self.cursor.fault_at(digits_at, "expected a revision").hint(suggest::REVISION));
        }
        let Ok(revision) = digits.parse() else {
            return Err(self.cursor.fault_at(digits_at, "no revision is that large"));
        };
        self.leaf(at, SetNode::Revision { scope, entity, revision: Revision::new(revision) })
    }

    /// A name that keeps the rules, or what is wrong with it.
    pub(super) fn named<T>(&self, at: usize, name: Result<T, CoreError>) -> Result<T, Fault> {
        name.map_err(|error| self.cursor.fault_at(at, error.to_string()))
    }

    /// A word that is no literal, no parameter and no call: an alias, or a mistake.
    fn symbol(&mut self, at: usize, word: &'p str) -> Result<Tree, Fault> {
        if let Some((name, alias)) = self.scope.aliases.and_then(|aliases| aliases.get(word)) {
            return match alias.refusal(name, None) {
                None => self.expand(at, name, alias, Vec::new()),
                Some(message) => Err(self.cursor.fault(message)),
            };
        }
        if self.is_looked_over() {
            return self.leaf(at, SetNode::None);
        }
        if let Some(signature) = signature(word) {
            let error = self.cursor.fault(format!("expected `(` after `{word}`"));
            let hint = suggest::call_of_field(word, self.cursor.rest());
            return Err(error.hint(hint.unwrap_or_else(|| signature.usage())));
        }
        let error = self.cursor.fault_at(at, format!("unknown name `{}`", shortened(word)));
        Err(error.hint(suggest::for_symbol(&shortened(word), self.cursor.rest(), self.scope.aliases)))
    }
}
