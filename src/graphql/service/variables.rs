//! Variables against the types that an operation declares for them, before it runs.
//!
//! async-graphql looks at a variable only where it is used, and takes a missing one for absent even if its type is
//! non-null. So the values are checked here, as the specification's coercion of variables asks: all of
//! them, with the path to what is wrong. Types of the schema's own scalars are left to their parsers.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::{
        parse_schema,
        types::{BaseType, OperationDefinition, Type, TypeKind, TypeSystemDefinition},
    },
};

use super::error::{Problem, code};

/// The named types that a variable may have.
pub(super) struct InputTypes(HashMap<Name, InputType>);

enum InputType {
    Int,
    Float,
    String,
    Boolean,
    Id,
    /// A scalar of the schema, or an output type, which validation refuses.
    Other,
    Enum(HashSet<Name>),
    Object {
        fields: Vec<InputField>,
        one_of: bool,
    },
}

struct InputField {
    name: Name,
    ty: Type,
    required: bool,
}

impl InputTypes {
    /// Reads the types from the schema's definition language.
    pub(super) fn from_sdl(sdl: &str) -> Result<Self, async_graphql::parser::Error> {
        let mut types: HashMap<_, _> = [
            ("Int", InputType::Int),
            ("Float", InputType::Float),
            ("String", InputType::String),
            ("Boolean", InputType::Boolean),
            ("ID", InputType::Id),
        ]
        .map(|(name, ty)| (Name::new(name), ty))
        .into();
        for definition in parse_schema(sdl)?.definitions {
            let TypeSystemDefinition::Type(Positioned {
                node: definition, ..
            }) = definition
            else {
                continue;
            };
            let one_of = definition
                .directives
                .iter()
                .any(|it| it.node.name.node == "oneOf");
            let ty = match definition.kind {
                TypeKind::Enum(ty) => {
                    InputType::Enum(ty.values.into_iter().map(|it| it.node.value.node).collect())
                }
                TypeKind::InputObject(ty) => {
                    let fields =
                        ty.fields
                            .into_iter()
                            .map(|Positioned { node: field, .. }| InputField {
                                required: !field.ty.node.nullable && field.default_value.is_none(),
                                name: field.name.node,
                                ty: field.ty.node,
                            });
                    InputType::Object {
                        fields: fields.collect(),
                        one_of,
                    }
                }
                _ => InputType::Other,
            };
            types.insert(definition.name.node, ty);
        }
        Ok(Self(types))
    }

    /// Refuses a type that the schema does not have; async-graphql panics at a default value for a
    /// list of one.
    pub(super) fn check_declared(&self, operation: &OperationDefinition) -> Result<(), Problem> {
        for Positioned {
            node: variable,
            pos,
        } in &operation.variable_definitions
        {
            let name = named(&variable.var_type.node);
            if !self.0.contains_key(name) {
                let message = format!("Unknown type \"{name}\".");
                return Err(Problem::new(code::GRAPHQL_VALIDATION_FAILED, message).at(*pos));
            }
        }
        Ok(())
    }

    /// All that is wrong with the values given for an operation's variables.
    pub(super) fn check(
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
        let (fits, expected) = match self.0.get(name)? {
            InputType::Other => return None,
            InputType::Int => (
                matches!(value, Value::Number(it) if it.as_i64().is_some_and(|it| i32::try_from(it).is_ok())),
                "a 32-bit integer",
            ),
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
            InputType::Object { fields, one_of } => match value {
                Value::Object(values) => {
                    return self.object_mismatch(fields, *one_of, values, path);
                }
                _ => (false, "an object"),
            },
        };
        (!fits).then(|| format!("expected \"{name}\", {expected}, found {}", describe(value)))
    }

    fn object_mismatch(
        &self,
        fields: &[InputField],
        one_of: bool,
        values: &async_graphql::indexmap::IndexMap<Name, Value>,
        path: &mut String,
    ) -> Option<String> {
        if let Some(unknown) = values
            .keys()
            .find(|key| fields.iter().all(|it| it.name != **key))
        {
            return Some(format!("there is no field \"{unknown}\""));
        }
        if one_of && (values.len() != 1 || values.values().any(|value| *value == Value::Null)) {
            return Some("exactly one field must be given, and not null".to_owned());
        }
        let start = path.len();
        for field in fields {
            match values.get(&field.name) {
                Some(value) => {
                    path.truncate(start);
                    path.push('.');
                    path.push_str(&field.name);
                    let wrong = self.mismatch(&field.ty, value, path);
                    if wrong.is_some() {
                        return wrong;
                    }
                }
                None if field.required => {
                    path.truncate(start);
                    return Some(format!(
                        "field \"{}\" of type \"{}\" is missing",
                        field.name, field.ty
                    ));
                }
                None => {}
            }
        }
        None
    }
}

/// The size of the values, in the unit of [`Limits::variable_copies`](super::Limits::variable_copies).
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

/// The type within the lists.
pub(super) fn named(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
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
