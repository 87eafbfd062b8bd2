//! Lives of a few exponential stages in a row (Erlang), with time in mean stages.
//!
//! A part that has lived for x has completed j < k of its k stages with a probability proportional to `x^j / j!`. It ends
//! within the next s with the probability `lost = sum_j w_j P(N >= k - j) / sum_j w_j`, N Poisson of mean s, and the
//! cumulative hazard over s is `-log1p(-lost)`. All terms are positive, so nothing cancels.

/// Beyond that many stages the sums cost more than the incomplete gamma function.
pub(super) const MOST_STAGES: u32 = 16;
const ROOM: usize = MOST_STAGES as usize;
/// Powers up to the 15th of numbers below this do not overflow.
const LARGE: f64 = 1e10;

/// The hazard rate at age x, per mean stage.
pub(super) fn stages_hazard(stages: u32, x: f64) -> f64 {
    let mut sum = 1.0;
    for later in 1..stages {
        sum = 1.0 + f64::from(later) / x * sum;
    }
    1.0 / sum
}

/// The cumulative hazard between x and x + step.
pub(super) fn stages_hazard_over(stages: u32, x: f64, step: f64) -> f64 {
    if step <= f64::from(stages) + 1.0 {
        let lost = lost(stages as usize, x, step);
        if lost < 0.5 {
            return -libm::log1p(-lost);
        }
    }
    // At least ln 2 in all: the difference costs no more than a few digits.
    let completed = if x < 1.0 {
        log_sum(stages, x + step) - log_sum(stages, x)
    } else {
        let rates = stages_hazard(stages, x) / stages_hazard(stages, x + step);
        f64::from(stages - 1) * libm::log1p(step / x) + libm::log(rates)
    };
    step - completed
}

/// The probability of an end within `step` at age x.
fn lost(stages: usize, x: f64, step: f64) -> f64 {
    // Of n = 1 to k further stages, completed within the step: P(N >= n).
    let mut exactly = [0.0; ROOM + 1];
    exactly[0] = libm::exp(-step);
    for n in 1..=stages {
        exactly[n] = exactly[n - 1] * step / n as f64;
    }
    let (mut term, mut at_least) = (exactly[stages], 0.0);
    let mut n = stages as f64;
    while term > at_least * (f64::EPSILON / 4.0) {
        at_least += term;
        n += 1.0;
        term *= step / n;
    }
    let mut reaches = [0.0; ROOM + 1];
    for n in (1..=stages).rev() {
        reaches[n] = at_least;
        at_least += exactly[n - 1];
    }
    let (mut weight, mut weights, mut sum) = (1.0, 0.0, 0.0);
    for done in 0..stages {
        // From the smaller end of the powers, so that none overflows: no stage done, or all but one.
        let (left, factor) =
            if x < 1.0 { (stages - done, x / (done + 1) as f64) } else { (done + 1, (stages - 1 - done) as f64 / x) };
        weights += weight;
        sum += weight * reaches[left];
        weight *= factor;
    }
    sum / weights
}

/// ln of the sum of `x^j / j!` over j < stages.
fn log_sum(stages: u32, x: f64) -> f64 {
    if x >= LARGE {
        let factorial: f64 = (1..stages).map(f64::from).product();
        return f64::from(stages - 1) * libm::log(x) - libm::log(factorial * stages_hazard(stages, x));
    }
    let (mut term, mut sum) = (1.0, 1.0);
    for j in 1..stages {
        term *= x / f64::from(j);
        sum += term;
    }
    libm::log(sum)
}
