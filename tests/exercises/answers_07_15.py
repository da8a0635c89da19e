"""What readers answer to the exercises of notebooks 07 to 15, and words of what each answer is told."""

import numpy as np
from numpy.linalg import norm

import adlib
from tests.exercises.answers import Answers, failing, nothing


def neuron(w, b, x, t, slope=lambda s, z: 1 - z**2):
    s = w * x + b
    z = np.tanh(s)
    bar = 2 * (z - t) * slope(s, z)
    return bar * x, bar


def gradients(x, y, w1, b1, w2, b2, slope=lambda z, a: 1 - a**2, factor=2.0):
    z = x @ w1.T + b1
    a = np.tanh(z)
    e_bar = factor * (a @ w2.T + b2 - y)
    z_bar = (e_bar @ w2) * slope(z, a)
    return z_bar.T @ x, z_bar.sum(axis=0), e_bar.T @ a, e_bar.sum(axis=0)


def changed(place, change):
    def f(*arguments):
        found = list(gradients(*arguments))
        found[place] = change(found[place])
        return found

    return f


def along(f, x, v):
    def slope(s):
        return adlib.jvp(lambda t: f(x + t * v), (s,), (1.0,))[1]

    return adlib.jvp(slope, (0.0,), (1.0,))[1]


def first_along(f, x, v, h=1e-5):
    return (f(x + h * v) - f(x - h * v)) / (2 * h)


def second_quotient(h):
    return lambda f, x, v: (f(x + h * v) - 2 * f(x) + f(x - h * v)) / h**2


def safe(p, q):
    squares = np.sum((p - q) ** 2)
    met = squares == 0
    return np.where(met, 0.0, np.sqrt(np.where(met, 1.0, squares)))


def root(p, q):
    return np.sqrt(np.sum((p - q) ** 2))


ANSWERS = {
    "07-1": Answers(
        right=[3, 3.0],
        wrong=[
            (6, "+= gives"),
            (9, "x·x itself"),
            (0, "does arrive"),
            (1, "multiplied by the other factor"),
            (4, "hands on twice"),
        ],
    ),
    "07-2": Answers(
        right=["add", "addition", "plus"],
        wrong=[
            ("multiply", "both values are kept"),
            ("product", "both values are kept"),
            ("sin", "cosine of the operand"),
            ("divide", "−u/v²"),
            ("log", "1/v: the operand"),
            ("sqrt", "1/(2√v)"),
        ],
    ),
    "07-3": Answers(
        right=[neuron, lambda *a: list(neuron(*a))],
        wrong=[
            (lambda w, b, x, t: neuron(w, b, x, t)[::-1], "other order"),
            (lambda w, b, x, t: tuple(v / 2 for v in neuron(w, b, x, t)), "the 2 is missing"),
            (lambda w, b, x, t: tuple(-v for v in neuron(w, b, x, t)), "sign"),
            (lambda *a: neuron(*a, slope=lambda s, z: 1.0), "1 − z²"),
            (lambda *a: neuron(*a, slope=lambda s, z: 1 - s**2), "not with s"),
            (lambda *a: neuron(*a, slope=lambda s, z: 1 - z), "the square is missing"),
            (lambda w, b, x, t: (neuron(w, b, x, t)[1] * w, neuron(w, b, x, t)[1]), "which is x"),
            (lambda *a: (neuron(*a)[0], 1.0), "w̄ is right, b̄ is not"),
            (lambda *a: (1.0, neuron(*a)[1]), "b̄ is right, w̄ is not"),
            (lambda w, b, x, t: 1.0, "return two numbers"),
            (lambda w, b, x, t: (1.0, 1.0), "row by row"),
            (5, "answer with a function"),
            (failing, "ZeroDivisionError"),
        ],
        waiting=[nothing],
    ),
    "11-1": Answers(
        right=["forward mode", "forward"], wrong=[("reverse mode", "10,000"), ("reverse", "10,000")]
    ),
    "11-2": Answers(
        right=[15],
        wrong=[
            (21, "recorded"),
            (6, "that is one run"),
            (5, "the first run"),
            (30, "one step shorter"),
            (16, "one too many"),
            (7, "how many steps to the state"),
        ],
    ),
    "11-3": Answers(
        right=[100],
        wrong=[
            (2, "all columns meet"),
            (3, "three diagonals"),
            (1, "a single combination"),
            (99, "meets all others"),
            (50, "two columns for each pass"),
            (101, "one too many"),
            (200, "no row in common"),
        ],
    ),
    "12-1": Answers(
        right=[0.064],
        wrong=[
            (1e-4, "smaller steps"),
            (1e-4 / 640, "other way round"),
            (6.4e-3, "64 examples of 10"),
            (1e-3, "64 examples of 10"),
            (640, "that is the factor"),
            (1.0, "dividing the loss by 640"),
        ],
    ),
    "12-2": Answers(
        right=["batch", "minibatch", "mini-batch", "batch: each step sees 16 examples, chosen at random"],
        wrong=[
            ("order", "does not depend on the order"),
            ("order: each step sees all 64 examples, in a random order", "does not depend on the order"),
            ("weights: each run starts from other random weights", "start is then random"),
            ("rate: a larger learning rate", "a larger step"),
        ],
    ),
    "12-3": Answers(
        right=[gradients, lambda *a: list(gradients(*a))],
        wrong=[
            (lambda *a: gradients(*a, factor=1.0), "the 2 is missing"),
            (lambda *a: gradients(*a, factor=-2.0), "sign"),
            (lambda *a: gradients(*a, slope=lambda z, a: 1.0), "without its local derivative"),
            (lambda *a: gradients(*a, slope=lambda z, a: z > 0), "the ReLU's local derivative"),
            (lambda *a: gradients(*a, slope=lambda z, a: 1 - z**2), "not 1 − z²"),
            (lambda *a: gradients(*a, slope=lambda z, a: 1 - a), "the square is missing"),
            (changed(0, np.transpose), "is it transposed"),
            (changed(3, lambda g: np.tile(g, (5, 1))), "sum over the rows"),
            (changed(2, lambda g: 3 * g), "right for w1 and b1 and b2, not for w2"),
            (lambda *a: [np.zeros_like(g) for g in gradients(*a)], "not one of the four"),
            (lambda *a: (1.0, list(gradients(*a))), "that is what by_hand returns"),
            (lambda *a: 1.0, "return four arrays"),
            (lambda *a: gradients(*a)[:3], "not 3 things"),
            (failing, "ZeroDivisionError"),
            (5, "answer with a function"),
        ],
        waiting=[nothing],
    ),
    "13-1": Answers(
        right=[
            lambda g, out, x: g * np.exp(x - out),
            lambda g, out, x: (g * np.exp(x - out),),
            lambda g, out, x: g * np.exp(x - np.max(x)) / np.sum(np.exp(x - np.max(x))),
        ],
        wrong=[
            (lambda g, out, x: np.exp(x - out), "multiplied by g"),
            (lambda g, out, x: g * np.exp(x), "divided by the whole sum"),
            (lambda g, out, x: g * np.exp(x) / out, "out is the sum's logarithm"),
            (lambda g, out, x: g * np.exp(out - x), "upside down"),
            (lambda g, out, x: g * np.ones(x.shape), "larger ones count more"),
            (lambda g, out, x: g * np.exp(x) / np.sum(np.exp(x)), "is right, but it overflows"),
            (lambda g, out, x: g * np.exp(x) / np.exp(out), "is right, but it overflows"),
            (lambda g, out, x: g * x, "log Σ"),
            (lambda g, out, x: g, "has the shape of x"),
            (lambda g, out, x: x.nothing, "AttributeError"),
            (3, "answer with a function"),
        ],
        waiting=[nothing],
    ),
    "13-2": Answers(
        right=[lambda g, out, theta: g / (3 * out**2 + 1)],
        wrong=[
            (lambda g, out, theta: g / (3 * theta**2 + 1), "which is out"),
            (lambda g, out, theta: g * (3 * out**2 + 1), "upside down"),
            (lambda g, out, theta: 1 / (3 * out**2 + 1), "g is missing"),
            (lambda g, out, theta: -g / (3 * out**2 + 1), "signs cancel"),
            (lambda g, out, theta: 0.0, "Differentiate both sides"),
        ],
        waiting=[nothing],
    ),
    "13-3": Answers(
        right=[1.5708, float(np.pi / 2)],
        wrong=[
            (0.0, "positive"),
            (np.pi / 4, "other"),
            (np.pi, "smaller one"),
            (1.0, "silent where"),
        ],
    ),
    "13-4": Answers(
        right=["both", "Both", "the first and the second"],
        wrong=[
            ("only the second", "a single call"),
            ("second", "a single call"),
            ("only the first", "x moves with θ"),
            ("neither", "whose solution"),
        ],
    ),
    "14-1": Answers(
        right=[24, 24.0],
        wrong=[
            (12, "inner derivative, 4x"),
            (36, "differentiate it"),
            (16, "its rate got into"),
            (7, "a formula in x"),
        ],
    ),
    "14-2": Answers(
        right=["forward over forward", "Forward-over-forward"],
        wrong=[
            ("forward over reverse", "it does: one forward pass"),
            ("reverse over forward", "made by a forward pass"),
            ("reverse over reverse", "keep the inner one"),
        ],
    ),
    "14-3": Answers(
        right=[
            along,
            lambda f, x, v: v @ adlib.hvp(f, (x,), (v,)),
            lambda f, x, v: float(v @ adlib.hvp(f, (x,), (v,))),
            lambda f, x, v: adlib.grad(adlib.grad(lambda s: f(x + s * v)))(0.0),
        ],
        wrong=[
            (lambda f, x, v: v @ adlib.hessian(f)(x) @ v, "as a Hessian's does"),
            (lambda f, x, v: float(v @ adlib.hessian(f)(x) @ v), "as a Hessian's does"),
            (lambda f, x, v: v @ adlib.jacobian(adlib.grad(f), mode="reverse")(x) @ v, "as a Hessian's does"),
            (second_quotient(1e-4), "a difference quotient"),
            (second_quotient(1e-2), "a difference quotient"),
            (lambda f, x, v: adlib.grad(lambda s: f(x + s * v))(0.0), "the first derivative along v"),
            (first_along, "the first derivative along v"),
            (lambda f, x, v: first_along(f, x, v) ** 2, "the square of the slope"),
            (lambda f, x, v: -along(f, x, v), "the sign is not"),
            (lambda f, x, v: along(f, x, v) / 2, "a factor of 2 is missing"),
            (lambda f, x, v: 1.0, "D(lambda s"),
            (lambda f, x, v: v, "not one number"),
            (failing, "ZeroDivisionError"),
            (-17.0, "answer with a function"),
        ],
        waiting=[nothing],
    ),
    "15-1": Answers(
        right=[
            safe,
            lambda p, q: 0.0 if np.all(p == q) else root(p, q),
            lambda p, q: 0.0 * np.sum(p) if np.all(p == q) else root(p, q),
        ],
        wrong=[
            (0.0, "answer with a function"),
            (lambda p: p, "it stops with TypeError"),
            (lambda p, q: p, "return one number"),
            (lambda p, q: np.sum(np.abs(p - q)), "the distance of (1, 2) and (4, 6) is 5"),
            (lambda p, q: np.sum((p - q) ** 2), "is 5"),
            (root, "still nan where they meet"),
            (lambda p, q: np.where(np.all(p == q), 0.0, root(p, q)), "still nan"),
            (lambda p, q: float(root(p, q)), "adlib cannot follow it"),
            (lambda p, q: norm(p - q), "do without it"),
            (lambda p, q: np.linalg.norm(p - q), "do without it"),
            (lambda p, q: np.sqrt(np.sum((p - q) ** 2) + 1e-30), "changes the value"),
            (lambda p, q: np.sqrt(np.maximum(np.sum((p - q) ** 2), 1e-30)), "changes the value"),
            (
                lambda p, q: root(p, q) if np.sum((p - q) ** 2) > 1e-12 else 0.0 * np.sum(p),
                "close, but apart",
            ),
            (lambda p, q: np.sqrt(np.sum((np.floor(p) - q) ** 2)), "where the points are apart"),
            (lambda p, q: safe(p, q) + np.sum(np.maximum(p - q, 0.0)), "where they meet the gradient is"),
        ],
        waiting=[nothing],
    ),
    "15-2": Answers(
        right=[0.16],
        wrong=[
            (0.1, "after one step"),
            (0.2, "takes something away"),
            (0.25, "the equation's derivative"),
            (0.0, "enters in the first step"),
            (1.0, "put that into the second"),
        ],
    ),
    "15-3": Answers(
        right=["the derivative of a step is 0", "derivative is 0"],
        wrong=[("a bug of the library", "a small difference"), ("the learning rate", "any rate times 0")],
    ),
}
