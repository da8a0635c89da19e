"""Elementwise gates: their rows, and for each the same function in mpmath, with points to try."""

import operator

import mpmath
from mpmath import mpf

from adlib import gates
from adlib.gates import GATES, Elementwise

mpmath.mp.dps = 50

# Two rows take a constant beside their argument: attach, and sinc_slope (tests/unit/test_removable.py).  The derivative
# of stop_gradient is not that of its value (tests/unit/test_cutting.py).
ROWS = {
    gate.name: gate
    for gate in GATES.values()
    if isinstance(gate, Elementwise) and gate not in (gates.attach, gates.sinc_slope, gates.stop_gradient)
}
# The point 0.9999 stands near the edge of a domain, 1e-3 near a pole, 40 where a naive formula loses all digits.
ANY = [-2.3, -0.7, 0.4, 1.9]
POSITIVE = [1e-3, 0.7, 3.2, 40.0]
PAIRS = [(1.3, 0.7), (-0.8, 2.1), (2.5, -1.7), (-1.1, -0.6)]


def _max(x, y):
    return x if x > y else y


def _min(x, y):
    return x if x < y else y


def _mod(x, y):
    return x - y * mpmath.floor(x / y)


def _fmod(x, y):
    q = x / y
    return x - y * (mpmath.floor(q) if q > 0 else mpmath.ceil(q))


def _log(base):
    return lambda x: mpmath.log(x) / mpmath.log(base)


REFERENCE = {
    "positive": (lambda x: +x, ANY),
    "negative": (lambda x: -x, ANY),
    "add": (operator.add, PAIRS),
    "subtract": (operator.sub, PAIRS),
    "multiply": (operator.mul, PAIRS),
    "divide": (operator.truediv, [*PAIRS, (1.0, 1e-3)]),
    "reciprocal": (lambda x: 1 / x, [-2.3, 1e-3, 0.4]),
    "square": (lambda x: x * x, ANY),
    "power": (lambda x, p: x**p, [(1.3, 0.7), (0.2, -1.4), (2.0, 3.0), (1e-3, 1.5), (2.0, 0.0), (7.0, 1.0)]),
    "sqrt": (mpmath.sqrt, POSITIVE),
    "cbrt": (lambda x: mpmath.sign(x) * mpmath.root(abs(x), 3), [*ANY, 1e-3]),
    "exp": (mpmath.exp, [*ANY, 40.0]),
    "exp2": (lambda x: mpf(2) ** x, ANY),
    "expm1": (mpmath.expm1, [*ANY, 1e-12]),
    "log": (mpmath.log, POSITIVE),
    "log2": (_log(2), POSITIVE),
    "log10": (_log(10), POSITIVE),
    "log1p": (mpmath.log1p, [*POSITIVE, -0.999, 1e-12]),
    "logaddexp": (lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)), [*PAIRS, (900.0, 901.0)]),
    "logaddexp2": (
        lambda x, y: mpmath.log(mpf(2) ** x + mpf(2) ** y) / mpmath.log(2),
        [*PAIRS, (2000.0, 2001.0)],
    ),
    "sin": (mpmath.sin, [*ANY, 40.0]),
    "cos": (mpmath.cos, [*ANY, 40.0]),
    "tan": (mpmath.tan, [*ANY, 1.57]),
    "arcsin": (mpmath.asin, [-0.9999, -0.4, 0.3, 0.9999]),
    "arccos": (mpmath.acos, [-0.9999, -0.4, 0.3, 0.9999]),
    "arctan": (mpmath.atan, [*ANY, 40.0]),
    "sinh": (mpmath.sinh, ANY),
    "cosh": (mpmath.cosh, ANY),
    "tanh": (mpmath.tanh, ANY),
    "arcsinh": (mpmath.asinh, [*ANY, 1e3]),
    "arccosh": (mpmath.acosh, [1.0001, 1.7, 40.0]),
    "arctanh": (mpmath.atanh, [-0.9999, -0.4, 0.3, 0.9999]),
    "arctan2": (mpmath.atan2, PAIRS),
    "hypot": (mpmath.hypot, [*PAIRS, (3e-3, 4.0), (0.0, 2.0)]),
    "circle": (lambda x: 1 - x * x, [*ANY, 0.9999]),
    "ratio": (operator.truediv, PAIRS),
    "sinc": (lambda x: mpmath.sincpi(x), [*ANY, 1e-3, 40.3]),
    "degrees": (mpmath.degrees, ANY),
    "radians": (mpmath.radians, ANY),
    "absolute": (abs, ANY),
    "sign": (mpmath.sign, ANY),
    "maximum": (_max, PAIRS),
    "minimum": (_min, PAIRS),
    "fmax": (_max, PAIRS),
    "fmin": (_min, PAIRS),
    "copysign": (lambda x, y: abs(x) * mpmath.sign(y), PAIRS),
    "remainder": (_mod, [*PAIRS, (1.0, 0.1), (7.5, -2.0)]),
    "fmod": (_fmod, [*PAIRS, (1.0, 0.1), (-7.5, 2.0)]),
    "floor": (mpmath.floor, ANY),
    "ceil": (mpmath.ceil, ANY),
    "trunc": (lambda x: mpmath.floor(x) if x > 0 else mpmath.ceil(x), ANY),
    "rint": (mpmath.nint, ANY),
    "floor_divide": (lambda x, y: mpmath.floor(x / y), PAIRS),
    "heaviside": (lambda x, y: mpf(x > 0), PAIRS),
    "relu": (lambda x: _max(x, mpf(0)), ANY),
}
