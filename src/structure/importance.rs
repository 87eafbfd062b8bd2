//! How much each event matters to the top event, by every measure under its own name.
//!
//! With U the probability of the top event, U1 and U0 the same given that the event has happened and has not, and q that of
//! the event:
//!
//! ```text
//! Birnbaum                        B = U1 - U0
//! criticality                     B q / U
//! Fussell-Vesely by cut sets      P(some minimal cut set that holds the event has happened) / U
//! diagnostic importance           q U1 / U
//! risk achievement worth (RAW)    U1 / U
//! risk reduction worth (RRW)      U / U0
//! Barlow-Proschan                 (rise begins + fall ends) / begins of the top event
//! gain                            U - U0
//! ```
//!
//! U1 = U + a B and U0 = U - q B, but where that leaves less than a tenth of U: then the diagrams are evaluated again.

use indexmap::IndexMap;

use crate::measure::{Bounds, Observer};
use crate::structure::ROUNDING;
use crate::structure::build::Diagrams;
use crate::structure::cut_sets::{CutSets, Family};
use crate::structure::diagram::{Diagram, Node};
use crate::structure::modules::Input;
use crate::structure::union_bounds::union_bounds;
use crate::structure::values::{EventValues, Rates, Values, pairs};

/// Nodes that may be evaluated again in all: about a second.
const MOST_EVALUATED: usize = 60_000_000;
/// Nodes that its unions may have in one module.
const MOST_UNION_NODES: usize = 300_000;
/// A value is evaluated again when the sum leaves less than this share of U.
const SMALL_SHARE: f64 = 0.1;

/// The measures of one event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EventImportance {
    pub(crate) event: usize,
    pub(crate) birnbaum: f64,
    pub(crate) criticality: Option<f64>,
    pub(crate) fussell_vesely: Option<f64>,
    /// In place of it, where it takes too long.
    pub(crate) fussell_vesely_bounds: Option<Bounds>,
    pub(crate) diagnostic: Option<f64>,
    pub(crate) risk_achievement: Option<f64>,
    /// Infinite where the top event cannot happen without the event.
    pub(crate) risk_reduction: Option<f64>,
    pub(crate) barlow_proschan: Option<f64>,
    pub(crate) gain: f64,
}

/// The measures of all events that matter, in their order.
pub(crate) fn importances(
    diagrams: &Diagrams,
    values: &Values<'_>,
    events: &[EventValues],
    (cut_sets, most_unions): (Option<&CutSets>, usize),
    observer: &dyn Observer,
) -> Vec<EventImportance> {
    let top = values.whole();
    let unions = cut_sets.map(|sets| Unions::new(diagrams, sets, values, events, (most_unions, observer)));
    let unions = unions.as_ref();
    let bounding =
        Bounding::new(diagrams, values, events, cut_sets.filter(|_| unions.is_some_and(Unions::are_missing)), observer);
    let nodes_given = values.nodes_given();
    let mut left = if observer.stop().is_some() { 0 } else { MOST_EVALUATED };
    let mut found = Vec::new();
    for (&event, dependence) in values.dependences() {
        let EventValues { up, down, rates } = events[event];
        let birnbaum = dependence.birnbaum();
        let mut given = |has_happened: bool, sum: f64| {
            let nodes = nodes_given[values.home(event)];
            if sum > SMALL_SHARE * top.down || nodes > left {
                return sum.max(0.0);
            }
            left -= nodes;
            values.given(events, event, has_happened)
        };
        let with = given(true, top.down + up * birnbaum);
        let without = given(false, top.down - down * birnbaum);
        let share = |value: f64| (top.down > 0.0).then(|| value / top.down);
        let begins = |of: Rates| dependence.rise * of.begins + dependence.fall * of.ends;
        let outages = top.rates.filter(|of| of.begins > 0.0);
        let union = unions.and_then(|unions| unions.probability(event));
        let between = || bounding.of(event, [without, with], birnbaum, values.is_sharp());
        let scaled = |ends: Bounds| {
            let scale = down / top.down;
            Bounds {
                lower: ends.lower * scale * (1.0 - bounding.room),
                upper: ends.upper * scale * (1.0 + bounding.room),
            }
        };
        found.push(EventImportance {
            event,
            birnbaum,
            criticality: share(birnbaum * down),
            fussell_vesely: union.and_then(|p| share(p * down)),
            fussell_vesely_bounds: if union.is_none() && top.down > 0.0 { between().map(scaled) } else { None },
            diagnostic: share(down * with),
            risk_achievement: share(with),
            risk_reduction: (top.down > 0.0).then(|| top.down / without),
            barlow_proschan: outages.zip(rates).map(|(outages, of)| begins(of) / outages.begins),
            gain: down * birnbaum,
        });
    }
    found.sort_by_key(|importance| importance.event);
    found
}

fn is_coherent(diagrams: &Diagrams) -> bool {
    diagrams.modules.iter().all(|module| module.is_monotone)
}

/// Bounds for the probability that the rest of some minimal cut set with an event has happened.
struct Bounding {
    by_sets: IndexMap<usize, Bounds>,
    is_coherent: bool,
    /// For roundings.
    room: f64,
}

impl Bounding {
    /// By `sets`, if they are given.
    fn new(
        diagrams: &Diagrams,
        values: &Values<'_>,
        events: &[EventValues],
        sets: Option<&CutSets>,
        observer: &dyn Observer,
    ) -> Self {
        let is_coherent = is_coherent(diagrams);
        let exact = |input: &Input| match input {
            Input::Event(event) => Some(events[*event].down),
            // It has happened just when one of its sets has.
            Input::Module(inner) => is_coherent.then(|| values.module(*inner).down),
        };
        let by_sets = sets.map(|sets| union_bounds(sets, exact, observer)).unwrap_or_default();
        let inputs: usize = diagrams.modules.iter().map(|module| module.inputs.len()).sum();
        Self { by_sets, is_coherent, room: 8.0 * ROUNDING * inputs as f64 }
    }

    /// Where the structure is coherent, the union g of the rests lies between what the event makes happen and what happens with it: where f_1 does
    /// and f_0 does not, g does, and g and f_0 happen together at least as often as if they were independent (Harris 1960). So
    /// `B <= P(g) (1 - U0)` and `P(g) <= U1`.
    fn of(&self, event: usize, [without, with]: [f64; 2], birnbaum: f64, is_sharp: bool) -> Option<Bounds> {
        let by_sets = self.by_sets.get(&event).copied();
        if !self.is_coherent {
            return by_sets;
        }
        let least = if is_sharp && without < 1.0 { birnbaum / (1.0 - without) * (1.0 - self.room) } else { 0.0 };
        let Bounds { lower, upper } = by_sets.unwrap_or(Bounds { lower: 0.0, upper: 1.0 });
        let upper = upper.min(with * (1.0 + self.room));
        Some(Bounds { lower: lower.max(least).min(upper), upper })
    }
}

/// For each event the probability that the rest of some minimal cut set with it has happened.
struct Unions {
    /// Nothing where that is too large to tell.
    events: IndexMap<usize, Option<f64>>,
    /// Whether no set has any event.
    has_no_events: bool,
}

impl Unions {
    fn new(
        diagrams: &Diagrams,
        sets: &CutSets,
        values: &Values<'_>,
        events: &[EventValues],
        (most_unions, observer): (usize, &dyn Observer),
    ) -> Self {
        let is_coherent = is_coherent(diagrams);
        let mut left = most_unions;
        // Of each module the unions of its inputs, and the pair (not covered, covered) by any of its sets.
        let mut of_modules: Vec<Option<(Vec<f64>, [f64; 2])>> = Vec::new();
        for family in sets.families() {
            let covered = |input: &Input| {
                let [up, down] = match input {
                    Input::Event(event) => [events[*event].up, events[*event].down],
                    Input::Module(inner) => match &of_modules[*inner] {
                        Some((_, covered)) => *covered,
                        // It has happened just when one of its sets has.
                        None if is_coherent => [values.module(*inner).up, values.module(*inner).down],
                        None => return None,
                    },
                };
                Some(EventValues { up, down, rates: None })
            };
            let inputs: Option<Vec<EventValues>> = family.inputs.iter().map(covered).collect();
            let work = family.table.len() * family.inputs.len();
            let rest = left.checked_sub(work);
            left = rest.unwrap_or(left);
            of_modules.push(rest.and(inputs).and_then(|inputs| unions(family, &inputs, observer)));
        }
        let mut above: Vec<Option<f64>> = vec![Some(1.0); of_modules.len()];
        let mut found = IndexMap::new();
        for (module, family) in sets.families().iter().enumerate().rev() {
            for (place, input) in family.inputs.iter().enumerate() {
                let own = of_modules[module].as_ref().map(|(of_inputs, _)| of_inputs[place]);
                let whole = above[module].zip(own).map(|(above, own)| above * own);
                match input {
                    Input::Event(event) => {
                        found.insert(*event, whole);
                    }
                    Input::Module(inner) => above[*inner] = whole,
                }
            }
        }
        Self { events: found, has_no_events: sets.families().is_empty() }
    }

    /// Whether those of some events are.
    fn are_missing(&self) -> bool {
        self.events.values().any(Option::is_none)
    }

    fn probability(&self, event: usize) -> Option<f64> {
        if self.has_no_events { Some(0.0) } else { self.events.get(&event).copied().flatten() }
    }
}

/// For each input, the probability of the union of what else the sets with it hold; and the pair (up, down) of the union of
/// all sets. Nothing where that is too large, or takes too long.
fn unions(family: &Family, inputs: &[EventValues], observer: &dyn Observer) -> Option<(Vec<f64>, [f64; 2])> {
    let count = family.inputs.len();
    let mut diagram = Diagram::binary(count, MOST_UNION_NODES, MOST_UNION_NODES);
    // The union of all sets below each node, as a function.
    let mut whole = vec![Node::UP, Node::DOWN];
    for index in 2..family.table.len() {
        let node = Node::at(index as u32);
        let [without, with] = family.table.pair(node).map(|child| whole[child.index()]);
        let with = diagram.or(with, without).ok()?;
        whole.push(diagram.case(family.table.variable(node) as usize, &[without, with]).ok()?);
    }
    let mut roots = Vec::with_capacity(count);
    for input in 0..count {
        if observer.stop().is_some() {
            return None;
        }
        let mut holding = vec![Node::UP, Node::UP];
        for index in 2..family.table.len() {
            let node = Node::at(index as u32);
            let variable = family.table.variable(node) as usize;
            let [without, with] = family.table.pair(node);
            holding.push(match variable.cmp(&input) {
                std::cmp::Ordering::Greater => Node::UP,
                std::cmp::Ordering::Equal => whole[with.index()],
                std::cmp::Ordering::Less => {
                    let (without, with) = (holding[without.index()], holding[with.index()]);
                    let with = diagram.or(with, without).ok()?;
                    diagram.case(variable, &[without, with]).ok()?
                }
            });
        }
        roots.push(holding[family.root.index()]);
    }
    let pairs = pairs(&diagram, inputs);
    let covered = pairs[whole[family.root.index()].index()];
    Some((roots.into_iter().map(|root| pairs[root.index()][1]).collect(), covered))
}
