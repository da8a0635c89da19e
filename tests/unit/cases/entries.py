"""The ways into adlib: what must hold for one must hold for all."""

import numpy as np

import adlib

ENTRIES = {
    "grad": lambda f, x: adlib.grad(f)(x),
    "jvp": lambda f, x: adlib.jvp(f, (x,), (np.ones_like(x)[()] if np.ndim(x) else 1.0,)),
    "backward": lambda f, x: f(adlib.Variable(x)).backward(),
    "nested": lambda f, x: adlib.jvp(adlib.grad(f), (x,), (np.ones_like(x)[()] if np.ndim(x) else 1.0,)),
}
