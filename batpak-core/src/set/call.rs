//! Reading calls: the functions of the language, and aliases with arguments.

use std::str::FromStr;

use super::fault::Fault;
use super::functions::{Signature, signature};
use super::node::{SetFunction, SetNode, SetRelation};
use super::parse::{Parser, Tree};
use super::suggest;
use crate::error::shortened;
use crate::name::Scope;
use crate::query::{Field, Term};

impl<'p> Parser<'p> {
    /// A call, whose name is read and whose parenthesis is next.
    pub(super) fn call(&mut self, at: usize, function: &'p str) -> Result<Tree, Fault> {
        let Some(signature) = signature(function) else { return self.call_alias(at, function) };
        self.cursor.eat('(');
        if self.cursor.peek() == Some(')') && !signature.form.ends_with("()") {
            return Err(self.cursor.unexpected(signature.wanted_first()).hint(signature.usage()));
        }
        let tree = self.built_in(at, function)?;
        // As in jj, a comma may follow the last argument.
        let comma = self.cursor.clone();
        if !signature.form.ends_with("()") {
            self.cursor.eat(',');
        }
        match self.cursor.peek() {
            Some(')') => {
                self.cursor.eat(')');
                Ok(tree)
            }
            None => Err(self.cursor.unexpected("`)`")),
            Some(_) => {
                self.cursor = comma;
                Err(self.too_many(signature))
            }
        }
    }

    /// Something but `)` where the arguments end.
    fn too_many(&mut self, signature: &Signature) -> Fault {
        let count = match signature.counts() {
            (0, 0) => "no arguments".to_owned(),
            (1, 1) => "one argument".to_owned(),
            (least, most) if least == most => format!("{most} arguments"),
            (least, most) => format!("{least} or {most} arguments"),
        };
        let takes = |found: &str| format!("expected `)`, found `{found}`: `{}` takes {count}", signature.form);
        match self.cursor.peek() {
            Some(',') if signature.form.contains("(pattern") => {
                self.cursor.fault(takes(",")).hint("join alternatives with `|`, as in `kind(a) | kind(b)`")
            }
            Some(',') => self.cursor.fault(takes(",")).hint(signature.usage()),
            Some(found) if signature.counts() == (0, 0) => {
                self.cursor.fault(takes(&found.escape_debug().to_string())).hint(signature.usage())
            }
            _ if signature.form.contains("(pattern") => {
                self.cursor.unexpected("`)`").hint("text with other characters needs quotes, as in `kind(\"a b\")`")
            }
            _ => self.cursor.unexpected("`)`"),
        }
    }

    fn unknown_function(&self, at: usize, function: &str) -> Fault {
        let error = self.cursor.fault_at(at, format!("unknown function `{}`", shortened(function)));
        error.hint(suggest::for_function(function, self.scope.aliases))
    }

    /// The arguments of a function of the language, which has at least one if it takes any.
    fn built_in(&mut self, at: usize, function: &str) -> Result<Tree, Fault> {
        let leaf = match function {
            "all" => SetNode::All,
            "none" => SetNode::None,
            "joins" => SetNode::Joins,
            "forks" => SetNode::Forks,
            "dangling" => SetNode::Dangling,
            "kind" => self.term(Field::Kind)?,
            "scope" => self.term(Field::Scope)?,
            "entity" => self.term(Field::Entity)?,
            "tag" => self.term(Field::Tag)?,
            "correlation" => self.term(Field::Correlation)?,
            "since" => SetNode::Since(self.time()?),
            "until" => SetNode::Until(self.time()?),
            "id" => SetNode::Id(self.id()?),
            "source" => self.source()?,
            "at" => {
                let place = self.time()?;
                if !self.another()? {
                    return Err(self.cursor.unexpected("`,` and a set").hint("`at(place, x)` is `x` as it was there"));
                }
                let of = self.nested()?;
                return self.over(at, of, |of| SetNode::At { place, of });
            }
            _ => {
                let of = self.nested()?;
                return self.of_set(at, function, of);
            }
        };
        self.leaf(at, leaf)
    }

    /// The rest of the arguments of a function whose first one is a set.
    fn of_set(&mut self, at: usize, function: &str, of: Tree) -> Result<Tree, Fault> {
        if let Some(apply) = SetFunction::of_name(function) {
            return self.over(at, of, |of| SetNode::Apply(apply, of));
        }
        if let Some(relation) = SetRelation::of_name(function) {
            return self.over(at, of, |of| SetNode::Under(relation, of));
        }
        match function {
            "parents" | "children" => {
                let steps = self.number_if_any()?.unwrap_or(1);
                if function == "parents" { self.parents(at, of, steps) } else { self.children(at, of, steps) }
            }
            "ancestors" => {
                let depth = self.number_if_any()?;
                self.over(at, of, |of| SetNode::Ancestors { of, depth })
            }
            "descendants" => {
                let depth = self.number_if_any()?;
                self.over(at, of, |of| SetNode::Descendants { of, depth })
            }
            "latest" => {
                let count = self.number_if_any()?.unwrap_or(1);
                self.over(at, of, |of| SetNode::Latest { of, count })
            }
            "earliest" => {
                let count = self.number_if_any()?.unwrap_or(1);
                self.over(at, of, |of| SetNode::Earliest { of, count })
            }
            "system" => self.over(at, of, SetNode::System),
            _ => Err(self.unknown_function(at, function)),
        }
    }

    fn term(&mut self, field: Field) -> Result<SetNode, Fault> {
        Ok(SetNode::Term(Term { field, pattern: self.pattern()? }))
    }

    fn source(&mut self) -> Result<SetNode, Fault> {
        let source = self.text("a source")?.into();
        let scope = if self.another()? {
            self.cursor.skip_space();
            let at = self.cursor.offset();
            let text = self.text("a scope")?;
            Some(self.named(at, Scope::new(text))?)
        } else {
            None
        };
        Ok(SetNode::Source { source, scope })
    }

    /// Skips a comma, if another argument follows it.
    fn another(&mut self) -> Result<bool, Fault> {
        let mut ahead = self.cursor.clone();
        if !ahead.eat(',') || ahead.peek() == Some(')') {
            return Ok(false);
        }
        self.cursor = ahead;
        Ok(true)
    }

    fn number_if_any<N: FromStr>(&mut self) -> Result<Option<N>, Fault> {
        if self.another()? { self.number().map(Some) } else { Ok(None) }
    }

    fn call_alias(&mut self, at: usize, function: &'p str) -> Result<Tree, Fault> {
        let alias = self.scope.aliases.and_then(|aliases| aliases.get(function));
        if alias.is_none() && !self.is_looked_over() {
            return Err(self.unknown_function(at, function));
        }
        let open = self.cursor.offset();
        let arguments = self.arguments()?;
        match alias {
            None => self.leaf(at, SetNode::None),
            Some((name, alias)) => match alias.refusal(name, Some(arguments.len())) {
                None => self.expand(at, name, alias, arguments),
                Some(message) => Err(self.cursor.fault_at(open, message)),
            },
        }
    }
}
