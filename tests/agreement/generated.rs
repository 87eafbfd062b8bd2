//! Small random topologies that use every field of the language.

use std::fmt::Write as _;

/// Random choices that are the same on every machine: splitmix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub(crate) struct Choices(u64);

impl Choices {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `bound - 1`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// Puts `items` in another order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// A topology as text, in pieces that can be put together in other ways.
#[derive(Clone, Debug)]
pub(crate) struct Topology {
    pub(crate) components: Vec<String>,
    pub(crate) domains: Vec<String>,
    pub(crate) crews: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) up: Formula,
    pub(crate) demand: Option<usize>,
}

/// When the system is up.
#[derive(Clone, Debug)]
pub(crate) enum Formula {
    Name(String),
    And(Vec<Formula>),
    Or(Vec<Formula>),
    AtLeast(usize, Vec<Formula>),
}

impl Formula {
    pub(crate) fn text(&self) -> String {
        let list = |of: &[Self], between: &str| of.iter().map(Self::text).collect::<Vec<_>>().join(between);
        match self {
            Self::Name(name) => name.clone(),
            Self::And(of) => format!("({})", list(of, " and ")),
            Self::Or(of) => format!("({})", list(of, " or ")),
            Self::AtLeast(need, of) => format!("{need} of ({})", list(of, ", ")),
        }
    }

    /// True when this is false, over names that are true when their parts are down.
    fn dual(&self) -> Self {
        let all = |of: &[Self]| of.iter().map(Self::dual).collect();
        match self {
            Self::Name(name) => Self::Name(name.clone()),
            Self::And(of) => Self::Or(all(of)),
            Self::Or(of) => Self::And(all(of)),
            Self::AtLeast(need, of) => Self::AtLeast(of.len() + 1 - need, all(of)),
        }
    }
}

impl Topology {
    /// The file.
    pub(crate) fn text(&self) -> String {
        let system = format!("[system]\nup = \"{}\"\n", self.up.text());
        self.with_system(&system)
    }

    /// The same file with `down` in place of `up`.
    pub(crate) fn text_with_down(&self) -> String {
        let system = format!("[system]\ndown = \"{}\"\n", self.up.dual().text());
        self.with_system(&system)
    }

    fn with_system(&self, system: &str) -> String {
        let parts = [&self.components, &self.domains, &self.crews, &self.groups];
        let mut text = "name = \"random\"\ntarget = \"3 nines\"\n".to_owned();
        text.extend(parts.into_iter().flatten().map(String::as_str));
        text.push_str(system);
        if let Some(demand) = self.demand {
            let _ = writeln!(text, "demand = {demand}");
        }
        text
    }

    /// Puts declarations in another order. Groups stay in theirs: it decides who comes first to a crew.
    pub(crate) fn shuffled(&self, choices: &mut Choices) -> Self {
        let mut other = self.clone();
        for parts in [&mut other.components, &mut other.domains, &mut other.crews] {
            choices.shuffle(parts);
        }
        other
    }
}

/// Which distributions times have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    /// Now and then another one than the exponential.
    Any,
    Exponential,
    /// Exponential in all but name: a mixture of two exponentials whose means differ by 1e-9. The simulator cannot tell that
    /// these are memoryless, and keeps their residual times.
    Disguised,
    /// One time in four is made of exponential phases.
    Phases,
}

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) times: Times,
    /// Times are multiplied by this.
    pub(crate) time_scale: usize,
    /// Share of topologies with a demand, percent.
    pub(crate) demand_percent: usize,
}

/// The random topology of that seed.
pub(crate) fn topology(seed: u64, shape: Shape) -> Topology {
    let mut choices = Choices::new(seed);
    let [at_once, common_cause, crew] = [(); 3].map(|()| [10, 40, 80][choices.below(3)]);
    Generator { choices, shape, at_once, common_cause, crew }.topology()
}

/// A random topology with two or three groups that differ by name only, and perhaps another one before, between or behind them.
pub(crate) fn topology_of_alike_groups(seed: u64, shape: Shape) -> Topology {
    let mut choices = Choices::new(seed);
    let [at_once, common_cause, crew] = [[10, 0, 90], [40, 40, 90], [40, 10, 90]][choices.below(3)];
    Generator { choices, shape, at_once, common_cause, crew }.alike_groups()
}

pub(crate) struct Generator {
    pub(crate) choices: Choices,
    pub(crate) shape: Shape,
    /// Percent of the times that may be zero that are; of the groups that have a common cause; that have a crew.
    pub(crate) at_once: usize,
    pub(crate) common_cause: usize,
    pub(crate) crew: usize,
}

impl Generator {
    fn topology(&mut self) -> Topology {
        let components = 1 + self.choices.below(2);
        let domains = self.choices.below(3);
        let crews = self.choices.below(2);
        let groups = 1 + usize::from(self.choices.chance(40));
        let only_probability: Vec<bool> = (0..components).map(|_| self.choices.chance(8)).collect();
        let demand = self.choices.chance(self.shape.demand_percent).then(|| 50 * (1 + self.choices.below(8)));
        Topology {
            components: only_probability.iter().enumerate().map(|(i, only)| self.component(i, *only)).collect(),
            domains: (0..domains).map(|index| self.domain(index)).collect(),
            crews: (0..crews).map(|index| format!("[crew.k{index}]\nsize = {}\n", 1 + self.choices.below(2))).collect(),
            groups: (0..groups)
                .map(|index| {
                    let component = self.choices.below(components);
                    self.group(index, component, only_probability[component], domains, crews)
                })
                .collect(),
            up: self.formula(components, domains, groups, demand.is_some()),
            demand,
        }
    }

    fn alike_groups(&mut self) -> Topology {
        let domains = self.choices.below(3).min(self.choices.below(3));
        let group = self.group(0, 0, false, domains, 1);
        let copies = 2 + usize::from(self.choices.chance(30));
        // The component of a copy has another name.
        let component = self.component(0, false);
        let components = (0..copies).map(|copy| component.replace("component.c0", &format!("component.c{copy}")));
        let mut components: Vec<String> = components.collect();
        let name = |copy: usize| {
            let text = group.replace("group.g0", &format!("group.g{copy}"));
            text.replace("component = \"c0\"", &format!("component = \"c{copy}\""))
        };
        let mut groups: Vec<String> = (0..copies).map(name).collect();
        let demand = self.choices.chance(self.shape.demand_percent).then(|| 50 * (1 + self.choices.below(8)));
        let names: Vec<Formula> = (0..copies).map(|copy| Formula::Name(format!("g{copy}"))).collect();
        let need = 1 + self.choices.below(copies);
        let mut up = Formula::AtLeast(need, names);
        if self.choices.chance(35) {
            components.push(self.component(copies, false));
            let other = format!("[group.other]\ncomponent = \"c{copies}\"\nactive = 1\ncrew = \"k0\"\n");
            groups.insert(self.choices.below(copies + 1), other);
            let other = Formula::Name("other".into());
            up = match self.choices.below(3) {
                0 => Formula::And(vec![other, up]),
                1 => Formula::Or(vec![up, other]),
                _ => up,
            };
        }
        Topology {
            components,
            domains: (0..domains).map(|index| self.domain(index)).collect(),
            crews: vec![format!("[crew.k0]\nsize = {}\n", 1 + self.choices.below(2))],
            groups,
            up,
            demand,
        }
    }

    /// A time between `low` and `high` minutes.
    pub(crate) fn time(&mut self, low: usize, high: usize) -> String {
        let minutes = (low + self.choices.below(high - low)) * self.shape.time_scale;
        match self.shape.times {
            Times::Disguised => {
                let means = format!("means = [\"{minutes}m\", \"{minutes}.000000001m\"]");
                return format!("{{ hyperexponential = {{ {means}, weights = [0.5, 0.5] }} }}");
            }
            Times::Phases if self.choices.chance(25) => {
                let erlang = format!("{{ erlang = {{ mean = \"{minutes}m\", stages = 2 }} }}");
                let means = format!("means = [\"{minutes}m\", \"9m\"]");
                let hyper = format!("{{ hyperexponential = {{ {means}, weights = [0.6, 0.4] }} }}");
                return if self.choices.chance(50) { erlang } else { hyper };
            }
            Times::Any if self.choices.chance(8) => {}
            Times::Any | Times::Exponential | Times::Phases => return format!("\"{minutes}m\""),
        }
        match self.choices.below(8) {
            6 => format!("{{ gamma = {{ mean = \"{minutes}m\", shape = 0.5 }} }}"),
            7 => format!("{{ hyperexponential = {{ means = [\"{minutes}m\", \"9m\"], weights = [0.6, 0.4] }} }}"),
            0 => format!("{{ fixed = \"{minutes}m\" }}"),
            1 => format!("{{ uniform = [\"{minutes}m\", \"{}m\"] }}", 2 * minutes),
            2 => format!("{{ lognormal = {{ mean = \"{minutes}m\", cv = 1.2 }} }}"),
            3 => format!("{{ weibull = {{ mean = \"{minutes}m\", shape = 1.5 }} }}"),
            4 => format!("{{ erlang = {{ mean = \"{minutes}m\", stages = 2 }} }}"),
            _ => format!("{{ empirical = [\"{minutes}m\", \"{}m\"] }}", 3 * minutes),
        }
    }

    fn time_or_none(&mut self, low: usize, high: usize) -> String {
        if self.choices.chance(self.at_once) { "\"0s\"".into() } else { self.time(low, high) }
    }

    fn noticing(&mut self, low: usize, high: usize) -> String {
        if self.shape.times != Times::Any || self.choices.chance(90) {
            return self.time_or_none(low, high);
        }
        let minutes = (low + self.choices.below(high - low)) * self.shape.time_scale;
        format!("{{ every = \"{minutes}m\", misses = {} }}", 1 + self.choices.below(2))
    }

    fn mode(&mut self, lines: &mut String) {
        if self.choices.chance(20) {
            let _ = writeln!(lines, "rate = \"1/{}m\"", (300 + self.choices.below(3000)) * self.shape.time_scale);
        } else {
            let key = self.choices.pick(&["mtbf", "mttf"]);
            let _ = writeln!(lines, "{key} = {}", self.time(300, 3000));
        }
        let restart = self.choices.chance(35);
        if restart {
            let takes = self.time_or_none(10, 60);
            let works = self.choices.pick(&["works = 0.75", "works = \"50%\"", "works = 1", "works = 0.3"]);
            let _ = writeln!(lines, "restart = {{ takes = {takes}, {works} }}");
        }
        let key = self.choices.pick(&["mttr", "repair"]);
        let _ = writeln!(lines, "{key} = {}", self.time(30, 400));
    }

    pub(crate) fn component(&mut self, index: usize, only_probability: bool) -> String {
        let mut lines = format!("[component.c{index}]\ncost = 10\n");
        if self.choices.chance(70) {
            let _ = writeln!(lines, "capacity = {}", 50 * (1 + self.choices.below(4)));
        }
        if only_probability {
            lines.push_str("unavailability = 0.02\n");
            return lines;
        }
        if self.choices.chance(50) {
            let _ = writeln!(lines, "detect = {}", self.noticing(10, 200));
        }
        let own = self.choices.chance(70);
        if own {
            self.mode(&mut lines);
        }
        if !own || self.choices.chance(25) {
            for name in ["crash", "disk"].into_iter().take(1 + usize::from(self.choices.chance(30))) {
                let _ = writeln!(lines, "[component.c{index}.modes.{name}]");
                self.mode(&mut lines);
                if self.choices.chance(40) {
                    let _ = writeln!(lines, "detect = {}", self.noticing(10, 200));
                }
            }
        }
        lines
    }

    fn domain(&mut self, index: usize) -> String {
        let within = if index > 0 && self.choices.chance(40) { "within = \"d0\"\n" } else { "" };
        format!("[domain.d{index}]\nmtbf = {}\nmttr = {}\n{within}", self.time(500, 4000), self.time(30, 400))
    }

    fn group(&mut self, index: usize, component: usize, only: bool, domains: usize, crews: usize) -> String {
        let active = 1 + self.choices.below(3);
        let mut lines = format!("[group.g{index}]\ncomponent = \"c{component}\"\nactive = {active}\n");
        if self.choices.chance(60) {
            let _ = writeln!(lines, "need = {}", 1 + self.choices.below(active));
        }
        if domains > 0 && self.choices.chance(50) {
            let mut order: Vec<String> = (0..domains).map(|domain| format!("\"d{domain}\"")).collect();
            self.choices.shuffle(&mut order);
            let _ = writeln!(lines, "spread = [{}]", order.join(", "));
        }
        if domains > 0 && self.choices.chance(20) {
            let _ = writeln!(lines, "depends = [\"d{}\"]", self.choices.below(domains));
        }
        if only {
            return lines;
        }
        if crews > 0 && self.choices.chance(self.crew) {
            lines.push_str("crew = \"k0\"\n");
        }
        if active < 3 && self.choices.chance(70) {
            self.standby(&mut lines, 4 - active);
        }
        self.common_cause_and_load(&mut lines);
        lines
    }

    pub(crate) fn common_cause_and_load(&mut self, lines: &mut String) {
        if self.choices.chance(self.common_cause) {
            let beta = self.choices.pick(&["0.1", "\"25%\"", "0.5", "1"]);
            let _ = writeln!(lines, "common_cause = {{ beta = {beta} }}");
        }
        if self.choices.chance(20) {
            let _ = writeln!(lines, "load = {}", self.choices.pick(&["0.5", "1", "1.7"]));
        }
    }

    pub(crate) fn standby(&mut self, lines: &mut String, most: usize) {
        let count = 1 + self.choices.below(most);
        if self.choices.chance(20) {
            let _ = writeln!(lines, "standby = {count}");
        } else {
            let mode =
                self.choices.pick(&["", ", mode = \"hot\"", ", mode = \"cold\"", ", mode = \"warm\", ageing = 0.4"]);
            let check =
                if self.choices.chance(50) { format!(", check = {}", self.noticing(100, 2000)) } else { String::new() };
            let _ = writeln!(lines, "standby = {{ count = {count}{mode}{check} }}");
        }
        if self.choices.chance(75) {
            let takes = if self.choices.chance(75) {
                format!("takes = {}, ", self.time_or_none(10, 200))
            } else {
                String::new()
            };
            let works = match self.choices.below(3) {
                0 => String::new(),
                1 => "works = 1, ".to_owned(),
                _ => "works = 0.7, ".to_owned(),
            };
            let _ = writeln!(lines, "failover = {{ {takes}{works}otherwise = {} }}", self.time_or_none(100, 500));
        }
    }

    /// Over the groups (seldom one is left out), and now and then a component or a domain. With a demand each name occurs once.
    fn formula(&mut self, components: usize, domains: usize, groups: usize, once: bool) -> Formula {
        let unnamed = usize::from(groups > 1 && self.choices.chance(15));
        let mut names: Vec<String> = (unnamed..groups).map(|group| format!("g{group}")).collect();
        names.extend((0..components).filter(|_| self.choices.chance(15)).map(|component| format!("c{component}")));
        names.extend((0..domains).filter(|_| self.choices.chance(25)).map(|domain| format!("d{domain}")));
        if !once && names.len() > 1 && self.choices.chance(30) {
            names.push(names[self.choices.below(names.len())].clone());
        }
        self.choices.shuffle(&mut names);
        let mut parts: Vec<Formula> = names.into_iter().map(Formula::Name).collect();
        while parts.len() > 1 {
            let take = 2 + self.choices.below(parts.len() - 1);
            let joined: Vec<Formula> = parts.split_off(parts.len() - take);
            let need = 1 + self.choices.below(joined.len());
            let formula = match self.choices.below(3) {
                0 => Formula::And(joined),
                1 => Formula::Or(joined),
                _ => Formula::AtLeast(need, joined),
            };
            parts.insert(0, formula);
        }
        parts.pop().expect("there is at least one group")
    }
}
