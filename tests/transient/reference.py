"""Writes reference.csv: measures at a time and of outage lengths of the models beside it, independent of the product.

Run from this folder: python3 reference.py > reference.csv (some minutes; the standard library alone)

The chain of a file comes from ../rare/chain.py, which reads the rules of the topology on its own: every unit, slot and queue,
60 digits. Its matrix exponential is worked out in integers scaled by 2^420 (126 decimal places): a Taylor series for
one second divided by a power of two, then repeated products. A value of 1e-60 still has 60 digits, and the rates have 60.

  unavailability      sum over down states of p(t),                       p(t) = p(0) exp(Q t)
  downtime            integral of that over [0, t]: a further column of Q that counts the time down
  outage_probability  the mass in one absorbing state that stands for all down states
  first_outage        mean time until then: linear equations, by elimination without a subtraction
  beyond              P(L > r): down states only, from where outages begin in the long run
  downtime_beyond     E[L; L > r] / E[L]
"""
import sys
import tomllib
from decimal import Decimal, getcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "rare"))
import chain

getcontext().prec = 60
BITS = 420
ONE = 1 << BITS
TIMES = (1, 60, 3600, 86400, 31536000)
LENGTHS = (1, 60, 300, 3600, 36000, 86400)
MODELS = Path(__file__).parent / "models"


def exact(x):
    """A 60-digit decimal in full, scaled."""
    n, d = x.as_integer_ratio()
    return (n << BITS) // d


def product(a, b):
    columns = list(zip(*b))
    return [[sum(map(int.__mul__, row, column)) >> BITS for column in columns] for row in a]


def unit(n):
    return [[ONE if i == j else 0 for j in range(n)] for i in range(n)]


def power(a, k):
    result = None
    while k:
        if k & 1:
            result = a if result is None else product(result, a)
        k >>= 1
        if k:
            a = product(a, a)
    return result


def exponential_of_a_second(q):
    halvings = 12
    n = len(q)
    step = [[x >> halvings for x in row] for row in q]
    term, total = unit(n), unit(n)
    for k in range(1, 200):
        term = [[x // k for x in row] for row in product(term, step)]
        total = [[x + y for x, y in zip(a, b)] for a, b in zip(total, term)]
        if not any(abs(x) > 1 for row in term for x in row):
            break
    for _ in range(halvings):
        total = product(total, total)
    return total


def exponentials(q, times):
    """(t, exp(q t)) for ascending whole seconds, each a multiple of the one before."""
    now, done = exponential_of_a_second(q), 1
    for t in times:
        if t % done:
            now, done = exponential_of_a_second(q), 1
        now, done = power(now, t // done), t
        yield t, now


def digits(x):
    return f"{Decimal(x) / Decimal(ONE):.20e}"


def matrix(rows, inside, extra):
    """The generator over the states that are inside, with a further column of the given rates out of each."""
    number = {x: k for k, x in enumerate(inside)}
    q = [[0] * (len(inside) + 1) for _ in range(len(inside) + 1)]
    for x, row in enumerate(rows):
        if x in number:
            q[number[x]][number[x]] = -sum(exact(r) for r in row.values())
            for y, r in row.items():
                if y in number:
                    q[number[x]][number[y]] += exact(r)
            q[number[x]][-1] = extra(x)
    return q


def started(e, inside, starts):
    """The row of the exponential for states that the chain starts in with these probabilities."""
    rows = [(exact(p), e[inside.index(x)]) for x, p in starts.items()]
    return [sum(p * row[k] for p, row in rows) >> BITS for k in range(len(e[0]))]


def mean_times(rows, inside):
    """Mean time until the states inside are left, from each: elimination of states, last first, sums of positive terms alone."""
    number = {x: k for k, x in enumerate(inside)}
    a = [{number[y]: r for y, r in rows[x].items() if y in number} for x in inside]
    out = [sum((r for y, r in rows[x].items() if y not in number), Decimal(0)) for x in inside]
    reward = [Decimal(1)] * len(inside)
    for k in range(len(inside) - 1, 0, -1):
        down = {y: r for y, r in a[k].items() if y < k}
        total = sum(down.values()) + out[k]
        for x in range(k):
            rate = a[x].pop(k, None)
            if rate is not None:
                share = rate / total
                for y, r in down.items():
                    if y != x:
                        a[x][y] = a[x].get(y, Decimal(0)) + share * r
                out[x] += share * out[k]
                reward[x] += share * reward[k]
    means = []
    for k in range(len(inside)):
        down = {y: r for y, r in a[k].items() if y < k}
        total = sum(down.values()) + out[k]
        means.append((reward[k] + sum(r * means[y] for y, r in down.items())) / total)
    return means


def write(name):
    model = chain.Model(tomllib.loads((MODELS / f"{name}.toml").read_text()))
    states, rows = chain.explored(model)
    starts = {}
    for p, state in model.settled(model.start()):
        x = states.index(state)
        starts[x] = starts.get(x, Decimal(0)) + p
    up = [model.up(state) for state in states]
    print(name, len(states), file=sys.stderr, flush=True)
    everything = list(range(len(states)))
    for t, e in exponentials(matrix(rows, everything, lambda x: 0 if up[x] else ONE), TIMES):
        after = started(e, everything, starts)
        print(f"{name},unavailability,{t},{digits(sum(p for p, u in zip(after, up) if not u))}")
        print(f"{name},downtime,{t},{digits(after[-1])}", flush=True)
    ups = [x for x in everything if up[x]]
    leak = lambda x: sum(exact(r) for y, r in rows[x].items() if not up[y])
    for t, e in exponentials(matrix(rows, ups, leak), TIMES):
        print(f"{name},outage_probability,{t},{digits(started(e, ups, starts)[-1])}", flush=True)
    means = mean_times(rows, ups)
    print(f"{name},first_outage,0,{sum(p * means[ups.index(x)] for x, p in starts.items()):.20e}")
    keep = chain.recurrent(rows)
    place = {x: k for k, x in enumerate(keep)}
    pi = chain.stationary([{place[y]: r for y, r in rows[x].items()} for x in keep])
    downs = [x for x in keep if not up[x]]
    begun = {x: Decimal(0) for x in downs}
    for x in keep:
        for y, r in rows[x].items():
            if up[x] and not up[y]:
                begun[y] += pi[place[x]] * r
    total = sum(begun.values())
    start = [exact(begun[x] / total) for x in downs]
    left = mean_times(rows, downs)
    mean = sum(begun[x] / total * m for x, m in zip(downs, left))
    for r, e in exponentials(matrix(rows, downs, lambda x: 0), LENGTHS):
        y = [sum(map(int.__mul__, start, column)) >> BITS for column in list(zip(*e))[:-1]]
        survival = Decimal(sum(y)) / Decimal(ONE)
        share = (r * survival + sum(Decimal(p) / Decimal(ONE) * m for p, m in zip(y, left))) / mean
        print(f"{name},beyond,{r},{survival:.20e}")
        print(f"{name},downtime_beyond,{r},{share:.20e}", flush=True)


if __name__ == "__main__":
    for path in sorted(MODELS.glob("*.toml")):
        if len(sys.argv) < 2 or path.stem in sys.argv[1:]:
            write(path.stem)
