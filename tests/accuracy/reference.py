"""Writes special.csv: special functions to 40 digits, by mpmath (tested with 1.3), 60 digits inside.

Run from this folder: python3 reference.py > special.csv
Incomplete gamma and beta functions are integrals of their densities by Gauss-Legendre quadrature over panels, or finite
sums; quantiles are bisected on them. Nothing is shared with the product.
"""
from mpmath import mp, mpf, log, exp, loggamma, quad, erfc, sqrt, pi, findroot, betainc, gammainc, nstr

mp.dps = 50

def gamma_cdf(a, x, upper):
    a, x = mpf(a), mpf(x)
    if a < 3000 and x < 10000:
        return gammainc(a, x, mp.inf, regularized=True) if upper else gammainc(a, 0, x, regularized=True)
    d = lambda t: exp((a - 1) * log(t) - t - loggamma(a))
    s = sqrt(a)
    pts = [x + k * s / 2 for k in range(0, 60)] if upper else [x - k * s / 2 for k in range(0, 60) if x - k * s / 2 > 0]
    return abs(quad(d, pts))

def beta_cdf(a, b, x, upper):
    a, b, x = mpf(a), mpf(b), mpf(x)
    n = a + b
    if a == int(a) and a <= 60:
        # P(Beta(a, b) > x) = sum_{j<a} C(a+b-1, j) x^j (1-x)^(a+b-1-j), for whole a and b.
        m = a + b - 1
        if b == int(b):
            with mp.workdps(200):
                up = mpf(0)
                for j in range(int(a)):
                    up += exp(loggamma(m + 1) - loggamma(mpf(j) + 1) - loggamma(m - j + 1) + j * log(x) + (m - j) * mp.log1p(-x))
                return up if upper else 1 - up
    if max(a, b) < 2000:
        return betainc(a, b, x, 1, regularized=True) if upper else betainc(a, b, 0, x, regularized=True)
    norm = loggamma(n) - loggamma(a) - loggamma(b)
    d = lambda t: exp(norm + (a - 1) * log(t) + (b - 1) * mp.log1p(-t))
    s = sqrt(a * b / n / n / (n + 1))
    if upper:
        pts = [x + k * s / 2 for k in range(0, 120) if x + k * s / 2 < 1]
        return quad(d, pts)
    if a < 30:  # a power law at 0: substitute t = e^u
        e = lambda u: d(exp(u)) * exp(u)
        return quad(e, [log(x) - k for k in range(160, -1, -1)])
    pts = [x - k * s / 2 for k in range(0, 120) if x - k * s / 2 > 0]
    return abs(quad(d, pts))

def bisect(f, p, lo, hi, rising):
    lo, hi = mpf(lo), mpf(hi)
    with mp.workdps(50):
        g = lambda u: (log(f(exp(u))) - log(p))
        # Secant steps guarded by bisection on ln x.
        a, b = log(lo), log(hi)
        ga, gb = g(a), g(b)
        assert ga * gb < 0, (lo, hi, ga, gb)
        r = findroot(g, (a, b), solver='ridder', verify=False, tol=mpf(10) ** -42, maxsteps=400)
        return exp(r)

print("function,a,b,c,value")
def row(name, *args):
    *inputs, value = args
    inputs = [nstr(mpf(i), 20) for i in inputs]
    print(",".join([name] + (inputs + ["", "", ""])[:3] + [nstr(value, 40)]), flush=True)

f = lambda text: mpf(float(text))  # the double that the product sees

for a, x in [("0.05", "1e-8"), ("0.5", "1e-12"), ("0.5", "0.3"), ("0.5", "40"), ("1", "1e-9"), ("3", "2.5"), ("10", "0.01"), ("10", "60"),
             ("300", "250"), ("300", "420"), ("2500", "2500"), ("20000", "19000"), ("20000", "21000"), ("1e9", "999900000"), ("1e9", "1000150000"), ("1e15", "1000000050000000")]:
    for upper in (False, True):
        row("gamma_upper" if upper else "gamma_lower", f(a), f(x), gamma_cdf(f(a), f(x), upper))
for a, b, x in [("0.5", "0.5", "1e-9"), ("0.5", "20", "0.01"), ("2", "3", "0.25"), ("1", "1e7", "1e-9"), ("5", "1e12", "3e-12"), ("5", "1e15", "2e-14"),
                ("40", "1e9", "2e-8"), ("1000.5", "500.5", "0.7"), ("50000", "70000", "0.41"), ("50000", "70000", "0.43"), ("1e6", "1e15", "1.002e-9")]:
    for upper in (False, True):
        row("beta_upper" if upper else "beta_lower", f(a), f(b), f(x), beta_cdf(f(a), f(b), f(x), upper))
for z in ["0", "0.5", "1.96", "6", "12", "30", "-2"]:
    row("normal_upper", f(z), erfc(f(z) / sqrt(mpf(2))) / 2)
def normal_quantile(q):
    """Newton on the logarithm of the tail, from the inside."""
    z = sqrt(max(-2 * log(min(q, 1 - q)) - 4, mpf("0.1"))) * (1 if q < mpf("0.5") else -1)
    for _ in range(60):
        tail = erfc(z / sqrt(mpf(2))) / 2
        z += log(tail / q) * tail * sqrt(2 * pi) * exp(z * z / 2)
    return z
for q in ["0.3", "0.025", "1e-6", "1e-15", "1e-100", "0.999"]:
    row("normal_upper_quantile", f(q), normal_quantile(f(q)))
for df, t in [("1", "12.7"), ("2", "0.1"), ("3.5", "40"), ("30", "2"), ("1000", "4"), ("1e5", "1.96")]:
    df, t = f(df), f(t)
    c = exp(loggamma((df + 1) / 2) - loggamma(df / 2)) / sqrt(df * pi)
    row("student_upper", df, t, quad(lambda x: c * (1 + x * x / df) ** (-(df + 1) / 2), [t, 2 * t + 1, 10 * t + 10, 100 * t + 100, mpf(10) ** 6, mp.inf]))
for df in ["1", "1.5", "2", "4", "29", "63", "1000", "30000", "1e6", "1e8", "1e12"]:
    for q in ["0.1", "0.025", "0.005", "1e-6"]:
        df_, q_ = f(df), f(q)
        c = loggamma((df_ + 1) / 2) - loggamma(df_ / 2) - log(df_ * pi) / 2
        if df_ <= 100:
            tail = lambda t: betainc(df_ / 2, mpf(1) / 2, 0, df_ / (df_ + t * t), regularized=True) / 2
        else:
            tail = lambda t: quad(lambda x: exp(c - (df_ + 1) / 2 * mp.log1p(x * x / df_)), [t + k for k in range(0, 24)])
        if df_ <= 100:
            lo, hi = mpf("0.01"), mpf(10) ** 7
            for _ in range(170):
                middle = sqrt(lo * hi)
                lo, hi = (middle, hi) if tail(middle) > q_ else (lo, middle)
            root = sqrt(lo * hi)
        else:
            t0 = mpf({"0.1": "1.28", "0.025": "1.96", "0.005": "2.58", "1e-6": "4.75"}[q])
            with mp.workdps(45):
                root = findroot(lambda t: log(tail(t)) - log(q_), (t0, t0 * mpf("1.001")), tol=mpf(10) ** -40)
        row("student_upper_quantile", df_, q_, root)
for k, alpha in [("1", "0.025"), ("5", "0.025"), ("5", "1e-9"), ("100", "0.005"), ("2000", "0.025"), ("1000000", "0.025")]:
    k_, a_ = f(k), f(alpha)
    s = sqrt(k_)
    row("poisson_lower", k_, a_, bisect(lambda x: gamma_cdf(k_, x, False), a_, max(k_ - 9 * s, mpf(10) ** -12), k_, True))
    row("poisson_upper", k_, a_, bisect(lambda x: gamma_cdf(k_ + 1, x, True), a_, k_, k_ + 9 * s + 60, False))
def bracket(k, n):
    """Both ends of the search for a probability: nine standard deviations and more around k of n."""
    m, s = k / n, sqrt(k + 1) / n
    return max(m - 9 * s, m / 1000), min(m + 9 * s + 60 / n, 1 - (1 - m) / 1000)

for k, n in [("1", "10"), ("3", "1e6"), ("9", "10"), ("1", "1e15"), ("7", "1e15"), ("50", "1e12"), ("1000000", "1e15"), ("400", "1000")]:
    k_, n_, a_ = f(k), f(n), f("0.025")
    lo, hi = bracket(k_, n_)
    row("binomial_lower", k_, n_, a_, bisect(lambda x: beta_cdf(k_, n_ - k_ + 1, x, False), a_, lo, k_ / n_, True))
    row("binomial_upper", k_, n_, a_, bisect(lambda x: beta_cdf(k_ + 1, n_ - k_, x, True), a_, k_ / n_, hi, False))
for k, n in [("1", "10"), ("3", "1e6"), ("1", "1e15"), ("20", "1e15"), ("500", "1500")]:
    k_, n_, half = f(k), f(n), mpf("0.5")
    lo, hi = bracket(k_, n_)
    for name, upper in [("jeffreys_low", False), ("jeffreys_high", True)]:
        row(name, k_, n_, f("0.05"), bisect(lambda x: beta_cdf(k_ + half, n_ - k_ + half, x, upper), f("0.025"), lo, hi, not upper))
for df, x in [("0.5", "1e-6"), ("1", "3.84"), ("2.5", "10"), ("63", "90"), ("63", "30"), ("1e6", "1003000")]:
    row("chi_square_lower", f(df), f(x), gamma_cdf(f(df) / 2, f(x) / 2, False))
    row("chi_square_upper", f(df), f(x), gamma_cdf(f(df) / 2, f(x) / 2, True))
for df, p in [("0.5", "0.025"), ("1", "0.025"), ("2", "1e-9"), ("10", "0.025"), ("10", "1e-9"), ("1000", "0.025")]:
    df_, p_ = f(df), f(p)
    s = sqrt(2 * df_)
    row("chi_square_lower_quantile", df_, p_, bisect(lambda x: gamma_cdf(df_ / 2, x / 2, False), p_, max(df_ - 9 * s, mpf(10) ** -30), df_, True))
    row("chi_square_upper_quantile", df_, p_, bisect(lambda x: gamma_cdf(df_ / 2, x / 2, True), p_, df_ / 2, df_ + 9 * s + 120, False))
for q in ["0.1", "0.025"]:
    df_, q_ = f("0.5"), f(q)
    lo, hi = mpf("0.01"), mpf(10) ** 7
    for _ in range(170):
        middle = sqrt(lo * hi)
        tail = betainc(df_ / 2, mpf(1) / 2, 0, df_ / (df_ + middle * middle), regularized=True) / 2
        lo, hi = (middle, hi) if tail > q_ else (lo, middle)
    row("student_upper_quantile", df_, q_, sqrt(lo * hi))

# Hazards between two ages: the difference of two logarithms, with digits to spare for what cancels.
def gamma_survival(a, x):
    return gammainc(a, x, mp.inf, regularized=True)

def lognormal_survival(sigma, t):
    return erfc(log(t) / sigma / sqrt(mpf(2))) / 2 if t > 0 else mpf(1)

MIXTURE = [(f("0.1"), f("0.75")), (f("5"), f("0.25"))]

SURVIVALS = {  # scale 1 (mean 1 of the exponential), mu 0, the uniform from 1 to 4
    "exponential": lambda _, t: exp(-t),
    "uniform": lambda _, t: min(mpf(1), (4 - t) / 3),
    "lognormal": lognormal_survival,
    "weibull": lambda shape, t: exp(-t ** shape),
    "gamma": gamma_survival,
    "erlang": gamma_survival,
    "hyperexponential": lambda _, t: sum(w * exp(-t / m) for m, w in MIXTURE),
}

def time_to(survival, age, hazard):
    """The root in ln t: the bracket from powers of ten, then the method of Ridder."""
    excess = lambda u: log(log(survival(age)) - log(survival(age + exp(u)))) - log(hazard)
    low = mpf(-40)
    while excess(low + 1) < 0:
        low += 1
    return exp(findroot(excess, (low, low + 1), solver="ridder", tol=mpf(10) ** -90, maxsteps=200))

for family, shape, age, time in [
    ("exponential", "1", "3", "1e-10"), ("exponential", "1", "1e6", "40"),
    ("uniform", "1", "0", "0.5"), ("uniform", "1", "0.25", "1.5"), ("uniform", "1", "2", "2e-10"), ("uniform", "1", "3.5", "0.49"),
    ("lognormal", "0.8", "0", "0.01"), ("lognormal", "0.8", "0", "3"), ("lognormal", "0.8", "1", "1e-10"), ("lognormal", "0.8", "0.05", "0.001"),
    ("lognormal", "0.8", "0.05", "4"), ("lognormal", "0.8", "2", "0.5"), ("lognormal", "0.8", "3", "20"), ("lognormal", "0.8", "5e10", "5"),
    ("lognormal", "0.8", "5e10", "3e10"), ("lognormal", "0.8", "1e15", "1e5"), ("lognormal", "0.1", "1", "2"), ("lognormal", "0.1", "0.9", "0.05"),
    ("lognormal", "7", "1e-6", "1e-16"), ("lognormal", "7", "1e6", "1e9"), ("lognormal", "7", "1e30", "1e20"),
    ("weibull", "0.7", "0", "1e-8"), ("weibull", "0.7", "5", "5e-10"), ("weibull", "0.7", "1000", "10"), ("weibull", "0.7", "1e-6", "30"),
    ("weibull", "3", "8", "8e-10"), ("weibull", "3", "0.2", "2"), ("weibull", "3", "8", "0.4"), ("weibull", "0.05", "1e-3", "1e-2"), ("weibull", "200", "1.01", "1e-12"),
    ("gamma", "0.05", "0", "1e-9"), ("gamma", "0.05", "1e-8", "3e-8"), ("gamma", "0.05", "1", "1.5"), ("gamma", "0.05", "0.5", "5e-11"), ("gamma", "0.4", "460", "4.6e-8"),
    ("gamma", "0.4", "460", "3"), ("gamma", "0.4", "0.1", "0.09"), ("gamma", "7.5", "0", "0.1"), ("gamma", "7.5", "2", "2e-10"), ("gamma", "7.5", "2", "2.5"),
    ("gamma", "7.5", "2", "9"), ("gamma", "7.5", "500", "5e-8"), ("gamma", "7.5", "500", "1"), ("gamma", "7.5", "500", "60"), ("gamma", "7.5", "1e-3", "1e-5"),
    ("gamma", "600.5", "500", "10"), ("gamma", "600.5", "500", "80"), ("gamma", "600.5", "620", "1e-8"), ("gamma", "600.5", "1500", "1"),
    ("erlang", "3", "1", "1e-10"), ("erlang", "3", "1e-4", "1e-6"), ("erlang", "3", "470", "4e-8"), ("erlang", "3", "3", "30"), ("erlang", "12", "0", "0.5"), ("erlang", "12", "12", "2"),
    ("erlang", "12", "600", "6"), ("erlang", "2", "1e-9", "5"), ("erlang", "16", "0", "4"), ("erlang", "16", "0.3", "16.5"), ("erlang", "16", "1e-6", "40"), ("erlang", "16", "1e12", "1"), ("erlang", "10000", "9000", "1"), ("erlang", "10000", "9800", "150"), ("erlang", "10000", "10500", "20"),
    ("hyperexponential", "1", "0", "1e-10"), ("hyperexponential", "1", "0.3", "3e-11"), ("hyperexponential", "1", "0.3", "0.2"), ("hyperexponential", "1", "0.3", "6"),
    ("hyperexponential", "1", "2000", "1e-7"), ("hyperexponential", "1", "2000", "3000"), ("hyperexponential", "1", "0", "10"),
]:
    with mp.workdps(120):
        survival = lambda t: SURVIVALS[family](f(shape), t)
        row("hazard_over_" + family, f(shape), f(age), f(time), log(survival(f(age))) - log(survival(f(age) + f(time))))

for family, shape, age, hazard in [
    ("exponential", "1", "3", "1e-12"), ("uniform", "1", "0.25", "0.3"), ("uniform", "1", "2", "1e-12"), ("uniform", "1", "2", "40"),
    ("weibull", "0.7", "5", "1e-12"), ("weibull", "0.7", "0", "40"), ("weibull", "0.7", "5", "40"), ("weibull", "3", "8", "1e-12"), ("weibull", "3", "8", "0.7"), ("weibull", "3", "0.2", "40"),
    ("lognormal", "0.8", "0", "1e-12"), ("lognormal", "0.8", "0", "40"), ("lognormal", "0.8", "1", "1e-12"), ("lognormal", "0.8", "0.05", "0.7"), ("lognormal", "0.8", "5e10", "1e-12"),
    ("lognormal", "0.8", "5e10", "40"), ("lognormal", "7", "1e6", "3"),
    ("gamma", "0.4", "0", "1e-6"), ("gamma", "0.4", "460", "1e-12"), ("gamma", "0.4", "460", "40"), ("gamma", "7.5", "2", "1e-12"), ("gamma", "7.5", "0", "1e-6"), ("gamma", "7.5", "2", "0.7"),
    ("gamma", "7.5", "500", "1e-12"), ("gamma", "7.5", "500", "40"), ("erlang", "3", "1", "1e-12"), ("erlang", "3", "470", "0.3"), ("erlang", "12", "0", "40"), ("erlang", "12", "600", "1e-12"),
    ("hyperexponential", "1", "0.3", "1e-12"), ("hyperexponential", "1", "0", "1.5"), ("hyperexponential", "1", "0.3", "40"), ("hyperexponential", "1", "2000", "1e-12"),
]:
    with mp.workdps(120):
        survival = lambda t: SURVIVALS[family](f(shape), t)
        if family == "uniform":
            value = max(1 - f(age), 0) + (4 - max(f(age), 1)) * -mp.expm1(-f(hazard))
        else:
            value = time_to(survival, f(age), f(hazard))
        row("time_to_hazard_" + family, f(shape), f(age), f(hazard), value)

for family, shape, age in [("lognormal", "0.8", "0.01"), ("lognormal", "0.8", "1"), ("lognormal", "0.8", "20"), ("lognormal", "0.8", "5e10"), ("gamma", "0.4", "0.01"), ("gamma", "0.4", "2000"),
                           ("gamma", "7.5", "2"), ("gamma", "7.5", "2000"), ("erlang", "3", "1e-5"), ("erlang", "3", "1"), ("erlang", "16", "40"), ("erlang", "16", "0.5"), ("weibull", "0.5", "0.01"), ("weibull", "3", "2"), ("hyperexponential", "1", "1"), ("hyperexponential", "1", "20000"), ("uniform", "1", "3.75")]:
    with mp.workdps(120):
        survival = lambda t: SURVIVALS[family](f(shape), t)
        step = f(age) * mpf(10) ** -50  # a one-sided difference: 50 digits
        row("hazard_" + family, f(shape), f(age), (log(survival(f(age))) - log(survival(f(age) + step))) / step)
