//! Compares the layers in the documentation of the crate with the `use` lines of its modules.
//!
//! Test code is not considered, because tests may use any module.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The modules that each top-level module uses.
type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Returns the lines of a file without comments and test code.
fn code_of(file: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    let mut is_test = false;
    for line in fs::read_to_string(file).unwrap().lines() {
        let line = line.split("//").next().unwrap().trim();
        if line == "#[cfg(test)]" {
            is_test = true;
        } else if is_test && !line.starts_with("#[") {
            is_test = false;
            // By convention, a module of tests is the last item in its file.
            if line.starts_with("mod ") && line.ends_with('{') {
                break;
            }
        } else if !is_test {
            lines.push(line.to_owned());
        }
    }
    lines
}

/// Returns the name in a declaration such as `pub(super) mod name;`, or `None` for any other line.
fn declared_module(line: &str) -> Option<&str> {
    let (visibility, name) = line.strip_suffix(';')?.rsplit_once("mod ")?;
    (visibility.is_empty() || visibility.starts_with("pub")).then_some(name)
}

/// Adds the modules that the module `name` in `directory` and its submodules use to `used`.
fn add_arrows(directory: &Path, name: &str, is_top: bool, used: &mut BTreeSet<String>) {
    let submodules = directory.join(name);
    let file = [submodules.with_extension("rs"), submodules.join("mod.rs")].into_iter().find(|file| file.exists());
    let code = code_of(&file.unwrap_or_else(|| panic!("{name} has no file")));
    for submodule in code.iter().filter_map(|line| declared_module(line)) {
        add_arrows(&submodules, submodule, false, used);
    }
    let code = code.join(" ");
    let roots: &[&str] = if is_top { &["crate::", "super::"] } else { &["crate::"] };
    for path in roots.iter().flat_map(|root| code.split(root).skip(1)) {
        used.extend(first_names(path));
    }
}

/// Returns the first name of a path, or of each path in a group such as `{a, b::{c, d}}`.
fn first_names(path: &str) -> Vec<String> {
    let first_name = |path: &str| -> String {
        path.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![first_name(path)];
    };
    let (mut names, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                names.push(first_name(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names
}

/// Returns each top-level module with the set of the other top-level modules that the module uses.
fn arrows(source: &Path) -> Arrows {
    let code = code_of(&source.join("lib.rs"));
    let modules: BTreeSet<String> = code.iter().filter_map(|line| declared_module(line)).map(str::to_owned).collect();
    let arrows_of = |module: &String| {
        let mut used = BTreeSet::new();
        add_arrows(source, module, true, &mut used);
        used.remove(module);
        (module.clone(), used.intersection(&modules).cloned().collect())
    };
    modules.iter().map(arrows_of).collect()
}

/// Arranges the modules in layers, the lowest first. A module is in the lowest layer that is above all modules it uses.
fn layers(mut arrows: Arrows) -> Vec<Vec<String>> {
    let mut layers = Vec::new();
    while !arrows.is_empty() {
        let layer: Vec<String> = arrows
            .iter()
            .filter(|(_, used)| used.iter().all(|module| !arrows.contains_key(module)))
            .map(|(module, _)| module.clone())
            .collect();
        assert!(!layer.is_empty(), "some of these modules use each other: {arrows:#?}");
        arrows.retain(|module, _| !layer.contains(module));
        layers.push(layer);
    }
    layers
}

#[test]
fn the_documentation_shows_the_layers_of_the_modules() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let text = fs::read_to_string(source.join("lib.rs")).unwrap();
    let documentation: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let picture = documentation.split(|line| line.starts_with("```")).nth(1).unwrap().join("\n");
    let arrows = arrows(&source);
    for module in arrows.keys() {
        let description = format!("* [`{module}`] ");
        assert!(documentation.iter().any(|line| line.starts_with(&description)), "{module} is not described");
    }
    let layers: Vec<String> = layers(arrows).iter().rev().map(|layer| layer.join(" ")).collect();
    let layers = layers.join("\n");
    assert!(picture == layers, "the picture in src/lib.rs must be:\n{layers}");
}

#[test]
fn paths_and_groups_are_parsed() {
    assert_eq!(first_names("key::{Key, Name};"), ["key"]);
    assert_eq!(
        first_names("{error::{Code, Error}, key::Key, process}; use std::{fs, io};"),
        ["error", "key", "process"]
    );
    assert_eq!(declared_module("pub(crate) mod json;"), Some("json"));
    assert_eq!(declared_module("mod tests {"), None);
    let arrows = [("a", vec!["b", "c"]), ("b", vec!["c"]), ("c", vec![])];
    let arrows = arrows.map(|(module, used)| (module.to_owned(), used.into_iter().map(str::to_owned).collect()));
    assert_eq!(layers(arrows.into()), [["c"], ["b"], ["a"]]);
}
