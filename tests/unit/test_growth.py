"""Growth: twice the inputs, twice the steps.  Function calls are counted, not seconds, so no machine is too busy."""

import sys

import numpy as np
import pytest

import adlib


def calls(run):
    """Count the calls, of Python and of C, that happen while `run` runs."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count


def total(xs):
    out = 0.0
    for x in xs:
        out = out + x * x
    return out


def numbers(n):
    return [1.0 + k / n for k in range(n)]


def pairs(n):
    return [(1.0, {"w": np.ones(2)}) for _ in range(n)]


PROGRAMS = {
    "grad of few": lambda n: adlib.grad(lambda x: x[0] * x[1])(numbers(n)),
    "grad of all": lambda n: adlib.grad(total)(numbers(n)),
    "vjp": lambda n: adlib.vjp(lambda x: [2.0 * v for v in x], numbers(n))[1](numbers(n)),
    "jvp": lambda n: adlib.jvp(lambda x: [v * v for v in x], (numbers(n),), (numbers(n),)),
    "hvp": lambda n: adlib.hvp(total, (numbers(n),), (numbers(n),)),
    "grad of grad": lambda n: adlib.grad(lambda x: total(adlib.grad(total)(x)))(numbers(n)),
    "grad of jvp": lambda n: adlib.grad(lambda x: adlib.jvp(total, (x,), (numbers(n),))[1])(numbers(n)),
    "nested structures": lambda n: adlib.grad(lambda p: sum(a * np.sum(d["w"]) for a, d in p))(pairs(n)),
    "entries of an array": lambda n: adlib.grad(total)(np.ones(n)),
    "backward": lambda n: total([adlib.Variable(x) for x in numbers(n)]).backward(),
    "trace": lambda n: adlib.trace(total, numbers(n)),
    "gradient of a trace": lambda n: adlib.trace(total, numbers(n)).gradient(),
    "diagnose": lambda n: adlib.diagnose(total, numbers(n)),
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_twice_the_inputs_take_twice_the_steps(program):
    program(20)  # what is done once, at the first call
    small, large = calls(lambda: program(100)), calls(lambda: program(200))
    assert large < 2.1 * small
