"""Optimizers, with PyTorch's names and meanings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from adlib.engine.tape import Variable
from adlib.errors import explain


class SGD:
    """Gradient descent: every step subtracts lr times the gradient from each parameter.

    It is called *stochastic* for the batches that it is usually fed.  On all data at once it is plain
    gradient descent.

    Parameters
    ----------
    params : iterable of Variable
        The leaves to change, such as ``model.parameters()``.
    lr : float
        The learning rate.
    momentum : float
        How much of the last step's direction is kept, from 0 to below 1: v ← momentum · v + gradient, and the
        step is lr · v (Polyak, USSR Computational Mathematics and Mathematical Physics 4(5), 1964).

    Raises
    ------
    ValueError
        If `lr` is not positive, `momentum` not in [0, 1), or there are no parameters.
    TypeError
        If a parameter is not a leaf `Variable`.

    Examples
    --------
    >>> p = Variable(3.0)
    >>> optimizer = SGD([p], lr=0.25)
    >>> for step in range(2):
    ...     loss = (p - 1.0) ** 2
    ...     optimizer.zero_grad()
    ...     loss.backward()
    ...     optimizer.step()
    ...     print(p.value)
    2.0
    1.5
    """

    def __init__(self, params: Iterable[Variable], lr: float, momentum: float = 0.0) -> None:
        if not lr > 0:
            raise ValueError(f"SGD: the learning rate must be positive, not {lr}")
        if not 0 <= momentum < 1:
            raise ValueError(f"SGD: momentum must be at least 0 and below 1, not {momentum}")
        if isinstance(params, Variable):
            raise TypeError(
                "SGD: give it the parameters in a list, as in SGD([w], lr), or model.parameters()"
            )
        self.params, self.lr, self.momentum = list(params), lr, momentum
        if not self.params:
            raise ValueError("SGD: there are no parameters to change")
        for p in self.params:
            if type(p) is not Variable or p.gate is not None:
                raise TypeError(f"SGD: a parameter is an adlib.Variable that you made, not {p!r}")
        if len(set(self.params)) < len(self.params):
            raise ValueError("SGD: a parameter is there twice, and each step would change it twice")
        self._steps = [np.empty_like(p.value) for p in self.params]
        self._velocities = [np.zeros_like(p.value) for p in self.params] if momentum else self._steps

    def zero_grad(self) -> None:
        """Forget the gradients, which ``backward()`` would otherwise add to."""
        for p in self.params:
            p.grad = None

    def step(self) -> None:
        """Change the parameters, in place.  A parameter that the loss did not use stays as it is.

        Raises
        ------
        RuntimeError
            If no parameter has a gradient.
        """
        if all(p.grad is None for p in self.params):
            problem = "SGD.step(): no parameter has a gradient"
            raise RuntimeError(
                explain(problem, "Call loss.backward() first; zero_grad() comes before it, not after.")
            )
        for p, step, velocity in zip(self.params, self._steps, self._velocities, strict=True):
            if p.grad is not None:
                direction = p.grad
                if self.momentum:
                    velocity *= self.momentum
                    velocity += p.grad
                    direction = velocity
                # into memory that is there already: a new array costs more
                np.multiply(direction, self.lr, out=step)
                p._value -= step if step.shape else float(step)
                p.changed()

    def __repr__(self) -> str:
        momentum = f", momentum={self.momentum}" if self.momentum else ""
        return f"SGD(parameters: {len(self.params)}, lr={self.lr}{momentum})"
