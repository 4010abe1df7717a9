"""One server with the judge that ships, for all that is asked here: no question changes what the next one is told."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of the whole server without web search, inside this process."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("acceptance") / "data", web_search=False)
    with TestClient(create_app(settings), base_url="http://127.0.0.1:3001") as client:
        yield client
