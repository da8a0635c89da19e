"""Optimizers, with PyTorch's names and meanings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from adlib.errors import explain
from adlib.reverse import Variable


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

    Raises
    ------
    ValueError
        If `lr` is not positive, or there are no parameters.
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

    def __init__(self, params: Iterable[Variable], lr: float) -> None:
        if not lr > 0:
            raise ValueError(f"SGD: the learning rate must be positive, not {lr}")
        self.params, self.lr = list(params), lr
        if not self.params:
            raise ValueError("SGD: there are no parameters to change")
        for p in self.params:
            if type(p) is not Variable or p.gate is not None:
                raise TypeError(f"SGD: a parameter is an adlib.Variable that you made, not {p!r}")
        self._steps = [np.empty_like(p.value) for p in self.params]

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
        for p, step in zip(self.params, self._steps, strict=True):
            if p.grad is not None:
                np.multiply(
                    p.grad, self.lr, out=step
                )  # into memory that is there already: a new array costs more
                p.value -= step if step.shape else float(step)
