"""Jacobians, Hessians, products with them, and tangents: the derivatives of notebook 11, beside other libraries.

Every contestant differentiates the same program, written once with the library's namespace of functions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tests.benchmarks.measure import Row, Run, race
from tests.benchmarks.network import agreed
from tests.benchmarks.scalars import OPERATIONS, START, program

_rng = np.random.default_rng(0)
A, DATA, SIGNS = (
    _rng.standard_normal((100, 100)) / 10,
    _rng.standard_normal((50, 10)),
    _rng.choice([-1.0, 1.0], 50),
)
X10, X100, V10 = np.linspace(0.3, 1.2, 10), np.linspace(-1.0, 1.0, 100), np.linspace(1.0, -0.5, 10)
NUMBERS = np.linspace(0.5, 1.5, 200).tolist()
DIRECTION = (1.0, 0.5)


def rosenbrock(lib: Any, x: Any, constant: Any) -> Any:
    return lib.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def logistic(lib: Any, x: Any, constant: Any) -> Any:
    return lib.mean(lib.log1p(lib.exp(-constant(SIGNS) * (constant(DATA) @ x))))


def layer(lib: Any, x: Any, constant: Any) -> Any:
    return lib.tanh(constant(A) @ x)


def of_numbers(xs: Any) -> Any:
    total = xs[0]
    for x in xs[1:]:
        total = total * 0.9 + x * x
    return total


def chained(lib: Any) -> Callable[..., Any]:
    relu = lib.relu if hasattr(lib, "relu") else lambda v: lib.maximum(v, 0.0)
    return lambda x, y: program(x, y, lib.sin, relu)


# What is differentiated, and where: f of one array
ARRAYS = {
    "Jacobian of tanh(Ax), 100 to 100": (layer, X100),
    "Hessian of Rosenbrock's function of 10": (rosenbrock, X10),
    "Hessian of a logistic loss of 10": (logistic, X10),
    "Hessian of Rosenbrock's function × vector": (rosenbrock, X10),
    "Hessian of a logistic loss × vector": (logistic, X10),
}
TANGENT = f"tangent (jvp) of {OPERATIONS} operations on floats"
SEPARATE = f"gradient by {len(NUMBERS)} separate numbers"


def with_adlib(what: str) -> Run:
    import adlib

    if what == TANGENT:
        return lambda: adlib.jvp(chained(np), START, DIRECTION)
    if what == SEPARATE:
        return lambda: adlib.grad(of_numbers)(NUMBERS)
    program, x = ARRAYS[what]
    f = lambda x: program(np, x, np.asarray)  # noqa: E731
    if what.startswith("Jacobian"):
        return lambda: adlib.jacobian(f)(x)
    if what.endswith("vector"):
        return lambda: adlib.hvp(f, (x,), (V10,))
    return lambda: adlib.hessian(f)(x)


def value_and_gradient(what: str) -> Run:
    """Not another library: what `TANGENT` is compared with, on the same program."""
    import adlib

    def run() -> Any:
        value, gradient = adlib.value_and_grad(chained(np), (0, 1))(*START)
        return [value, np.dot(gradient, DIRECTION)]

    return run


def with_autograd(what: str) -> Run:
    import autograd
    import autograd.numpy as anp

    if what == TANGENT:
        f = chained(anp)
        return lambda: autograd.make_jvp(lambda p: f(p[0], p[1]))(START)(DIRECTION)
    if what == SEPARATE:
        return lambda: autograd.grad(of_numbers)(NUMBERS)
    program, x = ARRAYS[what]
    f = lambda x: program(anp, x, np.asarray)  # noqa: E731
    if what.startswith("Jacobian"):
        return lambda: autograd.jacobian(f)(x)
    if what.endswith("vector"):
        return lambda: autograd.hessian_vector_product(f)(x, V10)
    return lambda: autograd.hessian(f)(x)


def with_torch(what: str) -> Run:
    import torch
    from torch import func

    torch.set_num_threads(1)  # as all here
    constants = {id(a): torch.from_numpy(a) for a in (A, DATA, SIGNS, X10, X100, V10)}
    constant = lambda a: constants[id(a)]  # noqa: E731
    double = partial(torch.tensor, dtype=torch.float64)
    if what == TANGENT:
        start, direction = tuple(map(double, START)), tuple(map(double, DIRECTION))
        return lambda: [t.item() for t in func.jvp(chained(torch), start, direction)]
    if what == SEPARATE:

        def run() -> Any:
            xs = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in NUMBERS]
            of_numbers(xs).backward()
            return [x.grad.item() for x in xs]

        return run
    program, where = ARRAYS[what]
    x, v = constant(where), constant(V10)
    f = lambda x: program(torch, x, constant)  # noqa: E731
    if what.startswith("Jacobian"):
        return lambda: func.jacrev(f)(x).numpy()
    if what.endswith("vector"):
        return lambda: func.jvp(func.grad(f), (x,), (v,))[1].numpy()
    return lambda: func.hessian(f)(x).detach().numpy()


def with_jax(what: str, compiled: bool = False) -> Run:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    constants = {id(a): jnp.asarray(a) for a in (A, DATA, SIGNS, X10, X100, V10)}
    constant = lambda a: constants[id(a)]  # noqa: E731
    finish = jax.jit if compiled else lambda f: f
    if what == TANGENT:
        tangent = finish(lambda x, v: jax.jvp(chained(jnp), x, v))
        return lambda: [float(t) for t in tangent(START, DIRECTION)]
    if what == SEPARATE:
        gradient = finish(jax.grad(of_numbers))
        return lambda: [float(g) for g in gradient(NUMBERS)]
    program, where = ARRAYS[what]
    x, v = constant(where), constant(V10)
    f = lambda x: program(jnp, x, constant)  # noqa: E731
    if what.startswith("Jacobian"):
        run = finish(jax.jacfwd(f))
    elif what.endswith("vector"):
        run = finish(lambda x: jax.jvp(jax.grad(f), (x,), (v,))[1])
    else:
        run = finish(jax.hessian(f))
    return lambda: np.asarray(run(x))


def with_mygrad(what: str) -> Run:
    import mygrad as mg

    def run() -> Any:
        xs = [mg.tensor(v) for v in NUMBERS]
        of_numbers(xs).backward()
        return [float(x.grad) for x in xs]

    return run


def with_micrograd(what: str) -> Run:
    from micrograd.engine import Value

    def run() -> Any:
        xs = [Value(v) for v in NUMBERS]
        of_numbers(xs).backward()
        return [x.grad for x in xs]

    return run


PEERS: dict[str, Callable[..., Run]] = {
    "HIPS autograd": with_autograd,
    "PyTorch (torch.func)": with_torch,
    "JAX eager": with_jax,
    "JAX jit": partial(with_jax, compiled=True),
}
WANTED = {  # by the last or the first word, of the first two peers
    "Jacobian": (">= 10", ">= 2"),
    "Hessian": (">= 3", ">= 5"),
    "vector": (">= 1.5", ">= 5"),
}


def rows(rounds: int) -> list[Row]:
    """Measure."""
    table = []
    for what in (*ARRAYS, TANGENT, SEPARATE):
        peers = dict(PEERS)
        if what == TANGENT:
            peers["value and gradient"] = value_and_gradient
        if what == SEPARATE:
            peers["PyTorch eager"] = peers.pop("PyTorch (torch.func)")
            peers |= {"MyGrad": with_mygrad, "micrograd": with_micrograd}
        contestants = {"adlib": partial(with_adlib, what)} | {k: partial(p, what) for k, p in peers.items()}
        result = agreed(race(contestants, min(rounds, 15), 5, threads=1), 1e-8)
        wanted = WANTED.get(what.split()[-1], WANTED.get(what.split()[0], ("", "")))
        for name in peers:
            if name == "value and gradient":
                times = f"{1e3 * result.seconds['adlib']:.2f} against {1e3 * result.seconds[name]:.2f} ms"
                table.append(Row(f"time of the {what}", name, 1 / result.ratios[name], "<= 0.9", "×", times))
            else:
                bound = dict(zip(PEERS, wanted, strict=False)).get(name, "")
                table.append(result.row(what, name, bound))
    return table
