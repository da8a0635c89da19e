"""What adlib/lesson/data holds, made anew by PyTorch and scikit-learn: `make test-peers`.

These are not in the locks, so these tests are left out elsewhere, by their marker and never silently: here a missing
package is an error.  `tests/unit/test_data.py` tests the recorded files themselves, everywhere.
"""

import re

import numpy as np
import pytest

import adlib
from adlib import nn, optim
from adlib.lesson import data
from adlib.lesson.examples import article_network
from tests.tools import reference
from tests.tools.notebooks import TEXTS

pytestmark = pytest.mark.peers


def test_pytorch_computes_what_is_recorded():
    np.testing.assert_allclose(reference.pytorch_losses(), data.pytorch_run().losses, rtol=1e-9)


def test_pytorch_s_answers_to_old_code_are_still_of_the_recorded_kind():
    kind = {old: answer.split()[0] for old, answer in data.pytorch_run().old_api.items()}
    assert {old: answer.split()[0] for old, answer in reference.old_api().items()} == kind


def test_the_notebook_s_program_runs_on_pytorch_as_its_listing_says():
    text = (TEXTS / "12_toy_neural_network.py").read_text(encoding="utf-8")
    program = re.search(r"^def program\(.*?\n    return model, losses\n", text, re.MULTILINE | re.DOTALL)[0]
    listing = re.search(r"^# ```python\n(.*?)^# ```\n", text, re.MULTILINE | re.DOTALL)[1]
    x, y, weights = article_network(0)
    names = {"np": np, "x": x, "y": y, "weights": weights, "watch": lambda steps, losses: range(steps)}
    import torch

    before = torch.get_default_dtype()
    try:
        exec(program + re.sub("^# ?", "", listing, flags=re.MULTILINE), names)
    finally:
        torch.set_default_dtype(before)
    np.testing.assert_allclose(names["their_losses"], data.pytorch_run().losses, rtol=1e-9)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("activation", ["ReLU", "Tanh", "Sigmoid", "Identity"])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_layers_losses_and_optimizer_mean_what_pytorch_s_do(momentum, activation, reduction):
    import torch

    x, y, weights = article_network(5, sizes=(7, 4, 6, 3))

    def trained(nn, optim, as_array, dtype):
        model = nn.Sequential(nn.Linear(4, 6, **dtype), getattr(nn, activation)(), nn.Linear(6, 3, **dtype))
        model.load_state_dict({name: as_array(w) for name, w in weights.items()})
        loss_function = nn.MSELoss(reduction=reduction)
        optimizer = optim.SGD(model.parameters(), lr=0.005, momentum=momentum)
        losses = []
        for _ in range(20):
            loss = loss_function(model(as_array(x)), as_array(y))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses, [name for name, _ in model.named_parameters()]

    ours, names = trained(nn, optim, np.array, {})
    theirs, their_names = trained(torch.nn, torch.optim, torch.from_numpy, {"dtype": torch.float64})
    assert names == their_names
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize("reduction", ["sum", "mean", "none"])
@pytest.mark.parametrize("size", [1.0, 1000.0])
@pytest.mark.parametrize("shape", [(4,), (6, 4), (2, 4, 3)])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_cross_entropy_means_what_pytorch_s_does(reduction, size, shape, dtype):
    import torch

    rng = np.random.default_rng(1)
    x = (size * rng.standard_normal(shape)).astype(dtype)
    t = rng.integers(0, 4, np.delete(shape, min(1, len(shape) - 1)))
    ours, theirs = adlib.Variable(x), torch.tensor(x, requires_grad=True)
    loss = nn.CrossEntropyLoss(reduction=reduction)(ours, t)
    their_loss = torch.nn.CrossEntropyLoss(reduction=reduction)(theirs, torch.tensor(t))
    rtol = {"float64": 1e-12, "float32": 2e-6}[dtype]
    np.testing.assert_allclose(loss.value, their_loss.detach(), rtol=rtol, atol=rtol)
    np.sum(loss).backward()
    their_loss.sum().backward()
    np.testing.assert_allclose(ours.grad, theirs.grad, rtol=rtol, atol=rtol)
    assert ours.grad.dtype == dtype
    with pytest.raises(RuntimeError):  # what we refuse by our own words
        torch.nn.CrossEntropyLoss()(torch.zeros(3, 2), torch.zeros(3, 1, dtype=int))


def test_pytorch_draws_weights_from_the_same_interval():
    import torch

    for inputs, outputs in ((1000, 100), (100, 10)):
        layer = torch.nn.Linear(inputs, outputs)
        for parameter in layer.parameters():
            assert 0.7 * inputs**-0.5 < parameter.abs().max().item() <= inputs**-0.5


def test_the_digits_are_scikit_learn_s():
    from sklearn.datasets import load_digits

    images, labels = data.handwritten_digits()
    loaded = load_digits()
    np.testing.assert_array_equal(images * 16, loaded.images)
    np.testing.assert_array_equal(labels, loaded.target)
