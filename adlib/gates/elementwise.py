"""Elementwise gates, a row each: the value, then the partial derivatives by each argument.

A partial is a function of the arguments x, y and of the result v, or a number where it is constant.  A row that uses
another below it has its type written down.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from adlib.gates import functions
from adlib.gates.gate import GATES, Elementwise, elementwise
from adlib.gates.notation import ANY, ATOM, FUNCTION, POWER, PRODUCT, SUM, Notation, call, named
from adlib.gates.shaping import SCALARS

# fmt: off
# Arithmetic
positive = elementwise(np.positive, 1, scalar=operator.pos, moves_only=True,
    symbol="=", latex=Notation("{}", SUM, (SUM,)))
negative = elementwise(np.negative, -1, scalar=operator.neg,
    symbol="−", latex=Notation("-{}", PRODUCT, (PRODUCT,)))
add = elementwise(np.add, 1, 1, scalar=operator.add,
    symbol="+", latex=Notation("{} + {}", SUM, (SUM, SUM)))
GATES[np.conjugate] = positive  # of a real number
subtract = elementwise(np.subtract, 1, -1, scalar=operator.sub,
    symbol="−", latex=Notation("{} - {}", SUM, (SUM, PRODUCT)))
multiply = elementwise(np.multiply, lambda x, y, v: y, lambda x, y, v: x, scalar=operator.mul,
    symbol="×", latex=Notation(r"{} \, {}", PRODUCT, (PRODUCT, PRODUCT)))
divide = elementwise(np.divide, lambda x, y, v: 1 / y, lambda x, y, v: -v / y,
    scalar=operator.truediv,
    symbol="÷", latex=Notation(r"\frac{{{}}}{{{}}}", FUNCTION, (ANY, ANY)), domain="y != 0")
reciprocal = elementwise(np.reciprocal, lambda x, v: -v * v, scalar=lambda x: 1 / x,
    symbol="1/", latex=Notation(r"\frac{{1}}{{{}}}", FUNCTION, (ANY,)), domain="x != 0")
square = elementwise(np.square, lambda x, v: 2 * x, scalar=lambda x: x * x,
    symbol="²", latex=Notation("{}^2", POWER, (ATOM,)))
power: Elementwise = elementwise(np.power,
    lambda x, p, v: p * _power_below(x, p),
    lambda x, p, v: v * log(_off_zero(x, p >= 0)),  # 0ᵖ stays 0 as p > 0 grows
    scalar=math.pow, array=operator.pow,  # NumPy's ** has fast paths for 2, ½ and -1
    symbol="^", latex=Notation("{}^{{{}}}", POWER, (ATOM, ANY)),
    domain="((x > 0) | ((x == 0) & (y >= 0)) | ((x < 0) & (y == np.floor(y))))",
    kinks="(x == 0) & (y > 0) & (y < 1)",
    convention="∂/∂x is ∞ at x = 0 when 0 < p < 1, and 0 when p = 0; ∂/∂p is 0 at x = 0 when p ≥ 0")

# Roots, exponentials and logarithms
sqrt = elementwise(np.sqrt, lambda x, v: 1 / (2 * v), scalar=math.sqrt,
    symbol="√", latex=Notation(r"\sqrt{{{}}}", ATOM, (ANY,)),
    domain="x >= 0", kinks="x == 0", convention="√′(0) = ∞")
cbrt = elementwise(np.cbrt, lambda x, v: 1 / (3 * v * v),
    symbol="∛", latex=Notation(r"\sqrt[3]{{{}}}", ATOM, (ANY,)), kinks="x == 0", convention="∛′(0) = ∞")
exp = elementwise(np.exp, lambda x, v: v, scalar=math.exp, latex=Notation("e^{{{}}}", POWER, (ANY,)))
exp2 = elementwise(np.exp2, lambda x, v: v * math.log(2), latex=Notation("2^{{{}}}", POWER, (ANY,)))
expm1 = elementwise(np.expm1, lambda x, v: exp(x), scalar=math.expm1)
log: Elementwise = elementwise(np.log, lambda x, v: 1 / x, scalar=math.log,
    latex=named(r"\log"), domain="x > 0")
log2 = elementwise(np.log2, lambda x, v: 1 / (x * math.log(2)), scalar=math.log2,
    latex=named(r"\log_2"), domain="x > 0")
log10 = elementwise(np.log10, lambda x, v: 1 / (x * math.log(10)), scalar=math.log10,
    latex=named(r"\log_{{10}}"), domain="x > 0")
log1p = elementwise(np.log1p, lambda x, v: 1 / (1 + x), scalar=math.log1p, domain="x > -1")
logaddexp = elementwise(np.logaddexp, lambda x, y, v: exp(x - v), lambda x, y, v: exp(y - v))
logaddexp2 = elementwise(np.logaddexp2, lambda x, y, v: exp2(x - v), lambda x, y, v: exp2(y - v))

# Trigonometric and hyperbolic functions
sin = elementwise(np.sin, lambda x, v: cos(x), scalar=math.sin, latex=named(r"\sin"))
cos: Elementwise = elementwise(np.cos, lambda x, v: -sin(x), scalar=math.cos, latex=named(r"\cos"))
tan = elementwise(np.tan, lambda x, v: 1 + v * v, scalar=math.tan, latex=named(r"\tan"))
arcsin = elementwise(np.arcsin, lambda x, v: 1 / sqrt(circle(x)), scalar=math.asin,
    latex=named(r"\arcsin"), domain="np.abs(x) <= 1", kinks="np.abs(x) == 1", convention="arcsin′(±1) = ∞")
arccos = elementwise(np.arccos, lambda x, v: -1 / sqrt(circle(x)), scalar=math.acos,
    latex=named(r"\arccos"), domain="np.abs(x) <= 1", kinks="np.abs(x) == 1", convention="arccos′(±1) = −∞")
arctan = elementwise(np.arctan, lambda x, v: 1 / (1 + x * x), scalar=math.atan, latex=named(r"\arctan"))
sinh = elementwise(np.sinh, lambda x, v: cosh(x), scalar=math.sinh, latex=named(r"\sinh"))
cosh: Elementwise = elementwise(np.cosh, lambda x, v: sinh(x), scalar=math.cosh, latex=named(r"\cosh"))
tanh = elementwise(np.tanh, lambda x, v: circle(v), scalar=math.tanh, latex=named(r"\tanh"))
arcsinh = elementwise(np.arcsinh, lambda x, v: 1 / hypot(x, 1.0), scalar=math.asinh)
arccosh = elementwise(np.arccosh, lambda x, v: 1 / (sqrt(x - 1) * sqrt(x + 1)), scalar=math.acosh,
    domain="x >= 1", kinks="x == 1", convention="arccosh′(1) = ∞")
arctanh = elementwise(np.arctanh, lambda x, v: 1 / circle(x), scalar=math.atanh,
    domain="np.abs(x) < 1")
arctan2 = elementwise(np.arctan2,  # NumPy's order: arctan2(y, x); here x is the first argument, y the second
    lambda x, y, v: y / hypot(x, y) / hypot(x, y), lambda x, y, v: -x / hypot(x, y) / hypot(x, y), scalar=math.atan2,
    kinks="(x == 0) & (y <= 0)",
    convention="no value at (0, 0): nan; on the cut the derivative of the continuous branch")
hypot: Elementwise = elementwise(np.hypot,
    lambda x, y, v: ratio(x, v), lambda x, y, v: ratio(y, v), scalar=math.hypot,
    kinks="(x == 0) & (y == 0)", convention="both partials are 0 at the origin")
degrees = elementwise(np.degrees, lambda x, v: 180 / math.pi, scalar=math.degrees)
radians = elementwise(np.radians, lambda x, v: math.pi / 180, scalar=math.radians)
GATES |= {np.rad2deg: degrees, np.deg2rad: radians}
sinc = elementwise(np.sinc, lambda x, v: sinc_slope(x, 1))

# Kinks and steps
_HALF = "a tie shares the derivative: ½ each"

_STEP = "the derivative of a step is 0, also at the jump"
absolute = elementwise(np.absolute, lambda x, v: sign(x), scalar=abs,
    symbol="|·|", latex=Notation(r"\left|{}\right|", ATOM, (ANY,)), kinks="x == 0", convention="|x|′(0) = 0")
GATES[np.fabs] = absolute
sign: Elementwise = elementwise(np.sign, 0, scalar=lambda x: float((x > 0) - (x < 0)) if x == x else x,
    kinks="x == 0", convention="sign′(0) = 0")
maximum = elementwise(np.maximum,
    lambda x, y, v: (x > y) + 0.5 * (x == y), lambda x, y, v: (x < y) + 0.5 * (x == y),
    scalar=lambda x, y: float(x if x >= y or x != x else y),
    symbol="max", latex=call("max", 2), kinks="x == y", convention=_HALF)
minimum = elementwise(np.minimum,
    lambda x, y, v: (x < y) + 0.5 * (x == y), lambda x, y, v: (x > y) + 0.5 * (x == y),
    scalar=lambda x, y: float(x if x <= y or x != x else y),
    symbol="min", latex=call("min", 2), kinks="x == y", convention=_HALF)
fmax = elementwise(np.fmax,
    lambda x, y, v: (x > y) + 0.5 * (x == y) + (y != y), lambda x, y, v: (x < y) + 0.5 * (x == y) + (x != x),
    kinks="x == y", convention=_HALF + "; a nan gets none")
fmin = elementwise(np.fmin,
    lambda x, y, v: (x < y) + 0.5 * (x == y) + (y != y), lambda x, y, v: (x > y) + 0.5 * (x == y) + (x != x),
    kinks="x == y", convention=_HALF + "; a nan gets none")
copysign: Elementwise = elementwise(np.copysign,
    lambda x, y, v: sign(x) * copysign(1.0, y), 0, scalar=math.copysign,
    kinks="x == 0", convention="∂/∂x is 0 at x = 0")
remainder = elementwise(np.remainder, 1, lambda x, y, v: -floor_divide(x, y),
    symbol="mod", domain="y != 0", kinks="np.remainder(x, y) == 0",
    convention="at a jump the derivative of the branch to the right")
fmod = elementwise(np.fmod, 1, lambda x, y, v: -rint((x - v) / y),
    domain="y != 0", kinks="(np.fmod(x, y) == 0) & (x != 0)",
    convention="at a jump the derivative of the branch towards larger |x|")
floor = elementwise(np.floor, 0, kinks="x == np.floor(x)", convention=_STEP)
ceil = elementwise(np.ceil, 0, kinks="x == np.floor(x)", convention=_STEP)
trunc = elementwise(np.trunc, 0, kinks="(x == np.floor(x)) & (x != 0)", convention=_STEP)
rint: Elementwise = elementwise(np.rint, 0, kinks="x - np.floor(x) == 0.5", convention=_STEP)
floor_divide: Elementwise = elementwise(np.floor_divide, 0, 0,
    symbol="//", domain="y != 0", kinks="np.remainder(x, y) == 0", convention=_STEP)
heaviside = elementwise(np.heaviside, 0, lambda x, y, v: x == 0, kinks="x == 0", convention=_STEP)
circle: Elementwise = elementwise(functions.one_minus_square, lambda x, v: -2 * x, name="circle",
    scalar=lambda x: (1 - x) * (1 + x),
    spelled="(1 - {0}) * (1 + {0})", latex=Notation("1 - {}^2", SUM, (ATOM,)))
ratio: Elementwise = elementwise(functions.quotient, lambda x, y, v: 1 / y, lambda x, y, v: -v / y, name="ratio",
    scalar=lambda x, y: x / y if y or x else 0.0,
    spelled="{0} / {1}", latex=Notation(r"\frac{{{}}}{{{}}}", FUNCTION, (ANY, ANY)))
sinc_slope: Elementwise = elementwise(functions.sinc_derivative, lambda x, n, v: sinc_slope(x, n + 1), 0,
    name="sinc_slope", latex=Notation(r"\operatorname{{sinc}}^{{({1})}}({0})", ATOM, (ANY, ANY)))
relu: Elementwise = elementwise(functions.rectified, lambda x, v: x > 0, name="relu",
    array=lambda x: np.maximum(x, 0) if isinstance(x, np.ndarray | np.generic) else relu.function(x),
    scalar=lambda x: x if x > 0 or x != x else 0.0, kinks="x == 0", convention="relu′(0) = 0")

stop_gradient = elementwise(functions.stop_gradient, 0, name="stop_gradient", symbol="stop",
    scalar=lambda x: x, latex=named(r"\operatorname{{stop}}"))

# The derivative of a linear function is a constant; for the next derivative out it still *depends on* x.
attach = elementwise(functions.attached_to, 1, 0, name="attach", moves_only=True,
    array=lambda g, x: g, scalar=lambda g, x: g)
# fmt: on


# Each partial is a function of the arguments x, y and of the result v.  A row that uses another below it has
# its type written down.


def _off_zero(x: Any, where: Any) -> Any:
    """Return `x`, moved off 0 `where` the factor beside it vanishes, so that 0·∞ does not become nan."""
    if isinstance(where, bool | np.bool_ | np.ndarray) and np.any(where):
        return x + (x == 0) * where
    return x


def _power_below(x: Any, p: Any) -> Any:
    """Return ``x**(p - 1)``, for a partial derivative; squares are common, and need no power at all."""
    if type(p) in SCALARS and p == 2:
        return x
    return power(_off_zero(x, p == 0), p - 1)  # x⁰ is constant, at 0 too
