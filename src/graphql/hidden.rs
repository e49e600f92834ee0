//! The schema without synchronizers, for a server on which they are switched off and not in use.
//!
//! What goes is derived from the short lists below: fields that give or take a hidden type go with
//! it, and so does every type that nothing shown leads to any more. In a definition that is printed they are taken
//! out. In a schema that is served they are only kept from introspection and from suggestions, since
//! a document may name them in a place that its directives exclude; the service refuses the others.

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaField, MetaType, MetaTypeName, Registry};
use async_graphql::{
    Context, ContextSelectionSet, OutputType, Positioned, SchemaBuilder, ServerResult,
};
use std::borrow::Cow;

/// Whether the schema tells of synchronizers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronizers {
    /// As of everything else.
    Shown,
    /// As if there were none.
    Hidden,
}

impl Synchronizers {
    /// Shown if they may be used.
    pub fn shown_if(usable: bool) -> Self {
        if usable { Self::Shown } else { Self::Hidden }
    }
}

/// The global permissions are about synchronizers alone.
const HIDDEN_TYPES: &[&str] = &[
    "GlobalPermission",
    "GlobalPermissionGrant",
    "GlobalPermissionInput",
    "GlobalPermissionPayload",
    "Job",
    "JobConnection",
    "JobPayload",
    "Synchronizer",
    "SynchronizerPayload",
];

/// Fields and values of enumerations whose types do not tell that they are about synchronizers.
const HIDDEN_MEMBERS: &[(&str, &str)] = &[
    ("Mutation", "uninstallSynchronizer"),
    ("UserErrorCode", "ALREADY_QUEUED"),
    ("UserErrorCode", "CONFIRMATION_REQUIRED"),
    ("UserErrorCode", "DIRECTION_NOT_SUPPORTED"),
    ("UserErrorCode", "FEATURE_DISABLED"),
    ("UserErrorCode", "NOT_AVAILABLE"),
    ("UserErrorCode", "PREVIEW_STALE"),
];

/// Descriptions that tell of synchronizers, and what they say instead where there are none.
const REWORDED: &[(&str, &str, &str)] = &[
    ("AccessLevel", "AUTOMATE", "Change its rows, as with EDIT."),
    (
        "IssueChange",
        "user",
        "Who made the change; null for an import.",
    ),
    ("StructureChange", "user", "Who made the change."),
    (
        "Mutation",
        "setWorkflow",
        "Replaces the workflow of a project; for administrators. Issues stay in their statuses, and\n\
         imports are not bound by it.",
    ),
];

/// Takes what is hidden out of a schema whose definition is to be printed.
pub(super) fn take_out<Q, M, S>(builder: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S> {
    builder.register_output_type::<TakenOut>()
}

/// Keeps what is hidden from those who look at a schema that is served.
pub(super) fn conceal<Q, M, S>(builder: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S> {
    // Suggestions are made of all names, also of those that introspection leaves out.
    builder
        .register_output_type::<Concealed>()
        .disable_suggestions()
}

fn is_hidden_type(name: &str) -> bool {
    HIDDEN_TYPES.contains(&name)
}

/// Whether the type within lists and exclamation marks is hidden.
fn is_of_hidden_type(ty: &str) -> bool {
    is_hidden_type(MetaTypeName::concrete_typename(ty))
}

fn is_hidden(of: &str, member: &str) -> bool {
    HIDDEN_MEMBERS.contains(&(of, member))
}

fn is_hidden_field(of: &str, field: &MetaField) -> bool {
    is_of_hidden_type(&field.ty)
        || field.args.values().any(|it| is_of_hidden_type(&it.ty))
        || is_hidden(of, &field.name)
}

/// A type with no values, registered for its effect on the registry: the one moment at which the
/// library hands that out.
enum TakenOut {}

impl OutputType for TakenOut {
    fn type_name() -> Cow<'static, str> {
        "Boolean".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        reword(registry);
        registry.types.retain(|name, _| !is_hidden_type(name));
        for ty in registry.types.values_mut() {
            match ty {
                MetaType::Object { name, fields, .. } => {
                    fields.retain(|_, field| !is_hidden_field(name, field));
                }
                MetaType::Interface { possible_types, .. }
                | MetaType::Union { possible_types, .. } => {
                    possible_types.retain(|name| !is_hidden_type(name));
                }
                MetaType::Enum {
                    name, enum_values, ..
                } => enum_values.retain(|value, _| !is_hidden(name, value)),
                MetaType::Scalar { .. } | MetaType::InputObject { .. } => {}
            }
        }
        registry.remove_unused_types();
        Self::qualified_type_name()
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<async_graphql::Value> {
        match *self {}
    }
}

/// Like [`TakenOut`], for a schema that is served.
enum Concealed {}

impl OutputType for Concealed {
    fn type_name() -> Cow<'static, str> {
        "Boolean".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        reword(registry);
        for ty in registry.types.values_mut() {
            if is_hidden_type(ty.name()) {
                *visible(ty) = Some(|_| false);
            }
            match ty {
                MetaType::Object { name, fields, .. } => {
                    for field in fields.values_mut().filter(|it| is_hidden_field(name, it)) {
                        field.visible = Some(|_| false);
                    }
                }
                MetaType::Enum {
                    name, enum_values, ..
                } => {
                    for value in enum_values.values_mut() {
                        if is_hidden(name, &value.name) {
                            value.visible = Some(|_| false);
                        }
                    }
                }
                _ => {}
            }
        }
        Self::qualified_type_name()
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<async_graphql::Value> {
        match *self {}
    }
}

/// Replaces descriptions; one whose member is no longer there is a mistake that its test finds.
fn reword(registry: &mut Registry) {
    for &(of, member, text) in REWORDED {
        match registry.types.get_mut(of) {
            Some(MetaType::Object { fields, .. }) => {
                if let Some(field) = fields.get_mut(member) {
                    field.description = Some(text.to_owned());
                }
            }
            Some(MetaType::Enum { enum_values, .. }) => {
                if let Some(value) = enum_values.get_mut(member) {
                    value.description = Some(text.to_owned());
                }
            }
            _ => {}
        }
    }
}

fn visible(ty: &mut MetaType) -> &mut Option<fn(&Context<'_>) -> bool> {
    match ty {
        MetaType::Scalar { visible, .. }
        | MetaType::Object { visible, .. }
        | MetaType::Interface { visible, .. }
        | MetaType::Union { visible, .. }
        | MetaType::Enum { visible, .. }
        | MetaType::InputObject { visible, .. } => visible,
    }
}
