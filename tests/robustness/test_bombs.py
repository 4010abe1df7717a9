"""Small requests that are made to cost much: refused at once, and the next request is served."""

import gzip
import json
from collections.abc import Callable

import pytest
from harness import RunningServer

Start = Callable[..., RunningServer]
VERIFY = "/v1/verify/reliability"
ASK = {"prompt": "When did the tower open?", "output": "The tower opened in 1889.", "context": "It opened in 1889."}
PATHS = (VERIFY, "/v1/chat/completions", "/v1/embeddings", "/v1/batches", "/v1/uploads")
DEEP = 200_000


@pytest.fixture(scope="module")
def server(server_with: Start) -> RunningServer:
    return server_with()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body",
    [
        b"[" * DEEP,
        b'{"prompt":' * DEEP,
        b'{"prompt": ' + b"[" * DEEP + b"]" * DEEP + b"}",
        b'{"model": ' + b"9" * DEEP + b"}",
        b'{"model": -1e' + b"9" * DEEP + b"}",
        b'{"' + b"a" * DEEP + b'": 1}',
        b"{" + b",".join(b'"%d": 1' % number for number in range(50_000)) + b"}",
        b'{"prompt": "' + b"\\ud800" * 50_000 + b'"}',
        b"\0" * DEEP,
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)
def test_a_body_that_is_made_to_cost_is_refused_at_once(server: RunningServer, path: str, body: bytes) -> None:
    with server.client(headers={"content-type": "application/json"}) as client:
        answer = client.post(path, content=body)
        assert (answer.status_code, set(answer.json()["error"])) == (400, {"message", "type", "param", "code"})
        assert len(answer.content) < 2_000
        assert client.post(VERIFY, json=ASK).status_code == 200


def test_a_compressed_body_is_not_unpacked_and_its_client_hears_why(server: RunningServer) -> None:
    bomb = gzip.compress(json.dumps(ASK | {"padding": "a" * 20_000_000}).encode())
    with server.client(headers={"content-encoding": "gzip", "content-type": "application/json"}) as client:
        answer = client.post(VERIFY, content=bomb)
    assert answer.status_code == 400
    assert "content-encoding 'gzip'" in answer.json()["error"]["message"]


BOUNDARY = "b"
PART = b'--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'


@pytest.mark.parametrize(
    "form",
    [
        PART * 5_000 + b"--b--\r\n",
        b"--b\r\n" + b"x-header: a\r\n" * 50_000 + b"\r\n\r\n--b--\r\n",
        b"--b\r\ncontent-disposition: form-data; name=" + b"a" * 200_000 + b"\r\n\r\n--b--\r\n",
        b'--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\n' + b"a" * 200_000 + b"\r\n--b--\r\n",
        b"--b" + b"-" * 500_000,
        PART[:30],
    ],
    ids=["parts", "headers", "long header", "long field", "no boundary", "half a part"],
)
def test_a_form_that_is_made_to_cost_is_refused(server: RunningServer, form: bytes) -> None:
    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    with server.client(headers=headers) as client:
        answer = client.post("/v1/files", content=form)
    assert answer.status_code in (400, 413)
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
