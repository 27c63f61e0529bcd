//! The words of the language: its functions and operators, each with its meaning.

/// A function or an operator of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The name of the function, or the sign of the operator.
    pub name: &'static str,
    /// How it is written, as in `ancestors(x[, depth])`: what is in brackets may be left out.
    pub form: &'static str,
    /// Which events it gives, in one line.
    pub meaning: &'static str,
}

impl Signature {
    const fn new(name: &'static str, form: &'static str, meaning: &'static str) -> Self {
        Self { name, form, meaning }
    }

    /// The least and the most arguments it takes.
    pub(super) fn counts(&self) -> (usize, usize) {
        let commas = |text: &str| text.matches(',').count();
        if self.form.ends_with("()") {
            return (0, 0);
        }
        let needed = self.form.split('[').next().unwrap_or_default();
        (1 + commas(needed), 1 + commas(self.form))
    }

    /// The first argument, as named in a message.
    pub(super) fn wanted_first(&self) -> &'static str {
        match self.name {
            "kind" | "scope" | "entity" | "tag" | "correlation" => "a pattern",
            "since" | "until" => "a time",
            "at" => "a place",
            "id" => "the beginning of an id",
            "source" => "a source",
            _ => "a set",
        }
    }

    /// The form and the meaning, as a hint.
    pub(super) fn usage(&self) -> String {
        format!("`{}`: {}", self.form, self.meaning)
    }
}

/// The function of a name.
pub(super) fn signature(name: &str) -> Option<&'static Signature> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// The operators, the strongest first; those of one line of the grammar bind alike.
pub const OPERATORS: &[Signature] = &[
    Signature::new("-", "x-", "direct causes; `x--` is two steps"),
    Signature::new("+", "x+", "direct effects; `x++` is two steps"),
    Signature::new("::", "x::", "descendants, with x"),
    Signature::new("::", "::x", "ancestors, with x"),
    Signature::new("::", "x::y", "descendants of x that are ancestors of y: `x:: & ::y`"),
    Signature::new("::", "::", "every event: `all()`"),
    Signature::new("..", "x..", "events that are no ancestors of x: `~::x`"),
    Signature::new("..", "..x", "ancestors, with x: `::x`"),
    Signature::new("..", "x..y", "ancestors of y that are no ancestors of x: `::y ~ ::x`"),
    Signature::new("..", "..", "every event: `all()`"),
    Signature::new("~", "~x", "events that are not in x"),
    Signature::new("&", "x & y", "events in both"),
    Signature::new("~", "x ~ y", "events in x that are not in y"),
    Signature::new("|", "x | y", "events in either"),
];

/// The functions.
pub const FUNCTIONS: &[Signature] = &[
    Signature::new("all", "all()", "every event"),
    Signature::new("none", "none()", "no event"),
    Signature::new("kind", "kind(pattern)", "events of such a kind"),
    Signature::new("scope", "scope(pattern)", "events of such a scope"),
    Signature::new("entity", "entity(pattern)", "events of such an entity"),
    Signature::new("tag", "tag(pattern)", "events with such a tag"),
    Signature::new("correlation", "correlation(pattern)", "events of such a business transaction"),
    Signature::new("system", "system(x)", "x, with the system's events let in"),
    Signature::new("since", "since(time)", "events at the time or after it"),
    Signature::new("until", "until(time)", "events before the time"),
    Signature::new("id", "id(digits)", "the event whose id starts with these hexadecimal digits"),
    Signature::new("source", "source(name[, scope])", "the event imported under this name in another system"),
    Signature::new("at", "at(place, x)", "x as it was at a position (digits) or a time"),
    Signature::new("latest", "latest(x[, count])", "the last events of x by position; one without a count"),
    Signature::new("earliest", "earliest(x[, count])", "the first events of x by position; one without a count"),
    Signature::new("ancestors", "ancestors(x[, depth])", "`::x`, fewer than `depth` steps back"),
    Signature::new("descendants", "descendants(x[, depth])", "`x::`, fewer than `depth` steps on"),
    Signature::new("parents", "parents(x[, depth])", "causes exactly `depth` steps back; one without a depth"),
    Signature::new("children", "children(x[, depth])", "effects exactly `depth` steps on; one without a depth"),
    Signature::new("roots", "roots(x)", "events of x without an ancestor in x"),
    Signature::new("heads", "heads(x)", "events of x without a descendant in x"),
    Signature::new("joins", "joins()", "events with two or more causes"),
    Signature::new("forks", "forks()", "events with two or more effects"),
    Signature::new("fork_point", "fork_point(x)", "the best common ancestors of all of x"),
    Signature::new("connected", "connected(x)", "x and all events between: `x::x`"),
    Signature::new("dominators", "dominators(x)", "events that every chain of causes to x went through"),
    Signature::new("chokepoints", "chokepoints(x)", "events that every chain of causes within x goes through"),
    Signature::new("must", "must(x)", "events that could not have happened without x"),
    Signature::new("may", "may(x)", "events that might not have happened without x"),
    Signature::new("support", "support(x)", "roots that x could not have happened without"),
    Signature::new("concurrent", "concurrent(x)", "events that are neither ancestors nor descendants of x"),
    Signature::new("critical_path", "critical_path(x)", "the longest chain of causes within x"),
    Signature::new("cut", "cut(x)", "the smallest consistent cut that holds x"),
    Signature::new("dangling", "dangling()", "events that name a cause which is not there"),
    Signature::new("present", "present(x)", "x, or nothing if an event named in it does not exist"),
    Signature::new("hb", "hb(x)", "x, where causes are also the previous events of the same streams"),
    Signature::new("observed", "observed(x)", "x, where causes are also what decisions read"),
];
