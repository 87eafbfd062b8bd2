//! One chain over everything that matters to the system: the first outage, the time down, and where outages begin.

use crate::exact::chain::explore::Chain;
use crate::exact::chain::{enclose, from_start, solve};
use crate::exact::transient::agree::Rules;
use crate::exact::transient::complex::Complex;
use crate::exact::transient::lengths::Lengths;
use crate::exact::transient::resolvent::{End, Functional, Network, Start};
use crate::exact::{Error, Settings};
use crate::measure::{Observer, Stop};
use crate::structure::readings::Readings;
use crate::topology::system::Part;
use crate::topology::{DomainId, GroupId, Model, Scope};

/// The joint chain, with the states in which the system is down.
#[derive(Debug)]
pub(crate) struct Joint {
    all: Marked,
    /// Where it starts, with the probability.
    starts: Vec<(u32, f64)>,
    /// The states that come back, where others do not.
    recurrent: Option<Marked>,
}

#[derive(Debug)]
struct Marked {
    chain: Chain,
    is_down: Vec<bool>,
}

impl Joint {
    pub(crate) fn new(model: &Model, settings: &Settings, observer: &dyn Observer) -> Result<Self, Error> {
        let parts = model.system.up.parts();
        let group = |part: &Part| if let Part::Group(group) = part { Some(*group) } else { None };
        let domain = |part: &Part| if let Part::Domain(domain) = part { Some(*domain) } else { None };
        let readings = Readings {
            up: parts.iter().filter_map(group).collect(),
            domains: parts.iter().filter_map(domain).collect(),
            ..Readings::default()
        };
        let found = from_start(model, &Scope::relevant(model), &readings, settings, observer)?;
        let marked = |chain| Marked::new(model, &readings, chain);
        Ok(Self { all: marked(found.chain), starts: found.starts, recurrent: found.recurrent.map(marked) })
    }

    /// The chain with all its states, and which of them are down.
    pub(crate) fn whole(&self) -> (&Chain, &[bool]) {
        (&self.all.chain, &self.all.is_down)
    }

    /// The probability of being down at `t`, and the expected time down in [0, t].
    pub(crate) fn down(&self, t: f64, rules: &Rules, observer: &dyn Observer) -> Result<[Option<f64>; 2], Stop> {
        let network = Network::whole(&self.all.chain, self.start());
        let weights: Vec<f64> = self.all.is_down.iter().map(|down| f64::from(u8::from(*down))).collect();
        let down = [Functional::of_all(&weights)];
        let found = rules.agreed(|rule| {
            let mut w = Vec::new();
            rule.invert(t, |s| {
                let down = network.transforms(s, &down, &mut w, observer)?[0];
                Ok(vec![down, down * s.inverse()])
            })
        })?;
        Ok([found.first().copied().flatten(), found.get(1).copied().flatten()])
    }

    fn start(&self) -> Start {
        Start::of(&self.starts, self.all.is_down.len())
    }

    /// The time until the first outage.
    pub(crate) fn first_outage(&self) -> FirstOutage {
        let inside: Vec<bool> = self.all.is_down.iter().map(|down| !down).collect();
        FirstOutage::new(Network::part(&self.all.chain, &inside, self.start().inside(&inside)))
    }

    /// The lengths of outages in the long run; nothing where there are none, or where the long run is not found.
    pub(crate) fn lengths(&self, observer: &dyn Observer) -> Result<Option<Lengths>, Stop> {
        let Marked { chain, is_down } = self.recurrent.as_ref().unwrap_or(&self.all);
        let visits = match enclose::visits(chain, observer) {
            Ok(visits) => visits.value,
            Err(solve::End::Stopped(stop)) => return Err(stop),
            Err(solve::End::NotConverged { .. }) => return Ok(None),
        };
        let begun = |state: usize| -> f64 {
            let arcs = chain.arcs_into(state);
            arcs.iter()
                .filter(|(from, _)| !is_down[*from as usize])
                .map(|(from, rate)| visits[*from as usize] * rate)
                .sum()
        };
        let begun: Vec<f64> = (0..is_down.len()).filter(|state| is_down[*state]).map(begun).collect();
        let total: f64 = begun.iter().sum();
        if total == 0.0 {
            return Ok(None);
        }
        let start = Start::Spread(begun.iter().map(|flow| flow / total).collect());
        Lengths::new(Network::part(chain, is_down, start), observer)
    }
}

impl Marked {
    fn new(model: &Model, readings: &Readings, chain: Chain) -> Self {
        let is_down: Vec<bool> = chain.classes.iter().map(|cells| !is_up(model, readings, cells)).collect();
        let is_down = chain.class.iter().map(|class| is_down[*class as usize]).collect();
        Self { chain, is_down }
    }
}

fn is_up(model: &Model, readings: &Readings, cells: &[u16]) -> bool {
    let group_place = |group: GroupId| readings.up.iter().position(|known| *known == group);
    let domain_place = |domain: DomainId| readings.domains.iter().position(|known| *known == domain);
    model.system.up.evaluate(&mut |part| match part {
        Part::Group(group) => group_place(group).is_some_and(|place| readings.is_up(cells, place)),
        Part::Domain(domain) => domain_place(domain).is_some_and(|place| !readings.is_domain_down(cells, place)),
    })
}

/// The states that are up, from all-up to the first outage.
#[derive(Debug)]
pub(crate) struct FirstOutage {
    network: Network,
    begins: [Functional; 1],
    time: [Functional; 1],
}

impl FirstOutage {
    fn new(network: Network) -> Self {
        let begins = [Functional::of_all(&network.leak)];
        let time = [Functional::of_all(&vec![1.0; network.states()])];
        Self { network, begins, time }
    }

    /// Whether there can be one.
    pub(crate) fn is_possible(&self) -> bool {
        self.network.leak.iter().any(|rate| *rate > 0.0)
    }

    /// The probability that an outage begins before `t`.
    pub(crate) fn probability(&self, t: f64, rules: &Rules, observer: &dyn Observer) -> Result<Option<f64>, Stop> {
        let found = rules.agreed(|rule| {
            let mut w = Vec::new();
            rule.invert(t, |s| {
                let begins = self.network.transforms(s, &self.begins, &mut w, observer)?[0];
                Ok(vec![begins * s.inverse()])
            })
        })?;
        Ok(found.first().copied().flatten())
    }

    /// The mean time until then: the transform at 0.
    pub(crate) fn mean_time(&self, observer: &dyn Observer) -> Result<Option<f64>, Stop> {
        match self.network.transforms(Complex::default(), &self.time, &mut Vec::new(), observer) {
            Ok(mean) => Ok(Some(mean[0].re).filter(|mean| mean.is_finite())),
            Err(End::NotConverged) => Ok(None),
            Err(End::Stopped(stop)) => Err(stop),
        }
    }
}
