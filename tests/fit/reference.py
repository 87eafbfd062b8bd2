"""Maximum-likelihood fits by mpmath in 30 digits, started from scipy's: the reference of tests/fit.rs.

Run: python3 reference.py > reference.csv   (mpmath 1.3, scipy 1.13 or later)

Columns: sample, law, log-likelihood, then each parameter with its standard error from the observed information.
"""
import math
import sys

import mpmath as mp
import scipy.optimize

mp.mp.dps = 30

# Lieblein and Zelen (1956), Journal of Research of the NBS 57, p. 286: millions of revolutions of 23 ball bearings until they failed.
BEARINGS = [17.88, 28.92, 33.00, 41.52, 42.12, 45.60, 48.40, 51.84, 51.96, 54.12, 55.56, 67.80,
            68.64, 68.64, 68.88, 84.12, 93.12, 98.64, 105.12, 105.84, 127.92, 128.04, 173.40]
# Freireich et al. (1963), Blood 21, p. 699: weeks of remission with 6-MP, some of them censored.
REMISSION = [6, 6, 6, 7, 10, 13, 16, 22, 23]
REMISSION_CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
# Made up: minutes of repair as logs have them, with ties, a long tail, and two that are not over yet.
REPAIRS = [1, 2, 2, 3, 3, 3, 4, 5, 5, 6, 7, 8, 8, 10, 11, 12, 15, 15, 19, 22, 30, 41, 60, 95, 180, 240, 480, 1440]
REPAIRS_CENSORED = [30, 600]

SAMPLES = {
    "bearings": (BEARINGS, []),
    "remission": (REMISSION, REMISSION_CENSORED),
    "repairs": (REPAIRS, REPAIRS_CENSORED),
}


def normal_survival(z):
    return mp.erfc(z / mp.sqrt(2)) / 2


LAWS = {
    "exponential": (["mean"], lambda p, t: -t / p[0] - mp.log(p[0]), lambda p, t: -t / p[0]),
    "weibull": (["scale", "shape"],
                lambda p, t: mp.log(p[1] / p[0]) + (p[1] - 1) * mp.log(t / p[0]) - (t / p[0]) ** p[1],
                lambda p, t: -(t / p[0]) ** p[1]),
    "lognormal": (["mu", "sigma"],
                  lambda p, t: -((mp.log(t) - p[0]) / p[1]) ** 2 / 2 - mp.log(t * p[1] * mp.sqrt(2 * mp.pi)),
                  lambda p, t: mp.log(normal_survival((mp.log(t) - p[0]) / p[1]))),
    "gamma": (["shape", "scale"],
              lambda p, t: (p[0] - 1) * mp.log(t) - t / p[1] - p[0] * mp.log(p[1]) - mp.loggamma(p[0]),
              lambda p, t: mp.log(mp.gammainc(p[0], t / p[1], mp.inf, regularized=True))),
    "hyperexponential": (["weight", "short mean", "long mean"],
                         lambda p, t: mp.log(p[0] / p[1] * mp.exp(-t / p[1]) + (1 - p[0]) / p[2] * mp.exp(-t / p[2])),
                         lambda p, t: mp.log(p[0] * mp.exp(-t / p[1]) + (1 - p[0]) * mp.exp(-t / p[2]))),
}

STARTS = {
    "exponential": lambda m: [m],
    "weibull": lambda m: [m, 1.0],
    "lognormal": lambda m: [math.log(m) - 0.5, 1.0],
    "gamma": lambda m: [1.0, m],
    "hyperexponential": lambda m: [0.8, m / 5, 4 * m],
}


def fit(law, ended, censored):
    _, density, survival = LAWS[law]

    def likelihood(p):
        return sum(density(p, mp.mpf(t)) for t in ended) + sum(survival(p, mp.mpf(t)) for t in censored)

    def negative(p):
        if min(p[1:] if law == "lognormal" else p) <= 0 or law == "hyperexponential" and p[0] >= 1:
            return 1e9
        return -float(likelihood([mp.mpf(x) for x in p]))

    mean = sum(ended + censored) / len(ended)
    options = {"xatol": 1e-7, "fatol": 1e-11, "maxiter": 4000}
    mp.mp.dps = 16
    start = scipy.optimize.minimize(negative, STARTS[law](mean), method="Nelder-Mead", options=options).x
    mp.mp.dps = 30
    n = len(start)

    def derivative(p, orders):
        return mp.diff(lambda *x: likelihood(x), tuple(p), tuple(orders))

    def hessian(p):
        unit = [[1 if i == j else 0 for j in range(n)] for i in range(n)]
        return mp.matrix([[derivative(p, [a + b for a, b in zip(unit[i], unit[j])]) for j in range(n)] for i in range(n)])

    at = mp.matrix([mp.mpf(x) for x in start])
    for _ in range(5):
        gradient = mp.matrix([derivative(at, [1 if i == j else 0 for j in range(n)]) for i in range(n)])
        at = at - mp.lu_solve(hessian(at), gradient)
    covariance = (-hessian(at)) ** -1
    errors = [mp.sqrt(covariance[i, i]) for i in range(n)]
    return likelihood(at), at, errors


def main():
    print("sample,law,log_likelihood,value_1,error_1,value_2,error_2,value_3,error_3")
    for name, (ended, censored) in SAMPLES.items():
        for law in LAWS:
            if law == "hyperexponential" and name != "repairs":
                continue
            value, at, errors = fit(law, ended, censored)
            cells = [mp.nstr(x, 15) for pair in zip(at, errors) for x in pair]
            print(",".join([name, law, mp.nstr(value, 15)] + cells + [""] * (6 - len(cells))))
            sys.stdout.flush()


main()
