//! Reading for the agile rule.

use super::changed::Changed;
use super::{Halt, Scene};
use crate::domain::synchronizer::AgileSettings;
use crate::domain::{Direction, Plan};

impl Scene<'_> {
    pub(super) fn plan_agile(
        &self,
        _settings: &AgileSettings,
        _direction: Direction,
    ) -> Result<Plan, Halt> {
        Ok(Plan::default())
    }

    pub(super) fn plan_changed_agile(
        &self,
        _settings: &AgileSettings,
        _changed: &Changed,
    ) -> Result<Plan, Halt> {
        Ok(Plan::default())
    }
}
