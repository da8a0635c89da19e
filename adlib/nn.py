"""Layers of neural networks, with PyTorch's names and meanings.

There is no mathematics here.  A layer holds its parameters, which are `adlib.Variable` leaves, and calls
NumPy; the gates table does the rest.

Examples
--------
>>> import numpy as np
>>> from adlib import nn, optim
>>> rng = np.random.default_rng(0)
>>> x, y = rng.standard_normal((64, 1000)), rng.standard_normal((64, 10))
>>> model = nn.Sequential(nn.Linear(1000, 100, rng=rng), nn.ReLU(), nn.Linear(100, 10, rng=rng))
>>> loss_function = nn.MSELoss(reduction="sum")
>>> optimizer = optim.SGD(model.parameters(), lr=1e-4)
>>> losses = []
>>> for step in range(50):
...     loss = loss_function(model(x), y)
...     optimizer.zero_grad()
...     loss.backward()
...     optimizer.step()
...     losses.append(loss.item())
>>> print(losses[0] > 10 * losses[-1])
True
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from adlib.engine.levels import plain
from adlib.engine.tape import Variable
from adlib.errors import explain
from adlib.gates import relu
from adlib.gates.shaping import operand, shape_of


class Module:
    """A function with parameters.  A subclass defines `forward`.

    Its parameters are the leaves (`Variable`) and Modules among its attributes, by the attributes' names.  As in
    PyTorch, a list of Modules is not searched: make it a `Sequential`.

    Examples
    --------
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.start = Variable(2.0), Variable(1.0)
    ...     def forward(self, x):
    ...         return self.slope * x + self.start
    >>> line = Line()
    >>> line(3.0)
    Variable(7.0)
    >>> [name for name, parameter in line.named_parameters()]
    ['slope', 'start']
    """

    def forward(self, x: Any) -> Any:
        """Compute the layer's output."""
        raise NotImplementedError(f"{type(self).__name__} does not define forward(self, x)")

    def __call__(self, x: Any) -> Any:
        """Compute the layer's output."""
        return self.forward(x)

    def named_parameters(self) -> Iterator[tuple[str, Variable]]:
        """Go through the parameters, each with its name: ``"0.weight"`` is the weight of layer 0."""
        return _named_parameters(vars(self))

    def parameters(self) -> list[Variable]:
        """Return the parameters, for an optimizer.  One that serves in two places is there once."""
        return list(dict.fromkeys(parameter for _, parameter in self.named_parameters()))

    def zero_grad(self) -> None:
        """Forget the gradients, which ``backward()`` would otherwise add to."""
        for parameter in self.parameters():
            parameter.grad = None

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return the parameters' arrays by name: the arrays themselves, which training goes on to change."""
        return {name: parameter.value for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, npt.ArrayLike]) -> None:
        """Copy arrays into the parameters.

        Raises
        ------
        ValueError
            If a name is missing or unknown, or a shape differs.
        """
        own = self.state_dict()
        if own.keys() != state.keys():
            raise ValueError(
                f"load_state_dict: this network has {sorted(own)}, but was given {sorted(state)}"
            )
        for name, array in own.items():
            if np.shape(state[name]) != array.shape:
                raise ValueError(
                    f"load_state_dict: {name} has shape {array.shape}, not {np.shape(state[name])}"
                )
        for name, parameter in self.named_parameters():
            parameter.value = np.asarray(state[name], parameter.dtype)


def _named_parameters(things: Mapping[str, Any]) -> Iterator[tuple[str, Variable]]:
    for name, thing in things.items():
        if isinstance(thing, Variable):
            yield name, thing
        elif isinstance(thing, Module):
            yield from ((f"{name}.{inner}", parameter) for inner, parameter in thing.named_parameters())


class Linear(Module):
    """x Wᵀ + b.

    W and b start uniform between −1/√in and 1/√in, as in PyTorch.

    Parameters
    ----------
    in_features, out_features : int
        The lengths of the last axis of the input and of the output.
    rng : numpy.random.Generator or int, optional
        Where the initial numbers come from, or a seed.  Layers of one network share a generator; the same
        seed would give them the same numbers.
    dtype : data-type
        Of the parameters: float64 or float32.

    Attributes
    ----------
    weight : Variable
        W, of shape (out_features, in_features).
    bias : Variable
        b, of shape (out_features,).

    Raises
    ------
    ValueError
        If a length is not positive; when called, if the input's last axis is not `in_features` long.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        rng: np.random.Generator | int | None = None,
        dtype: npt.DTypeLike = np.float64,
    ) -> None:
        if in_features < 1 or out_features < 1:
            raise ValueError(f"Linear({in_features}, {out_features}): both lengths must be at least 1")
        self.in_features, self.out_features = in_features, out_features
        rng, bound = np.random.default_rng(rng), in_features**-0.5
        weight = rng.uniform(-bound, bound, (out_features, in_features))
        self.weight = Variable(weight.astype(dtype))
        self.bias = Variable(rng.uniform(-bound, bound, out_features).astype(dtype))

    def forward(self, x: Any) -> Any:
        """Compute x Wᵀ + b."""
        x = operand(x)
        if shape_of(x)[-1:] != (self.in_features,):
            have = f"the input has shape {shape_of(x)}"
            raise ValueError(f"{self!r}: {have}, and its last axis should be {self.in_features} long")
        return x @ self.weight.T + self.bias

    def __repr__(self) -> str:
        return f"Linear({self.in_features}, {self.out_features})"


class ReLU(Module):
    """max(x, 0), entry by entry; its derivative at 0 is 0."""

    def forward(self, x: Any) -> Any:
        """Compute max(x, 0)."""
        return relu.function(x)

    def __repr__(self) -> str:
        return "ReLU()"


class Tanh(Module):
    """The hyperbolic tangent, entry by entry."""

    def forward(self, x: Any) -> Any:
        """Compute tanh(x)."""
        return np.tanh(x)

    def __repr__(self) -> str:
        return "Tanh()"


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ), entry by entry."""

    def forward(self, x: Any) -> Any:
        """Compute it as (1 + tanh(x/2)) / 2, which is the same and never overflows."""
        return 0.5 * (1 + np.tanh(0.5 * x))

    def __repr__(self) -> str:
        return "Sigmoid()"


class Identity(Module):
    """x itself.  With it in place of a ReLU, two linear layers are one."""

    def forward(self, x: Any) -> Any:
        """Return x."""
        return x

    def __repr__(self) -> str:
        return "Identity()"


class Sequential(Module):
    """Layers, one after another.  Its parameters are named by the layer's place: ``"0.weight"``.

    Parameters
    ----------
    *layers : callable
        Modules, or plain functions.

    Examples
    --------
    >>> model = Sequential(Linear(3, 2, rng=0), np.tanh, Linear(2, 1, rng=1))
    >>> {name: p.shape for name, p in model.named_parameters()}
    {'0.weight': (2, 3), '0.bias': (2,), '2.weight': (1, 2), '2.bias': (1,)}
    >>> model[0], len(model)
    (Linear(3, 2), 3)
    """

    def __init__(self, *layers: Any) -> None:
        self.layers = layers

    def forward(self, x: Any) -> Any:
        """Send x through all layers."""
        for layer in self.layers:
            x = layer(x)
        return x

    def named_parameters(self) -> Iterator[tuple[str, Variable]]:
        """Go through the parameters of all layers, each with its name."""
        return _named_parameters({str(place): layer for place, layer in enumerate(self.layers)})

    def __getitem__(self, place: int) -> Any:
        return self.layers[place]

    def __len__(self) -> int:
        return len(self.layers)

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.layers))})"


class Loss:
    """What MSELoss and CrossEntropyLoss share: what becomes of the errors, their mean, their sum, or none of both."""

    def __init__(self, reduction: str = "mean") -> None:
        if reduction not in ("mean", "sum", "none"):
            name = type(self).__name__
            raise ValueError(f"{name}: reduction is 'mean', 'sum' or 'none', not {reduction!r}")
        self.reduction = reduction

    def _reduced(self, errors: Any) -> Any:
        if self.reduction == "none":
            return errors
        return np.sum(errors) if self.reduction == "sum" else np.mean(errors)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(reduction={self.reduction!r})"


class MSELoss(Loss):
    """The squared error.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What becomes of the errors of all entries.

    Raises
    ------
    ValueError
        For another reduction; when called, if prediction and target differ in shape.  PyTorch broadcasts
        them, which makes 64 predictions of shape (64, 1) and 64 targets of shape (64,) into 4096 errors.

    Examples
    --------
    >>> MSELoss(reduction="sum")(np.array([1.0, 2.0]), np.array([0.0, 4.0]))
    np.float64(5.0)
    """

    def __call__(self, prediction: Any, target: Any) -> Any:
        """Compute the loss."""
        have, want = shape_of(prediction), np.shape(plain(target))
        if have != want:
            raise ValueError(f"MSELoss: the prediction has shape {have}, and the target {want}")
        return self._reduced(np.square(prediction - target))


class CrossEntropyLoss(Loss):
    """−log p of the right class, where p = softmax(logits): log Σ eˣ − x of that class, for each example.

    The largest logit is taken off first, which changes no digit of the truth and lets nothing overflow.  The
    derivative by the logits is p, less 1 at the right class.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        What becomes of the losses of all examples.

    Raises
    ------
    ValueError
        For another reduction; when called, if shapes do not fit, or there is no such class.  (PyTorch leaves
        examples of the class −100 out; here that is an error, too.)
    TypeError
        If the targets are not integers.  PyTorch takes floats for probabilities of the classes.

    Examples
    --------
    >>> logits = np.array([[1000.0, 0.0], [0.0, 0.0]])  # two examples, two classes
    >>> print(CrossEntropyLoss(reduction="none")(logits, [1, 0]).round(6))
    [1.00000e+03 6.93147e-01]
    """

    def __call__(self, logits: Any, target: Any) -> Any:
        """Compute the loss of logits (…, C, …), whose classes lie along axis 1, or axis 0 if it is the only one."""
        logits, target = operand(logits), np.asarray(plain(target))
        shape = shape_of(logits)
        axis = min(1, len(shape) - 1)
        if not shape or target.shape != shape[:axis] + shape[axis + 1 :]:
            problem = f"CrossEntropyLoss: the logits have shape {shape}, and the target {target.shape}"
            remedy = "Logits (N, C) want targets (N,): the number of the right class of each example."
            if shape == target.shape != ():
                remedy += f" If these are rows with one 1, write np.argmax(target, axis={axis})."
            raise ValueError(explain(problem, remedy))
        if target.dtype.kind not in "iu":
            problem = f"CrossEntropyLoss: the target holds {target.dtype}, and a class is an integer"
            raise TypeError(
                explain(problem, "Write target.astype(int), if the numbers are those of classes.")
            )
        if target.size and not (target.min() >= 0 and target.max() < shape[axis]):
            problem = (
                f"CrossEntropyLoss: there is no class {target.max() if target.min() >= 0 else target.min()}"
            )
            raise ValueError(
                explain(problem, f"With {shape[axis]} logits, classes are 0 to {shape[axis] - 1}.")
            )
        shifted = logits - np.max(plain(logits), axis=axis, keepdims=True)
        right = np.take_along_axis(shifted, np.expand_dims(target, axis), axis)
        return self._reduced(np.log(np.sum(np.exp(shifted), axis=axis)) - np.squeeze(right, axis))
