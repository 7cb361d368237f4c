//! Finds the cycles of a graph of imports.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::imports::Import;

/// The names that one file imports from another.
type Graph<'a> = BTreeMap<&'a str, BTreeMap<&'a str, BTreeSet<&'a str>>>;

/// Describes each cycle: its files, and below them the shortest loops that pass through all of these, with the imported names.
pub(super) fn describe(imports: &[Import]) -> Vec<String> {
    let mut graph = Graph::new();
    for Import { from, to, name, .. } in imports {
        graph.entry(from).or_default().entry(to).or_default().insert(name);
    }
    let mut found = Vec::new();
    let mut described = BTreeSet::new();
    for file in graph.keys() {
        if !described.contains(file) {
            let cycle = cycle_of(&graph, file);
            if !cycle.is_empty() {
                found.push(describe_one(&graph, &cycle));
                described.extend(cycle);
            }
        }
    }
    found
}

/// Returns all files that this one depends on and that depend on it.
fn cycle_of<'a>(graph: &Graph<'a>, file: &'a str) -> BTreeSet<&'a str> {
    let forward = reachable(graph, file);
    forward.into_iter().filter(|other| reachable(graph, other).contains(file)).collect()
}

fn reachable<'a>(graph: &Graph<'a>, file: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = graph.get(file).into_iter().flat_map(|to| to.keys().copied()).collect();
    while let Some(next) = open.pop() {
        if found.insert(next) {
            open.extend(graph.get(next).into_iter().flat_map(|to| to.keys().copied()));
        }
    }
    found
}

fn describe_one(graph: &Graph<'_>, cycle: &BTreeSet<&str>) -> String {
    let folder = common_folder(cycle);
    let short = |path: &str| path[folder.len()..].to_owned();
    let names: Vec<_> = cycle.iter().map(|path| short(path)).collect();
    let mut text = format!("cycle in {}: {}", folder.trim_end_matches('/'), names.join(", "));
    let mut covered = BTreeSet::new();
    for file in cycle {
        if !covered.contains(file) {
            let loop_of = shortest_loop(graph, file);
            let steps = loop_of.iter().zip(loop_of.iter().skip(1)).map(|(from, to)| {
                let names: Vec<_> = graph[from][to].iter().copied().collect();
                format!("{} → {}: {}", short(from), short(to), names.join(", "))
            });
            text.push_str(&format!("\n    {}", steps.collect::<Vec<_>>().join("; ")));
            covered.extend(loop_of);
        }
    }
    text
}

/// Returns the shortest path from a file of a cycle back to itself, both ends included.
fn shortest_loop<'a>(graph: &Graph<'a>, file: &'a str) -> Vec<&'a str> {
    let mut paths = VecDeque::from([vec![file]]);
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop_front() {
        let last = path[path.len() - 1];
        for next in graph.get(last).into_iter().flat_map(|to| to.keys().copied()) {
            let longer = [&path[..], &[next]].concat();
            if next == file {
                return longer;
            }
            if seen.insert(next) {
                paths.push_back(longer);
            }
        }
    }
    Vec::new()
}

/// Returns the folder that contains all of these files, with its slash.
fn common_folder(paths: &BTreeSet<&str>) -> String {
    let folder = |path: &str| path.rfind('/').map_or(0, |at| at + 1);
    let mut paths = paths.iter();
    let first = paths.next().copied().unwrap_or_default();
    let mut common = &first[..folder(first)];
    for path in paths {
        while !path.starts_with(common) {
            common = &common[..folder(&common[..common.len() - 1])];
        }
    }
    common.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(imports: &[(&str, &str, &str)]) -> Vec<String> {
        let import = |(from, to, name): &(&str, &str, &str)| Import {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
            module: String::new(),
            name: (*name).to_owned(),
        };
        describe(&imports.iter().map(import).collect::<Vec<_>>())
    }

    #[test]
    fn an_acyclic_graph_has_no_cycle() {
        assert_eq!(described(&[("a.rs", "b.rs", "B"), ("a.rs", "c.rs", "C"), ("b.rs", "c.rs", "C")]), [""; 0]);
    }

    #[test]
    fn loops_that_share_a_file_are_one_cycle() {
        let imports = [
            ("x/a.rs", "x/b.rs", "B"),
            ("x/b.rs", "x/a.rs", "A"),
            ("x/b.rs", "x/a.rs", "Also"),
            ("x/b.rs", "x/y/c.rs", "C"),
            ("x/y/c.rs", "x/y/d.rs", "D"),
            ("x/y/d.rs", "x/b.rs", "B"),
            ("x/y/d.rs", "x/e.rs", "E"),
        ];
        assert_eq!(
            described(&imports),
            ["cycle in x: a.rs, b.rs, y/c.rs, y/d.rs\n    \
              a.rs → b.rs: B; b.rs → a.rs: A, Also\n    \
              y/c.rs → y/d.rs: D; y/d.rs → b.rs: B; b.rs → y/c.rs: C"]
        );
    }
}
