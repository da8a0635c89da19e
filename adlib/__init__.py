"""adlib: automatic differentiation you can read, slide and run.

Write a function once, in plain Python and NumPy, and differentiate it in four ways.  The notebooks teach it; here
is where things are.

- `adlib.gates`: the table of gates, with every rule of calculus, and NumPy's functions made of them.
- `adlib.engine`: forward and reverse mode.  `jvp`, `vjp`, `linearize`, `grad`, `value_and_grad`, `jacobian`, `hessian`,
  `hvp`; `stop_gradient`, which cuts; `Variable`, with ``backward()``; `custom_gate`, a gate with a rule of your own;
  `check_grads`.
- `adlib.numerical`: difference quotients, the complex step, and their errors.
- `adlib.formula`: `symbols`, `Expr`, `simplify`; and code that carries tangents or adjoints, `adlib.source`.
- `adlib.linalg`: matrix functions.  `adlib.nn` and `adlib.optim` build and train networks.
- `adlib.study`: looking at a program.  `trace`, row by row; its graph, its cost; `diagnose` says why a derivative is
  nan, zero, or a convention.
- `adlib.lesson`: what the notebooks work on.  `adlib.viz`: plots and explorers.
"""

from importlib import import_module
from types import ModuleType

from adlib import linalg, nn, numerical, optim
from adlib.engine.check import check_grads
from adlib.engine.custom import CustomGate, custom_gate
from adlib.engine.derivatives import grad, hessian, hvp, jacobian, stop_gradient, value_and_grad
from adlib.engine.forward import Dual, jvp
from adlib.engine.linearize import LinearMap, linearize
from adlib.engine.reverse import vjp
from adlib.engine.tape import Variable
from adlib.formula.expr import Expr, symbols
from adlib.formula.simplify import simplify
from adlib.study.diagnosis import Diagnosis, diagnose
from adlib.study.trace import Trace, trace

__all__ = [
    "CustomGate",
    "Diagnosis",
    "Dual",
    "Expr",
    "LinearMap",
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
    "linearize",
    "nn",
    "numerical",
    "optim",
    "simplify",
    "stop_gradient",
    "symbols",
    "trace",
    "value_and_grad",
    "vjp",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> ModuleType:
    """Import `adlib.source` when somebody asks for it: it reads programs, for which Python has large modules."""
    if name == "source":
        return import_module("adlib.formula.source")
    raise AttributeError(f"module 'adlib' has no attribute {name!r}")
