//! The text files of the project, read once for all checks.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::shipped::shipped;
use super::token::{Token, tokens};

/// One text file; its path is relative to the project's root and uses `/` everywhere.
#[derive(Debug)]
pub struct File {
    pub path: String,
    pub text: String,
}

#[derive(Debug, Default)]
pub struct Tree {
    pub files: Vec<File>,
}

impl Tree {
    /// Reads every UTF-8 file under `root`, in the order of their paths.
    ///
    /// Leaves out `.git`, build folders (told by their `CACHEDIR.TAG`), symbolic links and binary files.
    pub fn read(root: &Path) -> io::Result<Tree> {
        let mut tree = Tree::default();
        tree.read_folder(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        if folder.join("CACHEDIR.TAG").exists() {
            return Ok(());
        }
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() && name != ".git" {
                self.read_folder(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file()
                && let Ok(text) = String::from_utf8(fs::read(entry.path())?)
            {
                self.files.push(File { path, text });
            }
        }
        Ok(())
    }

    pub fn with_extension(&self, extension: &str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.path.rsplit_once('.').is_some_and(|(_, found)| found == extension))
    }

    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.with_extension("rs")
    }

    /// The Rust files under `folder` without what only tests compile.
    ///
    /// # Errors
    ///
    /// When there is none: a check of nothing must not pass.
    pub fn shipped_rust(&self, folder: &str) -> io::Result<Vec<(&File, Vec<Token<'_>>)>> {
        let mut found = Vec::new();
        let mut test_only = BTreeSet::new();
        for file in self.rust().filter(|file| file.path.starts_with(folder)) {
            let kept = shipped(&tokens(&file.text));
            for module in kept.test_modules {
                test_only.insert(format!("{}{module}", module_folder(&file.path)));
            }
            found.push((file, kept.tokens));
        }
        found.retain(|(file, _)| {
            !test_only.iter().any(|module| {
                let rest = file.path.strip_prefix(module.as_str());
                rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            })
        });
        if found.is_empty() {
            return Err(io::Error::other(format!("no Rust file in `{folder}`")));
        }
        Ok(found)
    }
}

/// Where the modules that a file declares live, with a closing `/`.
fn module_folder(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    match name.strip_suffix(".rs").unwrap_or(name) {
        "lib" | "main" | "mod" => format!("{folder}/"),
        module => format!("{folder}/{module}/"),
    }
}

#[cfg(test)]
impl Tree {
    /// A tree with planted files.
    pub fn of(files: &[(&str, &str)]) -> Tree {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        Tree { files: files.iter().map(file).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_modules_in_files_of_their_own_do_not_ship() {
        let tree = Tree::of(&[
            ("a/src/lib.rs", "#[cfg(test)] mod naive; mod real;"),
            ("a/src/naive.rs", ""),
            ("a/src/naive/deep.rs", ""),
            ("a/src/real.rs", "#[cfg(test)] mod tests;"),
            ("a/src/real/tests.rs", ""),
            ("a/src/naive_not.rs", ""),
            ("b/src/lib.rs", ""),
        ]);
        let shipped = tree.shipped_rust("a/src/").expect("there are files");
        let found: Vec<_> = shipped.iter().map(|(file, _)| file.path.as_str()).collect();
        assert_eq!(found, ["a/src/lib.rs", "a/src/real.rs", "a/src/naive_not.rs"]);
        assert!(tree.shipped_rust("c/src/").is_err());
    }

    #[test]
    fn the_real_tree_is_read_without_build_folders() {
        let tree = Tree::read(&crate::cargo::root()).expect("the project can be read");
        assert!(tree.files.iter().any(|file| file.path == "xtask/src/tidy/tree.rs"));
        assert!(tree.files.iter().any(|file| file.path == "Cargo.toml"));
        assert!(!tree.files.iter().any(|file| file.path.starts_with(".git/")));
    }
}
