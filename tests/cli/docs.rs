//! Tests that README and the pages in `docs/` match the program. Their commands parse, their links lead somewhere, the
//! tables are those of the program, and the guides and the transcript in README can be repeated.

mod guides;
mod tables;
mod text;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A page of the documentation.
struct Page {
    /// The path relative to the root of the repository.
    name: String,
    text: String,
}

/// A fenced block of code in a page.
struct Block<'a> {
    /// The number of the line that begins the block.
    line: usize,
    language: &'a str,
    /// The comment in the line before the block, without its delimiters, or an empty string.
    note: &'a str,
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns README, SECURITY.md and all pages in `docs/`.
fn pages() -> Vec<Page> {
    let mut paths = vec![root().join("README.md"), root().join("SECURITY.md")];
    let mut directories = vec![root().join("docs")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                paths.push(path);
            }
        }
    }
    let is_page = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let mut pages: Vec<Page> = paths.iter().filter(|path| is_page(path)).map(|path| page(path)).collect();
    pages.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(pages.len() > 13, "{}", pages.len());
    pages
}

fn page(path: &Path) -> Page {
    let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
    Page { name, text: fs::read_to_string(path).unwrap() }
}

fn named(name: &str) -> Page {
    page(&root().join(name))
}

impl Page {
    fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks: Vec<Block<'_>> = Vec::new();
        let (mut is_open, mut before, mut indent) = (false, "", "");
        for (index, line) in self.text.lines().enumerate() {
            // A block in a list is indented like the text of the list.
            let line = line.strip_prefix(indent).unwrap_or(line);
            if is_open && line == "```" {
                (is_open, indent) = (false, "");
            } else if is_open {
                let code = &mut blocks.last_mut().unwrap().code;
                code.push_str(line);
                code.push('\n');
            } else if let Some(language) = line.trim_start().strip_prefix("```") {
                (is_open, indent) = (true, &line[..line.len() - line.trim_start().len()]);
                let note = before.strip_prefix("<!-- ").and_then(|note| note.strip_suffix(" -->")).unwrap_or_default();
                blocks.push(Block { line: index + 1, language, note, code: String::new() });
            }
            before = line.trim_start();
        }
        blocks
    }

    /// Returns the lines outside blocks of code, with their numbers.
    fn prose(&self) -> Vec<(usize, &str)> {
        let mut is_code = false;
        let numbered = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        numbered
            .filter(|(_, line)| {
                let is_fence = line.trim_start().starts_with("```");
                is_code ^= is_fence;
                !is_code && !is_fence
            })
            .collect()
    }

    /// Returns the headings with the given number of `#`.
    fn headings(&self, level: usize) -> Vec<&str> {
        let start = format!("{} ", "#".repeat(level));
        self.prose().into_iter().filter_map(|(_, line)| line.strip_prefix(&start)).collect()
    }

    /// Compares the text between two markers in the page with `expected`. With `KEYWRIGHT_BLESS=1`, replaces the text
    /// instead.
    fn compare_section(&self, section: &str, expected: &str) {
        let (open, close) = (format!("<!-- {section} -->\n"), format!("<!-- /{section} -->"));
        let (before, rest) = self.text.split_once(&open).unwrap_or_else(|| panic!("{}: no {section}", self.name));
        let (found, after) = rest.split_once(&close).unwrap();
        self.compare(found, expected, &format!("{before}{open}{expected}{close}{after}"));
    }

    /// With `KEYWRIGHT_BLESS=1`, writes the page with the text `new`, unless a part is as expected.
    fn compare(&self, found: &str, expected: &str, new: &str) {
        if found == expected {
            return;
        }
        assert!(
            std::env::var_os("KEYWRIGHT_BLESS").is_some(),
            "{} is not what the program says; KEYWRIGHT_BLESS=1 cargo test --test cli docs writes it:\n{expected}",
            self.name
        );
        fs::write(root().join(&self.name), new).unwrap();
    }
}

/// Returns the anchor of a heading, as it is derived when the page is shown.
fn anchor(heading: &str) -> String {
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.to_lowercase().chars().filter(is_kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}
