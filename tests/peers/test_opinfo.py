"""1,700 of PyTorch's own samples: adlib's derivative is PyTorch's, or adlib refuses for a reason that is listed."""

import pytest

from tests.peers import opinfo

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def report():
    return opinfo.run()


def test_no_answer_differs(report):
    assert report.different == []


def test_most_samples_can_be_compared(report):
    assert report.equal > 1000
    assert report.incomparable.total() < 700


def test_what_is_refused_is_listed_with_its_cause(report):
    assert opinfo.written(report) == opinfo.REFUSED.read_text(encoding="utf-8")
