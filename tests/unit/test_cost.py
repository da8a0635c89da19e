"""Counted operations, the tape's weight, checkpointing schedules against the formula, sparse Jacobians by colours."""

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adlib
from adlib.lesson import examples
from adlib.study.cost import checkpointed, costs, fewest_steps, operations, schedule, tape_size
from adlib.study.sparse import colours, column_graph, sparse_jacobian


def test_operations_are_those_that_run():
    W = np.ones((3, 5))
    assert operations(lambda x: x * x + x, 2.0) == 2
    assert operations(lambda x: np.matmul(W, x), np.ones(5)) == 2 * 3 * 5
    assert operations(lambda x: np.sum(x), np.ones(10)) == 9
    assert operations(lambda x: x[2:].reshape(2, 4).T, np.ones(10)) == 0
    assert operations(lambda x, y: x / y if x > y else x, 3.0, 2.0) == 1
    assert operations(lambda x: 5.0, 1.0) == 0


TABLE = np.arange(12.0).reshape(3, 4)
MOVES = {
    **{f.__name__: f for f in (np.ravel, np.transpose, np.copy, np.positive, np.fliplr, np.flipud, np.rot90)},
    **{f.__name__: f for f in (np.diagonal, np.vstack, np.atleast_3d, np.flip)},
    "an entry": lambda x: x[1, 2],
    "reshape": lambda x: np.reshape(x, (2, 6)),
    "squeeze": lambda x: np.squeeze(x[:1]),
    "expand_dims": lambda x: np.expand_dims(x, 1),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "moveaxis": lambda x: np.moveaxis(x, 0, 1),
    "broadcast_to": lambda x: np.broadcast_to(x, (2, 3, 4)),
    "concatenate": lambda x: np.concatenate([x, x], axis=1),
    "roll": lambda x: np.roll(x, 1),
    "tile": lambda x: np.tile(x, 2),
    "repeat": lambda x: np.repeat(x, 3, axis=0),
    "take": lambda x: np.take(x, [0, 0, 5]),
    "take_along_axis": lambda x: np.take_along_axis(x, np.zeros((1, 4), int), 0),
    "delete": lambda x: np.delete(x, 1, axis=0),
    "resize": lambda x: np.resize(x, (5, 5)),
    "split": lambda x: np.split(x, 2, axis=1)[1],
    "pad": lambda x: np.pad(x, 1, mode="edge"),
    "sort": lambda x: np.sort(x, axis=0),
}


@pytest.mark.parametrize("name", MOVES)
def test_moving_numbers_about_is_no_operation(name):
    move = MOVES[name]
    assert operations(move, TABLE) == 0
    assert set(np.ravel(move(TABLE))) <= set(np.ravel(TABLE))
    assert all(row.gate.moves_only for row in adlib.trace(move, TABLE).rows[1:])


def test_every_gate_that_only_moves_is_moved_above():
    moving = {g for g in adlib.gates.GATES.values() if g.moves_only}
    seen = {row.gate for move in MOVES.values() for row in adlib.trace(move, TABLE).rows[1:]}
    assert moving - seen == {adlib.gates.attach}


@pytest.mark.parametrize("n", [4, 16, 64, 256])
def test_the_cheap_gradient(n):
    found = costs(examples.speelpenning, (np.arange(n) + 1.0) / (np.arange(n) + 2.0))
    assert found["reverse"] <= 4 * found["function"]
    assert found["forward"] == n * operations(
        lambda x: adlib.jvp(examples.speelpenning, (x,), (np.eye(n)[0],)), np.ones(n)
    )
    # a bundle of up to 128 tangents needs values and partial derivatives once
    assert found["bundled"] == found["forward"] - (n - math.ceil(n / 128)) * found["function"]
    assert found["numerical"] > n * found["function"]


@pytest.mark.parametrize("length", [10, 100])
def test_the_tape_grows_with_the_program(length):
    def chain(x):
        for _ in range(length):
            x = np.sin(x)
        return x

    tape = tape_size(chain, np.ones(1000))
    assert tape.nodes == length
    assert 8000 * length < tape.bytes < 9000 * (length + 1)


@pytest.mark.parametrize(
    ("length", "snapshots", "steps"), [(10, 3, 15), (50, 5, 122), (100, 10, 222), (1000, 10, 3636)]
)
def test_the_papers_numbers(length, snapshots, steps):
    assert fewest_steps(length, snapshots) == steps


def by_trying(length, snapshots, known={}):  # noqa: B006  # remembers what it has tried
    """The least number of steps by trying every place for the next snapshot."""
    if length == 1:
        return 0
    if snapshots == 1:
        return length * (length - 1) // 2
    key = length, snapshots
    if key not in known:
        known[key] = min(
            k + by_trying(length - k, snapshots - 1) + by_trying(k, snapshots) for k in range(1, length)
        )
    return known[key]


@pytest.mark.parametrize("snapshots", range(1, 7))
def test_no_schedule_is_better(snapshots):
    for length in range(1, 41):
        assert fewest_steps(length, snapshots) == by_trying(length, snapshots)


@given(st.integers(1, 60), st.integers(1, 8))
def test_a_schedule_is_right_and_takes_what_the_formula_says(length, snapshots):
    kept, state, back, ran = set(), 0, length, 0
    for move in schedule(length, snapshots):
        if move.kind == "store":
            assert state == move.start
            kept.add(state)
            assert len(kept) <= snapshots
        elif move.kind == "advance":
            assert state == move.start < move.stop < back
            state, ran = move.stop, ran + move.stop - move.start
        elif move.kind == "restore":
            assert move.start in kept
            state = move.start
        else:
            assert state == move.start == back - 1
            back -= 1
            kept.discard(move.start)
    assert back == 0
    assert ran == fewest_steps(length, snapshots)


def swing(x):
    return 1.3 * np.sin(x) + 0.1 * x


@pytest.mark.parametrize(("length", "snapshots"), [(1, 1), (7, 1), (20, 3), (50, 5)])
def test_with_checkpoints_the_derivative_is_the_same_to_the_last_bit(length, snapshots):
    def chain(x):
        for _ in range(length):
            x = swing(x)
        return x

    x = np.linspace(0.3, 0.5, 9)
    done = checkpointed(swing, x, length, snapshots, seed=np.ones(9))
    value, pullback = adlib.vjp(chain, x)
    np.testing.assert_array_equal(done.adjoint, pullback(np.ones(9))[0])
    np.testing.assert_array_equal(done.value, value)
    assert done.steps == fewest_steps(length, snapshots)
    assert done.most_kept <= snapshots


@pytest.mark.parametrize("case", [(0, 3), (3, 0)])
def test_impossible_schedules(case):
    with pytest.raises(ValueError, match="at least one step and one snapshot"):
        schedule(*case)
    with pytest.raises(ValueError, match="at least one step"):
        fewest_steps(*case)


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 10**6))
def test_sparse_jacobians_are_the_dense_ones(n, m, seed):
    rng = np.random.default_rng(seed)
    pattern = rng.random((n, m)) < 0.3
    W = pattern * rng.normal(size=(n, m))

    def f(x):
        return np.matmul(W, np.sin(x))

    x = rng.normal(size=m)
    found = sparse_jacobian(f, x, pattern)
    np.testing.assert_allclose(found.matrix, adlib.jacobian(f)(x), atol=1e-14)
    graph = column_graph(pattern)
    assert all(found.colours[a] != found.colours[b] for a, b in graph.edges)
    assert found.passes == len(set(found.colours.tolist())) <= m


def test_bands_need_as_many_passes_as_they_are_wide():
    pattern = sum(np.eye(40, k=k, dtype=bool) for k in (-1, 0, 1)) > 0
    assert int(colours(pattern).max()) + 1 == 3
    assert nx.number_of_edges(column_graph(np.eye(5, dtype=bool))) == 0
    with pytest.raises(ValueError, match="the pattern"):
        sparse_jacobian(np.sin, np.ones(3), np.eye(4, dtype=bool))
    assert math.comb(5, 3) == 10  # ten steps, three snapshots, two runs of each
