"""What `touchstone doctor` asks a model hub, and what it makes of the answer."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from huggingface_hub import constants

from server.doctor.hub import look_up

KEY = "a-key-of-this-test"
FILES = {"siblings": [{"rfilename": "a.safetensors", "size": 7}, {"rfilename": "b.safetensors", "size": 5}]}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A hub with the models org/one, org/old (now org/one), org/private (for KEY) and org/busy."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            model = self.path.partition("?")[0].removeprefix("/api/models/org/")
            may = model != "private" or self.headers.get("authorization") == f"Bearer {KEY}"
            status = {"old": 307, "busy": 500, "none": 404}.get(model, 200 if may else 401)
            self.send_response(status)
            if status == 307:
                self.send_header("location", "/api/models/org/one?blobs=true")
            self.end_headers()
            self.wfile.write(json.dumps(FILES if status == 200 else {"error": "no"}).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    yield url
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("model", ["org/one", "org/old"])
def test_a_model_has_the_size_of_its_weights_under_its_old_name_too(hub: str, model: str) -> None:
    found = look_up(model, offline=False)
    assert (found.cached, found.size, found.problem) == (False, 12, "")


def test_a_private_model_is_looked_up_with_the_token(hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "HF_TOKEN" in look_up("org/private", offline=False).remedy
    monkeypatch.setenv("HF_TOKEN", KEY)
    assert look_up("org/private", offline=False).size == 12


@pytest.mark.parametrize(("model", "said"), [("org/none", "has no model"), ("org/busy", "answers 500")])
def test_what_the_hub_will_not_tell_is_a_problem(hub: str, model: str, said: str) -> None:
    assert said in look_up(model, offline=False).problem


def test_nothing_is_asked_offline_and_what_the_environment_forbids_is_a_problem(
    hub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = look_up("org/one", offline=True)
    assert (found.size, found.problem) == (None, "")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in look_up("org/one", offline=False).problem
