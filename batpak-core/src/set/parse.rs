//! Reading set expressions: the operators, by precedence.
//!
//! Recursion goes through parentheses, arguments and aliases only, and [`Budget`] counts those; operators are loops.

use super::aliases::{Alias, Aliases};
use super::cursor::{Cursor, is_word};
use super::fault::Fault;
use super::node::{Set, SetNode};
use super::suggest;
use crate::limits::{SET_DEPTH_MAX, SET_NODES_MAX};

/// A set and how many nodes high it is. It is small, so that the parser's frames are.
pub(super) struct Tree {
    pub(super) set: Box<Set>,
    height: usize,
}

/// What is left of the limits on one expression.
#[derive(Default)]
pub(super) struct Budget {
    depth: usize,
    nodes: usize,
}

/// A text and the names that mean something in it: the caller's, or the definition of an alias.
pub(super) struct Scope<'s> {
    /// The alias whose definition this is, with its name.
    pub(super) alias: Option<(&'s str, &'s Alias)>,
    /// What its parameters stand for; `None` while a definition is only looked over.
    pub(super) arguments: Option<Vec<Argument<'s>>>,
    /// The byte of the caller's text at which the alias is used.
    pub(super) used_at: usize,
    /// How many aliases it is in.
    pub(super) level: usize,
    /// Where the alias is used.
    pub(super) parent: Option<&'s Scope<'s>>,
    pub(super) aliases: Option<&'s Aliases>,
}

/// An argument of an alias: read where, and as what, the alias wants it.
pub(super) struct Argument<'s> {
    /// The text that it is in, up to its end.
    pub(super) text: &'s str,
    /// The byte at which it starts.
    pub(super) at: usize,
    pub(super) scope: &'s Scope<'s>,
}

impl<'s> Scope<'s> {
    /// The caller's text.
    pub(super) const fn outermost(aliases: Option<&'s Aliases>) -> Self {
        Self { alias: None, arguments: Some(Vec::new()), used_at: 0, level: 0, parent: None, aliases }
    }
}

pub(super) struct Parser<'p> {
    pub(super) cursor: Cursor<'p>,
    pub(super) scope: &'p Scope<'p>,
    pub(super) budget: &'p mut Budget,
}

impl Parser<'_> {
    /// Reads the whole text.
    pub(super) fn whole(&mut self) -> Result<Tree, Fault> {
        if self.cursor.is_blank() {
            self.cursor.skip_space();
            return Err(self.cursor.fault("the expression is empty").hint("`all()` is every event"));
        }
        let tree = self.union()?;
        match self.cursor.peek() {
            None => Ok(tree),
            Some(')') => Err(self.cursor.fault("`)` without a `(`")),
            Some(_) => Err(self.cursor.unexpected("an operator or the end")),
        }
    }

    /// A set as it stands in parentheses or between commas: one level deeper.
    pub(super) fn nested(&mut self) -> Result<Tree, Fault> {
        self.deeper(|parser| parser.union())
    }

    /// Counts a level of nesting for what `read` does.
    pub(super) fn deeper<R>(&mut self, read: impl FnOnce(&mut Self) -> Result<R, Fault>) -> Result<R, Fault> {
        self.budget.depth += 1;
        if self.budget.depth > SET_DEPTH_MAX {
            return Err(self.too_deep());
        }
        let result = read(self);
        self.budget.depth -= 1;
        result
    }

    fn too_deep(&self) -> Fault {
        self.cursor.fault(format!("nested deeper than {SET_DEPTH_MAX}"))
    }

    /// Takes nodes from the budget.
    pub(super) fn charge(&mut self, nodes: usize) -> Result<(), Fault> {
        self.budget.nodes = self.budget.nodes.saturating_add(nodes);
        if self.budget.nodes > SET_NODES_MAX {
            let error = self.cursor.fault(format!("the expression comes to more than {SET_NODES_MAX} parts"));
            return Err(error.hint("an alias counts as what it stands for, each time it is used"));
        }
        Ok(())
    }

    /// A literal, or a function without sets within, that starts at a byte.
    pub(super) fn leaf(&mut self, at: usize, node: SetNode) -> Result<Tree, Fault> {
        self.charge(1)?;
        Ok(Tree { set: self.place(at, node), height: 1 })
    }

    /// A node over one set.
    pub(super) fn over(&mut self, at: usize, of: Tree, node: impl FnOnce(Box<Set>) -> SetNode) -> Result<Tree, Fault> {
        let height = self.higher(of.height)?;
        Ok(Tree { set: self.place(at, node(of.set)), height })
    }

    /// A node one higher than what is below it.
    fn higher(&mut self, below: usize) -> Result<usize, Fault> {
        self.charge(1)?;
        if below >= SET_DEPTH_MAX {
            return Err(self.too_deep());
        }
        Ok(below + 1)
    }

    fn place(&self, at: usize, node: SetNode) -> Box<Set> {
        Box::new(Set::new(if self.scope.level == 0 { at } else { self.scope.used_at }, node))
    }

    /// The same set, starting at a byte of this text.
    pub(super) fn moved_to(&self, at: usize, mut tree: Tree) -> Tree {
        tree.set.at = if self.scope.level == 0 { at } else { self.scope.used_at };
        tree
    }

    fn union(&mut self) -> Result<Tree, Fault> {
        self.cursor.skip_space();
        let at = self.cursor.offset();
        let first = self.intersection()?;
        if self.cursor.peek() != Some('|') {
            return Ok(first);
        }
        let mut chain = Chain::of(Operator::Union);
        chain.push(first);
        while self.cursor.eat('|') {
            chain.push(self.intersection()?);
        }
        let height = self.higher(chain.height)?;
        Ok(Tree { set: self.place(at, SetNode::Union(chain.members)), height })
    }

    /// `&` and `~` bind alike, from the left.
    fn intersection(&mut self) -> Result<Tree, Fault> {
        self.cursor.skip_space();
        let at = self.cursor.offset();
        let first = self.complement()?;
        if !matches!(self.cursor.peek(), Some('&' | '~')) {
            return Ok(first);
        }
        let mut chain = Chain::of(Operator::Intersection);
        chain.push(first);
        loop {
            self.cursor.skip_space();
            let operator = self.cursor.offset();
            if self.cursor.eat('&') {
                chain.push(self.complement()?);
            } else if self.cursor.eat('~') {
                let without = self.complement()?;
                chain.push(self.over(operator, without, SetNode::Not)?);
            } else {
                break;
            }
        }
        let height = self.higher(chain.height)?;
        Ok(Tree { set: self.place(at, SetNode::Intersection(chain.members)), height })
    }

    /// `~x`
    fn complement(&mut self) -> Result<Tree, Fault> {
        self.cursor.skip_space();
        if self.cursor.next() != Some('~') {
            return self.range();
        }
        let mut operators = Vec::new();
        while self.cursor.peek() == Some('~') {
            operators.push(self.cursor.offset());
            self.cursor.eat('~');
            if operators.len() > SET_DEPTH_MAX {
                return Err(self.too_deep());
            }
        }
        let mut tree = self.range()?;
        for at in operators.into_iter().rev() {
            tree = self.over(at, tree, SetNode::Not)?;
        }
        Ok(tree)
    }

    /// `x::y`, `x..y` and what is left of them without one end or both. They take no spaces, and do not chain.
    fn range(&mut self) -> Result<Tree, Fault> {
        let at = self.cursor.offset();
        let tree = match self.range_operator() {
            Some(_) if !self.starts_operand() => self.leaf(at, SetNode::All)?,
            Some(_) => {
                let of = self.neighbours()?;
                self.over(at, of, |of| SetNode::Ancestors { of, depth: None })?
            }
            None => {
                let left = self.neighbours()?;
                match self.range_operator() {
                    None => left,
                    Some(operator) if self.starts_operand() => {
                        let right = self.neighbours()?;
                        let height = self.higher(left.height.max(right.height))?;
                        let node = match operator {
                            Range::Paths => SetNode::Between(left.set, right.set),
                            Range::Behind => SetNode::Range(left.set, right.set),
                        };
                        Tree { set: self.place(at, node), height }
                    }
                    Some(Range::Paths) => self.over(at, left, |of| SetNode::Descendants { of, depth: None })?,
                    Some(Range::Behind) => {
                        let ancestors = self.over(at, left, |of| SetNode::Ancestors { of, depth: None })?;
                        self.over(at, ancestors, SetNode::Not)?
                    }
                }
            }
        };
        match self.cursor.next() {
            Some(':' | '.') => Err(self.no_range()),
            _ => Ok(tree),
        }
    }

    fn range_operator(&mut self) -> Option<Range> {
        if self.cursor.eat_text("::") {
            Some(Range::Paths)
        } else if self.cursor.eat_text("..") {
            Some(Range::Behind)
        } else {
            None
        }
    }

    fn starts_operand(&self) -> bool {
        self.cursor.next().is_some_and(|c| is_word(c) || matches!(c, '(' | '@' | '"' | '\''))
    }

    /// `:` or `.` where a range is over.
    fn no_range(&mut self) -> Fault {
        let at = self.cursor.offset();
        if self.cursor.rest().starts_with("::") || self.cursor.rest().starts_with("..") {
            let chained = self.cursor.fault("`::` and `..` do not chain");
            return chained.hint("parentheses say which comes first, as in `(x::y)::z`");
        }
        let before = self.cursor.text_to(at);
        let rest = self.cursor.rest();
        let operator = if rest.starts_with(':') { ':' } else { '.' };
        self.cursor.fault(format!("`{operator}` is no operator")).hint(suggest::colon_or_dot(before, rest))
    }

    /// `x-` and `x+`
    fn neighbours(&mut self) -> Result<Tree, Fault> {
        let at = self.cursor.offset();
        let mut tree = self.primary()?;
        loop {
            if self.cursor.eat_text("-") {
                tree = self.parents(at, tree, 1)?;
            } else if self.cursor.eat_text("+") {
                tree = self.children(at, tree, 1)?;
            } else {
                return Ok(tree);
            }
        }
    }

    pub(super) fn parents(&mut self, at: usize, mut tree: Tree, steps: u32) -> Result<Tree, Fault> {
        if let SetNode::Parents { depth, .. } = &mut tree.set.node
            && let Some(sum) = depth.checked_add(steps)
        {
            *depth = sum;
            return Ok(self.moved_to(at, tree));
        }
        self.over(at, tree, |of| SetNode::Parents { of, depth: steps })
    }

    pub(super) fn children(&mut self, at: usize, mut tree: Tree, steps: u32) -> Result<Tree, Fault> {
        if let SetNode::Children { depth, .. } = &mut tree.set.node
            && let Some(sum) = depth.checked_add(steps)
        {
            *depth = sum;
            return Ok(self.moved_to(at, tree));
        }
        self.over(at, tree, |of| SetNode::Children { of, depth: steps })
    }
}

enum Operator {
    Union,
    Intersection,
}

/// Sets joined by one operator. Those that are joined by the same already are taken apart.
struct Chain {
    operator: Operator,
    members: Vec<Set>,
    height: usize,
}

impl Chain {
    const fn of(operator: Operator) -> Self {
        Self { operator, members: Vec::new(), height: 0 }
    }

    fn push(&mut self, mut tree: Tree) {
        match (&self.operator, &mut tree.set.node) {
            (Operator::Union, SetNode::Union(inner)) | (Operator::Intersection, SetNode::Intersection(inner)) => {
                self.members.append(inner);
                self.height = self.height.max(tree.height - 1);
            }
            _ => {
                self.members.push(*tree.set);
                self.height = self.height.max(tree.height);
            }
        }
    }
}

/// `::` or `..`
enum Range {
    Paths,
    Behind,
}
