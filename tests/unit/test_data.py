"""The recorded files: PyTorch's run, which ours must meet, and the digits."""

import numpy as np
import pytest

from adlib import nn, optim
from adlib.lesson import data, examples


def test_all_500_losses_are_pytorch_s():
    recorded = data.pytorch_run()
    x, y, weights = examples.article_network(recorded.seed)
    model = nn.Sequential(nn.Linear(1000, 100), nn.ReLU(), nn.Linear(100, 10))
    model.load_state_dict(weights)
    loss_function, optimizer = nn.MSELoss(reduction="sum"), optim.SGD(model.parameters(), lr=1e-4)
    losses = []
    for _ in range(500):
        loss = loss_function(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    np.testing.assert_allclose(losses, recorded.losses, rtol=1e-9)


def test_the_record_is_in_the_article_s_range():
    losses = data.pytorch_run().losses
    assert losses.shape == (500,)
    assert np.all(np.diff(losses) < 0)
    assert 648 <= round(losses[0]) <= 756
    assert 1.4 < losses[100] < 3.2
    assert 4e-7 < losses[499] < 2.3e-5


def test_the_record_says_where_it_comes_from():
    run = data.pytorch_run()
    assert int(run.version.split(".")[0]) >= 2
    assert set(run.old_api) == {"Variable(x)", "MSELoss(size_average=False)", "loss.data[0]"}


def test_the_network_starts_as_our_layers_do():
    x, y, weights = examples.article_network(4, sizes=(3, 5, 4, 2))
    rng = np.random.default_rng(4)
    np.testing.assert_array_equal(x, rng.standard_normal((3, 5)))
    np.testing.assert_array_equal(y, rng.standard_normal((3, 2)))
    model = nn.Sequential(nn.Linear(5, 4, rng=rng), nn.ReLU(), nn.Linear(4, 2, rng=rng))
    assert list(model.state_dict()) == list(weights)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, weights[name])


def test_the_digits():
    images, labels = data.handwritten_digits()
    assert (images.shape, labels.shape) == ((1797, 8, 8), (1797,))
    assert np.array_equal(np.unique(images), np.arange(17) / 16)
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    with pytest.raises(ValueError, match="read-only"):
        images[0] = 0
