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


def not_a_number(
    operation: str,
    remedy: str = "Use NumPy's functions (np.sin, np.floor, np.stack ...), which adlib can follow.",
) -> LostDerivativeError:
    """Build the error for an operation that would leave a plain number."""
    problem = f"{operation} would turn a tracked value into a plain number and lose its derivative"
    return LostDerivativeError(explain(problem, remedy))


ON_PURPOSE = "To cut the derivative on purpose, write adlib.stop_gradient(x)."

_NO_SWITCH = (
    "adlib has no such switch: a Variable that you make is a leaf, and what is computed from it is tracked. "
)
PYTORCH = {
    "requires_grad": _NO_SWITCH + "For a value without a past: x.detach() or adlib.stop_gradient(x).",
    "requires_grad_": _NO_SWITCH + "Make a leaf with adlib.Variable(value).",
    "is_leaf": _NO_SWITCH + "x.gate is None for a leaf.",
    "grad_fn": "x.gate is what made the value; None for a leaf.",
    "retain_grad": "Only leaves keep a gradient. adlib.trace(f, x).adjoint() shows those of all steps.",
    "register_hook": "adlib.trace(f, x).adjoint() shows the adjoints of all steps; a custom_gate can change one.",
    "numpy": "Outside of grad and the like, x.value is the array.",
    "cpu": "There are only NumPy arrays, on the CPU: leave it out.",
    "cuda": "There are only NumPy arrays, on the CPU: leave it out.",
    "to": "There are only NumPy arrays, on the CPU; x.astype(dtype) converts.",
    "no_grad": "Compute with x.value, outside of grad and the like, or with adlib.stop_gradient(x).",
    "zero_grad": "Set x.grad = None, or call the optimizer's zero_grad().",
}
"""PyTorch's words, and what to write instead."""
