"""What a tracked value refuses to do, and what to do instead."""

from __future__ import annotations

from adlib.errors import LostDerivativeError, explain


def unknown(name: str) -> TypeError:
    """Build the error for an operation that is not in the table."""
    return TypeError(
        explain(
            f"{name} is not in adlib's table of gates, so its derivative is not known",
            "Write it with functions that are (adlib.gates.GATES lists them), or add a row for it.",
        )
    )


def leaves_the_reals(name: str) -> TypeError:
    """Build the error for a function that leaves the real numbers."""
    remedies = {
        "np.linalg.eig": "For a symmetric matrix use np.linalg.eigh; for singular values np.linalg.svd.",
        "np.linalg.eigvals": "For a symmetric matrix use np.linalg.eigvalsh; for singular values np.linalg.svdvals.",
    }
    remedy = "Split it into real and imaginary parts; a Fourier sum is a matrix product, C @ x and S @ x."
    problem = f"{name} gives complex numbers, and adlib differentiates real functions of real numbers"
    return TypeError(explain(problem, remedies.get(name, remedy)))


def in_place(
    operation: str, remedy: str = "Build a new array instead: np.where, np.concatenate or np.stack."
) -> TypeError:
    """Build the error for an operation that writes."""
    problem = f"{operation} writes into a tracked array, and the derivative needs what was there"
    return TypeError(explain(problem, remedy))


def not_a_number(operation: str) -> LostDerivativeError:
    """Build the error for an operation that would leave a plain number."""
    problem = f"{operation} would turn a tracked value into a plain number and lose its derivative"
    remedy = "Use NumPy's functions (np.sin, np.floor, np.stack ...), which adlib can follow."
    return LostDerivativeError(explain(problem, remedy))
