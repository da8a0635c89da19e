"""What readers answer to the exercises of notebooks 00 to 06, and words of what each answer is told."""

import numpy as np

from tests.exercises.answers import Answers, failing, nothing


def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


def combined(f, x, h):
    return (4 * central(f, x, h) - central(f, x, 2 * h)) / 3


def unwritten(*_):
    raise NotImplementedError


def paths(operands, start):
    if start == len(operands) - 1:
        return 1
    users = [(row, list(used).count(start)) for row, used in enumerate(operands) if start in used]
    return sum(count * paths(operands, row) for row, count in users)


def survey_rate(x1, x2, d1, d2):
    return d1 / x1 + d1 * x2 + x1 * d2 - np.cos(x2) * d2


ANSWERS = {
    "00-1": Answers(
        right=["reverse mode", "Reverse mode ", "reverse", "reverse-mode", "backpropagation"],
        wrong=[
            ("forward mode", "how many directions"),
            ("forward", "how many directions"),
            ("numerical", "count the runs"),
            ("finite differences", "count the runs"),
            ("symbolic", "as a formula"),
        ],
        waiting=["by luck", 7, "", ["reverse mode"]],
    ),
    "00-2": Answers(
        right=[1001, 1001.0, np.int64(1001)],
        wrong=[
            (1000, "where you stand: once"),
            (1002, "one too many"),
            (999, "count values of f"),
            (2000.0, "central difference"),
            (2001, "none is shared"),
            (1, "reverse mode"),
            (2, "there are 1000"),
            (-1001, "not negative"),
            (1001.5, "whole"),
            (2002, "count values of f"),
            (12345, "count values of f"),
            ("1001", "answer with a number"),
            (True, "answer with a number"),
            (np.nan, "not a finite number"),
            (np.ones(3), "one number"),
        ],
    ),
    "01-1": Answers(
        right=[lambda x1, x2: x1 - np.cos(x2)],
        wrong=[
            (lambda x1, x2: x1 + np.cos(x2), "subtracted"),
            (lambda x1, x2: 1 / x1 + x2, "by x₁"),
            (lambda x1, x2: 1 / x1 + x1 - np.cos(x2), "derivative by x₂ is 0"),
            (lambda x1, x2: x2 - np.cos(x2), "not by x₂"),
            (lambda x1, x2: x1 - np.sin(x2), "a cosine"),
            (lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2), "y itself"),
            (lambda x1, x2: 0.0, "Three terms"),
            (3.0, "without calling it"),
        ],
        waiting=[nothing, unwritten],
    ),
    "01-2": Answers(
        right=[1, 1.0],
        wrong=[
            (0.5, "a single step arrives"),
            (2, "the derivative of θ² is 2θ"),
            (0.0, "slowly"),
            (3.0, "When is that no smaller"),
        ],
    ),
    "01-3": Answers(
        right=[1.77, 1.772, 1.7724, 1.7725, 1.77245385, float(np.sqrt(np.pi))],
        wrong=[
            (1.78, "nan already"),  # f(2, 1.78) is nan
            (1.773, "nan already"),
            (1.775, "nan already"),
            (1.76, "still has a value"),
            (np.pi, "not x₂"),
            (1.2533141, "largest value"),
            (2.5066283, "second time"),
            (-1.77, "positive"),
            (1.5, "both conditions"),
        ],
    ),
    "01-4": Answers(
        right=["stochastic", "SGD", "stochastic gradient descent", "minibatch", "mini-batch"],
        wrong=[("plain", "over all examples"), ("full batch", "over all examples")],
    ),
    "02-1": Answers(
        right=["round-off", "roundoff", "rounding", "Rounding error"],
        wrong=[
            ("truncation", "other slope"),
            ("both", "only one of them grows"),
            ("a bug", "how many digits"),
        ],
    ),
    "02-2": Answers(
        right=[1e-8, 1e-9, 1.5e-8, 1e-7],
        wrong=[
            (1e-3, "truncation still rules"),
            (5e-7, "truncation still rules"),
            (1e-5, "central difference's step"),
            (1e-12, "round-off rules"),
            (-1e-8, "positive"),
            (0, "positive"),
            ("1e-8", "answer with a number"),
        ],
    ),
    "02-3": Answers(
        right=[combined],
        wrong=[
            (central, "combine two of them"),
            (lambda f, x, h: (f(x + h) - f(x)) / h, "start from the central"),
            (lambda f, x, h: 2 * central(f, x, h) - central(f, x, 2 * h), "4 times as large"),
            (lambda f, x, h: (4 * central(f, x, 2 * h) - central(f, x, h)) / 3, "swapped"),
            (lambda f, x, h: (4 * central(f, x, h / 2) - central(f, x, h)) / 3, "of h/2 and h"),
            (lambda f, x, h: 4 * central(f, x, h) - central(f, x, 2 * h), "add up to 3"),
            (lambda f, x, h: (central(f, x, h) + central(f, x, 2 * h)) / 2, "mean keeps"),
            (lambda f, x, h: -combined(f, x, h), "sign"),
            (lambda f, x, h: 2 * combined(f, x, h), "factor of 2"),
            (lambda f, x, h: 0.0, "for (x⁵, 1.0, 0.5) it gives 0"),
            (lambda f, x: 0.0, "TypeError"),
            (lambda f, x, h: "no", "not one number"),
            (3.0, "without calling it"),
        ],
        waiting=[nothing, unwritten],
    ),
    "02-4": Answers(
        right=["abs", "np.abs", "absolute value"],
        wrong=[
            ("exp", "exp is analytic"),
            ("sqrt", "sqrt is analytic"),
            ("np.sin", "analytic everywhere"),
            ("sin", "analytic"),
        ],
    ),
    "03-1": Answers(
        right=[91],
        wrong=[
            (43, "that is l₄"),
            (187, "that is l₆"),
            (15, "as a DAG"),
            (376, "the derivative"),
            (90, "the whole counts"),
            (92, "one too many"),
            (182, "s → 2s + 5"),
        ],
    ),
    "03-2": Answers(
        right=[lambda u, du: ("mul", ("exp", u), du), lambda u, du: ("mul", du, ("exp", u))],
        wrong=[
            (5, "answer with a function"),
            (lambda u: u, "it stops with TypeError"),
            (lambda u, du: ("exp", u), "times du"),
            (lambda u, du: ("exp", du), "taken at u, not at du"),
            (lambda u, du: 1, "return a tree"),
            (lambda u, du: ("add", u, du), "compare the case of sin"),
        ],
        waiting=[nothing],
    ),
    "03-3": Answers(
        right=["x ← x · sin x", "x * sin(x)"],
        wrong=[
            ("x ← sin x", "square of n"),
            ("x ← x**2", "mentions x once"),
            ("x ← x + 1", "the derivative is 1"),
        ],
    ),
    "04-1": Answers(
        right=[2**20, 1_048_576.0],
        wrong=[
            (40, "two ways"),
            (80, "edges"),
            (400, "not doubling"),
            (20, "the number of diamonds"),
            (2**19, "first diamond"),
            (2**21, "1 path, not 2"),
            (2**20 - 1, "multiply"),
            (2**20 + 1, "one too many"),
            (7, "how many paths"),
        ],
    ),
    "04-2": Answers(
        right=[8, 4.001, 6],
        wrong=[
            (5, "began with"),
            (4, "exactly 1"),
            (3, "twice"),
            (9, "4 times"),
            (0.5, "0 times"),
            (2, "once"),
        ],
    ),
    "04-3": Answers(
        right=[paths],
        wrong=[
            (lambda operands, start: sum(used.count(start) for used in operands), "in its own number"),
            (lambda operands, start: 1, "for ("),
            (lambda operands, start: paths([sorted(set(u)) for u in operands], start), "counts twice"),
            (failing, "ZeroDivisionError"),
        ],
        waiting=[nothing],
    ),
    "04-4": Answers(
        right=[8],
        wrong=[
            (120, "every order"),
            (24, "v₅ is last"),
            (2, "change places"),
            (6, "before both"),
            (4, "may change theirs"),
            (1, "could have waited"),
            (16, "does anything else"),
            (7, "one too few"),
            (60, "which gates need which"),
        ],
    ),
    "05-1": Answers(
        right=["v5", "v_5", "v₅", "V5"],
        wrong=[
            ("v₁", "grows with v₀"),
            ("v₂", "cosine"),
            ("v₃", "quotient rule"),
            ("v_4", "logarithm"),
            ("v₄", "logarithm"),
            ("v₆", "product rule"),
        ],
    ),
    "05-2": Answers(
        right=[3],
        wrong=[
            (15, "a whole column of 5"),
            (5, "one for each output"),
            (8, "which of the two"),
            (1, "how many directions"),
            (6, "one pass gives"),
        ],
    ),
    "05-3": Answers(
        right=[1.063516, 1.064, 1.063],
        wrong=[
            (0.940278, "upside down"),
            (-1.063516, "sign"),
            (1.0, "small, but not 0"),
            (0.0, "which is not 0"),
            (5.0, "solve for ẋ₂"),
        ],
    ),
    "05-4": Answers(
        right=[survey_rate],
        wrong=[
            (lambda a, b, p, q: p / a + p * b + a * q + np.cos(b) * q, "comes with a minus"),
            (lambda a, b, p, q: p / a + p * q - np.cos(b) * q, "not the product of the tangents"),
            (lambda a, b, p, q: p / a + a * q - np.cos(b) * q, "the first is missing"),
            (lambda a, b, p, q: p / a + p * b - np.cos(b) * q, "the second is missing"),
            (lambda a, b, p, q: 1 / a + p * b + a * q - np.cos(b), "multiplied by the operand's"),
            (lambda a, b, p, q: np.log(a) + a * b - np.sin(b), "asks for ẏ"),
            (lambda a, b, p, q: 0.0, "Write a tangent"),
        ],
        waiting=[nothing],
    ),
    "06-1": Answers(
        right=[10],
        wrong=[
            (-3, "belongs to ε²"),
            (14, "sign"),
            (7, "that is 10 − 3"),
            (8, "real part"),
            (12, "one of two products"),
            (3, "times the ε part"),
        ],
    ),
    "06-2": Answers(
        right=[
            lambda u, a, v, b: (u / v, (a * v - u * b) / v**2),
            lambda u, a, v, b: [u / v, (a * v - u * b) / v**2],
            lambda u, a, v, b: np.array([u / v, (a * v - u * b) / v**2]),
        ],
        wrong=[
            ("f", "answer with a function"),
            (lambda u: u, "it stops with TypeError"),
            (lambda u, a, v, b: u / v, "return two numbers"),
            (lambda u, a, v, b: [u, [a, v]], "return two numbers"),
            (lambda u, a, v, b: (u * v, 0.0), "the real part"),
            (lambda u, a, v, b: (u / v, (u * b - a * v) / v**2), "the sign is not"),
            (lambda u, a, v, b: (u / v, a * v - u * b), "divide it by v²"),
            (lambda u, a, v, b: (u / v, a / v), "the coefficient of ε"),
        ],
        waiting=[nothing],
    ),
    "06-3": Answers(
        right=["overloading", "operator overloading", "Operator-overloading"],
        wrong=[("transformation", "each statement"), ("source transformation", "each statement")],
    ),
}
