//! Ready topologies, each a small lesson in its comments.

/// A ready topology.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// Name on the command line.
    pub name: &'static str,
    /// What it shows, one line.
    pub lesson: &'static str,
    /// The file.
    pub text: &'static str,
}

/// The name of the topology that `simulate` uses without a file.
pub const DEFAULT: &str = "active-standby";

/// All templates, from simple to rich.
pub const TEMPLATES: [Template; 13] = [
    template("single", "one server", include_str!("templates/single.toml")),
    template(
        "active-standby",
        "a hot standby takes over: detection, failover, and the failover that does not work",
        include_str!("templates/active-standby.toml"),
    ),
    template(
        "active-standby-warm",
        "a standby that ages slowly and whose failures are found by a check",
        include_str!("templates/active-standby-warm.toml"),
    ),
    template(
        "active-standby-cold",
        "a standby that does not age and takes its time to start",
        include_str!("templates/active-standby-cold.toml"),
    ),
    template("active-active", "three of four servers are enough", include_str!("templates/active-active.toml")),
    template("n-plus-1", "one spare for five slots", include_str!("templates/n-plus-1.toml")),
    template("quorum", "three of five members, repaired one at a time", include_str!("templates/quorum.toml")),
    template("two-zones", "everything spread over two zones", include_str!("templates/two-zones.toml")),
    template(
        "three-regions",
        "two of three regions, and the control plane that they share",
        include_str!("templates/three-regions.toml"),
    ),
    template(
        "three-tier",
        "a web shop with a demand: up is not the same as carrying the load",
        include_str!("templates/three-tier.toml"),
    ),
    template("fleet", "many servers, and a bad deployment that hits all of them", include_str!("templates/fleet.toml")),
    template("oncall", "services that share one person on call", include_str!("templates/oncall.toml")),
    template(
        "common-cause",
        "a pair in which one failure in twenty hits both",
        include_str!("templates/common-cause.toml"),
    ),
];

const fn template(name: &'static str, lesson: &'static str, text: &'static str) -> Template {
    Template { name, lesson, text }
}

/// The template of that name.
pub fn find(name: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.name == name)
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT, TEMPLATES, find};
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::read::{Syntax, read};

    #[test]
    fn every_template_is_a_valid_topology_without_warnings() {
        for template in TEMPLATES {
            let model = read(template.text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap_or_else(|mistakes| {
                panic!("{}: {mistakes:?}", template.name);
            });
            assert!(model.warnings.is_empty() && model.target.is_some() && model.name.is_some(), "{}", template.name);
        }
        assert!(find(DEFAULT).is_some());
    }
}
