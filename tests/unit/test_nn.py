"""The network of the article, and the errors of layers and optimizer."""

import mpmath
import numpy as np
import pytest

import adlib
from adlib import Variable, nn, optim

N, D_IN, H, D_OUT, LR = 64, 1000, 100, 10, 1e-4


def network(seed, dtype=np.float64):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((N, D_IN)).astype(dtype), rng.standard_normal((N, D_OUT)).astype(dtype)
    layers = nn.Linear(D_IN, H, rng=rng, dtype=dtype), nn.ReLU(), nn.Linear(H, D_OUT, rng=rng, dtype=dtype)
    return x, y, nn.Sequential(*layers)


def train(model, x, y, steps):
    loss_function, optimizer = nn.MSELoss(reduction="sum"), optim.SGD(model.parameters(), lr=LR)
    losses = []
    for _ in range(steps):
        loss = loss_function(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("seed", range(3))
def test_the_article_s_network_learns_as_fast_as_it_should(seed):
    x, y, model = network(seed)
    losses = train(model, x, y, 101)
    assert 640 < losses[0] < 760
    assert 1.4 < losses[100] < 3.2
    assert np.all(np.diff(losses) < 0)


def test_one_step_equals_one_step_by_hand():
    x, y, model = network(0)
    w1, b1, w2, b2 = (p.value.copy() for p in model.parameters())
    hidden = x @ w1.T + b1
    active = np.maximum(hidden, 0)
    error = active @ w2.T + b2 - y
    g = 2 * error
    g_hidden = (g @ w2) * (hidden > 0)
    by_hand = [(w1, g_hidden.T @ x), (b1, g_hidden.sum(axis=0)), (w2, g.T @ active), (b2, g.sum(axis=0))]

    (loss,) = train(model, x, y, 1)
    np.testing.assert_allclose(loss, np.sum(error**2), rtol=1e-12)
    for parameter, (before, gradient) in zip(model.parameters(), by_hand, strict=True):
        np.testing.assert_allclose(parameter.grad, gradient, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(parameter.value, before - LR * gradient, rtol=1e-12, atol=1e-14)


def test_float32_stays_float32():
    x, y, model = network(0, np.float32)
    assert nn.MSELoss()(model(x), y).dtype == np.float32
    train(model, x, y, 1)
    assert (
        {p.value.dtype for p in model.parameters()}
        == {p.grad.dtype for p in model.parameters()}
        == {np.dtype("f4")}
    )


def test_weights_start_uniform_within_one_over_the_root():
    layer = nn.Linear(400, 50, rng=1)
    assert (layer.weight.shape, layer.bias.shape) == ((50, 400), (50,))
    for p in layer.parameters():
        assert 0.04 < np.abs(p.value).max() <= 0.05
        assert abs(p.value.std() - 0.05 / 3**0.5) < 0.004


def test_the_same_seed_gives_the_same_network():
    assert np.array_equal(nn.Linear(5, 3, rng=7).weight.value, nn.Linear(5, 3, rng=7).weight.value)
    assert not np.array_equal(nn.Linear(5, 3, rng=7).weight.value, nn.Linear(5, 3, rng=8).weight.value)


@pytest.mark.parametrize(("reduction", "want"), [("sum", 5.0), ("mean", 2.5), ("none", [1.0, 4.0])])
def test_reductions(reduction, want):
    prediction = Variable(np.array([1.0, 2.0]))
    loss = nn.MSELoss(reduction=reduction)(prediction, np.array([0.0, 4.0]))
    np.testing.assert_array_equal(loss.value, want)


def test_relu_has_slope_zero_at_zero():
    x = Variable(np.array([-1.0, 0.0, 2.0]))
    np.sum(nn.ReLU()(x)).backward()
    np.testing.assert_array_equal(x.grad, [0, 0, 1])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize(
    ("layer", "value", "slope"),
    [
        (nn.ReLU(), lambda x: np.maximum(x, 0), lambda x: x > 0),
        (nn.Tanh(), np.tanh, lambda x: 1 / np.cosh(x) ** 2),
        (nn.Sigmoid(), sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
        (nn.Identity(), lambda x: x, np.ones_like),
    ],
    ids=["ReLU", "Tanh", "Sigmoid", "Identity"],
)
def test_activations(layer, value, slope):
    x = Variable(np.array([-3.0, -0.5, 0.0, 0.7, 4.0]))
    y = layer(x)
    np.sum(y * 1.0).backward()
    np.testing.assert_allclose(layer(x.value), value(x.value), rtol=1e-12)
    np.testing.assert_allclose(x.grad, slope(x.value), rtol=1e-12)


def test_a_sigmoid_far_out_neither_overflows_nor_warns():
    x = Variable(np.array([-800.0, 800.0]))
    y = nn.Sigmoid()(x)
    np.testing.assert_array_equal(y.value, [0, 1])
    np.sum(y).backward()
    np.testing.assert_array_equal(x.grad, [0, 0])


def test_momentum_keeps_a_part_of_the_last_step():
    p = Variable(np.array([1.0, -2.0]))
    optimizer = optim.SGD([p], lr=0.1, momentum=0.5)
    by_hand, velocity = p.value.copy(), 0.0
    for _ in range(4):
        optimizer.zero_grad()
        np.sum(p**2).backward()
        optimizer.step()
        velocity = 0.5 * velocity + 2 * by_hand
        by_hand = by_hand - 0.1 * velocity
        np.testing.assert_allclose(p.value, by_hand, rtol=1e-14)


def test_momentum_of_a_plain_number():
    p = Variable(1.0)
    optimizer = optim.SGD([p], lr=0.25, momentum=0.5)
    for want in (0.5, 0.0, -0.25):  # v = 2, 1 + 1, 1 + 0
        optimizer.zero_grad()
        (p * p).backward()
        optimizer.step()
        assert p.value == want
        assert type(p.value) is float


@pytest.mark.parametrize("momentum", [-0.1, 1.0, float("nan")])
def test_momentum_is_below_one(momentum):
    with pytest.raises(ValueError, match="momentum must be at least 0 and below 1"):
        optim.SGD([Variable(1.0)], lr=1.0, momentum=momentum)


class Residual(nn.Module):
    def __init__(self, inner):
        self.scale, self.inner, self.words = Variable(0.5), inner, "not a parameter"

    def forward(self, x):
        return x + self.scale * self.inner(x)


def test_parameters_are_found_among_the_attributes_of_a_module():
    model = nn.Sequential(Residual(nn.Linear(2, 2, rng=0)), np.tanh, nn.Linear(2, 1, rng=1))
    names = ["0.scale", "0.inner.weight", "0.inner.bias", "2.weight", "2.bias"]
    assert [name for name, _ in model.named_parameters()] == names
    np.sum(model(np.ones((3, 2)))).backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())
    assert (len(model), repr(model[2])) == (3, "Linear(2, 1)")


def test_a_layer_used_twice_has_its_parameters_once():
    layer = nn.Linear(2, 2, rng=0)
    model = nn.Sequential(layer, nn.ReLU(), layer)
    assert len(model.parameters()) == 2
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    with pytest.raises(ValueError, match="there twice"):
        optim.SGD([*layer.parameters(), *layer.parameters()], lr=1.0)


def test_a_module_without_forward_says_so():
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match="Empty does not define forward"):
        Empty()(1.0)


def test_they_are_there_after_import_adlib():
    assert adlib.nn is nn
    assert adlib.optim is optim
    assert repr(optim.SGD([Variable(1.0)], lr=0.1)) == "SGD(parameters: 1, lr=0.1)"


def test_gradients_add_up_until_zero_grad():
    p = Variable(np.array([3.0]))
    optimizer = optim.SGD([p], lr=0.5)
    for _ in range(2):
        np.sum(p * p).backward()
    np.testing.assert_array_equal(p.grad, [12])
    optimizer.step()
    np.testing.assert_array_equal(p.value, [-3])
    np.testing.assert_array_equal(p.grad, [12])  # a step only reads it
    optimizer.zero_grad()
    assert p.grad is None


def test_a_gradient_that_is_a_read_only_view_serves():
    p = Variable(np.ones((2, 3)))
    optimizer = optim.SGD([p], lr=0.5)
    np.sum(p).backward()
    optimizer.step()
    np.testing.assert_array_equal(p.value, np.full((2, 3), 0.5))


def test_a_parameter_that_the_loss_does_not_use_stays():
    p, unused = Variable(1.0), Variable(5.0)
    optimizer = optim.SGD([p, unused], lr=0.5)
    (p * p).backward()
    optimizer.step()
    assert (p.value, unused.value) == (0.0, 5.0)
    assert type(p.value) is float


def test_state_goes_out_and_in():
    one, other = (nn.Sequential(nn.Linear(3, 2, rng=s), nn.ReLU(), nn.Linear(2, 1, rng=s)) for s in (0, 1))
    x = np.ones((4, 3))
    assert not np.array_equal(one(x).value, other(x).value)
    other.load_state_dict(one.state_dict())
    assert list(one.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    np.testing.assert_array_equal(one(x).value, other(x).value)
    assert not np.shares_memory(one.parameters()[0].value, other.parameters()[0].value)


def test_a_state_that_does_not_fit_changes_nothing():
    layer = nn.Linear(3, 2, rng=0)
    before = layer.weight.value.copy()
    with pytest.raises(ValueError, match=r"has \['bias', 'weight'\], but was given \['weight'\]"):
        layer.load_state_dict({"weight": np.zeros((2, 3))})
    with pytest.raises(ValueError, match=r"bias has shape \(2,\), not \(3,\)"):
        layer.load_state_dict({"weight": np.zeros((2, 3)), "bias": np.zeros(3)})
    np.testing.assert_array_equal(layer.weight.value, before)


def test_errors_name_the_layer_and_the_shapes():
    model = nn.Sequential(nn.Linear(4, 3, rng=0), nn.ReLU(), nn.Linear(2, 1, rng=0))
    assert nn.Linear(2, 3)([[1, 2], [3, 4]]).shape == (2, 3)
    with pytest.raises(ValueError, match=r"Linear\(2, 1\): the input has shape \(5, 3\).*2 long"):
        model(np.ones((5, 4)))
    with pytest.raises(ValueError, match=r"prediction has shape \(4, 1\), and the target \(4,\)"):
        nn.MSELoss()(np.ones((4, 1)), np.ones(4))
    with pytest.raises(ValueError, match="'mean', 'sum' or 'none', not 'average'"):
        nn.MSELoss(reduction="average")
    with pytest.raises(ValueError, match="at least 1"):
        nn.Linear(0, 3)


@pytest.mark.parametrize("lr", [0.0, -1e-4, float("nan")])
def test_the_learning_rate_is_positive(lr):
    with pytest.raises(ValueError, match="learning rate must be positive"):
        optim.SGD([Variable(1.0)], lr=lr)


def test_the_optimizer_wants_leaves():
    with pytest.raises(TypeError, match=r"in a list, as in SGD\(\[w\], lr\)"):
        optim.SGD(Variable(1.0), lr=1.0)
    with pytest.raises(ValueError, match="no parameters"):
        optim.SGD([], lr=1.0)
    with pytest.raises(TypeError, match="Variable that you made"):
        optim.SGD([Variable(1.0) * 2], lr=1.0)
    with pytest.raises(TypeError, match="Variable that you made"):
        optim.SGD([np.ones(2)], lr=1.0)


def test_a_step_before_backward_says_so():
    p = Variable(1.0)
    optimizer = optim.SGD([p], lr=1.0)
    with pytest.raises(RuntimeError, match=r"Call loss\.backward\(\) first"):
        optimizer.step()
    (p * p).backward()
    optimizer.zero_grad()
    with pytest.raises(RuntimeError, match="no parameter has a gradient"):
        optimizer.step()


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def cross_entropy_to_50_digits(logits, target):
    with mpmath.workdps(50):
        total = mpmath.fsum(mpmath.exp(mpmath.mpf(float(x))) for x in logits)
        return float(mpmath.log(total) - mpmath.mpf(float(logits[target])))


@pytest.mark.parametrize("size", [1.0, 30.0, 1000.0, 1e6])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_cross_entropy_and_its_derivatives(size, dtype):
    rng = np.random.default_rng(3)
    x = (size * rng.uniform(-1, 1, (5, 4))).astype(dtype)
    t = rng.integers(0, 4, 5)
    loss = nn.CrossEntropyLoss(reduction="none")
    rtol = 1e-12 if dtype is np.float64 else 1e-5
    wants = [cross_entropy_to_50_digits(row, k) for row, k in zip(x, t, strict=True)]
    np.testing.assert_allclose(loss(x, t), wants, rtol=rtol, atol=rtol)
    assert loss(x, t).dtype == dtype

    total = nn.CrossEntropyLoss(reduction="sum")
    p, y = softmax(x.astype(float)), np.eye(4)[t]
    found = adlib.grad(total)(x, t)
    np.testing.assert_allclose(found, p - y, rtol=rtol, atol=10 * rtol)
    assert found.dtype == dtype
    tangent = rng.standard_normal(x.shape).astype(dtype)
    np.testing.assert_allclose(
        adlib.jvp(lambda x: loss(x, t), (x,), (tangent,))[1],
        ((p - y) * tangent).sum(1),
        rtol=100 * rtol,
        atol=10 * rtol,
    )
    np.testing.assert_allclose(
        adlib.grad(nn.CrossEntropyLoss())(x, t), (p - y) / 5, rtol=rtol, atol=10 * rtol
    )

    hessian = adlib.hessian(lambda row: total(row, t[0]))(x[0])
    np.testing.assert_allclose(hessian, np.diag(p[0]) - np.outer(p[0], p[0]), rtol=rtol, atol=10 * rtol)


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 3, 5), (2, 3, 2, 2)])
def test_the_classes_lie_along_axis_1_or_the_only_one(shape):
    rng = np.random.default_rng(0)
    x, axis = rng.standard_normal(shape), min(1, len(shape) - 1)
    t = rng.integers(0, 3, shape[:axis] + shape[axis + 1 :])
    p = softmax(np.moveaxis(x, axis, -1))
    want = -np.log(np.take_along_axis(p, t[..., None], -1)[..., 0])
    np.testing.assert_allclose(nn.CrossEntropyLoss(reduction="none")(x, t), want, rtol=1e-12)
    np.testing.assert_allclose(
        nn.CrossEntropyLoss(reduction="sum")(Variable(x), t).value, want.sum(), rtol=1e-12
    )
    np.testing.assert_allclose(nn.CrossEntropyLoss()(x.tolist(), t.tolist()), want.mean(), rtol=1e-12)
    adlib.check_grads(lambda x: nn.CrossEntropyLoss()(x, t), (x,))


def test_a_class_that_is_ruled_out_costs_nothing_to_its_neighbours():
    x = np.array([0.5, -np.inf, 1.0])
    np.testing.assert_allclose(adlib.grad(nn.CrossEntropyLoss())(x, 0), softmax(x) - [1, 0, 0], rtol=1e-15)


def test_cross_entropy_does_not_let_targets_be_something_else():
    loss, x = nn.CrossEntropyLoss(), np.zeros((3, 2))
    with pytest.raises(
        TypeError, match=r"float64, and a class is an integer\n.*\n  Write target.astype\(int\)"
    ):
        loss(x, np.array([0.0, 1.0, 1.0]))
    with pytest.raises(TypeError, match="bool, and a class is an integer"):
        loss(x, np.array([True, False, True]))
    with pytest.raises(ValueError, match=r"shape \(3, 2\), and the target \(3, 1\)(.|\n)*targets \(N,\)"):
        loss(x, np.array([[0], [1], [1]]))
    with pytest.raises(ValueError, match=r"write np.argmax\(target, axis=1\)"):
        loss(x, np.eye(2)[[0, 1, 1]])
    with pytest.raises(ValueError, match=r"shape \(\), and the target \(\)"):
        loss(0.5, 0)
    for wrong in (2, -1, -100):
        with pytest.raises(ValueError, match=f"there is no class {wrong}(.|\n)*classes are 0 to 1"):
            loss(Variable(x), [0, wrong, 1])
    with pytest.raises(ValueError, match="CrossEntropyLoss: reduction is 'mean', 'sum' or 'none'"):
        nn.CrossEntropyLoss(reduction="average")
    assert repr(loss) == "CrossEntropyLoss(reduction='mean')"
