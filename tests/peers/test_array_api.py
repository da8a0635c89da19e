"""Libraries written for any array library (the array-API standard) differentiate unchanged: `make test-peers`."""

import numpy as np
import pytest

import adlib

pytestmark = pytest.mark.peers

X = np.random.default_rng(3).uniform(0.5, 2.0, (2, 3, 4))


def programs():
    from einops import array_api

    return {
        "rearrange": lambda x: array_api.rearrange(x, "a b c -> c (a b)"),
        **{
            kind: lambda x, kind=kind: array_api.reduce(x, "a b c -> c a", kind)
            for kind in ("sum", "mean", "max", "min", "prod")
        },
        "repeat": lambda x: array_api.repeat(x, "a b c -> a (b r) c", r=2),
        "pack": lambda x: array_api.pack([x, x[..., 0]], "a b *")[0],
        "unpack": lambda x: array_api.unpack(array_api.pack([x, x[..., 0]], "a b *")[0], [(4,), ()], "a b *")[
            1
        ],
    }


@pytest.mark.parametrize(
    "name", ["rearrange", "sum", "mean", "max", "min", "prod", "repeat", "pack", "unpack"]
)
def test_einops_differentiates(name):
    f = programs()[name]
    np.testing.assert_array_equal(adlib.vjp(f, X)[0], f(X))
    adlib.check_grads(lambda x: np.sum(np.sin(f(x)) ** 2), (X,))


def test_array_api_compat_takes_it_for_an_array():
    from array_api_compat import array_namespace, device, is_array_api_obj, size, to_device

    def f(x):
        assert is_array_api_obj(x)
        assert device(x) == "cpu"
        assert size(x) == X.size
        xp = array_namespace(x)
        x = xp.astype(to_device(x, "cpu"), xp.float64)
        assert xp.isdtype(x.dtype, "real floating")
        turned = xp.permute_dims(x, (1, 0, 2))
        return (
            xp.sum(xp.pow(turned, 2.0)) + xp.std(x, correction=1) + xp.linalg.vector_norm(xp.concat([x, x]))
        )

    adlib.check_grads(f, (X,))
