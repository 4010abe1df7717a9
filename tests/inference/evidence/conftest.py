"""What the tests of evidence share."""

from collections.abc import Iterator

import pytest

from tests.inference.evidence.local_web import LocalWeb, local_web


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    with local_web() as server:
        yield server
