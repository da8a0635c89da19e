r"""Matrices: rows of the table for ``np.linalg``.

A matrix function has no list of partial derivatives; it has a *differential*.  From A A⁻¹ = I follows
Ȧ A⁻¹ + A (A⁻¹)˙ = 0, so (A⁻¹)˙ = −A⁻¹ Ȧ A⁻¹.  Every row is found in this way: write the equations that the result
satisfies, push a tangent through them, and solve for the tangent of the result.  The rule is linear in Ȧ, so
reverse mode is its transpose, which `custom_gate` takes by itself.

Where NumPy reads one triangle of a symmetric matrix (``cholesky``, ``eigh``), so does the derivative.  ``slogdet``
reads both.  Along a symmetric tangent they agree; of the gradients, the first has the whole slope below the diagonal:

>>> import numpy as np
>>> from adlib import grad
>>> by_factor = grad(lambda s: 2 * np.sum(np.log(np.diagonal(np.linalg.cholesky(s)))))
>>> s = np.array([[2.0, 1.0], [1.0, 3.0]])
>>> g = by_factor(s)
>>> g.round(3)
array([[ 0.6,  0. ],
       [-0.4,  0.4]])
>>> np.allclose((g + g.T) / 2, grad(lambda s: np.linalg.slogdet(s)[1])(s))
True

- `adlib.linalg.gate`: what a matrix gate is.
- `adlib.linalg.systems`: systems of equations, inverses, determinants.
- `adlib.linalg.factors`: Cholesky, eigenvalues, singular values, QR.
- `adlib.linalg.norms`: norms and condition numbers, and the array API's names.

References
----------
M. Giles, *An extended collection of matrix derivative results for forward and reverse mode AD*, Oxford 2008.
G. Golub and V. Pereyra, *The differentiation of pseudo-inverses ...*, SIAM J. Numer. Anal. 10, 1973.
"""

from adlib.linalg import factors, norms, systems
from adlib.linalg.gate import MatrixGate, matrix_gate

__all__ = ["MatrixGate", "factors", "matrix_gate", "norms", "systems"]
