//! Where sweeps would come to rest, from a few of them: reduced rank extrapolation (Eddy 1979; Sidi 2017, chapter 2).
//!
//! ```text
//! x = x_0 + sum over i < m of c_i u_i        u_i = x_(i+1) - x_i
//! c minimises |u_0 + sum of c_i (u_(i+1) - u_i)|
//! ```
//!
//! Exact where the error is a sum of m modes, whatever their factors are: also of modes that grow from sweep to sweep. Every entry
//! counts relative to its own size, so that small ones keep their digits. The terms are those of the first iterate, before
//! what grows has taken its digits.

use crate::exact::transient::complex::Complex;

/// Iterates, each by one sweep from the one before.
#[derive(Debug, Default)]
pub(crate) struct Iterates {
    pub(crate) all: Vec<Vec<Complex>>,
}

/// A column that is so much shorter than it was, once what others say of it is gone, says nothing more.
const DEPENDENT: f64 = 1e-11;

impl Iterates {
    /// The point of rest, and how many times further away it is than the first step is long; nothing where no step tells of it.
    pub(crate) fn rest(&self) -> Option<(Vec<Complex>, f64)> {
        let scales = self.scales();
        let steps: Vec<Vec<Complex>> =
            self.all.windows(2).map(|pair| difference(&pair[1], &pair[0], &scales)).collect();
        let factors = least_squares(&steps);
        let start = self.all.first()?;
        let mut rest = start.clone();
        for (factor, pair) in factors.iter().zip(self.all.windows(2)) {
            for (rest, (after, before)) in rest.iter_mut().zip(pair[1].iter().zip(&pair[0])) {
                *rest = *rest + (*after - *before) * *factor;
            }
        }
        if factors.is_empty() || rest.iter().any(|entry| !entry.size().is_finite()) {
            return None;
        }
        let gain = largest(&difference(&rest, start, &scales)) / largest(steps.first()?);
        Some((rest, gain))
    }

    /// For each entry the reciprocal of its largest size.
    fn scales(&self) -> Vec<f64> {
        let size = |entry: usize| self.all.iter().map(|iterate| iterate[entry].size()).fold(0.0, f64::max);
        let scale = |size: f64| if size > 0.0 { 1.0 / size } else { 0.0 };
        (0..self.all.first().map_or(0, Vec::len)).map(|entry| scale(size(entry))).collect()
    }
}

fn difference(of: &[Complex], from: &[Complex], scales: &[f64]) -> Vec<Complex> {
    of.iter().zip(from).zip(scales).map(|((of, from), scale)| (*of - *from).times(*scale)).collect()
}

fn largest(of: &[Complex]) -> f64 {
    of.iter().map(|entry| entry.size()).fold(0.0, f64::max)
}

/// The factors c, by an orthogonal basis of the columns `u_(i+1) - u_i` that is made orthogonal twice.
fn least_squares(steps: &[Vec<Complex>]) -> Vec<Complex> {
    let Some(first) = steps.first() else { return Vec::new() };
    let mut left: Vec<Complex> = first.iter().map(|entry| entry.times(-1.0)).collect();
    let (mut basis, mut triangle, mut sides) = (Vec::<Vec<Complex>>::new(), Vec::<Vec<Complex>>::new(), Vec::new());
    for pair in steps.windows(2) {
        let mut column: Vec<Complex> = pair[1].iter().zip(&pair[0]).map(|(after, before)| *after - *before).collect();
        let before = norm(&column);
        let mut above = vec![Complex::default(); basis.len()];
        for _ in 0..2 {
            for (above, unit) in above.iter_mut().zip(&basis) {
                *above = *above + take_away(&mut column, unit);
            }
        }
        let size = norm(&column);
        // Not a number where an iterate is none.
        if size.is_nan() || size <= DEPENDENT * before {
            break;
        }
        for entry in &mut column {
            *entry = entry.times(1.0 / size);
        }
        sides.push(take_away(&mut left, &column));
        above.push(Complex::real(size));
        triangle.push(above);
        basis.push(column);
    }
    let mut factors = vec![Complex::default(); sides.len()];
    for row in (0..sides.len()).rev() {
        let known =
            (row + 1..sides.len()).fold(sides[row], |sum, column| sum - triangle[column][row] * factors[column]);
        factors[row] = known * triangle[row][row].inverse();
    }
    factors
}

/// Takes the part along `unit` away from `of`, and says how much it was.
fn take_away(of: &mut [Complex], unit: &[Complex]) -> Complex {
    let along = unit.iter().zip(of.iter()).fold(Complex::default(), |sum, (unit, of)| sum + unit.conjugate() * *of);
    for (of, unit) in of.iter_mut().zip(unit) {
        *of = *of - *unit * along;
    }
    along
}

fn norm(of: &[Complex]) -> f64 {
    of.iter().map(|entry| entry.re * entry.re + entry.im * entry.im).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::Iterates;
    use crate::exact::transient::complex::Complex;

    #[test]
    fn modes_that_grow_and_shrink_are_left() {
        let modes = [Complex::new(1.2, 0.9), Complex::new(-0.3, 0.8), Complex::real(0.5)];
        let rest: Vec<Complex> = (0..9).map(|entry| Complex::new(1.0, f64::from(entry)).times(1e-3)).collect();
        let mut powers = [Complex::ONE; 3];
        let mut iterates = Iterates::default();
        for _ in 0..5 {
            let error = |entry: usize| {
                let mode = |(mode, power): (usize, &Complex)| power.times(((entry * 5 + mode * 7) % 11) as f64 * 1e-4);
                powers.iter().enumerate().map(mode).fold(Complex::default(), |sum, term| sum + term)
            };
            iterates.all.push(rest.iter().enumerate().map(|(entry, rest)| *rest + error(entry)).collect());
            powers.iter_mut().zip(modes).for_each(|(power, mode)| *power = *power * mode);
        }
        let (found, gain) = iterates.rest().unwrap();
        assert!(found.iter().zip(&rest).all(|(found, rest)| (*found - *rest).size() < 1e-13 * rest.size()));
        assert!(gain > 0.3 && gain < 3.0, "{gain}");
    }
}
