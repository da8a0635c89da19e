"""Linear and structural gates, reductions and compositions: NumPy's values, and derivatives three ways.

One case is a function of arrays.  For each: the value is NumPy's own, both modes agree with difference quotients
and with each other (the dot-product identity), and so do second derivatives.
"""

import inspect

import numpy as np
import pytest

import adlib
from adlib.gates import GATES, Elementwise
from adlib.gates.composition import COMPOSITIONS
from adlib.gates.functions import astype, getitem, scatter

RNG = np.random.default_rng(20171008)
V = RNG.uniform(0.5, 2.0, 4)
W = RNG.uniform(0.5, 2.0, 4)
U = RNG.uniform(0.5, 2.0, 3)
M = RNG.uniform(0.5, 2.0, (3, 4))
N = RNG.uniform(0.5, 2.0, (4, 2))
S = RNG.uniform(0.5, 2.0, (3, 3))
T = RNG.uniform(0.5, 2.0, (2, 3, 4))
R = RNG.uniform(0.5, 2.0, (2, 4, 3))
C = RNG.uniform(0.5, 2.0, 3)
D = RNG.uniform(0.5, 2.0, 3)
MASK = M > 1.2
INDEX = np.array([0, 2, 2, 1])

CASES = {
    # sums and averages
    "sum": (np.sum, T),
    "sum int": (lambda x: np.sum(x, axis=1), T),
    "sum positional": (lambda x: np.sum(x, 0), T),
    "sum negative": (lambda x: np.sum(x, axis=-1, keepdims=True), T),
    "sum tuple": (lambda x: np.sum(x, axis=(0, -1)), T),
    "sum tuple kept": (lambda x: np.sum(x, axis=(2, 0), keepdims=True), T),
    "sum of a number": (lambda x: np.sum(x), 1.7),
    "sum of some": (lambda x: np.sum(x, where=MASK), M),
    "sum of some columns": (lambda x: np.sum(x, axis=1, where=[True, False, True, True]), M),
    "sum from": (lambda x: np.sum(x, axis=0, initial=2.0, keepdims=True), M),
    "sum from a tracked number": (lambda x, y: np.sum(x, initial=y), M, 0.3),
    "sum by default": (lambda x: np.sum(x, dtype=None, out=None, where=True, initial=0.0), M),
    "prod of some": (lambda x: np.prod(x, axis=0, where=MASK, initial=3.0), M),
    "max of some": (lambda x: np.max(x, axis=1, where=MASK, initial=0.5, keepdims=True), M),
    "max with an initial value": (lambda x: x.max(axis=0, initial=1.2), M),
    "min of some": (lambda x: np.min(x, where=MASK, initial=9.0), M),
    "min without an initial value": (lambda x: np.min(x, axis=0, initial=None), M),
    "max of nothing": (lambda x: np.max(x[:0], axis=0, initial=2.0) * x[0], M),
    "prod of nothing": (lambda x: np.prod(x[:0], axis=0, initial=2.0) * x[0], M),
    "add.reduce of some": (lambda x: np.add.reduce(x, axis=1, initial=1.0, where=MASK), M),
    "mean of some": (lambda x: np.mean(x, axis=0, where=MASK | [True, False, False, True]), M),
    "mean of some columns": (lambda x: np.mean(x, where=[True, False, True, True], keepdims=True), M),
    "mean by position": (lambda x: np.mean(x, 0, None, None, True), M),
    "var of some": (lambda x: np.var(x, axis=1, where=[True, False, True, True], ddof=1), M),
    "var of some, kept": (lambda x: np.var(x, where=MASK, keepdims=True), M),
    "var by position": (lambda x: np.var(x, 1, None, None, 1, True), M),
    "std of some": (lambda x: np.std(x, where=MASK), M),
    "std by position": (lambda x: np.std(x, 0, None, None, 1), M),
    "mean": (np.mean, T),
    "mean int": (lambda x: np.mean(x, 1), T),
    "mean tuple kept": (lambda x: np.mean(x, axis=(0, -2), keepdims=True), T),
    "average": (lambda x: np.average(x, axis=0), M),
    "average weighted": (lambda x, w: np.average(x, axis=1, weights=w), M, V),
    "average of all": (lambda x, w: np.average(x, weights=w), M, M + 1),
    "var": (np.var, M),
    "var ddof": (lambda x: np.var(x, axis=-1, ddof=1, keepdims=True), M),
    "std": (lambda x: np.std(x, axis=(0, 2)), T),
    "ptp": (lambda x: np.ptp(x, axis=1), M),
    "cumsum": (np.cumsum, V),
    "cumsum flat": (np.cumsum, M),
    "cumsum axis": (lambda x: np.cumsum(x, axis=-1), T),
    "cumsum axis 0": (lambda x: np.cumsum(x, 0), T),
    # reductions that weigh
    "max": (np.max, M),
    "max axis": (lambda x: np.max(x, axis=1), M),
    "max tuple kept": (lambda x: np.max(x, axis=(0, -1), keepdims=True), T),
    "amax": (lambda x: np.amax(x, axis=0), M),
    "min": (lambda x: np.min(x, axis=-2), T),
    "amin": (np.amin, M),
    "prod": (np.prod, V),
    "prod of a number": (lambda x: np.prod(x) * np.max(x), 1.7),
    "prod axis": (lambda x: np.prod(x, axis=1), M),
    "prod tuple": (lambda x: np.prod(x, axis=(0, 2)), T),
    "prod kept": (lambda x: np.prod(x, axis=-1, keepdims=True), T),
    "prod of one": (np.prod, np.array([1.3])),
    "cumprod": (np.cumprod, V),
    "cumprod flat": (np.cumprod, M),
    "cumprod axis": (lambda x: np.cumprod(x, axis=1), T),
    "cumprod negative axis": (lambda x: np.cumprod(x, axis=-1), T),
    # shapes
    "reshape": (lambda x: np.reshape(x, (4, 3)), M),
    "reshape -1": (lambda x: np.reshape(x, (2, -1)), M),
    "reshape F": (lambda x: np.reshape(x, (6, 2), order="F"), M),
    "reshape number": (lambda x: np.reshape(x, (1, 1)), 1.7),
    "ravel": (np.ravel, T),
    "ravel F": (lambda x: np.ravel(x, order="F"), M),
    "squeeze": (np.squeeze, M[:, None, :1]),
    "squeeze axis": (lambda x: np.squeeze(x, axis=1), M[:, None, :1]),
    "expand_dims": (lambda x: np.expand_dims(x, 1), M),
    "expand_dims tuple": (lambda x: np.expand_dims(x, (0, -1)), M),
    "transpose": (np.transpose, T),
    "transpose axes": (lambda x: np.transpose(x, (1, 2, 0)), T),
    "transpose negative": (lambda x: np.transpose(x, (-1, 0, 1)), T),
    "permute_dims": (lambda x: np.permute_dims(x, (1, 2, 0)), T),
    "matrix_transpose": (lambda x: np.matrix_transpose(x), T),
    "linalg.matrix_transpose": (np.linalg.matrix_transpose, T),
    "swapaxes": (lambda x: np.swapaxes(x, 0, -1), T),
    "moveaxis": (lambda x: np.moveaxis(x, 0, -1), T),
    "moveaxis several": (lambda x: np.moveaxis(x, (0, 1), (2, 0)), T),
    "broadcast_to": (lambda x: np.broadcast_to(x, (2, 3, 4)), V),
    "broadcast_to ones": (lambda x: np.broadcast_to(x, (3, 5)), U[:, None]),
    "broadcast_to number": (lambda x: np.broadcast_to(x, (3, 5)), 1.7),
    "copy": (np.copy, M),
    "atleast_1d": (np.atleast_1d, 1.7),
    "atleast_2d": (np.atleast_2d, V),
    # rearrangements
    "flip": (np.flip, M),
    "flip axis": (lambda x: np.flip(x, -1), M),
    "flip axes": (lambda x: np.flip(x, axis=(0, 2)), T),
    "flipud": (np.flipud, M),
    "fliplr": (np.fliplr, M),
    "rot90": (lambda x: np.rot90(x, k=3), M),
    "roll": (lambda x: np.roll(x, 2), M),
    "roll axis": (lambda x: np.roll(x, -1, axis=1), M),
    "roll tuple": (lambda x: np.roll(x, (1, 2), axis=(0, -1)), M),
    "tile": (lambda x: np.tile(x, 3), V),
    "tile tuple": (lambda x: np.tile(x, (2, 1, 2)), M),
    "repeat": (lambda x: np.repeat(x, 2), M),
    "repeat array": (lambda x: np.repeat(x, [1, 0, 3], axis=0), M),
    "repeat axis": (lambda x: np.repeat(x, 2, axis=-1), M),
    "resize": (lambda x: np.resize(x, (3, 3)), V),
    "diagonal": (np.diagonal, M),
    "diagonal offset": (lambda x: np.diagonal(x, -1, 1, 2), T),
    "take": (lambda x: np.take(x, [0, 0, 3]), V),
    "take axis": (lambda x: np.take(x, INDEX, axis=0), M),
    "take negative": (lambda x: np.take(x, -1, axis=1), M),
    "take_along_axis": (lambda x: np.take_along_axis(x, np.argsort(x, axis=1), 1), M),
    "delete": (lambda x: np.delete(x, 1, axis=0), M),
    "sort": (lambda x: np.sort(x), M),
    "sort axis": (lambda x: np.sort(x, axis=0), M),
    "sort flat": (lambda x: np.sort(x, axis=None), M),
    "pad": (lambda x: np.pad(x, 2), V),
    "pad widths": (lambda x: np.pad(x, ((1, 0), (0, 2))), M),
    "pad constant": (lambda x: np.pad(x, 1, constant_values=3.5), M),
    "pad edge": (lambda x: np.pad(x, 2, mode="edge"), M),
    "pad reflect": (lambda x: np.pad(x, 2, mode="reflect"), M),
    "pad symmetric": (lambda x: np.pad(x, 1, "symmetric"), M),
    "pad wrap": (lambda x: np.pad(x, ((2, 1), (0, 3)), mode="wrap"), M),
    "tril": (np.tril, S),
    "triu": (lambda x: np.triu(x, 1), M),
    "diag of a vector": (np.diag, V),
    "diag above": (lambda x: np.diag(x, 2), V),
    "diag below": (lambda x: np.diag(x, -1), V),
    "diag of a matrix": (lambda x: np.diag(x, 1), M),
    "trace": (np.trace, S),
    "trace offset": (lambda x: np.trace(x, -1), M),
    "trace axes": (lambda x: np.trace(x, axis1=1, axis2=2), T),
    "average, with its weights": (lambda x, w: np.average(x, 1, w, True)[0], M, V),
    "average, the sum of weights": (lambda x, w: np.average(x, 0, w, True)[1] * x[0], M, M + 1),
    "average kept": (lambda x: np.average(x, axis=0, keepdims=True), M),
    "diff": (np.diff, V),
    "diff prepended": (lambda x: np.diff(x, prepend=0.5), M),
    "diff between": (lambda x: np.diff(x, axis=0, prepend=1.0, append=2 * x[:1]), M),
    "diff of constants": (lambda x: np.diff(np.ones_like(x), n=2, append=x), M),
    "diff 0 appended": (lambda x: np.diff(x, n=0, append=1.0), M),
    "diff n": (lambda x: np.diff(x, n=2, axis=0), M),
    "diff 0": (lambda x: np.diff(x, n=0), M),
    # indexing
    "x[int]": (lambda x: x[1], M),
    "x[-1]": (lambda x: x[-1], V),
    "x[int, int]": (lambda x: x[1, -2], M),
    "x[slice]": (lambda x: x[1:3], V),
    "x[::-1]": (lambda x: x[::-1, ::2], M),
    "x[...]": (lambda x: x[..., 1], T),
    "x[None]": (lambda x: x[:, None, 1:, None], M),
    "x[fancy]": (lambda x: x[[0, 0, 2]], M),
    "x[fancy, slice]": (lambda x: x[INDEX, 1:], M),
    "x[fancy, fancy]": (lambda x: x[INDEX, [1, 0, 0, 1]], M),
    "x[fancy, None, fancy]": (lambda x: x[[0, 1], None, [2, 2]], M),
    "x[mask]": (lambda x: x[MASK], M),
    "x[mask of rows]": (lambda x: x[np.array([True, False, True])], M),
    "x[x > 1]": (lambda x: x[x > 1], np.array([0.3, 2.0, 0.4, 3.0])),
    "x[np.int64]": (lambda x: x[np.int64(2)], V),
    "x[negative fancy]": (lambda x: x[np.array([-1, -1, 0])], V),
    "x[()]": (lambda x: x[()], V),
    "x[empty]": (lambda x: np.sum(x[[]]) + np.sum(x), V),
    "same entry twice": (lambda x: x[0] * x[0] * x[1] + x[-4], V),
    "entries and all": (lambda x: x[0] * np.sum(x) + x[1:] @ x[:-1], V),
    # joining
    "concatenate": (lambda x, y: np.concatenate([x, y]), V, U),
    "concatenate axis": (lambda x, y: np.concatenate((x, y), axis=-1), M, S),
    "concatenate flat": (lambda x, y: np.concatenate([x, y], axis=None), M, N),
    "concatenate constant": (lambda x: np.concatenate([x, np.ones(2), [3.0]]), V),
    "concatenate positional": (lambda x: np.concatenate([x, x], 1), M),
    "stack": (lambda x, y: np.stack([x, y]), V, W),
    "stack axis": (lambda x, y: np.stack([x, y], axis=-1), V, W),
    "stack numbers": (lambda x, y: np.stack([x, y, 2.0, x * y]), 1.3, 0.7),
    "stack tuple": (lambda x: np.stack((x[1], x[0]), 1), M),
    "vstack": (lambda x, y: np.vstack([x, y]), V, M),
    "hstack": (lambda x, y: np.hstack([x, y]), V, U),
    "hstack 2d": (lambda x, y: np.hstack([x, y]), M, S),
    "column_stack": (lambda x, y: np.column_stack([x, y]), U, M),
    "append": (lambda x, y: np.append(x, y), V, M),
    "append axis": (lambda x, y: np.append(x, y, axis=1), M, S),
    "append last axis": (lambda x, y: np.append(x, y, axis=-1), M, S),
    "split": (lambda x: np.split(x, 2), V),
    "split at": (lambda x: np.split(x, [1, 3], axis=1), M),
    "split beyond": (lambda x: np.split(x, [1, 9], axis=-1), M),
    "array_split": (lambda x: np.array_split(x, 3), V),
    # products
    "1-D @ 1-D": (np.matmul, V, W),
    "2-D @ 1-D": (np.matmul, M, V),
    "1-D @ 2-D": (np.matmul, U, M),
    "2-D @ 2-D": (lambda x, y: x @ y, M, N),
    "3-D @ 1-D": (np.matmul, T, V),
    "1-D @ 3-D": (np.matmul, V, R),
    "3-D @ 2-D": (np.matmul, T, N),
    "2-D @ 3-D": (np.matmul, M, R),
    "3-D @ 3-D": (np.matmul, T, R),
    "batches broadcast": (np.matmul, T[:, None], np.stack([R[:1], R[:1] + 1, R[1:]])[:, 0]),
    "batches of one": (np.matmul, T[:1], R),
    "constant @ x": (lambda x: M @ x, V),
    "x @ constant": (lambda x: x @ M, U),
    "x @ x": (lambda x: x @ x, S),
    "dot": (np.dot, V, W),
    "dot matrix": (np.dot, M, N),
    "dot matrix vector": (np.dot, M, V),
    "dot N-D vector": (np.dot, T, V),
    "dot N-D": (np.dot, T, R),
    "dot number": (lambda x, y: np.dot(x, y), 1.3, V),
    "inner": (np.inner, M, V),
    "inner matrices": (np.inner, M, T),
    "vdot": (np.vdot, M, M + 1),
    "outer": (np.outer, V, U),
    "outer of matrices": (np.outer, M, U),
    "tensordot": (np.tensordot, T, R.transpose(2, 1, 0)),
    "tensordot 0": (lambda x, y: np.tensordot(x, y, 0), V, M),
    "tensordot 1": (lambda x, y: np.tensordot(x, y, axes=1), T, N),
    "tensordot axes": (lambda x, y: np.tensordot(x, y, axes=([2, 0], [1, 0])), T, R),
    "tensordot negative": (lambda x, y: np.tensordot(x, y, axes=(-1, 0)), T, N),
    "kron": (np.kron, M, S),
    "kron of ranks": (np.kron, V, M),
    "cross": (np.cross, C, D),
    "cross of rows": (np.cross, S, D),
    "einsum matrix product": (lambda x, y: np.einsum("ij,jk->ik", x, y), M, N),
    "einsum implicit": (lambda x, y: np.einsum("ij,jk", x, y), M, N),
    "einsum implicit order": (lambda x: np.einsum("ba", x), M),
    "einsum trace": (lambda x: np.einsum("ii", x), S),
    "einsum diagonal": (lambda x: np.einsum("ii->i", x), S),
    "einsum sum": (lambda x: np.einsum("ijk->", x), T),
    "einsum sum one": (lambda x: np.einsum("ij->j", x), M),
    "einsum summed only": (lambda x, y: np.einsum("ij,k->i", x, y), M, U),
    "einsum ellipsis": (lambda x, y: np.einsum("...ij,...jk->...ik", x, y), T, R),
    "einsum ellipsis broadcast": (lambda x, y: np.einsum("...j,jk->...k", x, y), T, N),
    "einsum ellipsis of ranks": (lambda x, y: np.einsum("...j,...j->...", x, y), T, V),
    "einsum ellipsis implicit": (lambda x, y: np.einsum("...i,...i", x, y), T, T + 1),
    "einsum spaces": (lambda x, y: np.einsum(" i j , j -> i ", x, y), M, V),
    "einsum three": (lambda x, y, z: np.einsum("i,ij,j->", x, y, z), U, M, V),
    "einsum repeated and shared": (lambda x, y: np.einsum("iij,j->i", x, y), np.stack([S, S + 1, S * 2]), U),
    "einsum three times": (lambda x: np.einsum("iii->i", x), np.stack([S, S + 1, S * 2])),
    "einsum size one": (lambda x, y: np.einsum("ij,ij->ij", x, y), M[:1], M),
    "einsum optimize": (lambda x, y: np.einsum("ij,jk->ik", x, y, optimize=True), M, N),
    "einsum twice the same": (lambda x: np.einsum("ij,ij->", x, x), M),
    # broadcasting of elementwise gates
    "row + column": (lambda x, y: x + y, V, U[:, None]),
    "number * array": (lambda x, y: x * y, 1.3, M),
    "array / number": (lambda x, y: x / y, M, 1.3),
    "array of one": (lambda x, y: x**y, np.array([1.7]), M),
    "3-D with 1-D": (lambda x, y: np.arctan2(x, y), T, V),
    "0-d with 1-D": (lambda x, y: x * y, np.array(1.3), V),
    "maximum of constant": (lambda x: np.maximum(x, 1.1), M),
    "array - x": (lambda x: M - x, V),
    "array * number": (lambda x: np.sum(M * x), 1.5),
    # choices
    "where": (lambda x, y: np.where(MASK, x, y), M, M + 1),
    "where broadcast": (lambda x, y: np.where(MASK, x, y), V, 2.5),
    "where True": (lambda x, y: np.where(True, x, y), M, V),
    "where scalar": (lambda x, y: np.where(x > y, x, y), 1.3, 0.7),
    "where number and array": (lambda x, y: np.where(False, x, y), 1.3, V),
    "where computed": (lambda x: np.where(x > 1, x**2, np.sin(x)), M),
    "where list": (lambda x: np.where([True, False, True, True], x, 0), V),
    "clip": (lambda x: np.clip(x, 0.8, 1.5), M),
    "clip below": (lambda x: np.clip(x, 0.8, None), M),
    "clip above": (lambda x: np.clip(x, None, 1.5), M),
    "clip arrays": (lambda x, low: np.clip(x, low, 1.5), M, V),
    "clip names": (lambda x: np.clip(x, a_min=0.8, a_max=1.5), M),
    "nan_to_num": (lambda x: np.nan_to_num(x), M),
    "sinc": (np.sinc, M),
    "round": (lambda x: x * np.round(x, 1), M),
    "around": (lambda x: np.around(x) * x, M),
    "norm": (np.linalg.norm, M),
    "norm vector": (lambda x: np.linalg.norm(x, 2), V),
    "norm axis": (lambda x: np.linalg.norm(x, axis=-1, keepdims=True), M),
    "norm fro": (lambda x: np.linalg.norm(x, "fro"), M),
    # methods
    "x.sum": (lambda x: x.sum(), M),
    "x.sum(axis)": (lambda x: x.sum(axis=-1, keepdims=True), M),
    "x.sum(0)": (lambda x: x.sum(0), M),
    "x.mean": (lambda x: x.mean(axis=0), M),
    "x.var": (lambda x: x.var(), M),
    "x.std": (lambda x: x.std(axis=1), M),
    "x.prod": (lambda x: x.prod(), V),
    "x.max": (lambda x: x.max(axis=1), M),
    "x.min": (lambda x: x.min(), M),
    "x.T": (lambda x: x.T, M),
    "x.transpose": (lambda x: x.transpose(2, 0, 1), T),
    "x.transpose()": (lambda x: x.transpose(), T),
    "x.transpose(tuple)": (lambda x: x.transpose((2, 0, 1)), T),
    "x.transpose of a vector": (lambda x: x.T, V),
    "x.reshape": (lambda x: x.reshape(2, 6), M),
    "x.reshape(tuple)": (lambda x: x.reshape((6, -1)), M),
    "x.reshape(-1)": (lambda x: x.reshape(-1), M),
    "x.flatten": (lambda x: x.flatten(), M),
    "x.ravel": (lambda x: x.ravel(), M),
    "x.squeeze": (lambda x: x.squeeze(), M[:, None]),
    "x.swapaxes": (lambda x: x.swapaxes(0, 1), M),
    "x.dot": (lambda x, y: x.dot(y), M, V),
    "x.clip": (lambda x: x.clip(0.8, 1.5), M),
    "x.cumsum": (lambda x: x.cumsum(axis=1), M),
    "x.diagonal": (lambda x: x.diagonal(), S),
    "x.trace": (lambda x: x.trace(), S),
    "x.take": (lambda x: x.take([1, 1]), V),
    "x.repeat": (lambda x: x.repeat(2), V),
    "x.copy": (lambda x: x.copy(), V),
    "abs(x)": (lambda x: abs(x - 1.0), V),
    "+x, -x": (lambda x: +x * -x, V),
    "x.round trip": (lambda x: x[None].T.reshape(2, 2).sum(axis=0), V),
    # iteration
    "for": (lambda x: sum(e**2 for e in x), V),
    "for rows": (lambda x: sum(np.prod(row) for row in x), M),
    "zip": (lambda x, y: sum(a * b for a, b in zip(x, y, strict=True)), V, W),
    "unpacking": (lambda x: (lambda a, b, *c: a * b + c[0])(*x), V),
    "len": (lambda x: x * len(x) * x.ndim * x.size * x.shape[0], M),
    "list": (lambda x: np.stack(list(x)[::-1]), M),
    "enumerate": (lambda x: sum(k * e**3 for k, e in enumerate(x)), V),
    "reversed": (lambda x: np.stack([e * e for e in reversed(x)]), V),
    # methods of ufuncs
    "add.reduce": (lambda x: np.add.reduce(x), M),
    "add.reduce axis": (lambda x: np.add.reduce(x, axis=1, keepdims=True), M),
    "add.reduce None": (lambda x: np.add.reduce(x, axis=None), M),
    "multiply.reduce": (lambda x: np.multiply.reduce(x), M),
    "maximum.reduce": (lambda x: np.maximum.reduce(x, axis=1), M),
    "minimum.reduce": (lambda x: np.minimum.reduce(x), M),
    "add.accumulate": (lambda x: np.add.accumulate(x), M),
    "multiply.accumulate": (lambda x: np.multiply.accumulate(x, axis=1), M),
    "multiply.outer": (lambda x, y: np.multiply.outer(x, y), M, V),
    # statistics
    "cov": (np.cov, M),
    "cov of one": (np.cov, V),
    "cov of two, columns": (lambda x, y: np.cov(x, y, rowvar=False, bias=True), M, M**2),
    "corrcoef": (lambda x: np.corrcoef(x * x), M),
    "corrcoef of two": (np.corrcoef, V, W),
    "nansum": (lambda x: np.nansum(np.where(MASK, x, np.nan), axis=1), M),
    "nanmean": (lambda x: np.nanmean(np.where(MASK, x, np.nan), axis=1, keepdims=True), M),
    "nanmax": (lambda x: np.nanmax(np.where(MASK, x, np.nan)), M),
    "nanmin": (lambda x: np.nanmin(np.where(MASK, x, np.nan), axis=1), M),
    "median": (np.median, M),
    "median even": (lambda x: np.median(x, axis=1, keepdims=True), M),
    "median odd": (lambda x: np.median(x, axis=0), M),
    "quantile": (lambda x: np.quantile(x, 0.3), M),
    "quantiles": (lambda x: np.quantile(x, [0.0, 0.3, 1.0], axis=1, keepdims=True), M),
    "quantiles of all": (lambda x: np.quantile(x, [0.25, 0.75], keepdims=True), M),
    "percentile": (lambda x: np.percentile(x, 60, axis=0), T),
    "partition": (lambda x: np.partition(x, 2)[..., 2], M),
    "unique": (lambda x: np.unique(np.stack([x, x]))[1:3], V),
    # by pieces
    "select": (lambda x: np.select([x < 0.9, x > 1.3], [x**2, np.sin(x)], 3.0), M),
    "piecewise": (lambda x: np.piecewise(x, [x < 0.9, x > 1.3], [np.exp, 2.0, np.log]), M),
    "piecewise overlapping": (lambda x: np.piecewise(x, [x > 0, x > 1.3], [np.exp, np.log]), M),
    "piecewise alone": (lambda x: np.piecewise(x, x > 1.0, [np.exp, np.log]), V),
    "interp": (lambda x, f: np.interp(x, [0.4, 0.9, 1.3, 2.5], f), M, V),
    "interp nodes": (lambda x, f: np.interp([0.3, 0.7, 1.1, 9.0], np.cumsum(x), f), V / 4, W),
    "interp outside": (lambda x: np.interp(x, [0.9, 1.3], [1.0, 2.0], left=-1.0, right=7.0), M),
    "interp of a number": (lambda x: np.interp(x, [0.0, 1.0, 2.0], [1.0, 3.0, 2.0]), 1.3),
    # calculus of samples, polynomials
    "trapezoid": (np.trapezoid, M),
    "trapezoid x": (lambda y, x: np.trapezoid(y, np.cumsum(x), axis=1), M, V),
    "trapezoid dx": (lambda y: np.trapezoid(y, dx=0.5, axis=0), M),
    "gradient": (np.gradient, V),
    "gradient axis": (lambda x: np.gradient(x, 0.5, axis=1), M),
    "gradient all": (lambda x: np.stack(np.gradient(x)), M),
    "polyval": (lambda p, x: np.polyval(p, x), V, M),
    "vander": (lambda x: np.vander(x), U),
    "vander increasing": (lambda x: np.vander(x, 4, increasing=True), U),
    "linspace": (lambda a, b: np.linspace(a, b, 5), 1.3, 0.7),
    "linspace open": (lambda a, b: np.linspace(a, b, 4, endpoint=False), U, U**2),
    "convolve": (np.convolve, V, U),
    "convolve same": (lambda x, y: np.convolve(x, y, "same"), U, V),
    "convolve valid": (lambda x, y: np.convolve(x, y, mode="valid"), V, U),
    "vecdot": (lambda x, y: np.vecdot(x, y), T, V),
    # more shapes
    "dstack": (lambda x, y: np.dstack([x, y]), V, W),
    "block": (lambda x, y: np.block([[x, y[:, None]], [np.ones((1, 4)), np.zeros((1, 1))]]), M, U),
    "broadcast_arrays": (lambda x, y: np.multiply(*np.broadcast_arrays(x, y)), V, U[:, None]),
    "meshgrid": (lambda x, y: np.stack(np.meshgrid(x, y)), V, U),
    "meshgrid ij": (lambda x, y, z: np.stack(np.meshgrid(x, y, z, indexing="ij")), V, U, C[:2]),
    "meshgrid xy of three": (lambda x, y, z: np.stack(np.meshgrid(x, y, z)), V, U, C[:2]),
    "full_like": (lambda x: np.full_like(x, x[0]) * x, V),
    "insert": (lambda x, y: np.insert(x, 2, y), V, 1.3),
    "insert rows": (lambda x, y: np.insert(x, 1, y, axis=0), M, V),
    "compress": (lambda x: np.compress([True, False, True], x, axis=0), M),
    "extract": (lambda x: np.extract(MASK, x), M),
    "rollaxis": (lambda x: np.rollaxis(x, 2), T),
    "rollaxis to": (lambda x: np.rollaxis(x, 0, 3), T),
    "apply_along_axis": (lambda x: np.apply_along_axis(lambda r: r * np.sum(r), 1, x), T),
    "apply_along_axis to a number": (lambda x: np.apply_along_axis(np.prod, 0, x), M),
    "real, imag": (lambda x: np.real(x) * np.conj(x) + np.imag(x), V),
    "real_if_close": (lambda x: np.real_if_close(x), V),
    "nanprod": (lambda x: np.nanprod(np.where(MASK, x, np.nan), axis=1), M),
    "nancumsum": (lambda x: np.nancumsum(np.where(MASK, x, np.nan), axis=1), M),
    "nancumprod": (lambda x: np.nancumprod(np.where(MASK, x, np.nan)), M),
    "nanvar": (lambda x: np.nanvar(np.where(M > 0.8, x, np.nan), axis=1, keepdims=True), M),
    "nanvar ddof": (lambda x: np.nanvar(np.where(MASK, x, np.nan), ddof=1), M),
    "nanstd": (lambda x: np.nanstd(np.where(MASK, x, np.nan)), M),
    "nanmedian": (lambda x: np.nanmedian(np.where(MASK, x, np.nan)), M),
    "nanmedian axis": (lambda x: np.nanmedian(np.where(M > 0.8, x, np.nan), axis=0, keepdims=True), M),
    "nanquantile": (lambda x: np.nanquantile(np.where(M > 0.8, x, np.nan), [0.2, 0.7], axis=1), M),
    "nanquantile kept": (lambda x: np.nanquantile(np.where(MASK, x, np.nan), [0.2, 0.7], keepdims=True), M),
    "nanpercentile": (lambda x: np.nanpercentile(np.where(MASK, x, np.nan), 30), M),
    "float_power": (lambda x: np.float_power(np.abs(x) + 1, 1.5), V),
    "fix": (lambda x: x * np.fix(3 * x), V),
    "modf": (lambda x: list(np.modf(x * 3 - 4)), V),
    "divmod": (lambda x, y: list(np.divmod(3 * x, y)), V, W),
    "divmod of Python": (lambda x: [*divmod(3 * x, 0.7), *divmod(5.0, x)], V),
    "ldexp": (lambda x: np.ldexp(x, [1, 0, -2, 3]), V),
    "unwrap": (lambda x: np.unwrap(5 * x), V),
    "unwrap rows": (lambda x: np.unwrap(9 * x, axis=0, period=4.0), M),
    "unwrap discont": (lambda x: np.unwrap(9 * x, discont=5.0), M),
    "polyadd": (np.polyadd, V, U),
    "polysub": (np.polysub, U, V),
    "polymul": (np.polymul, U, V),
    "polyder": (lambda x: np.polyder(x, 2), V),
    "polyint": (lambda x: np.polyint(x, 2), V),
    "logspace": (lambda x, y: np.logspace(x, y, 7), 0.3, 1.2),
    "geomspace": (lambda x, y: np.geomspace(x, y, 5), 0.3, 1.2),
    "geomspace below zero": (lambda x, y: np.geomspace(-x, -y, 5, endpoint=False), 0.3, 1.2),
    "correlate": (np.correlate, V, U),
    "correlate valid, longer second": (np.correlate, U, V),
    "correlate full": (lambda x, y: np.correlate(x, y, "full"), U, V),
    "correlate same": (lambda x, y: np.correlate(x, y, "same"), U, V),
    "correlate same, shorter second": (lambda x, y: np.correlate(x, y, "same"), V, U),
    "bincount": (lambda w: np.bincount([0, 3, 3, 1], weights=w, minlength=6), V),
    "atleast_3d": (lambda x, y, z, t: [np.atleast_3d(a) for a in (x, y, z, t)], 1.3, V, M, T),
    "hsplit": (lambda x, y: [*np.hsplit(x, 2), *np.hsplit(y, [1])], M, V),
    "vsplit": (lambda x: list(np.vsplit(x, [1])), M),
    "dsplit": (lambda x: list(np.dsplit(x, 2)), T),
    "trim_zeros": (lambda x: np.trim_zeros(np.concatenate([[0.0], x, [0.0, 0.0]])), V),
    "trim_zeros front": (lambda x: np.trim_zeros(np.concatenate([[0.0], x, [0.0, 0.0]]), "f"), V),
    "choose": (lambda x, y: np.choose([0, 1, 1, 0], [x, y]), V, W),
    "choose a number": (lambda x: np.choose(np.array([[0], [1]]), [x, 2.0]), V),
    "ediff1d": (np.ediff1d, M),
    "ediff1d with ends": (lambda x, y: np.ediff1d(x, to_begin=y, to_end=[1.0]), V, 0.3),
    "diagflat": (lambda x: np.diagflat(x, 1), S),
    "astype": (lambda x: np.astype(x, np.float64), V),
    "mT": (lambda x: x.mT if hasattr(x, "mT") else np.swapaxes(x, -1, -2), T),
    "methods": (
        lambda x: x.real * x.conj() + x.imag + x.conjugate() + x.compress([1, 0, 1, 1], axis=1).sum(),
        M,
    ),
    # lists as operands
    "list + x": (lambda x: np.add([1.0, 2.0, 3.0, 4.0], x), V),
    "x * list": (lambda x: np.multiply(x, [1.0, 2.0, 3.0, 4.0]), V),
    "list ** x": (lambda x: np.power([1.5, 2.0, 3.0, 4.0], x), V),
    "x + list": (lambda x: [1.0, 2.0, 3.0, 4.0] * x + [1, 2, 3, 4], V),
    "x @ list": (lambda x: x @ [1.0, 2.0, 3.0, 4.0], V),
    "list @ x": (lambda x: np.matmul([[1.0, 2.0, 3.0, 4.0]], x), V),
    "dot(list, x)": (lambda x: np.dot([1.0, 2.0, 3.0, 4.0], x), V),
    "einsum(list, x)": (lambda x: np.einsum("i,i", [1.0, 2.0, 3.0, 4.0], x), V),
    "where(c, x, list)": (lambda x: np.where([True, False, True, True], x, [1.0, 2.0, 3.0, 4.0]), V),
    "sum of a list of numbers": (lambda x, y: np.sum(np.stack([x, y])), 1.3, 0.7),
}
if hasattr(np, "unstack"):  # NumPy 2.1
    CASES |= {
        "cumulative_sum": (lambda x: np.cumulative_sum(x, axis=1), M),
        "cumulative_sum with 0": (lambda x: np.cumulative_sum(x, axis=-1, include_initial=True), M),
        "cumulative_prod": (lambda x: np.cumulative_prod(x, include_initial=True), V),
        "cumulative_prod axis": (lambda x: np.cumulative_prod(x, axis=0), M),
        "unstack": (lambda x: list(np.unstack(x, axis=1)), M),
    }
if hasattr(np, "matvec"):  # NumPy 2.2
    CASES |= {"matvec": (np.matvec, T, V), "vecmat": (np.vecmat, U, T)}


def flat(result):
    parts = result if isinstance(result, list) else [result]
    return np.concatenate([np.ravel(p) for p in parts])


@pytest.mark.parametrize("name", CASES)
def test_value_is_numpys(name):
    f, *args = CASES[name]
    expected = f(*args)
    for found in (adlib.vjp(f, *args)[0], adlib.jvp(f, args, [np.ones_like(a)[()] for a in args])[0]):
        if isinstance(expected, list):
            assert [np.shape(a) for a in found] == [np.shape(a) for a in expected]
        else:
            assert np.shape(found) == np.shape(expected)
            assert np.asarray(found).dtype == np.asarray(expected).dtype
        np.testing.assert_allclose(flat(found), flat(expected), rtol=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_both_modes_agree_with_difference_quotients_and_each_other(name):
    f, *args = CASES[name]
    adlib.check_grads(f, args, order=1, atol=1e-8, rtol=1e-8)


NONLINEAR = {name: case for name, case in CASES.items() if case[0] not in (np.sum,)}


@pytest.mark.parametrize("name", NONLINEAR)
def test_second_order(name):
    """Squares make the linear gates count at second order."""
    f, *args = NONLINEAR[name]

    def squared(*xs):
        y = f(*[x * x for x in xs])
        return [p * p for p in y] if isinstance(y, list) else y * y

    for first in ("forward", "reverse"):
        for second in ("forward", "reverse"):
            x = [np.asarray(a, float) for a in args]
            assert _second(squared, x, first, second) == pytest.approx(
                _second(squared, x, "forward", "forward"), rel=1e-11, abs=1e-11
            )
    adlib.check_grads(squared, args, modes=("reverse",), order=2)


def _second(f, args, first, second):
    """ȳ · D²f [ẋ, ẋ'] with fixed directions, by the given modes."""
    rng = np.random.default_rng(3)
    one = [rng.normal(size=a.shape) for a in args]
    two = [rng.normal(size=a.shape) for a in args]

    def scalar(*xs):
        y = f(*xs)
        parts = y if isinstance(y, list) else [y]
        total = 0.0
        for k, p in enumerate(parts):
            weights = np.cos(np.arange(np.size(np.empty(p.shape)))).reshape(p.shape) + k
            total = total + np.sum(p * weights)
        return total

    def slope(g, xs, ts, mode):
        if mode == "forward":
            return adlib.jvp(g, xs, ts)[1]
        bars = adlib.vjp(g, *xs)[1](1.0)
        return sum(np.sum(b * t) for b, t in zip(bars, ts, strict=True))

    return float(slope(lambda *xs: slope(scalar, xs, one, first), args, two, second))


@pytest.mark.parametrize("name", CASES)
def test_float32_stays(name):
    f, *args = CASES[name]
    narrow = [np.float32(a) if isinstance(a, float) else a.astype(np.float32) for a in args]
    value, pullback = adlib.vjp(f, *narrow)
    plain = f(*narrow)
    if all(np.asarray(p).dtype == np.float32 for p in (plain if isinstance(plain, list) else [plain])):
        ones = [np.ones_like(v) for v in value] if isinstance(value, list) else np.ones_like(value)
        tangent = adlib.jvp(f, narrow, [np.ones_like(a) for a in narrow])[1]
        parts = tangent if isinstance(tangent, list) else [tangent]
        values = value if isinstance(value, list) else [value]
        for found in (*pullback(ones), *parts, *values):
            assert found.dtype == np.float32


# --- Every row and every composition is reached -----------------------------------------------------------------


def test_every_linear_gate_and_composition_has_a_case(monkeypatch):
    reached = set()
    rest = {f: g for f, g in GATES.items() if not isinstance(g, Elementwise)}
    for f, g in rest.items():

        def jvp(*args, _f=f, _jvp=g.jvp, **kwargs):
            reached.add(_f)
            return _jvp(*args, **kwargs)

        monkeypatch.setattr(g, "jvp", jvp)
    composed_here = {f: c for f, c in COMPOSITIONS.items() if c.__module__.startswith("adlib.gates.")}
    for f, composed in composed_here.items():

        def call(*args, _f=f, _composed=composed, **kwargs):
            reached.add(_f)
            return _composed(*args, **kwargs)

        call.__signature__ = inspect.signature(composed)
        monkeypatch.setitem(COMPOSITIONS, f, call)
    for f, *args in CASES.values():
        adlib.jvp(f, args, [np.ones_like(a)[()] for a in args])
    adlib.jvp(lambda x: x.astype(np.float32), (V,), (V,))
    assert {getattr(f, "__name__", f) for f in (set(rest) | set(composed_here)) - reached} == set()


def test_our_own_gates_are_functions_too():
    np.testing.assert_array_equal(getitem(V, 1), V[1])
    np.testing.assert_array_equal(astype(V, np.float32), V.astype(np.float32))
    np.testing.assert_array_equal(scatter((1.0, 2.0), (0, 0), (3,), float), [3.0, 0.0, 0.0])
    np.testing.assert_array_equal(adlib.grad(lambda x: scatter((x, x * x), (0, 0), (3,), float)[0])(3.0), 7.0)


# --- What one must look at one by one -------------------------------------------------------------------------


def test_products_with_zeros_need_no_division():
    for x in ([0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]):
        x = np.array(x)
        expected = [np.prod(np.delete(x, k)) for k in range(3)]
        np.testing.assert_array_equal(adlib.grad(np.prod)(x), expected)
        np.testing.assert_array_equal(adlib.jacobian(np.prod)(x), expected)
        hessian = [[x[3 - j - k] if j != k else 0.0 for k in range(3)] for j in range(3)]
        np.testing.assert_array_equal(adlib.hessian(np.prod)(x), hessian)
        last = adlib.jacobian(lambda t: np.cumprod(t)[-1])(x)
        np.testing.assert_array_equal(last, expected)


@pytest.mark.parametrize("f", [np.max, np.min])
def test_equal_extremes_share(f):
    x = np.array([[1.0, 1.0, 1.0], [0.0, 2.0, 2.0]])
    shared = {np.max: [[1 / 3] * 3, [0.0, 0.5, 0.5]], np.min: [[1 / 3] * 3, [1.0, 0.0, 0.0]]}[f]
    np.testing.assert_allclose(adlib.grad(lambda t: np.sum(f(t, axis=1)))(x), shared)
    tangent = np.array([[3.0, 0.0, 0.0], [1.0, 4.0, 0.0]])
    np.testing.assert_allclose(
        adlib.jvp(lambda t: f(t, axis=1), (x,), (tangent,))[1], np.sum(tangent * shared, axis=1)
    )


def test_clip_at_its_bounds_follows_the_ties():
    np.testing.assert_array_equal(
        adlib.grad(lambda x: np.sum(np.clip(x, 0, 1)))(np.array([0.0, 0.5, 1.0])), [0.5, 1, 0.5]
    )


@pytest.mark.parametrize("axis", [None, 0])
def test_the_norm_of_zero_has_derivative_zero(axis):
    zero = np.zeros(3)
    f = lambda x: np.linalg.norm(x, axis=axis)  # noqa: E731
    value, gradient = adlib.value_and_grad(f)(zero)
    assert value == 0.0
    np.testing.assert_array_equal(gradient, zero)
    assert adlib.jvp(f, (zero,), (np.ones(3),))[1] == 0.0


def test_sinc_at_zero():
    derivatives = [np.sinc]
    for _ in range(2):
        derivatives.append(adlib.grad(derivatives[-1]))
    assert derivatives[0](0.0) == 1.0
    assert derivatives[1](0.0) == 0.0
    assert derivatives[2](0.0) == pytest.approx(-(np.pi**2) / 3, rel=1e-15)


def test_where_does_not_let_the_branch_not_taken_leak():
    """The row's own rule multiplies nothing by zero; what is inside the branch still can (use two wheres)."""
    x = np.array([-1.0, 4.0])
    safe = lambda t: np.sum(np.where(t > 0, np.sqrt(np.where(t > 0, t, 1.0)), 0.0))  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(safe)(x), [0.0, 0.25])
    infinite = lambda t: np.sum(np.where(t > 0, t, np.inf))  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(infinite)(x), [0.0, 1.0])
    np.testing.assert_array_equal(adlib.jvp(lambda t: np.where(t > 0, t, np.nan), (x,), (x,))[1], [0.0, 4.0])
    adjoints = adlib.vjp(lambda a, b: np.where(x > 0, a, b), x, x)[1](np.array([np.inf, np.nan]))
    np.testing.assert_array_equal(adjoints, [[0.0, np.nan], [np.inf, 0.0]])


@pytest.mark.parametrize("decimals", [0, 1, -1])
def test_rounding_is_a_step(decimals):
    x = np.array([12.3456, -0.7])
    value, gradient = adlib.value_and_grad(lambda t: np.sum(np.round(t, decimals) + t.round(decimals)))(x)
    assert value == pytest.approx(2 * np.sum(np.round(x, decimals)))
    np.testing.assert_array_equal(gradient, [0.0, 0.0])


def test_where_of_floats_chooses_one():
    assert adlib.grad(lambda x: np.where(x > 1, x * x, 0.0))(3.0) == 6.0
    assert adlib.grad(lambda x: np.where(x > 1, x * x, np.log(x)))(0.5) == 2.0
    assert adlib.jvp(lambda x: np.where(x > 1, 7.0, np.log(x)), (0.5,), (1.0,))[1] == 2.0


def test_empty_arrays():
    empty = np.zeros((0, 3))
    np.testing.assert_array_equal(adlib.grad(np.sum)(empty), empty)
    np.testing.assert_array_equal(adlib.grad(lambda x: np.sum(x @ np.ones((3, 2))))(empty), empty)
    np.testing.assert_array_equal(
        adlib.grad(lambda x: np.sum(np.concatenate([x, np.ones((1, 3))])))(empty), empty
    )


def test_what_gives_truth_values_indices_or_shapes_sees_plain_values():
    def f(x):
        assert type(x > 1) is np.ndarray
        assert np.argmax(x) == np.argmax(V)
        assert x.argmin() == np.argmin(V)
        assert np.any(x > 100) == False  # noqa: E712
        assert np.shape(x) == (4,)
        assert np.isfinite(x).all()
        assert np.allclose(x, V)
        assert x.dtype == float
        assert V[0] in x
        assert (np.zeros_like(x) == 0).all()
        assert np.sign(x).shape == (4,)
        assert not np.isnan(x).any()
        assert list(np.argsort(x)) == list(np.argsort(V))
        assert np.searchsorted(np.array([0.0, 10.0]), x).tolist() == [1] * 4
        assert f"{x[0]:.3f}" == f"{V[0]:.3f}"
        return np.sum(x)

    adlib.grad(f)(V)
    adlib.jvp(f, (V,), (V,))


def test_entries_and_the_whole_of_one_array():
    """Adjoints of entries wait to be put together; those of the whole array join them, one after the other."""
    x = np.array([2.0, 3.0, 5.0])
    f = lambda x: np.sum(x) + np.sum(x * x) + x[0] * x[2] + x[0]  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(f)(x), 1 + 2 * x + [6.0, 0.0, 2.0])
    g = lambda x: x[1] + np.sum(x * x) + x[1] * 2.0 + np.sum(x**3) + np.sum(x[:2])  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(g)(x), 2 * x + 3 * x**2 + [1.0, 4.0, 0.0])
    np.testing.assert_array_equal(adlib.hessian(g)(x), np.diag(2 + 6 * x))


# --- What mutants of the table asked for ------------------------------------------------------------------------


def test_a_reduction_is_written_with_its_operand():
    t = adlib.trace(lambda x: np.prod(x) * np.max(x), V)
    latex = t.primal()._repr_html_()
    assert "prod" in latex
    assert r"\operatorname{prod}(v_{0})" in latex or r"\operatorname{prod}(v_0)" in latex
    assert r"\operatorname{max}(v_{0})" in latex or r"\operatorname{max}(v_0)" in latex


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: GATES[np.swapaxes].bind((x, 0), {}), "np.swapaxes .* does not take these arguments"),
        (lambda x: np.unique(x, axis=0), r"np.unique of a tracked value does not take axis=\n"),
        (lambda x: GATES[np.sum].bind((x, 0), {"axis": 0}), "np.sum of a tracked value does not take axis="),
    ],
)
def test_arguments_that_are_not_supported_are_named(f, words):
    with pytest.raises(TypeError, match=words):
        adlib.vjp(f, M)


def test_arguments_that_ask_for_nothing_are_fine():
    np.testing.assert_array_equal(adlib.grad(lambda x: np.max(x, out=None))(V), adlib.grad(np.max)(V))
    np.testing.assert_array_equal(
        adlib.vjp(lambda x: np.max(x, axis=None, keepdims=True), M)[0], [[np.max(M)]]
    )
    np.testing.assert_array_equal(
        adlib.vjp(lambda x: np.sum(x, axis=1, dtype=None, out=None), M)[0], M.sum(1)
    )


def test_a_nan_is_no_tie():
    gate = GATES[np.max]
    assert not gate.at_kink(np.array([np.nan, 1.0]))
    assert gate.at_kink(np.array([2.0, 2.0, 1.0]))
    assert not gate.at_kink(np.array([2.0, 1.0]))
    np.testing.assert_array_equal(gate.at_kink(np.array([[2.0, 2.0], [1.0, 2.0]]), axis=1), [True, False])
    np.testing.assert_array_equal(
        gate.at_kink(np.array([[2.0, 2.0], [1.0, 2.0]]), axis=1, keepdims=True), [[True], [False]]
    )


@pytest.mark.parametrize("zero", [0.0, np.zeros(2)])
def test_the_rectifier_is_itself_inside_another_derivative(zero):
    """Its value inside an outer derivative is recorded as relu, not as the maximum it is computed by."""
    relu = adlib.gates.relu.function
    one = np.ones_like(zero)[()]
    inner = lambda x: adlib.jvp(relu, (x,), (one,))[0]  # noqa: E731
    np.testing.assert_array_equal(adlib.jvp(inner, (zero,), (one,))[1], 0.0 * zero)
    back = lambda x: np.sum(adlib.vjp(relu, x)[0])  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(back)(zero), 0.0 * zero)


def test_reductions_convert_before_they_add():
    """A float32 sum with dtype=float64 is a float64, and its gradient a float32 again."""
    x = np.array([1.0, 1e-9, -1.0], np.float32)
    for f, right in ((np.sum, 1e-9), (np.mean, 1e-9 / 3)):
        value, gradient = adlib.value_and_grad(lambda x, f=f: f(x, dtype=np.float64))(x)
        assert (value.dtype, gradient.dtype) == (np.float64, np.float32)
        assert value == pytest.approx(right, rel=1e-6)
    assert adlib.vjp(lambda x: np.var(x, dtype=np.float64), x)[0].dtype == np.float64


def test_a_variance_around_a_given_mean():
    centre = np.mean(M, axis=1, keepdims=True)
    for f in (
        lambda x: np.var(x, axis=1, mean=np.mean(x, axis=1, keepdims=True)),
        lambda x: np.var(x, axis=1, mean=centre, correction=1),
        lambda x: np.std(x, axis=1, correction=1),
    ):
        np.testing.assert_allclose(adlib.vjp(f, M)[0], f(M), rtol=1e-14)
        adlib.check_grads(f, (M,), order=2)


def test_a_mask_is_no_larger_than_what_it_masks():
    with pytest.raises(ValueError, match=r"more dimensions|broadcast"):
        adlib.grad(lambda x: np.sum(x, where=np.ones((2, 1, 1), bool)))(M)


def test_what_is_masked_may_be_nan():
    x = np.array([1.0, np.nan, 3.0])
    keep = ~np.isnan(x)
    np.testing.assert_array_equal(adlib.grad(lambda x: np.sum(x, where=keep))(x), [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(adlib.grad(lambda x: np.mean(x, where=keep))(x), [0.5, 0.0, 0.5])
    np.testing.assert_array_equal(adlib.grad(lambda x: np.var(x, where=keep))(x), [-1.0, 0.0, 1.0])


NO_SUCH_AXIS = {
    "norm": lambda x: np.linalg.norm(x, axis=2),
    "norm of matrices": lambda x: np.linalg.norm(x, 1, axis=(0, 2)),
    "diff": lambda x: np.diff(x, axis=2),
    "mean": lambda x: np.mean(x, axis=-3),
    "std": lambda x: np.std(x, axis=2),
    "median": lambda x: np.median(x, axis=2),
    "average": lambda x: np.average(x, axis=2),
    "ptp": lambda x: np.ptp(x, axis=2),
    "gradient": lambda x: np.gradient(x, axis=2),
    "insert": lambda x: np.insert(x, 0, 1.0, axis=2),
    "rollaxis": lambda x: np.rollaxis(x, 2),
    "unwrap": lambda x: np.unwrap(x, axis=2),
    "sum": lambda x: np.sum(x, axis=2),
    "cumsum": lambda x: np.cumsum(x, axis=2),
    "max": lambda x: np.max(x, axis=-3),
}


@pytest.mark.parametrize("name", NO_SUCH_AXIS)
def test_an_axis_that_is_not_there(name):
    """NumPy refuses it; counted round and round, axis 2 would be axis 0."""
    f = NO_SUCH_AXIS[name]
    for call in (lambda: f(M), lambda: adlib.vjp(f, M), lambda: adlib.jvp(f, (M,), (M,))):
        with pytest.raises(np.exceptions.AxisError, match="out of bounds for array of dimension 2"):
            call()


@pytest.mark.parametrize("f", [np.sum, np.prod, np.max, np.min])
@pytest.mark.parametrize("axis", [0, -1])
def test_a_number_is_summed_along_an_axis_that_it_lacks(f, axis):
    assert f(2.0, axis=axis) == 2.0
    assert adlib.value_and_grad(lambda x: f(x, axis=axis))(2.0) == (2.0, 1.0)
    assert adlib.jvp(lambda x: f(x, axis=axis), (2.0,), (3.0,)) == (2.0, 3.0)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (np.nan_to_num, [1.0, np.nan, np.inf, -np.inf]),
        (lambda x: np.nan_to_num(x, nan=2.0, posinf=3.0, neginf=-3.0), [1.0, np.nan, np.inf, -np.inf]),
        (np.median, [np.inf, 1.0, -2.0]),
        (np.median, [np.nan, 1.0, -2.0]),
        (lambda x: np.quantile(x, [0.25, 0.5]), [np.inf, 1.0, -2.0, 5.0]),
        (lambda x: np.polymul(x, [0.0, 1.0, 2.0]), [0.0, 0.0, 3.0]),
        (lambda x: np.polymul(x, [1.0, 2.0]), [0.0, 0.0]),
        (lambda x: np.var(x, ddof=5), [1.0, 2.0, 4.0]),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_values_at_the_edge_are_numpys(f, x):
    x = np.array(x)
    np.testing.assert_array_equal(adlib.vjp(lambda x: (f(x), 0.0 * np.sum(x)), x)[0][0], f(x))


def test_quantiles_along_several_axes():
    for f in (
        lambda x: np.median(x, axis=(0, 2)),
        lambda x: np.quantile(x, [0.3, 0.8], axis=(-1, 0), keepdims=True),
        lambda x: np.nanmedian(x, axis=(1, 2)),
        lambda x: np.nanquantile(x, [0.3, 0.8], axis=1),
    ):
        np.testing.assert_allclose(adlib.vjp(f, T)[0], f(T), rtol=1e-14)
        adlib.check_grads(f, (T,))


def test_a_geometric_sequence_does_not_cross_zero():
    with pytest.raises(ValueError, match=r"np\.geomspace: start and stop have different signs"):
        adlib.grad(lambda x: np.geomspace(-3.0, x, 4)[1])(2.0)
