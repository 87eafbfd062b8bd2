//! The states that a sampler has met, by number, with what they mean and what they are worth.

use crate::dynamics::{Dynamics, State};
use crate::simulate::rare::meter::{Meter, Reading};
use crate::simulate::rare::twin::Twin;
use crate::simulate::seen::Seen;

/// Stands for no class of outage.
pub(crate) const NO_CLASS: u8 = u8::MAX;

/// Everything that stays the same while a model is sampled.
pub(crate) struct Setting<'a, M: Meter> {
    pub(crate) dynamics: &'a Dynamics,
    pub(crate) meter: &'a M,
    pub(crate) twin: &'a Twin,
    /// Seconds beyond which an outage counts as long, if somebody asks.
    pub(crate) long_outage: Option<f64>,
}

impl<M: Meter> Clone for Setting<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Meter> Copy for Setting<'_, M> {}

/// What a sampler needs to know of a state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    /// What is still to be expected until all-up; 0 for all-up itself.
    pub(crate) value: f64,
    /// Fewest losses that lead to something bad.
    pub(crate) losses: u32,
    /// Expected visits in a cycle under the measure that is best for the targets, by the twin.
    pub(crate) visits: f64,
    /// Whether the twin knows the state.
    pub(crate) is_known: bool,
    pub(crate) is_all_up: bool,
    pub(crate) badness: f64,
    /// Worth of a second in the state.
    pub(crate) cost: f64,
    /// Place of its order among the twin's classes of outage; of bad states.
    pub(crate) class: u8,
    first_rate: u32,
    rates: u32,
}

/// States by number.
pub(crate) struct Sites<'a, M: Meter> {
    pub(crate) setting: Setting<'a, M>,
    seen: Seen,
    known: Vec<Site>,
    readings: Vec<Reading>,
    /// Quantities that grow with time, of all states, one after the other.
    rates: Vec<(u32, f64)>,
}

impl<'a, M: Meter> Sites<'a, M> {
    /// Adds what `seconds` in a state and the step from it bring to `quantities`.
    pub(crate) fn count(&self, at: u32, seconds: f64, counts: &[(u32, f64)], quantities: &mut [f64]) {
        for &(quantity, rate) in self.rates(self.site(at)) {
            quantities[quantity as usize] += rate * seconds;
        }
        for &(quantity, amount) in counts {
            quantities[quantity as usize] += amount;
        }
    }

    /// One of so many samplers that share the room.
    pub(crate) fn new(setting: Setting<'a, M>, samplers: usize) -> Self {
        let (known, readings, rates) = (Vec::new(), Vec::new(), Vec::new());
        Self { setting, seen: Seen::new(samplers), known, readings, rates }
    }

    /// The number of a canonical state, and whether it is new.
    pub(crate) fn number(&mut self, state: &State) -> (u32, bool) {
        let (number, is_new) = self.seen.number(state);
        if is_new {
            self.note(state);
        }
        (number, is_new)
    }

    fn note(&mut self, state: &State) {
        let Setting { dynamics, meter, twin, .. } = self.setting;
        let reading = meter.read(state);
        let order = dynamics.order(state);
        let by_twin = twin.known(state);
        let class = twin.classes.iter().position(|(of, _)| *of == order).filter(|_| reading.badness > 0.0);
        self.known.push(Site {
            value: if order == 0 { 0.0 } else { by_twin.map_or(twin.beyond(), |known| known.value) },
            losses: by_twin.map_or(1, |known| known.losses),
            visits: by_twin.map_or(0.0, |known| known.visits),
            is_known: by_twin.is_some(),
            is_all_up: order == 0,
            badness: reading.badness,
            cost: twin.worth.rate(&reading),
            class: class.map_or(NO_CLASS, |place| place as u8),
            first_rate: self.rates.len() as u32,
            rates: reading.rates.len() as u32,
        });
        self.rates.extend(&reading.rates);
        self.seen.use_bytes(size_of::<Site>() + size_of::<Reading>() + 32 * reading.rates.len());
        self.readings.push(reading);
    }

    pub(crate) fn site(&self, number: u32) -> &Site {
        &self.known[number as usize]
    }

    pub(crate) fn state(&self, number: u32) -> &State {
        self.seen.state(number)
    }

    /// What grows with time there.
    pub(crate) fn rates(&self, site: &Site) -> &[(u32, f64)] {
        &self.rates[site.first_rate as usize..(site.first_rate + site.rates) as usize]
    }

    /// The worth of a step, and what counts at it.
    pub(crate) fn step(&self, from: u32, to: u32, cause: Option<u32>) -> (f64, Vec<(u32, f64)>) {
        let (from, to) = (&self.readings[from as usize], &self.readings[to as usize]);
        (self.setting.twin.worth.jump(from.badness, to.badness), self.setting.meter.step(from, to, cause))
    }

    pub(crate) fn use_bytes(&mut self, bytes: usize) {
        self.seen.use_bytes(bytes);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.seen.is_full()
    }

    pub(crate) fn forget(&mut self) {
        self.seen.forget();
        self.known.clear();
        self.readings.clear();
        self.rates.clear();
    }
}
