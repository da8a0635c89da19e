"""Orders and path counts against networkx and brute force; the layout's promises on many graphs."""

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlib.lesson import examples
from adlib.study.graph import count_paths, layout, levels, reachable, topological_order, uses
from adlib.study.trace import trace

F = trace(examples.f, 2.0, 1.0).graph()


def random_dag(nodes, seed, operands=2):
    random = np.random.default_rng(seed)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(nodes))
    for k in range(2, nodes):
        for p in random.choice(k, min(k, operands), replace=False):
            graph.add_edge(int(p), k)
    return graph


GRAPHS = {
    "f": F,
    "survey": trace(examples.survey, 2.0, 5.0).graph(),
    "trap": trace(examples.level_order_trap, 1.0).graph(),
    "logistic": trace(lambda x: examples.logistic(x, 11), 0.2).graph(),
    "diamonds": trace(lambda x: examples.diamonds(x, 8), 0.2).graph(),
    "square": trace(lambda x: x * x, 2.0).graph(),
    "fan out": nx.DiGraph([("x", k) for k in range(12)] + [(k, "y") for k in range(12)]),
    "skips": nx.DiGraph([(i, j) for i, j in itertools.combinations(range(7), 2)]),
    "single": nx.DiGraph([("x", "y")]),
    "apart": nx.DiGraph([("a", "b"), ("c", "d")]),
    **{f"random {seed}": random_dag(30, seed) for seed in range(4)},
    "deep": nx.path_graph(3000, create_using=nx.DiGraph),
}


@pytest.fixture(params=sorted(GRAPHS))
def graph(request):
    return GRAPHS[request.param]


def check_promises(graph):
    places = layout(graph)
    columns = {}
    for node, (x, y) in places.positions.items():
        columns.setdefault(x, []).append((y, node))
        assert 0 <= y <= places.rows - 1
        assert 0 <= x <= places.columns - 1
    for (source, target), route in places.routes.items():
        assert route[0] == places.positions[source]
        assert route[-1] == places.positions[target]
        assert [x for x, _ in route] == list(np.arange(route[0][0], route[-1][0] + 1))  # a layer at a time
        assert len(route) >= 2
        for x, y in route[1:-1]:  # where it passes a column, it passes no node
            assert all(abs(y - other) >= 0.75 for other, _ in columns.get(x, []))
    for column in columns.values():
        heights = sorted(y for y, _ in column)
        assert all(b - a >= 1 for a, b in itertools.pairwise(heights))
    for node, (x, _) in places.positions.items():
        before = [places.positions[p][0] for p in graph.predecessors(node)]
        assert x == 1 + max(before, default=-1)
    return places


def test_layout_keeps_its_promises(graph):
    check_promises(graph)


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 25), st.integers(0, 10**6), st.integers(1, 3))
def test_layout_keeps_its_promises_on_random_graphs(nodes, seed, operands):
    check_promises(random_dag(nodes, seed, operands))


def test_layout_is_deterministic():
    for name in ("f", "random 1"):
        again = nx.DiGraph(GRAPHS[name])
        assert layout(again) == layout(GRAPHS[name])


@pytest.mark.parametrize("name", ["f", "survey", "trap", "logistic", "diamonds", "fan out"])
def test_graphs_that_can_be_drawn_without_crossings_are(name):
    assert layout(GRAPHS[name]).crossings in ({0} if name != "fan out" else range(67))


def test_sweeps_remove_crossings():
    g = nx.DiGraph([("a", 3), ("b", 2), ("c", 1)])  # listed so that the first order crosses thrice
    g2 = nx.DiGraph()
    g2.add_nodes_from(["a", "b", "c", 1, 2, 3])
    g2.add_edges_from(g.edges)
    assert layout(g2).crossings == 0


def test_a_chain_stays_level():
    heights = {y for _, y in layout(nx.path_graph(9, create_using=nx.DiGraph)).positions.values()}
    assert heights == {0.0}
    places = layout(F).positions
    assert places["v_3"][1] == places["v_4"][1] == places["v_5"][1]


@pytest.mark.parametrize("bad", [nx.DiGraph(), nx.DiGraph([(1, 2), (2, 1)])])
def test_layout_refuses_what_is_no_dag(bad):
    with pytest.raises(ValueError, match="no cycle"):
        layout(bad)


def test_topological_order_is_the_order_of_the_run():
    for name in ("f", "survey", "logistic"):
        assert topological_order(GRAPHS[name]) == list(GRAPHS[name])


def test_topological_order_of_any_graph(graph):
    place = {node: k for k, node in enumerate(topological_order(graph))}
    assert len(place) == len(graph)
    assert all(place[a] < place[b] for a, b in graph.edges)


def test_levels_are_distances():
    g = GRAPHS["random 2"]
    (end, *_) = (n for n in g if not g[n])
    distance = nx.single_source_shortest_path_length(g.reverse(), end)
    found = levels(g, end)
    assert {n: k for k, level in enumerate(found) for n in level} == dict(distance)


def test_level_order_is_no_order_for_adjoints():
    assert levels(GRAPHS["trap"]) == [["v_4"], ["v_1", "v_3"], ["v_0", "v_2"]]


def test_paths_of_f():
    assert count_paths(F) == {
        "v_-1": 2, "v_0": 1, "v_1": 1, "v_2": 1, "v_3": 1, "v_4": 1, "v_5": 1, "v_6": 1,
    }  # fmt: skip


@pytest.mark.parametrize("k", [1, 7, 60])
def test_diamonds_double_their_paths(k):
    g = trace(lambda x: examples.diamonds(x, k), 0.3).graph()
    assert count_paths(g)["v_0"] == 2**k
    assert g.number_of_edges() == 4 * k


def test_paths_against_brute_force():
    g = random_dag(14, 3)
    end = 13
    for node in g:
        brute = 1 if node == end else len(list(nx.all_simple_paths(g, node, end)))
        assert count_paths(g, end)[node] == brute


def test_an_operand_used_twice_counts_twice():
    g = GRAPHS["square"]
    assert uses(g, ("v_0", "v_1")) == 2
    assert count_paths(g)["v_0"] == 2


def test_the_sum_over_paths_is_the_derivative():
    total = dict.fromkeys(F, 0.0)
    for path in nx.all_simple_paths(F, "v_-1", "v_6"):
        total["v_-1"] += np.prod([F.edges[edge]["partial"] for edge in itertools.pairwise(path)])
    np.testing.assert_allclose(total["v_-1"], 1.46782750442583198, rtol=1e-12)


def test_dead_nodes():
    def wasteful(x1, x2):
        np.sin(x1 * x2)
        return x1 + x2

    g = trace(wasteful, 2.0, 1.0).graph()
    assert reachable(g) == {"v_-1", "v_0", "v_3"}
    assert count_paths(g)["v_1"] == 0
