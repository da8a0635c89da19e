"""Arrays to try: vectors, matrices and stacks of several shapes, away from every kink."""

import numpy as np

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
