//! Loaders of who may do what. What of it the viewer may not see is not found, like all else.

use super::{Loaded, Source};
use crate::domain::{AccessLevel, GlobalPermission, StructureId, TokenId, UserId};
use crate::store::{Tx, permissions, tokens, users};
use std::collections::HashMap;
use std::sync::Arc;

/// Asks what the viewer may do to a structure.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AccessTo(pub(crate) StructureId);
/// Asks for the rules of a structure, which only those see who control it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RulesOf(pub(crate) StructureId);
/// Asks what a user may do everywhere, which only the user and administrators see.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct GlobalPermissionsOf(pub(crate) UserId);

pub(super) async fn load_access(source: &Source, keys: Vec<AccessTo>) -> Loaded<AccessTo> {
    let viewer = source.viewer.user_id;
    let read = move |tx: &Tx<'_>| permissions::levels(tx, viewer, keys.iter().map(|key| key.0));
    let found = source.read(read).await?;
    Ok(found
        .into_iter()
        .map(|(id, level)| (AccessTo(id), level))
        .collect())
}

pub(super) async fn load_rules(source: &Source, keys: Vec<RulesOf>) -> Loaded<RulesOf> {
    let viewer = source.viewer.user_id;
    let read = move |tx: &Tx<'_>| {
        let mut levels = permissions::levels(tx, viewer, keys.iter().map(|key| key.0))?;
        levels.retain(|_, level| *level == AccessLevel::Control);
        let mut rules = permissions::rules(tx, levels.keys().copied())?;
        Ok(levels
            .into_keys()
            .map(|id| (RulesOf(id), Arc::new(rules.remove(&id).unwrap_or_default())))
            .collect())
    };
    source.read(read).await
}

pub(super) async fn load_tokens(source: &Source, ids: Vec<TokenId>) -> Loaded<TokenId> {
    let viewer = source.viewer.user_id;
    let read = move |tx: &Tx<'_>| {
        let mut found = tokens::by_ids(tx, ids)?;
        if !users::is_admin(tx, viewer)? {
            found.retain(|token| token.user == viewer);
        }
        Ok(found)
    };
    let found = source.read(read).await?;
    Ok(found.into_iter().map(|it| (it.id, Arc::new(it))).collect())
}

pub(super) async fn load_global_permissions(
    source: &Source,
    mut keys: Vec<GlobalPermissionsOf>,
) -> Loaded<GlobalPermissionsOf> {
    let viewer = source.viewer.user_id;
    let read = move |tx: &Tx<'_>| {
        if !users::is_admin(tx, viewer)? {
            keys.retain(|key| key.0 == viewer);
        }
        let mut found = HashMap::new();
        for key in keys {
            let mut held = Vec::new();
            for permission in GlobalPermission::ALL {
                if permissions::holds(tx, key.0, permission)? {
                    held.push(permission);
                }
            }
            found.insert(key, held);
        }
        Ok(found)
    };
    source.read(read).await
}
