"""Values that escape from their derivative, or meet those of another: closures, generators, threads."""

import threading

import numpy as np
import pytest

import adlib
from tests.unit.cases.entries import ENTRIES


def D(f, x):
    """The derivative, by forward mode."""
    return adlib.jvp(f, (x,), (1.0,))[1]


@pytest.mark.parametrize("name", ["grad", "jvp"])
@pytest.mark.parametrize("use", [lambda x: x * 2.0, lambda x: np.sin(x), lambda x: x + x, lambda x: 1.0 - x])
def test_a_value_used_after_its_derivative_has_ended(name, use):
    kept = []

    def f(x):
        kept.append(x * x)
        return x * x

    ENTRIES[name](f, 3.0)
    with pytest.raises(RuntimeError, match=r"of a derivative call that has ended(.|\n)*Return the value"):
        use(kept[0])
    with pytest.raises((RuntimeError, TypeError), match=r"ended|does not depend"):
        ENTRIES[name](lambda x: kept[0] * 1.0, 3.0)


@pytest.mark.parametrize("name", ["grad", "jvp"])
def test_two_derivatives_do_not_mix(name):
    kept = []
    ENTRIES[name](lambda x: kept.append(x) or x * 1.0, 3.0)
    with pytest.raises(RuntimeError, match="ended"):
        ENTRIES[name](lambda x: x * kept[0], 2.0)


def test_a_closure_that_keeps_the_value_of_an_ended_derivative():
    """ForwardDiff.jl#443: it answers 2.  Here the value that escaped is refused."""

    def f(x):
        def keep(y):
            nonlocal x
            x = x * y
            return x

        D(keep, 1.0)
        return D(keep, 1.0)

    with pytest.raises(RuntimeError, match=r"derivative call that has ended\n  at line \d+ of keep"):
        D(f, 1.0)


def test_values_kept_in_a_generator():
    """A generator runs on when it is asked again, which may be after its derivative has ended."""
    kept = []

    def f(x):
        powers = (x**k for k in range(1, 9))
        kept.append(powers)
        return next(powers) * next(powers)

    assert adlib.grad(f)(2.0) == 12.0
    with pytest.raises(RuntimeError, match="derivative call that has ended"):
        next(kept[0])


def test_interleaved_derivatives_keep_apart():
    """Two passes, each driven by a generator, step in turn."""

    def steps(x, out):
        for _ in range(3):
            x = x * x
            yield x
        out.append(x)

    def outer(x):
        inner_out, outer_out = [], []
        mine = steps(x, outer_out)
        next(mine)

        def inner(y):
            theirs = steps(y, inner_out)
            for _ in range(3):
                next(theirs)
                next(mine, None)
            list(theirs)
            return inner_out[-1]

        slope = adlib.grad(inner)(2.0)
        list(mine)
        return outer_out[-1] * slope

    assert adlib.grad(outer)(1.5) == 8 * 1.5**7 * 8 * 2.0**7


def test_threads_do_not_mix():
    def work(seed, out):
        rng = np.random.default_rng(seed)
        for _ in range(100):
            x = rng.uniform(1.0, 2.0)
            g = adlib.grad(lambda t: adlib.jvp(lambda s: s * np.sin(s * t), (t,), (1.0,))[1])(x)
            leaf = adlib.Variable(x)
            (leaf * np.sin(leaf)).backward()
            out.append((x, g, leaf.grad))

    outs = [[] for _ in range(4)]
    threads = [threading.Thread(target=work, args=(k, o)) for k, o in enumerate(outs)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for x, g, leaf in (row for o in outs for row in o):
        # D_s [s sin(s t)] at s = t is sin t² + t² cos t²; its derivative by t:
        assert g == pytest.approx(4 * x * np.cos(x * x) - 2 * x**3 * np.sin(x * x), rel=1e-12, abs=1e-12)
        assert leaf == pytest.approx(np.sin(x) + x * np.cos(x), rel=1e-14)
    assert sum(map(len, outs)) == 400
