//! What a key of a topology file holds, told by its path.
//!
//! Two paths can name one quantity: `mtbf`, `mttf` and `rate` of one part, or `standby` and the `count` in it. And not every number of
//! a file bears on unavailability.

/// Keys that say the same: setting one takes the place of another.
pub(crate) const ALIASES: [&[&str]; 3] = [&["mtbf", "mttf", "rate"], &["mttr", "repair"], &["up", "down"]];

/// Lists, whose items are keys too.
const LISTS: [&str; 2] = ["means", "weights"];
const TIMES: [&str; 14] = [
    "mtbf",
    "mttf",
    "mttr",
    "repair",
    "detect",
    "takes",
    "otherwise",
    "check",
    "every",
    "mean",
    "means",
    "median",
    "p95",
    "scale",
];
const NUMBERS: [&str; 10] =
    ["works", "unavailability", "ageing", "beta", "load", "shape", "cv", "sigma", "mu", "weights"];
const COUNTS: [&str; 7] = ["active", "need", "standby", "count", "size", "stages", "misses"];
/// Numbers that say nothing of whether the system is up.
const WITHOUT_BEARING: [&str; 5] = ["name", "target", "capacity", "cost", "demand"];

/// What stands at a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// A time, with a unit.
    Time,
    /// A rate.
    Rate,
    /// A share or another plain number.
    Number,
    /// A whole number.
    Count,
    /// A number that unavailability does not depend on.
    WithoutBearing,
}

/// What stands at the end of a path; absent for what is no number.
pub(crate) fn holds(path: &[String]) -> Option<Holds> {
    let last = match path {
        [.., list, item] if item_number(item).is_some() && LISTS.contains(&list.as_str()) => list.as_str(),
        _ => path.last()?.as_str(),
    };
    let is_in = |names: &[&str]| names.contains(&last);
    if last == "rate" {
        Some(Holds::Rate)
    } else if is_in(&TIMES) {
        Some(Holds::Time)
    } else if is_in(&NUMBERS) {
        Some(Holds::Number)
    } else if is_in(&COUNTS) {
        Some(Holds::Count)
    } else {
        is_in(&WITHOUT_BEARING).then_some(Holds::WithoutBearing)
    }
}

/// The place in a list that a step names, counted from 0.
pub(crate) fn item_number(step: &str) -> Option<usize> {
    step.parse().ok().filter(|number: &usize| number.to_string() == step)
}

/// The path under which a quantity is known whatever it is called: of names that say the same the first one, `standby` as the
/// `count` in it. Names of parts are left as they are.
pub(crate) fn quantity(path: &[String]) -> Vec<&str> {
    let first_name = |index: usize| {
        let step = path[index].as_str();
        let same = ALIASES.into_iter().find(|names| names.contains(&step)).filter(|_| !is_name(path, index));
        same.map_or(step, |names| names[0])
    };
    let mut quantity: Vec<&str> = (0..path.len()).map(first_name).collect();
    if let ["group", _, "standby"] = quantity[..] {
        quantity.push("count");
    }
    quantity
}

/// Whether a step of a path is the name of a part or of a mode.
fn is_name(path: &[String], index: usize) -> bool {
    index == 1 || (index == 3 && path[0] == "component" && path[2] == "modes")
}

#[cfg(test)]
mod tests {
    use super::{Holds, holds, quantity};

    fn path(key: &str) -> Vec<String> {
        key.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn one_quantity_has_one_path() {
        let same = [
            ("component.a.mtbf", "component.a.rate"),
            ("component.a.modes.disk.mttf", "component.a.modes.disk.rate"),
            ("domain.z.repair", "domain.z.mttr"),
            ("component.a.mttf.weibull.mean", "component.a.mtbf.weibull.mean"),
            ("group.g.standby", "group.g.standby.count"),
        ];
        for (a, b) in same {
            assert_eq!(quantity(&path(a)), quantity(&path(b)), "{a} {b}");
        }
        let other = [
            ("component.mttr.mtbf", "component.repair.mtbf"),
            ("component.a.modes.mttr.mtbf", "component.a.modes.repair.mtbf"),
            ("component.a.mtbf", "component.a.mttr"),
        ];
        for (a, b) in other {
            assert_ne!(quantity(&path(a)), quantity(&path(b)), "{a} {b}");
        }
    }

    #[test]
    fn keys_say_what_they_hold() {
        assert_eq!(holds(&path("component.a.modes.disk.rate")), Some(Holds::Rate));
        assert_eq!(holds(&path("component.a.mtbf.weibull.shape")), Some(Holds::Number));
        assert_eq!(holds(&path("crew.ops.size")), Some(Holds::Count));
        assert_eq!(holds(&path("target")), Some(Holds::WithoutBearing));
        assert_eq!(holds(&path("component.a.mttr.hyperexponential.means.1")), Some(Holds::Time));
        assert_eq!(holds(&path("component.a.mttr.hyperexponential.weights.0")), Some(Holds::Number));
        assert_eq!(holds(&path("component.a.mttr.empirical.0")), None);
        assert_eq!(holds(&path("system.up")), None);
    }
}
