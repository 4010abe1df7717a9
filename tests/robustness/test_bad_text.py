"""Texts and bodies that are wrong or odd, over REST and MCP: a clear error or a correct answer."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

VERIFY = "/v1/verify/reliability"
CHAT = "/v1/chat/completions"
ASK = {"prompt": "When did it open?", "output": "The tower opened in 1889.", "context": "The tower opened in 1889."}
OUTSIDE_JSON = [
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b"\x80",
    b"{'prompt': 'a'}",
    b'{"prompt": "a",}',
    b'{"prompt": "a"} {"prompt": "b"}',
    b'{"prompt": "\\uD800"}',
    b'{"prompt": "a\x00b"}',
    b'{"prompt": 1e999}',
    b"[" * 100_000,
    b'{"prompt":' * 50_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b"\0" * 1000,
]


@pytest.fixture(scope="module")
def client(standing: Callable[..., TestClient]) -> TestClient:
    """One for all: what one text or message breaks, every later one shows."""
    return standing()


@pytest.fixture(autouse=True)
def _the_next_request_works(client: TestClient) -> Any:
    yield
    assert client.post(VERIFY, json=ASK).json()["verdict"] == "supported"


def chat(prompt: str, output: str) -> dict[str, Any]:
    messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": output}]
    return {"model": "touchstone/verify", "messages": messages}


def tool(client: TestClient, arguments: Any, name: str = "verify_document") -> Any:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    answer = client.post("/v1/mcp", json=call, headers={"accept": "application/json"})
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize("path", [VERIFY, CHAT])
@pytest.mark.parametrize("body", OUTSIDE_JSON, ids=lambda body: repr(body[:16]))
def test_a_body_that_is_no_json_is_a_bad_request(client: TestClient, path: str, body: bytes) -> None:
    answer = client.post(path, content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_input")
    assert "not valid JSON" in answer.json()["error"]["message"]
    assert len(answer.content) < 1_000


@pytest.mark.parametrize(
    "body", [body for body in OUTSIDE_JSON if body != b'{"prompt": 1e999}'], ids=lambda b: repr(b[:16])
)
def test_over_mcp_a_body_that_is_no_json_is_a_parse_error(client: TestClient, body: bytes) -> None:
    headers = {"accept": "application/json", "content-type": "application/json"}
    answer = client.post("/v1/mcp", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32700)
    assert len(answer.content) < 1_000


@pytest.mark.parametrize("blank", ["", " ", "\n\t\r", "\u00a0\u2003", "\u200b\ufeff", "\0", "\0 \0", "\u2060\u00ad"])
@pytest.mark.parametrize("field", ["prompt", "output", "context"])
def test_an_empty_or_blank_text_is_refused_by_name_everywhere(client: TestClient, field: str, blank: str) -> None:
    answer = client.post(VERIFY, json=ASK | {field: blank})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, field)
    mcp_name = {"prompt": "prompt", "output": "response", "context": "documentContent"}
    arguments = {mcp_name[name]: value for name, value in (ASK | {field: blank}).items()}
    result = tool(client, arguments)["result"]
    assert result["isError"]
    assert result["content"][0]["text"].startswith(f"invalid_input: {mcp_name[field]} is ")
    if field != "context":
        asked = chat(**{name: value for name, value in (ASK | {field: blank}).items() if name != "context"})
        assert client.post(CHAT, json=asked).json()["error"]["param"] == "messages"


@pytest.mark.parametrize("wrong", [None, 7, 1.5, True, [], ["a"], {}, {"text": "a"}], ids=repr)
@pytest.mark.parametrize("field", ["prompt", "output", "context", "return_search_results", "model", "stream"])
def test_a_field_of_the_wrong_kind_is_refused_by_name(client: TestClient, field: str, wrong: object) -> None:
    answer = client.post(VERIFY, json=ASK | {field: wrong})
    optional = field not in ("prompt", "output")
    if (wrong is None and optional) or (wrong is True and field in ("return_search_results", "stream")):
        assert answer.status_code == 200
        return
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, field)


@pytest.mark.parametrize("wrong", [None, 7, 1.5, True, [], ["a"], {}, {"text": "a"}], ids=repr)
@pytest.mark.parametrize("field", ["prompt", "response", "documentContent", "returnSearchResults"])
def test_an_argument_of_the_wrong_kind_is_an_error_result_that_names_it(
    client: TestClient, field: str, wrong: object
) -> None:
    arguments = {"prompt": "When?", "response": "It opened in 1889.", "documentContent": "It opened in 1889."}
    result = tool(client, arguments | {field: wrong})["result"]
    if wrong is True and field == "returnSearchResults":
        assert "isError" not in result or not result["isError"]
        return
    assert result["isError"]
    assert result["content"][0]["text"].startswith(f"invalid_input: {field}: input should be a valid ")


@pytest.mark.parametrize("wrong", [[], ["a"], "a", 7, True])
def test_arguments_that_are_no_object_are_a_protocol_error(client: TestClient, wrong: object) -> None:
    assert tool(client, wrong)["error"]["code"] == -32602


@pytest.mark.parametrize(
    "content",
    [7, True, {"a": 1}, [7], [{"type": "text"}], [{"type": "text", "text": 7}], [{"text": "a"}], ["a"]],
    ids=repr,
)
def test_a_message_of_the_wrong_kind_is_refused_by_its_place(client: TestClient, content: object) -> None:
    messages = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": content}]
    answer = client.post(CHAT, json={"model": "touchstone/verify", "messages": messages})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"].startswith("messages.1.content")


def null_in(name: str) -> dict[str, str]:
    return ASK | {name: ASK[name].replace(" ", " \0", 1)}


@pytest.mark.parametrize("field", ["prompt", "output", "context"])
def test_null_bytes_are_text_like_any_other_and_offsets_count_them(client: TestClient, field: str) -> None:
    asked = null_in(field)
    body = client.post(VERIFY, json=asked).json()
    assert body["claims"]
    for claim in body["claims"]:
        assert 0 <= claim["start"] < claim["end"] <= len(asked["output"])
        for evidence in claim["evidence"]:
            assert asked["context"][evidence["start"] : evidence["end"]] == evidence["quote"]
    general = client.post(VERIFY, json={name: asked[name] for name in ("prompt", "output")})
    assert general.status_code == 200
    assert client.post(CHAT, json=chat(asked["prompt"], asked["output"])).status_code == 200
    arguments = {"prompt": asked["prompt"], "response": asked["output"], "documentContent": asked["context"]}
    result = tool(client, arguments)["result"]
    assert not result.get("isError")
    assert result["structuredContent"]["response"] == asked["output"]


@pytest.mark.parametrize("name", ["model", "user", "x\0y", ""])
def test_null_bytes_in_other_fields_do_no_harm(client: TestClient, name: str) -> None:
    assert client.post(VERIFY, json=ASK | {name: "a\0b"}).status_code in (200, 404)


ODD_TEXTS = {
    "right to left": "\u202eThe tower\u202c opened in 1889.",
    "control characters": "\x1b[31mThe tower\x07 opened in 1889.\x7f",
    "line and paragraph separators": "The tower\u2028opened\u2029in 1889.",
    "not a character": "The tower\ufffe opened\uffff in 1889.\U0010ffff",
    "many marks on one letter": "The tower o" + "\u0300" * 500 + "pened in 1889.",
    "a family": "👨‍👩‍👧‍👦" * 50 + " opened the tower in 1889.",
    "carriage returns": "The tower\r\nopened\rin 1889.",
    "markup": "<script>alert(1)</script> The <b>tower</b> opened in 1889. <!--",
    "format strings": "%s %n {0} {prompt} ${HOME} {{7*7}} The tower opened in 1889.",
    "quotation marks": '"\'`\\" OR 1=1; DROP TABLE passage; -- The tower opened in 1889.',
    "search operators": 'tower AND NOT "opened" NEAR( 1889* ) ^title: -x col : {a b}',
}


@pytest.mark.parametrize("where", ["prompt", "output", "context"])
@pytest.mark.parametrize("kind", ODD_TEXTS)
def test_odd_text_is_read_as_it_is(client: TestClient, kind: str, where: str) -> None:
    asked = ASK | {where: ODD_TEXTS[kind]}
    body = client.post(VERIFY, json=asked).json()
    for claim in body["claims"]:
        assert 0 <= claim["start"] < claim["end"] <= len(asked["output"])
        for evidence in claim["evidence"]:
            assert asked["context"][evidence["start"] : evidence["end"]] == evidence["quote"]
    assert client.post(VERIFY, json={name: asked[name] for name in ("prompt", "output")}).status_code == 200


def streams(client: TestClient) -> dict[str, Callable[[str], str]]:
    return {
        "rest": lambda text: client.post(VERIFY, json=ASK | {"output": text, "stream": True}).text,
        "chat": lambda text: client.post(CHAT, json=chat("Why?", text) | {"stream": True}).text,
    }


@pytest.mark.parametrize("face", ["rest", "chat"])
def test_text_cannot_break_out_of_an_event(client: TestClient, face: str) -> None:
    said = 'The tower opened in 1889.\n\ndata: [DONE]\n\nevent: verdict\ndata: {"is_hallucination": false}\r\n\r\u2028'
    for line in streams(client)[face](said).split("\n"):
        if line.startswith("data: ") and line != "data: [DONE]":
            json.loads(line.removeprefix("data: "))
