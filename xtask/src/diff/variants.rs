//! Compares unions. Most variants have no name: they are compared as sets of shapes, whatever their order.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::api::Api;
use super::comparison::Direction::{Request, Response};
use super::comparison::{Comparison, Place};
use super::finding::Finding;
use super::finding::Severity::{Breaking, Compatible};
use super::renames::are_alike;
use super::shape::{DEPTH, is_same, label, labels, name, type_of, union, variant_names};
use super::spot::Spot;

/// The variants of a union, and the document that they are of.
type Variants<'a> = (&'a Api, &'a [Value]);

impl Comparison<'_> {
    /// Compares unions. Returns whether the old or the new schema is one, in which case nothing is left to compare.
    pub(super) fn is_union(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) -> bool {
        match (union(old), union(new)) {
            (None, None) => return false,
            (None, Some((_, now))) => {
                let same = |variant: &&Value| type_of(&self.new.merged(self.new.resolve(variant).1)) == type_of(old);
                let what = format!("changed from {} to one of {}", type_of(old), labels(self.new, now));
                let change = if now.iter().any(|variant| same(&variant)) { "became-union" } else { "type-changed" };
                self.add(Breaking, change, place, what, self.affects(place));
            }
            (Some((_, before)), None) => {
                let what = format!("changed from one of {} to {}", labels(self.old, before), type_of(new));
                self.add(Breaking, "union-ended", place, what, self.affects(place));
            }
            (Some((was, before)), Some((is, now))) => {
                if was != is && !(are_exclusive(self.old, before) && are_exclusive(self.new, now)) {
                    let what = format!("changed from `{was}` to `{is}`, which have different types in Rust");
                    self.add(Breaking, "type-changed", place, what, self.affects(place));
                }
                self.variants(place, &lists_first(self.old, before), &lists_first(self.new, now));
            }
        }
        true
    }

    fn variants(&mut self, place: &Place, old: &[Value], new: &[Value]) {
        let (before, now) = ((self.old, old), (self.new, new));
        let pairs = matched(before, now);
        for (was, is) in &pairs {
            let place = Place {
                text: format!("{}({})", place.text, label(self.new, &new[*is])),
                schema: None,
                old: place.old.variant(&self.old.names, *was, old.len()),
                new: place.new.variant(&self.new.names, *is, new.len()),
            };
            self.schemas(&place, &old[*was], &new[*is]);
        }
        // As sets, unions do not change by a shape that they have twice. Names are not shapes.
        let has = |(api, all): Variants<'_>, of: &Api, one: &Value| {
            name(of, one).is_none() && all.iter().any(|other| is_same((api, other), (of, one), DEPTH))
        };
        for (at, _) in old.iter().enumerate().filter(|(_, variant)| !has(now, before.0, variant)) {
            if pairs.iter().all(|(was, _)| *was != at) {
                self.variant_removed(place, at, old);
            }
        }
        for (at, variant) in new.iter().enumerate().filter(|(_, variant)| !has(before, now.0, variant)) {
            if pairs.iter().all(|(_, is)| *is != at) {
                self.variant_added(place, variant, old);
            }
        }
        self.variant_names(place, before, now, &pairs);
    }

    fn variant_removed(&mut self, place: &Place, at: usize, old: &[Value]) {
        let variant = &old[at];
        let (label, is_named) = (label(self.old, variant), name(self.old, variant).is_some());
        let impact = if is_named { format!("Affects code that names `{label}`") } else { self.affects(place) };
        let what = format!("can no longer be `{label}`");
        let mut finding = self.about(place, Finding::new(Breaking, "union-variant-removed", &place.text, what, impact));
        finding.names.insert(place.old.variant(&self.old.names, at, old.len()).item);
        self.add_finding(finding);
    }

    fn variant_added(&mut self, place: &Place, variant: &Value, old: &[Value]) {
        let label = label(self.new, variant);
        let is_text = |api: &Api, one: &Value| {
            let schema = api.merged(api.resolve(one).1);
            type_of(&schema) == "string" && schema.get("format").is_none_or(|format| format != "date-time")
        };
        let (severity, impact) = match self.direction {
            Request => (Compatible, "No impact on callers; they can send it".to_owned()),
            // Enums are open.
            Response if is_text(self.new, variant) && old.iter().any(|one| is_text(self.old, one)) => {
                (Compatible, "No impact on callers; before an upgrade it decodes as another string".to_owned())
            }
            Response => {
                (Breaking, format!("Affects callers who receive `{label}`: it cannot be decoded before an upgrade"))
            }
        };
        self.add(severity, "union-variant-added", place, format!("can now also be `{label}`"), impact);
    }

    /// Compares the names of variants in the generated code, which can depend on all variants and on their order.
    fn variant_names(&mut self, place: &Place, old: Variants<'_>, new: Variants<'_>, pairs: &[(usize, usize)]) {
        let generated = |spot: &Spot, (api, all): Variants<'_>| {
            let own = spot.type_name(&api.names)?;
            let mut variants: Vec<_> = api.names.variants(own).map(|(name, at, _)| (at, name)).collect();
            variants.sort_unstable();
            let name = |(_, name): (usize, &str)| name[own.len()..].trim_start_matches(':').to_owned();
            (variants.len() == all.len()).then(|| variants.into_iter().map(name).collect::<Vec<_>>())
        };
        let before = generated(&place.old, old).unwrap_or_else(|| variant_names(old.0, old.1));
        let now = generated(&place.new, new).unwrap_or_else(|| variant_names(new.0, new.1));
        let renamed = pairs.iter().map(|(was, is)| (&before[*was], &now[*is])).filter(|(was, is)| was != is);
        let renamed: Vec<_> = renamed.map(|(was, is)| format!("`{was}` is now called `{is}`")).collect();
        if !renamed.is_empty() {
            let what = format!("has other names for its variants: {}", renamed.join(", "));
            let finding = Finding::new(
                Breaking,
                "union-variant-renamed",
                &place.text,
                what,
                "Affects code that names the variants",
            );
            let mut finding = self.about(place, finding);
            let own = place.old.type_name(&self.old.names);
            let variants = own.into_iter().flat_map(|own| self.old.names.variants(own));
            finding.names.extend(variants.map(|(name, _, _)| name.to_owned()));
            self.add_finding(finding);
        }
    }
}

/// Returns the variants in the order of the bindings, which have lists before others.
fn lists_first(api: &Api, variants: &[Value]) -> Vec<Value> {
    let is_list = |variant: &&Value| type_of(&api.merged(api.resolve(variant).1)) == "array";
    let (lists, others): (Vec<_>, Vec<_>) = variants.iter().partition(is_list);
    lists.into_iter().chain(others).cloned().collect()
}

/// Returns which variants are the same ones, by their places: first by name and by shape, then by what they have in common with
/// one other variant only.
fn matched((old_api, old): Variants<'_>, (new_api, new): Variants<'_>) -> Vec<(usize, usize)> {
    let names = |was: &Value, is: &Value| (name(old_api, was).map(str::to_owned), name(new_api, is).map(str::to_owned));
    let mut pairs = Pairs { old, new, found: Vec::new() };
    pairs.add(Candidate::First, |was, is| matches!(names(was, is), (Some(was), Some(is)) if was == is));
    pairs.add(Candidate::First, |was, is| {
        let is_another = matches!(names(was, is), (Some(was), Some(is)) if !are_alike(&was, &is));
        !is_another && is_same((old_api, was), (new_api, is), DEPTH)
    });
    let is_unnamed = |was: &Value, is: &Value| names(was, is) == (None, None);
    pairs.add(Candidate::Only, |was, is| is_unnamed(was, is) && label(old_api, was) == label(new_api, is));
    pairs.add(Candidate::Only, |was, is| is_unnamed(was, is) && has_common((old_api, was), (new_api, is)));
    pairs.found
}

/// Which one of several candidates is the same variant: the first, or none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Candidate {
    First,
    Only,
}

/// Variants that are the same ones, by their places.
struct Pairs<'a> {
    old: &'a [Value],
    new: &'a [Value],
    found: Vec<(usize, usize)>,
}

impl Pairs<'_> {
    /// Adds pairs of those that have none yet.
    fn add(&mut self, which: Candidate, is_one: impl Fn(&Value, &Value) -> bool) {
        let is_one = |was: usize, is: usize| is_one(&self.old[was], &self.new[is]);
        let open: Vec<_> = (0..self.old.len()).filter(|at| self.found.iter().all(|(was, _)| was != at)).collect();
        let mut free: Vec<_> = (0..self.new.len()).filter(|at| self.found.iter().all(|(_, is)| is != at)).collect();
        let is_only = |was: usize, is: usize, free: &[usize]| {
            free.iter().filter(|is| is_one(was, **is)).count() == 1
                && open.iter().filter(|was| is_one(**was, is)).count() == 1
        };
        for was in &open {
            let first = free.iter().position(|is| is_one(*was, *is));
            if let Some(at) = first.filter(|at| which == Candidate::First || is_only(*was, free[*at], &free)) {
                self.found.push((*was, free.remove(at)));
            }
        }
    }
}

/// Returns whether all variants have different types, so that any of them is one of them.
fn are_exclusive(api: &Api, variants: &[Value]) -> bool {
    let types: Vec<_> =
        variants.iter().map(|variant| type_of(&api.merged(api.resolve(variant).1)).to_owned()).collect();
    let different: BTreeSet<_> = types.iter().filter(|kind| *kind != "any value").collect();
    different.len() == types.len()
}

/// Returns whether two variants have the same type, and a field in common if they are objects.
fn has_common((old_api, old): (&Api, &Value), (new_api, new): (&Api, &Value)) -> bool {
    let (old, new) = (old_api.merged(old), new_api.merged(new));
    let fields = |schema: &'_ Map<String, Value>| schema.get("properties").and_then(Value::as_object).cloned();
    let has_common_field = match (fields(&old), fields(&new)) {
        (Some(old), Some(new)) => old.keys().any(|field| new.contains_key(field)),
        (old, new) => old.is_none() && new.is_none(),
    };
    type_of(&old) == type_of(&new) && has_common_field
}
