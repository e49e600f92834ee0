//! The served schema as its introspection tells it, and selections of everything in it.

use crate::support::client::Client;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Fields within fields at the most, below the server's own limit.
const DEEPEST: usize = 12;

const INTROSPECTION: &str = "
    query { __schema { types { kind name possibleTypes { name }
      fields { name args { name defaultValue type { ...T } } type { ...T } } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// What the server says that it serves.
pub(crate) struct Schema {
    types: BTreeMap<String, Value>,
}

/// The arguments that a field without defaults needs to be asked for, such as `(first: 3)`.
fn arguments(owner: &str, field: &Value) -> String {
    let name = field["name"].as_str().unwrap();
    let mut given = Vec::new();
    for argument in field["args"].as_array().unwrap() {
        let called = argument["name"].as_str().unwrap();
        if called == "first" {
            given.push("first: 20".to_owned());
            continue;
        }
        let needed = argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null();
        assert!(
            !needed,
            "{owner}.{name} needs `{called}`: say here how the walk asks for it"
        );
    }
    match given.is_empty() {
        true => String::new(),
        false => format!("({})", given.join(", ")),
    }
}

/// The named type within lists and non-nulls.
fn named(mut kind: &Value) -> &str {
    while !kind["ofType"].is_null() {
        kind = &kind["ofType"];
    }
    kind["name"].as_str().unwrap()
}

impl Schema {
    pub(crate) async fn read(client: &mut Client) -> Self {
        let found = client.ask(INTROSPECTION, json!({})).await;
        let types = found["__schema"]["types"].as_array().unwrap().iter();
        let types = types.map(|it| (it["name"].as_str().unwrap().to_owned(), it.clone()));
        Self {
            types: types.collect(),
        }
    }

    fn fields(&self, name: &str) -> &[Value] {
        self.types[name]["fields"].as_array().unwrap()
    }

    /// The names of a type's fields.
    pub(crate) fn names(&self, owner: &str) -> Vec<String> {
        let fields = self.fields(owner).iter();
        fields
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The types that an interface or a union may be.
    pub(crate) fn possible(&self, name: &str) -> BTreeSet<String> {
        let all = self.types[name]["possibleTypes"].as_array().unwrap().iter();
        all.map(|it| it["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The type of a field.
    pub(crate) fn type_of(&self, owner: &str, field: &str) -> String {
        let found = self.fields(owner).iter().find(|it| it["name"] == field);
        named(&found.unwrap()["type"]).to_owned()
    }

    /// Every object type's fields but those of the roots, of payloads and of introspection.
    pub(crate) fn all_fields(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for (name, kind) in &self.types {
            let root = ["Query", "Mutation", "Subscription"].contains(&name.as_str());
            if kind["kind"] != "OBJECT"
                || root
                || name.starts_with("__")
                || name.ends_with("Payload")
                || name == "UserError"
            {
                continue;
            }
            all.extend(
                self.names(name)
                    .iter()
                    .map(|field| format!("{name}.{field}")),
            );
        }
        all
    }

    /// Everything below a type, with each field entered once, where it is nearest to the root: deeper
    /// down there may be nothing to enter. `seen` gathers what was selected.
    pub(crate) fn selection(&self, name: &str, seen: &mut BTreeSet<String>) -> String {
        let mut entered = HashSet::new();
        let mut sets = vec![Set::new(name, "", 1)];
        let mut at = 0;
        while at < sets.len() {
            let (of, alias, depth) = (sets[at].of.clone(), sets[at].alias.clone(), sets[at].depth);
            let kind = self.types[&of]["kind"].as_str().unwrap();
            let mut parts = vec![Part::Text("__typename".to_owned())];
            if ["UNION", "INTERFACE"].contains(&kind) {
                for of in self.possible(&of) {
                    parts.push(Part::Below(format!("... on {of}"), sets.len()));
                    // Fields of one name may differ in type from fragment to fragment.
                    sets.push(Set::new(&of, &format!("{of}_"), depth));
                }
                sets[at].parts = parts;
                at += 1;
                continue;
            }
            for field in self.fields(&of) {
                let called = field["name"].as_str().unwrap();
                let key = format!("{of}.{called}");
                let below = named(&field["type"]);
                let shown = match alias.as_str() {
                    "" => called.to_owned(),
                    alias => format!("{alias}{called}: {called}"),
                };
                let arguments = arguments(&of, field);
                let kind = &self.types[below];
                if kind["fields"].is_null() && kind["possibleTypes"].is_null() {
                    seen.insert(key);
                    parts.push(Part::Text(shown));
                } else if depth < DEEPEST && entered.insert(key.clone()) {
                    seen.insert(key);
                    parts.push(Part::Below(shown + &arguments, sets.len()));
                    sets.push(Set::new(below, "", depth + 1));
                }
            }
            sets[at].parts = parts;
            at += 1;
        }
        write(&sets, 0)
    }
}

/// A selection set to be filled.
struct Set {
    of: String,
    /// Before the names of its fields in the answer.
    alias: String,
    depth: usize,
    parts: Vec<Part>,
}

enum Part {
    Text(String),
    /// What stands before another set, and which.
    Below(String, usize),
}

impl Set {
    fn new(of: &str, alias: &str, depth: usize) -> Self {
        Self {
            of: of.to_owned(),
            alias: alias.to_owned(),
            depth,
            parts: vec![],
        }
    }
}

fn write(sets: &[Set], at: usize) -> String {
    let parts = sets[at].parts.iter().map(|part| match part {
        Part::Text(text) => text.clone(),
        Part::Below(head, below) => format!("{head} {{ {} }}", write(sets, *below)),
    });
    parts.collect::<Vec<_>>().join(" ")
}
