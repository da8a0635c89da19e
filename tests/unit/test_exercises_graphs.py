"""The exercises of notebook 04: right answers are right, likely mistakes get their own hint."""

import pytest

from adlib import exercises
from adlib.exercises import check


def paths(operands, start):
    if start == len(operands) - 1:
        return 1
    users = [(row, list(used).count(start)) for row, used in enumerate(operands) if start in used]
    return sum(count * paths(operands, row) for row, count in users)


RIGHT = {"04-1": 1_048_576, "04-2": 8, "04-3": paths, "04-4": 8}
WRONG = [
    ("04-1", 40, "two ways"),
    ("04-1", 80, "edges"),
    ("04-1", 2**19, "first diamond"),
    ("04-1", 7, "how many paths"),
    ("04-2", 5, "began with"),
    ("04-2", 4, "exactly 1"),
    ("04-2", 3, "twice"),
    ("04-2", 9, "4 times"),
    ("04-2", 0.5, "0 times"),
    ("04-2", 2, "once"),
    ("04-3", lambda operands, start: sum(used.count(start) for used in operands), "in its own number"),
    ("04-3", lambda operands, start: 1, "for ("),
    ("04-3", lambda operands, start: paths([sorted(set(used)) for used in operands], start), "counts twice"),
    ("04-4", 120, "every order"),
    ("04-4", 24, "v₅ is last"),
    ("04-4", 2, "change places"),
]


def test_every_exercise_has_an_answer_here():
    assert {name for name in exercises.REGISTRY if name.startswith("04-")} == set(RIGHT)


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_right(name):
    assert check(name, RIGHT[name]).state == "right"


@pytest.mark.parametrize("given", [4.001, 6, 8])
def test_every_input_with_three_turns_is_right(given):
    assert check("04-2", given)


@pytest.mark.parametrize(("name", "answer", "hint"), WRONG)
def test_wrong(name, answer, hint):
    verdict = check(name, answer)
    assert verdict.state == "wrong"
    assert hint in verdict.reason


def test_the_number_of_orders_is_what_networkx_counts():
    import networkx as nx

    from adlib import examples
    from adlib.trace import trace

    g = trace(examples.survey, 2.0, 5.0).graph()
    gates = g.subgraph([n for n in g if g.pred[n]])
    assert len(list(nx.all_topological_sorts(gates))) == RIGHT["04-4"]
