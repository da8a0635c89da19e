"""A million gates: no recursion, memory in proportion, and all of it given back."""

import gc
import tracemalloc
import weakref

import pytest

import adlib


def chain(x, n):
    for _ in range(n):
        x = x * 0.999999
    return x


N = 1_000_000


def held(differentiate, n):
    """Bytes a node while it runs, and what is left afterwards."""
    differentiate(10)
    gc.collect()
    before, objects = tracemalloc.get_traced_memory()[0], len(gc.get_objects())
    tracemalloc.reset_peak()
    differentiate(n)
    peak = tracemalloc.get_traced_memory()[1]
    gc.collect()
    return (peak - before) / n, tracemalloc.get_traced_memory()[0] - before, len(gc.get_objects()) - objects


def _by_backward(n):
    leaf = adlib.Variable(1.0)
    chain(leaf, n).backward()
    assert leaf.grad == pytest.approx(0.999999**n, rel=1e-9)


CHAINS = {
    "grad": lambda n: adlib.grad(lambda x: chain(x, n))(1.0),
    "backward": _by_backward,
    "jvp": lambda n: adlib.jvp(lambda x: chain(x, n), (1.0,), (1.0,)),
}


@pytest.mark.parametrize("name", ["grad", "backward", "jvp"])
def test_a_chain_of_a_million_gates(name):
    result = CHAINS[name](N)
    if name == "grad":
        assert result == pytest.approx(0.999999**N, rel=1e-9)
    if name == "jvp":
        assert result == pytest.approx((0.999999**N, 0.999999**N), rel=1e-9)


@pytest.mark.parametrize("name", ["grad", "backward", "jvp"])
def test_memory_is_linear_and_returns(name):
    tracemalloc.start()
    try:
        per_node, left, objects = held(CHAINS[name], 50_000)
    finally:
        tracemalloc.stop()
    value = 24  # a float
    assert per_node - value <= (400 if name != "jvp" else 1)
    assert left < 20_000
    assert objects < 50


def test_a_long_chain_that_is_dropped_without_backward():
    """Python frees a chain of a million links one by one: no recursion there either."""
    y = chain(adlib.Variable(1.0), N // 10)
    del y
    gc.collect()
    y = chain(adlib.Variable(1.0), N // 10)
    y.backward(retain_graph=True)
    del y


def test_nobody_is_kept_alive_by_a_comparison():
    class Big:
        pass

    def f(x):
        big = Big()
        seen.append(weakref.ref(big))
        return x * x if x > 0 else x

    seen = []
    adlib.vjp(f, 2.0)
    assert seen[0]() is None
