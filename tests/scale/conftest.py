"""Tests with other machines' parts: a real PostgreSQL, a real S3 server, a Ray cluster. `make test-scale` runs them."""

from pathlib import Path

import pytest

SUITE = Path(__file__).parent
TEST_TIMEOUT_S = 300  # the first test may pay for an installation


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SUITE in item.path.parents:
            item.add_marker(pytest.mark.timeout(TEST_TIMEOUT_S))
