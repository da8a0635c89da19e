"""Linear gates, a row each: the function, then its transpose for each operand.

A transpose maps the adjoint g of the result to that of an operand; it may look at the operands' shapes.  The forward
rule needs no row: it is the gate itself, applied to the tangent.
"""

from __future__ import annotations

import numpy as np

from adlib.gates.functions import astype, getitem, scatter
from adlib.gates.gate import Variadic, linear, register
from adlib.gates.notation import ANY, ATOM, POWER, PRODUCT, Notation, call, named
from adlib.gates.shaping import as_dtype, axes_of, inverse, like, shape_of, spread, zeros_like
from adlib.gates.transposes import (
    Einsum,
    Reading,
    Rearrangement,
    Scattered,
    choice,
    cumsum_transpose,
    matmul_left,
    matmul_right,
    part,
)

where = linear(
    np.where,
    None,
    lambda g, condition, x, y: like(choice(condition, g, zeros_like(g)), x),
    lambda g, condition, x, y: like(choice(condition, zeros_like(g), g), y),
    joint=True,
    value=choice,
    latex=Notation(r"\left[{} \mathbin{{?}} {} : {}\right]", ATOM, (ANY, ANY, ANY)),
)

# Sums and spreads: each is the other's transpose
linear(
    np.sum,
    lambda g, x, axis=None, *, keepdims=False: spread(g, x, axis, keepdims),
    symbol="Σ",
    latex=named(r"\sum"),
)
linear(np.broadcast_to, lambda g, x, shape: like(g, x), moves_only=True)
linear(np.cumsum, lambda g, x, axis=None: cumsum_transpose(g, x, axis))
register(
    Reading(
        np.reshape,
        lambda g, x, shape=None, order="C": np.reshape(g, shape_of(x), order=order),
        value=lambda x, shape=None, order="C": np.reshape(x, shape, order),  # NumPy 2.0 calls it newshape
    ),
    moves_only=True,
)
register(Reading(np.ravel, lambda g, x, order="C": np.reshape(g, shape_of(x), order=order)), moves_only=True)
linear(np.squeeze, lambda g, x, axis=None: np.reshape(g, shape_of(x)), moves_only=True)
linear(np.expand_dims, lambda g, x, axis: np.reshape(g, shape_of(x)), moves_only=True)
linear(
    np.transpose,
    lambda g, x, axes=None: np.transpose(
        g, axes if axes is None else inverse(axes_of(axes, len(shape_of(x))))
    ),
    symbol="ᵀ",
    latex=Notation(r"{}^\mathsf{{T}}", POWER, (ATOM,)),
    moves_only=True,
)
linear(np.swapaxes, lambda g, x, axis1, axis2: np.swapaxes(g, axis1, axis2), moves_only=True)
linear(np.moveaxis, lambda g, x, source, destination: np.moveaxis(g, destination, source), moves_only=True)
linear(np.copy, lambda g, x, order="K": g, moves_only=True)
linear(astype, lambda g, x, dtype: as_dtype(g, x))
linear(
    getitem,
    lambda g, x, index: Scattered(g, index, x),
    symbol="[ ]",
    latex=call("getitem", 1),
    moves_only=True,
)
register(
    Variadic(scatter, lambda g, gs, indices, shape, dtype, *, i: as_dtype(getitem(g, indices[i]), gs[i]))
)
register(Variadic(np.concatenate, part), moves_only=True)

_SIDE_BY_SIDE = Notation(r"{} \, {}", PRODUCT, (PRODUCT, PRODUCT))
linear(np.matmul, matmul_left, matmul_right, symbol="@", latex=_SIDE_BY_SIDE)
register(Einsum())

for _f in (
    *(np.flip, np.flipud, np.fliplr, np.roll, np.rot90, np.tile, np.repeat, np.diagonal),
    *(np.take, np.take_along_axis, np.delete, np.resize),
):
    register(Rearrangement(_f), moves_only=True)
