//! Merges the cloud-configs of user data as cloud-init does: each into those before it, by the rules that it states itself.
//!
//! The rules, and what happens where they do not say anything, are those of cloud-init's modules `handlers/cloud_config.py` and
//! `mergers`.

use serde_json::{Map, Value};

/// Returns what cloud-init makes of these texts. One that it cannot read has no effect.
pub(super) fn merged<'a>(texts: impl IntoIterator<Item = &'a str>) -> Map<String, Value> {
    let mut merged = Map::new();
    for text in texts {
        let Ok(Value::Object(mut config)) = yaml_serde::from_str(text) else { continue };
        if let Some(rules) = Rules::take_from(&mut config) {
            merged = rules.merge_objects(merged, config);
        }
    }
    merged
}

/// How values are merged: for each type the options that are given, or `None` if values of this type stay as they are.
#[derive(Default)]
struct Rules {
    dict: Option<Vec<String>>,
    list: Option<Vec<String>>,
    str: Option<Vec<String>>,
}

impl Rules {
    /// Takes the rules out of a cloud-config. `None` if they are invalid.
    fn take_from(config: &mut Map<String, Value>) -> Option<Self> {
        let given = |value: Option<Value>| value.filter(|value| !value.is_null());
        let stated = given(config.remove("merge_how")).or_else(|| given(config.remove("merge_type")));
        let rules = match stated {
            None => vec![],
            Some(Value::String(text)) => text.split('+').map(named_rule).collect::<Option<_>>()?,
            Some(Value::Array(items)) => items.iter().map(listed_rule).collect::<Option<_>>()?,
            Some(_) => return None,
        };
        let rules: Vec<_> = rules.into_iter().filter(|(name, _)| !name.is_empty()).collect();
        if rules.is_empty() {
            let replace = vec!["replace".to_owned()];
            return Some(Self { dict: Some(replace), list: Some(vec![]), str: Some(vec![]) });
        }
        let mut merging = Self::default();
        for (name, options) in rules {
            let rule = match name.as_str() {
                "dict" => &mut merging.dict,
                "list" => &mut merging.list,
                "str" => &mut merging.str,
                _ => return None,
            };
            rule.get_or_insert(options);
        }
        Some(merging)
    }

    fn merge(&self, old: Value, new: Value) -> Value {
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => self.merge_objects(old, new).into(),
            (Value::Array(old), new) => self.merge_lists(old, new),
            (Value::String(old), new) => match (&self.str, new) {
                (None, _) => old.into(),
                (Some(options), Value::String(new)) if has(options, "append") => (old + &new).into(),
                (Some(_), new) => new,
            },
            (old, _) => old,
        }
    }

    fn merge_objects(&self, mut old: Map<String, Value>, new: Map<String, Value>) -> Map<String, Value> {
        let Some(options) = &self.dict else { return old };
        for (key, new) in new {
            let merged = match old.remove(&key) {
                Some(_) if new.is_null() && has(options, "allow_delete") => continue,
                Some(_) if has(options, "replace") => new,
                Some(old) if new.is_object() || recurses(options, &new) => self.merge(old, new),
                Some(old) => old,
                None => new,
            };
            old.insert(key, merged);
        }
        old
    }

    fn merge_lists(&self, mut old: Vec<Value>, new: Value) -> Value {
        let Some(options) = &self.list else { return old.into() };
        let (appends, prepends) = (has(options, "append"), has(options, "prepend"));
        let replaces = !appends && !prepends && (has(options, "replace") || !has(options, "no_replace"));
        match new {
            Value::Array(new) if appends => old.into_iter().chain(new).collect(),
            Value::Array(new) if prepends => new.into_iter().chain(old).collect(),
            Value::Array(new) if replaces => {
                // Item by item: those that only one of the lists has stay, or are not added.
                for (old, new) in old.iter_mut().zip(new) {
                    let is_merged = recurses(options, &new) || (new.is_object() && has(options, "recurse_dict"));
                    *old = if is_merged { self.merge(old.take(), new) } else { new };
                }
                old.into()
            }
            new if replaces => new,
            _ => old.into(),
        }
    }
}

fn has(options: &[String], option: &str) -> bool {
    options.iter().any(|it| it == option)
}

/// Whether the options say to merge the value that a list or an object contains.
fn recurses(options: &[String], value: &Value) -> bool {
    match value {
        Value::Array(_) => has(options, "recurse_list") || has(options, "recurse_array"),
        Value::String(_) => has(options, "recurse_str"),
        _ => false,
    }
}

/// Reads a rule such as `dict(no_replace, recurse_list)`. One without a name has no effect.
fn named_rule(text: &str) -> Option<(String, Vec<String>)> {
    let text = text.trim().to_lowercase().replace('-', "_");
    if text.is_empty() {
        return Some((text, vec![]));
    }
    let (name, options) = text.strip_suffix(')')?.split_once('(')?;
    let options = options.split(',').map(|option| option.trim().to_owned()).collect();
    Some((name.to_owned(), options))
}

/// Reads a rule such as `{ name: list, settings: [append] }` or `[list, append]`.
fn listed_rule(rule: &Value) -> Option<(String, Vec<String>)> {
    let texts = |values: &[Value]| values.iter().map(|it| it.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
    match rule {
        Value::Object(rule) => {
            let name = rule.get("name")?.as_str()?.trim().replace('-', "_");
            Some((name, texts(rule.get("settings")?.as_array()?)?))
        }
        Value::Array(rule) => Some((rule.first()?.as_str()?.to_owned(), texts(&rule[1..])?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What cloud-init 22.4.2 writes for the same parts.
    #[test]
    fn parts_are_merged_as_cloud_init_merges_them() {
        let config = "a: [1, 2, 3]\nb: {x: 1}\nc: text\nd: null\n";
        for (second, expected) in [
            ("a: [9]\nc: more\n", json!({ "a": [9], "b": { "x": 1 }, "c": "more", "d": null })),
            (
                "merge_how: list(append)+dict(recurse_list)+str()\na: [9]\nc: more\n",
                json!({ "a": [1, 2, 3, 9], "c": "text" }),
            ),
            ("merge_how: list(prepend)+dict(no_replace,recurse_list)+str()\na: [9]\n", json!({ "a": [9, 1, 2, 3] })),
            ("merge_type: 'list(append)+dict(recurse_array)+str()'\na: [9]\n", json!({ "a": [1, 2, 3, 9] })),
            ("merge_how: list(append)+dict()\na: [9]\n", json!({ "a": [1, 2, 3] })),
            ("merge_how: list()+dict(recurse_list)\na: [9, 8, 7, 6]\n", json!({ "a": [9, 8, 7] })),
            ("merge_how: list(no_replace)+dict(recurse_list)\na: [9, 8]\n", json!({ "a": [1, 2, 3] })),
            ("merge_how: dict(recurse_str)+str(append)\nc: more\n", json!({ "c": "textmore" })),
            ("merge_how: dict(recurse_str)+str()\nc: more\n", json!({ "c": "more" })),
            ("merge_how: dict()\nb: {x: 2, y: 3}\n", json!({ "b": { "x": 1, "y": 3 } })),
            ("merge_how: dict(replace)\nb: {y: 3}\n", json!({ "b": { "y": 3 } })),
            ("merge_how: dict(allow_delete)\na: null\n", json!({ "b": { "x": 1 }, "c": "text", "d": null })),
            ("merge_how: dict(recurse_list)+list(append)\nd: [9]\n", json!({ "d": null })),
            (
                "merge_how: [{name: list, settings: [append]}, {name: dict, settings: [recurse_list]}]\na: [9]\n",
                json!({ "a": [1, 2, 3, 9] }),
            ),
            ("merge_how: [[list, prepend], [dict, recurse_list]]\na: [9]\n", json!({ "a": [9, 1, 2, 3] })),
            ("merge_how: list(append)\na: [9]\nz: 1\n", json!({ "a": [1, 2, 3] })),
            ("merge_how: unknown()\na: [9]\n", json!({ "a": [1, 2, 3] })),
            ("merge_how: list\na: [9]\n", json!({ "a": [1, 2, 3] })),
            ("- a list\n", json!({ "a": [1, 2, 3] })),
            ("a: [1\n", json!({ "a": [1, 2, 3] })),
        ] {
            let merged = Value::Object(merged([config, second]));
            for (key, value) in expected.as_object().unwrap() {
                assert_eq!(&merged[key], value, "{key} after {second}");
            }
            assert_eq!((merged.get("z"), merged.get("merge_how")), (None, None), "{second}");
            assert_eq!(merged.get("a").is_none(), second.contains("allow_delete"), "{second}");
        }
    }
}
