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

    /// Everything below a type, with each field entered once; `seen` gathers what was selected.
    pub(crate) fn selection(&self, name: &str, seen: &mut BTreeSet<String>) -> String {
        self.select(name, &mut HashSet::new(), seen, "", 1)
    }

    fn select(
        &self,
        name: &str,
        entered: &mut HashSet<String>,
        seen: &mut BTreeSet<String>,
        alias: &str,
        depth: usize,
    ) -> String {
        let kind = self.types[name]["kind"].as_str().unwrap();
        if ["UNION", "INTERFACE"].contains(&kind) {
            let mut parts = vec!["__typename".to_owned()];
            for of in self.possible(name) {
                // Fields of one name may differ in type from fragment to fragment.
                let alias = format!("{of}_");
                let part = self.select(&of, entered, seen, &alias, depth);
                parts.push(format!("... on {of} {{ __typename {part} }}"));
            }
            return parts.join(" ");
        }
        let mut parts = Vec::new();
        for field in self.fields(name) {
            let called = field["name"].as_str().unwrap();
            let key = format!("{name}.{called}");
            let of = named(&field["type"]);
            let shown = match alias {
                "" => called.to_owned(),
                alias => format!("{alias}{called}: {called}"),
            };
            let arguments = arguments(name, field);
            if self.types[of]["fields"].is_null() && self.types[of]["possibleTypes"].is_null() {
                seen.insert(key);
                parts.push(shown);
            } else if depth < DEEPEST && entered.insert(key.clone()) {
                seen.insert(key);
                let below = self.select(of, entered, seen, "", depth + 1);
                parts.push(format!("{shown}{arguments} {{ __typename {below} }}"));
            }
        }
        parts.join(" ")
    }
}
