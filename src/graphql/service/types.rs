//! The types of the schema, as far as pricing operations and checking variables needs them.
//!
//! async-graphql keeps its own registry to itself, so they are read once from the schema's
//! definition language. Introspection is not in it, and is added here.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::{
        Error, parse_schema,
        types::{
            BaseType, FieldDefinition, InputObjectType, InputValueDefinition, OperationType, Type,
            TypeKind, TypeSystemDefinition,
        },
    },
};

/// The entrances, which belong to the query type whatever its name, and what they lead to.
const INTROSPECTION: &str = include_str!("introspection.graphql");

/// The types by their names.
pub(super) struct Types {
    query: Name,
    mutation: Name,
    subscription: Name,
    condition: Place,
    inputs: HashMap<Name, InputType>,
    fields: HashMap<Name, HashMap<Name, Field>>,
}

/// What a variable may hold.
pub(super) enum InputType {
    Int,
    Float,
    String,
    Boolean,
    Id,
    /// A scalar of the schema, or an output type, which validation refuses.
    Other,
    Enum(HashSet<Name>),
    Object(InputObject),
}

/// An input object.
pub(super) struct InputObject {
    pub(super) fields: HashMap<Name, Place>,
    /// Whether exactly one of the fields must be given.
    pub(super) one_of: bool,
}

/// A field of an object or an interface.
pub(super) struct Field {
    /// The named type of what it returns.
    pub(super) returns: Name,
    /// Whether it returns several of it.
    pub(super) is_list: bool,
    pub(super) arguments: HashMap<Name, Place>,
}

/// Where a value is expected: an argument, or a field of an input object.
pub(super) struct Place {
    pub(super) ty: Type,
    pub(super) has_default: bool,
}

impl Place {
    /// Whether a value must be given.
    pub(super) fn is_required(&self) -> bool {
        !self.ty.nullable && !self.has_default
    }
}

impl Types {
    /// Reads the types from the schema's definition language.
    pub(super) fn from_sdl(sdl: &str) -> Result<Self, Error> {
        let builtin = [
            ("Int", InputType::Int),
            ("Float", InputType::Float),
            ("String", InputType::String),
            ("Boolean", InputType::Boolean),
            ("ID", InputType::Id),
        ];
        let mut types = Self {
            query: Name::new("Query"),
            mutation: Name::new("Mutation"),
            subscription: Name::new("Subscription"),
            condition: Place {
                ty: Type {
                    base: BaseType::Named(Name::new("Boolean")),
                    nullable: false,
                },
                has_default: false,
            },
            inputs: builtin.map(|(name, ty)| (Name::new(name), ty)).into(),
            fields: HashMap::new(),
        };
        let introspection = parse_schema(INTROSPECTION)?.definitions;
        for definition in introspection
            .into_iter()
            .chain(parse_schema(sdl)?.definitions)
        {
            match definition {
                TypeSystemDefinition::Schema(Positioned { node: schema, .. }) => {
                    for (root, named) in [
                        (&mut types.query, schema.query),
                        (&mut types.mutation, schema.mutation),
                        (&mut types.subscription, schema.subscription),
                    ] {
                        if let Some(named) = named {
                            *root = named.node;
                        }
                    }
                }
                TypeSystemDefinition::Type(Positioned {
                    node: definition, ..
                }) => {
                    let one_of = definition
                        .directives
                        .iter()
                        .any(|it| it.node.name.node == "oneOf");
                    types.add(definition.name.node, definition.kind, one_of);
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        let entrances = types.fields.remove("__Query").unwrap_or_default();
        let query = types.fields.entry(types.query.clone()).or_default();
        query.extend(entrances);
        Ok(types)
    }

    fn add(&mut self, name: Name, kind: TypeKind, one_of: bool) {
        let input = match kind {
            TypeKind::Enum(ty) => {
                InputType::Enum(ty.values.into_iter().map(|it| it.node.value.node).collect())
            }
            TypeKind::InputObject(InputObjectType { fields }) => InputType::Object(InputObject {
                fields: places(fields),
                one_of,
            }),
            TypeKind::Object(ty) => self.add_fields(&name, ty.fields),
            TypeKind::Interface(ty) => self.add_fields(&name, ty.fields),
            TypeKind::Scalar | TypeKind::Union(_) => InputType::Other,
        };
        self.inputs.insert(name, input);
    }

    fn add_fields(&mut self, of: &Name, fields: Vec<Positioned<FieldDefinition>>) -> InputType {
        let fields = fields.into_iter().map(|Positioned { node: field, .. }| {
            let ty = &field.ty.node;
            let (returns, is_list) = (named(ty).clone(), matches!(ty.base, BaseType::List(_)));
            (
                field.name.node,
                Field {
                    returns,
                    is_list,
                    arguments: places(field.arguments),
                },
            )
        });
        self.fields.insert(of.clone(), fields.collect());
        InputType::Other
    }

    /// The type that operations of a kind begin with.
    pub(super) fn root(&self, kind: OperationType) -> &Name {
        match kind {
            OperationType::Query => &self.query,
            OperationType::Mutation => &self.mutation,
            OperationType::Subscription => &self.subscription,
        }
    }

    /// Whether a type is the one that mutations begin with.
    pub(super) fn is_mutation(&self, name: &Name) -> bool {
        self.mutation == *name
    }

    /// The argument of `@skip` and `@include`.
    pub(super) fn condition(&self) -> &Place {
        &self.condition
    }

    /// A type that a variable may have.
    pub(super) fn input(&self, name: &Name) -> Option<&InputType> {
        self.inputs.get(name)
    }

    /// A field of an object or an interface.
    pub(super) fn field(&self, of: &Name, name: &Name) -> Option<&Field> {
        self.fields.get(of)?.get(name)
    }
}

fn places(definitions: Vec<Positioned<InputValueDefinition>>) -> HashMap<Name, Place> {
    definitions
        .into_iter()
        .map(
            |Positioned {
                 node: definition, ..
             }| {
                let has_default = definition.default_value.is_some();
                (
                    definition.name.node,
                    Place {
                        ty: definition.ty.node,
                        has_default,
                    },
                )
            },
        )
        .collect()
}

/// The type within the lists.
pub(super) fn named(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}
