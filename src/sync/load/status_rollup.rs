//! Reading for the status-rollup rule.

use super::changed::Changed;
use super::{Halt, Scene};
use crate::domain::Plan;
use crate::domain::synchronizer::StatusRollupSettings;

impl Scene<'_> {
    pub(super) fn plan_rollup(&self, _settings: &StatusRollupSettings) -> Result<Plan, Halt> {
        Ok(Plan::default())
    }

    pub(super) fn plan_changed_rollup(
        &self,
        _settings: &StatusRollupSettings,
        _changed: &Changed,
    ) -> Result<Plan, Halt> {
        Ok(Plan::default())
    }
}
