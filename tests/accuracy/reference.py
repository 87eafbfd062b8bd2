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
