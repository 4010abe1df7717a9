"""The whole server with a language model of a scripted engine: it writes queries, judges, and looks once more.

No web here: the queries go to sources that the test controls, and in one test to the starter corpus.
"""

import asyncio
import json
from io import StringIO
from typing import Any

import pytest
from harness import ClientOf
from rich.console import Console
from starlette.testclient import TestClient

from inference.engine.engines import Engines
from inference.evidence.model_queries import ModelQueryWriter
from inference.evidence.queries import ClaimAsQuery
from inference.testing.judge_answers import Said, asks_for_queries, honest_judge, judges, writes_queries
from inference.testing.scripted_engine import MODEL, Heard, ScriptedEngine
from inference.testing.scripted_reply import ScriptedReply, says
from inference.testing.scripted_search import ScriptedSearch
from inference.verdict import Passage, SourceKind
from server.cli.progress import progress_line, told
from server.house import House, build_house
from server.settings import Settings
from tools.question import MCP_FIELDS, Question
from tools.verify import conclusion

PATH = "/v1/verify/reliability"
TOWER = "The Eiffel Tower was completed in 1889."
ASK = {"prompt": "When was the Eiffel Tower built?", "output": TOWER}
PAGE = Passage("1", TOWER, SourceKind.WEB, "Towers", "https://example.org/towers")

STEPS = [
    "writing search queries for 1 claim",
    'searching for "tower year"',
    "judging 1 claim by what was found",
    "searching once more for 1 undecided claim",
    'searching for "eiffel tower completed"',
    "judging 1 claim by what was found",
]


def looks_twice(heard: Heard) -> ScriptedReply:
    """A model whose first query finds nothing, and whose second finds the page."""
    if not asks_for_queries(heard):
        return honest_judge(heard)
    again = "searched" in json.loads(heard.messages[-1]["content"])["claims"]["1"]
    return writes_queries({"1": ["eiffel tower completed" if again else "tower year"]})


def remembers(heard: Heard) -> ScriptedReply:
    """A model that finds nothing and knows it all the same."""
    return looks_twice(heard) if asks_for_queries(heard) else judges(Said("supported", basis="model knowledge"))


def writes_nonsense(heard: Heard) -> ScriptedReply:
    return says("I would rather not.") if asks_for_queries(heard) else honest_judge(heard)


@pytest.fixture
def search() -> ScriptedSearch:
    return ScriptedSearch({"eiffel tower completed": [PAGE], TOWER: [PAGE]})


def with_model(settings: Settings) -> Settings:
    return Settings(**(settings.model_dump() | {"judge_model": MODEL}))


def house_of(settings: Settings, script: Any, search: ScriptedSearch) -> House:
    engines = Engines([ScriptedEngine(script)])
    return build_house(with_model(settings), engines=engines, retrievers=(search,))


def events(client: TestClient) -> list[tuple[str, Any]]:
    text = client.post(PATH, json=ASK | {"stream": True}).text
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if block]
    return [(block["event"], json.loads(block["data"])) for block in blocks if "event" in block]


def test_a_model_that_judges_writes_the_queries_too_and_no_other_judge_does(settings: Settings) -> None:
    by_model = build_house(with_model(settings), engines=Engines([ScriptedEngine(honest_judge)]))
    assert isinstance(by_model.verifier.queries, ModelQueryWriter)
    assert isinstance(build_house(settings).verifier.queries, ClaimAsQuery)
    assert isinstance(build_house(settings, judge=by_model.verifier.judge).verifier.queries, ClaimAsQuery)


def test_rest_streams_each_step_before_the_claim_that_it_decided(
    client_of: ClientOf, settings: Settings, search: ScriptedSearch
) -> None:
    found = events(client_of(settings, house_of(settings, looks_twice, search)))
    assert [body["text"] for name, body in found if name == "step"] == STEPS
    assert [name for name, _ in found][-2:] == ["claim", "verdict"]
    assert [body["verdict"] for name, body in found if name == "claim"] == ["supported"]
    verdict = found[-1][1]
    assert (verdict["verdict"], verdict["is_hallucination"]) == ("supported", False)
    assert verdict["claims"][0]["evidence"][0]["link"] == PAGE.link


def test_the_answer_without_a_stream_is_the_same_and_its_usage_counts_every_call(
    client_of: ClientOf, settings: Settings, search: ScriptedSearch
) -> None:
    engine = ScriptedEngine(looks_twice)
    house = build_house(with_model(settings), engines=Engines([engine]), retrievers=(search,))
    body = client_of(settings, house).post(PATH, json=ASK).json()
    calls = [heard for heard in engine.heard if heard.path == "chat/completions"]
    assert len(calls) == 4
    assert body["usage"]["prompt_tokens"] == 4 * 100  # what the scripted engine says for each
    assert body["verdict"] == "supported"


def test_mcp_tells_each_step_as_progress_that_grows(
    client_of: ClientOf, settings: Settings, search: ScriptedSearch
) -> None:
    client = client_of(settings, house_of(settings, looks_twice, search))
    arguments = {"prompt": ASK["prompt"], "response": TOWER}
    params = {"name": "verify", "arguments": arguments, "_meta": {"progressToken": "t"}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    text = client.post("/stream", json=message, headers={"accept": "application/json, text/event-stream"}).text
    messages = [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]
    progress = [m["params"] for m in messages if m.get("method") == "notifications/progress"]
    assert [p["message"] for p in progress] == ["1 claims to judge", *STEPS, f"supported: {TOWER}"]
    amounts = [p["progress"] for p in progress]
    assert amounts == sorted(set(amounts))
    assert amounts[-1] == progress[-1]["total"] == 1
    assert messages[-1]["result"]["structuredContent"]["verdict"] == "supported"


def test_what_the_model_only_remembers_says_so_on_the_wire_and_in_words(
    client_of: ClientOf, settings: Settings
) -> None:
    body = client_of(settings, house_of(settings, remembers, ScriptedSearch())).post(PATH, json=ASK).json()
    assert (body["verdict"], body["is_hallucination"]) == ("supported", False)
    assert (body["claims"][0]["basis"], body["claims"][0]["evidence"]) == ("model knowledge", [])
    assert "The judge remembers this; no source was found that says it." in body["explanation"]


def test_queries_that_no_model_wrote_are_counted(
    client_of: ClientOf, settings: Settings, search: ScriptedSearch
) -> None:
    client = client_of(settings, house_of(settings, writes_nonsense, search))
    assert client.post(PATH, json=ASK).json()["verdict"] == "supported"
    assert "touchstone_query_fallbacks_total 1.0" in client.get("/metrics").text


def test_with_a_document_the_model_writes_no_queries(
    client_of: ClientOf, settings: Settings, search: ScriptedSearch
) -> None:
    engine = ScriptedEngine(honest_judge)
    house = build_house(with_model(settings), engines=Engines([engine]), retrievers=(search,))
    body = client_of(settings, house).post(PATH, json=ASK | {"context": f"Of towers. {TOWER}"}).json()
    assert body["verdict"] == "supported"
    assert not any(asks_for_queries(heard) for heard in engine.heard if heard.path == "chat/completions")
    assert search.asked == []


def test_an_engine_that_is_down_is_an_error_and_no_verdict(
    client_of: ClientOf, settings: Settings, search: ScriptedSearch
) -> None:
    engine = ScriptedEngine(honest_judge, down=True)
    house = build_house(with_model(settings), engines=Engines([engine]), retrievers=(search,))
    answer = client_of(settings, house).post(PATH, json=ASK)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "judge_unavailable")


def test_written_queries_find_what_is_in_the_starter_corpus(client_of: ClientOf, settings: Settings) -> None:
    house = build_house(with_model(settings), engines=Engines([ScriptedEngine(honest_judge)]))
    body = client_of(settings, house).post(PATH, json=ASK | {"return_search_results": True}).json()
    assert any("Eiffel" in result["title"] for result in body["search_results"])


async def _told(house: House, say: list[str]) -> None:
    await conclusion(told(house.verifier.stream(Question(ASK["prompt"], TOWER), MCP_FIELDS), say.append))


def test_the_command_line_is_told_of_claims_and_steps(settings: Settings, search: ScriptedSearch) -> None:
    said: list[str] = []
    asyncio.run(_told(house_of(settings, looks_twice, search), said))
    assert said == ["0 of 1 claims judged", *STEPS, "1 of 1 claims judged"]


def test_the_line_of_progress_is_on_a_terminal_alone() -> None:
    terminal, pipe = (Console(file=StringIO(), force_terminal=tty, width=100) for tty in (True, False))
    for console in (terminal, pipe):
        with progress_line(console) as say:
            say('searching for "[bold]tower[/nonsense]"')  # what rich takes for markup is shown as it is
    assert isinstance(terminal.file, StringIO)
    assert isinstance(pipe.file, StringIO)
    assert 'searching for "[bold]tower[/nonsense]"' in terminal.file.getvalue()
    assert pipe.file.getvalue() == ""
