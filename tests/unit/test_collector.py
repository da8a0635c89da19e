"""The collector of cyclic garbage: recording asks it to wait, and leaves its settings as they were."""

import gc
import threading

import pytest

import adlib
from adlib.engine.tape import Tape


class TestTheCollector:
    """While a tape grows, Python searches for cycles seldom; afterwards as often as before."""

    before = (321, 12, 7)

    @pytest.fixture(autouse=True)
    def _thresholds(self):
        kept = gc.get_threshold()
        gc.set_threshold(*self.before)
        yield
        gc.set_threshold(*kept)

    def seldom(self, x):
        assert gc.get_threshold()[0] > 10 * self.before[0]
        return x * x

    @pytest.mark.parametrize("run", [adlib.grad, adlib.value_and_grad, lambda f: lambda x: adlib.vjp(f, x)])
    def test_it_works_as_before_after_a_call(self, run):
        run(self.seldom)(2.0)
        assert gc.get_threshold() == self.before

    def test_also_after_nested_calls(self):
        adlib.grad(lambda x: adlib.grad(self.seldom)(x) + self.seldom(x))(2.0)
        assert gc.get_threshold() == self.before

    def test_also_after_an_error(self):
        with pytest.raises(ZeroDivisionError):
            adlib.grad(lambda x: 1 // 0 * self.seldom(x))(2.0)
        assert gc.get_threshold() == self.before

    def test_what_the_function_sets_stays(self):
        def f(x):
            gc.set_threshold(777)
            return x * x

        adlib.grad(f)(2.0)
        assert gc.get_threshold()[0] == 777

    def test_it_is_not_switched_on(self):
        gc.set_threshold(0)
        adlib.grad(lambda x: x * gc.get_threshold()[0] + x)(2.0)
        assert gc.get_threshold()[0] == 0

    @pytest.mark.parametrize("last", [0, 1])
    def test_calls_of_two_threads_that_overlap(self, last):
        begun, end = [threading.Event(), threading.Event()], [threading.Event(), threading.Event()]

        def run(k):
            def f(x):
                begun[k].set()
                assert end[k].wait(10)
                return x * x

            adlib.grad(f)(2.0)

        threads = [threading.Thread(target=run, args=(k,)) for k in (0, 1)]
        for k in (0, 1):
            threads[k].start()
            assert begun[k].wait(10)
        for k in (1 - last, last):
            end[k].set()
            threads[k].join(10)
        assert gc.get_threshold() == self.before

    def test_a_tape_vanishes_without_it(self):
        def tapes():
            return sum(type(x) is Tape for x in gc.get_objects())

        gc.collect()
        count = tapes()
        gc.disable()
        try:
            adlib.grad(lambda x: adlib.grad(lambda y: x * y * y)(x))(2.0)
            assert tapes() == count
        finally:
            gc.enable()
