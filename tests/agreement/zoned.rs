//! Small random topologies with two or three domains that differ by name only, or hardly.

use std::fmt::Write as _;

use crate::generated::{Choices, Formula, Generator, Shape, Topology};

/// The random topology of that seed: groups spread over zones, most of them evenly, perhaps with a region around the zones, racks
/// within them, or a group beside them whose units depend on nothing else.
pub(crate) fn topology_of_zones(seed: u64, shape: Shape) -> Topology {
    let mut choices = Choices::new(seed);
    let [at_once, common_cause, crew] = [[10, 0, 90], [40, 40, 90], [40, 10, 60]][choices.below(3)];
    Generator { choices, shape, at_once, common_cause, crew }.zones()
}

impl Generator {
    fn zones(&mut self) -> Topology {
        let zones = 2 + usize::from(self.choices.chance(25));
        let has_racks = zones == 2 && self.choices.chance(20);
        // Zones come first: a group spread over racks is placed in the domains after them.
        let places: Vec<String> = if has_racks { 2..4 } else { 0..zones }.map(|zone| format!("d{zone}")).collect();
        let components = 1 + usize::from(self.choices.chance(50));
        let mut groups = vec![self.zoned_group(0, 0, &places)];
        if self.choices.chance(40) {
            groups.push(self.zoned_group(1, components - 1, &places));
        }
        let named = groups.len();
        let names = (0..named).map(|group| Formula::Name(format!("g{group}"))).collect();
        let need = 1 + self.choices.below(named);
        let mut up = Formula::AtLeast(need, names);
        let mut list: Vec<String> = (0..components).map(|index| self.component(index, false)).collect();
        if self.choices.chance(35) {
            list.push(self.component(components, false));
            groups.push(self.group_beside(components, &places));
            up = Formula::And(vec![up, Formula::Name("beside".into())]);
        }
        if self.choices.chance(25) {
            up = self.with_named_zones(up, zones);
        }
        Topology {
            components: list,
            domains: self.zone_declarations(zones, has_racks),
            crews: vec![format!("[crew.k0]\nsize = {}\n", 1 + self.choices.below(2))],
            groups,
            up,
            demand: self.choices.chance(self.shape.demand_percent).then(|| 50 * (1 + self.choices.below(8))),
        }
    }

    /// The zones `d0`, `d1` and so on, and behind them racks, one in each; perhaps a region.
    fn zone_declarations(&mut self, zones: usize, has_racks: bool) -> Vec<String> {
        let has_region = self.choices.chance(25);
        let outer = if has_region { "within = \"region\"\n" } else { "" };
        let times = |this: &mut Self| format!("mtbf = {}\nmttr = {}\n", this.time(500, 4000), this.time(30, 400));
        let (of_zones, of_racks) = (times(self), times(self));
        let mut declared: Vec<String> = (0..zones).map(|zone| format!("[domain.d{zone}]\n{of_zones}{outer}")).collect();
        if self.choices.chance(10) {
            declared[zones - 1] = format!("[domain.d{}]\n{}{outer}", zones - 1, times(self));
        }
        if has_racks {
            let rack = |zone: usize| format!("[domain.d{}]\n{of_racks}within = \"d{zone}\"\n", zones + zone);
            declared.extend((0..zones).map(rack));
        }
        if has_region {
            declared.push(format!("[domain.region]\n{}", times(self)));
        }
        declared
    }

    /// A pair or a pool with a standby, or units that are all active.
    fn zoned_group(&mut self, index: usize, component: usize, places: &[String]) -> String {
        let has_standby = self.choices.chance(50);
        let active = match (has_standby, self.choices.below(10)) {
            (true, 0..8) => places.len() - 1,
            (false, 0..6) => places.len(),
            (false, 6..8) if places.len() == 2 => 4,
            _ => 1 + self.choices.below(3),
        };
        let mut lines = format!("[group.g{index}]\ncomponent = \"c{component}\"\nactive = {active}\n");
        if self.choices.chance(80) {
            let _ = writeln!(lines, "need = {}", 1 + self.choices.below(active));
        }
        lines.push_str(&self.spread(places));
        if self.choices.chance(10) {
            let _ = writeln!(lines, "depends = [\"{}\"]", places[self.choices.below(places.len())]);
        }
        if self.choices.chance(self.crew) {
            lines.push_str("crew = \"k0\"\n");
        }
        if has_standby {
            let most = 1 + usize::from(active < 3 && self.choices.chance(15));
            self.standby(&mut lines, most);
        }
        self.common_cause_and_load(&mut lines);
        lines
    }

    /// All active, without a crew.
    fn group_beside(&mut self, component: usize, places: &[String]) -> String {
        let active = [places.len(), 2 * places.len(), 1, 3][self.choices.below(4)];
        let need = 1 + self.choices.below(active);
        let spread = self.spread(places);
        format!("[group.beside]\ncomponent = \"c{component}\"\nactive = {active}\nneed = {need}\n{spread}")
    }

    fn spread(&mut self, places: &[String]) -> String {
        let mut order: Vec<String> = places.iter().map(|place| format!("\"{place}\"")).collect();
        self.choices.shuffle(&mut order);
        format!("spread = [{}]\n", order.join(", "))
    }

    /// One zone is needed, or any.
    fn with_named_zones(&mut self, up: Formula, zones: usize) -> Formula {
        let zone = |zone: usize| Formula::Name(format!("d{zone}"));
        match self.choices.below(3) {
            0 => Formula::And(vec![up, zone(self.choices.below(zones))]),
            1 => Formula::And(vec![Formula::Or((0..zones).map(zone).collect()), up]),
            _ => Formula::And(vec![Formula::AtLeast(zones - 1, (0..zones).map(zone).collect()), up]),
        }
    }
}
