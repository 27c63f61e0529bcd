//! Cuts Rust source into tokens, leaving out comments, so that a check never trips over prose.

/// One token and the line it starts on, counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub line: usize,
    pub kind: Kind<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// An identifier or a keyword; raw identifiers come without their `r#`.
    Word(&'a str),
    /// The inside of a string literal, escapes as written.
    Text(&'a str),
    /// Punctuation, one character at a time.
    Mark(char),
    /// A number, a character or a lifetime: no check looks inside.
    Other,
}

impl<'a> Token<'a> {
    pub fn word(&self) -> Option<&'a str> {
        match self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub fn is_word(&self, word: &str) -> bool {
        self.word() == Some(word)
    }

    pub fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }
}

/// All tokens of one file. Source that rustc would refuse gives some tokens, never a panic.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut cursor = Cursor { rest: source, line: 1 };
    let mut found = Vec::new();
    while let Some(first) = cursor.rest.chars().next() {
        let line = cursor.line;
        if let Some(kind) = cursor.next_kind(first) {
            found.push(Token { line, kind });
        }
    }
    found
}

struct Cursor<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Cursor<'a> {
    /// Takes one token, or one stretch of white space or comment (`None`).
    fn next_kind(&mut self, first: char) -> Option<Kind<'a>> {
        if first.is_whitespace() {
            self.take_while(char::is_whitespace);
            return None;
        }
        if self.rest.starts_with("//") {
            self.take_while(|c| c != '\n');
            return None;
        }
        if self.rest.starts_with("/*") {
            self.block_comment();
            return None;
        }
        if let Some(text) = self.string() {
            return Some(Kind::Text(text));
        }
        if first == '\'' || self.rest.starts_with("b'") {
            self.quote();
            return Some(Kind::Other);
        }
        if is_word_start(first) {
            if self.rest.starts_with("r#") {
                self.take(2);
            }
            return Some(Kind::Word(self.take_while(is_word_part)));
        }
        if first.is_ascii_digit() {
            self.take_while(is_word_part);
            return Some(Kind::Other);
        }
        self.take(first.len_utf8());
        Some(Kind::Mark(first))
    }

    /// Takes `bytes` bytes, or all that is left.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        self.take(self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len()))
    }

    /// Block comments nest in Rust.
    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.take(2);
            } else if self.rest.starts_with("*/") {
                depth = depth.saturating_sub(1);
                self.take(2);
            } else if let Some(c) = self.rest.chars().next() {
                self.take(c.len_utf8());
            }
            if depth == 0 || self.rest.is_empty() {
                return;
            }
        }
    }

    /// A string literal of any kind: plain, byte, C, and each of them raw.
    fn string(&mut self) -> Option<&'a str> {
        let after_letter = self.rest.strip_prefix(['b', 'c']).unwrap_or(self.rest);
        let after_raw = after_letter.strip_prefix('r');
        let body = after_raw.unwrap_or(after_letter);
        let hashes = body.len() - body.trim_start_matches('#').len();
        let body = body.trim_start_matches('#').strip_prefix('"')?;
        if after_raw.is_none() && hashes > 0 {
            return None;
        }
        self.take(self.rest.len() - body.len());
        let end = match after_raw {
            Some(_) => self.rest.find(&format!("\"{}", "#".repeat(hashes))),
            None => end_of_plain_string(self.rest),
        };
        let text = self.take(end.unwrap_or(self.rest.len()));
        self.take(1 + if after_raw.is_some() { hashes } else { 0 });
        Some(text)
    }

    /// A character literal or a lifetime: what follows the quote decides.
    fn quote(&mut self) {
        let open = if self.rest.starts_with('b') { 2 } else { 1 };
        self.take(open);
        let mut following = self.rest.chars();
        match (following.next(), following.next()) {
            (Some('\\'), Some(escaped)) => {
                self.take(1 + escaped.len_utf8());
                self.take_while(|c| c != '\'');
                self.take(1);
            }
            (Some(c), Some('\'')) => {
                self.take(c.len_utf8() + 1);
            }
            _ => {
                self.take_while(is_word_part);
            }
        }
    }
}

/// The place of the quote that no backslash escapes.
fn end_of_plain_string(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

fn is_word_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn is_word_part(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<&str> {
        tokens(source).iter().filter_map(Token::word).collect()
    }

    #[test]
    fn comments_strings_and_characters_hide_their_words() {
        let source = r##"
            // hidden
            /* hidden /* hidden */ hidden */
            let a = "hidden \" hidden"; let b = r#"hidden " hidden"#; let c = b"hidden";
            let d = 'h'; let e = '\''; let f = b'\\'; let g = '\u{68}';
            fn seen<'hidden>(x: &'hidden str) {}
        "##;
        assert!(!words(source).contains(&"hidden"), "{:?}", words(source));
        assert!(words(source).contains(&"seen"));
    }

    #[test]
    fn lines_are_counted_through_comments_and_strings() {
        let found = tokens("/*\n*/ \"\n\"\nlast");
        let last = found.last().expect("one token");
        assert_eq!((last.line, last.kind), (4, Kind::Word("last")));
    }

    #[test]
    fn the_text_of_a_string_is_kept() {
        let texts: Vec<_> = tokens(r###"f("a\"b", r"c", r#"d"e"#)"###)
            .into_iter()
            .filter(|token| matches!(token.kind, Kind::Text(_)))
            .map(|token| token.kind)
            .collect();
        assert_eq!(texts, [Kind::Text(r#"a\"b"#), Kind::Text("c"), Kind::Text("d\"e")]);
    }

    #[test]
    fn broken_source_ends() {
        for source in ["\"", "r#\"", "'", "b'", "/*", "'\\", "r#", "é'é"] {
            tokens(source);
        }
    }
}
