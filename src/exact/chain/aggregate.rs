//! Equations of a chain solved for groups of states at once, where sweeps from state to state gain too little.
//!
//! With v known up to the shares of the states within each group, the groups have equations of the same kind (Takahashi 1975; Koury,
//! McAllister, Stewart 1984): `x_J (out of J) = sum_I x_I (from I to J) + (source of J)`, with the flows of v between groups. They are
//! solved by elimination without subtractions (Grassmann, Taksar, Heyman 1985), which keeps the relative accuracy of every entry, and
//! every state of a group is multiplied by its x. Between two such steps sweeps set right the shares within groups. States with the strongest
//! flows between them are in one group: what is slow is then between groups (Courtois 1977). Where there are few states, each is a group
//! of its own, and one step solves the equations.

use crate::exact::chain::explore::Chain;

/// States up to which each is a group of its own: some seconds.
const MOST_ALONE: usize = 2_000;
/// Groups where there are more states.
const GROUPS: usize = 400;
/// The group of a state that belongs to none.
const NONE: u32 = u32::MAX;

/// The equations `q_j v_j = sum_i v_i q_ij + (source of j)` of the first states but one, the anchor.
#[derive(Clone, Copy)]
pub(crate) struct Equations<'a> {
    pub(crate) chain: &'a Chain,
    /// States that are solved for, the first ones.
    pub(crate) states: usize,
    pub(crate) anchor: usize,
}

/// Which states are taken together.
#[derive(Debug)]
pub(crate) struct Groups {
    of: Vec<u32>,
    count: usize,
}

impl Equations<'_> {
    /// Groups for values like `v`.
    pub(crate) fn groups(&self, v: &[f64]) -> Groups {
        let others = self.states - 1;
        if others <= MOST_ALONE {
            return self.numbered((0..self.states as u32).collect());
        }
        let mut parent: Vec<u32> = (0..self.states as u32).collect();
        let mut left = others;
        while left > GROUPS {
            let before = left;
            for (_, one, other) in self.closest(v, &mut parent) {
                let (one, other) = (root(&mut parent, one), root(&mut parent, other));
                if left > GROUPS && one != other {
                    parent[one.max(other) as usize] = one.min(other);
                    left -= 1;
                }
            }
            if left == before {
                break;
            }
        }
        let roots = (0..self.states as u32).map(|state| root(&mut parent, state)).collect();
        let mut groups = self.numbered(roots);
        // What nothing flows between is left over: one group for all of it.
        let last = MOST_ALONE as u32 - 1;
        for group in groups.of.iter_mut().filter(|group| **group != NONE) {
            *group = last.min(*group);
        }
        groups.count = groups.count.min(MOST_ALONE);
        groups
    }

    /// For each group that has a neighbour from which more flows, the one of these to or from which most of its flow goes, with the share;
    /// the largest share first. So what is seldom visited joins what it is visited from, and does not join two such places.
    fn closest(&self, v: &[f64], parent: &mut [u32]) -> Vec<(f64, u32, u32)> {
        let roots: Vec<u32> = (0..self.states as u32).map(|state| root(parent, state)).collect();
        let mut flows: Vec<(u32, u32, f64)> = self
            .inner_arcs()
            .map(|(from, to, rate)| (roots[from], roots[to], v[from] * rate))
            .filter(|(from, to, _)| from != to)
            .collect();
        flows.sort_unstable_by_key(|(from, to, _)| (*from, *to));
        flows.dedup_by(|next, kept| {
            let is_same = (next.0, next.1) == (kept.0, kept.1);
            if is_same {
                kept.2 += next.2;
            }
            is_same
        });
        let mut out = vec![0.0; self.states];
        for &(from, _, flow) in &flows {
            out[from as usize] += flow;
        }
        let mut best = vec![(0.0, NONE); self.states];
        for &(from, to, flow) in &flows {
            let is_less = (out[from as usize], from) < (out[to as usize], to);
            let (less, more) = if is_less { (from, to) } else { (to, from) };
            let best = &mut best[less as usize];
            if flow > best.0 {
                *best = (flow, more);
            }
        }
        let all = best.into_iter().zip(&out).zip(0..).filter(|((best, _), _)| best.1 != NONE);
        let mut closest: Vec<(f64, u32, u32)> =
            all.map(|(((flow, more), out), less)| (flow / out.max(f64::MIN_POSITIVE), less, more)).collect();
        closest.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
        closest
    }

    /// Groups by one state of each.
    fn numbered(&self, mut of: Vec<u32>) -> Groups {
        let mut numbers = vec![NONE; self.states];
        let mut count = 0;
        of[self.anchor] = NONE;
        for group in of.iter_mut().filter(|group| **group != NONE) {
            let number = &mut numbers[*group as usize];
            if *number == NONE {
                *number = count;
                count += 1;
            }
            *group = *number;
        }
        Groups { of, count: count as usize }
    }

    /// Arcs between states that are solved for.
    fn inner_arcs(&self) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
        let of_state = |to: usize| self.chain.arcs_into(to).iter();
        let all = (0..self.states).flat_map(move |to| of_state(to).map(move |&(from, rate)| (from as usize, to, rate)));
        all.filter(|&(from, to, _)| from != self.anchor && to != self.anchor)
    }

    /// The equations of groups, in which v is known up to the shares of states; those that are alone count by their time.
    pub(crate) fn eliminated(&self, v: &[f64], groups: &Groups) -> Eliminated {
        let count = groups.count;
        let weight = |state: usize| if self.is_alone(groups) { 1.0 } else { v[state] };
        let (mut flows, mut out) = (vec![0.0; count * count], vec![0.0; count]);
        for (from, to, rate) in self.inner_arcs() {
            let (from_group, to_group) = (groups.of[from] as usize, groups.of[to] as usize);
            if from_group != to_group {
                flows[from_group * count + to_group] += weight(from) * rate;
            }
        }
        let leaves = (self.states..self.chain.exit.len()).chain([self.anchor]);
        for &(from, rate) in leaves.flat_map(|to| self.chain.arcs_into(to)) {
            if from as usize != self.anchor {
                out[groups.of[from as usize] as usize] += weight(from as usize) * rate;
            }
        }
        Eliminated::of(flows, out)
    }

    /// The solution of the equations turned around, `v_i q_i = sum_j q_ij v_j + (reward of i)` with nothing at the anchor, where the states are few
    /// enough to be solved for at once.
    pub(crate) fn turned(&self, rewards: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
        if self.states > MOST_ALONE + 1 {
            return None;
        }
        let groups = self.numbered((0..self.states as u32).collect());
        let eliminated = self.eliminated(&[], &groups);
        let of_groups = |reward: &Vec<f64>| -> Vec<f64> { self.others().map(|state| reward[state]).collect() };
        let turned = |reward: &Vec<f64>| {
            let mut v = vec![0.0; self.states];
            self.others().zip(eliminated.turned(of_groups(reward))?).for_each(|(state, value)| v[state] = value);
            Some(v)
        };
        rewards.iter().map(turned).collect()
    }

    /// Whether every state is a group of its own.
    pub(crate) fn is_alone(&self, groups: &Groups) -> bool {
        groups.count == self.states - 1
    }

    /// Multiplies the states of each group so that its equation holds; those that are alone need no value before. Returns whether there is
    /// a solution; without one nothing is done.
    pub(crate) fn correct(
        &self,
        v: &mut [f64],
        groups: &Groups,
        eliminated: &Eliminated,
        source: &dyn Fn(usize) -> f64,
    ) -> bool {
        let mut sources = vec![0.0; groups.count];
        for state in self.others() {
            sources[groups.of[state] as usize] += source(state);
        }
        let Some(factors) = eliminated.solve(sources) else { return false };
        for state in self.others() {
            let before = if self.is_alone(groups) { 1.0 } else { v[state] };
            v[state] = before * factors[groups.of[state] as usize];
        }
        true
    }

    fn others(&self) -> impl Iterator<Item = usize> + use<> {
        let anchor = self.anchor;
        (0..self.states).filter(move |state| *state != anchor)
    }
}

/// The representative of a state's group.
fn root(parent: &mut [u32], mut state: u32) -> u32 {
    while parent[state as usize] != state {
        parent[state as usize] = parent[parent[state as usize] as usize];
        state = parent[state as usize];
    }
    state
}

/// The equations of groups after elimination from the last group to the first, by sums and products of positive numbers only.
#[derive(Debug)]
pub(crate) struct Eliminated {
    /// From each group to each other one, by rows: as they were when the later one of both was eliminated.
    flows: Vec<f64>,
    /// Out of each group to those before it and to the anchor.
    totals: Vec<f64>,
}

impl Eliminated {
    /// From the flows between groups and those `out` of all of them.
    fn of(mut flows: Vec<f64>, mut out: Vec<f64>) -> Self {
        let count = out.len();
        let mut totals = vec![0.0; count];
        for last in (0..count).rev() {
            let (above, row) = flows.split_at_mut(last * count);
            let row = &row[..last];
            let total = out[last] + row.iter().sum::<f64>();
            totals[last] = total;
            if total <= 0.0 {
                continue;
            }
            for group in 0..last {
                let into = above[group * count + last] / total;
                if into > 0.0 {
                    above[group * count..][..last].iter_mut().zip(row).for_each(|(flow, on)| *flow += into * on);
                    out[group] += into * out[last];
                }
            }
        }
        Self { flows, totals }
    }

    /// The solution with these sources; nothing if one cannot be left, or if it is beyond doubles.
    fn solve(&self, mut source: Vec<f64>) -> Option<Vec<f64>> {
        let count = self.totals.len();
        for last in (0..count).rev() {
            if source[last] <= 0.0 {
                continue;
            }
            if self.totals[last] <= 0.0 {
                return None;
            }
            let share = source[last] / self.totals[last];
            let row = &self.flows[last * count..][..last];
            source.iter_mut().zip(row).for_each(|(to, on)| *to += share * on);
        }
        // What nothing is in keeps nothing.
        let mut x = vec![1.0; count];
        for group in (0..count).filter(|group| self.totals[*group] > 0.0) {
            let into: f64 = (0..group).map(|from| x[from] * self.flows[from * count + group]).sum();
            x[group] = (source[group] + into) / self.totals[group];
        }
        x.iter().all(|x| x.is_finite()).then_some(x)
    }

    /// The solution of the equations turned around with these rewards, which may have any sign.
    fn turned(&self, mut reward: Vec<f64>) -> Option<Vec<f64>> {
        let count = self.totals.len();
        if self.totals.contains(&0.0) {
            return None;
        }
        for last in (0..count).rev() {
            let share = reward[last] / self.totals[last];
            for (group, reward) in reward[..last].iter_mut().enumerate() {
                *reward += self.flows[group * count + last] * share;
            }
        }
        for group in 0..count {
            let (before, rest) = reward.split_at_mut(group);
            let row = &self.flows[group * count..][..group];
            let on: f64 = row.iter().zip(before.iter()).map(|(flow, v)| flow * v).sum();
            rest[0] = (rest[0] + on) / self.totals[group];
        }
        reward.iter().all(|value| value.is_finite()).then_some(reward)
    }
}
