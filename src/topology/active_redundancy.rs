//! Standbys that are active redundancy in all but name.
//!
//! A hot standby fails like a unit that serves. Where every failure is noticed at once, and a failover takes no time and always works, a slot is
//! served whenever there is a unit for it, whichever that is: the group is up while `need` of all its units can serve. As such a
//! group it may need no chain at all, and never one that tells who serves. Only what is carried tells the two apart, which is never
//! more than the slots carry: that is not to be asked of the system that this makes.
//!
//! Checked in `tests/agreement/hot.rs` against the naive solver, which knows standbys only.

use std::borrow::Cow;

use crate::topology::Model;
use crate::topology::group::{Group, StandbyMode};

impl Model {
    /// A system that is up when this one is, with standbys as active units wherever that makes no difference.
    pub fn with_active_redundancy(&self) -> Cow<'_, Self> {
        if !self.groups.iter().any(|group| self.is_active_redundancy(group)) {
            return Cow::Borrowed(self);
        }
        let mut model = self.clone();
        for (group, declared) in model.groups.iter_mut().zip(&self.groups) {
            if self.is_active_redundancy(declared) {
                group.active = declared.units() as u32;
                group.standby = None;
                group.failover = None;
            }
        }
        Cow::Owned(model)
    }

    fn is_active_redundancy(&self, group: &Group) -> bool {
        let is_hot = |group: &Group| {
            let standby = group.standby.as_ref();
            standby.is_some_and(|standby| standby.mode == StandbyMode::Hot && standby.check.is_none())
        };
        let takes_over_at_once = group
            .failover
            .as_ref()
            .is_none_or(|failover| failover.takes.is_zero() && failover.works.complement() == 0.0);
        let component = &self.components[group.component.0];
        let is_noticed_at_once =
            component.detect.is_zero() && component.modes().iter().all(|mode| mode.detect.is_zero());
        is_hot(group) && takes_over_at_once && is_noticed_at_once && group.load.is_none()
    }
}
