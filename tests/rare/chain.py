"""The full Markov chain of a topology, straight from the rules of the topology file, in 60-digit decimals.

Every time is a mixture of Erlangs (exponential, Erlang, hyperexponential), so the state is: what every unit does and in which
phase, who owns every slot, which losses have been noticed, which failovers are under way, who waits for the crew, which
domains are up. Nothing is approximated, and nothing is shared with the product. Left out, and refused: several failure modes,
restarts that take no time, a component's own `detect` beside domains and standbys, domains that are not exponential, `K of`.
"""
import re
from collections import namedtuple
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 60

SECONDS = {"ns": Fraction(1, 10**9), "us": Fraction(1, 10**6), "ms": Fraction(1, 1000), "s": 1, "m": 60, "h": 3600,
           "d": 86400, "w": 7 * 86400, "y": 365 * 86400}
YEAR = 365 * 86400


def seconds(text):
    """A duration such as 1h30m as a fraction of seconds."""
    parts = re.findall(r"([0-9.]+)(ns|us|ms|s|m|h|d|w|y)", text)
    assert "".join(a + b for a, b in parts) == text, text
    return sum(Fraction(number) * SECONDS[unit] for number, unit in parts)


def decimal(x):
    x = Fraction(x) if not isinstance(x, float) else Fraction(repr(x))
    return Decimal(x.numerator) / Decimal(x.denominator)


def phases(value):
    """[(weight, [rates of the stages])]; an empty list of stages takes no time."""
    if isinstance(value, str):
        mean = seconds(value)
        return [(Decimal(1), [decimal(1 / mean)] if mean else [])]
    (kind, spec), = value.items()
    if kind == "erlang":
        return [(Decimal(1), [decimal(spec["stages"] / seconds(spec["mean"]))] * spec["stages"])]
    if kind == "hyperexponential":
        return [(decimal(w), [decimal(1 / seconds(m))]) for w, m in zip(spec["weights"], spec["means"])]
    raise ValueError(f"no phases for {kind}")


def mean(law):
    return sum(w * sum(1 / rate for rate in stages) for w, stages in law)


class Group:
    """One group of a file with all defaults filled in."""

    def __init__(self, name, spec, component, crews):
        known = {"mtbf", "mttr", "repair", "detect", "restart", "capacity", "cost"}
        assert set(component) <= known, f"{name}: {set(component) - known}"
        self.name = name
        self.active = spec.get("active", 1)
        self.need = spec.get("need", self.active)
        standby = spec.get("standby", 0)
        standby = {"count": standby} if isinstance(standby, int) else standby
        self.standby = standby.get("count", 1)
        self.ageing = decimal(standby.get("ageing", {"hot": 1, "cold": 0}.get(standby.get("mode", "hot"), 1)))
        self.check = phases(standby["check"]) if "check" in standby else None
        self.size = self.active + self.standby
        self.life = phases(component["mtbf"])
        self.detect = phases(component.get("detect", "0s"))
        restart = component.get("restart")
        self.restart = phases(restart["takes"]) if restart else None
        self.restart_works = decimal(restart.get("works", 1)) if restart else None
        assert not restart or all(stages for _, stages in self.restart), f"{name}: a restart that takes no time"
        back = component.get("mttr", component.get("repair"))
        self.repair = phases(back) if back else None
        failover = spec.get("failover", {})
        self.works = decimal(failover.get("works", 1))
        self.takes = {True: phases(failover.get("takes", "0s")), False: phases(failover.get("otherwise", "0s"))}
        spread, depends = spec.get("spread", []), spec.get("depends", [])
        self.domains = [([spread[i % len(spread)]] if spread else []) + depends for i in range(self.size)]
        self.beta = decimal(spec.get("common_cause", {}).get("beta", 0))
        self.load = decimal(spec.get("load", 0))
        crew = spec.get("crew")
        self.crew = list(crews).index(crew) if crew else None
        # Units may be renumbered where nothing that happens depends on their numbers.
        self.alike = not spread and not self.beta and not self.check
        assert not (self.standby and (spread or depends) and "detect" in component), f"{name}: detect of a domain's loss"


# units[g][i]: (what, branch, stage); slots[g][s]: (owner, noticed, None or (unit, works, branch, stage));
# queues[crew]: ((g, i), ...); domains: whether each is up.
State = namedtuple("State", "units slots queues domains")


def replaced(items, *path_and_value):
    """A nested tuple with the item at the path replaced."""
    *path, value = path_and_value
    if not path:
        return value
    head, *rest = path
    return items[:head] + (replaced(items[head], *rest, value),) + items[head + 1:]


class Model:
    def __init__(self, spec):
        self.crews = {name: c["size"] for name, c in spec.get("crew", {}).items()}
        self.domain_names = list(spec.get("domain", {}))
        self.domain_specs = list(spec.get("domain", {}).values())
        self.groups = [Group(name, g, spec["component"][g["component"]], self.crews) for name, g in spec.get("group", {}).items()]
        words = re.findall(r"[A-Za-z0-9_-]+|[(),]", spec["system"]["up"])
        for word in words:
            if word in spec.get("component", {}) and word not in [g.name for g in self.groups]:
                self.groups.append(Group(word, {}, spec["component"][word], self.crews))
        self.up_expression = self.compiled(words)

    def compiled(self, words):
        """The words of `up` as a Python expression over the values of parts: `and` and `or` bind as in Python."""
        assert "of" not in words, "K of is not needed here"
        keep = {"and", "or", "(", ")"}
        return compile(" ".join(w if w in keep else f"value[{w!r}]" for w in words), "up", "eval")

    # What a state means.

    def domain_up(self, state, name):
        k = self.domain_names.index(name)
        outer = self.domain_specs[k].get("within")
        return state.domains[k] and (outer is None or self.domain_up(state, outer))

    def able(self, state, g, i):
        """Whether a unit works and its domains are up."""
        return state.units[g][i][0] == "up" and all(self.domain_up(state, d) for d in self.groups[g].domains[i])

    def served(self, state, g):
        return sum(self.able(state, g, owner) for owner, _, _ in state.slots[g])

    def up(self, state):
        value = {d: self.domain_up(state, d) for d in self.domain_names}
        value |= {g.name: self.served(state, k) >= g.need for k, g in enumerate(self.groups)}
        return eval(self.up_expression, {"value": value})

    def owners(self, state, g):
        return [owner for owner, _, _ in state.slots[g]]

    def ready(self, state, g):
        """Standbys that work, whose domains are up, and that no failover has claimed."""
        taken = self.owners(state, g) + [f[0] for _, _, f in state.slots[g] if f]
        return [i for i in range(self.groups[g].size) if i not in taken and self.able(state, g, i)]

    # What follows at once.

    def drawn(self, state, g, i, what, law, at_once):
        """The unit starts a clock: one outcome for each branch."""
        for b, (weight, stages) in enumerate(law):
            status = (what, b, 0) if stages else (at_once, 0, 0)
            yield weight, state._replace(units=replaced(state.units, g, i, status))

    def settled(self, state):
        """[(probability, state)] once everything that takes no time has happened."""
        step = self.at_once(state)
        if step is None:
            return [(Decimal(1), self.canonical(state))]
        return [(p * q, last) for p, after in step for q, last in self.settled(after)]

    def at_once(self, state):
        """The outcomes of the next thing that takes no time; None when there is none."""
        for rule in (self.return_to_service, self.begin_to_be_noticed, self.begin_the_way_back, self.mind_slots, self.queue_up):
            step = rule(state)
            if step is not None:
                return list(step)
        return None

    def first_unit(self, state, what):
        return next(((g, i) for g, units in enumerate(state.units) for i, u in enumerate(units) if u[0] == what), None)

    def return_to_service(self, state):
        """A repaired unit works as new; without a slot, it serves the first noticed lost slot that no failover is under way for."""
        found = self.first_unit(state, "fresh")
        if found is None:
            return None
        g, i = found
        return [(p, self.serve_first_lost(after, g, i)) for p, after in self.drawn(state, g, i, "up", self.groups[g].life, None)]

    def serve_first_lost(self, state, g, i):
        if i in self.owners(state, g) or not self.able(state, g, i):
            return state
        for s, (owner, noticed, failover) in enumerate(state.slots[g]):
            if noticed and not failover and not self.able(state, g, owner):
                return state._replace(slots=replaced(state.slots, g, s, (i, False, None)))
        return state

    def begin_to_be_noticed(self, state):
        found = self.first_unit(state, "failed")
        if found is None:
            return None
        g, i = found
        group = self.groups[g]
        if group.check and i not in self.owners(state, g):
            return self.drawn(state, g, i, "check", group.check, "noticed")
        return self.drawn(state, g, i, "detect", group.detect, "noticed")

    def begin_the_way_back(self, state):
        found = self.first_unit(state, "noticed")
        if found is None:
            return None
        g, i = found
        if self.groups[g].restart:
            return self.drawn(state, g, i, "restart", self.groups[g].restart, "fresh")
        return [(Decimal(1), state._replace(units=replaced(state.units, g, i, ("asking", 0, 0))))]

    def mind_slots(self, state):
        for g in range(len(self.groups)):
            for s in range(self.groups[g].active):
                step = self.mind_slot(state, g, s)
                if step is not None:
                    return step
        return None

    def mind_slot(self, state, g, s):
        """Notice the loss of a slot, end a failover that has lost its sense or its standby, begin one."""
        owner, noticed, failover = state.slots[g][s]
        put = lambda slot: [(Decimal(1), state._replace(slots=replaced(state.slots, g, s, slot)))]
        if self.able(state, g, owner):
            return put((owner, False, None)) if noticed or failover else None
        if not noticed and state.units[g][owner][0] not in ("detect", "check", "failed"):
            return put((owner, True, None))
        if failover and not self.able(state, g, failover[0]):
            return put((owner, noticed, None))
        if not noticed or failover:
            return None
        ready = self.ready(state, g)
        if ready:
            return self.begin_failover(state, g, s, ready[0])
        waiting = [i for i, u in enumerate(state.units[g]) if u[0] == "check"]
        if waiting:
            return [(Decimal(1), state._replace(units=replaced(state.units, g, waiting[0], ("noticed", 0, 0))))]
        return None

    def begin_failover(self, state, g, s, unit):
        group = self.groups[g]
        owner = state.slots[g][s][0]
        for works, p in ((True, group.works), (False, 1 - group.works)):
            for b, (weight, stages) in enumerate(group.takes[works] if p else []):
                slot = (owner, True, (unit, works, b, 0)) if stages else (unit, False, None)
                yield p * weight, state._replace(slots=replaced(state.slots, g, s, slot))

    def queue_up(self, state):
        """Units that came to need the crew at this instant queue by group and number; then free places are filled."""
        found = self.first_unit(state, "asking")
        if found is not None:
            g, i = found
            crew = self.groups[g].crew
            if crew is None:
                return self.drawn(state, g, i, "repair", self.groups[g].repair, "fresh")
            queues = replaced(state.queues, crew, state.queues[crew] + ((g, i),))
            return [(Decimal(1), state._replace(units=replaced(state.units, g, i, ("wait", 0, 0)), queues=queues))]
        for crew, size in enumerate(self.crews.values()):
            busy = sum(u[0] == "repair" for g, units in enumerate(state.units) if self.groups[g].crew == crew for u in units)
            if busy < size and state.queues[crew]:
                (g, i), *rest = state.queues[crew]
                after = state._replace(queues=replaced(state.queues, crew, tuple(rest)))
                return self.drawn(after, g, i, "repair", self.groups[g].repair, "fresh")
        return None

    def canonical(self, state):
        """The same state with the units of each group renumbered in a fixed order, where their numbers do not matter."""
        for g, group in enumerate(self.groups):
            if group.alike:
                state = self.renumbered(state, g)
        return state

    def renumbered(self, state, g):
        group = self.groups[g]
        place = lambda i: state.queues[group.crew].index((g, i)) if state.units[g][i][0] == "wait" else -1
        key = lambda i: (state.units[g][i], place(i))
        slots = sorted(state.slots[g], key=lambda t: (key(t[0]), t[1], (t[2][1:], key(t[2][0])) if t[2] else ()))
        order = [t[0] for t in slots] + [t[2][0] for t in slots if t[2]]
        order += sorted((i for i in range(group.size) if i not in order), key=key)
        number = {old: new for new, old in enumerate(order)}
        units = replaced(state.units, g, tuple(state.units[g][i] for i in order))
        moved = tuple((number[o], noticed, (number[f[0]],) + f[1:] if f else None) for o, noticed, f in slots)
        queues = tuple(tuple((h, number[i]) if h == g else (h, i) for h, i in q) for q in state.queues)
        return state._replace(units=units, slots=replaced(state.slots, g, moved), queues=queues)

    # What happens in time.

    def events(self, state):
        """[(rate, state before what follows at once)]."""
        for g, group in enumerate(self.groups):
            for i, unit in enumerate(state.units[g]):
                yield from self.unit_events(state, g, i, unit)
            for s, slot in enumerate(state.slots[g]):
                if slot[2]:
                    yield self.failover_event(state, g, s, slot)
            working = [i for i, u in enumerate(state.units[g]) if u[0] == "up"]
            if group.beta and working:
                failed = tuple(("failed", 0, 0) if u[0] == "up" else u for u in state.units[g])
                yield group.beta / mean(group.life), state._replace(units=replaced(state.units, g, failed))
        for k, spec in enumerate(self.domain_specs):
            (_, (rate,)), = phases(spec["mtbf"] if state.domains[k] else spec["mttr"])
            yield rate, state._replace(domains=replaced(state.domains, k, not state.domains[k]))

    def unit_events(self, state, g, i, unit):
        group = self.groups[g]
        what, branch, stage = unit
        law = {"up": group.life, "detect": group.detect, "check": group.check, "restart": group.restart,
               "repair": group.repair}.get(what)
        if law is None:
            return
        stages = law[branch][1]
        rate = stages[stage] * (self.speed(state, g, i) if what == "up" else 1)
        put = lambda status: state._replace(units=replaced(state.units, g, i, status))
        if not rate:
            return
        if stage + 1 < len(stages):
            yield rate, put((what, branch, stage + 1))
        elif what == "restart":
            yield rate * group.restart_works, put(("fresh", 0, 0))
            if group.restart_works < 1:
                yield rate * (1 - group.restart_works), put(("asking", 0, 0))
        else:
            yield rate, put(({"up": "failed", "repair": "fresh"}.get(what, "noticed"), 0, 0))

    def speed(self, state, g, i):
        """How fast the unit's own life is used up."""
        group = self.groups[g]
        if i not in self.owners(state, g):
            return group.ageing * (1 - group.beta)
        if group.load and self.able(state, g, i):
            return (Decimal(group.active) / self.served(state, g)) ** group.load * (1 - group.beta)
        return 1 - group.beta

    def failover_event(self, state, g, s, slot):
        owner, _, (unit, works, branch, stage) = slot
        stages = self.groups[g].takes[works][branch][1]
        last = stage + 1 == len(stages)
        after = (unit, False, None) if last else (owner, True, (unit, works, branch, stage + 1))
        return stages[stage], state._replace(slots=replaced(state.slots, g, s, after))

    def start(self):
        units = tuple((("fresh", 0, 0),) * g.size for g in self.groups)
        slots = tuple(tuple((s, False, None) for s in range(g.active)) for g in self.groups)
        return State(units, slots, ((),) * len(self.crews), (True,) * len(self.domain_specs))


def explored(model):
    """All states from the start on, and rows[x] = {y: rate}."""
    first = [state for _, state in model.settled(model.start())]
    number = {state: k for k, state in enumerate(dict.fromkeys(first))}
    states, rows = list(number), []
    for state in states:  # grows while it is read
        row = {}
        for rate, before in model.events(state):
            for p, after in model.settled(before):
                if after not in number:
                    number[after] = len(states)
                    states.append(after)
                row[number[after]] = row.get(number[after], 0) + rate * p
        row.pop(number[state], None)
        rows.append(row)
    return states, rows


def reach(rows, x):
    seen, stack = {x}, [x]
    while stack:
        for y in rows[stack.pop()]:
            if y not in seen:
                seen.add(y)
                stack.append(y)
    return seen


def recurrent(rows):
    """The states of the closed class that is reached, in their order."""
    back = [{} for _ in rows]
    for x, row in enumerate(rows):
        for y in row:
            back[y][x] = 1
    x = 0
    while True:
        forward = reach(rows, x)
        lost = forward - reach(back, x)
        if not lost:
            return sorted(forward)
        x = min(lost)


def stationary(rows):
    """Grassmann, Taksar, Heyman 1985: elimination without a subtraction, so every share keeps all its digits."""
    n = len(rows)
    a = [dict(row) for row in rows]
    into = [set() for _ in range(n)]
    for x, row in enumerate(a):
        for y in row:
            into[y].add(x)
    columns = [None] * n
    for k in range(n - 1, 0, -1):
        row = {y: r for y, r in a[k].items() if y < k}
        out = sum(row.values())
        columns[k] = {x: a[x][k] / out for x in into[k] if x < k}
        for x, share in columns[k].items():
            for y, r in row.items():
                if x != y:
                    a[x][y] = a[x].get(y, 0) + share * r
                    into[y].add(x)
    pi = [Decimal(1)] + [None] * (n - 1)
    for k in range(1, n):
        pi[k] = sum(pi[x] * share for x, share in columns[k].items())
    total = sum(pi)
    return [p / total for p in pi]


def solve(spec):
    """(unavailability, outages per year, number of states) of a parsed file."""
    model = Model(spec)
    states, rows = explored(model)
    keep = recurrent(rows)
    number = {x: k for k, x in enumerate(keep)}
    rows = [{number[y]: r for y, r in rows[x].items()} for x in keep]
    pi = stationary(rows)
    up = [model.up(states[x]) for x in keep]
    down_share = sum(p for p, u in zip(pi, up) if not u)
    frequency = sum(p * r for p, u, row in zip(pi, up, rows) if u for y, r in row.items() if not up[y])
    return down_share, frequency * YEAR, len(keep)
