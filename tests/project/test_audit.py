"""What `make audit` says of what it was told, and that it takes no silence for an answer."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from docs.make_licences import Pin
from tests.audit.audit import by_registry, pages_of, verdict

GOOD, BAD, OLD, ABSENT = Pin("good", "1.0"), Pin("bad", "2.0"), Pin("old", "1.0"), Pin("absent", "1.0")
PAGES: dict[str, dict[str, Any]] = {
    "good": {"info": {"version": "1.0"}, "vulnerabilities": []},
    "bad": {
        "info": {"version": "2.0"},
        "vulnerabilities": [{"id": "PYSEC-1"}, {"id": "PYSEC-2", "withdrawn": "2026-01-01T00:00:00Z"}],
    },
    "old": {"info": {"version": "1.1"}, "vulnerabilities": []},
}


class Pages(BaseHTTPRequestHandler):
    """A registry that has the page of each package, and of no version."""

    def do_GET(self) -> None:
        page = PAGES.get(self.path.removeprefix("/pypi/").removesuffix("/json"))
        self.send_response(200 if page else 404)
        self.end_headers()
        self.wfile.write(json.dumps(page).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the output is the test's."""


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_page_tells_of_the_newest_version_alone(registry: str) -> None:
    assert by_registry(pages_of([GOOD, BAD, OLD, ABSENT], registry)) == {GOOD: [], BAD: ["PYSEC-1"]}


def test_a_registry_that_cannot_be_reached_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert pages_of([GOOD], "http://127.0.0.1:1") == {}
    assert "cannot be asked" in capsys.readouterr().err


def test_a_vulnerability_fails_and_is_named() -> None:
    status, text = verdict([BAD, GOOD], {BAD: ["PYSEC-1"], GOOD: []}, {}, strict=False)
    assert status == 1
    assert "VULNERABLE: bad 2.0: PYSEC-1" in text


def test_what_nobody_tells_of_is_named_and_fails_where_that_is_asked() -> None:
    for strict, expected in ((False, 0), (True, 2)):
        status, text = verdict([GOOD, OLD, ABSENT], {GOOD: []}, {OLD: PAGES["old"]}, strict=strict)
        assert status == expected
        assert "NOT KNOWN whether these have vulnerabilities" in text
        assert "  old 1.0: its page is of 1.1; https://osv.dev/list?ecosystem=PyPI&q=old\n" in text
        assert "  absent 1.0: it has no page; https://osv.dev/" in text
        assert "1 of 3 packages have no known vulnerability" in text


def test_to_be_told_nothing_at_all_is_no_pass() -> None:
    status, text = verdict([GOOD, OLD], {}, {}, strict=False)
    assert status == 2
    assert "can be reached" in text


def test_all_that_is_known_to_be_good_passes() -> None:
    assert verdict([GOOD], {GOOD: []}, {}, strict=True) == (0, "1 of 1 packages have no known vulnerability")
