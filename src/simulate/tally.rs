//! Sums over cycles: all that the estimates need, whatever the number of cycles.

/// What is counted beside time, downtime and outages: outages by cause, downtime that a part would end, lost requests, time
/// with too little capacity. Causes come first, at their own index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) causes: usize,
    pub(crate) parts: usize,
}

impl Shape {
    pub(crate) fn part(self, part: usize) -> usize {
        self.causes + part
    }

    pub(crate) fn lost(self) -> usize {
        self.causes + self.parts
    }

    pub(crate) fn insufficient(self) -> usize {
        self.causes + self.parts + 1
    }

    pub(crate) fn len(self) -> usize {
        self.causes + self.parts + 2
    }
}

/// One cycle, or one replication.
#[derive(Clone, Debug)]
pub(crate) struct Cycle {
    pub(crate) time: f64,
    pub(crate) down: f64,
    pub(crate) outages: f64,
    /// Outages that ended, and their seconds, if it matters how many of them are long.
    ended: [Part; 2],
    values: Vec<f64>,
    touched: Vec<usize>,
}

impl Cycle {
    pub(crate) fn new(shape: Shape) -> Self {
        let values = vec![0.0; shape.len()];
        Self { time: 0.0, down: 0.0, outages: 0.0, ended: [Part::default(); 2], values, touched: Vec::new() }
    }

    pub(crate) fn add(&mut self, index: usize, value: f64) {
        if self.values[index] == 0.0 {
            self.touched.push(index);
        }
        self.values[index] += value;
    }

    /// Notes the end of an outage; those of more than `long` seconds are long.
    pub(crate) fn end_outage(&mut self, seconds: f64, long: f64) {
        let is_long = seconds > long;
        for (ended, amount) in self.ended.iter_mut().zip([1.0, seconds]) {
            ended.whole += amount;
            ended.part += if is_long { amount } else { 0.0 };
        }
    }

    pub(crate) fn clear(&mut self) {
        self.time = 0.0;
        self.down = 0.0;
        self.outages = 0.0;
        self.ended = [Part::default(); 2];
        for index in self.touched.drain(..) {
            self.values[index] = 0.0;
        }
    }
}

/// Sums of one extra quantity X: X, X^2, X times time, X times downtime; the largest X, and the
/// cycles with any.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Extra {
    pub(crate) x: f64,
    pub(crate) xx: f64,
    pub(crate) xt: f64,
    pub(crate) xd: f64,
    pub(crate) largest: f64,
    pub(crate) cycles: u64,
}

/// A quantity of one cycle, and a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Part {
    part: f64,
    whole: f64,
}

/// Sums over cycles of a part X and of the whole Y that it belongs to, of their squares and products, and the largest X and
/// Y - X.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct PartSums {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) xx: f64,
    pub(crate) xy: f64,
    pub(crate) yy: f64,
    pub(crate) largest: f64,
    pub(crate) largest_rest: f64,
}

impl PartSums {
    fn add(&mut self, Part { part, whole }: Part) {
        self.x += part;
        self.y += whole;
        self.xx += part * part;
        self.xy += part * whole;
        self.yy += whole * whole;
        self.largest = self.largest.max(part);
        self.largest_rest = self.largest_rest.max(whole - part);
    }

    fn merge(&mut self, other: &Self) {
        self.x += other.x;
        self.y += other.y;
        self.xx += other.xx;
        self.xy += other.xy;
        self.yy += other.yy;
        self.largest = self.largest.max(other.largest);
        self.largest_rest = self.largest_rest.max(other.largest_rest);
    }
}

/// Sums over cycles. Additions happen in the order of cycles within a stream, and of streams.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub(crate) cycles: u64,
    pub(crate) with_outage: u64,
    pub(crate) t: f64,
    pub(crate) d: f64,
    pub(crate) n: f64,
    pub(crate) tt: f64,
    pub(crate) dd: f64,
    pub(crate) nn: f64,
    pub(crate) td: f64,
    pub(crate) tn: f64,
    pub(crate) dn: f64,
    /// The most downtime of one cycle.
    pub(crate) largest: f64,
    /// The most outages of one cycle.
    pub(crate) most: f64,
    /// Outages that ended and their seconds, those of long ones as parts.
    pub(crate) long: [PartSums; 2],
    pub(crate) extras: Vec<Extra>,
}

impl Tally {
    pub(crate) fn new(shape: Shape) -> Self {
        Self {
            cycles: 0,
            with_outage: 0,
            t: 0.0,
            d: 0.0,
            n: 0.0,
            tt: 0.0,
            dd: 0.0,
            nn: 0.0,
            td: 0.0,
            tn: 0.0,
            dn: 0.0,
            largest: 0.0,
            most: 0.0,
            long: [PartSums::default(); 2],
            extras: vec![Extra::default(); shape.len()],
        }
    }

    /// Adds a finished cycle and clears it.
    pub(crate) fn finish(&mut self, cycle: &mut Cycle) {
        let (t, d, n) = (cycle.time, cycle.down, cycle.outages);
        self.cycles += 1;
        self.t += t;
        self.tt += t * t;
        if d > 0.0 || n > 0.0 {
            self.with_outage += 1;
            self.d += d;
            self.n += n;
            self.dd += d * d;
            self.nn += n * n;
            self.td += t * d;
            self.tn += t * n;
            self.dn += d * n;
            self.largest = self.largest.max(d);
            self.most = self.most.max(n);
        }
        for (long, ended) in self.long.iter_mut().zip(cycle.ended).filter(|(_, ended)| ended.whole > 0.0) {
            long.add(ended);
        }
        for &index in &cycle.touched {
            let x = cycle.values[index];
            let extra = &mut self.extras[index];
            extra.x += x;
            extra.xx += x * x;
            extra.xt += x * t;
            extra.xd += x * d;
            extra.largest = extra.largest.max(x);
            extra.cycles += 1;
        }
        cycle.clear();
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.cycles += other.cycles;
        self.with_outage += other.with_outage;
        for (mine, more) in [
            (&mut self.t, other.t),
            (&mut self.d, other.d),
            (&mut self.n, other.n),
            (&mut self.tt, other.tt),
            (&mut self.dd, other.dd),
            (&mut self.nn, other.nn),
            (&mut self.td, other.td),
            (&mut self.tn, other.tn),
            (&mut self.dn, other.dn),
        ] {
            *mine += more;
        }
        self.largest = self.largest.max(other.largest);
        self.most = self.most.max(other.most);
        for (mine, more) in self.long.iter_mut().zip(&other.long) {
            mine.merge(more);
        }
        for (mine, more) in self.extras.iter_mut().zip(&other.extras) {
            mine.x += more.x;
            mine.xx += more.xx;
            mine.xt += more.xt;
            mine.xd += more.xd;
            mine.largest = mine.largest.max(more.largest);
            mine.cycles += more.cycles;
        }
    }
}
