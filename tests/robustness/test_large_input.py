"""Much text: answered right where it is within the limits, refused by name where it is not."""

from typing import Any

import pytest
from harness import RunningServer

VERIFY = "/v1/verify/reliability"
MCP = "/v1/mcp"

FACT = "The Marlow bridge was opened in 1937."
FILLER = "The river is long and the hills beside it are green. "
DOCUMENT_CHARS = 5_000_000
SENTENCE_CHARS = 200_000
QUESTION = "When was the Marlow bridge opened?"


def large_document() -> str:
    """Five megabytes of no interest with the one fact in the middle, and characters before it of every width."""
    half = FILLER * (DOCUMENT_CHARS // 2 // len(FILLER))
    return "Größe, 高さ, 🗼. " + half + FACT + " " + half


def long_sentence() -> str:
    """One sentence without an end, of words."""
    return ("The tower stands beside the river" + ", and the wall follows it" * 8_000)[: SENTENCE_CHARS - 1] + "."


def post(server: RunningServer, body: dict[str, Any]) -> Any:
    with server.client() as client:
        answer = client.post(VERIFY, json=body)
    assert answer.status_code == 200, answer.text[:500]
    return answer.json()


@pytest.fixture(scope="module")
def document() -> str:
    return large_document()


@pytest.mark.parametrize(
    ("year", "verdict"), [("1937", "supported"), pytest.param("1951", "refuted", marks=pytest.mark.fuzz)]
)
def test_one_sentence_in_the_middle_of_five_megabytes_decides_and_is_quoted_with_its_place(
    running_server: RunningServer, document: str, year: str, verdict: str
) -> None:
    answer = f"The Marlow bridge was opened in {year}."
    body = post(running_server, {"prompt": QUESTION, "output": answer, "context": document})
    assert body["verdict"] == verdict
    (claim,) = body["claims"]
    assert claim["evidence"][0]["quote"] == FACT
    assert claim["evidence"][0]["start"] == document.index(FACT)
    for evidence in claim["evidence"]:
        assert document[evidence["start"] : evidence["end"]] == evidence["quote"]


@pytest.mark.fuzz
def test_over_mcp_five_megabytes_are_read_as_well(running_server: RunningServer, document: str) -> None:
    arguments = {"prompt": QUESTION, "response": FACT, "documentContent": document}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"} | {
        "params": {"name": "verify_document", "arguments": arguments}
    }
    with running_server.client(headers={"accept": "application/json"}) as client:
        body = client.post(MCP, json=call).json()["result"]["structuredContent"]
    assert body["verdict"] == "supported"
    assert body["claims"][0]["evidence"][0]["start"] == document.index(FACT)


def test_a_sentence_of_200_000_characters_as_the_response_is_answered_whole(running_server: RunningServer) -> None:
    sentence = long_sentence()
    assert len(sentence) == SENTENCE_CHARS
    body = post(running_server, {"prompt": "Where?", "output": sentence, "context": "The tower stands in Rome."})
    claims = body["claims"]
    assert claims
    assert (claims[0]["start"], claims[-1]["end"]) == (0, SENTENCE_CHARS)
    assert all(0 <= claim["start"] < claim["end"] <= SENTENCE_CHARS for claim in claims)


def test_a_sentence_of_200_000_characters_as_the_document_is_read_to_its_end(running_server: RunningServer) -> None:
    document = long_sentence().removesuffix(".") + ", and the Marlow bridge was opened in 1937."
    body = post(running_server, {"prompt": QUESTION, "output": FACT, "context": document})
    evidence = [item for claim in body["claims"] for item in claim["evidence"]]
    assert evidence, body["explanation"]
    for item in evidence:
        assert document[item["start"] : item["end"]] == item["quote"]
    assert "1937" in evidence[0]["quote"]


@pytest.mark.parametrize(
    "text", ["a" * SENTENCE_CHARS, "\u0301" * 50_000 + "a", "((((" * 50_000, "- " * 100_000 + "a", "\n" * 200_000 + "a"]
)
def test_text_that_no_sentence_ends_is_answered_within_bounds(running_server: RunningServer, text: str) -> None:
    for body in (
        {"prompt": "Q?", "output": text, "context": "The tower stands."},
        {"prompt": "Q?", "output": "The tower stands.", "context": text},
        {"prompt": text, "output": "The tower stands.", "context": "The tower stands."},
    ):
        post(running_server, body)


@pytest.mark.parametrize(
    "face", ["rest", *(pytest.param(face, marks=pytest.mark.fuzz) for face in ("rest, streamed", "mcp"))]
)
def test_ten_thousand_claims_are_refused_with_limit_and_setting(running_server: RunningServer, face: str) -> None:
    text = " ".join(f"Tower {number} is {number} metres tall." for number in range(10_000))
    arguments = {"prompt": "How tall?", "response": text, "documentContent": "Tower 1 is 1 metre tall."}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"} | {
        "params": {"name": "verify_document", "arguments": arguments}
    }
    body = {"prompt": "How tall?", "output": text, "context": "Tower 1 is 1 metre tall.", "stream": "stream" in face}
    with running_server.client(headers={"accept": "application/json"}) as client:
        if face == "mcp":
            result = client.post(MCP, json=call).json()["result"]
            assert result["isError"]
            message, name = result["content"][0]["text"], "response"
        else:
            answer = client.post(VERIFY, json=body)
            error = answer.json()["error"]
            assert (answer.status_code, error["code"], error["param"]) == (413, "too_large", "output")
            message, name = error["message"], "output"
    assert f"{name} makes 10,000 claims; the limit is 1,000" in message
    assert "TOUCHSTONE_CLAIMS_MAX" in message


@pytest.mark.parametrize(
    ("field", "limit", "setting"),
    [
        ("prompt", 1_000_000, "TOUCHSTONE_PROMPT_CHARS_MAX"),
        ("output", 1_000_000, "TOUCHSTONE_RESPONSE_CHARS_MAX"),
        ("context", 10_000_000, "TOUCHSTONE_DOCUMENT_CHARS_MAX"),
    ],
)
def test_a_text_over_its_limit_is_refused_with_limit_and_setting(
    running_server: RunningServer, field: str, limit: int, setting: str
) -> None:
    body = {"prompt": "Q?", "output": "The tower stands.", "context": "The tower stands."} | {field: "a" * (limit + 1)}
    with running_server.client() as client:
        answer = client.post(VERIFY, json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (413, "too_large", field)
    assert f"{limit + 1:,} characters; the limit is {limit:,}" in error["message"]
    assert setting in error["message"]
