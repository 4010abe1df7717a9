"""No library that the server loads reports its use. What reports does so from a queue in the user's folder."""

from collections.abc import Callable
from pathlib import Path

import pytest
from harness import RunningServer

pytestmark = pytest.mark.process


def test_a_server_that_judges_and_embeds_leaves_nothing_in_the_users_folder(
    start_server: Callable[..., RunningServer], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    places = {name: str(home / name.lower()) for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    server = start_server(fresh=True, HOME=str(home), ORT_DISABLE_TELEMETRY="0", **places)
    with server.client() as client:
        asked = {"prompt": "Where is Paris?", "output": "Paris is in France."}
        assert client.post("/v1/verify/reliability", json=asked).status_code == 200
        embedded = client.post("/v1/embeddings", json={"model": "touchstone/all-minilm-l6-v2", "input": "Paris"})
        assert embedded.status_code == 200
        libraries = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "onnxruntime" in libraries
    assert list(home.rglob("*")) == []
    assert server.stop() == 0
    assert list(home.rglob("*")) == []
