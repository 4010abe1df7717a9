"""Under which address the server is reached, and which engine would be the server itself."""

import pytest

from server.http.listening import is_own, url_of


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:3001"),
        ("0.0.0.0", "http://127.0.0.1:3001"),
        ("::", "http://[::1]:3001"),
        ("[::1]", "http://[::1]:3001"),
        ("box.example", "http://box.example:3001"),
    ],
)
def test_the_address_is_one_that_this_machine_reaches(host: str, url: str) -> None:
    assert url_of(host, 3001) == url


@pytest.mark.parametrize(
    ("url", "host", "own"),
    [
        ("http://127.0.0.1:3001/v1", "127.0.0.1", True),
        ("http://localhost:3001", "127.0.0.1", True),
        ("http://localhost:3001", "0.0.0.0", True),
        ("http://[::1]:3001", "::1", True),
        ("http://BOX.example:3001/v1", "box.example", True),
        ("http://127.0.0.1:3002/v1", "127.0.0.1", False),
        ("http://[::1]:3001", "127.0.0.1", False),
        ("http://other.example:3001", "127.0.0.1", False),
        ("https://127.0.0.1/v1", "127.0.0.1", False),
    ],
)
def test_an_engine_that_is_the_server_itself_is_known(url: str, host: str, own: bool) -> None:
    assert is_own(url, host, 3001) is own
