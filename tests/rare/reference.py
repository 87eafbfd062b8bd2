"""Writes reference.csv: unavailability and outages per year of the models beside it, independent of the product.

Run from this folder, with mpmath (tested with 1.3): python3 reference.py > reference.csv (five minutes)
Each model is read from its file, so a reference follows its parameters; a closed form refuses a file of another shape.

Sources, as named in the last column:
  chain         the full Markov chain, every time a mixture of Erlangs (chain.py), 60 digits without a subtraction
  machine       N identical units of exponential life, one crew, repairs of any law: M/G/1//N, Takacs 1962
  product       N identical units of any life, one crew, exponential repairs: only the mean of the life matters (Kelly 1979)
  independent   units repaired at once, each on its own: only the means matter
  cold          a cold pair with one crew: renewal at every moment when one unit starts and the other enters repair
  cold failover the same with a delay of the failover: two kinds of such moments
Where two of them apply, both are computed and must agree to the digits that are printed (`twice`).

Models without a reference, to be compared with long plain simulation:
  weib3-crew1   non-exponential lives, a crew and repairs that are not exponential: every age counts
  as-hot-lognormal, pit-fixed-logn, two-groups-crew, web-db   several clocks that are not exponential run at once
Their nearest neighbours with a reference: 2of4-hyper-life-crew1, 2of4-erlang-life-crew1, as-erlang-detect, pit,
two-groups-crew-erlang.
"""
import sys
import tomllib
from pathlib import Path

from mpmath import binomial, cosh, erf, erfc, exp, expm1, factorial, gamma, gammainc, inf, log, mp, mpf, nstr, pi, quad, sqrt

import chain
from chain import YEAR, seconds

mp.dps = 50
DIGITS = 20
MODELS = Path(__file__).parent / "models"


# Laws of durations. Each offers its mean, P(T > t), P(T <= t), and the mean of a function of T.

def span(text):
    value = seconds(text)
    return mpf(value.numerator) / value.denominator if value else mpf(0)


def number(x):
    """A number of a file as it is written, not as the nearest binary one."""
    return mpf(repr(x))


def line_integral(f):
    """The integral over the line of a normal density times a function that grows at most like a power of exp(z)."""
    return quad(f, [mpf(k) for k in range(-18, 37, 3)])


def log_time_integral(f, scale):
    """The integral of f over 0..infinity, in the logarithm of time around a scale."""
    return quad(lambda y: f(scale * exp(y)) * scale * exp(y), [mpf(k) for k in range(-120, 61, 4)])


class Lognormal:
    def __init__(self, spec):
        self.mean = span(spec["mean"])
        self.sigma = sqrt(log(1 + number(spec["cv"]) ** 2))
        self.mu = log(self.mean) - self.sigma**2 / 2

    def above(self, t):
        return erfc((log(t) - self.mu) / self.sigma / sqrt(2)) / 2

    def expectation(self, f):
        return line_integral(lambda z: exp(-z * z / 2) / sqrt(2 * pi) * f(exp(self.mu + self.sigma * z)))


class Weibull:
    def __init__(self, spec):
        self.mean, self.shape = span(spec["mean"]), number(spec["shape"])
        self.scale = self.mean / gamma(1 + 1 / self.shape)

    def below(self, t):
        return -expm1(-((t / self.scale) ** self.shape))


class Exponential:
    def __init__(self, mean):
        self.mean = mean

    def above(self, t):
        return exp(-t / self.mean)

    def below(self, t):
        return -expm1(-t / self.mean)

    def expectation(self, f):
        return log_time_integral(lambda t: exp(-t / self.mean) / self.mean * f(t), self.mean)


class Hyperexponential:
    def __init__(self, spec):
        self.parts = [(number(w), Exponential(span(m))) for w, m in zip(spec["weights"], spec["means"])]
        self.mean = sum(w * e.mean for w, e in self.parts)

    def above(self, t):
        return sum(w * e.above(t) for w, e in self.parts)

    def expectation(self, f):
        return sum(w * e.expectation(f) for w, e in self.parts)


class Erlang:
    def __init__(self, spec):
        self.mean, self.stages = span(spec["mean"]), spec["stages"]

    def expectation(self, f):
        k, stage = self.stages, self.mean / self.stages
        return log_time_integral(lambda t: (t / stage) ** (k - 1) * exp(-t / stage) / stage / factorial(k - 1) * f(t), stage)


class Fixed:
    def __init__(self, text):
        self.mean = span(text)

    def expectation(self, f):
        return f(self.mean)


class Uniform:
    def __init__(self, ends):
        self.low, self.high = map(span, ends)
        self.mean = (self.low + self.high) / 2

    def expectation(self, f):
        return quad(f, [self.low, self.mean, self.high]) / (self.high - self.low)

    def transform(self, s):
        """E exp(-s T)."""
        return (exp(-s * self.low) - exp(-s * self.high)) / (s * (self.high - self.low))


LAWS = {"lognormal": Lognormal, "weibull": Weibull, "hyperexponential": Hyperexponential, "erlang": Erlang, "fixed": Fixed,
        "uniform": Uniform}


def law(value):
    if isinstance(value, str):
        return Exponential(span(value))
    (kind, spec), = value.items()
    return LAWS[kind](spec)


# The shape of a file.

def only_group(spec, group_keys):
    """The parts of a file with one group and one component that has a life and a repair; any other key is refused."""
    assert set(spec) <= {"component", "group", "crew", "system"}, "one group alone"
    (component,), (group,) = spec["component"].values(), spec["group"].values()
    assert set(component) == {"mtbf", "mttr"} and set(group) == {"component", "active"} | group_keys, "another shape"
    assert ("crew" in group) == ("crew" in spec) and all(c["size"] == 1 for c in spec.get("crew", {}).values())
    return group, law(component["mtbf"]), law(component["mttr"])


# M/G/1//N.

def machine(spec):
    """Takacs 1962, Introduction to the Theory of Queues: the chain of the number failed after each repair.

    A repair that starts with i failed units finds each of the other N - i failed at its end with probability
    1 - exp(-R/m), each on its own. Per repair: the crossings from d - 1 to d = N - need + 1 failed (at most one), the time
    with d failed or more, and the length, with the wait N m for the first failure where a repair left none.
    """
    group, life, repair = only_group(spec, {"need", "crew"})
    units, limit = group["active"], group["active"] - group["need"] + 1
    assert isinstance(life, Exponential) and limit >= 2, "exponential lives, a spare"
    after = stationary(repair_transitions(units, life.mean, repair))
    starts = [mpf(0), after[0] + after[1]] + after[2:] if units > 1 else None
    length = repair.mean + after[0] * life.mean / units
    down = sum(p * time_down(units, i, limit, life.mean, repair) for i, p in enumerate(starts) if i)
    outages = sum(p * crossing(units, i, limit, life.mean, repair) for i, p in enumerate(starts) if 0 < i < limit)
    return down / length, outages / length * YEAR


def failed_meanwhile(others, k, x):
    """P(exactly k of the others fail in x mean lives), without a subtraction."""
    return binomial(others, k) * (-expm1(-x)) ** k * exp(-x * (others - k))


def at_least(others, k, x):
    return sum(failed_meanwhile(others, j, x) for j in range(max(k, 0), others + 1)) if k > 0 else mpf(1)


def repair_transitions(units, m, repair):
    """rows[j][k]: from j to k failed units, from one end of a repair to the next."""
    rows = []
    for j in range(units):
        i = max(j, 1)
        row = [mpf(0)] * units
        for k in range(units - i + 1):
            row[i - 1 + k] = repair.expectation(lambda r, k=k: failed_meanwhile(units - i, k, r / m))
        rows.append(row)
    return rows


def stationary(rows):
    """Grassmann, Taksar, Heyman 1985, on a small full matrix."""
    n, a = len(rows), [list(row) for row in rows]
    for k in range(n - 1, 0, -1):
        out = sum(a[k][:k])
        for x in range(k):
            a[x][k] /= out
            for y in range(k):
                a[x][y] += a[x][k] * a[k][y]
    shares = [mpf(1)]
    for k in range(1, n):
        shares.append(sum(shares[x] * a[x][k] for x in range(k)))
    return [s / sum(shares) for s in shares]


def crossing(units, i, limit, m, repair):
    return repair.expectation(lambda r: at_least(units - i, limit - i, r / m))


def time_down(units, i, limit, m, repair):
    """The mean time with `limit` failed or more during a repair that starts with i failed."""
    return repair.expectation(lambda r: m * down_until(units - i, limit - i, r / m))


def down_until(others, k, x):
    """The integral over 0..x of P(at least k of the others have failed), in mean lives.

    With j still working, one fails after 1/j on average: the time with exactly `failed` of them failed until x is
    P(more than that have failed at x) / j, a sum of positive terms; with all failed, it is the rest of x.
    """
    if k <= 0:
        return x
    spent = lambda failed: at_least(others, failed + 1, x) / (others - failed)
    return sum(spent(failed) for failed in range(k, others)) + all_failed_until(others, x)


def all_failed_until(others, x):
    """The integral over 0..x of (1 - exp(-t))^others = sum over j > others of (1 - exp(-x))^j / j, for x < 1; else x - the rest."""
    q = -expm1(-x)
    if q > 0.5:
        return x - sum(q**j / j for j in range(1, others + 1))
    total, j, term = mpf(0), others + 1, q ** (others + 1)
    while term > total * mpf(10) ** -mp.dps:
        total += term / j
        j, term = j + 1, term * q
    return total


# Any lives, one crew, exponential repairs.

def product(spec):
    """Kelly 1979, Reversibility and Stochastic Networks, section 3.3: units in service are a station that is insensitive to their lives,
    the crew is a queue in the order of arrival, so p_n ~ N! / (N - n)! (repair / life)^n; outages end at the rate of repairs.
    """
    group, life, repair = only_group(spec, {"need", "crew"})
    units, limit = group["active"], group["active"] - group["need"] + 1
    assert isinstance(repair, Exponential), "exponential repairs"
    weights = [factorial(units) / factorial(units - n) * (repair.mean / life.mean) ** n for n in range(units + 1)]
    return sum(weights[limit:]) / sum(weights), weights[limit] / sum(weights) / repair.mean * YEAR


# Independent units.

def independent(spec):
    """K of N alternating renewal processes: U and the rate of passing from `need` to need - 1 working, from the means alone."""
    group, life, repair = only_group(spec, {"need"})
    n, k = group["active"], group["need"]
    u = repair.mean / (life.mean + repair.mean)
    a = life.mean / (life.mean + repair.mean)
    chance = lambda working: binomial(n, working) * a**working * u ** (n - working)
    return sum(chance(w) for w in range(k)), chance(k) * k / life.mean * YEAR


# A cold pair.

def cold(spec):
    """Renewal whenever one unit starts to serve and the other enters repair (the crew of one makes it a renewal).

    With a life X and a repair R the next such moment comes after max(X, R), the last (R - X)+ of it down:
    U = E(R - X)+ / E max(X, R), and one outage with probability P(X < R). Gnedenko, Belyayev, Solovyev 1969.
    """
    group, life, repair = only_group(spec, {"standby", "crew"})
    assert group["active"] == 1 and group["standby"] == {"count": 1, "mode": "cold"}
    down = log_time_integral(lambda t: life.below(t) * repair.above(t), repair.mean)
    cycle = life.mean + down
    return down / cycle, repair.expectation(life.below) / cycle * YEAR


def cold_failover(spec):
    """A cold pair with exponential lives X, and failovers F that are shorter than every repair R.

    At a failure with the standby ready (kind 1) F passes, then X runs against Y = R - F: if Y ends first, the next failure
    is of kind 1 again; else the system waits for Y, and the repaired unit serves at once while the other enters repair
    (kind 2): X runs against R. With kinds of long-run shares p and 1 - p, every kind 1 brings an outage of length F.
    """
    group, life, repair = only_group(spec, {"standby", "failover", "crew"})
    assert group["active"] == 1 and group["standby"] == {"count": 1, "mode": "cold"} and set(group["failover"]) == {"takes"}
    failover = law(group["failover"]["takes"])
    assert isinstance(life, Exponential) and failover.high < repair.low
    s = 1 / life.mean
    first_up = {1: repair.transform(s) * failover.transform(-s), 2: repair.transform(s)}  # P(repaired before the failure)
    share = {1: first_up[2] / (1 - first_up[1] + first_up[2])}
    share[2] = 1 - share[1]
    rest = {1: repair.mean - failover.mean, 2: repair.mean}
    wait = {k: rest[k] - (1 - first_up[k]) / s for k in (1, 2)}  # E(Y - X)+
    down = share[1] * failover.mean + sum(share[k] * wait[k] for k in (1, 2))
    length = share[1] * failover.mean + sum(share[k] * (life.mean + wait[k]) for k in (1, 2))
    outages = share[1] + sum(share[k] * (1 - first_up[k]) for k in (1, 2))
    return down / length, outages / length * YEAR


def full_chain(spec):
    unavailability, frequency, _ = chain.solve(spec)
    return mpf(str(unavailability)), mpf(str(frequency))


METHODS = {
    "chain": (full_chain, """as-hot-crew1 2of5 2of5-mtbf-100h 2of5-mtbf-10000h 2of5-mtbf-100000h 3of5-beta n-plus-1 1of3-zones
        as-two-spares pit 2of4-crew1 8of12-crew2 two-groups-crew-exp standby-check cold-exp load-sharing fool-domain fool-long
        six-losses seven-losses hot2-hyper-erlang two-groups-crew-erlang as-erlang-detect 2of4-hyper-life-crew1
        2of4-erlang-life-crew1 warm-erlang-life-crew1"""),
    "machine": (machine, """1of2-lognormal-crew1 1of2-cv3-crew1 1of2-cv6-crew1 1of2-fixed-crew1 2of5-lognormal-crew1
        2of5-hyper-crew1 2of5-erlang-crew1 2of5-uniform-crew1 hyper-extreme-crew1"""),
    "product": (product, "weib05-crew1 weib3-exp-crew1"),
    "independent": (independent, """1of2-weib-free 1of3-weib2-cv3-free 2of4-weib-uni-free 6of10-weib-logn-free weib05-free
        weib3-free"""),
    "cold": (cold, "cold-weib-logn-crew1 cold-weib07-cv3-crew1 cold-exp-hyper"),
    "cold failover": (cold_failover, "cold-failover-uni"),
}
TWICE = {
    "chain": (full_chain, "2of5-hyper-crew1 2of5-erlang-crew1 hyper-extreme-crew1 cold-exp-hyper"),
    "machine": (machine, "2of5 2of5-mtbf-100h 2of4-crew1 six-losses seven-losses"),
    "cold": (cold, "cold-exp"),
    "product": (product, "2of5-mtbf-100000h"),
}


def spec_of(name):
    with open(MODELS / f"{name}.toml", "rb") as file:
        return tomllib.load(file)


def results(methods):
    return {name: (source, f(spec_of(name))) for source, (f, names) in methods.items() for name in names.split()}


def main():
    first, second = results(METHODS), results(TWICE)
    print("model,unavailability,failure_frequency_per_year,digits,source")
    for name, (source, values) in sorted(first.items()):
        if name in second:
            other, again = second[name]
            gap = max(abs(a / b - 1) for a, b in zip(values, again))
            assert gap < mpf(10) ** -DIGITS, (name, gap)
            source = f"{source} and {other}"
        print(name, *(nstr(v, DIGITS, min_fixed=1, max_fixed=0) for v in values), DIGITS, source, sep=",")
    print(f"{len(first)} models, {len(second)} of them twice", file=sys.stderr)


if __name__ == "__main__":
    main()
