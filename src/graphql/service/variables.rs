//! Variables against the types that an operation declares for them, before it runs.
//!
//! async-graphql looks at a variable only where it is used, and takes a missing one for absent even
//! if its type is non-null. So the values are checked here, as the specification's coercion of
//! variables asks: all of them, with the path to what is wrong. Types of the schema's own scalars
//! are left to their parsers.

use async_graphql::{
    Name, Positioned, Value, Variables,
    indexmap::IndexMap,
    parser::types::{BaseType, OperationDefinition, Type},
};

use super::{
    Limits,
    error::{Problem, code},
    types::{InputObject, InputType, Types, named},
};

/// How the values of variables are checked against the types that an operation declares.
impl Types {
    /// Refuses a type that the schema does not have; async-graphql panics at a default value for a
    /// list of one.
    pub(super) fn check_declared(&self, operation: &OperationDefinition) -> Result<(), Problem> {
        for Positioned {
            node: variable,
            pos,
        } in &operation.variable_definitions
        {
            let name = named(&variable.var_type.node);
            if self.input(name).is_none() {
                let message = format!("Unknown type \"{name}\".");
                return Err(Problem::new(code::GRAPHQL_VALIDATION_FAILED, message).at(*pos));
            }
        }
        Ok(())
    }

    /// All that is wrong with the values given for an operation's variables.
    pub(super) fn check_values(
        &self,
        operation: &OperationDefinition,
        values: &Variables,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        for Positioned {
            node: variable,
            pos,
        } in &operation.variable_definitions
        {
            let (name, ty) = (&variable.name.node, &variable.var_type.node);
            let wrong = match values.get(name) {
                Some(value) => {
                    let mut path = format!("${name}");
                    self.mismatch(ty, value, &mut path)
                        .map(|wrong| format!("Variable \"{path}\" of type \"{ty}\": {wrong}."))
                }
                None if ty.nullable || variable.default_value.is_some() => None,
                None => Some(format!(
                    "Variable \"${name}\" of type \"{ty}\" has no value."
                )),
            };
            problems
                .extend(wrong.map(|message| Problem::new(code::BAD_USER_INPUT, message).at(*pos)));
        }
        problems
    }

    /// What was expected and found where `value` does not fit; `path` is then left pointing there.
    fn mismatch(&self, ty: &Type, value: &Value, path: &mut String) -> Option<String> {
        if *value == Value::Null {
            return (!ty.nullable).then(|| format!("expected \"{ty}\", found null"));
        }
        let start = path.len();
        match (&ty.base, value) {
            (BaseType::Named(name), _) => self.named_mismatch(name, value, path),
            (BaseType::List(item), Value::List(values)) => {
                values.iter().enumerate().find_map(|(index, value)| {
                    path.truncate(start);
                    path.push_str(&format!("[{index}]"));
                    self.mismatch(item, value, path)
                })
            }
            // A single value stands for a list of one.
            (BaseType::List(item), value) => self.mismatch(item, value, path),
        }
    }

    fn named_mismatch(&self, name: &Name, value: &Value, path: &mut String) -> Option<String> {
        let (fits, expected) = match self.input(name)? {
            InputType::Other => return None,
            InputType::Int => (is_int(value), "a 32-bit integer"),
            InputType::Float => (matches!(value, Value::Number(_)), "a number"),
            InputType::String => (matches!(value, Value::String(_)), "a string"),
            InputType::Boolean => (matches!(value, Value::Boolean(_)), "true or false"),
            InputType::Id => (
                match value {
                    Value::String(_) => true,
                    Value::Number(number) => !number.is_f64(),
                    _ => false,
                },
                "a string or an integer",
            ),
            InputType::Enum(values) => {
                let known = match value {
                    Value::Enum(it) => values.contains(it),
                    Value::String(it) => values.contains(it.as_str()),
                    _ => false,
                };
                (known, "one of the names of the enum")
            }
            InputType::Object(object) => match value {
                Value::Object(values) => return self.object_mismatch(object, values, path),
                _ => (false, "an object"),
            },
        };
        (!fits).then(|| format!("expected \"{name}\", {expected}, found {}", describe(value)))
    }

    fn object_mismatch(
        &self,
        object: &InputObject,
        values: &IndexMap<Name, Value>,
        path: &mut String,
    ) -> Option<String> {
        if object.one_of && (values.len() != 1 || values.values().any(|it| *it == Value::Null)) {
            return Some("exactly one field must be given, and not null".to_owned());
        }
        let start = path.len();
        for (name, value) in values {
            let Some(place) = object.fields.get(name) else {
                path.truncate(start);
                return Some(format!("there is no field \"{name}\""));
            };
            path.truncate(start);
            path.push('.');
            path.push_str(name);
            let wrong = self.mismatch(&place.ty, value, path);
            if wrong.is_some() {
                return wrong;
            }
        }
        path.truncate(start);
        let missing = |(name, _): &(&Name, _)| !values.contains_key(*name);
        let (name, place) = object
            .fields
            .iter()
            .filter(|(_, place)| place.is_required())
            .find(missing)?;
        Some(format!(
            "field \"{name}\" of type \"{}\" is missing",
            place.ty
        ))
    }
}

/// Refuses a string that is longer than accepted.
pub(super) fn check_strings(variables: &Variables, limits: &Limits) -> Result<(), Problem> {
    fn longest(value: &Value) -> usize {
        match value {
            Value::String(text) => text.len(),
            Value::List(items) => items.iter().map(longest).max().unwrap_or(0),
            Value::Object(fields) => fields.values().map(longest).max().unwrap_or(0),
            _ => 0,
        }
    }
    let longest = variables
        .iter()
        .map(|(name, value)| (longest(value), name))
        .max();
    match longest {
        Some((bytes, name)) if bytes > limits.string_bytes => Err(Problem::new(
            code::STRING_TOO_LONG,
            format!(
                "Variable \"${name}\" holds a string of {bytes} bytes; at most {} are accepted.",
                limits.string_bytes
            ),
        )),
        _ => Ok(()),
    }
}

/// The size of the values, in the unit of
/// [`Limits::variable_copies`](super::Limits::variable_copies).
pub(super) fn weight(variables: &Variables) -> u64 {
    fn value_weight(value: &Value) -> u64 {
        match value {
            Value::String(text) => 1 + text.len() as u64 / 32,
            Value::List(items) => 1 + items.iter().map(value_weight).sum::<u64>(),
            Value::Object(fields) => 1 + fields.values().map(value_weight).sum::<u64>(),
            _ => 1,
        }
    }
    variables.values().map(value_weight).sum()
}

fn is_int(value: &Value) -> bool {
    let Value::Number(number) = value else {
        return false;
    };
    number.as_i64().is_some_and(|it| i32::try_from(it).is_ok())
}

/// The kind of a value; not the value, which may be long or secret.
fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Number(number) if number.is_f64() => "a fractional number",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Boolean(_) => "a boolean",
        Value::Enum(_) => "a name",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
        Value::Binary(_) => "bytes",
    }
}
