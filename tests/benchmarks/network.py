"""One training step of the article's network, by six contestants from the same weights and data."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.measure import Race, Row, Run, race

N, D_IN, H, D_OUT, LR = 64, 1000, 100, 10, 1e-4


def _data() -> Any:
    np.empty(
        2**24, np.uint8
    )  # as `import adlib` does: the C library then keeps freed memory for what comes next
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((N, D_IN)), rng.standard_normal((N, D_OUT))
    shapes = (H, D_IN), (H,), (D_OUT, H), (D_OUT,)
    bounds = D_IN**-0.5, D_IN**-0.5, H**-0.5, H**-0.5
    return x, y, [rng.uniform(-b, b, s) for b, s in zip(bounds, shapes, strict=True)]


def with_adlib() -> Run:
    from adlib import nn, optim

    x, y, weights = _data()
    model = nn.Sequential(nn.Linear(D_IN, H), nn.ReLU(), nn.Linear(H, D_OUT))
    model.load_state_dict(dict(zip(model.state_dict(), weights, strict=True)))
    loss_function, optimizer = nn.MSELoss(reduction="sum"), optim.SGD(model.parameters(), lr=LR)

    def step() -> float:
        loss = loss_function(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.value)

    return step


def by_hand(in_place: bool = False) -> Run:
    x, y, (w1, b1, w2, b2) = _data()

    def step() -> float:
        hidden = x @ w1.T + b1
        active = np.maximum(hidden, 0)
        error = active @ w2.T + b2 - y
        g = 2 * error
        g_hidden = (g @ w2) * (hidden > 0)
        gradients = g_hidden.T @ x, g_hidden.sum(axis=0), g.T @ active, g.sum(axis=0)
        for parameter, gradient in zip((w1, b1, w2, b2), gradients, strict=True):
            if in_place:
                gradient *= LR
                parameter -= gradient
            else:
                parameter -= LR * gradient
        return float(np.sum(error**2))

    return step


def by_hand_in_place() -> Run:
    return by_hand(in_place=True)


def with_autograd() -> Run:
    import autograd
    import autograd.numpy as anp

    x, y, parameters = _data()

    def loss(p: Any) -> Any:
        return anp.sum((anp.maximum(x @ p[0].T + p[1], 0) @ p[2].T + p[3] - y) ** 2)

    value_and_grad = autograd.value_and_grad(loss)

    def step() -> float:
        value, gradients = value_and_grad(parameters)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= LR * gradient
        return float(value)

    return step


def with_mygrad() -> Run:
    import mygrad as mg

    x, y, weights = _data()
    p = [mg.tensor(w) for w in weights]

    def step() -> float:
        error = mg.maximum(x @ p[0].T + p[1], 0) @ p[2].T + p[3] - y
        loss = mg.sum(error**2)
        loss.backward()
        for t in p:
            t.data -= LR * t.grad
        return float(loss.item())

    return step


def with_torch() -> Run:
    import torch

    x, y, weights = _data()
    tx, ty = torch.from_numpy(x), torch.from_numpy(y)
    layers = torch.nn.Linear(D_IN, H), torch.nn.ReLU(), torch.nn.Linear(H, D_OUT)
    model = torch.nn.Sequential(*layers).double()
    model.load_state_dict(dict(zip(model.state_dict(), map(torch.from_numpy, weights), strict=True)))
    loss_function, optimizer = torch.nn.MSELoss(reduction="sum"), torch.optim.SGD(model.parameters(), lr=LR)

    def step() -> float:
        loss = loss_function(model(tx), ty)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step


def with_jax() -> Run:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    x, y, weights = _data()
    state = [jnp.asarray(w) for w in weights]

    @jax.jit
    def update(p: Any) -> Any:
        def loss(p: Any) -> Any:
            return jnp.sum((jnp.maximum(x @ p[0].T + p[1], 0) @ p[2].T + p[3] - y) ** 2)

        value, gradients = jax.value_and_grad(loss)(p)
        return value, [w - LR * g for w, g in zip(p, gradients, strict=True)]

    def step() -> float:
        value, state[:] = update(state)
        return float(value)

    return step


WANTED = {
    "NumPy by hand": (by_hand, ">= 0.9"),
    "NumPy by hand, updating in place": (by_hand_in_place, ">= 0.8"),
    "PyTorch eager": (with_torch, ">= 1"),
    "MyGrad": (with_mygrad, ">= 2"),
    "HIPS autograd": (with_autograd, ">= 3"),
    "JAX jit": (with_jax, ""),
}


def agreed(result: Race, tolerance: float = 1e-10) -> Race:
    """Insist that all contestants computed the same: a race between different programs says nothing."""
    for name, first in result.first.items():
        np.testing.assert_allclose(first, result.first["adlib"], rtol=tolerance, atol=1e-300, err_msg=name)
    return result


def rows(rounds: int) -> list[Row]:
    """Measure."""
    contestants = {"adlib": with_adlib} | {name: make for name, (make, _) in WANTED.items()}
    result = agreed(race(contestants, rounds, 20))
    return [
        result.row("a training step of the article's network", n, wanted) for n, (_, wanted) in WANTED.items()
    ]
