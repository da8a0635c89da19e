"""Functions of SciPy: refused by their own name, with `custom_gate` as the way out."""

import pytest

import adlib

pytestmark = pytest.mark.peers


def test_a_function_of_scipy_is_named_by_its_library():
    from scipy import special

    with pytest.raises(
        TypeError, match=r"scipy\.special\.erf is not in adlib's table.*\n.*\n.*adlib\.custom_gate"
    ):
        adlib.grad(lambda x: special.erf(x))(2.0)
