"""adlib: automatic differentiation you can read, slide and run.

Write a function once, in plain Python and NumPy, and differentiate it in four ways.  See the notebooks.
"""

from adlib import linalg, nn, optim
from adlib.check import check_grads
from adlib.custom import CustomGate, custom_gate
from adlib.derivatives import grad, hessian, hvp, jacobian, value_and_grad
from adlib.diagnosis import Diagnosis, diagnose
from adlib.forward import Dual, jvp
from adlib.reverse import Variable, vjp
from adlib.simplify import simplify
from adlib.symbolic import Expr, symbols
from adlib.trace import Trace, trace

__all__ = [
    "CustomGate",
    "Diagnosis",
    "Dual",
    "Expr",
    "Trace",
    "Variable",
    "check_grads",
    "custom_gate",
    "diagnose",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "linalg",
    "nn",
    "optim",
    "simplify",
    "symbols",
    "trace",
    "value_and_grad",
    "vjp",
]
__version__ = "0.1.0"
