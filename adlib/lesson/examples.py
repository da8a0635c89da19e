"""The functions that the notebooks differentiate, with what is known about them from elsewhere.

All are plain Python and plain NumPy: they take floats, arrays, and the values that adlib tracks, and return the
same.  None of them knows that it is going to be differentiated.

>>> round(float(f(*POINT)), 12)
1.860914750147
>>> round(float(df_dx1(*POINT)), 12), round(float(df_dx2(*POINT)), 12)
(1.467827504426, -1.380165568323)
"""

from __future__ import annotations

from typing import Any

import numpy as np

POINT = (2.0, 1.0)
"""Where the notebooks follow `f` by hand."""
SECOND_POINT = (3.0, 0.5)
"""A second point, to see that nothing depends on the first."""
SURVEY_POINT = (2.0, 5.0)
"""Where the survey follows `survey`."""


def f(x1: Any, x2: Any) -> Any:
    """Evaluate the running example x₁ √(log(x₁ / sin(x₂²))).

    It is real and finite where sin(x₂²) > 0 and x₁ > sin(x₂²); on the edge x₁ = sin(x₂²) it is 0 and its
    derivative infinite.  From Kapoor, "The magic of Automatic Differentiation", 8 October 2017.

    >>> round(float(f(2.0, 1.0)), 6)
    1.860915
    """
    return x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))


def df_dx1(x1: Any, x2: Any) -> Any:
    """Evaluate ∂f/∂x₁, by hand: √r + 1/(2√r), where r = log(x₁ / sin(x₂²)).

    >>> round(float(df_dx1(2.0, 1.0)), 6)
    1.467828
    """
    root = np.sqrt(np.log(x1 / np.sin(x2**2)))
    return root + 1 / (2 * root)


def df_dx2(x1: Any, x2: Any) -> Any:
    """Evaluate ∂f/∂x₂, by hand: −x₁ x₂ cot(x₂²) / √(log(x₁ / sin(x₂²))).

    The one derivative that the article (see `f`) writes out.

    >>> round(float(df_dx2(2.0, 1.0)), 6)
    -1.380166
    """
    root = np.sqrt(np.log(x1 / np.sin(x2**2)))
    return -x1 * x2 * np.cos(x2**2) / np.sin(x2**2) / root


def survey(x1: Any, x2: Any) -> Any:
    """Evaluate ln x₁ + x₁x₂ − sin x₂, for x₁ > 0: the example of the survey that everybody cites.

    Baydin, Pearlmutter, Radul, Siskind, "Automatic differentiation in machine learning: a survey", JMLR
    18(153):1–43, 2018, tables 2 and 3.

    >>> round(float(survey(2.0, 5.0)), 3)
    11.652
    """
    return np.log(x1) + x1 * x2 - np.sin(x2)


def logistic(x: Any, n: int = 4) -> Any:
    """Iterate the logistic map: l₁ = x, lₖ₊₁ = 4 lₖ (1 − lₖ).

    lₙ is a polynomial in x of degree 2ⁿ⁻¹, for n of at least 1.  The survey's (see `survey`) table 1 shows how
    its symbolic derivative swells.

    >>> round(float(logistic(0.2, 4)), 8)
    0.28901376
    """
    if n < 1:
        raise ValueError(f"the logistic map starts at l_1; there is no l_{n}")
    for _ in range(n - 1):
        x = 4 * x * (1 - x)
    return x


def logistic_closed_form(x: Any, n: int = 4) -> Any:
    """Evaluate lₙ = sin²(2ⁿ⁻¹ θ) with θ = arcsin √x: the logistic map without a loop.

    For x from 0 to 1, and n of at least 1.  By sin²2θ = 4 sin²θ (1 − sin²θ); known to Schröder, Mathematische
    Annalen 3, 1870.

    >>> round(float(logistic_closed_form(0.2, 4)), 8)
    0.28901376
    """
    if n < 1:
        raise ValueError(f"the logistic map starts at l_1; there is no l_{n}")
    return np.sin(2 ** (n - 1) * np.arcsin(np.sqrt(x))) ** 2


def speelpenning(x: Any) -> Any:
    """Multiply all entries of x, one after the other.

    Every entry of the gradient of x₁ x₂ … xₙ is a product of n − 1 factors.  Speelpenning, *Compiling fast
    partial derivatives of functions given by algorithms*, PhD thesis, Illinois 1980.

    >>> speelpenning([2.0, 3.0, 4.0])
    24.0
    """
    product = 1.0
    for i in range(len(x)):
        product = product * x[i]
    return product


def rosenbrock(x: Any) -> Any:
    """Evaluate Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)², a curved valley with its floor at (1, …, 1).

    Rosenbrock, "An automatic method for finding the greatest or least value of a function",
    The Computer Journal 3:175–184, 1960.

    >>> round(float(rosenbrock(np.array([-1.2, 1.0]))), 12)
    24.2
    """
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def martins_sturdza_alonso(x: Any) -> Any:
    """Evaluate eˣ / √(sin³x + cos³x), on which the complex step is often shown.

    It is real where sin³x + cos³x > 0.  Martins, Sturdza and Alonso, "The complex-step derivative
    approximation", ACM Transactions on Mathematical Software 29:245–262, 2003.  The idea: Lyness and Moler,
    SIAM Journal on Numerical Analysis 4:202–210, 1967.

    >>> round(float(martins_sturdza_alonso(1.5)), 6)
    4.49778
    """
    return np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3)


def helmholtz(x: Any, A: Any, b: Any, R: float = 1.0, T: float = 1.0) -> Any:
    """Evaluate the Helmholtz energy of a mixed fluid in a unit volume.

    Parameters
    ----------
    x : array of shape (n,)
        Amounts of the n components, positive, with b·x < 1.
    A : array of shape (n, n)
        Interaction of pairs; symmetric.
    b : array of shape (n,)
        Volumes.
    R, T : float
        Gas constant and temperature.

    Returns
    -------
    float
        R T Σ xᵢ log(xᵢ / (1 − b·x)) − xᵀAx / (√8 b·x) · log((1 + (1+√2) b·x) / (1 + (1−√2) b·x)).

    Notes
    -----
    Griewank, "On automatic differentiation", in Iri and Tanabe (eds.), *Mathematical
    Programming*, Kluwer 1989: the example that made the cost of a gradient plain.

    Examples
    --------
    >>> x, b = np.array([0.2, 0.3]), np.array([0.5, 0.4])
    >>> round(float(helmholtz(x, np.eye(2), b)), 6)
    -0.667811
    """
    bx = np.dot(b, x)
    root2 = np.sqrt(2.0)
    ideal = R * T * np.sum(x * np.log(x / (1.0 - bx)))
    attraction = np.dot(x, np.dot(A, x)) / (np.sqrt(8.0) * bx)
    return ideal - attraction * np.log((1.0 + (1.0 + root2) * bx) / (1.0 + (1.0 - root2) * bx))


def level_order_trap(x: Any) -> Any:
    """Evaluate t·e^(sin t) with t = x²: adjoints passed on level by level come out wrong here.

    t reaches y directly and through sin and exp.  Whoever visits nodes by their distance from
    y is done with t before the longer path has arrived, and finds 4.639554… at x = 1 instead of 7.146315….

    >>> round(float(level_order_trap(1.0)), 6)
    2.319777
    """
    t = x**2
    return t * np.exp(np.sin(t))


def branching(x1: Any, x2: Any) -> Any:
    """Evaluate x₁ sin x₂ if x₁ > x₂, and exp(x₁ − x₂) if not: two graphs in one function.

    >>> round(float(branching(2.0, 1.0)), 6), round(float(branching(1.0, 2.0)), 6)
    (1.682942, 0.367879)
    """
    if x1 > x2:
        return x1 * np.sin(x2)
    return np.exp(x1 - x2)


def looping(x1: Any, x2: Any) -> Any:
    """Halve x₁ until it is at most 1, then multiply by sin x₂: as many gates as turns.

    >>> round(float(looping(5.0, 1.0)), 6)  # 5, 2.5, 1.25, 0.625
    0.525919
    """
    while x1 > 1:
        x1 = x1 / 2
    return x1 * np.sin(x2)


def diamonds(x: Any, k: int = 3) -> Any:
    """Fork and join k times, each time replacing x by sin x + cos x.

    Its graph has 4k edges, and 2ᵏ paths from x to the result.

    >>> round(float(diamonds(0.5, 1)), 6)
    1.357008
    """
    for _ in range(k):
        x = np.sin(x) + np.cos(x)
    return x


def article_network(
    seed: int, sizes: tuple[int, int, int, int] = (64, 1000, 100, 10)
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], dict[str, np.ndarray[Any, Any]]]:
    """Draw data and initial weights for the article's network, the same for every library.

    Parameters
    ----------
    seed : int
    sizes : (int, int, int, int)
        N, D_in, H, D_out: examples, inputs, hidden units, outputs.

    Returns
    -------
    x : array, shape (N, D_in)
    y : array, shape (N, D_out)
        Both standard normal, and independent: y is noise.
    weights : dict of str to array
        By PyTorch's names, and drawn as PyTorch draws them: uniform between −1/√in and 1/√in.

    Examples
    --------
    >>> x, y, weights = article_network(0)
    >>> {name: w.shape for name, w in weights.items()}
    {'0.weight': (100, 1000), '0.bias': (100,), '2.weight': (10, 100), '2.bias': (10,)}
    """
    n, d_in, h, d_out = sizes
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((n, d_in)), rng.standard_normal((n, d_out))
    weights = {}
    for name, inputs, outputs in (("0", d_in, h), ("2", h, d_out)):
        weights[f"{name}.weight"] = rng.uniform(-(inputs**-0.5), inputs**-0.5, (outputs, inputs))
        weights[f"{name}.bias"] = rng.uniform(-(inputs**-0.5), inputs**-0.5, outputs)
    return x, y, weights
