"""adlib: automatic differentiation you can read, slide and run.

Write a function once, in plain Python and NumPy, and differentiate it in four ways.  The notebooks teach it; here
is where things are.

- `grad`, `value_and_grad`, `jacobian`, `hessian`, `hvp`: derivatives of a function, in `adlib.derivatives`.
- `jvp` (`adlib.forward`) and `vjp` (`adlib.reverse`): one pass of forward mode, one of reverse mode.
- `Variable`: define by run, with ``backward()``; `adlib.nn` and `adlib.optim` build networks of it.
- `symbols`, `Expr`, `simplify`: formulas, in `adlib.symbolic`.  `adlib.source`: code that carries tangents.
- `adlib.numerical`: difference quotients, the complex step, and their errors.
- `trace` and `Trace`: the evaluation trace, row by row; `adlib.graph` draws it; `adlib.cost` counts it.
- `check_grads` compares derivatives with difference quotients, `diagnose` says why one is nan, or a convention.
- `custom_gate`: a gate with a rule of your own.
- `adlib.gates`: the table of gates, with every rule of calculus; `adlib.compositions` and `adlib.linalg` are what is
  made of them, `adlib.boxes` how NumPy's functions find them.
- `adlib.viz`: plots and explorers.
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
