"""The table of gates: everything adlib knows about calculus stands in this folder, once.

A *gate* is an elementary operation.  The rest of adlib only ever combines gates, so it needs to know just two
things about each: its value, and its **local** partial derivatives.  A row of the table says so:

    sin = elementwise(np.sin, lambda x, v: cos(x), ...)           # v = sin(x),  dv/dx = cos(x)

A row is written in NumPy's operators and in other gates.  Nothing in it is special to one way of
differentiating: on floats and arrays it gives numbers, on an ``Expr`` it gives a formula, on a ``Dual`` or a
``Variable`` it is itself differentiated, which is all that higher derivatives need.

Read in this order:

- `adlib.gates.elementwise`: sines, powers, kinks.  A row gives one partial derivative for each argument.
- `adlib.gates.linear`: sums, shapes, indexing, joins, products.  A row gives the transpose for each operand.
- `adlib.gates.selections`: max, min, prod and norms.  A row gives weights.
- `adlib.gates.gate`: what a gate is, and what forward and reverse mode make of a row.
- `adlib.gates.shaping`, `adlib.gates.functions`, `adlib.gates.transposes`, `adlib.gates.notation`: what the rows are
  written with.  `adlib.gates.directions`: many tangents at once.
- `adlib.gates.reductions`, `adlib.gates.missing`, `adlib.gates.pieces`, `adlib.gates.samples`, `adlib.gates.products`,
  `adlib.gates.shapes`: NumPy's other functions, composed of gates (`adlib.gates.composition`).  They need no rule.
- `adlib.gates.arguments`: what a call asks for, and what is refused by name.

References
----------
A. Griewank and A. Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, chapters 2 and 3.
"""

from adlib.gates import (
    directions,
    missing,
    pieces,
    products,
    reductions,
    samples,
    selections,
    shapes,
)
from adlib.gates.elementwise import (
    absolute,
    add,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    attach,
    cbrt,
    ceil,
    circle,
    copysign,
    cos,
    cosh,
    degrees,
    divide,
    exp,
    exp2,
    expm1,
    floor,
    floor_divide,
    fmax,
    fmin,
    fmod,
    heaviside,
    hypot,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logaddexp2,
    maximum,
    minimum,
    multiply,
    negative,
    positive,
    power,
    radians,
    ratio,
    reciprocal,
    relu,
    remainder,
    rint,
    sign,
    sin,
    sinc,
    sinc_slope,
    sinh,
    sqrt,
    square,
    stop_gradient,
    subtract,
    tan,
    tanh,
    trunc,
)
from adlib.gates.gate import GATES, Elementwise, Gate, Linear, Variadic, conventions
from adlib.gates.linear import where
from adlib.gates.notation import ANY, ATOM, FUNCTION, POWER, PRODUCT, SUM, Notation
from adlib.gates.selections import Selection

__all__ = [
    "ANY",
    "ATOM",
    "FUNCTION",
    "GATES",
    "POWER",
    "PRODUCT",
    "SUM",
    "Elementwise",
    "Gate",
    "Linear",
    "Notation",
    "Selection",
    "Variadic",
    "absolute",
    "add",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "attach",
    "cbrt",
    "ceil",
    "circle",
    "conventions",
    "copysign",
    "cos",
    "cosh",
    "degrees",
    "directions",
    "divide",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "heaviside",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "maximum",
    "minimum",
    "missing",
    "multiply",
    "negative",
    "pieces",
    "positive",
    "power",
    "products",
    "radians",
    "ratio",
    "reciprocal",
    "reductions",
    "relu",
    "remainder",
    "rint",
    "samples",
    "selections",
    "shapes",
    "sign",
    "sin",
    "sinc",
    "sinc_slope",
    "sinh",
    "sqrt",
    "square",
    "stop_gradient",
    "subtract",
    "tan",
    "tanh",
    "trunc",
    "where",
]
