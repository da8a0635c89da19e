"""Variables and `backward()`: adding up, calling twice, forgetting, copying, reading."""

import copy
import pickle

import numpy as np
import pytest

import adlib
from adlib import nn
from adlib.optim import SGD

X = np.array([1.0, 2.0, 3.0])


def test_a_value_that_is_used_twice_receives_twice():
    """micrograd#2 and micrograd#64: without an order, b hands on before it has received everything."""
    a = adlib.Variable(1.0)
    b = a + a
    c = b + b
    c.backward()
    assert a.grad == 4.0


def test_backward_twice():
    x = adlib.Variable(3.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad == 12.0  # they add up, as in PyTorch
    with pytest.raises(RuntimeError, match=r"released by an earlier backward\(\)(.|\n)*retain_graph=True"):
        y.backward()
    z = y * 2.0
    with pytest.raises(RuntimeError, match="released"):
        z.backward()
    x.grad = None
    (x * x).backward()
    assert x.grad == 6.0


def test_backward_twice_needs_to_be_meant():
    """micrograd#53 and micrograd#102: the second call also adds up what the first left in the middle."""
    a, b = adlib.Variable(3.0), adlib.Variable(2.0)
    e = (a + b) * 5.0
    e.backward(retain_graph=True)
    e.backward()
    assert (a.grad, b.grad) == (10.0, 10.0)  # twice 5, as PyTorch adds; micrograd has 15
    with pytest.raises(RuntimeError, match="released by an earlier backward"):
        e.backward()


def test_backward_of_two_results_that_share():
    x = adlib.Variable(2.0)
    shared = x * x
    (shared * 3.0).backward(retain_graph=True)
    (shared + 1.0).backward()
    assert x.grad == 16.0


def test_backward_of_a_leaf():
    x = adlib.Variable(2.0)
    x.backward()
    assert x.grad == 1.0


def test_derivatives_inside_what_backward_walks():
    w = adlib.Variable(5.0)
    adlib.grad(lambda s: s * s * w * w)(2.0).backward()
    assert w.grad == 40.0
    w.grad = None
    adlib.jvp(lambda s: s * s * w * w, (2.0,), (1.0,))[1].backward()
    assert w.grad == 40.0


def test_grad_has_the_type_of_the_leaf():
    for value in (2.0, np.float32(2.0), np.float64(2.0), np.array(2.0), np.array([2.0, 3.0], np.float32)):
        leaf = adlib.Variable(value)
        np.sum(leaf * leaf).backward()
        assert type(leaf.grad) is type(value)
        assert np.asarray(leaf.grad).dtype == np.asarray(value).dtype
        assert np.shape(leaf.grad) == np.shape(value)


def test_item_reads_a_variable():
    x = adlib.Variable(1.5)
    loss = x * x
    assert (loss.item(), type(loss.item())) == (2.25, float)
    assert adlib.Variable(np.array([[3.0]], np.float32)).item() == 3.0
    assert adlib.Variable(np.array([[3.0, 4.0]])).item(0, 1) == 4.0
    with pytest.raises(
        ValueError, match=r"x\.item\(\): the value has shape \(2,\)(.|\n)*x\.value is the whole"
    ):
        adlib.Variable(np.ones(2)).item()
    loss.backward()
    assert (loss.item(), x.grad) == (2.25, 3.0)  # reading changes nothing


def test_gradients_of_the_last_step_stay_until_they_are_forgotten():
    """PyTorch's most asked question; zero_grad() is the answer."""
    p = adlib.Variable(1.0)
    for expected in (2.0, 4.0):
        (p * 2.0).backward()
        assert p.grad == expected
    SGD([p], lr=0.1).zero_grad()
    (p * 2.0).backward()
    assert p.grad == 2.0


def test_a_step_between_a_loss_and_its_backward():
    """PyTorch: "one of the variables needed for gradient computation has been modified by an inplace operation"."""
    weights = adlib.Variable(np.ones(2))
    optimizer = SGD([weights], lr=0.1)
    one, two = np.sum(weights * weights), np.sum(weights**3)
    one.backward()
    optimizer.step()
    with pytest.raises(RuntimeError, match="a parameter was changed after this value was computed"):
        two.backward()
    np.sum(weights**3).backward()


def test_copies():
    """pytorch#3307 (the copy forgot its gradient) and pytorch#1678 (only leaves could be copied)."""
    leaf = adlib.Variable(np.array([1.0, 2.0]))
    np.sum(leaf * leaf).backward()
    for twin in (copy.copy(leaf), copy.deepcopy(leaf), pickle.loads(pickle.dumps(leaf))):
        assert twin is not leaf
        np.testing.assert_array_equal(twin.grad, [2.0, 4.0])
        twin.grad = None
        np.sum(twin**3).backward()
        np.testing.assert_array_equal(twin.grad, [3.0, 12.0])
    np.testing.assert_array_equal(leaf.grad, [2.0, 4.0])
    for copied in (copy.copy, copy.deepcopy, np.copy):  # inside a function, a copy is a value like any other
        assert adlib.grad(lambda x: copied(x * x))(3.0) == 6.0  # noqa: B023
        np.testing.assert_array_equal(adlib.grad(lambda x: np.sum(copied(x) * x))(X), 2 * X)  # noqa: B023


def test_a_network_can_be_copied_and_pickled():
    """pytorch#54580: deepcopy(model) fails where a computed value is kept on the model; the parameters are leaves."""
    net = nn.Sequential(nn.Linear(3, 2, rng=np.random.default_rng(0)), nn.ReLU())
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        pairs = list(zip(net.parameters(), twin.parameters(), strict=True))
        assert all(p is not q and p.value is not q.value for p, q in pairs)
        np.sum(twin(X[None, :])).backward()
        assert all(p.grad is None for p, _ in pairs)
        SGD(twin.parameters(), lr=0.1).step()
    np.testing.assert_array_equal(net(X[None, :]).value, copy.deepcopy(net)(X[None, :]).value)


def test_text_of_tracked_values():
    seen = []
    adlib.jvp(lambda x: seen.append((repr(x), f"{x:.2f}", f"{x}")) or x, (1.5,), (2.0,))
    assert seen == [("Dual(1.5, 2.0)", "1.50", "Dual(1.5, 2.0)")]
    assert repr(adlib.Variable(1.5)) == "Variable(1.5)"
