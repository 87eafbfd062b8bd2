//! How many states there are at least, without looking at any.
//!
//! Units fail and are noticed whatever the others do: each set of failures, in any stages that last, can be reached, and so can each set of
//! domains that are down. Where standbys age, each set of failures among those that no slot needs can be reached beside any slots that
//! are served, lost to a failure that nobody has noticed, or being taken over while their unit is repaired. Who waits where in a
//! queue only adds to that.

use crate::dynamics::alike::Alike;
use crate::dynamics::layout::Layout;
use crate::dynamics::table::{Delay, Dynamics, GroupTable, ModeTable};
use crate::numeric::special::choices_of_many;

impl Dynamics {
    /// Canonical states, where `alike` groups and domains are held for one another, of which there are no fewer than so many.
    pub fn least_states(&self, alike: &Alike) -> f64 {
        let domains = libm::exp2(self.domains.len() as f64);
        let of_group = |(number, group): (usize, &GroupTable)| {
            let states = group.least_states();
            match alike.peers_of(number) {
                // Sets of as many groups, each in one of its states: once for all of them.
                Some(peers) if peers.first() == Some(&number) => spread(states - 1.0, peers.len()),
                Some(_) => 1.0,
                None => states,
            }
        };
        let groups: f64 = self.groups.iter().enumerate().map(of_group).product();
        domains * groups / (1 + alike.domains.trades()) as f64
    }
}

impl GroupTable {
    /// Sets of units in the stages of a failure.
    fn least_states(&self) -> f64 {
        if self.own_share <= 0.0 {
            return 1.0;
        }
        let lasts = |delay: Delay| usize::from(delay != Delay::None);
        let of_mode = |mode: &ModeTable| {
            let restart = mode.restart.as_ref().map_or(0, |restart| lasts(restart.takes));
            // Where an outage makes people look, some sets of failures that nobody has noticed are over at once.
            let unnoticed = if self.check.is_some() { 0 } else { lasts(mode.detect) + restart };
            unnoticed + usize::from(mode.needed_repair().is_some())
        };
        let stages: usize = self.modes.iter().map(of_mode).sum();
        let Layout { units, slots, .. } = self.layout;
        let of_all = spread(if self.ageing > 0.0 { units } else { slots } as f64, stages);
        let spare = if self.ageing > 0.0 { units.saturating_sub(2 * slots) } else { 0 };
        of_all.max(spread(spare as f64, stages) * libm::pow(self.least_slot_states() as f64, slots as f64))
    }

    /// What a slot can come to by failures of its units while there are more standbys than slots.
    fn least_slot_states(&self) -> usize {
        if !self.layout.has_owners() {
            return 1;
        }
        let goes_unnoticed = self.modes.iter().filter(|mode| mode.detect != Delay::None).count();
        let is_taken_over = self.failover.takes != Delay::None && self.failover.works > 0.0;
        let repaired = self.modes.iter().filter(|mode| mode.needed_repair().is_some()).count();
        1 + goes_unnoticed + if is_taken_over { repaired } else { 0 }
    }
}

/// Ways to spread up to so many things over places: `(things + places) choose places`.
fn spread(things: f64, places: usize) -> f64 {
    choices_of_many(things + places as f64, places)
}
