//! A component of a topology that has the availability of a log.
//!
//! The mean up and down times are those of the log, so that the steady state is its share of time down to the last
//! digits. The family of the repair is that of the best fit with its shape, its mean moved to that of the log: a fitted
//! mean of a long tail can miss by a factor of ten, and only means matter for the availability of a single unit.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::fit::Fitted;
use crate::numeric::distribution::Family;
use crate::quantity::counted;
use crate::study::history::Counts;

/// What a component is made from.
#[derive(Clone, Debug)]
pub struct Observed<'a> {
    /// Its name in the log; empty or the same as `key` where there is none to tell.
    pub name: &'a str,
    /// Its name in the topology, as of [`names`].
    pub key: &'a str,
    /// Where it came from, for a comment.
    pub source: &'a str,
    /// What was counted.
    pub counts: Counts,
    /// The best fit of its times to repair.
    pub repair: Option<&'a Fitted>,
    /// The best fit of its up times.
    pub life: Option<&'a Fitted>,
    /// The share of failures that came with others.
    pub beta: Option<f64>,
}

/// The table `[component.NAME]`; absent without outages, or where it was never up or never down.
pub fn component(observed: &Observed<'_>) -> Option<String> {
    let (up, down) = (observed.counts.mean_up()?, observed.counts.mean_down()?);
    if up <= 0.0 || down <= 0.0 {
        return None;
    }
    let counts = observed.counts;
    let mut text = String::new();
    let units = if counts.units == 1 { String::new() } else { format!(" of {} units", counts.units) };
    let _ = writeln!(
        text,
        "# From {}: {}{units}, {} s down and {} s up.",
        observed.source,
        counted(counts.outages, "outage"),
        counts.down,
        counts.up
    );
    if observed.name != observed.key {
        // Escaped, because a name with a line break would end the comment.
        let _ = writeln!(text, "# In the log: {:?}.", observed.name);
    }
    let _ = writeln!(text, "[component.{}]", observed.key);
    let _ = writeln!(text, "mtbf = \"{up}s\"");
    if let Some(life) = observed.life.and_then(|life| of_mean(life, up)) {
        let _ = writeln!(text, "# up times look like: mtbf = {life}");
    }
    let repair = observed.repair.and_then(|repair| of_mean(repair, down)).unwrap_or_else(|| format!("\"{down}s\""));
    let _ = writeln!(text, "mttr = {repair}");
    if let Some(beta) = observed.beta.filter(|beta| *beta > 0.0) {
        let _ = writeln!(text, "# failures with others: in a group, common_cause = {{ beta = {beta:.4} }}");
    }
    Some(text)
}

/// A comment with the two lines that make components a whole file, were all of them needed.
pub fn whole(names: &[&str]) -> String {
    format!(
        "# These two lines make it a whole file; `up` says when the system is up.\n# [system]\n# up = \"{}\"\n",
        names.join(" and ")
    )
}

/// What components of these names are called in a topology, no two of them alike: those that topologies take as they are keep
/// their name, and others that become like one of them get a number, as `NAME-2`.
pub fn names(of: &[&str]) -> Vec<String> {
    let mut taken: BTreeSet<String> = of.iter().filter(|one| name(one) == **one).map(|one| (*one).to_owned()).collect();
    let distinct = |one: &&str| {
        let plain = name(one);
        if plain == **one {
            return plain;
        }
        let numbered = (2_u64..).map(|number| format!("{plain}-{number}"));
        let free = std::iter::once(plain.clone()).chain(numbered).find(|name| !taken.contains(name));
        let free = free.expect("numbers do not end");
        taken.insert(free.clone());
        free
    };
    of.iter().map(distinct).collect()
}

/// A comment that tells the unavailability of the log, and that of the components in series, which fail one by one there; and
/// whether the two differ by more than a hundredth.
pub fn beside(log: f64, of_components: &[f64]) -> (String, bool) {
    // 1 - product of (1 - U), as the sum of logarithms.
    let series = -libm::expm1(of_components.iter().map(|one| libm::log1p(-one)).sum());
    let differs = (series - log).abs() > 0.01 * log;
    let why = if differs { ": outages of components overlap in the log, or some are left out" } else { "" };
    (format!("# Down for {log} of the time in the log, {series} when all of these are needed{why}.\n"), differs)
}

/// The family and shape of a fit with another mean, as topologies write it; absent for an exponential, which is its
/// mean.
fn of_mean(fit: &Fitted, mean: f64) -> Option<String> {
    Some(match fit.distribution.family() {
        Family::Weibull { shape, .. } => format!("{{ weibull = {{ mean = \"{mean}s\", shape = {shape} }} }}"),
        Family::Gamma { shape, .. } => format!("{{ gamma = {{ mean = \"{mean}s\", shape = {shape} }} }}"),
        Family::LogNormal { sigma, .. } => {
            // cv^2 = exp(sigma^2) - 1, as `expm1`.
            let cv = libm::sqrt(libm::expm1(sigma * sigma));
            format!("{{ lognormal = {{ mean = \"{mean}s\", cv = {cv} }} }}")
        }
        Family::HyperExponential { means, weights } => {
            let ratio = mean / fit.distribution.mean();
            let means: Vec<String> = means.iter().map(|one| format!("\"{}s\"", one * ratio)).collect();
            let weights: Vec<String> = weights.iter().map(f64::to_string).collect();
            format!("{{ hyperexponential = {{ means = [{}], weights = [{}] }} }}", means.join(", "), weights.join(", "))
        }
        _ => return None,
    })
}

/// A name that topologies take: letters, digits, `-` and `_`, beginning with a letter, and no word of expressions.
fn name(of: &str) -> String {
    let mut plain = String::new();
    for c in of.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            plain.push(c.to_ascii_lowercase());
        } else if !plain.is_empty() && !plain.ends_with('-') {
            plain.push('-');
        }
    }
    let plain = plain.trim_end_matches('-');
    let is_fine = plain.starts_with(|c: char| c.is_ascii_alphabetic()) && !["and", "or", "of"].contains(&plain);
    if is_fine { plain.to_owned() } else { format!("unit-{plain}").trim_end_matches('-').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{beside, name, names};

    #[test]
    fn names_are_such_as_topologies_take() {
        let cases = [
            ("API Requests", "api-requests"),
            ("node-17", "node-17"),
            ("17", "unit-17"),
            ("or", "unit-or"),
            ("Ä!", "unit"),
        ];
        for (given, expected) in cases {
            assert_eq!(name(given), expected);
        }
    }
    #[test]
    fn no_two_components_have_one_name() {
        let found = names(&["API Requests", "api-requests", "API/Requests", "db"]);
        assert_eq!(found, ["api-requests-2", "api-requests", "api-requests-3", "db"]);
        assert_eq!(names(&["a-2", "a", "A"]), ["a-2", "a", "a-3"]);
    }

    /// Two halves in series are down for 1 - (1 - 0.5)^2 = 0.75 of the time; in a log where they overlap for 0.5.
    #[test]
    fn a_series_differs_from_a_log_of_overlaps() {
        let (text, differs) = beside(0.5, &[0.5, 0.5]);
        assert!(differs && text.contains("0.5 of the time in the log, 0.75 when"), "{text}");
        assert!(!beside(0.75, &[0.5, 0.5]).1);
    }
}
